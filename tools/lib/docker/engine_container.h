/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the engine says of containers: those of one Compose project, and how
 * one of them stands.  Texts come from containers: escape them.
 *
 *	engine_project_list(engine, "shop", &list, err);
 *	engine_project_release(&list);
 *
 *	engine_container_path(&path, id, "/json");	for engine_call_begin()
 *	engine_state_parse(body, len, &state, err);
 *	engine_state_release(&state);
 */
#ifndef DOCKER_ENGINE_CONTAINER_H
#define DOCKER_ENGINE_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct engine;
struct err;

struct engine_project_container {
	char *id;
	char *name;		/* without the slash */
	char *service;
	uint64_t number;	/* 0: its label is no number */
};

struct engine_project {
	struct engine_project_container *list;	/* by service, then number */
	size_t count;
};

/*
 * The containers that Compose made for the services of a project, running or
 * not; without one-off containers ("run") and hooks.  An unknown project has
 * none.  Both generations of Compose.
 */
int engine_project_list(struct engine *engine, const char *project,
    struct engine_project *found, struct err *err);
void engine_project_release(struct engine_project *found);

enum engine_status {
	ENGINE_CREATED_ONLY,	/* never started, or its start failed */
	ENGINE_RUNNING,
	ENGINE_PAUSED,
	ENGINE_RESTARTING,	/* ended, and will be started again */
	ENGINE_EXITED,
	ENGINE_GONE		/* removing, dead */
};

enum engine_health {
	ENGINE_HEALTH_NONE,
	ENGINE_HEALTH_STARTING,
	ENGINE_HEALTHY,
	/* Also of a container that does not run, and for a moment after it
	 * was paused. */
	ENGINE_UNHEALTHY
};

#define ENGINE_PROBES_MAX 5	/* as many as Docker keeps */

struct engine_probe {
	char *start;		/* a moment as text; never the same twice */
	char *output;
	int64_t exit_code;	/* -1: it could not be run, or hung */
};

/* The times of a health check, the engine's defaults filled in. */
struct engine_check {
	bool is_set;		/* there is one, and it is not NONE */
	uint64_t interval_ms;
	uint64_t timeout_ms;
	uint64_t start_period_ms;
	uint64_t retries;
};

struct engine_state {
	enum engine_status status;
	int64_t exit_code;	/* of its last end */
	bool was_oom_killed;
	char *error;		/* the engine's, of the last start; or "" */
	char *started_at;	/* text; compare, do not compute */
	bool was_ever_started;
	uint64_t restarts;	/* by the engine, since it was last started */

	enum engine_health health;
	struct engine_probe probes[ENGINE_PROBES_MAX];	/* oldest first */
	size_t probe_count;
	struct engine_check check;

	char *restart_policy;	/* "no", "always", "on-failure" ... */
	uint64_t restarts_max;	/* of on-failure; 0: no limit */
	uint64_t stop_s;	/* its own stop timeout, or the usual 10 */
};

/*
 * The answer to GET /containers/ID/json.  ERR_DAMAGED, and nothing to
 * release, for anything else.
 */
int engine_state_parse(const char *body, size_t len,
    struct engine_state *state, struct err *err);

/* Accepts one that is zeroed; leaves it so. */
void engine_state_release(struct engine_state *state);

/* "/containers/ID" and what follows, the id escaped. */
void engine_container_path(struct buf *path, const char *id,
    const char *rest);

/* The answer to a wait: the status a container ended with. */
int engine_wait_parse(const char *body, size_t len, int64_t *exit_code,
    struct err *err);

#endif
