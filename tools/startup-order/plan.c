/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls that would be made; see plan.h. */
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "crew.h"
#include "gate.h"

#define NOTE_MAX 128

struct plan {
	struct crew crew;
	const struct plan_calls *calls;
	bool is_down;
};

/* The path with the container's name, which the engine takes as well. */
static void
say(const struct plan *p, const struct plan_step *step,
    const struct crew_unit *u, const char *rest)
{
	struct plan_step full = *step;
	struct buf path = BUF_EMPTY;

	buf_printf(&path, "/containers/%s%s", u->name, rest);
	full.container = u->name;
	full.path = *step->method == '\0' ? "" : buf_text(&path);
	p->calls->step(p->calls->ctx, &full);
	buf_release(&path);
}

static void
plan_start(const struct plan *p, struct plan_step *step,
    const struct crew_unit *u)
{
	static const char *const until[] = { [GRAPH_STARTED] = "running",
	    [GRAPH_HEALTHY] = "healthy", [GRAPH_COMPLETED] =
	    "ended with 0" };
	const struct graph_node *node = &p->crew.g->nodes[u->node];
	enum graph_condition goal = gate_goal(node, &u->state);
	bool is_paused = u->state.status == ENGINE_PAUSED;
	char note[NOTE_MAX];

	step->method = "POST";
	if (goal == GRAPH_COMPLETED && !is_paused) {
		step->note = "opened before the start";
		say(p, step, u, "/wait?condition=next-exit");
	}
	(void)snprintf(note, sizeof note, "until %s, at most %.0f s",
	    until[goal], (double)gate_limit_ms(node, &u->state,
	    p->crew.options) / 1000);
	step->note = note;
	say(p, step, u, is_paused ? "/unpause" : "/start");
}

static void
plan_up(const struct plan *p, struct plan_step *step,
    const struct crew_unit *u)
{
	step->method = "";
	step->note = "";
	if (u->is_gone)
		step->note = "its container is gone";
	else if (u->state.status == ENGINE_RUNNING ||
	    u->state.status == ENGINE_RESTARTING)
		step->note = "runs already, left alone";
	else if (u->state.status == ENGINE_GONE)
		step->note = "is being removed";
	else if (gate_is_done_before(&p->crew.g->nodes[u->node], &u->state,
	    p->crew.options))
		step->note = "has ended with 0 before, not run again";
	if (*step->note != '\0')
		say(p, step, u, "");
	else
		plan_start(p, step, u);
}

static void
plan_down(const struct plan *p, struct plan_step *step,
    const struct crew_unit *u)
{
	uint64_t stop_s = p->crew.options->stop_s;
	char note[NOTE_MAX], rest[NOTE_MAX];

	step->method = "";
	step->note = "does not run";
	if (u->state.status != ENGINE_RUNNING &&
	    u->state.status != ENGINE_PAUSED &&
	    u->state.status != ENGINE_RESTARTING) {
		say(p, step, u, "");
		return;
	}
	(void)snprintf(rest, sizeof rest, "/stop");
	if (stop_s != UP_STOP_OWN)
		(void)snprintf(rest, sizeof rest, "/stop?t=%llu",
		    (unsigned long long)stop_s);
	else
		stop_s = u->state.stop_s;
	(void)snprintf(note, sizeof note, "killed after %llu s",
	    (unsigned long long)stop_s);
	step->method = "POST";
	step->note = note;
	say(p, step, u, rest);
}

static void
plan_node(const struct plan *p, size_t layer, size_t node)
{
	const char *name = p->crew.g->nodes[node].name;
	size_t first, count = crew_units_of(&p->crew, node, &first), i;
	struct buf service = BUF_EMPTY;
	struct plan_step step = { .layer = layer, .container = "",
	    .method = "", .path = "" };

	escape_text(&service, name, strlen(name));
	step.service = buf_text(&service);
	if (count == 0) {
		step.note = p->crew.g->nodes[node].replicas == 0 ?
		    "has no replicas" : "has no container";
		p->calls->step(p->calls->ctx, &step);
	}
	for (i = first; i < first + count; i++)
		if (p->is_down)
			plan_down(p, &step, &p->crew.units[i]);
		else
			plan_up(p, &step, &p->crew.units[i]);
	buf_release(&service);
}

int
plan_run(struct engine *engine, const struct graph *g,
    const struct up_options *options, bool is_down,
    const struct plan_calls *calls, struct err *err)
{
	struct plan p = { .calls = calls, .is_down = is_down };
	struct graph_groups layers = GRAPH_GROUPS_EMPTY;
	struct up_result result = { .count = 0 };
	size_t i, k, count;
	int ret = -1;

	if (graph_layers(g, &layers, err) == -1 ||
	    crew_open(&p.crew, engine, g, options, &result, err) == -1 ||
	    crew_look_all(&p.crew, err) == -1)
		goto out;
	for (i = 0; i < layers.count; i++) {
		size_t at = is_down ? layers.count - 1 - i : i;
		const size_t *group = graph_group(&layers, at, &count);

		for (k = 0; k < count; k++)
			plan_node(&p, at + 1, group[k]);
	}
	ret = 0;
out:
	crew_close(&p.crew);
	up_result_release(&result);
	graph_groups_release(&layers);
	return ret;
}
