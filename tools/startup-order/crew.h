/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The containers of a graph's services, and the engine calls under way for
 * them: what up and down have in common.  One call at a time for each
 * container, besides a wait.
 *
 *	crew_open(&crew, engine, g, options, result, err);
 *	crew_look_all(&crew, err);
 *	... crew_ask(), crew_step(), crew_poll() ...
 *	crew_close(&crew);
 */
#ifndef STARTUP_ORDER_CREW_H
#define STARTUP_ORDER_CREW_H

#include "base/buf.h"
#include "docker/engine_container.h"
#include "up.h"

struct engine_call;

/* Looks under way at a time when all containers are looked at. */
#define CREW_LOOKS_MAX 16

enum crew_ask {
	CREW_LOOK,
	CREW_START,
	CREW_UNPAUSE,
	CREW_STOP,
	CREW_PAUSE
};

/* One container.  Fields below the line belong to up.c or down.c. */
struct crew_unit {
	size_t node;
	const char *id;
	char *name;			/* escaped */
	bool has_state;
	bool is_gone;			/* it was not there at the last look
					 * at all of them */
	struct engine_state state;	/* at the last look */
	uint64_t steady_ms;		/* it has run like this since then */
	struct engine_call *call;
	struct engine_call *wait;
	/* ---- */
	int phase;
	uint64_t next_ms;		/* when to look again; UINT64_MAX */
	uint64_t deaf_ms;		/* first failed look in a row; 0 */
	uint64_t deadline_ms;
	uint64_t notice_ms;		/* next UP_WAITING */
	bool is_ours;			/* started, or so we must assume */
	bool was_paused;		/* our start was an unpause */
	char *lost;			/* why the answer to the start was
					 * lost; NULL: it came */
	char *before;			/* started_at before our start */
	char *probe_before;		/* newest probe before it, or "" */
	uint64_t restarts_before;
	bool has_restarts;		/* restarts_before is known */
	int64_t ended_with;		/* by the wait, or while restarting */
	bool has_ended;
	unsigned reached;		/* bits: 1 << enum graph_condition */
};

struct crew {
	struct engine *engine;
	const struct graph *g;
	const struct up_options *options;
	struct up_result *result;
	struct engine_project project;
	struct crew_unit *units;	/* by node */
	size_t count;
	size_t *first;			/* units of node n begin at first[n] */
	uint64_t began_ms;
	bool has_moved;		/* look again before sleeping; see crew_poll */
};

/* List the project's containers.  The result gets its services. */
int crew_open(struct crew *crew, struct engine *engine,
    const struct graph *g, const struct up_options *options,
    struct up_result *result, struct err *err);
/* Accepts one that is zeroed. */
void crew_close(struct crew *crew);

/* Containers of a node: crew->units from *first, so many. */
size_t crew_units_of(const struct crew *crew, size_t node, size_t *first);

/*
 * Inspect every container.  One that is gone is marked; any other failure is
 * the failure of all.
 */
int crew_look_all(struct crew *crew, struct err *err);

/* Begin a call; unit->call is NULL before. */
int crew_ask(struct crew *crew, struct crew_unit *unit, enum crew_ask what,
    struct err *err);
/* Open a wait for the next end of the container. */
int crew_wait(struct crew *crew, struct crew_unit *unit, struct err *err);

/*
 * 1: the call is done, its status in *status, and of a look with status 200
 * the state is read; 0: not yet; -1: lost.  The call is over but for 0.
 * A status that is none of 2xx and 304 leaves the engine's message in err.
 */
int crew_step(struct crew *crew, struct crew_unit *unit, unsigned *status,
    struct err *err);
/* The same for the wait: 1 with unit->ended_with; -1: lost, and closed. */
int crew_step_wait(struct crew_unit *unit);

/*
 * Sleep until a call moves, a unit's next_ms comes (of those that a pause is
 * not awaited for: UINT64_MAX), or poll_ms have passed; not at all when
 * crew->has_moved, which it takes back.
 */
void crew_poll(struct crew *crew);

/* "/containers/ID/stop?t=5" and its method, as crew_ask() would send it. */
const char *crew_path(const struct crew *crew, const struct crew_unit *unit,
    enum crew_ask what, struct buf *path);

/* Tell of a service; state goes into the result too. */
struct crew_news {
	enum up_state state;
	const char *text;
	const char *detail;
	uint64_t since_ms;		/* ticks; 0: the run's begin */
	bool is_undo;
	bool is_warning;
};
void crew_tell(struct crew *crew, size_t node, const struct crew_news *news);

/* "service 'x'", escaped, in buf. */
const char *crew_service(const struct crew *crew, size_t node,
    struct buf *buf);

#endif
