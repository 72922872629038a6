/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs on media; see carried.h. */
#include "catalog/carried.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "catalog/query.h"
#include "catalog/runs.h"

#define COPY(to, q, column) \
	((void)snprintf(to, sizeof(to), "%s", query_text(q, column)))
#define GOOD "OK"	/* the one verdict that is not bad */

static void
copy_host(struct verified_run *head, const char *host)
{
	struct buf safe = BUF_EMPTY;

	escape_mtree(&safe, host, strlen(host));
	(void)snprintf(head->host, sizeof head->host, "%s",
	    safe.len == 0 ? "-" : buf_text(&safe));
	buf_release(&safe);
}

static int
read_head(struct catalog *c, int64_t run, struct verified_run *head,
    struct err *err)
{
	struct query q;

	memset(head, 0, sizeof *head);
	query_open(&q, c, "SELECT uuid, host, kind, state, status, started, "
	    "ended FROM runs WHERE id = ?");
	query_bind_i64(&q, run);
	if (query_row(&q)) {
		COPY(head->id, &q, 0);
		copy_host(head, query_text(&q, 1));
		COPY(head->kind, &q, 2);
		COPY(head->state, &q, 3);
		head->status = query_u64(&q, 4);
		head->started = query_i64(&q, 5);
		head->ended = query_i64(&q, 6);
	}
	return query_end(&q, err);
}

int
carried_format(struct catalog *c, int64_t run, struct verified_run *head,
    struct buf *out, struct err *err)
{
	char snapshot[MEDIUM_NAME_MAX] = "";
	struct verified_file file;
	struct query q;

	if (read_head(c, run, head, err) == -1)
		return -1;
	verified_format_run(head, out);
	query_open(&q, c, "SELECT snapshots.name, files.name, "
	    "checks.verdict, checks.bytes, files.sha256 FROM checks "
	    "JOIN files ON files.id = checks.file "
	    "JOIN snapshots ON snapshots.id = files.snapshot "
	    "WHERE checks.run = ? AND files.last_check = checks.id "
	    "ORDER BY snapshots.sequence, snapshots.name, files.name");
	query_bind_i64(&q, run);
	while (query_row(&q) && out->len <= VERIFIED_BYTES_MAX) {
		memset(&file, 0, sizeof file);
		COPY(file.name, &q, 1);
		COPY(file.verdict, &q, 2);
		file.bytes = query_u64(&q, 3);
		(void)query_blob(&q, 4, file.sha256, sizeof file.sha256);
		if (strcmp(snapshot, query_text(&q, 0)) != 0) {
			COPY(snapshot, &q, 0);
			verified_format_snapshot(snapshot, out);
		}
		verified_format_file(&file, out);
	}
	verified_seal(out);
	return query_end(&q, err);
}

int
carried_is_known(struct catalog *c, const char *id, bool *is_known,
    struct err *err)
{
	struct query q;

	query_open(&q, c, "SELECT 1 FROM runs WHERE uuid = ?");
	query_bind_text(&q, id);
	*is_known = query_row(&q);
	return query_end(&q, err);
}

struct import {
	struct catalog *catalog;
	int64_t medium;
	int64_t run;
	int64_t at;
	uint64_t files;
	uint64_t bad;
	uint64_t bytes;
	struct err *err;
	bool failed;
};

/* The file that the line speaks of; 0: not known, or another by now. */
static int64_t
find_file(struct import *in, const char *snapshot,
    const struct verified_file *file, int64_t *last_at)
{
	int64_t row = 0;
	struct query q;

	query_open(&q, in->catalog, "SELECT files.id, ifnull(checks.at, 0) "
	    "FROM files JOIN snapshots ON snapshots.id = files.snapshot "
	    "LEFT JOIN checks ON checks.id = files.last_check "
	    "WHERE snapshots.medium = ? AND snapshots.name = ? "
	    "AND files.name = ? AND files.sha256 = ?");
	query_bind_i64(&q, in->medium);
	query_bind_text(&q, snapshot);
	query_bind_text(&q, file->name);
	query_bind_blob(&q, file->sha256, sizeof file->sha256);
	if (query_row(&q)) {
		row = query_i64(&q, 0);
		*last_at = query_i64(&q, 1);
	}
	if (query_end(&q, in->err) == -1)
		in->failed = true;
	return row;
}

static void
on_line(void *ctx, const char *snapshot, const struct verified_file *file)
{
	struct catalog_check check = { .at = 0 };
	struct import *in = ctx;
	int64_t last_at = 0;

	if (in->failed)
		return;
	check.file = find_file(in, snapshot, file, &last_at);
	check.at = in->at;
	check.bytes = file->bytes;
	check.is_bad = strcmp(file->verdict, GOOD) != 0;
	(void)snprintf(check.verdict, sizeof check.verdict, "%s",
	    file->verdict);
	in->files++;
	in->bytes += file->bytes;
	in->bad += check.is_bad ? 1 : 0;
	if (check.file != 0 && !in->failed && last_at < in->at &&
	    catalog_check_put(in->catalog, in->run, &check, in->err) == -1)
		in->failed = true;
}

static int
put_run(struct import *in, const struct verified_run *head)
{
	struct query q;

	query_open(&q, in->catalog, "INSERT INTO runs (uuid, medium, kind, "
	    "scope, host, owner, started, ended, state, files, bad, bytes, "
	    "milliseconds, status) "
	    "VALUES (?, ?, ?, 'carried', ?, '', ?, ?, ?, 0, 0, 0, 0, ?)");
	query_bind_text(&q, head->id);
	query_bind_i64(&q, in->medium);
	query_bind_text(&q, head->kind);
	query_bind_text(&q, head->host);
	query_bind_i64(&q, head->started);
	query_bind_i64(&q, head->ended);
	query_bind_text(&q, head->state);
	query_bind_u64(&q, head->status);
	if (query_run(&q, in->err) == -1)
		return -1;
	in->run = sqlite3_last_insert_rowid(in->catalog->db);
	return 0;
}

static int
put_sums(struct import *in)
{
	struct query q;

	query_open(&q, in->catalog, "UPDATE runs SET files = ?, bad = ?, "
	    "bytes = ? WHERE id = ?");
	query_bind_u64(&q, in->files);
	query_bind_u64(&q, in->bad);
	query_bind_u64(&q, in->bytes);
	query_bind_i64(&q, in->run);
	return query_run(&q, in->err);
}

int
carried_import(struct catalog *c, int64_t medium,
    const struct verified_run *head, const char *text, size_t len,
    struct err *err)
{
	struct import in = { .catalog = c, .medium = medium,
	    .at = head->ended, .err = err };
	struct verified_run again;

	if (catalog_begin(c, err) == -1)
		return -1;
	if (put_run(&in, head) == 0 &&
	    verified_parse(text, len, &again, on_line, &in, err) == 0 &&
	    !in.failed &&
	    put_sums(&in) == 0 &&
	    catalog_commit(c, err) == 0)
		return 0;
	catalog_rollback(c);
	return -1;
}
