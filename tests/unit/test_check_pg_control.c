/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check/pg_control: each release's layout, read from files made here to the
 * table of offsets (only that of 13 to 16 could be compared with a real
 * server, in tests/check/postgres.sh).
 */
#include "check/pg_control.h"
#include "harness.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "codec/crc.h"

/* Offsets of one release, as its own headers lay the struct out. */
struct release {
	uint32_t version;
	uint32_t catalog;
	unsigned major;
	size_t redo, timeline, xid, multi, oldest, time, recovery, sizes, wal_sizes;
	size_t checksums, crc;
};

static const struct release releases[] = {
	{ 960, 201608131, 9, 48, 56, 72, 80, 88, 104, 136, 216, 224, 252, 256 },
	{ 1002, 201707211, 10, 48, 56, 72, 80, 88, 104,
	    136, 216, 224, 252, 288 },
	{ 1100, 201809051, 11, 40, 48, 64, 72, 80, 96,
	    128, 208, 216, 244, 280 },
	{ 1201, 201909212, 12, 40, 48, 64, 76, 84, 104,
	    136, 216, 224, 252, 288 },
	{ 1300, 202007201, 13, 40, 48, 64, 76, 84, 104,
	    136, 216, 224, 252, 288 },
	{ 1300, 202107181, 14, 40, 48, 64, 76, 84, 104,
	    136, 216, 224, 252, 288 },
	{ 1300, 202209061, 15, 40, 48, 64, 76, 84, 104,
	    136, 216, 224, 252, 288 },
	{ 1300, 202307071, 16, 40, 48, 64, 76, 84, 104,
	    136, 216, 224, 252, 288 },
	{ 1700, 202406281, 17, 40, 48, 64, 76, 84, 104,
	    136, 216, 224, 252, 288 },
	{ 1800, 202506291, 18, 40, 48, 64, 76, 84, 104,
	    136, 216, 224, 252, 292 },
	{ 1902, 202700000, 19, 40, 48, 72, 84, 96, 112,
	    144, 224, 236, 264, 304 },
};
#define RELEASES (sizeof(releases) / sizeof(releases[0]))

static void
seal(uint8_t *data, size_t at)
{
	put_le32(data + at, crc_32c(0, data, at));
}

static void
make(uint8_t data[PG_CONTROL_LEN], const struct release *r)
{
	memset(data, 0, PG_CONTROL_LEN);
	put_le64(data, 0x1122334455667788);
	put_le32(data + 8, r->version);
	put_le32(data + 12, r->catalog);
	put_le32(data + 16, PG_IN_PRODUCTION);
	put_le64(data + 24, 1700000001);
	put_le64(data + 32, 0x203040);
	put_le64(data + r->redo, 0x203000);
	put_le32(data + r->timeline, 3);
	put_le32(data + r->xid, 777);
	put_le32(data + r->multi, 21);
	put_le32(data + r->oldest, 716);
	put_le32(data + r->oldest + 8, 20);
	put_le64(data + r->time, 1700000000);
	put_le64(data + r->recovery, 0x99);
	put_le32(data + r->recovery + 8, 4);
	put_le64(data + r->recovery + 16, 0x77);
	put_le32(data + r->sizes, 8192);
	put_le32(data + r->sizes + 4, 131072);
	put_le32(data + r->wal_sizes, 4096);
	put_le32(data + r->wal_sizes + 4, 16U << 20);
	put_le32(data + r->checksums, 1);
	seal(data, r->crc);
}

static void
test_reads_each_release(void)
{
	uint8_t data[PG_CONTROL_LEN];
	struct pg_control c;
	struct err err;
	size_t i;

	for (i = 0; i < RELEASES; i++) {
		const struct release *r = &releases[i];

		err_clear(&err);
		make(data, r);
		if (!ok(pg_control_parse(data, sizeof(data), &c, &err) == 0,
		    "release %u is read", r->major))
			continue;
		is_u64(c.major, r->major, "... its number");
		ok(c.has_layout && c.crc_ok, "... its checksum");
		ok(c.state == PG_IN_PRODUCTION && c.updated_s == 1700000001 &&
		    c.checkpoint == 0x203040 && c.redo == 0x203000 &&
		    c.timeline == 3, "... where it was left");
		ok(c.next_xid == 777 && c.oldest_xid == 716 &&
		    c.next_multi == 21 && c.oldest_multi == 20 &&
		    c.checkpoint_s == 1700000000, "... its counters");
		ok(c.min_recovery == 0x99 && c.min_recovery_timeline == 4 &&
		    c.backup_start == 0x77, "... its recovery");
		ok(c.block_size == 8192 && c.segment_blocks == 131072 &&
		    c.wal_block_size == 4096 &&
		    c.wal_segment_size == 16U << 20 && c.checksums == 1,
		    "... its sizes");
		data[r->crc - 1] ^= 1;
		ok(pg_control_parse(data, sizeof(data), &c, &err) == 0 &&
		    !c.crc_ok, "... and a changed byte");
	}
}

static void
test_ends_at_its_checksum(void)
{
	uint8_t data[PG_CONTROL_LEN];
	struct pg_control c;
	struct err err;
	size_t i;

	for (i = 0; i < RELEASES; i++) {
		const struct release *r = &releases[i];

		err_clear(&err);
		make(data, r);
		ok(pg_control_parse(data, r->crc + 4, &c, &err) == 0 &&
		    c.crc_ok, "release %u: cut after its checksum is whole",
		    r->major);
		ok(pg_control_parse(data, r->crc + 3, &c, &err) == -1 &&
		    err.class == ERR_DAMAGED,
		    "release %u: cut within its checksum", r->major);
	}
	err_clear(&err);
	ok(pg_control_parse(data, 0, &c, &err) == -1 &&
	    err.class == ERR_DAMAGED, "an empty file");
}

static void
test_unknown_release(void)
{
	struct release r = releases[9];
	uint8_t data[PG_CONTROL_LEN];
	struct pg_control c;
	struct err err;

	err_clear(&err);
	r.version = 2400;
	r.catalog = 203012011;
	r.crc = 316;
	make(data, &r);
	ok(pg_control_parse(data, sizeof(data), &c, &err) == 0 &&
	    !c.has_layout && c.major == 0, "a release to come has no layout");
	ok(c.crc_ok && c.state == PG_IN_PRODUCTION && c.checkpoint == 0x203040,
	    "... but its checksum is found, and its state is read");
	data[20] ^= 1;
	ok(pg_control_parse(data, sizeof(data), &c, &err) == 0 && !c.crc_ok,
	    "... unless a byte changed");
	r.version = 1300;
	make(data, &r);
	ok(pg_control_parse(data, sizeof(data), &c, &err) == 0 &&
	    c.has_layout && c.major == 0,
	    "an unknown catalog of a known layout is no release");
}

static void
test_refuses_impossible_sizes(void)
{
	static const struct {
		size_t at;
		uint32_t value;
		bool is_possible;
	} cases[] = {
		{ 216, 0, false }, { 216, 512, false }, { 216, 1024, true },
		{ 216, 8191, false }, { 216, 32768, true },
		{ 216, 65536, false }, { 220, 0, false }, { 220, 1, true },
		{ 224, 512, false }, { 224, 65536, true },
		{ 224, 131072, false }, { 228, 1U << 19, false },
		{ 228, 1U << 20, true }, { 228, 1U << 30, true },
		{ 228, 1U << 31, false }, { 228, 3U << 20, false },
	};
	uint8_t data[PG_CONTROL_LEN];
	struct pg_control c;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		err_clear(&err);
		make(data, &releases[6]);
		put_le32(data + cases[i].at, cases[i].value);
		seal(data, releases[6].crc);
		ok((pg_control_parse(data, sizeof(data), &c, &err) == 0) ==
		    cases[i].is_possible, "size at %zu of %u: %s",
		    cases[i].at, cases[i].value,
		    cases[i].is_possible ? "may be" : "cannot be");
	}
}

static void
test_states(void)
{
	struct pg_control c;

	pg_control_assume(&c, 15);
	is_u64(c.block_size, 8192, "a lost control file: the usual pages");
	ok(!c.crc_ok && !c.has_layout, "... and nothing trusted");
	c.state = PG_SHUT_DOWN;
	ok(pg_control_is_clean(&c), "shut down is clean");
	c.state = PG_SHUT_DOWN_IN_RECOVERY;
	ok(pg_control_is_clean(&c), "... in recovery as well");
	c.state = PG_SHUTTING_DOWN;
	ok(!pg_control_is_clean(&c), "shutting down is not");
	is_str(pg_state_name(PG_IN_PRODUCTION), "in production",
	    "states have names");
	is_str(pg_state_name(7), "in a state that is not known",
	    "... those that are not known too");
}

int
main(void)
{
	test_reads_each_release();
	test_ends_at_its_checksum();
	test_unknown_release();
	test_refuses_impossible_sizes();
	test_states();
	return done();
}
