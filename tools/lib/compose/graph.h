/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who waits for whom: the services of one project, the edges between them,
 * and what follows from that: order, cycles, what may start next, the longest
 * wait.  Knows neither files nor an engine.
 *
 *	struct graph *g = graph_new("shop");
 *	graph_add_service(g, "db")->restart_policy = ...;
 *	graph_add_edge(g, &(struct graph_wish){ .from = "api", ... }, err);
 *	...
 *	if (graph_seal(g, err) == -1) ...
 *	if (graph_layers(g, &layers, err) == -1) ...	(names every cycle)
 *	graph_groups_release(&layers);
 *	graph_free(g);
 *
 * or graph_from_project() for the first four.  A sealed graph never changes:
 * its nodes stand in the order of their names, and a node is spoken of by its
 * index.  Nothing here recurses on input.  Names may be hostile: escape them
 * before printing.
 */
#ifndef COMPOSE_GRAPH_H
#define COMPOSE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct compose_project;
struct err;

#define GRAPH_NODES_MAX 65535
#define GRAPH_EDGES_MAX 1000000
#define GRAPH_NONE SIZE_MAX		/* no such node, no such edge */

/* What a service waits for before it is started. */
enum graph_condition {
	GRAPH_STARTED,
	GRAPH_HEALTHY,
	GRAPH_COMPLETED			/* ended with status 0 */
};

/* Where an edge comes from. */
enum graph_kind {
	GRAPH_DEPENDS_ON,
	GRAPH_LINK,
	GRAPH_NETWORK_MODE,
	GRAPH_IPC,
	GRAPH_PID,
	GRAPH_UTS,
	GRAPH_CGROUP,
	GRAPH_VOLUMES_FROM
};

struct graph_edge {
	size_t from;			/* this one waits ... */
	size_t to;			/* ... for this one */
	enum graph_condition condition;
	enum graph_kind kind;
	bool required;
	bool restart;			/* from restarts when to does */
};

/* Times of a health check, the engine's defaults filled in. */
struct graph_health {
	uint64_t interval_ms;
	uint64_t timeout_ms;
	uint64_t start_period_ms;
	uint64_t retries;
};

#define GRAPH_HEALTH_INTERVAL_MS 30000
#define GRAPH_HEALTH_TIMEOUT_MS 30000
#define GRAPH_HEALTH_RETRIES 3

enum graph_health_known {
	GRAPH_HEALTH_UNKNOWN,		/* the file has none; the image may */
	GRAPH_HEALTH_NONE,		/* surely none */
	GRAPH_HEALTH_SET		/* health holds it */
};

struct graph_container {
	char *id;
	char *name;			/* without the slash */
	uint64_t number;		/* of the replica, from 1 */
};

/* All texts are owned and never NULL. */
struct graph_node {
	char *name;
	char *image;			/* "" when it is only built */
	char *restart_policy;		/* "no" where nothing is said */
	uint64_t replicas;		/* 0: none is to run */
	struct graph_container *containers;	/* of a host, by number */
	size_t container_count;
	enum graph_health_known health_known;
	struct graph_health health;
	/* The next three are set by graph_seal(). */
	uint64_t health_ms;		/* graph_health_bound_ms(), or 0 */
	enum graph_condition wanted;	/* the strongest that dependents ask */
	bool is_one_shot;		/* somebody waits for its end */
};

/* A dependency that has no service of its name; texts owned. */
struct graph_missing {
	char *from;
	char *to;
	enum graph_condition condition;
	bool required;
};

struct graph_index;

struct graph {
	char *project;
	struct graph_node *nodes;
	size_t node_count;
	struct graph_edge *edges;	/* by from, then by to */
	size_t edge_count;
	struct graph_missing *missing;	/* optional ones, for a warning */
	size_t missing_count;
	struct graph_index *index;	/* private */
};

/* ------------------------------------------------------------- building */

struct graph *graph_new(const char *project);
/* Accepts NULL. */
void graph_free(struct graph *g);

/*
 * The service of that name, new or as it was, to be filled in; valid until
 * the next one is added.  NULL only past GRAPH_NODES_MAX.
 */
struct graph_node *graph_add_service(struct graph *g, const char *name);

/* Copies both texts. */
void graph_add_container(struct graph_node *node, const char *id,
    const char *name, uint64_t number);

/* Replace an owned text of a node by a copy of value. */
void graph_set_text(char **text, const char *value);

/* An edge by names, which need not be there yet; texts are copied. */
struct graph_wish {
	const char *from;
	const char *to;
	enum graph_condition condition;
	enum graph_kind kind;
	bool required;
	bool restart;
};

/*
 * Of two wishes between the same two services the earlier decides, but a
 * GRAPH_DEPENDS_ON decides over all implicit ones, as in Compose.  ERR_LIMIT
 * past GRAPH_EDGES_MAX.
 */
int graph_add_edge(struct graph *g, const struct graph_wish *wish,
    struct err *err);

/*
 * Sort, resolve and freeze.  A required dependency on a service that is not
 * there is ERR_NOT_FOUND and named; optional ones go to g->missing.
 */
int graph_seal(struct graph *g, struct err *err);

/*
 * The enabled services of a loaded project, sealed.  NULL: err is set.  The
 * caller frees it; project may go first.
 */
struct graph *graph_from_project(const struct compose_project *project,
    struct err *err);

/* ------------------------------------------------------- sealed: asking */

/* The index, or GRAPH_NONE. */
size_t graph_find(const struct graph *g, const char *name);

/*
 * Edges that start at node (what it waits for), and edges that end there (who
 * waits for it): indices into g->edges, in the order of the other's name.
 */
const size_t *graph_needs(const struct graph *g, size_t node, size_t *count);
const size_t *graph_dependents(const struct graph *g, size_t node,
    size_t *count);

/* Nodes in groups: layers, cycles. */
struct graph_groups {
	size_t *nodes;			/* group after group */
	size_t *ends;			/* where each group ends in nodes */
	size_t count;
};
#define GRAPH_GROUPS_EMPTY { NULL, NULL, 0 }

const size_t *graph_group(const struct graph_groups *groups, size_t i,
    size_t *count);
void graph_groups_release(struct graph_groups *groups);

/*
 * Every strongly connected component with more than one node, or one that
 * waits for itself; each by one way round it, found in the order of names as
 * Compose does, and the rest of the component after that.  round[i], one per
 * group and freed by the caller, is how many nodes are on the way round.
 */
void graph_cycles(const struct graph *g, struct graph_groups *cycles,
    size_t **round);

/*
 * Layers: each service stands one above the highest it waits for.  With
 * cycles: ERR_DAMAGED, "dependency cycle detected: a -> b -> a", all of them
 * as far as err has room.
 */
int graph_layers(const struct graph *g, struct graph_groups *layers,
    struct err *err);

/* Which services a sub-graph takes besides those named. */
enum graph_reach {
	GRAPH_WITH_NEEDS,		/* what they wait for, and so on */
	GRAPH_WITH_DEPENDENTS		/* who waits for them, and so on */
};

/*
 * A new sealed graph, freed by the caller.  NULL: ERR_NOT_FOUND names the
 * service that is not there.
 */
struct graph *graph_subgraph(const struct graph *g, const char *const *names,
    size_t count, enum graph_reach reach, struct err *err);

/*
 * The order of stopping: every edge turned round, each for "started", which
 * then means "is stopped".  The caller frees it.
 */
struct graph *graph_reversed(const struct graph *g);

/* start_period + retries * (interval + timeout); UINT64_MAX on overflow. */
uint64_t graph_health_bound_ms(const struct graph_health *health);

/*
 * The chain of waits that may take longest when every health check needs its
 * bound, the last service's own included.  The wait for the end of a one-shot,
 * or on a health check that nobody knows, has no bound: with one such edge
 * anywhere is_bounded is false, and total_ms counts only the others.  Among
 * equals the longer chain.  An empty graph gives count 0; ERR_DAMAGED with
 * cycles.
 */
struct graph_step {
	size_t node;
	size_t edge;			/* to the step before; GRAPH_NONE */
	uint64_t start_ms;		/* started at the latest then */
};
struct graph_path {
	struct graph_step *steps;
	size_t count;
	uint64_t total_ms;
	bool is_bounded;
};
int graph_critical_path(const struct graph *g, struct graph_path *path,
    struct err *err);
void graph_path_release(struct graph_path *path);

/* ----------------------------------------------------- moving frontier */

/*
 * What may start next.  Each node comes out of _next() once, when all it
 * waits for has been reached; say what it reached as it does:
 *
 *	while ((n = graph_frontier_next(f)) != GRAPH_NONE)
 *		start it;
 *	... it runs:		graph_frontier_reached(f, n, GRAPH_STARTED);
 *	... it is healthy:	graph_frontier_reached(f, n, GRAPH_HEALTHY);
 *	... it ended with 0:	graph_frontier_reached(f, n, GRAPH_COMPLETED);
 *
 * Healthy and completed include started.  graph_frontier_failed() opens its
 * optional edges only; those that require it never come.
 */
struct graph_frontier;

/* g is borrowed and must outlive it. */
struct graph_frontier *graph_frontier_new(const struct graph *g);
void graph_frontier_free(struct graph_frontier *f);
size_t graph_frontier_next(struct graph_frontier *f);
void graph_frontier_reached(struct graph_frontier *f, size_t node,
    enum graph_condition condition);
void graph_frontier_failed(struct graph_frontier *f, size_t node);
/* Nodes that have not come out of _next() yet. */
size_t graph_frontier_left(const struct graph_frontier *f);

/* ---------------------------------------------------------------- words */

/* "started", "healthy", "completed"; "depends_on", "link" ...; never NULL. */
const char *graph_condition_name(enum graph_condition condition);
const char *graph_kind_name(enum graph_kind kind);

#endif
