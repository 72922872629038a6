/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check/msgpack and check/xl_meta: every kind of item, records that a small
 * program made, everywhere changed and cut, and the limits.
 */
#include "check/xl_meta.h"
#include "check_bytes.h"
#include "harness.h"

#include "base/err.h"
#include "io/io.h"

/* ---------------------------------------------------------------- msgpack */

static const struct {
	const char *bytes;
	size_t len;
} items[] = {
#define ITEM(bytes) { bytes, sizeof(bytes) - 1 }
	ITEM("\x7f"), ITEM("\xe0"), ITEM("\xc0"), ITEM("\xc2"), ITEM("\xc3"),
	ITEM("\xa2hi"), ITEM("\xd9\2hi"), ITEM("\xda\0\2hi"),
	ITEM("\xdb\0\0\0\2hi"), ITEM("\xc4\1x"), ITEM("\xc5\0\1x"),
	ITEM("\xc6\0\0\0\1x"), ITEM("\xc7\1\5x"), ITEM("\xc8\0\1\5x"),
	ITEM("\xc9\0\0\0\1\5x"), ITEM("\xca" "1234"), ITEM("\xcb" "12345678"),
	ITEM("\xcc\1"), ITEM("\xcd\0\1"), ITEM("\xce\0\0\0\1"),
	ITEM("\xcf\0\0\0\0\0\0\0\1"), ITEM("\xd0\1"), ITEM("\xd1\0\1"),
	ITEM("\xd2\0\0\0\1"), ITEM("\xd3\0\0\0\0\0\0\0\1"),
	ITEM("\xd4\5x"), ITEM("\xd5\5xx"), ITEM("\xd6\5xxxx"),
	ITEM("\xd7\5xxxxxxxx"), ITEM("\xd8\5xxxxxxxxxxxxxxxx"),
	ITEM("\x92\1\x91\2"), ITEM("\xdc\0\2\1\2"), ITEM("\xdd\0\0\0\1\1"),
	ITEM("\x81\xa1k\x81\1\2"), ITEM("\xde\0\1\1\2"),
	ITEM("\xdf\0\0\0\1\1\2"),
};

static void
test_skip(void)
{
	bool skipped = true, refused = true;
	size_t i, len;

	for (i = 0; i < sizeof items / sizeof items[0]; i++) {
		const uint8_t *p = (const uint8_t *)items[i].bytes;
		struct msgpack m = { p, p + items[i].len };

		skipped &= msgpack_skip(&m) && m.at == m.end;
		for (len = 0; len < items[i].len; len++) {
			m = (struct msgpack){ p, p + len };
			refused &= !msgpack_skip(&m);
		}
	}
	ok(skipped, "every kind of item is passed");
	ok(refused, "none that is cut");
}

static void
test_numbers(void)
{
	static const char negative[] = "\xd0\x80\xd1\xff\0\xff";
	struct msgpack m = { (const uint8_t *)negative,
	    (const uint8_t *)negative + 2 };
	static const char large[] = "\xcf\xff\xff\xff\xff\xff\xff\xff\xff";
	uint64_t value;

	ok(!msgpack_u64(&m, &value), "a negative number");
	m = (struct msgpack){ (const uint8_t *)negative + 5,
	    (const uint8_t *)negative + 6 };
	ok(!msgpack_u64(&m, &value), "a small negative number");
	m = (struct msgpack){ (const uint8_t *)large,
	    (const uint8_t *)large + 9 };
	ok(msgpack_u64(&m, &value) && value == UINT64_MAX, "the largest");
	m = (struct msgpack){ (const uint8_t *)"\x9f", NULL };
	m.end = m.at + 1;
	ok(!msgpack_array(&m, &value), "more items than bytes");
}

/* ---------------------------------------------------------------- xl.meta */

struct sum {
	uint64_t versions;
	uint64_t size;
	uint64_t parts;
	uint64_t inline_bytes;
};

static int
add_up(void *ctx, struct xl_version *v, struct err *err)
{
	struct sum *sum = ctx;
	uint64_t number, size, i;

	(void)err;
	sum->versions++;
	sum->size += v->size;
	sum->parts += v->parts;
	sum->inline_bytes += v->is_inline ? v->data.len : 0;
	for (i = 0; i < v->parts; i++)
		ok(xl_next_part(v, &number, &size) && number == i + 1,
		    "part %llu", (unsigned long long)number);
	return 0;
}

static int
read_meta(const struct buf *b, struct sum *sum, bool *is_summed,
    struct err *err)
{
	const struct xl_visitor visitor = { sum, add_up };

	memset(sum, 0, sizeof *sum);
	err_clear(err);
	return xl_meta_read(b->data, b->len, &visitor, is_summed, err);
}

static void
test_files(void)
{
	static const struct {
		const char *path;
		uint64_t versions, size, inline_bytes;
		bool is_summed;
	} files[] = {
		{ "tests/data/fuzz/xl_meta/small", 1, 5, 37, true },
		{ "tests/data/fuzz/xl_meta/large", 1, 70001, 0, true },
		{ "tests/data/fuzz/xl_meta/versions", 3, 5003, 35, true },
		{ "tests/data/fuzz/xl_meta/old", 1, 100, 0, false },
	};
	struct buf b = BUF_EMPTY;
	struct sum sum;
	struct err err;
	bool is_summed;
	size_t i;

	for (i = 0; i < sizeof files / sizeof files[0]; i++) {
		buf_cut(&b, 0);
		ok(io_read_typed(files[i].path, 65536, &b, &err) == 0 &&
		    read_meta(&b, &sum, &is_summed, &err) == 0 &&
		    sum.versions == files[i].versions &&
		    sum.size == files[i].size &&
		    sum.inline_bytes == files[i].inline_bytes &&
		    is_summed == files[i].is_summed, "%s: %s", files[i].path,
		    err.text);
	}
	buf_release(&b);
}

static int
ignore(void *ctx, struct xl_version *v, struct err *err)
{
	(void)ctx;
	(void)v;
	(void)err;
	return 0;
}

/* Every byte up to the inline contents is under the checksum or is checked. */
static void
test_changed_and_cut(void)
{
	const struct xl_visitor visitor = { NULL, ignore };
	struct buf b = BUF_EMPTY;
	struct err err;
	bool is_summed, found = true, refused = true;
	size_t i, len;

	ok(io_read_typed("tests/data/fuzz/xl_meta/large", 65536, &b,
	    &err) == 0, "a record in parts");
	for (i = 0; i < b.len; i++) {
		b.data[i] ^= 0x20;
		found &= xl_meta_read(b.data, b.len, &visitor, &is_summed,
		    &err) == -1;
		b.data[i] ^= 0x20;
	}
	ok(found, "every byte counts");
	len = b.len;
	for (b.len = 0; b.len < len; b.len++)
		refused &= xl_meta_read(b.data, b.len, &visitor, &is_summed,
		    &err) == -1 && err.class == ERR_DAMAGED;
	ok(refused, "cut anywhere, it is refused");
	b.len = len;
	b.data[6] = 4;
	ok(xl_meta_read(b.data, b.len, &visitor, &is_summed, &err) == -1 &&
	    err.class == ERR_LIMIT, "a newer version is not damage");
	buf_release(&b);
}

/* Delete markers, n of them, in the oldest form. */
static void
put_markers(struct buf *b, uint64_t n)
{
	buf_cut(b, 0);
	PUT(b, "XL2 \1\0\0\0\x81\xa8Versions\xdd");
	put_be(b, n, 4);
	for (; n > 0; n--)
		PUT(b, "\x82\xa4Type\2\xa6" "DelObj\x80");
}

/* One object with n parts. */
static void
put_parts(struct buf *b, uint64_t n)
{
	uint64_t i;

	buf_cut(b, 0);
	PUT(b, "XL2 \1\0\0\0\x81\xa8Versions\x91\x82\xa4Type\1\xa5V2Obj\x85");
	PUT(b, "\xa3" "EcM\1\xa3" "EcN\0\xa7" "EcBSize\1\xa8PartNums\xdd");
	put_be(b, n, 4);
	for (i = 0; i < n; i++)
		buf_byte(b, 1);
	PUT(b, "\xa9PartSizes\xdd");
	put_be(b, n, 4);
	for (i = 0; i < n; i++)
		buf_byte(b, 1);
}

static void
test_limits(void)
{
	const struct xl_visitor visitor = { NULL, ignore };
	struct buf b = BUF_EMPTY;
	struct err err;
	bool is_summed;
	int n;

	for (n = -1; n <= 1; n++) {
		put_markers(&b, (uint64_t)(XL_VERSIONS_MAX + n));
		ok((xl_meta_read(b.data, b.len, &visitor, &is_summed,
		    &err) == 0) == (n <= 0), "the limit of versions %+d", n);
		put_parts(&b, (uint64_t)(XL_PARTS_MAX + n));
		ok((xl_meta_read(b.data, b.len, &visitor, &is_summed,
		    &err) == 0) == (n <= 0), "the limit of parts %+d", n);
	}
	buf_release(&b);
}

int
main(void)
{
	test_skip();
	test_numbers();
	test_files();
	test_changed_and_cut();
	test_limits();
	return done();
}
