/* SPDX-License-Identifier: BSD-2-Clause */
/* Verifications; see runs.h. */
#include "catalog/runs.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/err.h"
#include "base/escape.h"
#include "catalog/owner.h"
#include "catalog/query.h"
#include "io/io.h"

#define COPY(to, q, column) \
	((void)snprintf(to, sizeof(to), "%s", query_text(q, column)))

/* RFC 9562, version 4. */
static int
new_uuid(char uuid[CATALOG_UUID_LEN + 1], struct err *err)
{
	uint8_t b[16];
	size_t i, at = 0;

	if (io_random(b, sizeof b, err) == -1)
		return -1;
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	for (i = 0; i < sizeof b; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			uuid[at++] = '-';
		(void)snprintf(uuid + at, 3, "%02x", b[i]);
		at += 2;
	}
	return 0;
}

int
catalog_run_begin(struct catalog *c, const struct catalog_run *run,
    int64_t *row, struct err *err)
{
	char uuid[CATALOG_UUID_LEN + 1], owner[OWNER_MAX];
	char host[ESCAPE_NAME_MAX];
	int64_t now = io_now();
	struct utsname name;
	struct query q;

	if (new_uuid(uuid, err) == -1)
		return -1;
	owner_self(owner);
	query_open(&q, c, "INSERT INTO runs (uuid, medium, kind, scope, host, "
	    "owner, started, ended, state, files, bad, bytes, milliseconds, "
	    "status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0)");
	query_bind_text(&q, uuid);
	query_bind_i64(&q, run->medium);
	query_bind_text(&q, run->kind);
	query_bind_text(&q, run->scope);
	query_bind_text(&q, uname(&name) == -1 ? "" :
	    escape_name(name.nodename, host));
	query_bind_text(&q, owner);
	query_bind_i64(&q, now);
	query_bind_i64(&q, now);
	query_bind_text(&q, CATALOG_RUNNING);
	if (query_run(&q, err) == -1)
		return -1;
	*row = sqlite3_last_insert_rowid(c->db);
	return 0;
}

int
catalog_run_unfinished(struct catalog *c, const struct catalog_run *run,
    int64_t max_age, struct catalog_unfinished *found, struct err *err)
{
	struct query q;

	memset(found, 0, sizeof *found);
	query_open(&q, c, "SELECT id, started, files, bytes, state, owner, "
	    "abs(ended - ?) <= ? FROM runs "
	    "WHERE medium = ? AND kind = ? AND scope = ? "
	    "ORDER BY id DESC LIMIT 1");
	query_bind_i64(&q, io_now());
	query_bind_i64(&q, max_age);
	query_bind_i64(&q, run->medium);
	query_bind_text(&q, run->kind);
	query_bind_text(&q, run->scope);
	if (query_row(&q) && query_i64(&q, 6) == 1 &&
	    (strcmp(query_text(&q, 4), CATALOG_CUT) == 0 ||
	    (strcmp(query_text(&q, 4), CATALOG_RUNNING) == 0 &&
	    !owner_is_alive(query_text(&q, 5))))) {
		found->row = query_i64(&q, 0);
		found->started = query_i64(&q, 1);
		found->files = query_u64(&q, 2);
		found->bytes = query_u64(&q, 3);
	}
	return query_end(&q, err);
}

int
catalog_run_resume(struct catalog *c, int64_t run, struct err *err)
{
	char owner[OWNER_MAX];
	struct query q;

	owner_self(owner);
	query_open(&q, c, "UPDATE runs SET owner = ?, state = ?, ended = ? "
	    "WHERE id = ?");
	query_bind_text(&q, owner);
	query_bind_text(&q, CATALOG_RUNNING);
	query_bind_i64(&q, io_now());
	query_bind_i64(&q, run);
	return query_run(&q, err);
}

int
catalog_run_progress(struct catalog *c, int64_t run,
    const struct catalog_progress *more, struct err *err)
{
	struct query q;

	query_open(&q, c, "UPDATE runs SET files = files + ?, bad = bad + ?, "
	    "bytes = bytes + ?, milliseconds = milliseconds + ?, ended = ? "
	    "WHERE id = ?");
	query_bind_u64(&q, more->files);
	query_bind_u64(&q, more->bad);
	query_bind_u64(&q, more->bytes);
	query_bind_u64(&q, more->milliseconds);
	query_bind_i64(&q, io_now());
	query_bind_i64(&q, run);
	return query_run(&q, err);
}

int
catalog_run_end(struct catalog *c, int64_t run, const char *state,
    int status, struct err *err)
{
	struct query q;

	query_open(&q, c, "UPDATE runs SET state = ?, status = ?, ended = ?, "
	    "owner = '' WHERE id = ?");
	query_bind_text(&q, state);
	query_bind_i64(&q, status);
	query_bind_i64(&q, io_now());
	query_bind_i64(&q, run);
	return query_run(&q, err);
}

static int
point_at_check(struct catalog *c, int64_t file, int64_t check,
    struct err *err)
{
	struct query q;

	query_open(&q, c, "UPDATE files SET last_check = ? WHERE id = ?");
	query_bind_i64(&q, check);
	query_bind_i64(&q, file);
	if (query_run(&q, err) == -1)
		return -1;
	query_open(&q, c, "DELETE FROM places WHERE file = ?");
	query_bind_i64(&q, file);
	return query_run(&q, err);
}

int
catalog_check_put(struct catalog *c, int64_t run,
    const struct catalog_check *check, struct err *err)
{
	struct query q;

	query_open(&q, c, "INSERT INTO checks (run, file, at, verdict, "
	    "is_bad, why, bytes, milliseconds, retries, is_direct) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	query_bind_i64(&q, run);
	query_bind_i64(&q, check->file);
	query_bind_i64(&q, check->at);
	query_bind_text(&q, check->verdict);
	query_bind_i64(&q, check->is_bad);
	query_bind_text(&q, check->why);
	query_bind_u64(&q, check->bytes);
	query_bind_u64(&q, check->milliseconds);
	query_bind_u64(&q, check->retries);
	query_bind_i64(&q, check->is_direct);
	if (query_run(&q, err) == -1)
		return -1;
	return point_at_check(c, check->file,
	    sqlite3_last_insert_rowid(c->db), err);
}

int
catalog_check_find(struct catalog *c, int64_t run, int64_t file,
    struct catalog_check *check, bool *is_known, struct err *err)
{
	struct query q;

	*is_known = false;
	query_open(&q, c, "SELECT checks.at, verdict, is_bad, why, "
	    "checks.bytes, milliseconds, retries, is_direct FROM checks "
	    "JOIN files ON files.last_check = checks.id "
	    "WHERE files.id = ? AND checks.run = ?");
	query_bind_i64(&q, file);
	query_bind_i64(&q, run);
	if (query_row(&q)) {
		*is_known = true;
		check->file = file;
		check->at = query_i64(&q, 0);
		COPY(check->verdict, &q, 1);
		check->is_bad = query_i64(&q, 2) != 0;
		COPY(check->why, &q, 3);
		check->bytes = query_u64(&q, 4);
		check->milliseconds = query_u64(&q, 5);
		check->retries = query_u64(&q, 6);
		check->is_direct = query_i64(&q, 7) != 0;
	}
	return query_end(&q, err);
}

int
catalog_file_generation(struct catalog *c, int64_t file,
    int64_t *generation, struct err *err)
{
	struct query q;

	*generation = 0;
	query_open(&q, c, "SELECT checks.run FROM files "
	    "JOIN checks ON checks.id = files.last_check WHERE files.id = ?");
	query_bind_i64(&q, file);
	if (query_row(&q))
		*generation = query_i64(&q, 0);
	return query_end(&q, err);
}

int
catalog_verdict_put(struct catalog *c, int64_t run,
    const struct catalog_verdict *verdict, struct err *err)
{
	struct query q;

	query_open(&q, c, "INSERT INTO verdicts (run, snapshot, source, "
	    "checker, root, at, verdict, is_bad, summary, items, affected) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	query_bind_i64(&q, run);
	query_bind_i64(&q, verdict->snapshot);
	query_bind_text(&q, verdict->source);
	query_bind_text(&q, verdict->checker);
	query_bind_text(&q, verdict->root);
	query_bind_i64(&q, io_now());
	query_bind_text(&q, verdict->verdict);
	query_bind_i64(&q, verdict->is_bad);
	query_bind_text(&q, verdict->summary);
	query_bind_u64(&q, verdict->items);
	query_bind_u64(&q, verdict->affected);
	return query_run(&q, err);
}

int
catalog_verdict_find(struct catalog *c, int64_t run,
    struct catalog_verdict *verdict, bool *is_known, struct err *err)
{
	struct query q;

	*is_known = false;
	query_open(&q, c, "SELECT verdict, is_bad, summary, items, affected "
	    "FROM verdicts WHERE run = ? AND snapshot = ? AND source = ? "
	    "AND checker = ? AND root = ? ORDER BY id DESC LIMIT 1");
	query_bind_i64(&q, run);
	query_bind_i64(&q, verdict->snapshot);
	query_bind_text(&q, verdict->source);
	query_bind_text(&q, verdict->checker);
	query_bind_text(&q, verdict->root);
	if (query_row(&q)) {
		*is_known = true;
		COPY(verdict->verdict, &q, 0);
		verdict->is_bad = query_i64(&q, 1) != 0;
		COPY(verdict->summary, &q, 2);
		verdict->items = query_u64(&q, 3);
		verdict->affected = query_u64(&q, 4);
	}
	return query_end(&q, err);
}

int
catalog_loss_put(struct catalog *c, int64_t run,
    const struct catalog_loss *loss, struct err *err)
{
	struct query q;

	query_open(&q, c, "INSERT INTO losses "
	    "(run, snapshot, source, path, verdict, why) "
	    "SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE "
	    "(SELECT count(*) FROM losses WHERE run = ?1) < ?7");
	query_bind_i64(&q, run);
	query_bind_text(&q, loss->snapshot);
	query_bind_text(&q, loss->source);
	query_bind_text(&q, loss->path);
	query_bind_text(&q, loss->verdict);
	query_bind_text(&q, loss->why);
	query_bind_i64(&q, CATALOG_LOSSES_MAX);
	return query_run(&q, err);
}

int
catalog_place_put(struct catalog *c, int64_t run, int64_t file,
    const struct catalog_place *place, struct err *err)
{
	struct query q;

	query_open(&q, c, "INSERT INTO places (file, run, bytes, state) "
	    "VALUES (?, ?, ?, ?) ON CONFLICT(file) DO UPDATE SET "
	    "run = excluded.run, bytes = excluded.bytes, "
	    "state = excluded.state");
	query_bind_i64(&q, file);
	query_bind_i64(&q, run);
	query_bind_u64(&q, place->bytes);
	query_bind_blob(&q, place->state, sizeof place->state);
	return query_run(&q, err);
}

int
catalog_place_find(struct catalog *c, int64_t run, int64_t file,
    struct catalog_place *place, bool *is_known, struct err *err)
{
	struct query q;

	*is_known = false;
	query_open(&q, c, "SELECT bytes, state FROM places "
	    "WHERE file = ? AND run = ?");
	query_bind_i64(&q, file);
	query_bind_i64(&q, run);
	if (query_row(&q) &&
	    query_blob(&q, 1, place->state, sizeof place->state)) {
		place->bytes = query_u64(&q, 0);
		*is_known = true;
	}
	return query_end(&q, err);
}

int
catalog_visits(struct catalog *c, int64_t medium, int64_t run,
    const struct catalog_visit *after, struct catalog_visit *visits,
    size_t max, size_t *count, struct err *err)
{
	struct query q;
	size_t n = 0;

	query_open(&q, c, "SELECT ifnull(checks.run, 0) AS generation, "
	    "snapshots.sequence, snapshots.name, count(*), "
	    "total(files.bytes) FROM snapshots "
	    "JOIN files ON files.snapshot = snapshots.id "
	    "AND NOT files.is_gone "
	    "LEFT JOIN checks ON checks.id = files.last_check "
	    "WHERE snapshots.medium = ? AND NOT snapshots.is_gone "
	    "AND generation <> ? "
	    "AND (generation, snapshots.sequence, snapshots.name) > "
	    "(?, ?, ?) GROUP BY generation, snapshots.id "
	    "ORDER BY generation, snapshots.sequence, snapshots.name "
	    "LIMIT ?");
	query_bind_i64(&q, medium);
	query_bind_i64(&q, run);
	query_bind_i64(&q, after == NULL ? -1 : after->generation);
	query_bind_u64(&q, after == NULL ? 0 : after->sequence);
	query_bind_text(&q, after == NULL ? "" : after->snapshot);
	query_bind_u64(&q, max);
	while (n < max && query_row(&q)) {
		struct catalog_visit *v = &visits[n++];

		v->generation = query_i64(&q, 0);
		v->sequence = query_u64(&q, 1);
		COPY(v->snapshot, &q, 2);
		v->files = query_u64(&q, 3);
		v->bytes = query_u64(&q, 4);
	}
	*count = n;
	return query_end(&q, err);
}

int
catalog_run_coverage(struct catalog *c, int64_t medium, int64_t run,
    struct catalog_coverage *coverage, struct err *err)
{
	struct query q;

	memset(coverage, 0, sizeof *coverage);
	query_open(&q, c, "SELECT count(*), total(files.bytes), "
	    "ifnull(sum(checks.run = ?1), 0), "
	    "total(files.bytes * (checks.run IS ?1)) FROM snapshots "
	    "JOIN files ON files.snapshot = snapshots.id "
	    "AND NOT files.is_gone "
	    "LEFT JOIN checks ON checks.id = files.last_check "
	    "WHERE snapshots.medium = ?2 AND NOT snapshots.is_gone");
	query_bind_i64(&q, run);
	query_bind_i64(&q, medium);
	if (query_row(&q)) {
		coverage->files = query_u64(&q, 0);
		coverage->bytes = query_u64(&q, 1);
		coverage->read_files = query_u64(&q, 2);
		coverage->read_bytes = query_u64(&q, 3);
	}
	return query_end(&q, err);
}
