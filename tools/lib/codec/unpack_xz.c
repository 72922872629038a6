/* SPDX-License-Identifier: BSD-2-Clause */
/* xz through liblzma; streams and the padding between them are its affair. */
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

static void *
xz_open(void)
{
	const lzma_stream empty = LZMA_STREAM_INIT;
	lzma_stream *z = malloc(sizeof *z);

	if (z == NULL)
		return NULL;
	*z = empty;
	if (lzma_stream_decoder(z, UNPACK_MEMORY_MAX,
	    LZMA_CONCATENATED | LZMA_TELL_UNSUPPORTED_CHECK) != LZMA_OK) {
		free(z);
		return NULL;
	}
	return z;
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
	case LZMA_BUF_ERROR:
		return err_set(err, ERR_DAMAGED, 0, "it ends too early");
	default:
		return err_set(err, ERR_DAMAGED, 0, "data is damaged");
	}
}

static int
xz_step(void *decoder, struct unpack_step *s, struct err *err)
{
	lzma_stream *z = decoder;
	lzma_ret code;

	z->next_in = s->in;
	z->avail_in = s->in_len;
	z->next_out = s->out;
	z->avail_out = s->out_len;
	code = lzma_code(z, s->is_last_input ? LZMA_FINISH : LZMA_RUN);
	s->in = z->next_in;
	s->in_len = z->avail_in;
	s->out = z->next_out;
	s->out_len = z->avail_out;
	if (code == LZMA_STREAM_END)
		s->is_end = true;
	else if (code == LZMA_BUF_ERROR && !s->is_last_input)
		return 0;	/* no headway: more input is needed */
	else if (code != LZMA_OK)
		return xz_error(z, code, err);
	return 0;
}

static void
xz_close(void *decoder)
{
	lzma_stream *z = decoder;

	lzma_end(z);
	free(z);
}

const struct unpack_format unpack_xz = {
	"xz", xz_matches, xz_open, xz_step, xz_close
};
