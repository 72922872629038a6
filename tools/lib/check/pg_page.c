/* SPDX-License-Identifier: BSD-2-Clause */
/* One page of a PostgreSQL relation. */
#include "check/pg_page.h"

#include <stddef.h>

#include "base/bytes.h"

#define LANES 32U
#define PRIME 16777619U
#define LAYOUT_VERSION 4U	/* since 8.3 */
#define FLAGS_KNOWN 7U

static uint32_t
mixed(uint32_t sum, uint32_t word)
{
	uint32_t t = sum ^ word;

	return t * PRIME ^ t >> 17;
}

/*
 * 32 sums side by side, each over every 32nd word, so that the compiler can
 * keep them in vector registers.
 */
uint16_t
pg_page_checksum(const uint8_t *page, uint32_t size, uint32_t block)
{
	uint32_t sums[LANES] = {
		0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A,
		0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C,
		0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA,
		0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
		0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE,
		0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4,
		0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E,
		0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756,
	};
	uint32_t row[LANES];
	uint32_t result = 0;
	uint32_t at;
	unsigned i;

	for (at = 0; at < size; at += sizeof(row)) {
		for (i = 0; i < LANES; i++)
			row[i] = get_le32(page + at + (size_t)4 * i);
		if (at == 0)
			row[2] &= 0xFFFF0000U;	/* where the checksum stands */
		for (i = 0; i < LANES; i++)
			sums[i] = mixed(sums[i], row[i]);
	}
	for (i = 0; i < LANES; i++)
		result ^= mixed(mixed(sums[i], 0), 0);
	/* Never 0, and by 65535, whatever some copies of the rule say. */
	return (uint16_t)((result ^ block) % 65535U + 1);
}

static bool
is_zero(const uint8_t *page, uint32_t size)
{
	uint64_t any = 0;
	uint32_t at;

	/* Nearly every page that is not new shows it in its first bytes. */
	if (get_le64(page) != 0 || get_le64(page + 8) != 0)
		return false;
	for (at = 0; at < size; at += 8)
		any |= get_le64(page + at);
	return any == 0;
}

static bool
header_is_sane(const uint8_t *page, uint32_t size)
{
	uint32_t lower = get_le16(page + 12);
	uint32_t upper = get_le16(page + 14);
	uint32_t special = get_le16(page + 16);

	return (get_le16(page + 10) & ~FLAGS_KNOWN) == 0 &&
	    lower >= PG_PAGE_HEADER && lower <= upper && upper <= special &&
	    special <= size && special % 8 == 0 &&
	    get_le16(page + 18) == (size | LAYOUT_VERSION);
}

enum pg_page
pg_page_check(const uint8_t *page, uint32_t size, uint32_t block,
    bool has_checksum)
{
	if (is_zero(page, size))
		return PG_PAGE_NEW;
	if (!header_is_sane(page, size))
		return PG_PAGE_BAD_HEADER;
	if (has_checksum &&
	    get_le16(page + 8) != pg_page_checksum(page, size, block))
		return PG_PAGE_BAD_CHECKSUM;
	return PG_PAGE_SOUND;
}

uint64_t
pg_page_lsn(const uint8_t *page)
{
	return (uint64_t)get_le32(page) << 32 | get_le32(page + 4);
}

const char *
pg_page_fault(enum pg_page verdict)
{
	switch (verdict) {
	case PG_PAGE_BAD_HEADER:
		return "its header makes no sense";
	case PG_PAGE_BAD_CHECKSUM:
		return "its checksum does not match";
	case PG_PAGE_SOUND:
	case PG_PAGE_NEW:
		break;
	}
	return "";
}
