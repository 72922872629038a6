/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One page of a PostgreSQL relation: is it what the server would accept?
 */
#ifndef CHECK_PG_PAGE_H
#define CHECK_PG_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#define PG_PAGE_HEADER 24	/* bytes before the line pointers */

enum pg_page {
	PG_PAGE_SOUND,
	PG_PAGE_NEW,		/* zeros throughout: allocated, never filled */
	PG_PAGE_BAD_HEADER,
	PG_PAGE_BAD_CHECKSUM
};

/*
 * Judge a page of size bytes, a power of two from 1024 to 32768.  block is
 * its number in the whole relation, segments before it included; it is part
 * of the checksum, which is looked at only when has_checksum.
 */
enum pg_page pg_page_check(const uint8_t *page, uint32_t size,
    uint32_t block, bool has_checksum);

/* The log position of the last change to a page that is not new. */
uint64_t pg_page_lsn(const uint8_t *page);

uint16_t pg_page_checksum(const uint8_t *page, uint32_t size, uint32_t block);

/* "its checksum does not match"; for sound and new pages "". */
const char *pg_page_fault(enum pg_page verdict);

#endif
