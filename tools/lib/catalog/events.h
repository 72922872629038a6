/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happened besides verifications: snapshots taken, volumes restored,
 * incidents, and the runs of tools that report in JSON.  Texts are escaped by
 * the caller, and cut at CATALOG_TEXT_MAX.
 */
#ifndef CATALOG_EVENTS_H
#define CATALOG_EVENTS_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct catalog;

struct catalog_take {
	int64_t medium;
	const char *snapshot;	/* name of its folder */
	int64_t at;
	uint64_t milliseconds;
	uint64_t bytes;		/* on the medium */
	int status;		/* the tool's exit status */
	const char *summary;
};
int catalog_take_put(struct catalog *c, const struct catalog_take *take,
    struct err *err);

struct catalog_restore {
	const char *medium;	/* its id; "" for a foreign archive */
	const char *snapshot;
	const char *source;
	const char *target;	/* volume or folder */
	int64_t at;
	uint64_t milliseconds;
	uint64_t bytes;		/* restored */
	int status;
	const char *summary;	/* what became of it */
};
int catalog_restore_put(struct catalog *c,
    const struct catalog_restore *restore, struct err *err);
/* The newest first, at most max. */
int catalog_restores_each(struct catalog *c, size_t max,
    void (*each)(void *ctx, const struct catalog_restore *restore), void *ctx,
    struct err *err);

struct catalog_incident {
	const char *medium;	/* its id, or "" */
	int64_t at;
	const char *kind;	/* a word: "repaired", "wrong-medium", ... */
	const char *text;
};
int catalog_incident_put(struct catalog *c,
    const struct catalog_incident *incident, struct err *err);
/* The newest first, at most max. */
int catalog_incidents_each(struct catalog *c, size_t max,
    void (*each)(void *ctx, const struct catalog_incident *incident),
    void *ctx, struct err *err);

struct catalog_tool_run {
	const char *tool;	/* "startup-order", "probe" */
	const char *kind;	/* "up", "down", ... */
	int64_t started;
	int64_t ended;
	int status;
	const char *json;	/* all of it; as the tool wrote it */
	size_t json_len;
};
/* More than CATALOG_JSON_MAX bytes of JSON is ERR_LIMIT: half of it is none. */
int catalog_tool_run_put(struct catalog *c, const struct catalog_tool_run *run,
    struct err *err);
/*
 * The newest first, at most max; tool NULL: of all.  The JSON comes as it is
 * stored and is to be parsed before any of it is shown.
 */
int catalog_tool_runs_each(struct catalog *c, const char *tool, size_t max,
    void (*each)(void *ctx, const struct catalog_tool_run *run), void *ctx,
    struct err *err);

#endif
