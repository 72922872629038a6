/* SPDX-License-Identifier: BSD-2-Clause */
/* Where boxes and edges stand: nothing overlaps, few edges cross. */
#include "../../tools/startup-order/layout.h"

#include <stdlib.h>

#include "base/err.h"
#include "compose/graph.h"
#include "harness.h"

static const struct layout_size size = { .box = 40, .box_gap = 10,
    .edge_gap = 6 };

struct drawn {
	struct graph *g;
	struct graph_groups layers;
	struct layout l;
};

static void
join(struct graph *g, const char *from, const char *to)
{
	struct err err;

	graph_add_service(g, from);
	graph_add_service(g, to);
	(void)graph_add_edge(g, &(struct graph_wish){ .from = from, .to = to,
	    .required = true }, &err);
}

static bool
draw(struct drawn *d, struct graph *g)
{
	struct err err;

	memset(d, 0, sizeof *d);
	d->g = g;
	if (!ok(graph_seal(g, &err) == 0 &&
	    graph_layers(g, &d->layers, &err) == 0, "it has layers")) {
		graph_free(g);
		return false;
	}
	layout_make(g, &d->layers, &size, &d->l);
	return true;
}

static void
wipe(struct drawn *d)
{
	layout_release(&d->l);
	graph_groups_release(&d->layers);
	graph_free(d->g);
}

/* No two things of one column nearer than they may be; all in the picture. */
static void
check_places(const struct layout *l, const char *what)
{
	size_t i, k, near = 0, outside = 0;

	for (i = 0; i < l->item_count; i++) {
		const struct layout_item *a = &l->items[i];

		if (a->is_alone)
			continue;
		if (a->y - a->height / 2 < -0.001 ||
		    a->y + a->height / 2 > l->height + 0.001)
			outside++;
		for (k = 0; k < i; k++) {
			const struct layout_item *b = &l->items[k];
			double gap = a->node != GRAPH_NONE &&
			    b->node != GRAPH_NONE ? size.box_gap :
			    size.edge_gap;
			double apart = a->y > b->y ? a->y - b->y : b->y - a->y;

			if (!b->is_alone && a->layer == b->layer &&
			    apart < a->height / 2 + b->height / 2 + gap - 0.001)
				near++;
		}
	}
	is_u64(near, 0, "%s: nothing overlaps", what);
	is_u64(outside, 0, "%s: nothing is outside", what);
}

static void
test_twisted_pairs(void)
{
	static const char *const pairs[][2] = { { "b1", "a4" },
	    { "b2", "a3" }, { "b3", "a2" }, { "b4", "a1" } };
	struct graph *g = graph_new("test");
	struct drawn d;
	size_t i;

	/* By name all of them would cross. */
	for (i = 0; i < 4; i++)
		join(g, pairs[i][0], pairs[i][1]);
	graph_add_service(g, "alone");
	if (!draw(&d, g))
		return;
	is_u64(layout_crossings(&d.l), 0, "four pairs need no crossing");
	is_u64(d.l.alone_count, 1, "one stands alone");
	for (i = 0; i < 4; i++) {
		double a = d.l.items[graph_find(g, pairs[i][0])].y;
		double b = d.l.items[graph_find(g, pairs[i][1])].y;

		ok(a - b < 0.001 && b - a < 0.001,
		    "%s stands level with what it waits for", pairs[i][0]);
	}
	check_places(&d.l, "pairs");
	wipe(&d);
}

static void
test_bends(void)
{
	struct graph *g = graph_new("test");
	struct drawn d;
	size_t i, pieces = 0;

	join(g, "d", "c");
	join(g, "c", "b");
	join(g, "b", "a");
	join(g, "d", "a");
	if (!draw(&d, g))
		return;
	is_u64(d.l.item_count, 6, "an edge over two columns bends in each");
	for (i = 0; i < d.l.link_count; i++) {
		const struct layout_link *link = &d.l.links[i];
		const struct graph_edge *edge = &g->edges[link->edge];

		pieces += edge->to == graph_find(g, "a") &&
		    edge->from == graph_find(g, "d");
		if (d.l.items[link->right].layer !=
		    d.l.items[link->left].layer + 1)
			ok(false, "a link joins neighbouring columns");
	}
	is_u64(pieces, 3, "and is made of three links");
	check_places(&d.l, "bends");
	wipe(&d);
}

/* K(2,2) cannot be drawn in two columns without a crossing; K(3,3) has 9. */
static void
test_crossings_are_counted(void)
{
	static const char *const left[] = { "a1", "a2", "a3" };
	static const char *const right[] = { "b1", "b2", "b3" };
	struct graph *g = graph_new("test");
	struct drawn d;
	size_t i, k;

	for (i = 0; i < 3; i++)
		for (k = 0; k < 3; k++)
			join(g, right[i], left[k]);
	if (!draw(&d, g))
		return;
	is_u64(layout_crossings(&d.l), 9, "three by three cross nine times");
	wipe(&d);
}

static void
test_random(void)
{
	uint32_t seed = 7;
	char from[8], to[8];
	struct graph *g = graph_new("test");
	struct drawn d;
	int i;

	for (i = 0; i < 120; i++) {
		int a, b;

		seed = seed * 1664525 + 1013904223;
		a = 1 + (int)(seed >> 8) % 59;
		seed = seed * 1664525 + 1013904223;
		b = (int)(seed >> 8) % a;
		snprintf(from, sizeof from, "s%02d", a);
		snprintf(to, sizeof to, "s%02d", b);
		join(g, from, to);
	}
	if (!draw(&d, g))
		return;
	check_places(&d.l, "60 services");
	wipe(&d);
}

/* A chain of n, whose last waits for the first, too: n - 2 bends. */
static size_t
items_of_chain(size_t n)
{
	char from[16], to[16];
	struct graph *g = graph_new("test");
	struct drawn d;
	size_t i, count;

	for (i = 1; i < n; i++) {
		snprintf(from, sizeof from, "s%06zu", i);
		snprintf(to, sizeof to, "s%06zu", i - 1);
		join(g, from, to);
	}
	join(g, from, "s000000");
	if (!draw(&d, g))
		return 0;
	count = d.l.item_count;
	wipe(&d);
	return count;
}

static void
test_bends_limit(void)
{
	size_t n = LAYOUT_BENDS_MAX + 2;

	is_u64(items_of_chain(n - 1), n - 1 + n - 3, "bends: limit - 1");
	is_u64(items_of_chain(n), n + n - 2, "bends: limit");
	is_u64(items_of_chain(n + 1), n + 1, "one more: edges go straight");
}

static void
test_empty(void)
{
	struct drawn d;

	if (!draw(&d, graph_new("test")))
		return;
	ok(d.l.item_count == 0 && d.l.height <= 0.001, "an empty project");
	wipe(&d);
}

int
main(void)
{
	test_twisted_pairs();
	test_bends();
	test_crossings_are_counted();
	test_random();
	test_bends_limit();
	test_empty();
	return done();
}
