/* SPDX-License-Identifier: BSD-2-Clause */
/* --output FILE: the old file or the whole new one, never a half. */
#ifndef STARTUP_ORDER_OUTPUT_H
#define STARTUP_ORDER_OUTPUT_H

struct buf;
struct err;

/*
 * Written beside path, flushed, and renamed over it; a path that is there and
 * is no regular file (a device, a pipe) is written to directly.  ERR_IO.
 */
int output_write(const char *path, const struct buf *data, struct err *err);

#endif
