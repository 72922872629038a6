/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check/pg_wal and check/pg_record: logs made here, record by record, with
 * one thing wrong each.  Real logs are walked in tests/check/postgres.sh.
 */
#include "check/pg_wal.h"
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/mem.h"
#include "check/pg_name.h"
#include "codec/crc.h"
#include "io/stream.h"

#define PAGE 8192U
#define SEGMENT (1U << 20)
#define SEGMENTS 4U		/* numbers 1 to 4; 0 is no segment */
#define SYSTEM UINT64_C(0xABCDEF)
#define FIRST ((uint64_t)SEGMENT)

/* A log in memory. */
struct made {
	uint8_t *data;
	bool has[SEGMENTS];
	size_t len[SEGMENTS];
	struct memory_source source;
	uint64_t at;		/* where the next record goes */
	uint64_t previous;
	uint16_t magic;
	struct pg_control control;
};

static uint8_t *
byte_at(struct made *m, uint64_t lsn)
{
	return m->data + (lsn - FIRST);
}

static void
page_header(struct made *m, uint64_t lsn, uint32_t rest)
{
	uint8_t *p = byte_at(m, lsn);
	bool is_first = lsn % SEGMENT == 0;

	put_le16(p, m->magic);
	put_le16(p + 2, (uint16_t)((rest != 0 ? 1 : 0) | (is_first ? 2 : 0)));
	put_le32(p + 4, 1);
	put_le64(p + 8, lsn);
	put_le32(p + 16, rest);
	if (!is_first)
		return;
	put_le64(p + 24, SYSTEM);
	put_le32(p + 32, SEGMENT);
	put_le32(p + 36, PAGE);
}

static uint64_t
past_header(uint64_t lsn)
{
	return lsn + (lsn % SEGMENT == 0 ? 40 : 24);
}

static void
make(struct made *m, unsigned major, uint16_t magic)
{
	size_t i;

	memset(m, 0, sizeof(*m));
	m->data = mem_zero(SEGMENTS, SEGMENT);
	for (i = 0; i < SEGMENTS; i++) {
		m->has[i] = true;
		m->len[i] = SEGMENT;
	}
	pg_control_assume(&m->control, major);
	m->control.wal_segment_size = SEGMENT;
	m->control.system_id = SYSTEM;
	m->magic = magic;
	m->at = FIRST;
}

/* Put bytes into the log, opening pages on the way. */
static void
pour(struct made *m, const uint8_t *data, uint32_t len, bool is_start)
{
	while (len > 0) {
		uint32_t room;

		if (m->at % PAGE == 0) {
			page_header(m, m->at, is_start ? 0 : len);
			m->at = past_header(m->at);
		}
		is_start = false;
		room = PAGE - (uint32_t)(m->at % PAGE);
		if (room > len)
			room = len;
		memcpy(byte_at(m, m->at), data, room);
		m->at += room;
		data += room;
		len -= room;
	}
}

/* Returns where it starts. */
static uint64_t
record(struct made *m, uint8_t rmid, uint8_t info, const void *body,
    uint32_t len)
{
	uint8_t *r = mem_zero(1, 24 + (size_t)len);
	uint64_t start = m->at % PAGE == 0 ? past_header(m->at) : m->at;

	put_le32(r, 24 + len);
	put_le64(r + 8, m->previous);
	r[16] = info;
	r[17] = rmid;
	if (len > 0)
		memcpy(r + 24, body, len);
	put_le32(r + 20, crc_32c(crc_32c(0, r + 24, len), r, 20));
	pour(m, r, 24 + len, true);
	free(r);
	m->at = (m->at + 7) & ~UINT64_C(7);
	m->previous = start;
	return start;
}

/* A record whose main data is len bytes. */
static uint64_t
record_data(struct made *m, uint8_t rmid, uint8_t info, const void *data,
    uint32_t len)
{
	uint8_t *body = mem_zero(1, 5 + (size_t)len);
	uint64_t start;

	body[0] = 254;
	put_le32(body + 1, len);
	if (data != NULL)
		memcpy(body + 5, data, len);
	start = record(m, rmid, info, body, 5 + len);
	free(body);
	return start;
}

static int
open_made(void *ctx, uint64_t number, struct source **file, struct err *err)
{
	struct made *m = ctx;

	(void)err;
	*file = number < 1 || number > SEGMENTS || !m->has[number - 1] ?
	    NULL : memory_source_init(&m->source,
	    m->data + (number - 1) * SEGMENT, m->len[number - 1]);
	return 0;
}

static bool
next_made(void *ctx, uint64_t after, uint64_t *number)
{
	struct made *m = ctx;

	for (*number = after + 1; *number <= SEGMENTS; (*number)++)
		if (*number > 0 && m->has[*number - 1])
			return true;
	return false;
}

static struct pg_wal_walk
walk(struct made *m, uint64_t from, uint64_t checkpoint)
{
	const struct pg_wal_segments segments = { m, open_made, next_made };
	const struct pg_wal_plan plan = {
		.control = &m->control,
		.from = from,
		.checkpoint = checkpoint,
		.note = true,
	};
	struct pg_wal_walk w;
	struct err err;

	err_clear(&err);
	ok(pg_wal_walk(&segments, &plan, &w, &err) == 0 &&
	    pg_wal_beyond(&segments, &plan, &w, &err) == 0, "a walk");
	return w;
}

static void
drop(struct made *m, struct pg_wal_walk *w)
{
	pg_notes_release(&w->notes);
	free(m->data);
}

/* -------------------------------------------------------------------- walk */

static void
test_walks_each_release(void)
{
	static const struct {
		unsigned major;
		uint16_t magic;
	} releases[] = {
		{ 12, 0xD101 }, { 13, 0xD106 }, { 14, 0xD10D },
		{ 15, 0xD110 }, { 16, 0xD113 }, { 17, 0xD116 },
		{ 18, 0xD118 },
	};
	size_t i;

	for (i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		struct pg_wal_walk w;
		struct made m;
		uint64_t first, point;

		make(&m, releases[i].major, releases[i].magic);
		first = record_data(&m, 10, 0, NULL, 100);
		point = record_data(&m, 0, 0x10, NULL, 80);
		(void)record_data(&m, 10, 0, NULL, 3);
		w = walk(&m, first, point);
		ok(w.records == 3 && w.end == m.at &&
		    w.why == PG_WAL_END_EMPTY, "release %u: to its end",
		    releases[i].major);
		ok(w.saw_checkpoint && w.checkpoint_kind == 0x10,
		    "... past the checkpoint");
		ok(!w.has_later_segment && w.later_page == 0,
		    "... and nothing beyond");
		drop(&m, &w);
	}
	ok(pg_wal_is_known(12) && pg_wal_is_known(18) &&
	    !pg_wal_is_known(11) && !pg_wal_is_known(19),
	    "other releases are not known");
}

/* Over pages and a segment's start, in every alignment. */
static void
test_long_records(void)
{
	static const uint32_t lengths[] = {
		1, PAGE - 60, PAGE - 24, PAGE, 3 * PAGE, SEGMENT,
	};
	struct pg_wal_walk w;
	struct made m;
	uint64_t first = 0;
	unsigned records = 0;
	size_t i;

	make(&m, 15, 0xD110);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		uint64_t at = record_data(&m, 10, 0, NULL, lengths[i]);

		if (records++ == 0)
			first = at;
	}
	/* Leave each possible rest of a page for a header. */
	for (i = 0; i < 64; i++) {
		while (m.at % PAGE != 0 && PAGE - m.at % PAGE > 8 * (i % 8)) {
			(void)record(&m, 10, 0, NULL, 0);
			records++;
		}
		(void)record_data(&m, 10, 0, NULL, PAGE / 2);
		records++;
	}
	w = walk(&m, first, first);
	is_u64(w.records, records, "records over pages and segments");
	is_u64(w.end, m.at, "... to the end");
	ok(!w.saw_checkpoint, "an ordinary record is no checkpoint");
	drop(&m, &w);
}

static void
test_switch(void)
{
	struct pg_wal_walk w;
	struct made m;
	uint64_t first;

	make(&m, 15, 0xD110);
	first = record_data(&m, 10, 0, NULL, 100);
	(void)record(&m, 0, 0x40, NULL, 0);
	m.at = 2 * FIRST;
	w = walk(&m, first, first);
	is_u64(w.end, 2 * FIRST, "a switch ends the segment");
	pg_notes_release(&w.notes);
	(void)record_data(&m, 10, 0, NULL, 100);
	w = walk(&m, first, first);
	ok(w.records == 3 && w.end == m.at, "... and the next goes on");
	drop(&m, &w);
}

/* The rest of a record was never written; the next start says so. */
static void
test_overwritten_record(void)
{
	struct pg_wal_walk w;
	struct made m;
	uint64_t first, whole;

	make(&m, 15, 0xD110);
	first = record_data(&m, 10, 0, NULL, 100);
	whole = m.previous;
	(void)record_data(&m, 10, 0, NULL, 2 * PAGE);
	m.at = FIRST + PAGE;
	m.previous = whole;
	memset(byte_at(&m, m.at), 0, 3 * PAGE);
	(void)record_data(&m, 0, 0xD0, NULL, 16);
	put_le16(byte_at(&m, FIRST + PAGE) + 2, 8);
	w = walk(&m, first, first);
	ok(w.records == 2 && w.end == m.at, "an overwritten rest is passed");
	drop(&m, &w);
}

static void
test_bad_records(void)
{
	static const struct {
		size_t at;
		uint8_t flip;
		const char *what;
	} cases[] = {
		{ 4, 1, "a changed header" }, { 8, 1, "another previous one" },
		{ 20, 1, "another checksum" }, { 60, 0x80, "a changed body" },
		{ 0, 8, "another length" }, { 3, 0x80, "a length past all" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pg_wal_walk w;
		struct made m;
		uint64_t first, bad;

		make(&m, 15, 0xD110);
		first = record_data(&m, 10, 0, NULL, 100);
		bad = record_data(&m, 10, 0, NULL, 100);
		(void)record_data(&m, 10, 0, NULL, 2 * PAGE);
		byte_at(&m, bad)[cases[i].at] ^= cases[i].flip;
		w = walk(&m, first, first);
		ok(w.records == 1 && w.end == bad &&
		    w.why == PG_WAL_END_BAD_RECORD, "%s ends the walk",
		    cases[i].what);
		is_u64(w.later_page, FIRST + 2 * PAGE,
		    "... and later pages are seen");
		drop(&m, &w);
	}
}

static void
test_bad_pages(void)
{
	static const struct {
		size_t at;
		const char *what;
	} cases[] = {
		{ 0, "another magic" }, { 3, "unknown flags" },
		{ 8, "another address" }, { 16, "another rest" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pg_wal_walk w;
		struct made m;
		uint64_t first, torn;

		make(&m, 15, 0xD110);
		first = record_data(&m, 10, 0, NULL, 100);
		torn = record_data(&m, 10, 0, NULL, 2 * PAGE);
		byte_at(&m, FIRST + PAGE)[cases[i].at] ^= 0x10;
		w = walk(&m, first, first);
		ok(w.records == 1 && w.end == torn, "%s on a page ends it",
		    cases[i].what);
		drop(&m, &w);
	}
}

static void
test_segments(void)
{
	struct pg_wal_walk w;
	struct made m;
	uint64_t first, last = 0;

	make(&m, 15, 0xD110);
	first = record_data(&m, 10, 0, NULL, 100);
	while (m.at < 3 * FIRST + PAGE)
		last = record_data(&m, 10, 0, NULL, 5000);
	(void)last;
	m.has[1] = false;
	w = walk(&m, first, first);
	ok(w.why == PG_WAL_END_NO_SEGMENT && w.end / SEGMENT == 1,
	    "a missing segment ends the walk");
	ok(w.has_later_segment && w.later_segment == 3,
	    "... and the one after it gives it away");
	pg_notes_release(&w.notes);
	m.has[1] = true;
	m.len[1] = SEGMENT / 2;
	w = walk(&m, first, first);
	ok(w.why == PG_WAL_END_CUT && w.has_later_segment,
	    "so does one that is cut short");
	pg_notes_release(&w.notes);
	m.len[1] = SEGMENT;
	byte_at(&m, 2 * FIRST)[24] ^= 1;
	w = walk(&m, first, first);
	ok(w.why == PG_WAL_END_EMPTY && w.end / SEGMENT == 1,
	    "so does one of another cluster");
	pg_notes_release(&w.notes);
	byte_at(&m, 2 * FIRST)[24] ^= 1;
	w = walk(&m, first, first);
	ok(w.end == m.at && !w.has_later_segment,
	    "an empty one that waits does not");
	drop(&m, &w);
}

static void
test_odd_starts(void)
{
	static const uint64_t starts[] = {
		0, 1, FIRST + 41, FIRST + PAGE, UINT64_MAX - 7, INT64_MAX - 6,
		5 * FIRST + 40,
	};
	struct pg_wal_walk w;
	struct made m;
	size_t i;

	make(&m, 15, 0xD110);
	(void)record_data(&m, 10, 0, NULL, 2 * PAGE);
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		w = walk(&m, starts[i], starts[i]);
		ok(w.records == 0 && w.end == starts[i] && !w.saw_checkpoint,
		    "nothing at %llu", (unsigned long long)starts[i]);
		pg_notes_release(&w.notes);
	}
	free(m.data);
}

/* ------------------------------------------------------------------- notes */

static void
note(unsigned major, uint8_t rmid, uint8_t info, const uint8_t *body,
    size_t len, struct pg_notes *notes)
{
	const struct pg_record r = {
		.major = major, .rmid = rmid, .info = info,
		.head = body, .head_len = len, .body_len = len,
	};

	pg_record_note(&r, notes);
}

static bool
has(const struct pg_notes *n, uint32_t database, uint32_t file,
    uint32_t fork, uint32_t block)
{
	const struct pg_block b = { 1663, database, file, fork, block };

	return pg_blocks_has(&n->blocks, &b);
}

static size_t
put_relation(uint8_t *p, uint32_t file)
{
	put_le32(p, 1663);
	put_le32(p + 4, 5);
	put_le32(p + 8, file);
	return 12;
}

/* One block with an image; returns the body's length. */
static size_t
image_body(uint8_t *p, uint8_t image_flags, bool has_hole_len)
{
	size_t at = 0;

	p[at++] = 0;			/* block 0 */
	p[at++] = 0x10;			/* main fork, image */
	put_le16(p + at, 0);
	put_le16(p + at + 2, 10);	/* bytes of image */
	put_le16(p + at + 4, 40);
	at += 6;
	p[at++] = image_flags;
	if (has_hole_len) {
		put_le16(p + at, 100);
		at += 2;
	}
	at += put_relation(p + at, 16384);
	put_le32(p + at, 77);
	at += 4;
	memset(p + at, 0xEE, 10);
	return at + 10;
}

static void
test_images(void)
{
	static const struct {
		unsigned major;
		uint8_t flags;
		bool has_hole_len;
		bool applies;
	} cases[] = {
		{ 14, 0x05, false, true }, { 14, 0x07, true, true },
		{ 14, 0x01, false, false }, { 14, 0x03, true, false },
		{ 15, 0x03, false, true }, { 15, 0x07, true, true },
		{ 15, 0x0B, true, true }, { 15, 0x13, true, true },
		{ 15, 0x01, false, false }, { 18, 0x02, false, true },
	};
	uint8_t body[128];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pg_notes n = PG_NOTES_EMPTY;
		size_t len = image_body(body, cases[i].flags,
		    cases[i].has_hole_len);

		note(cases[i].major, 10, 0, body, len, &n);
		ok(has(&n, 5, 16384, 0, 77) == cases[i].applies,
		    "release %u, image %02x: %s", cases[i].major,
		    cases[i].flags, cases[i].applies ? "put in place" :
		    "for comparing only");
		ok(!has(&n, 6, 16384, 0, 77), "... of its database alone");
		pg_notes_release(&n);
	}
}

static void
test_same_relation(void)
{
	struct pg_notes n = PG_NOTES_EMPTY;
	uint8_t body[64] = { 0 };
	size_t at = 0;

	body[at++] = 0;
	body[at++] = 0x20;		/* data only */
	put_le16(body + at, 2);
	at += 2;
	at += put_relation(body + at, 99);
	put_le32(body + at, 1);
	at += 4;
	body[at++] = 1;
	body[at++] = 0x80 | 0x40 | 2;	/* same relation, made anew, _vm */
	at += 2;
	put_le32(body + at, 3);
	at += 4 + 2;
	note(15, 10, 0, body, at, &n);
	ok(!has(&n, 5, 99, 0, 1), "a change is no new page");
	ok(has(&n, 5, 99, 2, 3), "a page made anew, of the relation before");
	pg_notes_release(&n);
}

/* A commit with children and two drops. */
static size_t
commit_body(uint8_t *p, uint32_t count)
{
	size_t at = 13, i;	/* mark, length, time */

	put_le32(p + at, 1 | 2 | 4);
	at += 4 + 8;
	put_le32(p + at, 2);
	at += 4 + 8;
	put_le32(p + at, count);
	at += 4;
	for (i = 0; i < 2; i++)
		at += put_relation(p + at, 500 + (uint32_t)i);
	p[0] = 254;
	put_le32(p + 1, (uint32_t)at - 5);
	return at;
}

static void
test_drops(void)
{
	struct pg_notes n = PG_NOTES_EMPTY;
	uint8_t body[128] = { 0 };
	size_t len = commit_body(body, 2);

	note(15, 1, 0x20 | 0x80, body, len, &n);
	ok(n.blocks.count == 0, "what is rolled back drops nothing");
	note(15, 1, 0x00, body, len, &n);
	ok(n.blocks.count == 0, "nor does a commit with nothing to say");
	note(15, 1, 0x80, body, len, &n);
	ok(has(&n, 5, 500, PG_BLOCK_DROPPED, 0) &&
	    has(&n, 5, 501, PG_BLOCK_DROPPED, 0) && !n.lost_some,
	    "a commit drops two relations");
	pg_notes_release(&n);
	note(15, 1, 0x80 | 0x30, body, len, &n);
	is_u64(n.blocks.count, 2, "so does one that was prepared");
	len = commit_body(body, 3);
	note(15, 1, 0x80, body, len, &n);
	ok(n.lost_some, "a list that goes past what is there is said");
	pg_notes_release(&n);
}

static void
test_other_kinds(void)
{
	struct pg_notes n = PG_NOTES_EMPTY;
	uint8_t body[64] = { 255, 20 };

	put_le32(body + 2, 9);
	(void)put_relation(body + 6, 600);
	note(15, 2, 0x20, body, 22, &n);
	ok(has(&n, 5, 600, PG_BLOCK_CUT, 0), "a relation is cut short");
	body[1] = 12;
	put_le32(body + 2, 0);
	put_le32(body + 6, 4321);
	note(15, 3, 0x10, body, 14, &n);
	ok(n.has_oldest_xid && n.oldest_xid == 4321, "old states go");
	body[1] = 16;
	put_le32(body + 10, 8765);
	note(17, 3, 0x10, body, 18, &n);
	is_u64(n.oldest_xid, 8765, "... in 17 as well");
	body[1] = 8;
	put_le64(body + 2, 0x2000028);
	note(15, 0, 0x50, body, 10, &n);
	ok(n.has_backup_end && n.backup_end_of == 0x2000028,
	    "a backup ends");
	put_le32(body + 2, 16500);
	note(15, 4, 0x20, body, 10, &n);
	note(14, 4, 0x10, body, 10, &n);
	is_u64(n.blocks.count, 2, "a database goes, however it is told");
	note(14, 4, 0x00, body, 10, &n);
	is_u64(n.blocks.count, 2, "... and one that is made does not");
	pg_notes_release(&n);
}

static void
test_cut_records(void)
{
	struct pg_notes n = PG_NOTES_EMPTY;
	uint8_t body[128];
	size_t len = image_body(body, 2, false);
	size_t i;

	for (i = 0; i < len - 10; i++) {
		uint8_t *exact = mem_alloc(i + 1);

		memcpy(exact, body, i);
		note(15, 10, 0, exact, i, &n);
		free(exact);
	}
	is_u64(n.blocks.count, 0, "a record cut anywhere says nothing");
	pg_notes_release(&n);
}

int
main(void)
{
	test_walks_each_release();
	test_long_records();
	test_switch();
	test_overwritten_record();
	test_bad_records();
	test_bad_pages();
	test_segments();
	test_odd_starts();
	test_images();
	test_same_relation();
	test_drops();
	test_other_kinds();
	test_cut_records();
	return done();
}
