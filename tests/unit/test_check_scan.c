/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check/scan: the same bytes and sums however they are taken, at every side of
 * the window's edge; nothing past the end.
 */
#include "check/scan.h"
#include "check_bytes.h"
#include "harness.h"

#include "base/err.h"
#include "codec/crc.h"

enum { NOISE = 3 * SCAN_WINDOW + 17 };

static void
fill(struct buf *b)
{
	uint64_t state = 88172645463325252U;

	while (b->len < NOISE) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		buf_byte(b, (unsigned char)state);
	}
}

/* Take all of b in pieces of a size; every byte and the sum must be right. */
static bool
same_in_pieces(const struct buf *b, size_t piece)
{
	struct memory_source m;
	struct scan s;
	struct err err;
	bool same = true;

	scan_init(&s, buf_source(&m, b), 3, b->len);
	scan_sum_begin(&s, SCAN_SUM_CRC_32C);
	while (same && scan_left(&s) > 0) {
		size_t n = scan_left(&s) < piece ? (size_t)scan_left(&s) :
		    piece;
		uint64_t at = s.at;
		const uint8_t *p = scan_peek(&s, n, &err);

		same = p != NULL && s.at == at &&
		    memcmp(p, b->data + at, n) == 0;
		p = scan_next(&s, n, &err);
		same = same && p != NULL && s.at == at + n &&
		    memcmp(p, b->data + at, n) == 0;
	}
	same = same && scan_sum(&s) == crc_32c(0, b->data + 3, b->len - 3);
	same = same && scan_next(&s, 1, &err) == NULL &&
	    err.class == ERR_DAMAGED;
	scan_release(&s);
	return same;
}

static void
test_pieces(const struct buf *b)
{
	static const size_t pieces[] = { 1, 7, 4096, SCAN_WINDOW - 1,
	    SCAN_WINDOW };
	size_t i;

	for (i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
		ok(same_in_pieces(b, pieces[i]), "pieces of %zu", pieces[i]);
}

static void
test_skip(const struct buf *b)
{
	static const uint64_t steps[] = { 0, 1, SCAN_WINDOW - 1, SCAN_WINDOW,
	    SCAN_WINDOW + 1 };
	struct memory_source m;
	uint64_t at = 0;
	struct scan s;
	struct err err;
	size_t i;

	scan_init(&s, buf_source(&m, b), 0, b->len);
	scan_sum_begin(&s, SCAN_SUM_CRC_64_JONES);
	for (i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		at += steps[i];
		ok(scan_skip(&s, steps[i], &err) == 0 && s.at == at &&
		    scan_sum(&s) == crc_64_jones(0, b->data, (size_t)at),
		    "%llu bytes passed", (unsigned long long)steps[i]);
	}
	ok(scan_skip(&s, scan_left(&s) + 1, &err) == -1 && s.at == at,
	    "not one byte more than there is");
	ok(scan_skip(&s, UINT64_MAX, &err) == -1, "nor all there could be");
	scan_release(&s);
}

static void
test_uvarint(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool is_good;
		uint64_t value;
	} cases[] = {
		{ "\x00", 1, true, 0 },
		{ "\x7f", 1, true, 127 },
		{ "\x80\x01", 2, true, 128 },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, true,
		  UINT64_MAX },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, false, 0 },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x01", 11, false,
		  0 },
		{ "\x80", 1, false, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct memory_source m;
		uint64_t value = 0;
		struct scan s;
		struct err err;

		scan_init(&s, memory_source_init(&m, cases[i].bytes,
		    cases[i].len), 0, cases[i].len);
		ok((scan_uvarint(&s, &value, &err) == 0) ==
		    cases[i].is_good && value == cases[i].value,
		    "number %zu", i);
		scan_release(&s);
	}
}

int
main(void)
{
	struct buf b = BUF_EMPTY;

	fill(&b);
	test_pieces(&b);
	test_skip(&b);
	test_uvarint();
	buf_release(&b);
	return done();
}
