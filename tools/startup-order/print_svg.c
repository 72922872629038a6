/* SPDX-License-Identifier: BSD-2-Clause */
/* The graph as a drawing; see print.h. */
#include "print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/mem.h"
#include "layout.h"

#define MARGIN 28.0
#define HEAD 96.0		/* title, note and the columns' numbers */
#define LEGEND 64.0
#define BOX 42.0
#define COLUMN_GAP 84.0
#define ALONE_GAP 14.0
#define NAME_SHOWN 30		/* characters of a name in a box */
#define WIDTH_MIN 780.0		/* the legend's */
/* More services than this, and edges that others imply are not sought. */
#define IMPLIED_MAX 2000

struct drawing {
	struct buf *out;
	const struct answer *a;
	struct layout l;
	double *x;		/* of each column's left side */
	double *wide;		/* of each column */
	double *port_out;	/* y of each link at its left item */
	double *port_in;
	bool *is_implied;	/* each edge */
	bool *is_on_path;	/* each node */
	size_t *path_edge;	/* each node: its edge on the path, or none */
	double width;
	double alone_y;
	double height;
};

/* ------------------------------------------------------------------- text */

/* Text of an XML document: no markup, no control, no non-character. */
static void
put_xml(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (strncmp(text, "\xef\xbf\xbe", 3) == 0 ||
		    strncmp(text, "\xef\xbf\xbf", 3) == 0) {
			buf_byte(out, '?');
			text += 2;
		} else if (*text == '&') {
			buf_puts(out, "&amp;");
		} else if (*text == '<') {
			buf_puts(out, "&lt;");
		} else if (*text == '>') {
			buf_puts(out, "&gt;");
		} else if (*text == '"') {
			buf_puts(out, "&quot;");
		} else {
			buf_byte(out, (unsigned char)*text);
		}
	}
}

/* A name made harmless and, past max characters, cut. */
static void
short_name(const char *name, size_t max, struct buf *text)
{
	size_t at = 0, n = 0;

	buf_cut(text, 0);
	escape_text(text, name, strlen(name));
	while (at < text->len && n < max) {
		at += escape_utf8_len(text->data + at, text->len - at);
		n++;
	}
	if (at < text->len) {
		buf_cut(text, at);
		buf_puts(text, "\xe2\x80\xa6");
	}
}

/* About as wide as it will be drawn; wide scripts count twice. */
static double
text_width(const char *text, double per_character)
{
	double sum = 0;

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c & 0xc0) != 0x80)
			sum += c >= 0xe1 ? per_character * 2 : per_character;
	}
	return sum;
}

/* The small line in a box; empty for most. */
static void
facts_of(const struct answer *a, size_t node, struct buf *text)
{
	const struct graph_node *n = &a->graph->nodes[node];
	char ms[PRINT_MS_TEXT];

	buf_cut(text, 0);
	if (n->is_one_shot)
		buf_puts(text, "runs once");
	if (n->replicas != 1)
		buf_printf(text, "%s%llu containers", text->len > 0 ?
		    " \xc2\xb7 " : "", (unsigned long long)n->replicas);
	if (n->health_known == GRAPH_HEALTH_SET && !a->is_reversed)
		buf_printf(text, "%shealthy within %s", text->len > 0 ?
		    " \xc2\xb7 " : "", print_ms(n->health_ms, ms));
}

static double
box_width(const struct answer *a, size_t node)
{
	struct buf text = BUF_EMPTY;
	double name, facts;

	short_name(a->graph->nodes[node].name, NAME_SHOWN, &text);
	name = text_width(buf_text(&text), 8.7);
	facts_of(a, node, &text);
	facts = text_width(buf_text(&text), 6.2);
	buf_release(&text);
	return (name > facts ? name : facts) + 26;
}

/* --------------------------------------------------------------- geometry */

static void
measure_columns(struct drawing *d)
{
	const struct answer *a = d->a;
	double x = MARGIN;
	size_t i;

	d->x = mem_zero(a->layers->count + 1, sizeof *d->x);
	d->wide = mem_zero(a->layers->count + 1, sizeof *d->wide);
	for (i = 0; i < a->graph->node_count; i++) {
		const struct layout_item *item = &d->l.items[i];
		double wide = box_width(a, i);

		if (!item->is_alone && wide > d->wide[item->layer])
			d->wide[item->layer] = wide;
	}
	for (i = 0; i < a->layers->count; i++) {
		d->x[i] = x;
		x += d->wide[i] + COLUMN_GAP;
	}
	d->width = x - COLUMN_GAP + MARGIN;
	if (d->width < WIDTH_MIN)
		d->width = WIDTH_MIN;
}

/* The links at one side of a box, in the order of their other ends. */
struct port {
	double y;
	size_t link;
};

static int
compare_ports(const void *a, const void *b)
{
	const struct port *x = a, *y = b;

	if (x->y < y->y || x->y > y->y)
		return x->y < y->y ? -1 : 1;
	return x->link < y->link ? -1 : 1;
}

static void
spread_ports(struct drawing *d, size_t node, bool out, struct port *ports)
{
	const struct layout_item *item = &d->l.items[node];
	size_t link = out ? item->out : item->in, n = 0, i;
	double *at = out ? d->port_out : d->port_in, room;

	for (; link != GRAPH_NONE; link = out ? d->l.links[link].next_out :
	    d->l.links[link].next_in)
		ports[n++] = (struct port){ d->l.items[out ?
		    d->l.links[link].right : d->l.links[link].left].y, link };
	if (n > 1)
		qsort(ports, n, sizeof *ports, compare_ports);
	room = (double)n * 7;
	if (room > BOX - 12)
		room = BOX - 12;
	for (i = 0; i < n; i++)
		at[ports[i].link] = item->y +
		    room * (((double)i + 0.5) / (double)n - 0.5);
}

static void
place_ports(struct drawing *d)
{
	struct port *ports = mem_zero(d->l.link_count + 1, sizeof *ports);
	size_t i;

	d->port_out = mem_zero(d->l.link_count + 1, sizeof *d->port_out);
	d->port_in = mem_zero(d->l.link_count + 1, sizeof *d->port_in);
	for (i = 0; i < d->l.link_count; i++) {
		d->port_out[i] = d->l.items[d->l.links[i].left].y;
		d->port_in[i] = d->l.items[d->l.links[i].right].y;
	}
	for (i = 0; i < d->a->graph->node_count; i++) {
		spread_ports(d, i, true, ports);
		spread_ports(d, i, false, ports);
	}
	free(ports);
}

/* ----------------------------------------------------------- what matters */

/* reach: a bit for everything that each node waits for, also through others. */
static void
fill_reach(const struct answer *a, uint8_t *reach, size_t row)
{
	size_t i, k, b, count;

	/* Layers from the first: what is waited for is done before. */
	for (i = 0; i < a->graph->node_count; i++) {
		size_t node = a->layers->nodes[i];
		const size_t *edges = graph_needs(a->graph, node, &count);

		for (k = 0; k < count; k++) {
			size_t to = a->graph->edges[edges[k]].to;

			reach[node * row + to / 8] |= (uint8_t)(1 << to % 8);
			for (b = 0; b < row; b++)
				reach[node * row + b] |= reach[to * row + b];
		}
	}
}

/* Edges that say nothing about order, because a longer way says it too. */
static void
find_implied(struct drawing *d)
{
	const struct graph *g = d->a->graph;
	size_t row = g->node_count / 8 + 1, i, k, count;
	uint8_t *reach;

	d->is_implied = mem_zero(g->edge_count + 1, sizeof *d->is_implied);
	if (g->node_count > IMPLIED_MAX)
		return;
	reach = mem_zero(g->node_count + 1, row);
	fill_reach(d->a, reach, row);
	for (i = 0; i < g->edge_count; i++) {
		size_t to = g->edges[i].to;
		const size_t *edges = graph_needs(g, g->edges[i].from, &count);

		for (k = 0; k < count && !d->is_implied[i]; k++) {
			size_t other = g->edges[edges[k]].to;

			d->is_implied[i] =
			    reach[other * row + to / 8] >> to % 8 & 1;
		}
	}
	free(reach);
}

static void
mark_path(struct drawing *d)
{
	const struct answer *a = d->a;
	size_t i;

	d->is_on_path = mem_zero(a->graph->node_count + 1,
	    sizeof *d->is_on_path);
	d->path_edge = mem_zero(a->graph->node_count + 1,
	    sizeof *d->path_edge);
	memset(d->path_edge, 0xff,
	    a->graph->node_count * sizeof *d->path_edge);
	if (a->is_reversed || a->path->total_ms == 0)
		return;
	for (i = 0; i < a->path->count; i++) {
		d->is_on_path[a->path->steps[i].node] = true;
		d->path_edge[a->path->steps[i].node] = a->path->steps[i].edge;
	}
}

/* ---------------------------------------------------------------- drawing */

static const char style[] =
	"<style>\n"
	"text{font-family:system-ui,'Segoe UI',Roboto,'DejaVu Sans',"
	"sans-serif;fill:#1f2328}\n"
	".bg{fill:#ffffff}\n"
	".title{font-size:20px;font-weight:600}\n"
	".note,.number,.facts{fill:#59636e;font-size:11px}\n"
	".note{font-size:12px}\n"
	".name{font-size:13px;font-weight:600}\n"
	".box{fill:#f6f8fa;stroke:#818b98;stroke-width:1.2}\n"
	".path{stroke:#bc4c00;stroke-width:2.4}\n"
	".line{fill:none;stroke-width:1.5}\n"
	".started{stroke:#59636e}.healthy{stroke:#1a7f37;stroke-width:2.2}\n"
	".completed{stroke:#8250df;stroke-width:2;stroke-dasharray:9 4}\n"
	".optional{stroke-dasharray:2 4}\n"
	".implied{stroke-opacity:.45;stroke-width:1.1}\n"
	".halo{fill:none;stroke:#bc4c00;stroke-opacity:.18;"
	"stroke-width:9;stroke-linejoin:round}\n"
	".h-started{fill:#59636e}.h-healthy{fill:#1a7f37}"
	".h-completed{fill:#8250df}\n"
	"@media (prefers-color-scheme:dark){\n"
	"text{fill:#e6edf3}.bg{fill:#0d1117}\n"
	".note,.number,.facts{fill:#9198a1}\n"
	".box{fill:#1c2128;stroke:#768390}.path{stroke:#f0883e}\n"
	".started{stroke:#9198a1}.healthy{stroke:#3fb950}"
	".completed{stroke:#b083f0}\n"
	".halo{stroke:#f0883e;stroke-opacity:.25}\n"
	".h-started{fill:#9198a1}.h-healthy{fill:#3fb950}"
	".h-completed{fill:#b083f0}\n"
	"}\n"
	"</style>\n";

static void
put_markers(struct buf *out)
{
	int i;

	buf_puts(out, "<defs>\n");
	for (i = GRAPH_STARTED; i <= GRAPH_COMPLETED; i++) {
		const char *name = graph_condition_name(
		    (enum graph_condition)i);

		buf_printf(out, "<marker id=\"a-%s\" viewBox=\"0 0 10 10\" "
		    "refX=\"9\" refY=\"5\" markerWidth=\"9\" "
		    "markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" "
		    "orient=\"auto\"><path class=\"h-%s\" "
		    "d=\"M0 0.5L10 5L0 9.5z\"/></marker>\n", name, name);
	}
	buf_puts(out, "</defs>\n");
}

static void
put_text(struct buf *out, const char *class, double x, double y,
    const char *text)
{
	buf_printf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x,
	    y);
	put_xml(out, text);
	buf_puts(out, "</text>\n");
}

static void
put_box(struct drawing *d, size_t node, double x, double y, double wide)
{
	struct buf *out = d->out;
	struct buf text = BUF_EMPTY, facts = BUF_EMPTY;
	const struct graph_node *n = &d->a->graph->nodes[node];

	short_name(n->name, SIZE_MAX, &text);
	buf_puts(out, "<g><title>");
	put_xml(out, buf_text(&text));
	if (n->image[0] != '\0') {
		short_name(n->image, SIZE_MAX, &text);
		buf_puts(out, ": ");
		put_xml(out, buf_text(&text));
	}
	buf_printf(out, "</title><rect class=\"box%s\" x=\"%.1f\" y=\"%.1f\" "
	    "width=\"%.1f\" height=\"%.1f\" rx=\"%d\"/>\n",
	    d->is_on_path[node] ? " path" : "", x, y - BOX / 2, wide, BOX,
	    n->is_one_shot ? 20 : 6);
	short_name(n->name, NAME_SHOWN, &text);
	facts_of(d->a, node, &facts);
	put_text(out, "name", x + 13, y + (facts.len > 0 ? -2.5 : 4.5),
	    buf_text(&text));
	if (facts.len > 0)
		put_text(out, "facts", x + 13, y + 13, buf_text(&facts));
	buf_puts(out, "</g>\n");
	buf_release(&text);
	buf_release(&facts);
}

/* From side to side, level at both ends. */
static void
put_curve(struct buf *out, double x0, double y0, double x1, double y1)
{
	double bow = (x1 - x0) / 2;

	buf_printf(out, "C%.1f %.1f %.1f %.1f %.1f %.1f", x0 + bow, y0,
	    x1 - bow, y1, x1, y1);
}

/* The way of the edge that begins with link first; its number of links. */
static size_t
put_way(struct drawing *d, size_t first, struct buf *way)
{
	const struct layout *l = &d->l;
	size_t i = first;

	buf_cut(way, 0);
	do {
		const struct layout_link *link = &l->links[i];
		const struct layout_item *left = &l->items[link->left];
		const struct layout_item *right = &l->items[link->right];
		double x0 = d->x[left->layer] + d->wide[left->layer];
		double x1 = d->x[right->layer];
		double y0 = HEAD + d->port_out[i], y1 = HEAD + d->port_in[i];

		if (i == first)
			buf_printf(way, "M%.1f %.1f", x0, y0);
		if (right->node != GRAPH_NONE)
			x1 -= 1;
		put_curve(way, x0, y0, x1, y1);
		if (right->node == GRAPH_NONE)
			buf_printf(way, "H%.1f",
			    d->x[right->layer] + d->wide[right->layer]);
		i++;
	} while (i < l->link_count && l->links[i].edge == l->links[first].edge);
	return i - first;
}

static void
put_edge(struct drawing *d, size_t index, const struct buf *way)
{
	const struct graph_edge *edge = &d->a->graph->edges[index];
	const char *name = graph_condition_name(edge->condition);

	if (d->path_edge[edge->from] == index)
		buf_printf(d->out, "<path class=\"halo\" d=\"%s\"/>\n",
		    buf_text(way));
	buf_printf(d->out, "<path class=\"line %s%s%s\" "
	    "marker-end=\"url(#a-%s)\" d=\"%s\"/>\n", name,
	    edge->required ? "" : " optional",
	    d->is_implied[index] ? " implied" : "", name, buf_text(way));
}

static void
put_edges(struct drawing *d)
{
	struct buf way = BUF_EMPTY;
	size_t i = 0;

	while (i < d->l.link_count) {
		size_t count = put_way(d, i, &way);

		put_edge(d, d->l.links[i].edge, &way);
		i += count;
	}
	buf_release(&way);
}

static void
put_head(struct drawing *d)
{
	const struct answer *a = d->a;
	struct buf text = BUF_EMPTY, name = BUF_EMPTY;
	char ms[PRINT_MS_TEXT];
	size_t i;

	short_name(a->graph->project, 60, &name);
	buf_printf(&text, "%s: the order of %s", buf_text(&name),
	    a->is_reversed ? "stopping" : "starting");
	put_text(d->out, "title", MARGIN, 38, buf_text(&text));
	buf_cut(&text, 0);
	buf_printf(&text, "%zu services in %zu layers", a->graph->node_count,
	    a->layers->count);
	if (!a->is_reversed && a->path->total_ms > 0)
		buf_printf(&text, "; longest wait %s%s",
		    print_ms(a->path->total_ms, ms), a->path->is_bounded ?
		    "" : " and what has no bound");
	if (a->is_host)
		buf_puts(&text, "; from the records of containers, not from "
		    "what runs now");
	put_text(d->out, "note", MARGIN, 60, buf_text(&text));
	for (i = 0; i < a->layers->count && d->l.height > 0; i++) {
		buf_cut(&text, 0);
		buf_printf(&text, "%zu", i + 1);
		put_text(d->out, "number", d->x[i] + 2, HEAD - 10,
		    buf_text(&text));
	}
	buf_release(&text);
	buf_release(&name);
}

/* One sample and its word; where the next one goes. */
static double
put_sample(struct drawing *d, double x, const char *class,
    const char *marker, const char *word)
{
	double y = d->height - 34;

	buf_printf(d->out, "<path class=\"%s\" d=\"M%.1f %.1fh34\"", class, x,
	    y - 4);
	if (marker != NULL)
		buf_printf(d->out, " marker-end=\"url(#a-%s)\"", marker);
	buf_puts(d->out, "/>\n");
	put_text(d->out, "note", x + 42, y, word);
	return x + 42 + text_width(word, 6.6) + 22;
}

static void
put_legend(struct drawing *d)
{
	bool stops = d->a->is_reversed;
	double x = MARGIN;

	x = put_sample(d, x, "line started", "started",
	    stops ? "after it has stopped" : "after it was started");
	if (!stops) {
		x = put_sample(d, x, "line healthy", "healthy", "is healthy");
		x = put_sample(d, x, "line completed", "completed",
		    "has ended");
		x = put_sample(d, x, "line started optional", "started",
		    "optional");
		put_sample(d, x, "halo", NULL, "longest wait");
	}
	put_text(d->out, "note", MARGIN, d->height - 14, stops ?
	    "An arrow runs from what stops first to what stops after it." :
	    "An arrow runs from what comes first to what waits for it; "
	    "faint ones are implied by others.");
}

/* Boxes of those without edges, in rows; y after the last one. */
static double
put_alone(struct drawing *d, double y, bool draw)
{
	const struct graph *g = d->a->graph;
	double x = MARGIN;
	size_t i;

	if (d->l.alone_count == 0)
		return y;
	if (draw)
		put_text(d->out, "number", MARGIN + 2, y + 4,
		    "wait for nobody, and nobody waits for them");
	y += 14 + BOX / 2;
	for (i = 0; i < g->node_count; i++) {
		double wide = box_width(d->a, i);

		if (!d->l.items[i].is_alone)
			continue;
		if (x > MARGIN && x + wide > d->width - MARGIN) {
			x = MARGIN;
			y += BOX + ALONE_GAP;
		}
		if (draw)
			put_box(d, i, x, y, wide);
		x += wide + ALONE_GAP;
	}
	return y + BOX / 2;
}

static void
put_boxes(struct drawing *d)
{
	size_t i;

	for (i = 0; i < d->a->graph->node_count; i++) {
		const struct layout_item *item = &d->l.items[i];

		if (!item->is_alone)
			put_box(d, i, d->x[item->layer], HEAD + item->y,
			    d->wide[item->layer]);
	}
}

static void
put_drawing(struct drawing *d)
{
	struct buf name = BUF_EMPTY;

	buf_printf(d->out, "<svg xmlns=\"http://www.w3.org/2000/svg\" "
	    "width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" "
	    "role=\"img\">\n<title>", d->width, d->height, d->width,
	    d->height);
	short_name(d->a->graph->project, SIZE_MAX, &name);
	put_xml(d->out, buf_text(&name));
	buf_puts(d->out, "</title>\n");
	buf_puts(d->out, style);
	put_markers(d->out);
	buf_puts(d->out, "<rect class=\"bg\" width=\"100%\" "
	    "height=\"100%\"/>\n");
	put_head(d);
	put_edges(d);
	put_boxes(d);
	(void)put_alone(d, d->alone_y, true);
	put_legend(d);
	buf_puts(d->out, "</svg>\n");
	buf_release(&name);
}

void
print_svg(struct buf *out, const struct answer *a)
{
	const struct layout_size size = { .box = BOX, .box_gap = 16,
	    .edge_gap = 9 };
	struct drawing d = { .out = out, .a = a };

	layout_make(a->graph, a->layers, &size, &d.l);
	measure_columns(&d);
	place_ports(&d);
	find_implied(&d);
	mark_path(&d);
	d.alone_y = HEAD + d.l.height + (d.l.height > 0 ? 24 : 0);
	d.height = put_alone(&d, d.alone_y, false) + LEGEND;
	put_drawing(&d);
	layout_release(&d.l);
	free(d.x);
	free(d.wide);
	free(d.port_out);
	free(d.port_in);
	free(d.is_implied);
	free(d.is_on_path);
	free(d.path_edge);
}
