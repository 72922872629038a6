/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check/pg_heap and check/pg_small: rows and small files made here.  Real
 * ones are read in tests/check/postgres.sh.
 */
#include "check/pg_heap.h"
#include "harness.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "check/pg_small.h"
#include "codec/crc.h"

#define SIZE 8192U
#define HEADER 24U

/* -------------------------------------------------------------------- rows */

/* Put a row of len bytes at the end; returns its data. */
static uint8_t *
add_row(uint8_t *page, uint32_t len)
{
	uint16_t lower = get_le16(page + 12);
	uint16_t upper = get_le16(page + 14);

	if (lower == 0) {
		lower = 24;
		upper = SIZE;
	}
	upper = (uint16_t)(upper - HEADER - len);
	put_le32(page + lower, upper | 1U << 15 | (HEADER + len) << 17);
	put_le16(page + 12, (uint16_t)(lower + 4));
	put_le16(page + 14, upper);
	page[upper + 22] = HEADER;
	return page + upper + HEADER;
}

static void
test_rows(void)
{
	static uint8_t page[SIZE];
	struct pg_row row;
	unsigned item = 0, rows = 0;

	memset(page, 0, sizeof(page));
	ok(!pg_heap_next(page, SIZE, &item, &row), "an empty page");
	(void)add_row(page, 10);
	(void)add_row(page, 20);
	(void)add_row(page, 30);
	put_le32(page + 28, get_le32(page + 28) ^ 1U << 15);	/* unused */
	item = 0;
	while (pg_heap_next(page, SIZE, &item, &row))
		rows += (unsigned)row.len;
	is_u64(rows, 40, "an unused place is passed over");
	put_le32(page + 32, 8190U | 1U << 15 | 54U << 17);
	item = rows = 0;
	while (pg_heap_next(page, SIZE, &item, &row))
		rows += (unsigned)row.len;
	is_u64(rows, 10, "... and a row that leaves the page");
	page[SIZE - HEADER - 10 + 22] = 35;
	item = 0;
	ok(!pg_heap_next(page, SIZE, &item, &row),
	    "... and one that is all header");
	put_le16(page + 12, SIZE + 1);
	item = 0;
	ok(!pg_heap_next(page, SIZE, &item, &row), "... and a page of those");
}

/* Transactions: 10 committed, 11 rolled back, 12 open, others not known. */
static enum pg_xact
state_of(void *ctx, uint32_t xid)
{
	(void)ctx;
	switch (xid) {
	case 10:
		return PG_XACT_COMMITTED;
	case 11:
		return PG_XACT_ABORTED;
	case 12:
		return PG_XACT_OPEN;
	default:
		return PG_XACT_UNKNOWN;
	}
}

static void
test_live(void)
{
	static const struct {
		uint32_t xmin, xmax;
		uint16_t mask;
		enum pg_live crashed, shut_down;
	} cases[] = {
		{ 10, 0, 0x0800, PG_LIVE, PG_LIVE },
		{ 11, 0, 0x0800, PG_DEAD, PG_DEAD },
		{ 12, 0, 0x0800, PG_LIVE_UNSURE, PG_DEAD },
		{ 13, 0, 0x0800, PG_LIVE_UNSURE, PG_LIVE_UNSURE },
		{ 13, 0, 0x0900, PG_LIVE, PG_LIVE },	/* hint: committed */
		{ 13, 0, 0x0B00, PG_LIVE, PG_LIVE },	/* frozen */
		{ 10, 0, 0x0A00, PG_DEAD, PG_DEAD },	/* hint: rolled back */
		{ 2, 0, 0x0800, PG_LIVE, PG_LIVE },	/* fixed */
		{ 10, 10, 0, PG_DEAD, PG_DEAD },
		{ 10, 11, 0, PG_LIVE, PG_LIVE },
		{ 10, 12, 0, PG_LIVE_UNSURE, PG_LIVE },
		{ 10, 13, 0x0400, PG_DEAD, PG_DEAD },	/* hint: committed */
		{ 10, 10, 0x0080, PG_LIVE, PG_LIVE },	/* locked only */
		{ 10, 10, 0x0040, PG_LIVE, PG_LIVE },	/* the same, old */
		{ 10, 10, 0x1000, PG_LIVE_UNSURE, PG_LIVE_UNSURE },
		{ 10, 10, 0x1080, PG_LIVE, PG_LIVE },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pg_row row = {
			.xmin = cases[i].xmin, .xmax = cases[i].xmax,
			.mask = cases[i].mask,
		};

		ok(pg_row_live(&row, state_of, NULL, false) ==
		    cases[i].crashed && pg_row_live(&row, state_of, NULL,
		    true) == cases[i].shut_down, "made by %u, ended by %u, "
		    "mask %04x", row.xmin, row.xmax, row.mask);
	}
}

static void
test_classes(void)
{
	static const unsigned majors[] = { 12, 15, 17, 18 };
	uint8_t data[160];
	struct pg_class c;
	size_t i;

	for (i = 0; i < 4; i++) {
		size_t flags = majors[i] >= 18 ? 117 : 113;
		struct pg_row row = { .data = data, .len = flags + 3 };

		memset(data, 0, sizeof(data));
		put_le32(data, 16384);
		memcpy(data + 4, "orders", 7);
		put_le32(data + 88, 16390);
		put_le32(data + 92, 1663);
		put_le32(data + 96, 42);
		data[flags] = 1;
		data[flags + 1] = 'u';
		data[flags + 2] = 'r';
		ok(pg_row_class(&row, majors[i], &c) && c.oid == 16384 &&
		    c.file == 16390 && c.space == 1663 && c.pages == 42 &&
		    c.is_shared && c.persistence == 'u' && c.kind == 'r' &&
		    strcmp(c.name, "orders") == 0, "pg_class of %u",
		    majors[i]);
		row.len--;
		ok(!pg_row_class(&row, majors[i], &c), "... one byte less");
		memset(data + 4, 'x', 64);
		row.len++;
		ok(pg_row_class(&row, majors[i], &c) &&
		    strlen(c.name) == 63, "... a name without an end");
	}
	is_str(pg_class_kind('i'), "index", "kinds with files have names");
	is_str(pg_class_kind('v'), NULL, "... a view has no file");
}

static void
test_databases(void)
{
	static const unsigned majors[] = { 12, 14, 15, 18 };
	uint8_t data[240];
	struct pg_database d;
	size_t i;

	for (i = 0; i < 4; i++) {
		size_t limit = majors[i] >= 15 ? 80 : 208;
		size_t space = majors[i] >= 15 ? 92 : 224;
		struct pg_row row = { .data = data, .len = space + 4 };

		memset(data, 0, sizeof(data));
		put_le32(data, 5);
		memcpy(data + 4, "shop", 5);
		put_le32(data + limit, (uint32_t)-1);
		put_le32(data + space, 1663);
		ok(pg_row_database(&row, majors[i], &d) && d.oid == 5 &&
		    d.space == 1663 && !d.is_invalid &&
		    strcmp(d.name, "shop") == 0, "pg_database of %u",
		    majors[i]);
		put_le32(data + limit, (uint32_t)-2);
		ok(pg_row_database(&row, majors[i], &d) && d.is_invalid,
		    "... half dropped");
		row.len--;
		ok(!pg_row_database(&row, majors[i], &d),
		    "... one byte less");
	}
}

static void
test_maps(void)
{
	static const struct {
		size_t len, crc;
		uint32_t max;
	} forms[] = { { 512, 504, 62 }, { 524, 520, 64 } };
	uint8_t data[PG_MAP_BYTES_MAX];
	struct pg_map map;
	struct err err;
	size_t i;

	for (i = 0; i < 2; i++) {
		size_t crc = forms[i].crc;
		uint32_t count;

		for (count = forms[i].max - 1; count <= forms[i].max + 1;
		    count++) {
			bool fits = count <= forms[i].max;

			err_clear(&err);
			memset(data, 0, sizeof(data));
			put_le32(data, 0x592717);
			put_le32(data + 4, count);
			put_le32(data + 8, 1259);
			put_le32(data + 12, 16999);
			put_le32(data + crc, crc_32c(0, data, crc));
			ok((pg_map_parse(data, forms[i].len, &map, &err) ==
			    0) == fits, "a map of %zu bytes, %u entries: %s",
			    forms[i].len, count, fits ? "read" : "refused");
			if (fits)
				ok(pg_map_file(&map, 1259) == 16999 &&
				    pg_map_file(&map, 1260) == 0,
				    "... looked up");
		}
		put_le32(data + 4, 1);
		put_le32(data + crc, crc_32c(0, data, crc) ^ 1);
		ok(pg_map_parse(data, forms[i].len, &map, &err) == -1 &&
		    err.class == ERR_DAMAGED, "another checksum");
		ok(pg_map_parse(data, crc + 3, &map, &err) == -1,
		    "cut within it");
	}
}

/* ------------------------------------------------------------- small files */

static void
test_slots(void)
{
	uint8_t data[200] = { 0 };
	struct pg_slot slot;
	struct err err;

	err_clear(&err);
	put_le32(data, 0x1051CA1);
	put_le32(data + 12, 184);
	memcpy(data + 16, "standby1", 9);
	put_le64(data + 96, 0x5000028);
	put_le32(data + 4, crc_32c(0, data + 8, 192));
	ok(pg_slot_parse(data, 200, &slot, &err) == 0 &&
	    slot.is_persistent && slot.restart == 0x5000028 &&
	    strcmp(slot.name, "standby1") == 0, "a slot");
	ok(pg_slot_parse(data, 199, &slot, &err) == -1, "cut by a byte");
	ok(pg_slot_parse(data, 103, &slot, &err) == -1, "cut by half");
	data[150] ^= 1;
	ok(pg_slot_parse(data, 200, &slot, &err) == -1 &&
	    err.class == ERR_DAMAGED, "a changed byte");
	data[150] ^= 1;
	data[0] ^= 1;
	ok(pg_slot_parse(data, 200, &slot, &err) == -1, "another magic");
}

static void
test_texts(void)
{
	uint64_t start, checkpoint, pid;
	struct err err;

	err_clear(&err);
	ok(pg_label_parse("START WAL LOCATION: 0/2000028 (file x)\n"
	    "CHECKPOINT LOCATION: 0/2000060\nBACKUP METHOD: streamed\n",
	    &start, &checkpoint, &err) == 0 && start == 0x2000028 &&
	    checkpoint == 0x2000060, "a backup label");
	ok(pg_label_parse("CHECKPOINT LOCATION: 0/2000060\n", &start,
	    &checkpoint, &err) == -1 && err.class == ERR_DAMAGED,
	    "... without its start");
	ok(pg_label_parse("", &start, &checkpoint, &err) == -1,
	    "... empty");
	ok(pg_pid_parse("123\n/data\n", &pid) && pid == 123, "a lock");
	ok(pg_pid_parse("-7\n", &pid) && pid == 7, "... of one session");
	ok(!pg_pid_parse("", &pid) && !pg_pid_parse("x\n", &pid) &&
	    !pg_pid_parse("0\n", &pid) && !pg_pid_parse("12x\n", &pid) &&
	    !pg_pid_parse("-\n", &pid), "... garbage");
	is_u64(pg_version_parse("15\n"), 15, "a release");
	is_u64(pg_version_parse("9.6\n"), 9, "... an old one");
	ok(pg_version_parse("") == 0 && pg_version_parse("9.5\n") == 0 &&
	    pg_version_parse("15.2\n") == 0 && pg_version_parse("x") == 0,
	    "... garbage");
}

int
main(void)
{
	test_rows();
	test_live();
	test_classes();
	test_databases();
	test_maps();
	test_slots();
	test_texts();
	return done();
}
