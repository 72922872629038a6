/* SPDX-License-Identifier: BSD-2-Clause */
/* Media, snapshots, sources, files; see media.h. */
#include "catalog/media.h"

#include <string.h>

#include "base/err.h"
#include "catalog/query.h"
#include "io/io.h"

#define SHA256_BYTES 32

/* The number that a statement with RETURNING id gives. */
static int
end_with_row(struct query *q, int64_t *row, struct err *err)
{
	int64_t found = 0;

	while (query_row(q))
		found = query_i64(q, 0);
	if (query_end(q, err) == -1)
		return -1;
	*row = found;
	return 0;
}

int
catalog_medium_put(struct catalog *c, const struct catalog_medium *m,
    int64_t *row, struct err *err)
{
	int64_t now = io_now();
	struct query q;

	query_open(&q, c, "INSERT INTO media "
	    "(uuid, label, fs, path, first_seen, last_seen) "
	    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(uuid) DO UPDATE SET "
	    "label = excluded.label, fs = excluded.fs, "
	    "path = excluded.path, last_seen = excluded.last_seen "
	    "RETURNING id");
	query_bind_text(&q, m->uuid);
	query_bind_text(&q, m->label);
	query_bind_text(&q, m->fs);
	query_bind_text(&q, m->path);
	query_bind_i64(&q, now);
	query_bind_i64(&q, now);
	return end_with_row(&q, row, err);
}

int
catalog_medium_find(struct catalog *c, const char *uuid, int64_t *row,
    struct err *err)
{
	struct query q;

	query_open(&q, c, "SELECT id FROM media WHERE uuid = ?");
	query_bind_text(&q, uuid);
	return end_with_row(&q, row, err);
}

/* Its sums are others now: what it holds is told anew. */
static int
forget_content(struct catalog *c, int64_t snapshot, struct err *err)
{
	struct query q;

	query_open(&q, c, "UPDATE files SET is_gone = 1 WHERE snapshot = ?");
	query_bind_i64(&q, snapshot);
	if (query_run(&q, err) == -1)
		return -1;
	query_open(&q, c, "DELETE FROM sources WHERE snapshot = ?");
	query_bind_i64(&q, snapshot);
	return query_run(&q, err);
}

/* *same: it is known, with these sums. */
static int
has_sums(struct catalog *c, const struct catalog_snapshot *s, bool *same,
    struct err *err)
{
	uint8_t sums[SHA256_BYTES];
	struct query q;

	*same = false;
	query_open(&q, c,
	    "SELECT sums FROM snapshots WHERE medium = ? AND name = ?");
	query_bind_i64(&q, s->medium);
	query_bind_text(&q, s->name);
	if (query_row(&q) && query_blob(&q, 0, sums, sizeof sums))
		*same = memcmp(sums, s->sums, sizeof sums) == 0;
	return query_end(&q, err);
}

int
catalog_snapshot_put(struct catalog *c, const struct catalog_snapshot *s,
    int64_t *row, struct err *err)
{
	struct query q;
	bool same;

	if (has_sums(c, s, &same, err) == -1)
		return -1;
	query_open(&q, c, "INSERT INTO snapshots (medium, sequence, name, "
	    "sums, started, finished, host, version, is_gone) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0) "
	    "ON CONFLICT(medium, name) DO UPDATE SET sums = excluded.sums, "
	    "started = excluded.started, finished = excluded.finished, "
	    "host = excluded.host, version = excluded.version, is_gone = 0 "
	    "RETURNING id");
	query_bind_i64(&q, s->medium);
	query_bind_u64(&q, s->sequence);
	query_bind_text(&q, s->name);
	query_bind_blob(&q, s->sums, SHA256_BYTES);
	query_bind_i64(&q, s->started);
	query_bind_i64(&q, s->finished);
	query_bind_text(&q, s->host);
	query_bind_text(&q, s->version);
	if (end_with_row(&q, row, err) == -1)
		return -1;
	return same ? 0 : forget_content(c, *row, err);
}

int
catalog_snapshot_find(struct catalog *c, int64_t medium, const char *name,
    const uint8_t *sums, int64_t *row, struct err *err)
{
	struct query q;

	query_open(&q, c, "SELECT id FROM snapshots WHERE medium = ? "
	    "AND name = ? AND sums = ? AND NOT is_gone");
	query_bind_i64(&q, medium);
	query_bind_text(&q, name);
	query_bind_blob(&q, sums, SHA256_BYTES);
	return end_with_row(&q, row, err);
}

int
catalog_snapshots_expect(struct catalog *c, int64_t medium, struct err *err)
{
	struct query q;

	/* 1: since now; 2: and catalog_snapshots_gone() has told so. */
	query_open(&q, c, "UPDATE snapshots SET is_gone = max(is_gone, 1) "
	    "WHERE medium = ?");
	query_bind_i64(&q, medium);
	return query_run(&q, err);
}

#define SELECT_WHOLE "EXISTS (SELECT 1 FROM files " \
	"WHERE files.snapshot = snapshots.id AND files.name = 'COMPLETE')"

int
catalog_snapshots_gone(struct catalog *c, int64_t medium,
    void (*each)(void *ctx, const char *name), void *ctx, struct err *err)
{
	struct query q;

	query_open(&q, c, "SELECT name FROM snapshots WHERE medium = ? "
	    "AND is_gone = 1 AND " SELECT_WHOLE " ORDER BY sequence");
	query_bind_i64(&q, medium);
	while (query_row(&q))
		each(ctx, query_text(&q, 0));
	if (query_end(&q, err) == -1)
		return -1;
	query_open(&q, c, "UPDATE snapshots SET is_gone = 2 "
	    "WHERE medium = ? AND is_gone = 1");
	query_bind_i64(&q, medium);
	return query_run(&q, err);
}

int
catalog_snapshot_was_whole(struct catalog *c, int64_t medium,
    const char *name, bool *was_whole, struct err *err)
{
	struct query q;

	query_open(&q, c, "SELECT 1 FROM snapshots WHERE medium = ? "
	    "AND name = ? AND " SELECT_WHOLE);
	query_bind_i64(&q, medium);
	query_bind_text(&q, name);
	*was_whole = query_row(&q);
	return query_end(&q, err);
}

int
catalog_snapshot_seen(struct catalog *c, int64_t medium, const char *name,
    struct err *err)
{
	struct query q;

	query_open(&q, c, "UPDATE snapshots SET is_gone = 0 "
	    "WHERE medium = ? AND name = ?");
	query_bind_i64(&q, medium);
	query_bind_text(&q, name);
	return query_run(&q, err);
}

int
catalog_source_put(struct catalog *c, const struct catalog_source *s,
    struct err *err)
{
	struct query q;

	query_open(&q, c, "INSERT INTO sources (snapshot, name, kind, bytes, "
	    "packed, files, entries, changed, missed, consistency) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
	    "ON CONFLICT(snapshot, name) DO NOTHING");
	query_bind_i64(&q, s->snapshot);
	query_bind_text(&q, s->name);
	query_bind_text(&q, s->kind);
	query_bind_u64(&q, s->bytes);
	query_bind_u64(&q, s->packed);
	query_bind_u64(&q, s->files);
	query_bind_u64(&q, s->entries);
	query_bind_u64(&q, s->changed);
	query_bind_u64(&q, s->missed);
	query_bind_text(&q, s->consistency);
	return query_run(&q, err);
}

int
catalog_file_put(struct catalog *c, const struct catalog_file *f,
    int64_t *row, struct err *err)
{
	struct query q;

	query_open(&q, c, "INSERT INTO files "
	    "(snapshot, name, source, bytes, sha256, last_check, is_gone) "
	    "VALUES (?, ?, ?, ?, ?, 0, 0) "
	    "ON CONFLICT(snapshot, name) DO UPDATE SET "
	    "last_check = CASE WHEN sha256 = excluded.sha256 "
	    "THEN last_check ELSE 0 END, sha256 = excluded.sha256, "
	    "source = excluded.source, bytes = excluded.bytes, "
	    "is_gone = 0 "
	    "RETURNING id");
	query_bind_i64(&q, f->snapshot);
	query_bind_text(&q, f->name);
	query_bind_text(&q, f->source);
	query_bind_u64(&q, f->bytes);
	query_bind_blob(&q, f->sha256, SHA256_BYTES);
	return end_with_row(&q, row, err);
}

int
catalog_file_find(struct catalog *c, int64_t snapshot, const char *name,
    int64_t *row, struct err *err)
{
	struct query q;

	query_open(&q, c, "SELECT id FROM files WHERE snapshot = ? "
	    "AND name = ? AND NOT is_gone");
	query_bind_i64(&q, snapshot);
	query_bind_text(&q, name);
	return end_with_row(&q, row, err);
}

int
catalog_files_each(struct catalog *c, int64_t snapshot,
    void (*each)(void *ctx, const struct catalog_known_file *file), void *ctx,
    struct err *err)
{
	uint8_t sha256[SHA256_BYTES];
	struct query q;

	query_open(&q, c, "SELECT files.id, name, files.bytes, sha256, "
	    "ifnull(checks.run, 0) FROM files "
	    "LEFT JOIN checks ON checks.id = files.last_check "
	    "WHERE snapshot = ? AND NOT is_gone ORDER BY name");
	query_bind_i64(&q, snapshot);
	while (query_row(&q)) {
		struct catalog_known_file file = {
			.row = query_i64(&q, 0), .name = query_text(&q, 1),
			.bytes = query_u64(&q, 2), .sha256 = sha256,
			.generation = query_i64(&q, 4),
		};

		if (query_blob(&q, 3, sha256, sizeof sha256))
			each(ctx, &file);
	}
	return query_end(&q, err);
}
