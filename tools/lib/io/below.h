/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files below a folder that hostile hands may have filled, opened by their
 * path: no "..", no absolute path, and no link that leads out of the folder.
 * Links that stay inside are followed where the kernel has openat2(2) (Linux
 * 5.6) and unless told not to; else the path is opened component by component,
 * and every link is refused.
 */
#ifndef IO_BELOW_H
#define IO_BELOW_H

#include <stdbool.h>

#include "io/parent.h"

struct err;

struct below {
	int root_fd;		/* borrowed */
	bool follows;		/* private from here */
	struct parent parent;
};

void below_init(struct below *b, int root_fd);
/* Follow no link at all. */
void below_refuse_links(struct below *b);
/*
 * The descriptor, the caller's to close.  ERR_NOT_FOUND when a component is
 * missing; ERR_DAMAGED for a path or link that leads out; ERR_IO else, errno
 * in err->sys.
 */
int below_open(struct below *b, const char *path, int flags, struct err *err);
void below_release(struct below *b);

#endif
