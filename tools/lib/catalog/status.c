/* SPDX-License-Identifier: BSD-2-Clause */
/* What people ask; see status.h. */
#include "catalog/status.h"

#include <string.h>

#include "base/err.h"
#include "catalog/owner.h"
#include "catalog/query.h"
#include "catalog/runs.h"

#define FILES_OF_MEDIUM \
	" FROM snapshots JOIN files ON files.snapshot = snapshots.id " \
	"AND NOT files.is_gone " \
	"LEFT JOIN checks ON checks.id = files.last_check " \
	"WHERE snapshots.medium = ? AND NOT snapshots.is_gone "

/*
 * Sources whose archive is whole, and what is inside is damaged all the same:
 * by the last run that looked inside, with --deep and with --data apart.  A
 * run that found bad files of the source says nothing beyond those, and they
 * may have been mended since.
 */
#define INSIDE \
	"looked AS (SELECT snapshot, source, checker = 'deep' AS deep, " \
	"max(run) AS run FROM verdicts GROUP BY 1, 2, 3), " \
	"inside AS (SELECT DISTINCT v.snapshot, v.source FROM looked AS l " \
	"JOIN verdicts AS v ON v.run = l.run AND v.snapshot = l.snapshot " \
	"AND v.source = l.source AND (v.checker = 'deep') = l.deep " \
	"WHERE v.verdict = 'DAMAGED' AND NOT EXISTS (SELECT 1 FROM checks " \
	"JOIN files ON files.id = checks.file WHERE checks.run = v.run " \
	"AND checks.is_bad AND files.snapshot = v.snapshot " \
	"AND files.source IN ('', v.source))) "

static int
count_inside(struct catalog *c, struct catalog_medium_state *m,
    struct err *err)
{
	struct query q;

	query_open(&q, c, "WITH " INSIDE "SELECT count(*) FROM inside "
	    "JOIN snapshots ON snapshots.id = inside.snapshot "
	    "WHERE snapshots.medium = ? AND NOT snapshots.is_gone");
	query_bind_i64(&q, m->row);
	if (query_row(&q))
		m->bad_sources = query_u64(&q, 0);
	return query_end(&q, err);
}

static int
count_files(struct catalog *c, const struct catalog_terms *terms,
    struct catalog_medium_state *m, struct err *err)
{
	struct query q;

	query_open(&q, c, "SELECT count(DISTINCT snapshots.id), count(*), "
	    "total(files.bytes), total(checks.id IS NULL), "
	    "total(files.bytes * (checks.id IS NULL)), "
	    "total(checks.is_bad), "
	    "total(checks.at < ?1 OR checks.at > ?2), "
	    "total(files.bytes * (checks.at < ?1 OR checks.at > ?2)) "
	    "FROM snapshots JOIN files ON files.snapshot = snapshots.id "
	    "AND NOT files.is_gone "
	    "LEFT JOIN checks ON checks.id = files.last_check "
	    "WHERE snapshots.medium = ?3 AND NOT snapshots.is_gone");
	query_bind_i64(&q, terms->now - terms->every);
	query_bind_i64(&q, terms->now);
	query_bind_i64(&q, m->row);
	if (query_row(&q)) {
		m->snapshots = query_u64(&q, 0);
		m->files = query_u64(&q, 1);
		m->bytes = query_u64(&q, 2);
		m->never_files = query_u64(&q, 3);
		m->never_bytes = query_u64(&q, 4);
		m->bad_files = query_u64(&q, 5);
		m->overdue_files = query_u64(&q, 6);
		m->overdue_bytes = query_u64(&q, 7);
	}
	return query_end(&q, err);
}

/* The statements that lend their texts to one row of the answer. */
struct medium_rows {
	struct query oldest;
	struct query full;
	struct query last;
};

static void
ask_oldest(struct query *q, struct catalog *c,
    struct catalog_medium_state *m)
{
	query_open(q, c, "SELECT checks.at, snapshots.name, files.name "
	    FILES_OF_MEDIUM "AND checks.id NOTNULL ORDER BY checks.id "
	    "LIMIT 1");
	query_bind_i64(q, m->row);
	m->oldest_snapshot = m->oldest_file = "";
	if (query_row(q)) {
		m->oldest_at = query_i64(q, 0);
		m->oldest_snapshot = query_text(q, 1);
		m->oldest_file = query_text(q, 2);
	}
}

static void
ask_full(struct query *q, struct catalog *c, struct catalog_medium_state *m)
{
	query_open(q, c, "SELECT ended, kind FROM runs WHERE medium = ? "
	    "AND scope = 'all' AND state = ? ORDER BY id DESC LIMIT 1");
	query_bind_i64(q, m->row);
	query_bind_text(q, CATALOG_FINISHED);
	m->full_kind = "";
	if (query_row(q)) {
		m->full_at = query_i64(q, 0);
		m->full_kind = query_text(q, 1);
	}
}

/* Nobody was there to write that it was cut off. */
static const char *
state_of(const char *state, const char *owner)
{
	return strcmp(state, CATALOG_RUNNING) == 0 &&
	    !owner_is_alive(owner) ? CATALOG_CUT : state;
}

static void
ask_last(struct query *q, struct catalog *c, struct catalog_medium_state *m)
{
	query_open(q, c, "SELECT id, ended, state, owner FROM runs "
	    "WHERE medium = ? ORDER BY id DESC LIMIT 1");
	query_bind_i64(q, m->row);
	m->last_state = "";
	if (query_row(q)) {
		m->last_run = query_i64(q, 0);
		m->last_at = query_i64(q, 1);
		m->last_state = state_of(query_text(q, 2), query_text(q, 3));
	}
}

static int
end_rows(struct medium_rows *rows, struct err *err)
{
	int ret = query_end(&rows->oldest, err);

	if (query_end(&rows->full, err) == -1)
		ret = -1;
	if (query_end(&rows->last, err) == -1)
		ret = -1;
	return ret;
}

int
catalog_media_each(struct catalog *c, const struct catalog_terms *terms,
    void (*each)(void *ctx, const struct catalog_medium_state *state),
    void *ctx, struct err *err)
{
	struct medium_rows rows;
	struct query q;
	int ret = 0;

	query_open(&q, c, "SELECT id, uuid, label, fs, path, first_seen, "
	    "last_seen FROM media ORDER BY id");
	while (ret == 0 && query_row(&q)) {
		struct catalog_medium_state m = {
			.row = query_i64(&q, 0), .uuid = query_text(&q, 1),
			.label = query_text(&q, 2), .fs = query_text(&q, 3),
			.path = query_text(&q, 4),
			.first_seen = query_i64(&q, 5),
			.last_seen = query_i64(&q, 6),
		};

		ret = count_files(c, terms, &m, err);
		if (ret == 0)
			ret = count_inside(c, &m, err);
		ask_oldest(&rows.oldest, c, &m);
		ask_full(&rows.full, c, &m);
		ask_last(&rows.last, c, &m);
		if (ret == 0)
			each(ctx, &m);
		if (end_rows(&rows, err) == -1)
			ret = -1;
	}
	if (query_end(&q, err) == -1)
		ret = -1;
	return ret;
}

/*
 * How a source stands in one snapshot: its own files, and those that belong
 * to all of the snapshot.
 */
#define COPIES \
	"WITH " INSIDE ", copies AS (SELECT sources.kind AS kind, " \
	"sources.name AS name, sources.bytes AS bytes, " \
	"sources.packed AS packed, sources.files AS files, " \
	"sources.consistency AS consistency, " \
	"snapshots.name AS snapshot, snapshots.sequence AS sequence, " \
	"snapshots.started AS started, snapshots.host AS host, " \
	"media.uuid AS medium, media.label AS label, media.path AS path, " \
	"total(checks.is_bad) + (inside.source NOTNULL) AS bad, " \
	"total(checks.id IS NULL) AS never, " \
	"min(checks.at) AS oldest, snapshots.id AS id " \
	"FROM sources JOIN snapshots ON snapshots.id = sources.snapshot " \
	"JOIN media ON media.id = snapshots.medium " \
	"JOIN files ON files.snapshot = snapshots.id " \
	"AND NOT files.is_gone " \
	"AND files.source IN ('', sources.name) " \
	"LEFT JOIN checks ON checks.id = files.last_check " \
	"LEFT JOIN inside ON inside.snapshot = snapshots.id " \
	"AND inside.source = sources.name " \
	"WHERE NOT snapshots.is_gone GROUP BY sources.id) "

int
catalog_volumes_each(struct catalog *c,
    void (*each)(void *ctx, const struct catalog_volume *volume), void *ctx,
    struct err *err)
{
	struct query q;

	query_open(&q, c, COPIES ", ranked AS (SELECT *, row_number() OVER "
	    "(PARTITION BY kind, name ORDER BY bad > 0, started DESC, "
	    "id DESC) AS rank, count(*) OVER (PARTITION BY kind, name) "
	    "AS copies, total(bad > 0) OVER (PARTITION BY kind, name) "
	    "AS bad_copies FROM copies) "
	    "SELECT kind, name, snapshot, medium, label, consistency, "
	    "started, bytes, never = 0, oldest, copies, bad_copies, bad = 0 "
	    "FROM ranked WHERE rank = 1 ORDER BY name, kind");
	while (query_row(&q)) {
		bool is_good = query_i64(&q, 12) != 0;
		struct catalog_volume v = {
			.kind = query_text(&q, 0), .name = query_text(&q, 1),
			.snapshot = is_good ? query_text(&q, 2) : "",
			.medium = is_good ? query_text(&q, 3) : "",
			.label = is_good ? query_text(&q, 4) : "",
			.consistency = is_good ? query_text(&q, 5) : "",
			.started = is_good ? query_i64(&q, 6) : 0,
			.bytes = is_good ? query_u64(&q, 7) : 0,
			.is_verified = is_good && query_i64(&q, 8) != 0,
			.verified_at = is_good ? query_i64(&q, 9) : 0,
			.copies = query_u64(&q, 10),
			.bad_copies = query_u64(&q, 11),
		};

		each(ctx, &v);
	}
	return query_end(&q, err);
}

int
catalog_copies_each(struct catalog *c, const char *name,
    void (*each)(void *ctx, const struct catalog_copy *copy), void *ctx,
    struct err *err)
{
	struct query q;

	query_open(&q, c, COPIES "SELECT kind, name, snapshot, sequence, "
	    "started, bytes, packed, files, consistency, host, medium, "
	    "label, path, bad, never FROM copies WHERE ?1 = '' OR name = ?1 "
	    "ORDER BY name, kind, started DESC, id DESC");
	query_bind_text(&q, name == NULL ? "" : name);
	while (query_row(&q)) {
		struct catalog_copy v = {
			.kind = query_text(&q, 0), .name = query_text(&q, 1),
			.snapshot = query_text(&q, 2),
			.sequence = query_u64(&q, 3),
			.started = query_i64(&q, 4),
			.bytes = query_u64(&q, 5),
			.packed = query_u64(&q, 6),
			.files = query_u64(&q, 7),
			.consistency = query_text(&q, 8),
			.host = query_text(&q, 9),
			.medium = query_text(&q, 10),
			.label = query_text(&q, 11),
			.path = query_text(&q, 12),
			.bad_files = query_u64(&q, 13),
			.never_files = query_u64(&q, 14),
		};

		each(ctx, &v);
	}
	return query_end(&q, err);
}

int
catalog_history_each(struct catalog *c, int64_t medium, size_t max,
    void (*each)(void *ctx, const struct catalog_run_state *run), void *ctx,
    struct err *err)
{
	struct query q;

	query_open(&q, c, "SELECT runs.id, runs.uuid, media.uuid, label, "
	    "kind, scope, host, state, owner, started, ended, files, "
	    "bad + (SELECT count(*) FROM verdicts WHERE run = runs.id "
	    "AND verdict = 'DAMAGED'), bytes, milliseconds, status FROM runs "
	    "JOIN media ON media.id = runs.medium "
	    "WHERE ?1 = 0 OR runs.medium = ?1 ORDER BY runs.id DESC "
	    "LIMIT ?2");
	query_bind_i64(&q, medium);
	query_bind_u64(&q, max);
	while (query_row(&q)) {
		struct catalog_run_state r = {
			.row = query_i64(&q, 0), .uuid = query_text(&q, 1),
			.medium = query_text(&q, 2),
			.label = query_text(&q, 3),
			.kind = query_text(&q, 4),
			.scope = query_text(&q, 5),
			.host = query_text(&q, 6),
			.state = state_of(query_text(&q, 7),
			    query_text(&q, 8)),
			.started = query_i64(&q, 9),
			.ended = query_i64(&q, 10),
			.files = query_u64(&q, 11),
			.bad = query_u64(&q, 12),
			.bytes = query_u64(&q, 13),
			.milliseconds = query_u64(&q, 14),
			.status = (int)query_i64(&q, 15),
		};

		each(ctx, &r);
	}
	return query_end(&q, err);
}

int
catalog_losses_each(struct catalog *c, int64_t run,
    void (*each)(void *ctx, const struct catalog_lost *lost), void *ctx,
    struct err *err)
{
	struct query q;

	query_open(&q, c, "SELECT snapshots.name, '', files.name, '', "
	    "checks.verdict, checks.why FROM checks "
	    "JOIN files ON files.id = checks.file "
	    "JOIN snapshots ON snapshots.id = files.snapshot "
	    "WHERE checks.run = ?1 AND checks.is_bad UNION ALL "
	    "SELECT snapshots.name, source, root, checker, verdict, summary "
	    "FROM verdicts JOIN snapshots "
	    "ON snapshots.id = verdicts.snapshot "
	    "WHERE verdicts.run = ?1 AND verdicts.is_bad UNION ALL "
	    "SELECT snapshot, source, path, '', verdict, why FROM losses "
	    "WHERE losses.run = ?1");
	query_bind_i64(&q, run);
	while (query_row(&q)) {
		struct catalog_lost l = {
			.snapshot = query_text(&q, 0),
			.source = query_text(&q, 1),
			.path = query_text(&q, 2),
			.checker = query_text(&q, 3),
			.verdict = query_text(&q, 4),
			.why = query_text(&q, 5),
		};

		each(ctx, &l);
	}
	return query_end(&q, err);
}
