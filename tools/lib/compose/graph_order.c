/* SPDX-License-Identifier: BSD-2-Clause */
/* Order, cycles, the longest wait and the moving frontier; see graph.h. */
#include "compose/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"

/* ----------------------------------------------------------------- groups */

const size_t *
graph_group(const struct graph_groups *groups, size_t i, size_t *count)
{
	size_t start = i == 0 ? 0 : groups->ends[i - 1];

	*count = groups->ends[i] - start;
	return groups->nodes + start;
}

void
graph_groups_release(struct graph_groups *groups)
{
	free(groups->nodes);
	free(groups->ends);
	memset(groups, 0, sizeof *groups);
}

/* ----------------------------------------------------------- walking down */

/*
 * The path of a walk in depth, in place of recursion: the nodes on it, and
 * how many of each one's edges were followed.
 */
struct trail {
	size_t *nodes;
	size_t *followed;
	size_t len;
};

static void
trail_init(struct trail *trail, const struct graph *g)
{
	trail->nodes = mem_zero(g->node_count + 1, sizeof *trail->nodes);
	trail->followed = mem_zero(g->node_count + 1,
	    sizeof *trail->followed);
	trail->len = 0;
}

static void
trail_release(struct trail *trail)
{
	free(trail->nodes);
	free(trail->followed);
}

static void
trail_enter(struct trail *trail, size_t node)
{
	trail->nodes[trail->len] = node;
	trail->followed[trail->len++] = 0;
}

/* What the next edge of the last node leads to; GRAPH_NONE at the end. */
static size_t
trail_next(struct trail *trail, const struct graph *g)
{
	size_t count, top = trail->len - 1;
	const size_t *edges = graph_needs(g, trail->nodes[top], &count);

	if (trail->followed[top] == count)
		return GRAPH_NONE;
	return g->edges[edges[trail->followed[top]++]].to;
}

/* ----------------------------------------------------------------- cycles */

/*
 * Strongly connected components after Tarjan.  component[n] is the number of
 * n's component; loops[c] says that component c holds a cycle.
 */
struct components {
	size_t *component;
	struct graph_groups members;	/* each component's, in their order */
	bool *loops;
	size_t count;
};

struct tarjan {
	struct trail trail;
	size_t *seen;		/* when, from 1; 0: not yet */
	size_t *low;
	size_t *stack;
	size_t stack_len;
	size_t clock;
};

static void
tarjan_enter(struct tarjan *t, size_t node)
{
	t->seen[node] = t->low[node] = ++t->clock;
	t->stack[t->stack_len++] = node;
	trail_enter(&t->trail, node);
}

/* All edges of the trail's last node were followed. */
static void
tarjan_leave(struct tarjan *t, struct components *c)
{
	size_t node = t->trail.nodes[--t->trail.len], member;

	if (t->trail.len > 0) {
		size_t above = t->trail.nodes[t->trail.len - 1];

		if (t->low[node] < t->low[above])
			t->low[above] = t->low[node];
	}
	if (t->low[node] != t->seen[node])
		return;
	do {
		member = t->stack[--t->stack_len];
		c->component[member] = c->count;
		c->members.ends[c->count]++;
	} while (member != node);
	c->loops[c->count] = c->members.ends[c->count] > 1;
	c->count++;
}

static void
tarjan_run(struct tarjan *t, const struct graph *g, struct components *c)
{
	size_t i, to;

	for (i = 0; i < g->node_count; i++) {
		if (t->seen[i] != 0)
			continue;
		tarjan_enter(t, i);
		while (t->trail.len > 0) {
			size_t node = t->trail.nodes[t->trail.len - 1];

			to = trail_next(&t->trail, g);
			if (to == GRAPH_NONE)
				tarjan_leave(t, c);
			else if (t->seen[to] == 0)
				tarjan_enter(t, to);
			else if (c->component[to] == GRAPH_NONE &&
			    t->seen[to] < t->low[node])
				t->low[node] = t->seen[to];
		}
	}
}

/* From the sizes in ends to the members themselves. */
static void
fill_members(const struct graph *g, struct components *c)
{
	size_t *at = mem_zero(c->count + 1, sizeof *at);
	size_t i;

	for (i = 1; i < c->count; i++) {
		at[i] = c->members.ends[i - 1];
		c->members.ends[i] += at[i];
	}
	for (i = 0; i < g->node_count; i++)
		c->members.nodes[at[c->component[i]]++] = i;
	c->members.count = c->count;
	free(at);
}

static void
find_components(const struct graph *g, struct components *c)
{
	size_t n = g->node_count + 1, i;
	struct tarjan t = { .clock = 0 };

	c->component = mem_zero(n, sizeof *c->component);
	c->members.nodes = mem_zero(n, sizeof *c->members.nodes);
	c->members.ends = mem_zero(n, sizeof *c->members.ends);
	c->loops = mem_zero(n, sizeof *c->loops);
	c->count = 0;
	memset(c->component, 0xff, n * sizeof *c->component);
	trail_init(&t.trail, g);
	t.seen = mem_zero(n, sizeof *t.seen);
	t.low = mem_zero(n, sizeof *t.low);
	t.stack = mem_zero(n, sizeof *t.stack);
	tarjan_run(&t, g, c);
	fill_members(g, c);
	for (i = 0; i < g->edge_count; i++)
		if (g->edges[i].from == g->edges[i].to)
			c->loops[c->component[g->edges[i].from]] = true;
	trail_release(&t.trail);
	free(t.seen);
	free(t.low);
	free(t.stack);
}

static void
components_release(struct components *c)
{
	free(c->component);
	graph_groups_release(&c->members);
	free(c->loops);
}

enum progress { NEW, ON_TRAIL, ON_WAY, LEFT };

/* How many nodes the trail has from node on. */
static size_t
way_round(const struct trail *trail, size_t node)
{
	size_t len = 1;

	while (trail->nodes[trail->len - len] != node)
		len++;
	return len;
}

/* Adds the last round nodes of the trail, then the rest of their component. */
static void
add_cycle(const struct components *c, const struct trail *trail,
    enum progress *state, size_t round, struct graph_groups *cycles)
{
	const size_t *way = trail->nodes + trail->len - round;
	size_t count, i, n;
	const size_t *members = graph_group(&c->members,
	    c->component[way[0]], &count);

	n = cycles->count == 0 ? 0 : cycles->ends[cycles->count - 1];
	for (i = 0; i < round; i++) {
		cycles->nodes[n++] = way[i];
		state[way[i]] = ON_WAY;
	}
	for (i = 0; i < count; i++)
		if (state[members[i]] != ON_WAY)
			cycles->nodes[n++] = members[i];
	cycles->ends[cycles->count++] = n;
}

/*
 * Walk in the order of names; the first edge back to the trail shows the
 * cycle that Compose would name, and the first one in each other component
 * that component's.
 */
void
graph_cycles(const struct graph *g, struct graph_groups *cycles,
    size_t **round)
{
	enum progress *state;
	struct components c;
	struct trail trail;
	size_t i, to;

	find_components(g, &c);
	trail_init(&trail, g);
	state = mem_zero(g->node_count + 1, sizeof *state);
	cycles->nodes = mem_zero(g->node_count + 1, sizeof *cycles->nodes);
	cycles->ends = mem_zero(c.count + 1, sizeof *cycles->ends);
	cycles->count = 0;
	*round = mem_zero(c.count + 1, sizeof **round);
	for (i = 0; i < g->node_count; i++) {
		if (state[i] != NEW)
			continue;
		state[i] = ON_TRAIL;
		trail_enter(&trail, i);
		while (trail.len > 0) {
			to = trail_next(&trail, g);
			if (to == GRAPH_NONE) {
				state[trail.nodes[--trail.len]] = LEFT;
			} else if (state[to] == NEW) {
				state[to] = ON_TRAIL;
				trail_enter(&trail, to);
			} else if (state[to] == ON_TRAIL &&
			    c.loops[c.component[to]]) {
				size_t len = way_round(&trail, to);

				c.loops[c.component[to]] = false;
				(*round)[cycles->count] = len;
				add_cycle(&c, &trail, state, len, cycles);
			}
		}
	}
	free(state);
	trail_release(&trail);
	components_release(&c);
}

/* Names of one way round; of a long one the ends. */
#define CYCLE_SHOWN 20

static void
describe_cycle(const struct graph *g, const size_t *nodes, size_t round,
    struct buf *text)
{
	size_t i;

	for (i = 0; i < round; i++) {
		const char *name = g->nodes[nodes[i]].name;

		if (round > CYCLE_SHOWN && i == CYCLE_SHOWN / 2) {
			buf_printf(text, "... %zu more ... -> ",
			    round - CYCLE_SHOWN);
			i = round - CYCLE_SHOWN / 2 - 1;
			continue;
		}
		escape_text(text, name, strlen(name));
		buf_puts(text, " -> ");
	}
	escape_text(text, g->nodes[nodes[0]].name,
	    strlen(g->nodes[nodes[0]].name));
}

/* The others of the component: each is on some cycle too. */
static void
describe_rest(const struct graph *g, const size_t *nodes, size_t count,
    struct buf *text)
{
	size_t i;

	buf_puts(text, ", in the same knot:");
	for (i = 0; i < count && i < CYCLE_SHOWN; i++) {
		const char *name = g->nodes[nodes[i]].name;

		buf_byte(text, ' ');
		escape_text(text, name, strlen(name));
	}
	if (i < count)
		buf_printf(text, " and %zu more", count - i);
}

static int
refuse_cycles(const struct graph *g, struct err *err)
{
	struct graph_groups cycles = GRAPH_GROUPS_EMPTY;
	struct buf text = BUF_EMPTY;
	size_t *round = NULL;
	size_t i, count;

	graph_cycles(g, &cycles, &round);
	for (i = 0; i < cycles.count && text.len < ERR_TEXT_MAX; i++) {
		const size_t *nodes = graph_group(&cycles, i, &count);

		if (i > 0)
			buf_puts(&text, "; ");
		buf_puts(&text, "dependency cycle detected: ");
		describe_cycle(g, nodes, round[i], &text);
		if (count > round[i])
			describe_rest(g, nodes + round[i], count - round[i],
			    &text);
	}
	err_set(err, ERR_DAMAGED, 0, "%s", buf_text(&text));
	buf_release(&text);
	graph_groups_release(&cycles);
	free(round);
	return -1;
}

/* ----------------------------------------------------------------- layers */

/*
 * The nodes so that each comes after all it waits for, and the layer of each;
 * both have room for all.  Fewer come back than there are where cycles are.
 */
static size_t
sort_nodes(const struct graph *g, size_t *order, size_t *layer)
{
	size_t *waits = mem_zero(g->node_count + 1, sizeof *waits);
	size_t head = 0, tail = 0, i, count;

	for (i = 0; i < g->node_count; i++) {
		(void)graph_needs(g, i, &waits[i]);
		if (waits[i] == 0)
			order[tail++] = i;
	}
	while (head < tail) {
		size_t node = order[head++];
		const size_t *edges = graph_dependents(g, node, &count);

		for (i = 0; i < count; i++) {
			size_t from = g->edges[edges[i]].from;

			if (layer[from] < layer[node] + 1)
				layer[from] = layer[node] + 1;
			if (--waits[from] == 0)
				order[tail++] = from;
		}
	}
	free(waits);
	return tail;
}

static void
fill_layers(const struct graph *g, const size_t *layer,
    struct graph_groups *layers)
{
	size_t *at = mem_zero(g->node_count + 1, sizeof *at);
	size_t i;

	layers->nodes = mem_zero(g->node_count + 1, sizeof *layers->nodes);
	layers->ends = mem_zero(g->node_count + 1, sizeof *layers->ends);
	layers->count = 0;
	for (i = 0; i < g->node_count; i++) {
		layers->ends[layer[i]]++;
		if (layer[i] + 1 > layers->count)
			layers->count = layer[i] + 1;
	}
	for (i = 1; i < layers->count; i++) {
		at[i] = layers->ends[i - 1];
		layers->ends[i] += layers->ends[i - 1];
	}
	for (i = 0; i < g->node_count; i++)
		layers->nodes[at[layer[i]]++] = i;
	free(at);
}

int
graph_layers(const struct graph *g, struct graph_groups *layers,
    struct err *err)
{
	size_t *order = mem_zero(g->node_count + 1, sizeof *order);
	size_t *layer = mem_zero(g->node_count + 1, sizeof *layer);
	int ret = -1;

	if (sort_nodes(g, order, layer) < g->node_count) {
		refuse_cycles(g, err);
		goto out;
	}
	fill_layers(g, layer, layers);
	ret = 0;
out:
	free(order);
	free(layer);
	return ret;
}

/* ---------------------------------------------------------- critical path */

/* What is known of one node while the longest wait is sought. */
struct wait {
	uint64_t start_ms;
	size_t edge;		/* that decides it; GRAPH_NONE */
	size_t hops;
};

static uint64_t
add_ms(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return num_add(a, b, &sum) ? sum : UINT64_MAX;
}

/* How long an edge may wait once its target runs; false: nobody knows. */
static bool
edge_bound(const struct graph *g, const struct graph_edge *edge, uint64_t *ms)
{
	const struct graph_node *to = &g->nodes[edge->to];

	*ms = 0;
	if (edge->condition == GRAPH_STARTED)
		return true;
	if (edge->condition == GRAPH_COMPLETED ||
	    to->health_known != GRAPH_HEALTH_SET)
		return false;
	*ms = to->health_ms;
	return true;
}

static void
measure_node(const struct graph *g, size_t node, struct wait *waits,
    bool *is_bounded)
{
	size_t count, i;
	const size_t *edges = graph_needs(g, node, &count);
	struct wait *own = &waits[node];

	for (i = 0; i < count; i++) {
		const struct graph_edge *edge = &g->edges[edges[i]];
		uint64_t ms;
		size_t hops = waits[edge->to].hops + 1;

		if (!edge_bound(g, edge, &ms))
			*is_bounded = false;
		ms = add_ms(waits[edge->to].start_ms, ms);
		if (ms > own->start_ms ||
		    (ms == own->start_ms && hops > own->hops)) {
			own->start_ms = ms;
			own->edge = edges[i];
			own->hops = hops;
		}
	}
}

/* Follow the deciding edges back from the last node. */
static void
fill_path(const struct graph *g, const struct wait *waits, size_t last,
    struct graph_path *path)
{
	size_t node = last, i;

	path->count = waits[last].hops + 1;
	path->steps = mem_zero(path->count, sizeof *path->steps);
	for (i = path->count; i-- > 0; ) {
		path->steps[i].node = node;
		path->steps[i].edge = waits[node].edge;
		path->steps[i].start_ms = waits[node].start_ms;
		if (i > 0)
			node = g->edges[waits[node].edge].to;
	}
	path->total_ms = add_ms(waits[last].start_ms,
	    g->nodes[last].health_ms);
}

int
graph_critical_path(const struct graph *g, struct graph_path *path,
    struct err *err)
{
	size_t *order = mem_zero(g->node_count + 1, sizeof *order);
	size_t *layer = mem_zero(g->node_count + 1, sizeof *layer);
	struct wait *waits = mem_zero(g->node_count + 1, sizeof *waits);
	uint64_t longest = 0;
	size_t i, last = GRAPH_NONE;
	int ret = -1;

	if (sort_nodes(g, order, layer) < g->node_count) {
		refuse_cycles(g, err);
		goto out;
	}
	memset(path, 0, sizeof *path);
	path->is_bounded = true;
	for (i = 0; i < g->node_count; i++) {
		size_t node = order[i];
		uint64_t ready;

		waits[node].edge = GRAPH_NONE;
		measure_node(g, node, waits, &path->is_bounded);
		ready = add_ms(waits[node].start_ms, g->nodes[node].health_ms);
		if (last == GRAPH_NONE || ready > longest ||
		    (ready == longest && waits[node].hops > waits[last].hops)) {
			longest = ready;
			last = node;
		}
	}
	if (last != GRAPH_NONE)
		fill_path(g, waits, last, path);
	ret = 0;
out:
	free(order);
	free(layer);
	free(waits);
	return ret;
}

void
graph_path_release(struct graph_path *path)
{
	free(path->steps);
	memset(path, 0, sizeof *path);
}

/* --------------------------------------------------------------- frontier */

struct graph_frontier {
	const struct graph *graph;
	size_t *waits;		/* edges of each node not yet satisfied */
	bool *is_satisfied;	/* each edge */
	size_t *queue;
	size_t head;
	size_t tail;
};

struct graph_frontier *
graph_frontier_new(const struct graph *g)
{
	struct graph_frontier *f = mem_zero(1, sizeof *f);
	size_t i;

	f->graph = g;
	f->waits = mem_zero(g->node_count + 1, sizeof *f->waits);
	f->is_satisfied = mem_zero(g->edge_count + 1,
	    sizeof *f->is_satisfied);
	f->queue = mem_zero(g->node_count + 1, sizeof *f->queue);
	for (i = 0; i < g->node_count; i++) {
		(void)graph_needs(g, i, &f->waits[i]);
		if (f->waits[i] == 0)
			f->queue[f->tail++] = i;
	}
	return f;
}

void
graph_frontier_free(struct graph_frontier *f)
{
	if (f == NULL)
		return;
	free(f->waits);
	free(f->is_satisfied);
	free(f->queue);
	free(f);
}

size_t
graph_frontier_next(struct graph_frontier *f)
{
	return f->head < f->tail ? f->queue[f->head++] : GRAPH_NONE;
}

static void
satisfy(struct graph_frontier *f, size_t edge)
{
	size_t from = f->graph->edges[edge].from;

	if (f->is_satisfied[edge])
		return;
	f->is_satisfied[edge] = true;
	if (--f->waits[from] == 0)
		f->queue[f->tail++] = from;
}

void
graph_frontier_reached(struct graph_frontier *f, size_t node,
    enum graph_condition condition)
{
	size_t count, i;
	const size_t *edges = graph_dependents(f->graph, node, &count);

	for (i = 0; i < count; i++) {
		enum graph_condition asked =
		    f->graph->edges[edges[i]].condition;

		if (asked == GRAPH_STARTED || asked == condition)
			satisfy(f, edges[i]);
	}
}

void
graph_frontier_failed(struct graph_frontier *f, size_t node)
{
	size_t count, i;
	const size_t *edges = graph_dependents(f->graph, node, &count);

	for (i = 0; i < count; i++)
		if (!f->graph->edges[edges[i]].required)
			satisfy(f, edges[i]);
}

size_t
graph_frontier_left(const struct graph_frontier *f)
{
	return f->graph->node_count - f->head;
}
