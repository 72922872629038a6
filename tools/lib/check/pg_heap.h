/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of PostgreSQL's catalog, read from the pages of its tables: which
 * databases and relations there are, and in which files.  Of releases 12 to
 * 18; older ones keep a row's number elsewhere.
 */
#ifndef CHECK_PG_HEAP_H
#define CHECK_PG_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define PG_NAME_MAX 64		/* bytes of a name with its NUL */

/* Catalog tables by their fixed numbers. */
#define PG_OID_CLASS 1259
#define PG_OID_DATABASE 1262

/* Tablespaces by their fixed numbers. */
#define PG_SPACE_BASE 1663
#define PG_SPACE_GLOBAL 1664

bool pg_heap_is_known(unsigned major);

/* A row as it lies in a page; data is borrowed. */
struct pg_row {
	uint32_t xmin;		/* transaction that made it */
	uint32_t xmax;		/* transaction that ended it, if any */
	uint16_t mask;
	const uint8_t *data;
	size_t len;
};

/*
 * The rows of a page of size bytes, one after the other: *item begins at 0.
 * False when there are no more.  What does not lie within the page is passed
 * over.
 */
bool pg_heap_next(const uint8_t *page, uint32_t size, unsigned *item,
    struct pg_row *row);

/* How a transaction ended, as pg_xact has it. */
enum pg_xact {
	PG_XACT_OPEN,		/* in progress, or lost with a crash */
	PG_XACT_COMMITTED,
	PG_XACT_ABORTED,
	PG_XACT_UNKNOWN
};
typedef enum pg_xact pg_xact_state(void *ctx, uint32_t xid);

enum pg_live {
	PG_LIVE,
	PG_DEAD,
	PG_LIVE_UNSURE		/* replay, or something unread, decides */
};
/* open_is_aborted: no log will be replayed that could commit it. */
enum pg_live pg_row_live(const struct pg_row *row, pg_xact_state *state,
    void *ctx, bool open_is_aborted);

struct pg_database {
	uint32_t oid;
	uint32_t space;		/* where its relations are by default */
	bool is_invalid;	/* dropping it was interrupted */
	char name[PG_NAME_MAX];
};
/* False for a row too short to be one. */
bool pg_row_database(const struct pg_row *row, unsigned major,
    struct pg_database *db);

struct pg_class {
	uint32_t oid;
	uint32_t file;		/* 0: the map says */
	uint32_t space;		/* 0: that of the database */
	uint32_t pages;		/* when last counted */
	bool is_shared;		/* in global/ */
	char persistence;	/* 'p', 'u' unlogged, 't' temporary */
	char kind;		/* 'r', 'i', 't' TOAST, 'm', 'S' ... */
	char name[PG_NAME_MAX];
};
bool pg_row_class(const struct pg_row *row, unsigned major,
    struct pg_class *class);

/* "table", "index" ...; NULL for kinds that have no file. */
const char *pg_class_kind(char kind);

/* pg_filenode.map: files of the tables that must be found first. */
#define PG_MAP_MAX 64
#define PG_MAP_BYTES_MAX 524
struct pg_map {
	unsigned count;
	struct {
		uint32_t oid;
		uint32_t file;
	} items[PG_MAP_MAX];
};
/* ERR_DAMAGED when the server would refuse it. */
int pg_map_parse(const uint8_t *data, size_t len, struct pg_map *map,
    struct err *err);
/* 0: not in there. */
uint32_t pg_map_file(const struct pg_map *map, uint32_t oid);

#endif
