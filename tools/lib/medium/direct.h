/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file as the medium holds it, not as the page cache remembers it: opened
 * with O_DIRECT where the file system can, else its cached pages are dropped
 * first, which the kernel may refuse.
 */
#ifndef MEDIUM_DIRECT_H
#define MEDIUM_DIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

struct direct_file {
	int fd;
	bool is_direct;		/* past the cache, as far as is known yet */
	uint64_t size;
};

#define DIRECT_FILE_EMPTY { .fd = -1 }

/*
 * ERR_NOT_FOUND when name is not there, ERR_DAMAGED when it is not a regular
 * file, ERR_IO when it cannot be opened.
 */
int direct_open(struct direct_file *f, int dir_fd, const char *name,
    struct err *err);
void direct_close(struct direct_file *f);

/*
 * As pread(2) on a struct direct_file; fits patient.h.  While is_direct,
 * everything is a multiple of what the device asks for (4096 always will do;
 * EINVAL says that it will not).
 */
ssize_t direct_pread(void *file, void *data, size_t len, uint64_t offset);

#endif
