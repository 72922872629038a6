/* SPDX-License-Identifier: BSD-2-Clause */
/* SQL statements with sticky errors; see query.h. */
#include "catalog/query.h"

#include <string.h>

#include "base/err.h"
#include "base/escape.h"

int
query_failed(struct catalog *c, int rc, struct err *err)
{
	char safe[ESCAPE_NAME_MAX];
	int sys = c->db == NULL ? 0 : sqlite3_system_errno(c->db);

	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, ERR_BUSY, 0,
		    "catalogue %s: another program is writing to it",
		    c->shown);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		c->is_damaged = true;
		return err_set(err, ERR_DAMAGED, 0, "catalogue %s: damaged",
		    c->shown);
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return err_set(err, ERR_IO, sys, "catalogue %s: %s",
		    c->shown, sqlite3_errstr(rc & 0xff));
	default:
		return err_set(err, ERR_IO, 0, "catalogue %s: %s", c->shown,
		    c->db == NULL ? sqlite3_errstr(rc) :
		    escape_name(sqlite3_errmsg(c->db), safe));
	}
}

void
query_open(struct query *q, struct catalog *c, const char *sql)
{
	memset(q, 0, sizeof *q);
	q->catalog = c;
	q->rc = sqlite3_prepare_v2(c->db, sql, -1, &q->stmt, NULL);
}

static void
bound(struct query *q, int rc)
{
	if (q->rc == SQLITE_OK)
		q->rc = rc;
}

void
query_bind_long_text(struct query *q, const char *text, size_t len)
{
	if (q->rc == SQLITE_OK)
		bound(q, sqlite3_bind_text64(q->stmt, ++q->bound, text, len,
		    SQLITE_TRANSIENT, SQLITE_UTF8));
}

/* No more than the limit, and no half of a character at the cut. */
static size_t
text_len(const char *text)
{
	size_t len = strnlen(text, CATALOG_TEXT_MAX + 1);

	if (len <= CATALOG_TEXT_MAX)
		return len;
	len = CATALOG_TEXT_MAX;
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len;
}

void
query_bind_text(struct query *q, const char *text)
{
	query_bind_long_text(q, text, text_len(text));
}

void
query_bind_i64(struct query *q, int64_t value)
{
	if (q->rc == SQLITE_OK)
		bound(q, sqlite3_bind_int64(q->stmt, ++q->bound, value));
}

void
query_bind_u64(struct query *q, uint64_t value)
{
	query_bind_i64(q, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

void
query_bind_blob(struct query *q, const void *data, size_t len)
{
	if (q->rc == SQLITE_OK)
		bound(q, sqlite3_bind_blob64(q->stmt, ++q->bound, data, len,
		    SQLITE_TRANSIENT));
}

bool
query_row(struct query *q)
{
	if (q->rc != SQLITE_OK && q->rc != SQLITE_ROW)
		return false;
	q->rc = sqlite3_step(q->stmt);
	return q->rc == SQLITE_ROW;
}

/*
 * Ours was escaped before it was stored; the text of a file that was tampered
 * with was not.  Backslashes stay, so that escaped text is not changed.
 */
static void
append_harmless(struct buf *out, const char *text, size_t len)
{
	while (len > 0) {
		const char *slash = memchr(text, '\\', len);
		size_t n = slash == NULL ? len : (size_t)(slash - text);

		escape_text(out, text, n);
		if (slash == NULL)
			return;
		buf_byte(out, '\\');
		text += n + 1;
		len -= n + 1;
	}
}

const char *
query_text(struct query *q, int column)
{
	struct buf *out = &q->texts[column];
	const char *text = (const char *)sqlite3_column_text(q->stmt, column);
	size_t len = (size_t)sqlite3_column_bytes(q->stmt, column);

	buf_cut(out, 0);
	if (text == NULL)
		return "";
	if (len > CATALOG_TEXT_MAX)
		len = CATALOG_TEXT_MAX;
	append_harmless(out, text, len);
	return buf_text(out);
}

const char *
query_raw(struct query *q, int column, size_t *len)
{
	const char *text = (const char *)sqlite3_column_text(q->stmt, column);

	*len = text == NULL ? 0 :
	    (size_t)sqlite3_column_bytes(q->stmt, column);
	return text == NULL ? "" : text;
}

int64_t
query_i64(struct query *q, int column)
{
	return sqlite3_column_int64(q->stmt, column);
}

uint64_t
query_u64(struct query *q, int column)
{
	int64_t value = query_i64(q, column);

	return value < 0 ? 0 : (uint64_t)value;
}

bool
query_blob(struct query *q, int column, void *data, size_t len)
{
	const void *blob = sqlite3_column_blob(q->stmt, column);

	if (blob == NULL ||
	    (size_t)sqlite3_column_bytes(q->stmt, column) != len)
		return false;
	memcpy(data, blob, len);
	return true;
}

int
query_end(struct query *q, struct err *err)
{
	int rc = q->rc, ret = 0;
	size_t i;

	if (rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE)
		ret = query_failed(q->catalog, rc, err);
	(void)sqlite3_finalize(q->stmt);	/* rc has its error */
	q->stmt = NULL;
	for (i = 0; i < QUERY_TEXTS; i++)
		buf_release(&q->texts[i]);
	return ret;
}

int
query_run(struct query *q, struct err *err)
{
	while (query_row(q))
		;
	return query_end(q, err);
}

int
query_exec(struct catalog *c, const char *sql, struct err *err)
{
	struct query q;

	query_open(&q, c, sql);
	return query_run(&q, err);
}

int
query_number(struct catalog *c, const char *sql, int64_t *value,
    struct err *err)
{
	struct query q;
	int64_t found = 0;

	query_open(&q, c, sql);
	if (query_row(&q))
		found = query_i64(&q, 0);
	if (query_end(&q, err) == -1)
		return -1;
	*value = found;
	return 0;
}
