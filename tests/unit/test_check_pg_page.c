/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check/pg_page, pg_name, pg_blocks: pages judged as the server would, names
 * read as it writes them, a set of blocks that knows when it is full.
 */
#include "check/pg_page.h"
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "check/pg_blocks.h"
#include "check/pg_name.h"

#define SIZE 8192U

/* A page with some content and a sane header. */
static void
make(uint8_t *page, uint32_t size, uint32_t block)
{
	uint32_t i;

	for (i = 0; i < size; i++)
		page[i] = (uint8_t)(i * 7 + i / 256);
	put_le32(page, 1);
	put_le32(page + 4, 0x2345678);
	put_le16(page + 10, 4);
	put_le16(page + 12, 64);
	put_le16(page + 14, 512);
	put_le16(page + 16, (uint16_t)(size - 16));
	put_le16(page + 18, (uint16_t)(size | 4));
	put_le16(page + 8, pg_page_checksum(page, size, block));
}

static void
test_checksum(void)
{
	uint8_t *page = mem_alloc(SIZE);
	uint32_t i;

	make(page, SIZE, 7);
	/* As the headers of a server of release 15 compute them. */
	ok(pg_page_checksum(page, SIZE, 0) == 0xB579 &&
	    pg_page_checksum(page, SIZE, 7) == 0xB576 &&
	    pg_page_checksum(page, SIZE, 200000) == 0xAA38,
	    "the server's checksums");
	ok(pg_page_check(page, SIZE, 7, true) == PG_PAGE_SOUND,
	    "a page with its checksum is sound");
	is_u64(pg_page_lsn(page), 0x102345678, "its age: high word first");
	ok(pg_page_check(page, SIZE, 8, true) == PG_PAGE_BAD_CHECKSUM,
	    "at another place it is not");
	ok(pg_page_check(page, SIZE, 8, false) == PG_PAGE_SOUND,
	    "... unless there are no checksums");
	page[5000] ^= 4;
	ok(pg_page_check(page, SIZE, 7, true) == PG_PAGE_BAD_CHECKSUM,
	    "one changed bit is seen");
	page[5000] ^= 4;
	/* By 65536 the sum of some block would be 0; by 65535 of none is. */
	for (i = 0; i < 70000; i++)
		if (pg_page_checksum(page, SIZE, i) == 0)
			break;
	is_u64(i, 70000, "no block's checksum is 0");
	free(page);
}

static void
test_header(void)
{
	static const struct {
		size_t at;
		uint16_t value;
		enum pg_page verdict;
		const char *what;
	} cases[] = {
		{ 10, 7, PG_PAGE_SOUND, "all flags known" },
		{ 10, 8, PG_PAGE_BAD_HEADER, "an unknown flag" },
		{ 12, 23, PG_PAGE_BAD_HEADER, "lower within the header" },
		{ 12, 24, PG_PAGE_SOUND, "lower right after the header" },
		{ 12, 513, PG_PAGE_BAD_HEADER, "lower above upper" },
		{ 12, 512, PG_PAGE_SOUND, "lower at upper" },
		{ 14, 0, PG_PAGE_BAD_HEADER, "upper zeroed" },
		{ 14, SIZE - 15, PG_PAGE_BAD_HEADER, "upper above special" },
		{ 16, SIZE, PG_PAGE_SOUND, "special at the end" },
		{ 16, SIZE + 8, PG_PAGE_BAD_HEADER, "special past the end" },
		{ 16, SIZE - 12, PG_PAGE_BAD_HEADER, "special not aligned" },
		{ 18, SIZE | 3, PG_PAGE_BAD_HEADER, "another layout" },
		{ 18, 4096 | 4, PG_PAGE_BAD_HEADER, "another size" },
	};
	uint8_t *page = mem_alloc(SIZE);
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make(page, SIZE, 0);
		put_le16(page + cases[i].at, cases[i].value);
		ok(pg_page_check(page, SIZE, 0, false) == cases[i].verdict,
		    "%s", cases[i].what);
	}
	free(page);
}

static void
test_new_pages(void)
{
	uint8_t *page = mem_zero(SIZE, 1);

	ok(pg_page_check(page, SIZE, 3, true) == PG_PAGE_NEW,
	    "zeros throughout are a new page");
	page[SIZE - 1] = 1;
	ok(pg_page_check(page, SIZE, 3, true) == PG_PAGE_BAD_HEADER,
	    "zeros but for the last byte are not");
	free(page);
}

static void
test_page_sizes(void)
{
	uint32_t size;

	for (size = 1024; size <= 32768; size *= 2) {
		uint8_t *page = mem_alloc(size);

		make(page, size, 5);
		ok(pg_page_check(page, size, 5, true) == PG_PAGE_SOUND,
		    "pages of %u bytes", size);
		free(page);
	}
}

static void
test_names(void)
{
	static const char *const wrong[] = {
		"", "0", "016384", "16384.", "16384.0", "16384.01", "16384_",
		"16384_foo", "16384_fsm_", "16384_fsm.x", "t3_16384",
		"4294967296", "16384.4294967296", "-1", " 1", "pg_control",
	};
	struct pg_name n;
	uint32_t number;
	size_t i;

	ok(pg_name_parse("16384", &n) && n.file == 16384 &&
	    n.fork == PG_FORK_MAIN && n.segment == 0, "a relation's file");
	ok(pg_name_parse("16384.12", &n) && n.segment == 12, "a segment");
	ok(pg_name_parse("1_fsm", &n) && n.file == 1 &&
	    n.fork == PG_FORK_FSM, "free space");
	ok(pg_name_parse("4294967295_vm.1", &n) && n.file == UINT32_MAX &&
	    n.fork == PG_FORK_VM && n.segment == 1, "visibility");
	ok(pg_name_parse("7_init", &n) && n.fork == PG_FORK_INIT, "init");
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ok(!pg_name_parse(wrong[i], &n), "'%s' is no such name",
		    wrong[i]);
	ok(pg_name_number("16400", &number) && number == 16400 &&
	    !pg_name_number("16400x", &number) && number == 16400,
	    "numbers stand alone");
}

static void
test_log_names(void)
{
	char name[PG_WAL_NAME_LEN + 1], lsn[PG_LSN_TEXT];
	uint32_t timeline;
	uint64_t number;

	ok(pg_name_parse_wal("0000000200000003000000FF", 16U << 20, &timeline,
	    &number) && timeline == 2 && number == 0x3FF, "a segment");
	ok(!pg_name_parse_wal("000000020000000300000100", 16U << 20,
	    &timeline, &number), "its last part is within 4 GiB");
	ok(pg_name_parse_wal("000000020000000300000FFF", 1U << 20, &timeline,
	    &number) && number == 0x3FFF, "... which smaller ones fill later");
	ok(!pg_name_parse_wal("000000000000000300000001", 16U << 20,
	    &timeline, &number), "there is no timeline 0");
	ok(!pg_name_parse_wal("00000001000000030000000a", 16U << 20,
	    &timeline, &number) && !pg_name_parse_wal(
	    "000000010000000300000001.partial", 16U << 20, &timeline,
	    &number), "other files of the folder are none");
	pg_name_format_wal(2, 0x3FF, 16U << 20, name);
	is_str(name, "0000000200000003000000FF", "written as read");
	is_str(pg_lsn_format(0xA042CEE40, lsn), "A/42CEE40", "positions");
	ok(pg_lsn_parse("A/42CEE40 (file", &number) &&
	    number == 0xA042CEE40, "... read as written");
	ok(!pg_lsn_parse("A42CEE40", &number) &&
	    !pg_lsn_parse("/1", &number) && !pg_lsn_parse("1/", &number) &&
	    !pg_lsn_parse("123456789/0", &number), "... and nothing else");
}

static void
test_blocks(void)
{
	struct pg_blocks set = PG_BLOCKS_EMPTY;
	struct pg_block b = { 1663, 5, 16384, 0, 0 };
	uint32_t i, missing = 0;

	ok(!pg_blocks_has(&set, &b), "an empty set has nothing");
	for (i = 0; i < PG_BLOCKS_MAX - 1; i++) {
		b.block = i;
		pg_blocks_add(&set, &b);
	}
	pg_blocks_add(&set, &b);
	is_u64(set.count, PG_BLOCKS_MAX - 1, "what is there counts once");
	b.block = i++;
	pg_blocks_add(&set, &b);
	ok(set.count == PG_BLOCKS_MAX && !set.is_full, "the limit is kept");
	pg_blocks_add(&set, &b);
	ok(!set.is_full, "... what is there may come again");
	b.block = i;
	pg_blocks_add(&set, &b);
	ok(set.count == PG_BLOCKS_MAX && set.is_full, "... one more is said");
	ok(!pg_blocks_has(&set, &b), "... and not there");
	for (i = 0; i < PG_BLOCKS_MAX; i++) {
		b.block = i;
		missing += pg_blocks_has(&set, &b) ? 0 : 1;
	}
	is_u64(missing, 0, "all others are");
	b.block = 9;
	b.database = 6;
	ok(!pg_blocks_has(&set, &b), "another database's block is another");
	b.database = 5;
	b.fork = PG_BLOCK_DROPPED;
	ok(!pg_blocks_has(&set, &b), "... as is another fork's");
	pg_blocks_release(&set);
	b.file = 0;
	pg_blocks_add(&set, &b);
	is_u64(set.count, 0, "no relation has the number 0");
	pg_blocks_release(&set);
}

int
main(void)
{
	test_checksum();
	test_header();
	test_new_pages();
	test_page_sizes();
	test_names();
	test_log_names();
	test_blocks();
	return done();
}
