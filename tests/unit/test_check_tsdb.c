/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check/tsdb_block and check/tsdb_log: a block that promtool made, with every
 * byte changed in turn and cut everywhere; segments of a log put together by
 * hand.
 */
#include "check/tsdb_block.h"
#include "check/tsdb_log.h"
#include "check_bytes.h"
#include "harness.h"

#include "base/err.h"
#include "check/scan.h"
#include "codec/crc.h"
#include "io/io.h"

#define DATA "tests/data/fuzz/tsdb/"	/* 2 series with 10 samples each */

static void
load(struct buf *b, const char *path)
{
	struct err err;

	buf_cut(b, 0);
	ok(io_read_typed(path, 65536, b, &err) == 0, "%s is there", path);
}

/* ------------------------------------------------------------------ blocks */

static void
test_chunks(void)
{
	struct tsdb_chunks c;
	struct memory_source m;
	struct buf b = BUF_EMPTY;
	bool found = true, refused = true;
	struct err err;
	size_t i, len;

	load(&b, DATA "chunks");
	ok(tsdb_chunks_read(buf_source(&m, &b), &c, &err) == 0 &&
	    c.faults.count == 0 && c.chunks == 2 && c.samples == 20,
	    "chunks and samples are counted");
	for (i = 0; i < b.len; i++) {
		b.data[i] ^= 1;
		found &= tsdb_chunks_read(buf_source(&m, &b), &c,
		    &err) == 0 && (c.faults.count > 0) == (i < 5 || i > 7) &&
		    c.faults.refuses == (i < 5);
		b.data[i] ^= 1;
	}
	ok(found, "every byte counts, but for three of padding");
	len = b.len;
	for (b.len = 0; b.len < len; b.len++)
		refused &= tsdb_chunks_read(buf_source(&m, &b), &c,
		    &err) == 0 && (c.faults.count > 0 || c.chunks < 2) &&
		    c.faults.refuses == (b.len < 8);
	ok(refused, "cut anywhere");
	buf_release(&b);
}

static void
test_index(void)
{
	struct tsdb_index x;
	struct memory_source m;
	struct buf b = BUF_EMPTY;
	bool refused = true;
	unsigned silent = 0;
	struct err err;
	size_t i, len;

	load(&b, DATA "index");
	ok(tsdb_index_read(buf_source(&m, &b), &x, &err) == 0 &&
	    x.faults.count == 0 && x.series == 2 && x.chunks == 2 &&
	    x.version == 2, "series and chunks are counted");
	for (i = 0; i < b.len; i++) {
		b.data[i] ^= 0x40;
		if (tsdb_index_read(buf_source(&m, &b), &x, &err) == -1 ||
		    x.faults.count + x.faults.odd == 0) {
			silent++;
			printf("# byte %zu of %zu\n", i, b.len);
		}
		b.data[i] ^= 0x40;
	}
	is_u64(silent, 0, "every byte counts");
	len = b.len;
	for (b.len = 0; b.len < len; b.len++)
		refused &= tsdb_index_read(buf_source(&m, &b), &x,
		    &err) == 0 && x.faults.refuses;
	ok(refused, "cut anywhere, the server refuses");
	buf_release(&b);
}

static void
test_tombstones(void)
{
	struct tsdb_faults f;
	struct memory_source m;
	struct buf b = BUF_EMPTY;
	bool found = true;
	struct err err;
	size_t i;

	load(&b, DATA "tombstones");
	ok(tsdb_tombstones_read(buf_source(&m, &b), &f, &err) == 0 &&
	    f.count == 0, "none");
	for (i = 0; i < b.len; i++) {
		b.data[i] ^= 1;
		found &= tsdb_tombstones_read(buf_source(&m, &b), &f,
		    &err) == 0 && f.refuses;
		b.data[i] ^= 1;
	}
	ok(found, "every byte counts");
	b.len--;
	ok(tsdb_tombstones_read(buf_source(&m, &b), &f, &err) == 0 &&
	    f.refuses, "cut");
	buf_release(&b);
}

/* ------------------------------------------------------------------- logs */

static void
fragment(struct buf *b, unsigned type, const void *data, size_t len)
{
	buf_byte(b, (unsigned char)type);
	put_be(b, len, 2);
	put_be(b, crc_32c(0, data, len), 4);
	buf_append(b, data, len);
}

static void
zeros(struct buf *b, size_t to)
{
	while (b->len < to)
		buf_byte(b, 0);
}

static void
segment_is(const struct buf *b, enum tsdb_end end, uint64_t records,
    uint64_t good_to, const char *what)
{
	struct memory_source m;
	struct tsdb_log log;
	struct err err;

	if (tsdb_segment_read(buf_source(&m, b), &log, &err) == -1)
		log = (struct tsdb_log){ .why = "not read" };
	ok(log.end == end && log.records == records &&
	    log.good_to == good_to,
	    "%s: end %d, %llu records, good to %llu%s%s", what, (int)log.end,
	    (unsigned long long)log.records,
	    (unsigned long long)log.good_to, log.why != NULL ? ": " : "",
	    log.why != NULL ? log.why : "");
}

static void
test_segments(void)
{
	struct buf b = BUF_EMPTY;

	segment_is(&b, TSDB_WHOLE, 0, 0, "nothing");
	fragment(&b, 1, "hello", 5);
	segment_is(&b, TSDB_WHOLE, 1, 12, "one record");
	fragment(&b, 2, "a", 1);
	segment_is(&b, TSDB_TORN, 1, 12, "the first part of another");
	fragment(&b, 3, "b", 1);
	fragment(&b, 4 | 16, "c", 1);
	segment_is(&b, TSDB_WHOLE, 2, 36, "all its parts");
	buf_cut(&b, 35);
	segment_is(&b, TSDB_TORN, 1, 12, "cut in the data");
	buf_cut(&b, 30);
	segment_is(&b, TSDB_TORN, 1, 12, "cut in a head");
	buf_cut(&b, 12);
	zeros(&b, TSDB_PAGE);
	fragment(&b, 1, "x", 1);
	segment_is(&b, TSDB_WHOLE, 2, TSDB_PAGE + 8, "a new page");
	zeros(&b, TSDB_PAGE + 5000);
	segment_is(&b, TSDB_WHOLE, 2, TSDB_PAGE + 8, "zeros at the end");
	b.data[100] = 1;
	segment_is(&b, TSDB_BAD, 1, 12, "no zeros in the rest of a page");
	buf_release(&b);
}

static void
test_bad_segments(void)
{
	struct buf b = BUF_EMPTY;

	fragment(&b, 5, "x", 1);
	segment_is(&b, TSDB_BAD, 0, 0, "no such type");
	buf_cut(&b, 0);
	fragment(&b, 3, "x", 1);
	segment_is(&b, TSDB_BAD, 0, 0, "a middle without a first");
	buf_cut(&b, 0);
	fragment(&b, 2, "x", 1);
	fragment(&b, 1, "x", 1);
	segment_is(&b, TSDB_BAD, 0, 0, "a record inside another");
	buf_cut(&b, 0);
	fragment(&b, 1, "x", 1);
	b.data[7] ^= 1;
	segment_is(&b, TSDB_BAD, 0, 0, "a wrong checksum");
	buf_release(&b);
}

/* A record that fills its page to the last byte, and one byte more. */
static void
test_page_limits(void)
{
	static uint8_t data[TSDB_PAGE];
	struct buf b = BUF_EMPTY;
	size_t len;

	for (len = TSDB_PAGE - 8; len <= TSDB_PAGE - 6; len++) {
		bool fits = len <= TSDB_PAGE - 7;

		buf_cut(&b, 0);
		fragment(&b, 1, data, len);
		segment_is(&b, fits ? TSDB_WHOLE : TSDB_BAD, fits,
		    fits ? b.len : 0, "a page");
	}
	buf_release(&b);
}

static void
head_is(const struct buf *b, enum tsdb_end end, uint64_t records,
    const char *what)
{
	struct memory_source m;
	struct tsdb_log log;
	struct err err;

	if (tsdb_head_read(buf_source(&m, b), &log, &err) == -1)
		log = (struct tsdb_log){ .records = UINT64_MAX };
	ok(log.end == end && log.records == records, "%s: end %d, %llu",
	    what, (int)log.end, (unsigned long long)log.records);
}

static void
test_head(void)
{
	struct buf b = BUF_EMPTY;
	size_t len;

	load(&b, DATA "head");
	len = b.len;
	head_is(&b, TSDB_WHOLE, 1, "a chunk of the head");
	zeros(&b, len + 1000);
	head_is(&b, TSDB_WHOLE, 1, "zeros behind it");
	b.data[len - 6] ^= 1;
	head_is(&b, TSDB_BAD, 0, "a byte changed");
	b.data[len - 6] ^= 1;
	buf_cut(&b, len - 1);
	head_is(&b, TSDB_TORN, 0, "cut");
	buf_cut(&b, 7);
	head_is(&b, TSDB_TORN, 0, "cut in its head");
	buf_byte(&b, 0);
	head_is(&b, TSDB_WHOLE, 0, "no chunk");
	b.data[0] ^= 1;
	head_is(&b, TSDB_BAD, 0, "another magic");
	buf_release(&b);
}

int
main(void)
{
	test_chunks();
	test_index();
	test_tombstones();
	test_segments();
	test_bad_segments();
	test_page_limits();
	test_head();
	return done();
}
