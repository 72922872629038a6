/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting in order, gate by gate; see up.h. */
#include "up.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "compose/graph.h"
#include "crew.h"
#include "docker/engine_call.h"
#include "down.h"
#include "gate.h"
#include "io/io.h"
#include "why.h"

/* Without a word for so long, a wait counts as registered. */
#define REGISTER_MS 3000

#define GONE "has lost its container: somebody removed it"
#define GOING "cannot be used: its container is being removed"

enum up_phase {
	PHASE_IDLE,
	PHASE_LOOK,	/* how does it stand, before anything is done? */
	PHASE_REGISTER,	/* a wait is being opened */
	PHASE_START,	/* to be started, or the engine was asked to */
	PHASE_GATE,	/* looked at until it is what it shall be */
	PHASE_DONE
};

struct up_node {
	bool is_active;
	bool has_failed;
	bool is_asked;		/* a start of it was asked for */
	size_t pending;		/* units that have not arrived */
	uint64_t began_ms;
	unsigned told;		/* bits: what the frontier knows */
};

struct up {
	struct crew crew;
	struct graph_frontier *frontier;
	struct up_node *nodes;
	size_t active;		/* nodes */
	/*
	 * One start at a time: two that publish a port of the same range can
	 * be given the same one (moby).
	 */
	struct crew_unit *starting;
	bool is_ending;		/* nothing new is started */
	uint64_t ending_ms;	/* since then */
	struct err *err;	/* what ended it */
};

/* ------------------------------------------------------------------ facts */

static const struct graph_node *
graph_node_of(const struct up *up, const struct crew_unit *u)
{
	return &up->crew.g->nodes[u->node];
}

static enum graph_condition
goal_of(const struct up *up, const struct crew_unit *u)
{
	return gate_goal(graph_node_of(up, u), &u->state);
}

static uint64_t
limit_of(const struct up *up, const struct crew_unit *u)
{
	return gate_limit_ms(graph_node_of(up, u), &u->state,
	    up->crew.options);
}

static const char *
newest_probe(const struct engine_state *state)
{
	return state->probe_count == 0 ? "" :
	    state->probes[state->probe_count - 1].start;
}

/* Was there a probe since we looked first?  Their times may jump. */
static bool
has_fresh_probe(const struct crew_unit *u)
{
	return u->probe_before == NULL || (u->state.probe_count > 0 &&
	    strcmp(newest_probe(&u->state), u->probe_before) != 0);
}

/* ----------------------------------------------------- arriving and failing */

static void
tell(struct up *up, size_t node, enum up_state state, const char *text)
{
	const struct crew_news news = { .state = state, .text = text,
	    .since_ms = up->nodes[node].began_ms };

	crew_tell(&up->crew, node, &news);
}

/* Every container of the node has it: its dependents may go on. */
static void
reach(struct up *up, struct crew_unit *u, enum graph_condition condition)
{
	struct up_node *n = &up->nodes[u->node];
	unsigned bit = 1U << condition;
	size_t first, count = crew_units_of(&up->crew, u->node, &first), i;

	u->reached |= bit;
	for (i = first; i < first + count; i++)
		if ((up->crew.units[i].reached & bit) == 0)
			return;
	if ((n->told & bit) != 0)
		return;
	n->told |= bit;
	up->crew.has_moved = true;
	graph_frontier_reached(up->frontier, u->node, condition);
}

static void
arrive(struct up *up, struct crew_unit *u, enum graph_condition condition,
    const char *text)
{
	struct up_node *n = &up->nodes[u->node];
	struct up_service *s = &up->crew.result->services[u->node];

	u->phase = PHASE_DONE;
	u->next_ms = UINT64_MAX;
	reach(up, u, condition);
	if (--n->pending > 0 || n->has_failed)
		return;
	n->is_active = false;
	up->active--;
	up->crew.has_moved = true;
	s->took_ms = io_ticks_ms() - n->began_ms;
	if (!s->was_started)
		up->crew.result->left_alone++;
	tell(up, u->node, s->was_started ? UP_ARRIVED : UP_LEFT_ALONE, text);
}

static void
end_run(struct up *up)
{
	if (up->is_ending)
		return;
	up->is_ending = true;
	up->ending_ms = io_ticks_ms();
}

/* A service has failed; the run with it, unless nobody requires it. */
static void
fail_node(struct up *up, size_t node, const char *text, const char *detail)
{
	struct up_node *n = &up->nodes[node];
	struct up_service *s = &up->crew.result->services[node];
	struct crew_news news = { .state = UP_FAILED, .text = text,
	    .detail = detail, .since_ms = n->began_ms };
	struct buf name = BUF_EMPTY;

	if (n->has_failed)
		return;
	n->has_failed = s->has_failed = true;
	s->took_ms = io_ticks_ms() - n->began_ms;
	if (n->is_active)
		up->active--;
	n->is_active = false;
	up->crew.has_moved = true;
	news.is_warning = gate_is_optional(up->crew.g, node);
	crew_tell(&up->crew, node, &news);
	graph_frontier_failed(up->frontier, node);
	if (news.is_warning)
		up->crew.result->warnings++;
	else if (!up->is_ending)
		err_set(up->err, ERR_IO, 0, "%s %s",
		    crew_service(&up->crew, node, &name), text);
	if (!news.is_warning)
		end_run(up);
	buf_release(&name);
}

static void
fail_unit(struct up *up, struct crew_unit *u, const struct buf *why)
{
	struct buf text = BUF_EMPTY, detail = BUF_EMPTY;
	size_t first;

	u->phase = PHASE_DONE;
	u->next_ms = UINT64_MAX;
	if (crew_units_of(&up->crew, u->node, &first) > 1)
		buf_printf(&text, "(container '%s') ", u->name);
	buf_puts(&text, buf_text(why));
	if (u->has_state && goal_of(up, u) == GRAPH_HEALTHY &&
	    has_fresh_probe(u))
		why_probes(&detail, &u->state);
	fail_node(up, u->node, buf_text(&text), buf_text(&detail));
	buf_release(&text);
	buf_release(&detail);
}

static void
fail_text(struct up *up, struct crew_unit *u, const char *text)
{
	struct buf why = BUF_EMPTY;

	buf_puts(&why, text);
	fail_unit(up, u, &why);
	buf_release(&why);
}

/* ---------------------------------------------------------------- the gate */

static void
begin_gate(struct up *up, struct crew_unit *u)
{
	uint64_t now = io_ticks_ms();

	u->phase = PHASE_GATE;
	u->next_ms = now;
	u->deaf_ms = 0;
	u->deadline_ms = now + limit_of(up, u);
	u->notice_ms = now + up->crew.options->pace.notice_ms;
}

static void
judge_running(struct up *up, struct crew_unit *u)
{
	const struct engine_state *s = &u->state;
	enum graph_condition goal = goal_of(up, u);

	if (io_ticks_ms() - u->steady_ms >= up->crew.options->pace.settle_ms)
		reach(up, u, GRAPH_STARTED);
	if (s->health == ENGINE_HEALTHY && (!u->is_ours ||
	    has_fresh_probe(u))) {
		reach(up, u, GRAPH_HEALTHY);
		if (goal == GRAPH_HEALTHY)
			arrive(up, u, GRAPH_HEALTHY, u->is_ours ? "healthy" :
			    "runs already, healthy");
	} else if (s->health == ENGINE_UNHEALTHY && goal == GRAPH_HEALTHY &&
	    has_fresh_probe(u)) {
		fail_text(up, u, "is unhealthy");
	} else if (goal == GRAPH_STARTED &&
	    (u->reached & 1U << GRAPH_STARTED) != 0) {
		arrive(up, u, GRAPH_STARTED, u->is_ours ? "running" :
		    "runs already");
	}
}

static void
fail_ended(struct up *up, struct crew_unit *u, int64_t exit_code)
{
	struct buf why = BUF_EMPTY;

	why_ended(&why, exit_code, u->state.was_oom_killed);
	if (goal_of(up, u) == GRAPH_HEALTHY)
		buf_puts(&why, " before it was healthy");
	if (u->state.restarts > u->restarts_before)
		buf_printf(&why, ", and so after %llu restarts",
		    (unsigned long long)(u->state.restarts -
		    u->restarts_before));
	if (*u->state.error != '\0') {
		buf_puts(&why, ": ");
		why_refused(&why, u->state.error);
	}
	fail_unit(up, u, &why);
	buf_release(&why);
}

static bool
is_never_restarted(const struct engine_state *s)
{
	return *s->restart_policy == '\0' ||
	    strcmp(s->restart_policy, "no") == 0;
}

static void
judge_ended(struct up *up, struct crew_unit *u)
{
	const struct engine_state *s = &u->state;
	enum graph_condition goal = goal_of(up, u);
	bool is_well = s->exit_code == 0 && !s->was_oom_killed;

	if (is_well && goal == GRAPH_COMPLETED)
		arrive(up, u, GRAPH_COMPLETED, "ended with status 0");
	else if (is_well && goal == GRAPH_STARTED && is_never_restarted(s))
		arrive(up, u, GRAPH_STARTED, "ended with status 0 at once");
	else
		fail_ended(up, u, s->exit_code);
}

/* on-failure:N is the engine's own limit: it ends the loop itself. */
static bool
is_loop(const struct up *up, const struct crew_unit *u)
{
	return u->state.restarts_max == 0 && u->state.restarts >=
	    u->restarts_before + up->crew.options->pace.restarts;
}

static void
fail_loop(struct up *up, struct crew_unit *u)
{
	struct buf why = BUF_EMPTY;

	buf_printf(&why, "is in a restart loop: restarted %llu times",
	    (unsigned long long)(u->state.restarts - u->restarts_before));
	if (u->has_ended) {
		buf_puts(&why, ", each time it ");
		why_ended(&why, u->ended_with, u->state.was_oom_killed);
	}
	fail_unit(up, u, &why);
	buf_release(&why);
}

/* Did our start take effect, as far as can be seen? */
static bool
has_begun(const struct crew_unit *u)
{
	if (u->was_paused)
		return u->state.status != ENGINE_PAUSED;
	return strcmp(u->state.started_at, u->before) != 0;
}

static void
judge(struct up *up, struct crew_unit *u)
{
	if (u->lost != NULL && !has_begun(u)) {
		if (io_ticks_ms() >= u->deadline_ms)
			fail_text(up, u, u->lost);
		return;
	}
	if (!u->has_restarts) {
		u->has_restarts = true;
		u->restarts_before = u->state.restarts;
	}
	if (u->state.status == ENGINE_RESTARTING) {
		u->ended_with = u->state.exit_code;
		u->has_ended = true;
	}
	if (is_loop(up, u))
		fail_loop(up, u);
	else if (u->state.status == ENGINE_RUNNING)
		judge_running(up, u);
	else if (u->state.status == ENGINE_EXITED)
		judge_ended(up, u);
	else if (u->state.status == ENGINE_GONE)
		fail_text(up, u, GOING);
}

static void
fail_late(struct up *up, struct crew_unit *u)
{
	static const char *const what[] = {
		[GRAPH_STARTED] = "was never up for long enough",
		[GRAPH_HEALTHY] = "was not healthy",
		[GRAPH_COMPLETED] = "did not end" };
	struct buf why = BUF_EMPTY;

	if (u->lost != NULL && !has_begun(u)) {
		buf_puts(&why, u->lost);
	} else {
		buf_printf(&why, "%s within %.1f s", what[goal_of(up, u)],
		    (double)limit_of(up, u) / 1000);
		if (u->state.status == ENGINE_PAUSED)
			buf_puts(&why, ": somebody has paused it");
	}
	fail_unit(up, u, &why);
	buf_release(&why);
}

static void
give_notice(struct up *up, struct crew_unit *u, uint64_t now)
{
	static const char *const what[] = {
		[GRAPH_STARTED] = "has to stay up", [GRAPH_HEALTHY] =
		"has to become healthy", [GRAPH_COMPLETED] = "has to end" };
	uint64_t limit = limit_of(up, u);
	char *text = mem_format("%s: %llu s of at most %llu s",
	    what[goal_of(up, u)], (unsigned long long)
	    ((now + limit - u->deadline_ms) / 1000),
	    (unsigned long long)(limit / 1000));

	u->notice_ms = now + up->crew.options->pace.notice_ms;
	tell(up, u->node, UP_WAITING, text);
	free(text);
}

/* --------------------------------------------------------------- the start */

static void
begin_start(struct up *up, struct crew_unit *u)
{
	struct err ignored;

	u->was_paused = u->state.status == ENGINE_PAUSED;
	u->phase = PHASE_START;
	u->next_ms = io_ticks_ms();
	if (goal_of(up, u) != GRAPH_COMPLETED || u->was_paused)
		return;
	/* Without a wait, looks tell when and how it ended. */
	if (crew_wait(&up->crew, u, &ignored) == 0) {
		u->phase = PHASE_REGISTER;
		u->next_ms = UINT64_MAX;
		u->deadline_ms = io_ticks_ms() + REGISTER_MS;
	}
}

/* The last look before anything is done: is there anything to do? */
static void
decide(struct up *up, struct crew_unit *u)
{
	const struct engine_state *s = &u->state;

	free(u->before);
	free(u->probe_before);
	u->before = mem_text(s->started_at);
	u->probe_before = mem_text(newest_probe(s));
	if (s->status == ENGINE_RUNNING || s->status == ENGINE_RESTARTING) {
		begin_gate(up, u);
		judge(up, u);
	} else if (s->status == ENGINE_GONE) {
		fail_text(up, u, GOING);
	} else if (gate_is_done_before(graph_node_of(up, u), s,
	    up->crew.options)) {
		arrive(up, u, GRAPH_COMPLETED, "has ended with status 0 "
		    "before, not run again");
	} else {
		begin_start(up, u);
	}
}

static void
step_register(struct up *up, struct crew_unit *u)
{
	bool is_open = u->wait != NULL && crew_step_wait(u) == 0;

	if (is_open && !engine_call_has_head(u->wait) &&
	    io_ticks_ms() < u->deadline_ms)
		return;
	u->has_ended = false;	/* an answer so soon is about the past */
	u->phase = PHASE_START;
	u->next_ms = io_ticks_ms();
	up->crew.has_moved = true;
}

static void
ask_start(struct up *up, struct crew_unit *u)
{
	struct up_service *s = &up->crew.result->services[u->node];
	struct err err;

	if (up->starting != NULL || up->is_ending) {
		u->next_ms = UINT64_MAX;	/* until the other is done */
		return;
	}
	u->next_ms = UINT64_MAX;
	if (!up->nodes[u->node].is_asked) {
		up->nodes[u->node].is_asked = true;
		up->nodes[u->node].began_ms = io_ticks_ms();
		s->started_ms = io_ticks_ms() - up->crew.began_ms;
		tell(up, u->node, UP_STARTING, u->was_paused ?
		    "was paused" : "");
	}
	if (crew_ask(&up->crew, u, u->was_paused ? CREW_UNPAUSE : CREW_START,
	    &err) == 0) {
		up->starting = u;
		return;
	}
	err_context(&err, "cannot be started");
	fail_text(up, u, err.text);
}

/* From here on a roll-back has to do with it. */
static void
own(struct up *up, struct crew_unit *u)
{
	struct up_service *s = &up->crew.result->services[u->node];

	u->is_ours = true;
	if (!s->was_started)
		up->crew.result->started++;
	s->was_started = true;
}

static void
take_start(struct up *up, struct crew_unit *u)
{
	struct buf why = BUF_EMPTY;
	unsigned status = 0;
	struct err err;
	int ret = crew_step(&up->crew, u, &status, &err);

	if (ret == 0)
		return;
	up->starting = NULL;
	up->crew.has_moved = true;
	if (ret == -1) {
		/* Asked, and no answer: it may have started. */
		own(up, u);
		u->lost = mem_format("cannot be started: %s", err.text);
		begin_gate(up, u);
		u->deadline_ms = io_ticks_ms() + up->crew.options->pace.deaf_ms;
	} else if (status < 300 || status == 304) {
		if (status != 304)
			own(up, u);
		begin_gate(up, u);
	} else if (status == 404) {
		fail_text(up, u, GONE);
	} else {
		/* An engine that fails may have started it all the same. */
		if (status >= 500)
			own(up, u);
		buf_puts(&why, "cannot be started: ");
		why_refused(&why, err.text);
		fail_unit(up, u, &why);
	}
	buf_release(&why);
}

/* ---------------------------------------------------------------- the looks */

static void
look_later(struct up *up, struct crew_unit *u, const struct err *why)
{
	uint64_t now = io_ticks_ms();
	char *text;

	if (u->deaf_ms == 0)
		u->deaf_ms = now;
	u->next_ms = now + up->crew.options->pace.poll_ms;
	if (now - u->deaf_ms < up->crew.options->pace.deaf_ms)
		return;
	text = mem_format("cannot be looked at: %s", why->text);
	fail_text(up, u, text);
	free(text);
}

/* A container that removes itself when it ends leaves only the wait. */
static void
take_gone(struct up *up, struct crew_unit *u)
{
	struct err err;

	if (u->wait != NULL && goal_of(up, u) == GRAPH_COMPLETED) {
		err_set(&err, ERR_IO, 0, "it is gone");
		look_later(up, u, &err);
	} else if (!u->has_ended || goal_of(up, u) != GRAPH_COMPLETED)
		fail_text(up, u, GONE);
	else if (u->ended_with == 0)
		arrive(up, u, GRAPH_COMPLETED, "ended with status 0");
	else
		fail_ended(up, u, u->ended_with);
}

static void
take_look(struct up *up, struct crew_unit *u)
{
	unsigned status = 0;
	struct err err;
	int ret = crew_step(&up->crew, u, &status, &err);

	if (ret == 0)
		return;
	if (ret == 1 && status == 404) {
		take_gone(up, u);
	} else if (ret == -1 || status != 200) {
		look_later(up, u, &err);
	} else {
		u->deaf_ms = 0;
		u->next_ms = io_ticks_ms() + up->crew.options->pace.poll_ms;
		if (u->phase == PHASE_LOOK)
			decide(up, u);
		else
			judge(up, u);
	}
}

static void
ask_look(struct up *up, struct crew_unit *u)
{
	uint64_t now = io_ticks_ms();
	struct err err;

	if (u->phase == PHASE_GATE && now >= u->deadline_ms) {
		fail_late(up, u);
		return;
	}
	if (u->phase == PHASE_GATE && now >= u->notice_ms)
		give_notice(up, u, now);
	if (now >= u->next_ms && crew_ask(&up->crew, u, CREW_LOOK, &err) == -1)
		look_later(up, u, &err);
}

static void
step_unit(struct up *up, struct crew_unit *u)
{
	switch ((enum up_phase)u->phase) {
	case PHASE_IDLE:
	case PHASE_DONE:
		break;
	case PHASE_REGISTER:
		step_register(up, u);
		break;
	case PHASE_START:
		if (u->call != NULL)
			take_start(up, u);
		else
			ask_start(up, u);
		break;
	case PHASE_GATE:
		if (u->wait != NULL && crew_step_wait(u) == 1)
			u->next_ms = io_ticks_ms();
		/* fall through */
	case PHASE_LOOK:
		if (u->call != NULL)
			take_look(up, u);
		else
			ask_look(up, u);
		break;
	}
}

/* ------------------------------------------------------------------ the run */

/* Nothing of it runs, by wish or because it was pruned after it ended. */
static void
pass_by(struct up *up, size_t node)
{
	struct up_node *n = &up->nodes[node];
	const struct crew_news news = { .state = UP_UNTOUCHED,
	    .text = "has no container; it is taken to have ended",
	    .is_warning = true };

	n->is_active = false;
	up->active--;
	up->crew.has_moved = true;
	if (up->crew.g->nodes[node].replicas == 0) {
		tell(up, node, UP_UNTOUCHED, "has no replicas");
	} else {
		crew_tell(&up->crew, node, &news);
		up->crew.result->warnings++;
	}
	graph_frontier_reached(up->frontier, node, GRAPH_HEALTHY);
	graph_frontier_reached(up->frontier, node, GRAPH_COMPLETED);
}

static void
launch_node(struct up *up, size_t node)
{
	struct up_node *n = &up->nodes[node];
	size_t first, count = crew_units_of(&up->crew, node, &first), i;

	n->is_active = true;
	n->began_ms = io_ticks_ms();
	n->pending = count;
	up->active++;
	for (i = first; i < first + count; i++) {
		up->crew.units[i].phase = PHASE_LOOK;
		up->crew.units[i].next_ms = n->began_ms;
	}
	if (count > 0)
		return;
	if (up->crew.g->nodes[node].replicas == 0 ||
	    up->crew.g->nodes[node].is_one_shot)
		pass_by(up, node);
	else
		fail_node(up, node, "has no container", "");
}

static void
launch(struct up *up)
{
	size_t node;

	while (!up->is_ending && up->active < UP_PARALLEL_MAX &&
	    (node = graph_frontier_next(up->frontier)) != GRAPH_NONE)
		launch_node(up, node);
}

/* An answer to a start is waited for, or we would not know what runs. */
static bool
is_over(struct up *up)
{
	if (!up->is_ending)
		return up->active == 0 &&
		    graph_frontier_left(up->frontier) == 0;
	if (up->starting == NULL)
		return true;
	if (io_ticks_ms() - up->ending_ms < up->crew.options->pace.deaf_ms)
		return false;
	own(up, up->starting);
	return true;
}

static void
check_stuck(struct up *up)
{
	if (up->active > 0 || up->is_ending || up->crew.has_moved ||
	    graph_frontier_left(up->frontier) == 0)
		return;
	err_set(up->err, ERR_DAMAGED, 0, "services wait for each other");
	end_run(up);
}

static void
run(struct up *up)
{
	struct err interrupted;
	size_t i;

	for (;;) {
		launch(up);
		for (i = 0; i < up->crew.count; i++)
			step_unit(up, &up->crew.units[i]);
		check_stuck(up);
		if (is_over(up))
			return;
		if (!up->is_ending && watch_step(up->crew.options->watch, 0,
		    0, &interrupted) == -1) {
			*up->err = interrupted;
			end_run(up);
		}
		crew_poll(&up->crew);
	}
}

/* ------------------------------------------------------- before and after */

/* Name all that is missing, not only the first. */
static void
object(struct up *up, size_t node, const char *text, bool *has_problem)
{
	struct buf name = BUF_EMPTY;

	crew_service(&up->crew, node, &name);
	if (*has_problem)
		err_append(up->err, "%s %s", buf_text(&name), text);
	else
		err_set(up->err, ERR_PREFLIGHT, 0, "%s %s", buf_text(&name),
		    text);
	*has_problem = true;
	buf_release(&name);
}

static bool
is_lost(const struct up *up, size_t node)
{
	size_t first, count = crew_units_of(&up->crew, node, &first), i;

	for (i = first; i < first + count; i++)
		if (up->crew.units[i].is_gone)
			return true;
	return false;
}

static bool
lacks_check(const struct up *up, size_t node)
{
	size_t first, count = crew_units_of(&up->crew, node, &first), i;

	for (i = first; i < first + count; i++)
		if (!up->crew.units[i].state.check.is_set)
			return true;
	return false;
}

static bool
is_health_asked(const struct up *up, size_t node)
{
	size_t count, i;
	const size_t *edges = graph_dependents(up->crew.g, node, &count);

	for (i = 0; i < count; i++)
		if (up->crew.g->edges[edges[i]].condition == GRAPH_HEALTHY &&
		    up->crew.g->edges[edges[i]].required)
			return true;
	return false;
}

static int
preflight(struct up *up)
{
	const struct graph *g = up->crew.g;
	bool has_problem = false;
	size_t i, first;

	for (i = 0; i < g->node_count; i++) {
		if (g->nodes[i].replicas == 0)
			continue;
		if (crew_units_of(&up->crew, i, &first) == 0 &&
		    !g->nodes[i].is_one_shot && !gate_is_optional(g, i))
			object(up, i, "has no container (Compose's 'create' "
			    "makes one)", &has_problem);
		if (is_lost(up, i))
			object(up, i, GONE, &has_problem);
		else if (is_health_asked(up, i) && lacks_check(up, i))
			object(up, i, "has no health check, and others wait "
			    "for it to be healthy", &has_problem);
	}
	return has_problem ? -1 : 0;
}

/* At the end: is what has arrived still there? */
static void
check_still(struct up *up, struct crew_unit *u)
{
	const struct engine_state *s = &u->state;
	enum graph_condition goal = goal_of(up, u);
	struct buf why = BUF_EMPTY;

	if (up->nodes[u->node].has_failed || goal == GRAPH_COMPLETED ||
	    up->is_ending || u->phase != PHASE_DONE)
		return;
	if (u->is_gone) {
		fail_text(up, u, GONE);
		return;
	}
	if (s->status == ENGINE_RUNNING && goal == GRAPH_HEALTHY &&
	    s->health == ENGINE_UNHEALTHY)
		fail_text(up, u, "was healthy, and is unhealthy now");
	if (s->status == ENGINE_RUNNING || s->status == ENGINE_PAUSED ||
	    (s->status == ENGINE_EXITED && goal == GRAPH_STARTED &&
	    s->exit_code == 0 && is_never_restarted(s)))
		return;
	buf_puts(&why, goal == GRAPH_HEALTHY ? "was healthy, then " :
	    "was running, then ");
	why_ended(&why, s->exit_code, s->was_oom_killed);
	fail_unit(up, u, &why);
	buf_release(&why);
}

static void
last_look(struct up *up)
{
	size_t i;

	for (i = 0; i < up->crew.count; i++) {
		struct crew_unit *u = &up->crew.units[i];

		engine_call_end(u->wait);
		engine_call_end(u->call);
		u->wait = u->call = NULL;
		u->next_ms = UINT64_MAX;
	}
	if (crew_look_all(&up->crew, up->err) == -1) {
		if (up->err->class != ERR_INTERRUPTED)
			up->err->class = ERR_IO;
		end_run(up);
	}
	for (i = 0; !up->is_ending && i < up->crew.count; i++)
		check_still(up, &up->crew.units[i]);
}

int
up_run(struct engine *engine, const struct graph *g,
    const struct up_options *options, struct up_result *result,
    struct err *err)
{
	struct up up = { .err = err };
	int ret = -1;

	if (crew_open(&up.crew, engine, g, options, result, err) == -1 ||
	    crew_look_all(&up.crew, err) == -1 || preflight(&up) == -1)
		goto out;
	up.frontier = graph_frontier_new(g);
	up.nodes = mem_zero(g->node_count, sizeof *up.nodes);
	run(&up);
	if (!up.is_ending)
		last_look(&up);
	ret = up.is_ending ? -1 : 0;
	if (ret == -1 && !options->keep)
		down_undo(&up.crew);
	result->ms = io_ticks_ms() - up.crew.began_ms;
out:
	graph_frontier_free(up.frontier);
	free(up.nodes);
	crew_close(&up.crew);
	return ret;
}

void
up_result_release(struct up_result *result)
{
	size_t i;

	for (i = 0; i < result->count; i++)
		free(result->services[i].text);
	free(result->services);
	result->services = NULL;
	result->count = 0;
}

const char *
up_state_name(enum up_state state)
{
	static const char *const names[] = { "untouched", "waiting",
		"starting", "arrived", "left alone", "failed", "stopping",
		"stopped", "not running", "not stopped" };

	return names[state];
}
