/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of pg_dump's data; see pg_rows.h. */
#include "check/pg_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/err.h"
#include "base/mem.h"

#define PIECE ((size_t)64 << 10)

/* Data ends with "\." on a line and two empty lines. */
static const uint8_t copy_end[5] = { '\\', '.', '\n', '\n', '\n' };
#define COPY_END_LINES 3

int
pg_rows_begin(struct pg_rows *r, enum pg_packing packing, struct err *err)
{
	memset(r, 0, sizeof *r);
	r->packing = packing;
	switch (packing) {
	case PG_PACKING_NONE:
		return 0;
	case PG_PACKING_GZIP:
		r->decoder = mem_zero(1, sizeof(z_stream));
		if (inflateInit(r->decoder) == Z_OK)
			return 0;
		free(r->decoder);
		break;
	case PG_PACKING_ZSTD:
		r->decoder = ZSTD_createDCtx();
		if (r->decoder != NULL)
			return 0;
		break;
	case PG_PACKING_LZ4:
		return err_set(err, ERR_LIMIT, 0,
		    "data packed by LZ4 is not unpacked here");
	}
	r->decoder = NULL;
	return err_set(err, ERR_IO, ENOMEM, "cannot unpack");
}

static void
look(struct pg_rows *r, const uint8_t *data, size_t len)
{
	const uint8_t *p = data, *end = data + len;
	size_t keep = sizeof r->tail;

	r->bytes += len;
	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		r->lines++;
		p++;
	}
	if (len >= keep) {
		memcpy(r->tail, end - keep, keep);
	} else {
		memmove(r->tail, r->tail + len, keep - len);
		memcpy(r->tail + keep - len, data, len);
	}
}

static int
after_end(struct err *err)
{
	return err_set(err, ERR_DAMAGED, 0,
	    "there is something behind the end of its packed data");
}

static int
take_gzip(struct pg_rows *r, const uint8_t *data, size_t len,
    struct err *err)
{
	z_stream *z = r->decoder;
	uint8_t *out = mem_alloc(PIECE);
	int ret = Z_OK;

	z->next_in = (z_const Bytef *)(uintptr_t)data;
	z->avail_in = (uInt)len;
	do {
		z->next_out = out;
		z->avail_out = PIECE;
		ret = inflate(z, Z_NO_FLUSH);
		look(r, out, PIECE - z->avail_out);
	} while (ret == Z_OK && (z->avail_in > 0 || z->avail_out == 0));
	free(out);
	if (ret == Z_STREAM_END) {
		r->is_over = true;
		return z->avail_in > 0 ? after_end(err) : 0;
	}
	if (ret == Z_OK || ret == Z_BUF_ERROR)
		return 0;
	return err_set(err, ERR_DAMAGED, 0, "zlib: %s",
	    z->msg != NULL ? z->msg : "the data is damaged");
}

static int
take_zstd(struct pg_rows *r, const uint8_t *data, size_t len,
    struct err *err)
{
	uint8_t *out = mem_alloc(PIECE);
	ZSTD_inBuffer in = { data, len, 0 };
	ZSTD_outBuffer o = { out, PIECE, 0 };
	size_t left;

	do {
		o.pos = 0;
		left = ZSTD_decompressStream(r->decoder, &o, &in);
		if (ZSTD_isError(left))
			break;
		look(r, out, o.pos);
		r->is_over = left == 0;
	} while (in.pos < in.size || o.pos == PIECE);
	free(out);
	if (ZSTD_isError(left))
		return err_set(err, ERR_DAMAGED, 0, "zstd: %s",
		    ZSTD_getErrorName(left));
	return 0;
}

int
pg_rows_take(struct pg_rows *r, const void *data, size_t len,
    struct err *err)
{
	if (len == 0)
		return 0;
	if (r->packing == PG_PACKING_GZIP)
		return r->is_over ? after_end(err) :
		    take_gzip(r, data, len, err);
	if (r->packing == PG_PACKING_ZSTD)
		return take_zstd(r, data, len, err);
	look(r, data, len);
	return 0;
}

int
pg_rows_end(struct pg_rows *r, bool is_copy, uint64_t *rows, struct err *err)
{
	*rows = 0;
	if (r->packing != PG_PACKING_NONE && !r->is_over)
		return err_set(err, ERR_DAMAGED, 0,
		    "its packed data is cut off");
	if (!is_copy)
		return 0;
	if (r->lines < COPY_END_LINES ||
	    memcmp(r->tail, copy_end, sizeof copy_end) != 0)
		return err_set(err, ERR_DAMAGED, 0, "its data does not end "
		    "as pg_dump ends it: rows are missing");
	*rows = r->lines - COPY_END_LINES;
	return 0;
}

void
pg_rows_release(struct pg_rows *r)
{
	if (r->packing == PG_PACKING_GZIP && r->decoder != NULL) {
		(void)inflateEnd(r->decoder);
		free(r->decoder);
	}
	if (r->packing == PG_PACKING_ZSTD)
		ZSTD_freeDCtx(r->decoder);
	r->decoder = NULL;
}
