/* SPDX-License-Identifier: BSD-2-Clause */
/* codec/seek_table: what is written is read, and nothing else is. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "codec/seek_table.h"
#include "harness.h"

#define FOOTER_LEN 9

static struct err err;

/* An archive of zeros with this table at its end. */
static void
archive_of(const struct seek_table *t, struct buf *out)
{
	buf_cut(out, 0);
	memset(buf_reserve(out, (size_t)t->packed_total), 0,
	    (size_t)t->packed_total);
	out->len += (size_t)t->packed_total;
	seek_table_format(t, out);
}

static int
read_bytes(struct seek_table *t, const void *data, size_t len)
{
	struct memory_source m;

	err_clear(&err);
	return seek_table_read(t, memory_source_init(&m, data, len), &err);
}

/* Reading must fail with this class and leave *t alone. */
static void
is_refused(const void *data, size_t len, enum err_class class,
    const char *what)
{
	struct seek_table t = { NULL, 42, 43, 44 };

	ok(read_bytes(&t, data, len) == -1 && err.class == class,
	    "%s: refused as %s (%s)", what, err_class_name(class), err.text);
	ok(t.count == 42 && t.packed_total == 43 && t.content_total == 44,
	    "%s: the table is untouched", what);
}

static void
add(struct seek_table *t, uint64_t packed, uint64_t content)
{
	if (seek_table_add(t, packed, content, &err) == -1) {
		printf("# %s\n", err.text);
		abort();
	}
}

static void
test_round_trip(size_t count)
{
	struct seek_table t = SEEK_TABLE_EMPTY, back = SEEK_TABLE_EMPTY;
	struct buf archive = BUF_EMPTY;
	size_t i;

	for (i = 0; i < count; i++)
		add(&t, 10 + i % 7, i % 5 * 1000);
	archive_of(&t, &archive);
	if (ok(read_bytes(&back, archive.data, archive.len) == 0,
	    "%zu frames: read back", count)) {
		ok(back.count == count && (count == 0 ||
		    memcmp(back.frames, t.frames, count * sizeof *t.frames) ==
		    0), "%zu frames: the same", count);
		ok(back.packed_total == t.packed_total &&
		    back.content_total == t.content_total,
		    "%zu frames: the same sums", count);
		/* A table that was read can grow like any other. */
		add(&back, 1, 2);
		is_u64(back.count, count + 1, "%zu frames: and one more",
		    count);
	}
	buf_release(&archive);
	seek_table_release(&back);
	seek_table_release(&t);
}

/* Byte for byte what the format's description says. */
static void
test_bytes(void)
{
	static const uint8_t want[] = {
		0x5e, 0x2a, 0x4d, 0x18,  25, 0, 0, 0,
		0x04, 0x03, 0x02, 0x00,  0x00, 0x00, 0x40, 0x00,
		9, 0, 0, 0,  1, 0, 0, 0,
		2, 0, 0, 0,  0,  0xb1, 0xea, 0x92, 0x8f
	};
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct buf out = BUF_EMPTY;

	add(&t, 0x020304, SEEK_CONTENT_MAX);
	add(&t, 9, 1);
	seek_table_format(&t, &out);
	ok(out.len == sizeof want && memcmp(out.data, want, sizeof want) == 0,
	    "the bytes of a table of two frames");
	buf_release(&out);
	seek_table_release(&t);
}

/* Entries of twelve bytes, as the format allows: the sums are passed over. */
static void
test_entries_with_sums(void)
{
	static const uint8_t archive[] = {
		1, 2, 3, 4, 5,			/* frames of 2 and 3 bytes */
		0x5e, 0x2a, 0x4d, 0x18,  33, 0, 0, 0,
		2, 0, 0, 0,  7, 0, 0, 0,  0xaa, 0xbb, 0xcc, 0xdd,
		3, 0, 0, 0,  8, 0, 0, 0,  0xaa, 0xbb, 0xcc, 0xdd,
		2, 0, 0, 0,  0x80,  0xb1, 0xea, 0x92, 0x8f
	};
	struct seek_table t = SEEK_TABLE_EMPTY;

	if (ok(read_bytes(&t, archive, sizeof archive) == 0,
	    "entries with sums are read"))
		ok(t.count == 2 && t.frames[1].packed == 3 &&
		    t.frames[1].content == 8, "and understood");
	seek_table_release(&t);
}

static void
test_add_limits(void)
{
	struct seek_table t = SEEK_TABLE_EMPTY;
	size_t i;

	ok(seek_table_add(&t, SEEK_PACKED_MAX - 1, 1, &err) == 0,
	    "packed: one below the limit");
	ok(seek_table_add(&t, SEEK_PACKED_MAX, 1, &err) == 0,
	    "packed: the limit");
	ok(seek_table_add(&t, (uint64_t)SEEK_PACKED_MAX + 1, 1, &err) == -1 &&
	    err.class == ERR_LIMIT, "packed: one above: %s", err.text);
	ok(seek_table_add(&t, 1, SEEK_CONTENT_MAX - 1, &err) == 0,
	    "content: one below the limit");
	ok(seek_table_add(&t, 1, SEEK_CONTENT_MAX, &err) == 0,
	    "content: the limit");
	ok(seek_table_add(&t, 1, (uint64_t)SEEK_CONTENT_MAX + 1, &err) == -1 &&
	    err.class == ERR_LIMIT, "content: one above: %s", err.text);
	ok(seek_table_add(&t, ((uint64_t)1 << 32) + 1, 1, &err) == -1 &&
	    err.class == ERR_LIMIT, "packed: not cut to 32 bits");
	ok(seek_table_add(&t, 0, 1, &err) == -1 && err.class == ERR_DAMAGED,
	    "packed: zero is no frame: %s", err.text);
	is_u64(t.count, 4, "what was refused was not added");
	for (i = t.count; i < SEEK_FRAMES_MAX - 1; i++)
		add(&t, 1, 1);
	ok(seek_table_add(&t, 1, 1, &err) == 0, "frames: the limit");
	ok(seek_table_add(&t, 1, 1, &err) == -1 && err.class == ERR_LIMIT,
	    "frames: one above: %s", err.text);
	seek_table_release(&t);
}

static void
test_read_limits(void)
{
	struct seek_table t = SEEK_TABLE_EMPTY, back = SEEK_TABLE_EMPTY;
	struct buf archive = BUF_EMPTY;
	struct buf more = BUF_EMPTY;
	uint8_t *p;
	size_t i;

	for (i = 0; i < SEEK_FRAMES_MAX; i++)
		add(&t, 1, 1);
	archive_of(&t, &archive);
	ok(read_bytes(&back, archive.data, archive.len) == 0 &&
	    back.count == SEEK_FRAMES_MAX, "SEEK_FRAMES_MAX frames are read");
	seek_table_release(&back);

	/* The same with one entry more, which our writer cannot make. */
	buf_append(&more, archive.data, archive.len - FOOTER_LEN);
	buf_append(&more, "\1\0\0\0\1\0\0\0", 8);
	buf_append(&more, archive.data + archive.len - FOOTER_LEN, FOOTER_LEN);
	p = (uint8_t *)more.data;
	put_le32(p + SEEK_FRAMES_MAX + 4,
	    (SEEK_FRAMES_MAX + 1) * 8 + FOOTER_LEN);
	put_le32(p + more.len - FOOTER_LEN, SEEK_FRAMES_MAX + 1);
	is_refused(more.data, more.len, ERR_LIMIT, "SEEK_FRAMES_MAX + 1");
	buf_release(&more);
	buf_release(&archive);
	seek_table_release(&t);
}

/* The input that another reader took for 536,870,913 frames. */
static void
test_attack_25_bytes(void)
{
	static const uint8_t attack[25] = {
		0x5e, 0x2a, 0x4d, 0x18, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x01, 0x00, 0x00, 0x20, 0x00, 0xb1, 0xea, 0x92, 0x8f
	};

	is_refused(attack, sizeof attack, ERR_DAMAGED, "25 bytes");
}

static void
test_refuses_lies(void)
{
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct buf good = BUF_EMPTY, bad = BUF_EMPTY;
	size_t table, i;

	for (i = 0; i < 3; i++)
		add(&t, 20, 100);
	archive_of(&t, &good);
	table = (size_t)t.packed_total;
#define LIE(WHAT, CLASS, PLACE, BYTE) \
	buf_set(&bad, good.data, good.len); \
	bad.data[PLACE] = (char)(BYTE); \
	is_refused(bad.data, bad.len, CLASS, WHAT)
	LIE("magic of the frame", ERR_DAMAGED, table, 0);
	LIE("size of the frame", ERR_DAMAGED, table + 4, 34);
	LIE("a packed size", ERR_DAMAGED, table + 8, 19);
	LIE("a packed size of zero", ERR_DAMAGED, table + 8, 0);
	LIE("a packed size over the limit", ERR_LIMIT, table + 11, 1);
	LIE("a content size over the limit", ERR_LIMIT, table + 15, 1);
	LIE("the count", ERR_DAMAGED, good.len - 9, 2);
	LIE("the count's high byte", ERR_DAMAGED, good.len - 6, 0x20);
	LIE("the descriptor: sums", ERR_DAMAGED, good.len - 5, 0x80);
	LIE("the descriptor: reserved", ERR_DAMAGED, good.len - 5, 0x40);
	LIE("the descriptor: reserved", ERR_DAMAGED, good.len - 5, 0x04);
	LIE("the descriptor: unused", ERR_DAMAGED, good.len - 5, 0x01);
	LIE("magic of the table", ERR_DAMAGED, good.len - 1, 0);
	buf_set(&bad, "x", 1);
	buf_append(&bad, good.data, good.len);
	is_refused(bad.data, bad.len, ERR_DAMAGED, "a byte before");
	buf_set(&bad, good.data, good.len);
	buf_append(&bad, "x", 1);
	is_refused(bad.data, bad.len, ERR_DAMAGED, "a byte after");
	for (i = 1; i < good.len; i++)
		is_refused(good.data + i, good.len - i,
		    ERR_DAMAGED, "the head cut off");
	buf_release(&bad);
	buf_release(&good);
	seek_table_release(&t);
}

static void
test_places(void)
{
	static const uint32_t content[] = { 10, 0, 5, 1, 0 };
	struct seek_table t = SEEK_TABLE_EMPTY;
	uint64_t packed_at, content_at;
	size_t i;

	for (i = 0; i < 5; i++)
		add(&t, 100 + i, content[i]);
	seek_table_place(&t, 0, &packed_at, &content_at);
	ok(packed_at == 0 && content_at == 0, "the first frame's place");
	seek_table_place(&t, 3, &packed_at, &content_at);
	ok(packed_at == 303 && content_at == 15, "a middle frame's place");
	seek_table_place(&t, 5, &packed_at, &content_at);
	ok(packed_at == t.packed_total && content_at == t.content_total,
	    "the end's place");
	is_u64(seek_table_find(&t, 0), 0, "first byte");
	is_u64(seek_table_find(&t, 9), 0, "last byte of a frame");
	is_u64(seek_table_find(&t, 10), 2, "after it; empty frames hold none");
	is_u64(seek_table_find(&t, 15), 3, "last byte");
	is_u64(seek_table_find(&t, 16), 5, "the end");
	is_u64(seek_table_find(&t, UINT64_MAX), 5, "far beyond");
	seek_table_release(&t);
	is_u64(seek_table_find(&t, 0), 0, "an empty table holds nothing");
}

int
main(void)
{
	static const size_t counts[] = { 0, 1, 2, 3, 1023, 1024, 1025, 5000 };
	size_t i;

	for (i = 0; i < sizeof counts / sizeof counts[0]; i++)
		test_round_trip(counts[i]);
	test_bytes();
	test_entries_with_sums();
	test_add_limits();
	test_read_limits();
	test_attack_25_bytes();
	test_refuses_lies();
	test_places();
	return done();
}
