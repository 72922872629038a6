/* SPDX-License-Identifier: BSD-2-Clause */
/* verify/weave: one whole of damaged copies, which are made up here. */
#include "../../tools/verify/weave.h"

#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "codec/frames.h"
#include "codec/sha256.h"
#include "harness.h"

#define BLOCK WEAVE_BLOCK
#define COPIES 3

/* A copy in memory, with blocks that cannot be read. */
struct copy {
	uint8_t *data;
	size_t len;
	bool *bad;
};

struct scene {
	struct buf whole;
	uint8_t sha256[SHA256_LEN];
	struct copy copies[COPIES];
	struct patient patients[COPIES];
	struct patient *list[COPIES];
	size_t count;
	bool is_archive;
};

static ssize_t
copy_read(void *ctx, void *data, size_t len, uint64_t offset)
{
	struct copy *c = ctx;
	size_t i;

	if (offset >= c->len)
		return 0;
	if (len > c->len - offset)
		len = (size_t)(c->len - offset);
	for (i = (size_t)(offset / BLOCK); i <= (offset + len - 1) / BLOCK;
	    i++)
		if (c->bad[i]) {
			errno = EIO;
			return -1;
		}
	memcpy(data, c->data + offset, len);
	return (ssize_t)len;
}

static void
set_scene(struct scene *s, const struct buf *whole, size_t count)
{
	size_t i;

	memset(s, 0, sizeof *s);
	buf_append(&s->whole, whole->data, whole->len);
	sha256_of(whole->data, whole->len, s->sha256);
	s->count = count;
	for (i = 0; i < count; i++) {
		struct copy *c = &s->copies[i];

		c->data = mem_alloc(whole->len + 1);
		memcpy(c->data, whole->data, whole->len);
		c->len = whole->len;
		c->bad = mem_zero(whole->len / BLOCK + 1, sizeof *c->bad);
		s->list[i] = &s->patients[i];
	}
}

static void
strike(struct scene *s)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		free(s->copies[i].data);
		free(s->copies[i].bad);
		patient_release(&s->patients[i]);
	}
	buf_release(&s->whole);
}

static void
flip(struct scene *s, size_t copy, size_t at)
{
	s->copies[copy].data[at] ^= 0x20;
}

/* 1: made whole, and what is read of it is the whole; 0: not. */
static int
weave_scene(struct scene *s, struct weave *w, struct err *err)
{
	uint8_t *all;
	size_t i, got;
	int ret = 0;

	for (i = 0; i < s->count; i++) {
		patient_release(&s->patients[i]);
		patient_init(&s->patients[i], copy_read, &s->copies[i],
		    s->copies[i].len, PATIENT_ALIGN, NULL);
	}
	weave_init(w, s->list, s->count, s->whole.len, s->sha256,
	    s->is_archive, NULL);
	if (weave_find(w, err) == -1)
		return 0;
	all = mem_alloc(s->whole.len + 1);
	if (weave_read(w, 0, all, s->whole.len + 1, &got, err) == 0 &&
	    got == s->whole.len && memcmp(all, s->whole.data, got) == 0)
		ret = 1;
	free(all);
	return ret;
}

static void
fill(struct buf *out, size_t len)
{
	uint32_t x = 1;

	while (out->len < len) {
		x = x * 1664525 + 1013904223;
		buf_byte(out, (unsigned char)(x >> 24));
	}
}

static void
test_plain(const struct buf *whole)
{
	uint64_t places;
	struct scene s;
	struct weave w;
	struct err err;

	set_scene(&s, whole, 2);
	ok(weave_scene(&s, &w, &err) == 1 && w.count == 0,
	    "copies that agree");
	weave_release(&w);
	s.copies[0].bad[3] = s.copies[0].bad[4] = s.copies[1].bad[9] = true;
	ok(weave_scene(&s, &w, &err) == 1, "what one cannot read, the other");
	ok(weave_differs(&w, 0, &places) == 2 * BLOCK && places == 1 &&
	    weave_differs(&w, 1, &places) == BLOCK && weave_uses(&w, 1),
	    "as much as that is missing from each");
	weave_release(&w);
	s.copies[1].bad[4] = true;
	ok(weave_scene(&s, &w, &err) == 0 && err.class == ERR_DAMAGED,
	    "what none can read is lost");
	weave_release(&w);
	s.copies[1].bad[4] = false;
	flip(&s, 0, 20 * BLOCK);
	flip(&s, 1, 30 * BLOCK + 5);
	flip(&s, 1, 31 * BLOCK);
	flip(&s, 0, 32 * BLOCK);
	ok(weave_scene(&s, &w, &err) == 1,
	    "different bytes, in neighbouring blocks too");
	weave_release(&w);
	flip(&s, 1, 20 * BLOCK + 1);
	ok(weave_scene(&s, &w, &err) == 0 && err.class == ERR_DAMAGED,
	    "the same block of both is not to be had");
	weave_release(&w);
	strike(&s);
}

static void
test_sizes(const struct buf *whole)
{
	struct scene s;
	struct weave w;
	struct err err;

	set_scene(&s, whole, 2);
	s.copies[0].len = 10 * BLOCK + 17;
	ok(weave_scene(&s, &w, &err) == 1, "a copy that was cut");
	weave_release(&w);
	s.copies[0].len = 0;
	flip(&s, 1, 0);
	ok(weave_scene(&s, &w, &err) == 0, "an empty one is of no help");
	weave_release(&w);
	strike(&s);
	set_scene(&s, whole, 1);
	ok(weave_scene(&s, &w, &err) == 1, "a single good one");
	weave_release(&w);
	strike(&s);
	set_scene(&s, whole, 3);
	flip(&s, 0, 100);
	flip(&s, 1, 101);
	flip(&s, 2, 50 * BLOCK);
	ok(weave_scene(&s, &w, &err) == 1 && w.runs[0].chosen == 2,
	    "the third decides");
	weave_release(&w);
	strike(&s);
}

/* Runs in which only the SHA-256 can tell: 12 at most. */
static void
test_limit(const struct buf *whole)
{
	struct scene s;
	struct weave w;
	struct err err;
	size_t i;
	int good;

	set_scene(&s, whole, 2);
	for (i = 0; i < 11; i++)
		flip(&s, i % 2, 2 * i * BLOCK);
	good = weave_scene(&s, &w, &err);
	ok(good == 1, "11 places, %u tries", w.tries);
	weave_release(&w);
	flip(&s, 1, 22 * BLOCK);
	good = weave_scene(&s, &w, &err);
	ok(good == 1, "12 places, %u tries", w.tries);
	weave_release(&w);
	flip(&s, 0, 24 * BLOCK);
	ok(weave_scene(&s, &w, &err) == 0 && err.class == ERR_LIMIT,
	    "13 are too many");
	ok(w.tries == 0, "and are not begun");
	weave_release(&w);
	strike(&s);
}

static int
append(struct writer *writer, const void *data, size_t len, struct err *err)
{
	struct archive {
		struct writer writer;
		struct buf out;
	} *a = (struct archive *)(void *)writer;

	(void)err;
	buf_append(&a->out, data, len);
	return 0;
}

/* Noise in three frames. */
static void
pack(struct buf *out)
{
	struct {
		struct writer writer;
		struct buf out;
	} a = { { append }, BUF_EMPTY };
	struct frame_options options = { .level = 1 };
	struct frame_writer *w = NULL;
	struct buf noise = BUF_EMPTY;
	struct err err;

	fill(&noise, 2 * FRAME_SIZE + 500000);
	if (frame_writer_new(&w, &a.writer, &options, &err) == 0) {
		struct writer *in = frame_writer_input(w);

		(void)in->write(in, noise.data, noise.len, &err);
		(void)frame_writer_finish(w, &err);
	}
	frame_writer_free(w);
	buf_release(&noise);
	*out = a.out;
}

static void
test_frames(void)
{
	struct buf archive = BUF_EMPTY;
	struct scene s;
	struct weave w;
	struct err err;
	size_t i;
	int good;

	pack(&archive);
	set_scene(&s, &archive, 2);
	s.is_archive = true;
	/* More than could be tried, but each frame has few. */
	for (i = 0; i < 16; i++)
		flip(&s, i % 2, 300000 + i * 500000);
	good = weave_scene(&s, &w, &err);
	ok(good == 1, "16 places in three frames, %u tries", w.tries);
	weave_release(&w);
	strike(&s);
	set_scene(&s, &archive, 2);
	s.is_archive = true;
	/* One long run over the border of two frames, another copy each. */
	memset(s.copies[0].data + FRAME_SIZE - 300000, 0, 300000);
	memset(s.copies[1].data + FRAME_SIZE + 2000, 0, 300000);
	ok(weave_scene(&s, &w, &err) == 1, "a run that two frames share");
	weave_release(&w);
	flip(&s, 0, archive.len - 3);
	flip(&s, 1, archive.len - 12);
	ok(weave_scene(&s, &w, &err) == 0 && err.class == ERR_DAMAGED,
	    "the seek table has no checksum: one block of both is lost");
	weave_release(&w);
	flip(&s, 1, archive.len - 12);
	ok(weave_scene(&s, &w, &err) == 1, "but not one of them");
	weave_release(&w);
	flip(&s, 0, 700000);
	flip(&s, 1, 700001);
	ok(weave_scene(&s, &w, &err) == 0, "the same block of a frame");
	weave_release(&w);
	strike(&s);
	buf_release(&archive);
}

int
main(void)
{
	struct buf whole = BUF_EMPTY;

	fill(&whole, 60 * BLOCK + 123);
	test_plain(&whole);
	test_sizes(&whole);
	test_limit(&whole);
	test_frames();
	buf_release(&whole);
	return done();
}
