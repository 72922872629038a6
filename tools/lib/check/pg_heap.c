/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of PostgreSQL's catalog. */
#include "check/pg_heap.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "check/pg_page.h"
#include "codec/crc.h"

#define ROW_HEADER 23U
#define ITEM_NORMAL 1U

/* Bits of a row's mask. */
#define XMAX_EXCLUSIVE 0x0040U
#define XMAX_LOCKS 0x0050U
#define XMAX_LOCK_ONLY 0x0080U
#define XMIN_COMMITTED 0x0100U
#define XMIN_INVALID 0x0200U
#define XMAX_COMMITTED 0x0400U
#define XMAX_INVALID 0x0800U
#define XMAX_IS_MULTI 0x1000U

#define XID_NORMAL 3U		/* those below are fixed, and committed */

#define MAP_MAGIC 0x592717U
#define MAP_HEADER 8U

bool
pg_heap_is_known(unsigned major)
{
	return major >= 12 && major <= 18;
}

bool
pg_heap_next(const uint8_t *page, uint32_t size, unsigned *item,
    struct pg_row *row)
{
	uint32_t lower = get_le16(page + 12);

	if (lower > size)
		return false;
	for (;;) {
		uint32_t at = PG_PAGE_HEADER + 4 * *item;
		uint32_t pointer, place, len, data;

		if (at + 4 > lower)
			return false;
		(*item)++;
		pointer = get_le32(page + at);
		place = pointer & 0x7FFF;
		len = pointer >> 17;
		if ((pointer >> 15 & 3) != ITEM_NORMAL || len < ROW_HEADER ||
		    place < PG_PAGE_HEADER || place + len > size)
			continue;
		data = page[place + 22];
		if (data < ROW_HEADER || data > len)
			continue;
		row->xmin = get_le32(page + place);
		row->xmax = get_le32(page + place + 4);
		row->mask = get_le16(page + place + 20);
		row->data = page + place + data;
		row->len = len - data;
		return true;
	}
}

static enum pg_xact
xact_of(uint32_t xid, pg_xact_state *state, void *ctx, bool open_is_aborted)
{
	enum pg_xact got;

	if (xid == 0)
		return PG_XACT_ABORTED;
	if (xid < XID_NORMAL)
		return PG_XACT_COMMITTED;
	got = state(ctx, xid);
	return got == PG_XACT_OPEN && open_is_aborted ? PG_XACT_ABORTED : got;
}

/* Whoever is in xmax only locks the row. */
static bool
only_locks(uint16_t mask)
{
	return (mask & XMAX_LOCK_ONLY) != 0 ||
	    (mask & (XMAX_IS_MULTI | XMAX_LOCKS)) == XMAX_EXCLUSIVE;
}

enum pg_live
pg_row_live(const struct pg_row *row, pg_xact_state *state, void *ctx,
    bool open_is_aborted)
{
	uint16_t mask = row->mask;
	enum pg_xact made = PG_XACT_COMMITTED, ended;

	if ((mask & XMIN_COMMITTED) == 0) {
		made = (mask & XMIN_INVALID) != 0 ? PG_XACT_ABORTED :
		    xact_of(row->xmin, state, ctx, open_is_aborted);
	}
	if (made == PG_XACT_ABORTED)
		return PG_DEAD;
	if (made != PG_XACT_COMMITTED)
		return PG_LIVE_UNSURE;
	if ((mask & XMAX_INVALID) != 0 || only_locks(mask))
		return PG_LIVE;
	if ((mask & XMAX_IS_MULTI) != 0)
		return PG_LIVE_UNSURE;
	if ((mask & XMAX_COMMITTED) != 0)
		return PG_DEAD;
	ended = xact_of(row->xmax, state, ctx, open_is_aborted);
	if (ended == PG_XACT_ABORTED)
		return PG_LIVE;
	return ended == PG_XACT_COMMITTED ? PG_DEAD : PG_LIVE_UNSURE;
}

static void
take_name(char out[PG_NAME_MAX], const uint8_t *data)
{
	memcpy(out, data, PG_NAME_MAX - 1);
	out[PG_NAME_MAX - 1] = '\0';
}

bool
pg_row_database(const struct pg_row *row, unsigned major,
    struct pg_database *db)
{
	/* The limit of connections, then two horizons, then the space. */
	size_t limit = major >= 15 ? 80 : 208;
	size_t space = major >= 15 ? 92 : 224;

	if (row->len < space + 4)
		return false;
	db->oid = get_le32(row->data);
	db->space = get_le32(row->data + space);
	db->is_invalid = get_le32(row->data + limit) == (uint32_t)-2;
	take_name(db->name, row->data + 4);
	return true;
}

bool
pg_row_class(const struct pg_row *row, unsigned major,
    struct pg_class *class)
{
	size_t flags = major >= 18 ? 117 : 113;

	if (row->len < flags + 3)
		return false;
	class->oid = get_le32(row->data);
	take_name(class->name, row->data + 4);
	class->file = get_le32(row->data + 88);
	class->space = get_le32(row->data + 92);
	class->pages = get_le32(row->data + 96);
	class->is_shared = row->data[flags] != 0;
	class->persistence = (char)row->data[flags + 1];
	class->kind = (char)row->data[flags + 2];
	return true;
}

const char *
pg_class_kind(char kind)
{
	switch (kind) {
	case 'r':
		return "table";
	case 'i':
		return "index";
	case 't':
		return "TOAST table";
	case 'm':
		return "materialized view";
	case 'S':
		return "sequence";
	default:
		return NULL;
	}
}

/* Room for 62 entries up to 15, for 64 since. */
static bool
map_is_sound(const uint8_t *data, size_t len, size_t crc_at)
{
	return len >= crc_at + 4 && get_le32(data) == MAP_MAGIC &&
	    get_le32(data + 4) <= (crc_at - MAP_HEADER) / 8 &&
	    crc_32c(0, data, crc_at) == get_le32(data + crc_at);
}

int
pg_map_parse(const uint8_t *data, size_t len, struct pg_map *map,
    struct err *err)
{
	unsigned i;

	if (!map_is_sound(data, len, 504) && !map_is_sound(data, len, 520))
		return err_set(err, ERR_DAMAGED, 0,
		    "its checksum does not match");
	map->count = get_le32(data + 4);
	for (i = 0; i < map->count; i++) {
		map->items[i].oid = get_le32(data + MAP_HEADER + 8 * i);
		map->items[i].file = get_le32(data + MAP_HEADER + 8 * i + 4);
	}
	return 0;
}

uint32_t
pg_map_file(const struct pg_map *map, uint32_t oid)
{
	unsigned i;

	for (i = 0; i < map->count; i++)
		if (map->items[i].oid == oid)
			return map->items[i].file;
	return 0;
}
