/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One SQL statement, for the modules of this folder only.  Errors stick: a
 * failed step makes the rest do nothing, and query_end() tells.
 *
 *	struct query q;
 *	query_open(&q, c, "SELECT name FROM media WHERE id = ?");
 *	query_bind_i64(&q, id);
 *	while (query_row(&q))
 *		use(query_text(&q, 0));
 *	return query_end(&q, err);
 */
#ifndef CATALOG_QUERY_H
#define CATALOG_QUERY_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "catalog/catalog.h"

#define QUERY_TEXTS 16	/* columns of text in one row */

struct catalog {
	sqlite3 *db;
	char *path;
	char *shown;		/* path, escaped */
	char *note;		/* or NULL */
	uint64_t device;	/* of the file that was opened */
	uint64_t inode;
	bool is_damaged;	/* seen while in use */
	bool may_put_aside;
};

struct query {
	struct catalog *catalog;
	sqlite3_stmt *stmt;
	int bound;
	int rc;
	struct buf texts[QUERY_TEXTS];	/* of the current row */
};

void query_open(struct query *q, struct catalog *c, const char *sql);
/* The next parameter.  Text is cut at CATALOG_TEXT_MAX. */
void query_bind_text(struct query *q, const char *text);
void query_bind_long_text(struct query *q, const char *text, size_t len);
void query_bind_i64(struct query *q, int64_t value);
/* Values above INT64_MAX are stored as that. */
void query_bind_u64(struct query *q, uint64_t value);
void query_bind_blob(struct query *q, const void *data, size_t len);

/* False at the end and after an error. */
bool query_row(struct query *q);

/*
 * Of the current row.  Text is harmless on a terminal whatever the file
 * held, never NULL, cut at CATALOG_TEXT_MAX; it lasts until the next row.
 */
const char *query_text(struct query *q, int column);
/* The bytes as they are stored, for a parser; *len: how many. */
const char *query_raw(struct query *q, int column, size_t *len);
int64_t query_i64(struct query *q, int column);
/* Negative numbers come as 0. */
uint64_t query_u64(struct query *q, int column);
/* False unless it has exactly len bytes. */
bool query_blob(struct query *q, int column, void *data, size_t len);

/* Release, and say whether all went well. */
int query_end(struct query *q, struct err *err);
/* For a statement without rows: run it to its end. */
int query_run(struct query *q, struct err *err);

/* A statement of ours without parameters. */
int query_exec(struct catalog *c, const char *sql, struct err *err);
/* One number; 0 when there is no row. */
int query_number(struct catalog *c, const char *sql, int64_t *value,
    struct err *err);

/* What rc of a call on c means.  Always -1. */
int query_failed(struct catalog *c, int rc, struct err *err);

#endif
