/* SPDX-License-Identifier: BSD-2-Clause */
/* Stopping in reverse order; see down.h. */
#include "down.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "compose/graph.h"
#include "crew.h"
#include "docker/engine_call.h"
#include "io/io.h"

enum down_phase {
	DOWN_IDLE,
	DOWN_LOOK,	/* does it run? */
	DOWN_STOP,
	DOWN_CHECK,	/* does it run still? */
	DOWN_DONE
};

struct down_node {
	bool is_active;
	bool is_said;		/* that it is being stopped */
	size_t pending;		/* units that are not done */
	uint64_t began_ms;
	enum up_state worst;
	struct buf why;
};

struct down {
	struct crew *crew;
	struct graph *back;
	struct graph_frontier *frontier;
	struct down_node *nodes;
	size_t active;
	bool is_undo;
	bool is_ending;		/* nothing new is stopped */
};

static bool
is_up(const struct engine_state *state)
{
	return state->status == ENGINE_RUNNING ||
	    state->status == ENGINE_PAUSED ||
	    state->status == ENGINE_RESTARTING;
}

static void
end_node(struct down *d, size_t node)
{
	struct down_node *n = &d->nodes[node];
	struct up_result *r = d->crew->result;
	const struct crew_news news = { .state = n->worst,
	    .text = buf_text(&n->why), .since_ms = n->began_ms,
	    .is_undo = d->is_undo };

	n->is_active = false;
	d->active--;
	d->crew->has_moved = true;
	r->stopped += n->worst == UP_STOPPED;
	r->not_stopped += n->worst == UP_NOT_STOPPED;
	/* What ended by itself needs no roll-back, and no word. */
	if (!d->is_undo || n->worst != UP_NOT_RUNNING)
		crew_tell(d->crew, node, &news);
	/* What cannot be stopped does not keep the rest running. */
	graph_frontier_reached(d->frontier, node, GRAPH_STARTED);
}

/* One container is done; the worst of a service is the service's. */
static void
end_unit(struct down *d, struct crew_unit *u, enum up_state state,
    const char *why)
{
	static const int rank[] = { [UP_NOT_RUNNING] = 1, [UP_STOPPED] = 2,
	    [UP_NOT_STOPPED] = 3 };
	struct down_node *n = &d->nodes[u->node];

	u->phase = DOWN_DONE;
	u->next_ms = UINT64_MAX;
	if (n->worst == UP_UNTOUCHED || rank[state] > rank[n->worst]) {
		n->worst = state;
		buf_cut(&n->why, 0);
		buf_puts(&n->why, why);
	}
	if (--n->pending == 0)
		end_node(d, u->node);
}

static void
fail_unit(struct down *d, struct crew_unit *u, const struct err *why)
{
	char *text = mem_format("container '%s': %s", u->name, why->text);

	end_unit(d, u, UP_NOT_STOPPED, text);
	free(text);
}

static void
begin_stop(struct down *d, struct crew_unit *u)
{
	struct down_node *n = &d->nodes[u->node];
	const struct crew_news news = { .state = UP_STOPPING,
	    .since_ms = n->began_ms, .is_undo = d->is_undo };
	struct err err;

	if (!n->is_said) {
		n->is_said = true;
		crew_tell(d->crew, u->node, &news);
	}
	u->phase = DOWN_STOP;
	u->next_ms = UINT64_MAX;
	if (crew_ask(d->crew, u, u->was_paused && d->is_undo ? CREW_PAUSE :
	    CREW_STOP, &err) == -1)
		fail_unit(d, u, &err);
}

/*
 * A look was lost: try again, but not for ever.  Stopping what does not run
 * does no harm, and what the engine says of that is better than nothing.
 */
static void
look_later(struct down *d, struct crew_unit *u, const struct err *why)
{
	uint64_t now = io_ticks_ms();

	if (u->deaf_ms == 0)
		u->deaf_ms = now;
	u->next_ms = now + d->crew->options->pace.poll_ms;
	if (now - u->deaf_ms < d->crew->options->pace.deaf_ms)
		return;
	if (u->phase == DOWN_LOOK)
		begin_stop(d, u);
	else if (u->lost == NULL)
		end_unit(d, u, UP_STOPPED, "so the engine says, but tells "
		    "no more");
	else
		fail_unit(d, u, why);
}

/* It has been asked to stop; has it? */
static void
judge_stopped(struct down *d, struct crew_unit *u)
{
	struct err err;

	if (is_up(&u->state)) {
		err_set(&err, ERR_IO, 0, "runs on: %s", u->lost != NULL ?
		    u->lost : "the engine only says that it stopped it");
		fail_unit(d, u, &err);
		return;
	}
	d->crew->result->stay_down +=
	    strcmp(u->state.restart_policy, "unless-stopped") == 0;
	end_unit(d, u, UP_STOPPED, u->state.exit_code == 137 ?
	    "did not end by itself, killed" : "");
}

static void
judge(struct down *d, struct crew_unit *u)
{
	if (d->is_undo && u->was_paused && u->state.status == ENGINE_PAUSED)
		end_unit(d, u, UP_STOPPED, "paused again");
	else if (u->phase == DOWN_CHECK)
		judge_stopped(d, u);
	else if (is_up(&u->state))
		begin_stop(d, u);
	else
		end_unit(d, u, UP_NOT_RUNNING, "was not running");
}

/* What the engine said to a stop, or to a look. */
static void
take_reply(struct down *d, struct crew_unit *u)
{
	unsigned status = 0;
	struct err err;
	int ret = crew_step(d->crew, u, &status, &err);

	if (ret == 0)
		return;
	if (ret == 1 && status == 404) {
		end_unit(d, u, UP_STOPPED, "its container is gone");
	} else if (u->phase == DOWN_STOP) {
		/* Whatever was said, a look tells what is so. */
		if (ret == -1 || (status >= 300 && status != 304))
			u->lost = mem_text(err.text);
		u->phase = DOWN_CHECK;
		u->deaf_ms = 0;
		u->next_ms = 0;
	} else if (ret == -1 || status != 200) {
		look_later(d, u, &err);
	} else {
		judge(d, u);
	}
}

static void
step_unit(struct down *d, struct crew_unit *u)
{
	struct err err;

	if (u->phase == DOWN_IDLE || u->phase == DOWN_DONE)
		return;
	if (u->call != NULL)
		take_reply(d, u);
	else if (io_ticks_ms() >= u->next_ms &&
	    crew_ask(d->crew, u, CREW_LOOK, &err) == -1)
		look_later(d, u, &err);
}

static void
launch_node(struct down *d, size_t node)
{
	struct down_node *n = &d->nodes[node];
	size_t first, count = crew_units_of(d->crew, node, &first), i;

	n->began_ms = io_ticks_ms();
	for (i = first; i < first + count; i++) {
		struct crew_unit *u = &d->crew->units[i];

		if (d->is_undo && !u->is_ours)
			continue;
		u->phase = DOWN_LOOK;
		u->next_ms = u->deaf_ms = 0;
		n->pending++;
	}
	if (n->pending == 0) {
		d->crew->has_moved = true;
		graph_frontier_reached(d->frontier, node, GRAPH_STARTED);
		return;
	}
	n->is_active = true;
	d->active++;
}

static void
launch(struct down *d)
{
	size_t node;

	while (!d->is_ending && d->active < UP_PARALLEL_MAX &&
	    (node = graph_frontier_next(d->frontier)) != GRAPH_NONE)
		launch_node(d, node);
}

/* Calls that up left behind are of no interest any more. */
static void
begin(struct down *d, struct crew *crew, bool is_undo)
{
	size_t i;

	memset(d, 0, sizeof *d);
	d->crew = crew;
	d->is_undo = is_undo;
	d->back = graph_reversed(crew->g);
	d->frontier = graph_frontier_new(d->back);
	d->nodes = mem_zero(crew->g->node_count, sizeof *d->nodes);
	for (i = 0; i < crew->count; i++) {
		struct crew_unit *u = &crew->units[i];

		engine_call_end(u->call);
		engine_call_end(u->wait);
		free(u->lost);
		u->call = u->wait = NULL;
		u->lost = NULL;
		u->phase = DOWN_IDLE;
		u->next_ms = UINT64_MAX;
	}
}

static void
end(struct down *d)
{
	size_t i;

	for (i = 0; i < d->crew->g->node_count; i++)
		buf_release(&d->nodes[i].why);
	free(d->nodes);
	graph_frontier_free(d->frontier);
	graph_free(d->back);
	d->crew->result->ms = io_ticks_ms() - d->crew->began_ms;
}

static void
run(struct down *d, const struct watch *watch, struct err *err)
{
	size_t i;

	for (;;) {
		launch(d);
		for (i = 0; i < d->crew->count; i++)
			step_unit(d, &d->crew->units[i]);
		if (d->active == 0 && (d->is_ending ||
		    graph_frontier_left(d->frontier) == 0))
			return;
		if (!d->is_ending && watch_step(watch, 0, 0, err) == -1)
			d->is_ending = true;
		crew_poll(d->crew);
	}
}

void
down_undo(struct crew *crew)
{
	struct err ignored;
	struct down d;

	begin(&d, crew, true);
	run(&d, NULL, &ignored);
	end(&d);
	crew->result->is_rolled_back = true;
}

int
down_run(struct engine *engine, const struct graph *g,
    const struct up_options *options, struct up_result *result,
    struct err *err)
{
	struct crew crew;
	struct down d;
	int ret = -1;

	if (crew_open(&crew, engine, g, options, result, err) == -1)
		goto out;
	if (crew.count == 0) {
		err_set(err, ERR_NOT_FOUND, 0,
		    "the engine has no containers of this project");
		goto out;
	}
	begin(&d, &crew, false);
	run(&d, options->watch, err);
	ret = d.is_ending ? -1 : 0;
	end(&d);
	if (ret == 0 && result->not_stopped > 0)
		ret = err_set(err, ERR_IO, 0, "%llu of %zu services could "
		    "not be stopped",
		    (unsigned long long)result->not_stopped, result->count);
out:
	crew_close(&crew);
	return ret;
}
