/* SPDX-License-Identifier: BSD-2-Clause */
/* A layered drawing after Sugiyama; see layout.h. */
#include "layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "compose/graph.h"

#define SWEEPS 24		/* to order, and again to straighten */

/* ------------------------------------------------------------------ items */

static bool
is_alone(const struct graph *g, size_t node)
{
	size_t needs, dependents;

	(void)graph_needs(g, node, &needs);
	(void)graph_dependents(g, node, &dependents);
	return needs == 0 && dependents == 0;
}

static void
make_items(const struct graph *g, const struct graph_groups *layers,
    const struct layout_size *size, struct layout *l)
{
	size_t layer, i, count;

	for (layer = 0; layer < layers->count; layer++) {
		const size_t *nodes = graph_group(layers, layer, &count);

		for (i = 0; i < count; i++) {
			struct layout_item *item = &l->items[nodes[i]];

			item->node = nodes[i];
			item->layer = layer;
			item->height = size->box;
			item->in = item->out = GRAPH_NONE;
			item->is_alone = is_alone(g, nodes[i]);
			l->alone_count += item->is_alone;
		}
	}
	l->item_count = g->node_count;
	l->layer_count = layers->count;
}

static void
add_link(struct layout *l, size_t left, size_t right, size_t edge)
{
	struct layout_link *link = &l->links[l->link_count];

	link->left = left;
	link->right = right;
	link->edge = edge;
	link->next_out = l->items[left].out;
	link->next_in = l->items[right].in;
	l->items[left].out = l->link_count;
	l->items[right].in = l->link_count++;
}

static size_t
add_bend(struct layout *l, size_t layer)
{
	struct layout_item *item = &l->items[l->item_count];

	item->node = GRAPH_NONE;
	item->layer = layer;
	item->in = item->out = GRAPH_NONE;
	return l->item_count++;
}

/* How many bends all edges need together. */
static size_t
count_bends(const struct graph *g, const struct graph_groups *layers)
{
	size_t *layer = mem_zero(g->node_count + 1, sizeof *layer);
	size_t i, k, count, bends = 0;

	for (i = 0; i < layers->count; i++) {
		const size_t *nodes = graph_group(layers, i, &count);

		for (k = 0; k < count; k++)
			layer[nodes[k]] = i;
	}
	/* At most GRAPH_EDGES_MAX * GRAPH_NODES_MAX: fits. */
	for (i = 0; i < g->edge_count; i++)
		bends += layer[g->edges[i].from] - layer[g->edges[i].to] - 1;
	free(layer);
	return bends;
}

static void
make_links(const struct graph *g, bool bends, struct layout *l)
{
	size_t i, layer;

	for (i = 0; i < g->edge_count; i++) {
		size_t at = g->edges[i].to, end = g->edges[i].from;

		for (layer = l->items[at].layer + 1;
		    bends && layer < l->items[end].layer; layer++) {
			size_t bend = add_bend(l, layer);

			add_link(l, at, bend, i);
			at = bend;
		}
		add_link(l, at, end, i);
	}
}

/* ---------------------------------------------------------------- columns */

static size_t
column(const struct layout *l, size_t layer, size_t **items)
{
	size_t start = layer == 0 ? 0 : l->ends[layer - 1];

	*items = l->order + start;
	return l->ends[layer] - start;
}

/* Items in the order they were made: by name, then bends. */
static void
fill_columns(struct layout *l)
{
	size_t *at = mem_zero(l->layer_count + 1, sizeof *at);
	size_t i;

	for (i = 0; i < l->item_count; i++)
		if (!l->items[i].is_alone)
			l->ends[l->items[i].layer]++;
	for (i = 1; i < l->layer_count; i++) {
		at[i] = l->ends[i - 1];
		l->ends[i] += l->ends[i - 1];
	}
	for (i = 0; i < l->item_count; i++)
		if (!l->items[i].is_alone)
			l->order[at[l->items[i].layer]++] = i;
	free(at);
}

/* From the middle of a to the middle of b, which stands below it. */
static double
distance(const struct layout_size *size, const struct layout_item *a,
    const struct layout_item *b)
{
	double gap = a->node != GRAPH_NONE && b->node != GRAPH_NONE ?
	    size->box_gap : size->edge_gap;

	return a->height / 2 + gap + b->height / 2;
}

/* One below the other, the column's middle at 0. */
static void
stack(struct layout *l, const struct layout_size *size, size_t layer)
{
	size_t *items, i, count = column(l, layer, &items);
	double y = 0, middle;

	for (i = 0; i < count; i++) {
		if (i > 0)
			y += distance(size, &l->items[items[i - 1]],
			    &l->items[items[i]]);
		l->items[items[i]].y = y;
	}
	middle = y / 2;
	for (i = 0; i < count; i++)
		l->items[items[i]].y -= middle;
}

/* --------------------------------------------------------------- ordering */

/*
 * Where the item would like to be: the mean of its neighbours in the column
 * on its left (or right); without any, where it is.
 */
static double
wish_of(const struct layout *l, const struct layout_item *item, bool left)
{
	size_t link = left ? item->in : item->out;
	double sum = 0;
	unsigned n = 0;

	while (link != GRAPH_NONE) {
		const struct layout_link *p = &l->links[link];

		sum += l->items[left ? p->left : p->right].y;
		n++;
		link = left ? p->next_in : p->next_out;
	}
	return n == 0 ? item->y : sum / n;
}

struct ranked {
	double wish;
	size_t item;
	size_t place;
};

static int
compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->wish < y->wish || x->wish > y->wish)
		return x->wish < y->wish ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

static void
order_column(struct layout *l, const struct layout_size *size, size_t layer,
    bool left)
{
	size_t *items, i, count = column(l, layer, &items);
	struct ranked *ranked = mem_zero(count + 1, sizeof *ranked);

	for (i = 0; i < count; i++)
		ranked[i] = (struct ranked){
		    wish_of(l, &l->items[items[i]], left), items[i], i };
	if (count > 1)
		qsort(ranked, count, sizeof *ranked, compare_ranked);
	for (i = 0; i < count; i++)
		items[i] = ranked[i].item;
	free(ranked);
	stack(l, size, layer);
}

struct ends {
	double left;
	double right;
};

static int
compare_ends(const void *a, const void *b)
{
	const struct ends *x = a, *y = b;

	if (x->left < y->left || x->left > y->left)
		return x->left < y->left ? -1 : 1;
	return x->right < y->right ? -1 : x->right > y->right;
}

/* Pairs out of order in the right ends; sorts them, with a spare array. */
static size_t
count_inversions(struct ends *list, struct ends *spare, size_t count)
{
	size_t half = count / 2, i = 0, k = half, n = 0, crossings;

	if (count < 2)
		return 0;
	/* As deep as the logarithm of the count, whatever the input. */
	crossings = count_inversions(list, spare, half) +
	    count_inversions(list + half, spare, count - half);
	while (i < half || k < count) {
		if (k == count || (i < half && list[i].right <= list[k].right)) {
			spare[n++] = list[i++];
		} else {
			crossings += half - i;
			spare[n++] = list[k++];
		}
	}
	memcpy(list, spare, count * sizeof *list);
	return crossings;
}

static size_t
crossings_after(const struct layout *l, size_t layer, struct ends *list,
    struct ends *spare)
{
	size_t *items, i, n = 0, count = column(l, layer, &items);

	for (i = 0; i < count; i++) {
		size_t link = l->items[items[i]].out;

		for (; link != GRAPH_NONE; link = l->links[link].next_out)
			list[n++] = (struct ends){
			    l->items[l->links[link].left].y,
			    l->items[l->links[link].right].y };
	}
	if (n > 1)
		qsort(list, n, sizeof *list, compare_ends);
	return count_inversions(list, spare, n);
}

size_t
layout_crossings(const struct layout *l)
{
	struct ends *list = mem_zero(l->link_count + 1, sizeof *list);
	struct ends *spare = mem_zero(l->link_count + 1, sizeof *spare);
	size_t layer, sum = 0;

	for (layer = 0; layer + 1 < l->layer_count; layer++)
		sum += crossings_after(l, layer, list, spare);
	free(list);
	free(spare);
	return sum;
}

/* To and fro, keeping the best order that was seen. */
static void
order_columns(struct layout *l, const struct layout_size *size)
{
	size_t total = l->layer_count == 0 ? 0 : l->ends[l->layer_count - 1];
	size_t *best = mem_zero(total + 1, sizeof *best);
	size_t sweep, layer, fewest = SIZE_MAX;

	for (layer = 0; layer < l->layer_count; layer++)
		stack(l, size, layer);
	for (sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
		size_t crossings;

		for (layer = 0; layer < l->layer_count; layer++)
			order_column(l, size, sweep % 2 == 0 ? layer :
			    l->layer_count - 1 - layer, sweep % 2 == 0);
		crossings = layout_crossings(l);
		if (crossings < fewest) {
			fewest = crossings;
			memcpy(best, l->order, total * sizeof *best);
		}
	}
	memcpy(l->order, best, total * sizeof *best);
	for (layer = 0; layer < l->layer_count; layer++)
		stack(l, size, layer);
	free(best);
}

/* ---------------------------------------------------------- straightening */

/* Items that stand as near to each other as they may. */
struct block {
	double sum;		/* of wishes, each less its offset, weighted */
	double weight;
	size_t first;
};

/*
 * Each item as near to its wish as the order and the distances allow (least
 * squares, by pooling neighbours that would overlap).
 */
static void
settle_column(struct layout *l, const struct layout_size *size, size_t layer)
{
	size_t *items, i, k, n = 0, count = column(l, layer, &items);
	struct block *blocks = mem_zero(count + 1, sizeof *blocks);
	double *offset = mem_zero(count + 1, sizeof *offset);

	for (i = 0; i < count; i++) {
		struct layout_item *item = &l->items[items[i]];
		/* A bend that stays in line is worth more than a box. */
		double weight = item->node == GRAPH_NONE ? 4 : 1;

		if (i > 0)
			offset[i] = offset[i - 1] + distance(size,
			    &l->items[items[i - 1]], item);
		blocks[n++] = (struct block){
		    (item->wish - offset[i]) * weight, weight, i };
		while (n > 1 && blocks[n - 2].sum / blocks[n - 2].weight >
		    blocks[n - 1].sum / blocks[n - 1].weight) {
			blocks[n - 2].sum += blocks[n - 1].sum;
			blocks[n - 2].weight += blocks[n - 1].weight;
			n--;
		}
	}
	for (k = 0; k < n; k++) {
		size_t end = k + 1 < n ? blocks[k + 1].first : count;

		for (i = blocks[k].first; i < end; i++)
			l->items[items[i]].y = offset[i] +
			    blocks[k].sum / blocks[k].weight;
	}
	free(blocks);
	free(offset);
}

static void
straighten(struct layout *l, const struct layout_size *size)
{
	size_t sweep, step, i, count, *items;

	for (sweep = 0; sweep < SWEEPS; sweep++)
		for (step = 0; step < l->layer_count; step++) {
			bool left = sweep % 2 == 0;
			size_t layer = left ? step :
			    l->layer_count - 1 - step;

			count = column(l, layer, &items);
			for (i = 0; i < count; i++)
				l->items[items[i]].wish = wish_of(l,
				    &l->items[items[i]], left);
			settle_column(l, size, layer);
		}
}

/* Everything between 0 and height. */
static void
shift(struct layout *l)
{
	double top = 0, bottom = 0;
	bool is_first = true;
	size_t i;

	for (i = 0; i < l->item_count; i++) {
		const struct layout_item *item = &l->items[i];

		if (item->is_alone)
			continue;
		if (is_first || item->y - item->height / 2 < top)
			top = item->y - item->height / 2;
		if (is_first || item->y + item->height / 2 > bottom)
			bottom = item->y + item->height / 2;
		is_first = false;
	}
	for (i = 0; i < l->item_count; i++)
		l->items[i].y -= top;
	l->height = bottom - top;
}

void
layout_make(const struct graph *g, const struct graph_groups *layers,
    const struct layout_size *size, struct layout *l)
{
	size_t bends = count_bends(g, layers);

	if (bends > LAYOUT_BENDS_MAX)
		bends = 0;
	memset(l, 0, sizeof *l);
	l->items = mem_zero(g->node_count + bends + 1, sizeof *l->items);
	l->links = mem_zero(g->edge_count + bends + 1, sizeof *l->links);
	l->order = mem_zero(g->node_count + bends + 1, sizeof *l->order);
	l->ends = mem_zero(layers->count + 1, sizeof *l->ends);
	make_items(g, layers, size, l);
	make_links(g, bends > 0, l);
	fill_columns(l);
	order_columns(l, size);
	straighten(l, size);
	shift(l);
}

void
layout_release(struct layout *l)
{
	free(l->items);
	free(l->links);
	free(l->order);
	free(l->ends);
	memset(l, 0, sizeof *l);
}
