/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to the graph: what graph.h hides. */
#ifndef COMPOSE_GRAPH_INDEX_H
#define COMPOSE_GRAPH_INDEX_H

#include "compose/graph.h"

struct graph_kept_wish {
	char *from;		/* owned */
	char *to;		/* owned */
	enum graph_condition condition;
	enum graph_kind kind;
	bool required;
	bool restart;
	size_t order;		/* in which it came */
};

struct graph_index {
	size_t node_cap;
	size_t *by_name;	/* node_count indices, sorted by name */
	struct graph_kept_wish *wishes;	/* until sealed */
	size_t wish_count;
	size_t wish_cap;
	/* Since sealed: edge indices by node, and where each node's end. */
	size_t *needs;
	size_t *need_ends;
	size_t *dependents;
	size_t *dependent_ends;
};

#endif
