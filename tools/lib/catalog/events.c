/* SPDX-License-Identifier: BSD-2-Clause */
/* What happened; see events.h. */
#include "catalog/events.h"

#include "base/err.h"
#include "catalog/query.h"

int
catalog_take_put(struct catalog *c, const struct catalog_take *take,
    struct err *err)
{
	struct query q;

	query_open(&q, c, "INSERT INTO takes (medium, snapshot, at, "
	    "milliseconds, bytes, status, summary) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?)");
	query_bind_i64(&q, take->medium);
	query_bind_text(&q, take->snapshot);
	query_bind_i64(&q, take->at);
	query_bind_u64(&q, take->milliseconds);
	query_bind_u64(&q, take->bytes);
	query_bind_i64(&q, take->status);
	query_bind_text(&q, take->summary);
	return query_run(&q, err);
}

int
catalog_restore_put(struct catalog *c, const struct catalog_restore *restore,
    struct err *err)
{
	struct query q;

	query_open(&q, c, "INSERT INTO restores (medium, snapshot, source, "
	    "target, at, milliseconds, bytes, status, summary) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
	query_bind_text(&q, restore->medium);
	query_bind_text(&q, restore->snapshot);
	query_bind_text(&q, restore->source);
	query_bind_text(&q, restore->target);
	query_bind_i64(&q, restore->at);
	query_bind_u64(&q, restore->milliseconds);
	query_bind_u64(&q, restore->bytes);
	query_bind_i64(&q, restore->status);
	query_bind_text(&q, restore->summary);
	return query_run(&q, err);
}

int
catalog_restores_each(struct catalog *c, size_t max,
    void (*each)(void *ctx, const struct catalog_restore *restore), void *ctx,
    struct err *err)
{
	struct query q;

	query_open(&q, c, "SELECT medium, snapshot, source, target, at, "
	    "milliseconds, bytes, status, summary FROM restores "
	    "ORDER BY id DESC LIMIT ?");
	query_bind_u64(&q, max);
	while (query_row(&q)) {
		struct catalog_restore r = {
			.medium = query_text(&q, 0),
			.snapshot = query_text(&q, 1),
			.source = query_text(&q, 2),
			.target = query_text(&q, 3),
			.at = query_i64(&q, 4),
			.milliseconds = query_u64(&q, 5),
			.bytes = query_u64(&q, 6),
			.status = (int)query_i64(&q, 7),
			.summary = query_text(&q, 8),
		};

		each(ctx, &r);
	}
	return query_end(&q, err);
}

int
catalog_incident_put(struct catalog *c,
    const struct catalog_incident *incident, struct err *err)
{
	struct query q;

	query_open(&q, c, "INSERT INTO incidents (medium, at, kind, text) "
	    "VALUES (?, ?, ?, ?)");
	query_bind_text(&q, incident->medium);
	query_bind_i64(&q, incident->at);
	query_bind_text(&q, incident->kind);
	query_bind_text(&q, incident->text);
	return query_run(&q, err);
}

int
catalog_incidents_each(struct catalog *c, size_t max,
    void (*each)(void *ctx, const struct catalog_incident *incident),
    void *ctx, struct err *err)
{
	struct query q;

	query_open(&q, c, "SELECT medium, at, kind, text FROM incidents "
	    "ORDER BY id DESC LIMIT ?");
	query_bind_u64(&q, max);
	while (query_row(&q)) {
		struct catalog_incident i = {
			.medium = query_text(&q, 0), .at = query_i64(&q, 1),
			.kind = query_text(&q, 2), .text = query_text(&q, 3),
		};

		each(ctx, &i);
	}
	return query_end(&q, err);
}

int
catalog_tool_run_put(struct catalog *c, const struct catalog_tool_run *run,
    struct err *err)
{
	struct query q;

	if (run->json_len > CATALOG_JSON_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "a report of %zu bytes; the catalogue keeps %zu",
		    run->json_len, CATALOG_JSON_MAX);
	query_open(&q, c, "INSERT INTO tool_runs "
	    "(tool, kind, started, ended, status, json) "
	    "VALUES (?, ?, ?, ?, ?, ?)");
	query_bind_text(&q, run->tool);
	query_bind_text(&q, run->kind);
	query_bind_i64(&q, run->started);
	query_bind_i64(&q, run->ended);
	query_bind_i64(&q, run->status);
	query_bind_long_text(&q, run->json, run->json_len);
	return query_run(&q, err);
}

int
catalog_tool_runs_each(struct catalog *c, const char *tool, size_t max,
    void (*each)(void *ctx, const struct catalog_tool_run *run), void *ctx,
    struct err *err)
{
	struct query q;

	query_open(&q, c, "SELECT tool, kind, started, ended, status, json "
	    "FROM tool_runs WHERE ?1 = '' OR tool = ?1 "
	    "ORDER BY id DESC LIMIT ?2");
	query_bind_text(&q, tool == NULL ? "" : tool);
	query_bind_u64(&q, max);
	while (query_row(&q)) {
		struct catalog_tool_run r = {
			.tool = query_text(&q, 0), .kind = query_text(&q, 1),
			.started = query_i64(&q, 2),
			.ended = query_i64(&q, 3),
			.status = (int)query_i64(&q, 4),
		};

		r.json = query_raw(&q, 5, &r.json_len);
		each(ctx, &r);
	}
	return query_end(&q, err);
}
