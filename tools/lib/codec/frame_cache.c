/* SPDX-License-Identifier: BSD-2-Clause */
/* Content by place, through the frames used last; see frame_cache.h. */
#include "codec/frame_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "codec/frame_decode.h"

struct slot {
	uint8_t *content;
	uint64_t content_at;	/* of its first byte */
	size_t content_len;	/* 0: the slot is empty */
	uint64_t used;		/* the larger, the later */
};

struct frame_cache {
	struct source content;	/* first: what frame_cache_content() gives */
	struct source *in;
	const struct seek_table *table;
	ZSTD_DCtx *dctx;
	uint8_t *packed;
	struct slot slots[FRAME_CACHE_SLOTS];
	uint64_t uses;
	/* A frame and its places: the next one wanted is near, as a rule. */
	size_t index;
	uint64_t packed_at;
	uint64_t content_at;
};

/* Step to the frame that holds a byte of the content; there is one. */
static void
find_frame(struct frame_cache *c, uint64_t offset)
{
	const struct seek_frame *frames = c->table->frames;

	while (offset < c->content_at) {
		c->index--;
		c->packed_at -= frames[c->index].packed;
		c->content_at -= frames[c->index].content;
	}
	while (offset - c->content_at >= frames[c->index].content) {
		c->packed_at += frames[c->index].packed;
		c->content_at += frames[c->index].content;
		c->index++;
	}
}

/* An empty slot, or the one that was not used for longest. */
static struct slot *
oldest_slot(struct frame_cache *c)
{
	struct slot *oldest = &c->slots[0];
	size_t i;

	for (i = 1; i < FRAME_CACHE_SLOTS; i++)
		if (c->slots[i].used < oldest->used)
			oldest = &c->slots[i];
	return oldest;
}

static int
load(struct frame_cache *c, struct slot *slot, struct err *err)
{
	const struct seek_frame *f = &c->table->frames[c->index];
	struct frame_bytes frame;

	if (slot->content == NULL)
		slot->content = mem_alloc(SEEK_CONTENT_MAX);
	slot->content_len = 0;
	slot->used = 0;
	frame.packed = c->packed;
	frame.packed_len = f->packed;
	frame.content = slot->content;
	frame.content_len = f->content;
	if (c->in->read_at(c->in, c->packed_at, c->packed, f->packed,
	    err) == -1)
		return err_context(err, "frame %zu", c->index);
	if (frame_decode(c->dctx, &frame, err) == -1)
		return err_context(err, "frame %zu at byte %llu", c->index,
		    (unsigned long long)c->packed_at);
	slot->content_at = c->content_at;
	slot->content_len = f->content;
	return 0;
}

static struct slot *
slot_of(struct frame_cache *c, uint64_t offset, struct err *err)
{
	struct slot *slot;
	size_t i;

	for (i = 0; i < FRAME_CACHE_SLOTS; i++) {
		slot = &c->slots[i];
		if (offset >= slot->content_at &&
		    offset - slot->content_at < slot->content_len)
			return slot;
	}
	find_frame(c, offset);
	slot = oldest_slot(c);
	return load(c, slot, err) == -1 ? NULL : slot;
}

static int
content_read_at(struct source *source, uint64_t offset, void *data,
    size_t len, struct err *err)
{
	struct frame_cache *c = (struct frame_cache *)(void *)source;
	uint8_t *to = data;

	if (offset > source->size || len > source->size - offset)
		return err_set(err, ERR_DAMAGED, 0, "read beyond the end");
	while (len > 0) {
		struct slot *slot = slot_of(c, offset, err);
		size_t at, n;

		if (slot == NULL)
			return -1;
		slot->used = ++c->uses;
		at = (size_t)(offset - slot->content_at);
		n = slot->content_len - at < len ? slot->content_len - at :
		    len;
		memcpy(to, slot->content + at, n);
		to += n;
		offset += n;
		len -= n;
	}
	return 0;
}

int
frame_cache_new(struct frame_cache **out, struct source *in,
    const struct seek_table *table, struct err *err)
{
	struct frame_cache *c = mem_zero(1, sizeof *c);

	c->content.size = table->content_total;
	c->content.read_at = content_read_at;
	c->in = in;
	c->table = table;
	c->packed = mem_alloc(SEEK_PACKED_MAX);
	c->dctx = ZSTD_createDCtx();
	if (c->dctx == NULL) {
		frame_cache_free(c);
		return err_set(err, ERR_IO, ENOMEM, "cannot start zstd");
	}
	*out = c;
	return 0;
}

struct source *
frame_cache_content(struct frame_cache *c)
{
	return &c->content;
}

void
frame_cache_free(struct frame_cache *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < FRAME_CACHE_SLOTS; i++)
		free(c->slots[i].content);
	ZSTD_freeDCtx(c->dctx);
	free(c->packed);
	free(c);
}
