/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start the containers of a project that exist, in the order of its graph,
 * through the engine.  Knows no Compose file and creates nothing.
 *
 *	struct up_result result;
 *	if (up_run(engine, g, &options, &result, err) == -1)
 *		... result says what was tried and what runs now ...
 *	up_result_release(&result);
 *
 * A service is started when every service it waits for is what it waits for:
 * running and not restarting for a moment; healthy by a probe made after the
 * start; ended with status 0.  It has arrived when it is healthy (with a
 * health check), has ended with 0 (when somebody waits for its end), or just
 * runs.  What runs already is not touched, a one-shot that once ended with 0
 * not run again.
 *
 * On failure, or when options.watch says so, everything this run started is
 * stopped again, in reverse order, unless options.keep.  Times are measured
 * on a clock that nobody sets.
 */
#ifndef STARTUP_ORDER_UP_H
#define STARTUP_ORDER_UP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/watch.h"

struct engine;
struct err;
struct graph;

/* How long is long.  Tests make these short. */
struct up_pace {
	uint64_t poll_ms;	/* between two looks at a container */
	uint64_t settle_ms;	/* running for so long is "started" */
	uint64_t settle_limit_ms;	/* and by then, or it never will */
	uint64_t one_shot_ms;	/* a one-shot must have ended by then */
	uint64_t slack_ms;	/* added to a health check's own bounds */
	uint64_t look_ms;	/* the engine takes no longer for a look, */
	uint64_t call_ms;	/* and no longer for a start */
	uint64_t deaf_ms;	/* failed looks for so long: given up */
	uint64_t notice_ms;	/* between two UP_WAITING of a service */
	uint64_t restarts;	/* so many are a loop */
};
#define UP_PACE_USUAL { .poll_ms = 250, .settle_ms = 1000, \
	.settle_limit_ms = 60000, .one_shot_ms = 3600000, \
	.slack_ms = 10000, .look_ms = 15000, .call_ms = 120000, \
	.deaf_ms = 10000, .notice_ms = 10000, .restarts = 5 }

/* Services under way at a time. */
#define UP_PARALLEL_MAX 64

#define UP_STOP_OWN UINT64_MAX	/* each container's own stop timeout */

/* How a service stands, and what an event says of it. */
enum up_state {
	UP_UNTOUCHED,		/* nothing was done: its turn never came */
	UP_WAITING,		/* started, has not arrived yet */
	UP_STARTING,		/* the engine was asked to start it */
	UP_ARRIVED,		/* by our start */
	UP_LEFT_ALONE,		/* was there already */
	UP_FAILED,
	UP_STOPPING,		/* the engine was asked to stop it */
	UP_STOPPED,
	UP_NOT_RUNNING,		/* was not running: nothing to stop */
	UP_NOT_STOPPED		/* could not be stopped */
};

/* Texts are escaped and borrowed for the call. */
struct up_event {
	enum up_state state;
	const char *service;
	const char *text;	/* "healthy", "ended with status 0", why */
	const char *detail;	/* more lines, or "": a health log's tail */
	uint64_t ms;		/* since its own start, or its stop */
	uint64_t at_ms;		/* since the run began */
	bool is_undo;		/* part of a roll-back */
	bool is_warning;	/* a failure that the run outlives */
};

struct up_calls {
	void *ctx;
	void (*event)(void *ctx, const struct up_event *event);
};

struct up_options {
	uint64_t timeout_ms;	/* of each service; 0: its own bounds */
	uint64_t stop_s;	/* before a kill; UP_STOP_OWN */
	bool keep;		/* no roll-back */
	bool again;		/* run one-shots that ended with 0 again */
	struct up_pace pace;
	const struct watch *watch;	/* may be NULL */
	struct up_calls calls;
};

struct up_service {
	const char *name;	/* the graph's, not escaped */
	enum up_state state;	/* at the end, roll-back and all */
	bool was_started;	/* by this run */
	bool has_failed;
	uint64_t started_ms;	/* since the run began */
	uint64_t took_ms;	/* from its start until it arrived */
	char *text;		/* why, or what it reached; escaped */
};

struct up_result {
	struct up_service *services;	/* in the order of the graph's nodes */
	size_t count;
	uint64_t started;	/* services that this run started */
	uint64_t left_alone;
	uint64_t stopped;	/* by roll-back or down */
	uint64_t not_stopped;
	uint64_t stay_down;	/* containers stopped that the engine would
				 * have started with itself: unless-stopped */
	uint64_t warnings;	/* failures that the run outlived */
	uint64_t ms;
	bool is_rolled_back;
};

/*
 * ERR_PREFLIGHT: before anything was started: a container is missing, or
 * one is asked for its health and has no check.  ERR_IO: a service failed
 * (result says which and why).  ERR_INTERRUPTED: the watch.  g must outlive
 * result, which the caller releases in any case.
 */
int up_run(struct engine *engine, const struct graph *g,
    const struct up_options *options, struct up_result *result,
    struct err *err);

/* Accepts one that is zeroed. */
void up_result_release(struct up_result *result);

/* "arrived", "left alone" ...: for JSON and records. */
const char *up_state_name(enum up_state state);

#endif
