/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where services and edges stand in a drawing: columns are layers, from left
 * to right; an edge over several columns bends in each, so that it passes
 * between the boxes.  Within a column things are ordered by the middle of
 * their neighbours, which keeps crossings few.
 *
 *	struct layout l;
 *	layout_make(g, layers, &size, &l);
 *	... l.items, l.links ...
 *	layout_release(&l);
 */
#ifndef STARTUP_ORDER_LAYOUT_H
#define STARTUP_ORDER_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

struct graph;
struct graph_groups;

/* More bends than this (graphs of thousands), and edges go straight. */
#define LAYOUT_BENDS_MAX 20000

struct layout_size {
	double box;		/* height of a box */
	double box_gap;		/* between two boxes */
	double edge_gap;	/* between an edge that passes and the rest */
};

/* A service (item i is node i), or after those a bend of an edge. */
struct layout_item {
	size_t node;		/* GRAPH_NONE: a bend */
	size_t layer;
	bool is_alone;		/* has no edge; stands in no column */
	double y;		/* of its middle */
	double height;
	size_t in;		/* private: first link that ends here */
	size_t out;		/* private: first link that starts here */
	double wish;		/* private */
};

/* One piece of an edge, from a column to one on its right. */
struct layout_link {
	size_t left;		/* items */
	size_t right;
	size_t edge;		/* of the graph */
	size_t next_in;		/* private */
	size_t next_out;	/* private */
};

struct layout {
	struct layout_item *items;
	size_t item_count;
	struct layout_link *links;	/* of each edge from left to right,
					 * one after the other */
	size_t link_count;
	double height;		/* all y lie between 0 and this */
	size_t alone_count;
	size_t *order;		/* private: items by column */
	size_t *ends;		/* private: of each column in order */
	size_t layer_count;
};

/* layers: of g, from graph_layers(). */
void layout_make(const struct graph *g, const struct graph_groups *layers,
    const struct layout_size *size, struct layout *l);
void layout_release(struct layout *l);

/* How many pairs of links cross. */
size_t layout_crossings(const struct layout *l);

#endif
