/* SPDX-License-Identifier: BSD-2-Clause */
/* zstd (RFC 8878): frames and skippable frames of any make. */
#include "codec/unpack_format.h"

#include <errno.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/bytes.h"
#include "base/err.h"

#define WINDOW_LOG_MAX 27	/* 128 MiB, what every zstd takes unasked */

static bool
zstd_matches(const uint8_t *data, size_t len)
{
	uint32_t magic;

	if (len < 4)
		return false;
	magic = get_le32(data);
	return magic == ZSTD_MAGICNUMBER ||
	    (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

static void *
zstd_open(void)
{
	ZSTD_DCtx *dctx = ZSTD_createDCtx();

	if (dctx == NULL)
		return NULL;
	if (ZSTD_isError(ZSTD_DCtx_setParameter(dctx, ZSTD_d_windowLogMax,
	    WINDOW_LOG_MAX))) {
		ZSTD_freeDCtx(dctx);
		return NULL;
	}
	return dctx;
}

static int
zstd_error(size_t code, struct err *err)
{
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_memory_allocation:
		return err_set(err, ERR_IO, ENOMEM, "cannot decompress");
	case ZSTD_error_frameParameter_windowTooLarge:
		return err_set(err, ERR_LIMIT, 0,
		    "it needs a window of more than %d MiB",
		    1 << (WINDOW_LOG_MAX - 20));
	case ZSTD_error_dictionary_wrong:
		return err_set(err, ERR_DAMAGED, 0, "it needs a dictionary");
	default:
		return err_set(err, ERR_DAMAGED, 0, "%s",
		    ZSTD_getErrorName(code));
	}
}

static int
zstd_step(void *decoder, struct unpack_step *s, struct err *err)
{
	ZSTD_inBuffer in = { s->in, s->in_len, 0 };
	ZSTD_outBuffer out = { s->out, s->out_len, 0 };
	size_t code = ZSTD_decompressStream(decoder, &out, &in);

	s->in += in.pos;
	s->in_len -= in.pos;
	s->out += out.pos;
	s->out_len -= out.pos;
	if (ZSTD_isError(code))
		return zstd_error(code, err);
	s->is_end = code == 0;
	return 0;
}

static void
zstd_close(void *decoder)
{
	ZSTD_freeDCtx(decoder);
}

const struct unpack_format unpack_zstd = {
	"zstd", zstd_matches, zstd_open, zstd_step, zstd_close
};
