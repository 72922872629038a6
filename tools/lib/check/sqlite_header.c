/* SPDX-License-Identifier: BSD-2-Clause */
/* Headers of SQLite's files; see sqlite_header.h. */
#include "check/sqlite_header.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"

#define WAL_HEADER_LEN 32
#define WAL_FRAME_LEN 24	/* and a page behind it */
#define JOURNAL_HEADER_LEN 28

static const char magic[16] = "SQLite format 3";
static const uint8_t journal_magic[8] = {
	0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7
};

bool
sqlite_header_matches(const uint8_t *head, size_t len)
{
	return len >= sizeof magic && memcmp(head, magic, sizeof magic) == 0;
}

static bool
is_page_size(uint32_t size)
{
	return size >= 512 && size <= 65536 && (size & (size - 1)) == 0;
}

int
sqlite_header_parse(struct sqlite_header *h,
    const uint8_t head[SQLITE_HEADER_LEN], struct err *err)
{
	uint32_t size = get_be16(head + 16);

	h->page_size = size == 1 ? 65536 : size;
	if (!is_page_size(h->page_size))
		return err_set(err, ERR_DAMAGED, 0, "its header says pages of "
		    "%u bytes, which cannot be", (unsigned)h->page_size);
	if (head[18] < 1 || head[18] > 2 || head[19] < 1 || head[19] > 2)
		return err_set(err, ERR_DAMAGED, 0, "its header says format "
		    "versions %u and %u, which SQLite does not read",
		    head[18], head[19]);
	h->is_wal = head[18] == 2;
	/* The count is right when the same writer wrote both numbers. */
	h->pages = get_be32(head + 24) == get_be32(head + 92) ?
	    get_be32(head + 28) : 0;
	return 0;
}

int
sqlite_wal_frames(struct source *wal, uint32_t page_size, uint64_t *frames,
    struct err *err)
{
	uint8_t head[WAL_HEADER_LEN], frame[WAL_FRAME_LEN];
	uint64_t step = WAL_FRAME_LEN + (uint64_t)page_size;
	uint64_t at, count = 0;

	*frames = 0;
	if (wal->size < sizeof head)
		return 0;
	if (wal->read_at(wal, 0, head, sizeof head, err) == -1)
		return -1;
	if ((get_be32(head) & ~1U) != 0x377f0682U ||
	    get_be32(head + 8) != page_size)
		return 0;
	for (at = sizeof head; at + step <= wal->size; at += step) {
		if (wal->read_at(wal, at, frame, sizeof frame, err) == -1)
			return -1;
		if (memcmp(frame + 8, head + 16, 8) != 0)
			break;		/* of an earlier round */
		count++;
		if (get_be32(frame + 4) != 0)
			*frames = count;	/* a commit */
	}
	return 0;
}

int
sqlite_journal_pages(struct source *journal, uint64_t *pages,
    struct err *err)
{
	uint8_t head[JOURNAL_HEADER_LEN];
	uint32_t sector, page, count;

	*pages = 0;
	if (journal->size < sizeof head)
		return 0;
	if (journal->read_at(journal, 0, head, sizeof head, err) == -1)
		return -1;
	if (memcmp(head, journal_magic, sizeof journal_magic) != 0)
		return 0;
	count = get_be32(head + 8);
	sector = get_be32(head + 20);
	page = get_be32(head + 24);
	/* -1: as many as the file holds; 0 likewise, when it was not flushed. */
	if ((count == UINT32_MAX || count == 0) && is_page_size(page) &&
	    journal->size > sector)
		*pages = (journal->size - sector) / ((uint64_t)page + 8);
	else
		*pages = count;
	return 0;
}
