/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that are one stream: plain, or packed by gzip, xz, bzip2 or zstd, and
 * inside an archive, a dump, or anything.  The packing's own checks are made
 * to its very end; what is inside goes to the first inner checker that knows
 * it by its first bytes.
 */
#ifndef CHECK_STREAM_H
#define CHECK_STREAM_H

#include "check/content.h"

#define STREAM_HEAD_LEN CONTENT_HEAD_LEN

struct inner_checker {
	const char *name;	/* "tar", "pg_dump" ... */
	bool (*recognise)(const uint8_t *head, size_t len);
	/*
	 * in gives the stream from its first byte on; what is left of it is
	 * read by the caller.  A read that fails may be handed up as it is:
	 * the caller judges it.  -1 else only for ERR_INTERRUPTED.
	 */
	int (*check)(const struct content *c, struct reader *in,
	    struct judgement *j, struct err *err);
};

/* Every inner checker, in the order in which they are asked; ends with NULL. */
extern const struct inner_checker *const stream_inner[];

extern const struct file_checker check_stream;

#endif
