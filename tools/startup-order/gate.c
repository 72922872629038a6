/* SPDX-License-Identifier: BSD-2-Clause */
/* Goals and time limits; see gate.h. */
#include "gate.h"

#include "docker/engine_container.h"
#include "up.h"

/* Far enough to be for ever, near enough to be added to a clock. */
#define LIMIT_MAX_MS (UINT64_MAX / 4)

enum graph_condition
gate_goal(const struct graph_node *node, const struct engine_state *state)
{
	if (node->is_one_shot)
		return GRAPH_COMPLETED;
	return state->check.is_set ? GRAPH_HEALTHY : GRAPH_STARTED;
}

uint64_t
gate_limit_ms(const struct graph_node *node,
    const struct engine_state *state, const struct up_options *options)
{
	const struct engine_check *c = &state->check;
	const struct graph_health health = { c->interval_ms, c->timeout_ms,
	    c->start_period_ms, c->retries };
	uint64_t bound;

	if (options->timeout_ms != 0)
		return options->timeout_ms;
	switch (gate_goal(node, state)) {
	case GRAPH_COMPLETED:
		return options->pace.one_shot_ms;
	case GRAPH_STARTED:
		return options->pace.settle_limit_ms;
	case GRAPH_HEALTHY:
		break;
	}
	/* A probe that begins before the start period ends may end after. */
	bound = graph_health_bound_ms(&health);
	return bound > LIMIT_MAX_MS || c->timeout_ms > LIMIT_MAX_MS ?
	    LIMIT_MAX_MS : bound + c->timeout_ms + options->pace.slack_ms;
}

bool
gate_is_done_before(const struct graph_node *node,
    const struct engine_state *state, const struct up_options *options)
{
	return node->is_one_shot && !options->again &&
	    state->status == ENGINE_EXITED && state->exit_code == 0 &&
	    !state->was_oom_killed && state->was_ever_started;
}

bool
gate_is_optional(const struct graph *g, size_t node)
{
	size_t count, i;
	const size_t *edges = graph_dependents(g, node, &count);

	for (i = 0; i < count; i++)
		if (g->edges[edges[i]].required)
			return false;
	return count > 0;
}
