/* SPDX-License-Identifier: BSD-2-Clause */
/* xz through liblzma, which checks headers, index and every block. */
#include "codec/unpack_format.h"

#include <errno.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "codec/unpack.h"

static bool
xz_matches(const uint8_t *data, size_t len)
{
	static const uint8_t magic[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };

	return len >= sizeof magic && memcmp(data, magic, sizeof magic) == 0;
}

struct xz {
	lzma_stream z;
	bool is_inside;		/* z decodes a stream */
};

static void *
xz_open(void)
{
	const lzma_stream empty = LZMA_STREAM_INIT;
	struct xz *x = malloc(sizeof *x);

	if (x == NULL)
		return NULL;
	x->z = empty;
	x->is_inside = false;
	return x;
}

static int
xz_error(lzma_stream *z, lzma_ret code, struct err *err)
{
	switch (code) {
	case LZMA_MEM_ERROR:
		return err_set(err, ERR_IO, ENOMEM, "cannot decompress");
	case LZMA_MEMLIMIT_ERROR:
		return err_set(err, ERR_LIMIT, 0,
		    "it needs %llu bytes of memory, the limit is %llu",
		    (unsigned long long)lzma_memusage(z),
		    (unsigned long long)UNPACK_MEMORY_MAX);
	case LZMA_UNSUPPORTED_CHECK:
		return err_set(err, ERR_LIMIT, 0, "checksum of unknown kind");
	case LZMA_OPTIONS_ERROR:
		return err_set(err, ERR_LIMIT, 0, "options of unknown kind");
	case LZMA_FORMAT_ERROR:
		return err_set(err, ERR_DAMAGED, 0, "no xz stream");
	default:
		return err_set(err, ERR_DAMAGED, 0, "data is damaged");
	}
}

static int
xz_step(void *decoder, struct unpack_step *s, struct err *err)
{
	struct xz *x = decoder;
	lzma_ret code;

	if (!x->is_inside) {
		code = lzma_stream_decoder(&x->z, UNPACK_MEMORY_MAX,
		    LZMA_TELL_UNSUPPORTED_CHECK);
		if (code != LZMA_OK)
			return xz_error(&x->z, code, err);
		x->is_inside = true;
	}
	x->z.next_in = s->in;
	x->z.avail_in = s->in_len;
	x->z.next_out = s->out;
	x->z.avail_out = s->out_len;
	code = lzma_code(&x->z, LZMA_RUN);
	s->in = x->z.next_in;
	s->in_len = x->z.avail_in;
	s->out = x->z.next_out;
	s->out_len = x->z.avail_out;
	if (code == LZMA_STREAM_END) {
		x->is_inside = false;
		s->is_end = true;
	} else if (code != LZMA_OK && code != LZMA_BUF_ERROR) {
		return xz_error(&x->z, code, err);
	}
	return 0;	/* LZMA_BUF_ERROR: more input is needed */
}

static void
xz_close(void *decoder)
{
	struct xz *x = decoder;

	lzma_end(&x->z);
	free(x);
}

const struct unpack_format unpack_xz = {
	"xz", xz_matches, xz_open, xz_step, xz_close
};
