/* SPDX-License-Identifier: BSD-2-Clause */
/* The graph in the languages of DOT and Mermaid; see print.h. */
#include "print.h"

#include <string.h>

#include "base/escape.h"

/* Arrows run from what comes first to what waits for it. */

/* -------------------------------------------------------------------- DOT */

/* A quoted DOT string: escape_text's backslashes become visible ones. */
static void
put_quoted(struct buf *out, const char *name)
{
	struct buf text = BUF_EMPTY;
	size_t i;

	escape_text(&text, name, strlen(name));
	buf_byte(out, '"');
	for (i = 0; i < text.len; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			buf_byte(out, '\\');
		buf_byte(out, (unsigned char)text.data[i]);
	}
	buf_byte(out, '"');
	buf_release(&text);
}

static const char *
dot_style(const struct graph_edge *edge)
{
	if (edge->condition == GRAPH_HEALTHY)
		return edge->required ? "bold" : "\"bold,dashed\"";
	if (edge->condition == GRAPH_COMPLETED)
		return edge->required ? "dotted" : "\"dotted\"";
	return edge->required ? "solid" : "dashed";
}

static void
dot_layers(struct buf *out, const struct answer *a)
{
	size_t layer, i, count;

	for (layer = 0; layer < a->layers->count; layer++) {
		const size_t *nodes = graph_group(a->layers, layer, &count);

		buf_puts(out, "\t{ rank=same;");
		for (i = 0; i < count; i++) {
			buf_byte(out, ' ');
			put_quoted(out, a->graph->nodes[nodes[i]].name);
			buf_byte(out, ';');
		}
		buf_puts(out, " }\n");
	}
}

void
print_dot(struct buf *out, const struct answer *a)
{
	const struct graph *g = a->graph;
	size_t i;

	buf_puts(out, "digraph ");
	put_quoted(out, g->project);
	buf_puts(out, " {\n\trankdir=LR;\n\tnode [shape=box];\n");
	for (i = 0; i < g->node_count; i++) {
		buf_byte(out, '\t');
		put_quoted(out, g->nodes[i].name);
		buf_puts(out, g->nodes[i].is_one_shot ?
		    " [style=rounded];\n" : ";\n");
	}
	dot_layers(out, a);
	for (i = 0; i < g->edge_count; i++) {
		const struct graph_edge *edge = &g->edges[i];

		buf_byte(out, '\t');
		put_quoted(out, g->nodes[edge->to].name);
		buf_puts(out, " -> ");
		put_quoted(out, g->nodes[edge->from].name);
		buf_printf(out, " [label=\"%s\", style=%s];\n",
		    edge->condition == GRAPH_STARTED ? "" :
		    graph_condition_name(edge->condition), dot_style(edge));
	}
	buf_puts(out, "}\n");
}

/* ---------------------------------------------------------------- Mermaid */

/* Inside quotes Mermaid reads HTML: all but plain characters as entities. */
static void
put_label(struct buf *out, const char *name)
{
	struct buf text = BUF_EMPTY;
	size_t i;

	escape_text(&text, name, strlen(name));
	for (i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c < 0x80 && strchr("\"#&<>;`\\", c) != NULL)
			buf_printf(out, "#%u;", c);
		else
			buf_byte(out, c);
	}
	buf_release(&text);
}

static const char *
mermaid_arrow(const struct graph_edge *edge)
{
	if (!edge->required)
		return "-.->";
	return edge->condition == GRAPH_STARTED ? "-->" : "==>";
}

void
print_mermaid(struct buf *out, const struct answer *a)
{
	const struct graph *g = a->graph;
	size_t i;

	buf_puts(out, "flowchart LR\n");
	for (i = 0; i < g->node_count; i++) {
		const char *const *ends = g->nodes[i].is_one_shot ?
		    (const char *const[]){ "([\"", "\"])" } :
		    (const char *const[]){ "[\"", "\"]" };

		buf_printf(out, "\tn%zu%s", i, ends[0]);
		put_label(out, g->nodes[i].name);
		buf_printf(out, "%s\n", ends[1]);
	}
	for (i = 0; i < g->edge_count; i++) {
		const struct graph_edge *edge = &g->edges[i];

		buf_printf(out, "\tn%zu %s", edge->to, mermaid_arrow(edge));
		if (edge->condition != GRAPH_STARTED)
			buf_printf(out, "|%s|",
			    graph_condition_name(edge->condition));
		buf_printf(out, " n%zu\n", edge->from);
	}
}
