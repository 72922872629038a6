/* SPDX-License-Identifier: BSD-2-Clause */
/* The answer for people; see print.h. */
#include "print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/lines.h"
#include "base/utc.h"

#define NAME_COLUMN_MAX 28

const char *
print_ms(uint64_t ms, char text[PRINT_MS_TEXT])
{
	if (ms == UINT64_MAX)
		snprintf(text, PRINT_MS_TEXT, "no limit");
	else if (ms < 10000 && ms % 1000 != 0)
		snprintf(text, PRINT_MS_TEXT, "%u.%u s",
		    (unsigned)((ms + 99) / 1000),
		    (unsigned)((ms + 99) % 1000 / 100));
	else
		utc_duration(ms / 1000 + (ms % 1000 != 0), text);
	return text;
}

/* --------------------------------------------------------------- services */

static void
put_needs(struct lines *line, const struct answer *a, size_t node)
{
	const struct graph *g = a->graph;
	struct buf text = BUF_EMPTY;
	size_t count, i;
	const size_t *edges = graph_needs(g, node, &count);

	for (i = 0; i < count; i++) {
		const struct graph_edge *edge = &g->edges[edges[i]];
		const char *name = g->nodes[edge->to].name;

		buf_cut(&text, 0);
		escape_text(&text, name, strlen(name));
		if (edge->condition != GRAPH_STARTED)
			buf_printf(&text, " (%s%s)",
			    graph_condition_name(edge->condition),
			    edge->required ? "" : ", optional");
		else if (!edge->required)
			buf_puts(&text, " (optional)");
		if (i + 1 < count)
			buf_byte(&text, ',');
		if (i == 0)
			lines_word(line, "after");
		lines_words(line, buf_text(&text));
	}
	buf_release(&text);
}

/* A fact is not broken; before the second one, and after needs, a mark. */
static void
put_fact(struct lines *line, bool *is_first, const char *text)
{
	if (!*is_first) {
		buf_byte(line->out, ';');
		line->column++;
	}
	*is_first = false;
	lines_word(line, text);
}

/* What else is worth knowing of a service. */
static void
put_facts(struct lines *line, const struct answer *a, size_t node)
{
	const struct graph_node *n = &a->graph->nodes[node];
	char ms[PRINT_MS_TEXT], text[80];
	bool is_first;
	size_t needs;

	(void)graph_needs(a->graph, node, &needs);
	is_first = needs == 0;
	if (n->is_one_shot)
		put_fact(line, &is_first, "runs once");
	if (n->replicas != 1) {
		snprintf(text, sizeof text, "%llu containers",
		    (unsigned long long)n->replicas);
		put_fact(line, &is_first, text);
	}
	if (n->health_known == GRAPH_HEALTH_SET && !a->is_reversed) {
		snprintf(text, sizeof text, "healthy within %s",
		    print_ms(n->health_ms, ms));
		put_fact(line, &is_first, text);
	}
}

static size_t
name_column(const struct graph *g)
{
	struct buf text = BUF_EMPTY;
	size_t longest = 0, i;

	for (i = 0; i < g->node_count; i++) {
		buf_cut(&text, 0);
		escape_text(&text, g->nodes[i].name, strlen(g->nodes[i].name));
		if (lines_width(buf_text(&text)) > longest)
			longest = lines_width(buf_text(&text));
	}
	buf_release(&text);
	return longest > NAME_COLUMN_MAX ? NAME_COLUMN_MAX : longest;
}

static void
put_name(struct lines *line, const char *name)
{
	struct buf text = BUF_EMPTY;

	escape_text(&text, name, strlen(name));
	buf_puts(line->out, buf_text(&text));
	line->column += lines_width(buf_text(&text));
	buf_release(&text);
}

static void
put_layers(struct buf *out, const struct answer *a)
{
	size_t names = name_column(a->graph), layer, i, count;

	for (layer = 0; layer < a->layers->count; layer++) {
		const size_t *nodes = graph_group(a->layers, layer, &count);

		for (i = 0; i < count; i++) {
			struct lines line = { out, 0, 6 };

			if (i == 0)
				buf_printf(out, "%4zu  ", layer + 1);
			else
				buf_puts(out, "      ");
			put_name(&line, a->graph->nodes[nodes[i]].name);
			lines_pad(&line, 6 + names + 2);
			put_needs(&line, a, nodes[i]);
			put_facts(&line, a, nodes[i]);
			/* Nothing followed the name? */
			while (out->len > 0 &&
			    strchr(" \n", out->data[out->len - 1]) != NULL)
				buf_cut(out, out->len - 1);
			buf_byte(out, '\n');
		}
	}
}

/* -------------------------------------------------------------- the waits */

/* What the next one in the chain waits for. */
static void
put_step(struct lines *line, const struct graph_node *node,
    enum graph_condition condition)
{
	char ms[PRINT_MS_TEXT];

	switch (condition) {
	case GRAPH_STARTED:
		lines_words(line, "started");
		break;
	case GRAPH_COMPLETED:
		lines_words(line, "has ended, whenever that is");
		break;
	case GRAPH_HEALTHY:
		lines_words(line, "healthy");
		if (node->health_known != GRAPH_HEALTH_SET) {
			lines_words(line, "by a check that is not known");
		} else {
			lines_words(line, "within");
			lines_words(line, print_ms(node->health_ms, ms));
		}
		break;
	}
}

static void
put_path(struct buf *out, const struct answer *a)
{
	const struct graph *g = a->graph;
	size_t names = name_column(g), i;
	char ms[PRINT_MS_TEXT];

	if (a->path->count == 0 || a->path->total_ms == 0)
		return;
	buf_printf(out, "\nLongest wait: %s at the most, by the bounds of "
	    "health checks\n", print_ms(a->path->total_ms, ms));
	for (i = 0; i < a->path->count; i++) {
		const struct graph_step *step = &a->path->steps[i];
		const struct graph_node *node = &g->nodes[step->node];
		struct lines line = { out, 0, 18 };

		buf_printf(out, "%16s  ", print_ms(step->start_ms, ms));
		put_name(&line, node->name);
		if (i + 1 < a->path->count || node->health_ms > 0) {
			lines_pad(&line, 18 + names + 2);
			put_step(&line, node, i + 1 == a->path->count ?
			    GRAPH_HEALTHY :
			    g->edges[a->path->steps[i + 1].edge].condition);
		}
		buf_byte(out, '\n');
	}
}

static bool
has_no_bound(const struct graph *g, size_t node)
{
	const struct graph_node *n = &g->nodes[node];

	return n->is_one_shot || (n->wanted == GRAPH_HEALTHY &&
	    n->health_known != GRAPH_HEALTH_SET);
}

/* What has no bound of its own and is waited for all the same. */
static void
put_unbounded(struct buf *out, const struct answer *a)
{
	const struct graph *g = a->graph;
	struct lines line = { out, 4, 0 };
	struct buf text = BUF_EMPTY;
	size_t i, named = 0;

	if (a->path->is_bounded || a->is_reversed)
		return;
	buf_puts(out, "\n");
	lines_words(&line, "Waited for without a bound of its own:");
	for (i = 0; i < g->node_count; i++) {
		if (!has_no_bound(g, i))
			continue;
		if (named++ > 0) {
			buf_byte(out, ',');
			line.column++;
		}
		buf_cut(&text, 0);
		escape_text(&text, g->nodes[i].name, strlen(g->nodes[i].name));
		buf_puts(&text, g->nodes[i].is_one_shot ? " (its end)" :
		    g->nodes[i].health_known == GRAPH_HEALTH_NONE ?
		    " (has no health check: Compose would refuse)" :
		    " (its image may have a health check)");
		lines_words(&line, buf_text(&text));
	}
	buf_byte(out, '\n');
	buf_release(&text);
}

void
print_text(struct buf *out, const struct answer *a)
{
	const struct graph *g = a->graph;
	struct lines line = { out, 0, 0 };

	put_name(&line, g->project);
	buf_printf(out, ": %zu service%s in %zu layer%s%s\n", g->node_count,
	    g->node_count == 1 ? "" : "s", a->layers->count,
	    a->layers->count == 1 ? "" : "s",
	    a->is_reversed ? ", in the order of stopping" : "");
	if (a->is_host)
		buf_puts(out, "(from the records of containers; what runs "
		    "now is not known)\n");
	buf_byte(out, '\n');
	put_layers(out, a);
	if (!a->is_reversed)
		put_path(out, a);
	put_unbounded(out, a);
}
