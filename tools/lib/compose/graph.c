/* SPDX-License-Identifier: BSD-2-Clause */
/* Building a graph of services, and graphs made from it; see graph.h. */
#include "compose/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"
#include "compose/graph_index.h"

/* ------------------------------------------------------------------ nodes */

void
graph_set_text(char **text, const char *value)
{
	char *copy = mem_text(value);

	free(*text);
	*text = copy;
}

static void
node_release(struct graph_node *node)
{
	size_t i;

	for (i = 0; i < node->container_count; i++) {
		free(node->containers[i].id);
		free(node->containers[i].name);
	}
	free(node->containers);
	free(node->name);
	free(node->image);
	free(node->restart_policy);
}

struct graph *
graph_new(const char *project)
{
	struct graph *g = mem_zero(1, sizeof *g);

	g->project = mem_text(project);
	g->index = mem_zero(1, sizeof *g->index);
	return g;
}

static void
wishes_release(struct graph_index *index)
{
	size_t i;

	for (i = 0; i < index->wish_count; i++) {
		free(index->wishes[i].from);
		free(index->wishes[i].to);
	}
	free(index->wishes);
	index->wishes = NULL;
	index->wish_count = 0;
}

void
graph_free(struct graph *g)
{
	size_t i;

	if (g == NULL)
		return;
	for (i = 0; i < g->node_count; i++)
		node_release(&g->nodes[i]);
	for (i = 0; i < g->missing_count; i++) {
		free(g->missing[i].from);
		free(g->missing[i].to);
	}
	wishes_release(g->index);
	free(g->index->by_name);
	free(g->index->needs);
	free(g->index->need_ends);
	free(g->index->dependents);
	free(g->index->dependent_ends);
	free(g->index);
	free(g->nodes);
	free(g->edges);
	free(g->missing);
	free(g->project);
	free(g);
}

/* Where name stands, or would stand, in by_name. */
static size_t
place_of(const struct graph *g, const char *name, bool *found)
{
	size_t low = 0, high = g->node_count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		size_t node = g->index->by_name[middle];
		int order = strcmp(g->nodes[node].name, name);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t
graph_find(const struct graph *g, const char *name)
{
	bool found;
	size_t at = place_of(g, name, &found);

	return found ? g->index->by_name[at] : GRAPH_NONE;
}

struct graph_node *
graph_add_service(struct graph *g, const char *name)
{
	struct graph_index *index = g->index;
	struct graph_node *node;
	bool found;
	size_t at = place_of(g, name, &found);

	if (found)
		return &g->nodes[index->by_name[at]];
	if (g->node_count == GRAPH_NODES_MAX)
		return NULL;
	if (g->node_count == index->node_cap) {
		index->node_cap = index->node_cap == 0 ? 16 :
		    index->node_cap * 2;
		g->nodes = mem_resize(g->nodes, index->node_cap,
		    sizeof *g->nodes);
		index->by_name = mem_resize(index->by_name, index->node_cap,
		    sizeof *index->by_name);
	}
	memmove(index->by_name + at + 1, index->by_name + at,
	    (g->node_count - at) * sizeof *index->by_name);
	index->by_name[at] = g->node_count;
	node = &g->nodes[g->node_count++];
	memset(node, 0, sizeof *node);
	node->name = mem_text(name);
	node->image = mem_text("");
	node->restart_policy = mem_text("no");
	node->replicas = 1;
	return node;
}

void
graph_add_container(struct graph_node *node, const char *id, const char *name,
    uint64_t number)
{
	size_t at = node->container_count;

	node->containers = mem_resize(node->containers, at + 1,
	    sizeof *node->containers);
	while (at > 0 && node->containers[at - 1].number > number) {
		node->containers[at] = node->containers[at - 1];
		at--;
	}
	node->containers[at].id = mem_text(id);
	node->containers[at].name = mem_text(name);
	node->containers[at].number = number;
	node->container_count++;
}

/* ------------------------------------------------------------------ edges */

int
graph_add_edge(struct graph *g, const struct graph_wish *wish,
    struct err *err)
{
	struct graph_index *index = g->index;
	struct graph_kept_wish *kept;

	if (index->wish_count == GRAPH_EDGES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d dependencies",
		    GRAPH_EDGES_MAX);
	if (index->wish_count == index->wish_cap) {
		index->wish_cap = index->wish_cap == 0 ? 16 :
		    index->wish_cap * 2;
		index->wishes = mem_resize(index->wishes, index->wish_cap,
		    sizeof *index->wishes);
	}
	kept = &index->wishes[index->wish_count];
	kept->from = mem_text(wish->from);
	kept->to = mem_text(wish->to);
	kept->condition = wish->condition;
	kept->kind = wish->kind;
	kept->required = wish->required;
	kept->restart = wish->restart;
	kept->order = index->wish_count++;
	return 0;
}

/* Of two between the same services the one that decides comes first. */
static int
compare_wishes(const void *a, const void *b)
{
	const struct graph_kept_wish *x = a, *y = b;
	int order = strcmp(x->from, y->from);

	if (order == 0)
		order = strcmp(x->to, y->to);
	if (order == 0)
		order = (x->kind != GRAPH_DEPENDS_ON) -
		    (y->kind != GRAPH_DEPENDS_ON);
	if (order == 0)
		order = x->order < y->order ? -1 : 1;
	return order;
}

/* The nodes in the order of their names, so that by_name is the identity. */
static void
sort_nodes(struct graph *g)
{
	struct graph_node *sorted = mem_zero(g->node_count + 1,
	    sizeof *sorted);
	size_t i;

	for (i = 0; i < g->node_count; i++) {
		sorted[i] = g->nodes[g->index->by_name[i]];
		g->index->by_name[i] = i;
	}
	free(g->nodes);
	g->nodes = sorted;
}

static int
keep_missing(struct graph *g, struct graph_kept_wish *wish, struct err *err)
{
	char from[ESCAPE_NAME_MAX], to[ESCAPE_NAME_MAX];
	struct graph_missing *missing;

	if (wish->required)
		return err_set(err, ERR_NOT_FOUND, 0,
		    "service \"%s\" depends on unknown service \"%s\"",
		    escape_name(wish->from, from), escape_name(wish->to, to));
	g->missing = mem_resize(g->missing, g->missing_count + 1,
	    sizeof *g->missing);
	missing = &g->missing[g->missing_count++];
	missing->from = mem_text(wish->from);
	missing->to = mem_text(wish->to);
	missing->condition = wish->condition;
	missing->required = wish->required;
	return 0;
}

static bool
is_repeated(const struct graph_kept_wish *wishes, size_t i)
{
	return i > 0 && strcmp(wishes[i].from, wishes[i - 1].from) == 0 &&
	    strcmp(wishes[i].to, wishes[i - 1].to) == 0;
}

static int
resolve_wishes(struct graph *g, struct err *err)
{
	struct graph_index *index = g->index;
	size_t i;

	if (index->wish_count > 1)
		qsort(index->wishes, index->wish_count, sizeof *index->wishes,
		    compare_wishes);
	g->edges = mem_zero(index->wish_count + 1, sizeof *g->edges);
	for (i = 0; i < index->wish_count; i++) {
		struct graph_kept_wish *wish = &index->wishes[i];
		struct graph_edge *edge = &g->edges[g->edge_count];

		if (is_repeated(index->wishes, i))
			continue;
		edge->from = graph_find(g, wish->from);
		edge->to = graph_find(g, wish->to);
		if (edge->from == GRAPH_NONE || edge->to == GRAPH_NONE) {
			if (keep_missing(g, wish, err) == -1)
				return -1;
			continue;
		}
		edge->condition = wish->condition;
		edge->kind = wish->kind;
		edge->required = wish->required;
		edge->restart = wish->restart;
		g->edge_count++;
	}
	return 0;
}

/* Both lists of each node; edges stand in the order of from, then of to. */
static void
index_edges(struct graph *g)
{
	struct graph_index *index = g->index;
	size_t *at = mem_zero(g->node_count + 1, sizeof *at);
	size_t i;

	index->needs = mem_zero(g->edge_count + 1, sizeof *index->needs);
	index->dependents = mem_zero(g->edge_count + 1,
	    sizeof *index->dependents);
	index->need_ends = mem_zero(g->node_count + 1,
	    sizeof *index->need_ends);
	index->dependent_ends = mem_zero(g->node_count + 1,
	    sizeof *index->dependent_ends);
	for (i = 0; i < g->edge_count; i++) {
		index->needs[i] = i;
		index->need_ends[g->edges[i].from]++;
		index->dependent_ends[g->edges[i].to]++;
	}
	for (i = 1; i < g->node_count; i++) {
		index->need_ends[i] += index->need_ends[i - 1];
		at[i] = index->dependent_ends[i - 1];
		index->dependent_ends[i] += index->dependent_ends[i - 1];
	}
	for (i = 0; i < g->edge_count; i++)
		index->dependents[at[g->edges[i].to]++] = i;
	free(at);
}

static void
finish_nodes(struct graph *g)
{
	size_t i;

	for (i = 0; i < g->node_count; i++) {
		struct graph_node *node = &g->nodes[i];

		node->health_ms = node->health_known == GRAPH_HEALTH_SET ?
		    graph_health_bound_ms(&node->health) : 0;
		node->wanted = GRAPH_STARTED;
	}
	for (i = 0; i < g->edge_count; i++) {
		struct graph_node *node = &g->nodes[g->edges[i].to];

		if (g->edges[i].condition > node->wanted)
			node->wanted = g->edges[i].condition;
		if (g->edges[i].condition == GRAPH_COMPLETED)
			node->is_one_shot = true;
	}
}

int
graph_seal(struct graph *g, struct err *err)
{
	sort_nodes(g);
	if (resolve_wishes(g, err) == -1)
		return -1;
	wishes_release(g->index);
	index_edges(g);
	finish_nodes(g);
	return 0;
}

const size_t *
graph_needs(const struct graph *g, size_t node, size_t *count)
{
	size_t start = node == 0 ? 0 : g->index->need_ends[node - 1];

	*count = g->index->need_ends[node] - start;
	return g->index->needs + start;
}

const size_t *
graph_dependents(const struct graph *g, size_t node, size_t *count)
{
	size_t start = node == 0 ? 0 : g->index->dependent_ends[node - 1];

	*count = g->index->dependent_ends[node] - start;
	return g->index->dependents + start;
}

/* ---------------------------------------------------- graphs from a graph */

static void
copy_node(struct graph *to, const struct graph_node *node)
{
	/* Within GRAPH_NODES_MAX, because the source is. */
	struct graph_node *copy = graph_add_service(to, node->name);
	size_t i;

	graph_set_text(&copy->image, node->image);
	graph_set_text(&copy->restart_policy, node->restart_policy);
	copy->replicas = node->replicas;
	copy->health_known = node->health_known;
	copy->health = node->health;
	copy->is_one_shot = node->is_one_shot;
	for (i = 0; i < node->container_count; i++)
		graph_add_container(copy, node->containers[i].id,
		    node->containers[i].name, node->containers[i].number);
}

static struct graph_wish
wish_of(const struct graph *g, const struct graph_edge *edge)
{
	return (struct graph_wish){
		.from = g->nodes[edge->from].name,
		.to = g->nodes[edge->to].name,
		.condition = edge->condition, .kind = edge->kind,
		.required = edge->required, .restart = edge->restart,
	};
}

/* Mark everything that can be reached from what is marked. */
static void
spread(const struct graph *g, bool *marked, enum graph_reach reach)
{
	size_t *queue = mem_zero(g->node_count + 1, sizeof *queue);
	size_t head = 0, tail = 0, i, count;

	for (i = 0; i < g->node_count; i++)
		if (marked[i])
			queue[tail++] = i;
	while (head < tail) {
		size_t node = queue[head++];
		const size_t *edges = reach == GRAPH_WITH_NEEDS ?
		    graph_needs(g, node, &count) :
		    graph_dependents(g, node, &count);

		for (i = 0; i < count; i++) {
			const struct graph_edge *edge = &g->edges[edges[i]];
			size_t next = reach == GRAPH_WITH_NEEDS ? edge->to :
			    edge->from;

			if (!marked[next]) {
				marked[next] = true;
				queue[tail++] = next;
			}
		}
	}
	free(queue);
}

/* A sealed graph of the marked nodes; its limits are those of g. */
static struct graph *
copy_marked(const struct graph *g, const bool *marked)
{
	struct graph *copy = graph_new(g->project);
	struct err err;
	size_t i;

	for (i = 0; i < g->node_count; i++)
		if (marked[i])
			copy_node(copy, &g->nodes[i]);
	for (i = 0; i < g->edge_count; i++) {
		const struct graph_edge *edge = &g->edges[i];
		struct graph_wish wish = wish_of(g, edge);

		if (marked[edge->from] && marked[edge->to])
			(void)graph_add_edge(copy, &wish, &err);
	}
	for (i = 0; i < g->missing_count; i++) {
		const struct graph_missing *m = &g->missing[i];
		size_t from = graph_find(g, m->from);

		if (from != GRAPH_NONE && marked[from])
			(void)graph_add_edge(copy, &(struct graph_wish){
			    .from = m->from, .to = m->to,
			    .condition = m->condition }, &err);
	}
	/* Cannot fail: what is missing is optional. */
	(void)graph_seal(copy, &err);
	return copy;
}

struct graph *
graph_subgraph(const struct graph *g, const char *const *names, size_t count,
    enum graph_reach reach, struct err *err)
{
	bool *marked = mem_zero(g->node_count + 1, sizeof *marked);
	char shown[ESCAPE_NAME_MAX];
	struct graph *sub = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		size_t node = graph_find(g, names[i]);

		if (node == GRAPH_NONE) {
			err_set(err, ERR_NOT_FOUND, 0, "no such service: %s",
			    escape_name(names[i], shown));
			goto out;
		}
		marked[node] = true;
	}
	spread(g, marked, reach);
	sub = copy_marked(g, marked);
out:
	free(marked);
	return sub;
}

struct graph *
graph_reversed(const struct graph *g)
{
	struct graph *copy = graph_new(g->project);
	struct err err;
	size_t i;

	for (i = 0; i < g->node_count; i++)
		copy_node(copy, &g->nodes[i]);
	for (i = 0; i < g->edge_count; i++) {
		const struct graph_edge *edge = &g->edges[i];

		(void)graph_add_edge(copy, &(struct graph_wish){
		    .from = g->nodes[edge->to].name,
		    .to = g->nodes[edge->from].name,
		    .kind = edge->kind, .required = true }, &err);
	}
	(void)graph_seal(copy, &err);	/* nothing can be missing */
	return copy;
}

/* ------------------------------------------------------------ small facts */

uint64_t
graph_health_bound_ms(const struct graph_health *health)
{
	uint64_t once, bound;

	if (!num_add(health->interval_ms, health->timeout_ms, &once) ||
	    !num_mul(once, health->retries, &bound) ||
	    !num_add(bound, health->start_period_ms, &bound))
		return UINT64_MAX;
	return bound;
}

const char *
graph_condition_name(enum graph_condition condition)
{
	static const char *const names[] = {
		[GRAPH_STARTED] = "started",
		[GRAPH_HEALTHY] = "healthy",
		[GRAPH_COMPLETED] = "completed",
	};

	return names[condition];
}

const char *
graph_kind_name(enum graph_kind kind)
{
	static const char *const names[] = {
		[GRAPH_DEPENDS_ON] = "depends_on",
		[GRAPH_LINK] = "link",
		[GRAPH_NETWORK_MODE] = "network_mode",
		[GRAPH_IPC] = "ipc",
		[GRAPH_PID] = "pid",
		[GRAPH_UTS] = "uts",
		[GRAPH_CGROUP] = "cgroup",
		[GRAPH_VOLUMES_FROM] = "volumes_from",
	};

	return names[kind];
}
