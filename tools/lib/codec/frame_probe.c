/* SPDX-License-Identifier: BSD-2-Clause */
/* Single frames, judged; see frame_probe.h. */
#include "codec/frame_probe.h"

#include <stdint.h>
#include <stdlib.h>
#include <zstd.h>

#include "base/bytes.h"
#include "codec/seek_table.h"

/* RFC 8878, 3.1.1: a frame of ours has a checksum, which is bit 2. */
#define HEAD_LEN 5
#define HAS_CHECKSUM 0x04

struct frame_probe {
	ZSTD_DCtx *dctx;
	uint8_t content[SEEK_CONTENT_MAX];
};

struct frame_probe *
frame_probe_new(void)
{
	struct frame_probe *p = malloc(sizeof *p);

	if (p == NULL)
		return NULL;
	p->dctx = ZSTD_createDCtx();
	if (p->dctx == NULL) {
		free(p);
		return NULL;
	}
	return p;
}

void
frame_probe_free(struct frame_probe *p)
{
	if (p == NULL)
		return;
	ZSTD_freeDCtx(p->dctx);
	free(p);
}

size_t
frame_probe_measure(const void *data, size_t len)
{
	const uint8_t *head = data;
	size_t packed;

	if (len < HEAD_LEN || get_le32(head) != ZSTD_MAGICNUMBER ||
	    (head[HEAD_LEN - 1] & HAS_CHECKSUM) == 0)
		return 0;
	packed = ZSTD_findFrameCompressedSize(data, len);
	if (ZSTD_isError(packed) || packed > SEEK_PACKED_MAX)
		return 0;
	return packed;
}

size_t
frame_probe_check(struct frame_probe *p, const void *data, size_t len)
{
	size_t packed = frame_probe_measure(data, len);

	if (packed == 0 || ZSTD_isError(ZSTD_decompressDCtx(p->dctx,
	    p->content, sizeof p->content, data, packed)))
		return 0;
	return packed;
}
