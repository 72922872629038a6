/* SPDX-License-Identifier: BSD-2-Clause */
/* One frame decompressed and proved; see frame_decode.h. */
#include "codec/frame_decode.h"

#include <errno.h>
#include <zstd_errors.h>

#include "base/bytes.h"
#include "base/err.h"

/* RFC 8878, 3.1.1: the descriptor after the magic number. */
#define FRAME_HEAD_LEN 5
#define HAS_CHECKSUM 0x04
#define OTHER_BITS 0x18		/* reserved or unused: no writer sets them */
#define DICTIONARY_BITS 0x03

/* What zstd would let pass: the forms of frame that we never write. */
static int
check_head(const struct frame_bytes *frame, struct err *err)
{
	uint8_t descriptor;

	if (frame->packed_len < FRAME_HEAD_LEN ||
	    get_le32(frame->packed) != ZSTD_MAGICNUMBER)
		return err_set(err, ERR_DAMAGED, 0, "no zstd frame");
	descriptor = frame->packed[FRAME_HEAD_LEN - 1];
	if ((descriptor & OTHER_BITS) != 0)
		return err_set(err, ERR_DAMAGED, 0, "reserved bit set");
	if ((descriptor & DICTIONARY_BITS) != 0)
		return err_set(err, ERR_DAMAGED, 0, "it needs a dictionary");
	if ((descriptor & HAS_CHECKSUM) == 0)
		return err_set(err, ERR_DAMAGED, 0, "it has no checksum");
	return 0;
}

static int
check_sizes(const struct frame_bytes *frame, struct err *err)
{
	unsigned long long content = ZSTD_getFrameContentSize(frame->packed,
	    frame->packed_len);
	size_t packed = ZSTD_findFrameCompressedSize(frame->packed,
	    frame->packed_len);

	if (content == ZSTD_CONTENTSIZE_ERROR)
		return err_set(err, ERR_DAMAGED, 0, "header is damaged");
	if (content == ZSTD_CONTENTSIZE_UNKNOWN)
		return err_set(err, ERR_DAMAGED, 0, "it does not say its size");
	if (content != frame->content_len)
		return err_set(err, ERR_DAMAGED, 0,
		    "content of %llu bytes where the seek table says %zu",
		    content, frame->content_len);
	if (ZSTD_isError(packed))
		return err_set(err, ERR_DAMAGED, 0, "%s",
		    ZSTD_getErrorName(packed));
	if (packed != frame->packed_len)
		return err_set(err, ERR_DAMAGED, 0,
		    "it ends after %zu bytes, the seek table says %zu",
		    packed, frame->packed_len);
	return 0;
}

int
frame_decode(ZSTD_DCtx *dctx, struct frame_bytes *frame, struct err *err)
{
	size_t n;

	if (check_head(frame, err) == -1 || check_sizes(frame, err) == -1)
		return -1;
	n = ZSTD_decompressDCtx(dctx, frame->content, frame->content_len,
	    frame->packed, frame->packed_len);
	if (ZSTD_isError(n) &&
	    ZSTD_getErrorCode(n) == ZSTD_error_memory_allocation)
		return err_set(err, ERR_IO, ENOMEM, "cannot decompress");
	if (ZSTD_isError(n))
		return err_set(err, ERR_DAMAGED, 0, "%s", ZSTD_getErrorName(n));
	if (n != frame->content_len)
		return err_set(err, ERR_DAMAGED, 0,
		    "it holds %zu bytes, the seek table says %zu", n,
		    frame->content_len);
	return 0;
}
