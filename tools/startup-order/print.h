/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The answer in its forms: text for people, JSON lines, and drawings in the
 * languages of DOT, Mermaid and SVG.  Names are escaped for each.
 */
#ifndef STARTUP_ORDER_PRINT_H
#define STARTUP_ORDER_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "compose/graph.h"

struct cli;

struct answer {
	const struct graph *graph;
	const struct graph_groups *layers;
	const struct graph_path *path;
	bool is_reversed;	/* the order of stopping */
	bool is_host;		/* from the records of containers */
};

/* 80 columns, where names allow. */
void print_text(struct buf *out, const struct answer *a);

/* Lines of type service, edge, missing, wait and order. */
void print_json(struct cli *cli, const struct answer *a);

/* Lines of type cycle, one for each service on one, way by way. */
void print_json_cycles(struct cli *cli, const struct graph *g);

void print_dot(struct buf *out, const struct answer *a);
void print_mermaid(struct buf *out, const struct answer *a);

/* A whole file, for a light and a dark background. */
void print_svg(struct buf *out, const struct answer *a);

/* "12 s", "1.5 s", "no limit": an upper bound, rounded up. */
#define PRINT_MS_TEXT 40
const char *print_ms(uint64_t ms, char text[PRINT_MS_TEXT]);

#endif
