/* SPDX-License-Identifier: BSD-2-Clause */
/* A result written to a file: the old one or the whole new one, never half. */
#ifndef IO_OUTPUT_H
#define IO_OUTPUT_H

struct buf;
struct err;

/*
 * Written beside path, flushed, and renamed over it; a path that is there and
 * is no regular file (a device, a pipe) is written to directly.  ERR_IO; the
 * text names the path.
 */
int output_write(const char *path, const struct buf *data, struct err *err);

#endif
