/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One compressed format behind unpack.c; private to it.  A decoder handles
 * one member at a time (gzip's word; a stream of xz and bzip2, a frame of
 * zstd), and unpack.c joins them.
 */
#ifndef CODEC_UNPACK_FORMAT_H
#define CODEC_UNPACK_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct unpack_step {
	const uint8_t *in;	/* moved past what was taken */
	size_t in_len;
	uint8_t *out;		/* moved past what was made */
	size_t out_len;
	bool is_end;		/* set when a member ended, and was sound */
};

struct unpack_format {
	const char *name;
	/* Whether data is the start of a member. */
	bool (*matches)(const uint8_t *data, size_t len);
	/* A decoder before its first byte; NULL without memory. */
	void *(*open)(void);
	/*
	 * Take input and make output, as much as goes.  After is_end the
	 * next call begins a new member.  No headway without is_end means
	 * that more input is needed.  -1: err says what is wrong, not where.
	 */
	int (*step)(void *decoder, struct unpack_step *s, struct err *err);
	void (*close)(void *decoder);
};

#define UNPACK_MAGIC_MAX 10	/* bytes that matches() looks at, at most */

extern const struct unpack_format unpack_gzip;
extern const struct unpack_format unpack_xz;
extern const struct unpack_format unpack_bzip2;
extern const struct unpack_format unpack_zstd;

#endif
