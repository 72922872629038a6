/* SPDX-License-Identifier: BSD-2-Clause */
/* What a container has to become, and how long it may take. */
#ifndef STARTUP_ORDER_GATE_H
#define STARTUP_ORDER_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "compose/graph.h"

struct engine_state;
struct up_options;

/*
 * Ended with 0 when somebody waits for its end, healthy when it has a health
 * check, else running.
 */
enum graph_condition gate_goal(const struct graph_node *node,
    const struct engine_state *state);

/* The time from its start that options and its health check allow. */
uint64_t gate_limit_ms(const struct graph_node *node,
    const struct engine_state *state, const struct up_options *options);

/* A one-shot that once ended with 0 is not run again, unless asked for. */
bool gate_is_done_before(const struct graph_node *node,
    const struct engine_state *state, const struct up_options *options);

/* All dependents would go on without it, and there are some. */
bool gate_is_optional(const struct graph *g, size_t node);

#endif
