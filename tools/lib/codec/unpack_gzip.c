/* SPDX-License-Identifier: BSD-2-Clause */
/* gzip (RFC 1952) through zlib, which checks CRC-32 and length. */
#include "codec/unpack_format.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST		/* next_in points to const */
#include <zlib.h>

#include "base/err.h"

#define WINDOW_BITS (MAX_WBITS + 16)	/* 16: gzip's wrapping and no other */

struct gzip {
	z_stream z;
	bool is_between;	/* the last member ended */
};

static bool
gzip_matches(const uint8_t *data, size_t len)
{
	static const uint8_t magic[] = { 0x1f, 0x8b, 8 };	/* deflate */

	return len >= sizeof magic && memcmp(data, magic, sizeof magic) == 0;
}

static void *
gzip_open(void)
{
	struct gzip *g = calloc(1, sizeof *g);

	if (g == NULL)
		return NULL;
	if (inflateInit2(&g->z, WINDOW_BITS) != Z_OK) {
		free(g);
		return NULL;
	}
	return g;
}

static int
gzip_error(const struct gzip *g, int code, struct err *err)
{
	if (code == Z_MEM_ERROR)
		return err_set(err, ERR_IO, ENOMEM, "cannot decompress");
	return err_set(err, ERR_DAMAGED, 0, "%s",
	    g->z.msg != NULL ? g->z.msg : "data is damaged");
}

static int
gzip_step(void *decoder, struct unpack_step *s, struct err *err)
{
	struct gzip *g = decoder;
	size_t in_len = s->in_len < UINT_MAX ? s->in_len : UINT_MAX;
	size_t out_len = s->out_len < UINT_MAX ? s->out_len : UINT_MAX;
	int code;

	if (g->is_between && inflateReset(&g->z) != Z_OK)
		return gzip_error(g, Z_STREAM_ERROR, err);
	g->is_between = false;
	g->z.next_in = s->in;
	g->z.avail_in = (uInt)in_len;
	g->z.next_out = s->out;
	g->z.avail_out = (uInt)out_len;
	code = inflate(&g->z, Z_NO_FLUSH);
	s->in += in_len - g->z.avail_in;
	s->in_len -= in_len - g->z.avail_in;
	s->out += out_len - g->z.avail_out;
	s->out_len -= out_len - g->z.avail_out;
	if (code == Z_STREAM_END)
		g->is_between = s->is_end = true;
	else if (code != Z_OK && code != Z_BUF_ERROR)
		return gzip_error(g, code, err);
	return 0;
}

static void
gzip_close(void *decoder)
{
	struct gzip *g = decoder;

	(void)inflateEnd(&g->z);
	free(g);
}

const struct unpack_format unpack_gzip = {
	"gzip", gzip_matches, gzip_open, gzip_step, gzip_close
};
