/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One frame of ours, decompressed and proved; private to frame_reader.c and
 * frame_cache.c.
 */
#ifndef CODEC_FRAME_DECODE_H
#define CODEC_FRAME_DECODE_H

#include <stddef.h>
#include <stdint.h>
#include <zstd.h>

struct err;

/* A frame and the room for what the seek table says it holds. */
struct frame_bytes {
	uint8_t *packed;
	size_t packed_len;
	uint8_t *content;
	size_t content_len;
};

/*
 * ERR_DAMAGED for anything but exactly one frame of that content, with its
 * size and a right checksum, without a dictionary or reserved bits; ERR_IO
 * when memory is gone.
 */
int frame_decode(ZSTD_DCtx *dctx, struct frame_bytes *frame, struct err *err);

#endif
