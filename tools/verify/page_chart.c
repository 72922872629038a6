/* SPDX-License-Identifier: BSD-2-Clause */
/* The chart of runs; see page_chart.h. */
#include "page_chart.h"

#include <string.h>

#include "base/num.h"
#include "base/utc.h"
#include "catalog/runs.h"
#include "page_html.h"

#define WIDTH 720
#define HEIGHT 190
#define LEFT 70
#define TOP 14
#define BASE 160		/* where bars stand */

static bool
is_finished(const struct outlook_run *r)
{
	return strcmp(r->state, CATALOG_FINISHED) == 0;
}

const char *
chart_class(const struct outlook_run *r)
{
	return r->bad > 0 ? "bad" : is_finished(r) ? "good" : "warn";
}

const char *
chart_words(const struct outlook_run *r)
{
	if (r->bad > 0)
		return "\xe2\x9c\x97 damage";
	if (is_finished(r))
		return "\xe2\x9c\x93 good";
	if (strcmp(r->state, CATALOG_PARTIAL) == 0)
		return "! a part";
	return strcmp(r->state, CATALOG_RUNNING) == 0 ? "running" :
	    "! cut off";
}

uint64_t
chart_rate(const struct outlook_run *r)
{
	uint64_t ms = r->milliseconds > 0 ? r->milliseconds : 1;
	uint64_t scaled;

	return num_mul(r->bytes, 1000, &scaled) ? scaled / ms :
	    r->bytes / ms * 1000;
}

static void
put_bar(const struct outlook_run *r, double x, double width, uint64_t most,
    struct buf *out)
{
	char size[NUM_BYTES_TEXT], rate[NUM_BYTES_TEXT], when[UTC_TEXT_MAX];
	double part = most == 0 ? 0 : (double)chart_rate(r) / (double)most;
	double height = 2 + part * (BASE - TOP - 2);

	buf_printf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" "
	    "width=\"%.1f\" height=\"%.1f\"><title>", chart_class(r), x,
	    BASE - height, width, height);
	html_text(out, r->name);
	buf_printf(out, ", %s: %s, %s at %s/s</title></rect>\n",
	    utc_rfc3339(r->started, when), chart_words(r),
	    num_format_bytes(r->bytes, size),
	    num_format_bytes(chart_rate(r), rate));
}

static uint64_t
fastest(const struct outlook *o, size_t count)
{
	uint64_t most = 0;
	size_t i;

	for (i = 0; i < count; i++)
		if (chart_rate(&o->runs[i]) > most)
			most = chart_rate(&o->runs[i]);
	return most;
}

void
chart_format(const struct outlook *o, struct buf *out)
{
	size_t i, count = o->run_count < CHART_RUNS_MAX ? o->run_count :
	    CHART_RUNS_MAX;
	uint64_t most = fastest(o, count);
	char rate[NUM_BYTES_TEXT], age[OUTLOOK_AGE_MAX];
	double step;

	if (count == 0)
		return;
	step = (double)(WIDTH - LEFT - 10) / (double)count;
	if (step > 60)
		step = 60;
	buf_printf(out, "<figure>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" "
	    "aria-label=\"Read rate of the last %zu runs, oldest first\">\n"
	    "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n",
	    WIDTH, HEIGHT, count, LEFT, BASE, WIDTH - 10, BASE);
	buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s/s"
	    "</text>\n<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>\n",
	    LEFT - 6, TOP + 8, num_format_bytes(most, rate), LEFT - 6, BASE);
	for (i = 0; i < count; i++)
		put_bar(&o->runs[count - 1 - i], LEFT + 2 + (double)i * step,
		    step * 0.8, most, out);
	buf_printf(out, "<text x=\"%d\" y=\"%d\">%s</text>\n", LEFT,
	    HEIGHT - 12, outlook_age(o, o->runs[count - 1].started, age));
	buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s"
	    "</text>\n</svg>\n<figcaption>How fast each run read its medium; "
	    "green: good, yellow: cut off or a part, red: damage. The same in "
	    "the table.</figcaption>\n</figure>\n", WIDTH - 10, HEIGHT - 12,
	    count > 1 ? outlook_age(o, o->runs[0].started, age) : "");
}
