/* SPDX-License-Identifier: BSD-2-Clause */
/* The report as a page; see page.h. */
#include "page.h"

#include <string.h>

#include "base/num.h"
#include "base/utc.h"
#include "page_chart.h"
#include "page_html.h"
#include "page_style.h"

/* ----------------------------------------------------------------- the head */

static void
put_head(const struct outlook *o, const char *host, struct buf *out)
{
	char when[UTC_TEXT_MAX];

	buf_puts(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
	    "content=\"width=device-width,initial-scale=1\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<link rel=\"icon\" href=\"data:,\">\n"
	    "<title>Drydock: verification report</title>\n<style>\n");
	buf_puts(out, page_style);
	buf_puts(out, "</style>\n</head>\n<body>\n<main>\n"
	    "<h1>Verification report</h1>\n<p class=\"soft\">Host ");
	html_text(out, host);
	buf_printf(out, ", <time datetime=\"%s\">%s</time>, by Drydock's "
	    "verify</p>\n", utc_rfc3339(o->now, when), when);
}

static void
put_verdict(const struct outlook *o, struct buf *out)
{
	size_t i, bad = 0;

	for (i = 0; i < o->advice_count; i++)
		bad += o->advice[i].level == ADVICE_BAD;
	if (bad > 0)
		buf_printf(out, "<div class=\"box bad\"><strong>Data is "
		    "damaged: %zu finding%s.</strong>", bad,
		    bad == 1 ? "" : "s");
	else if (o->advice_count > 0)
		buf_printf(out, "<div class=\"box warn\"><strong>Nothing is "
		    "known to be damaged, but %zu thing%s need%s "
		    "attention.</strong>", o->advice_count,
		    o->advice_count == 1 ? "" : "s",
		    o->advice_count == 1 ? "s" : "");
	else
		buf_puts(out, "<div class=\"box good\"><strong>Every medium "
		    "that is known was read in time, and is good.</strong>");
	buf_printf(out, "<p>%zu media, %zu volumes and directories. A medium "
	    "counts as read for %lld days, a snapshot as new for %lld.</p>",
	    o->medium_count, o->volume_count, (long long)(o->every / 86400),
	    (long long)(o->objective / 86400));
	if (o->left_out > 0)
		buf_printf(out, "<p>%llu more rows were left out of the "
		    "tables below.</p>", (unsigned long long)o->left_out);
	buf_puts(out, "</div>\n");
}

static void
put_advice(const struct outlook *o, struct buf *out)
{
	size_t i;

	if (o->advice_count == 0)
		return;
	buf_puts(out, "<section>\n<h2>What to do</h2>\n<ol>\n");
	for (i = 0; i < o->advice_count; i++) {
		const struct outlook_advice *a = &o->advice[i];

		buf_printf(out, "<li%s>", a->level == ADVICE_BAD ?
		    " class=\"bad\"" : "");
		html_text(out, a->what);
		if (a->todo != NULL) {
			buf_puts(out, "<br><span class=\"soft\">");
			html_text(out, a->todo);
			buf_puts(out, "</span>");
		}
		buf_puts(out, "</li>\n");
	}
	buf_puts(out, "</ol>\n</section>\n");
}

/* ------------------------------------------------------------------- tables */

static void
put_medium(const struct outlook *o, const struct outlook_medium *m,
    struct buf *out)
{
	char size[NUM_BYTES_TEXT], age[OUTLOOK_AGE_MAX];
	uint64_t unread = m->never_bytes + m->overdue_bytes;
	bool is_late = m->never_files + m->overdue_files > 0;

	buf_puts(out, "<tr>");
	html_cell(out, "Medium", false);
	html_text(out, m->label[0] != '\0' ? m->label : m->id);
	if (m->label[0] != '\0') {
		buf_puts(out, "<br><span class=\"soft\">");
		html_text(out, m->id);
		buf_puts(out, "</span>");
	}
	html_next(out, "State", false);
	if (m->bad_files > 0)
		html_tag(out, "bad", "\xe2\x9c\x97 damaged");
	else if (m->bad_sources > 0)
		html_tag(out, "bad", "\xe2\x9c\x97 damaged inside");
	else if (is_late)
		html_tag(out, "warn", "! not read in time");
	else
		html_tag(out, "good", "\xe2\x9c\x93 good");
	html_next(out, "Snapshots", true);
	buf_printf(out, "%llu", (unsigned long long)m->snapshots);
	html_next(out, "Size", true);
	html_text(out, num_format_bytes(m->bytes, size));
	html_next(out, "Read as a whole", false);
	html_text(out, outlook_age(o, m->full_at, age));
	html_next(out, "Not read in time", true);
	html_text(out, num_format_bytes(unread, size));
	html_next(out, "Bad files", true);
	buf_printf(out, "%llu of %llu", (unsigned long long)m->bad_files,
	    (unsigned long long)m->files);
	buf_puts(out, "</td></tr>\n");
}

static void
put_media(const struct outlook *o, struct buf *out)
{
	static const char *const heads[] = { "Medium", "State", "#Snapshots",
	    "#Size", "Read as a whole", "#Not read in time", "#Bad files",
	    NULL };
	size_t i;

	buf_puts(out, "<section>\n<h2>Media</h2>\n");
	html_table(out, heads);
	for (i = 0; i < o->medium_count; i++)
		put_medium(o, &o->media[i], out);
	buf_puts(out, "</tbody></table>\n</section>\n");
}

static void
put_volume_state(const struct outlook *o, const struct outlook_volume *v,
    struct buf *out)
{
	if (v->snapshot[0] == '\0')
		html_tag(out, "bad", "\xe2\x9c\x97 no good copy");
	else if (o->now - v->started > o->objective)
		html_tag(out, "warn", "! old");
	else if (!v->is_verified)
		html_tag(out, "warn", "! not verified");
	else if (v->bad_copies > 0)
		html_tag(out, "warn", "! an older copy is bad");
	else
		html_tag(out, "good", "\xe2\x9c\x93 good");
}

static void
put_volume(const struct outlook *o, const struct outlook_volume *v,
    struct buf *out)
{
	char size[NUM_BYTES_TEXT], age[OUTLOOK_AGE_MAX];
	bool has_any = v->snapshot[0] != '\0';

	buf_puts(out, "<tr>");
	html_cell(out, "Name", false);
	html_text(out, v->name);
	buf_printf(out, "<br><span class=\"soft\">%s</span>",
	    strcmp(v->kind, "volume") == 0 ? "volume" : "directory");
	html_next(out, "State", false);
	put_volume_state(o, v, out);
	html_next(out, "Newest good copy", false);
	html_text(out, has_any ? outlook_age(o, v->started, age) : "none");
	html_next(out, "On", false);
	html_text(out, has_any ? v->medium : "");
	html_next(out, "Taken", false);
	html_text(out, has_any ? v->consistency : "");
	html_next(out, "Size", true);
	html_text(out, num_format_bytes(has_any ? v->bytes :
	    v->newest_bytes, size));
	html_next(out, "Verified", false);
	html_text(out, !has_any ? "" : v->is_verified ?
	    outlook_age(o, v->verified_at, age) : "never");
	html_next(out, "Bad copies", true);
	buf_printf(out, "%llu of %llu", (unsigned long long)v->bad_copies,
	    (unsigned long long)v->copies);
	buf_puts(out, "</td></tr>\n");
}

static void
put_volumes(const struct outlook *o, struct buf *out)
{
	static const char *const heads[] = { "Name", "State",
	    "Newest good copy", "On", "Taken", "#Size", "Verified",
	    "#Bad copies", NULL };
	size_t i;

	buf_puts(out, "<section>\n<h2>Volumes and directories</h2>\n");
	html_table(out, heads);
	for (i = 0; i < o->volume_count; i++)
		put_volume(o, &o->volumes[i], out);
	buf_puts(out, "</tbody></table>\n</section>\n");
}

static void
put_losses(const struct outlook *o, struct buf *out)
{
	static const char *const heads[] = { "Medium", "Snapshot", "What",
	    "Verdict", "Why", NULL };
	size_t i;

	buf_puts(out, "<section>\n<h2>Losses by name</h2>\n");
	if (o->loss_count == 0) {
		buf_puts(out, "<p>The last run on each medium found none in "
		    "what it read.</p>\n</section>\n");
		return;
	}
	html_table(out, heads);
	for (i = 0; i < o->loss_count; i++) {
		const struct outlook_loss *l = &o->losses[i];

		buf_puts(out, "<tr>");
		html_cell(out, heads[0], false);
		html_text(out, l->medium);
		html_next(out, heads[1], false);
		html_text(out, l->snapshot);
		html_next(out, heads[2], false);
		if (l->source[0] != '\0') {
			html_text(out, l->source);
			buf_puts(out, ": ");
		}
		html_text(out, l->path);
		html_next(out, heads[3], false);
		html_tag(out, "bad", l->verdict);
		html_next(out, heads[4], false);
		html_text(out, l->why);
		buf_puts(out, "</td></tr>\n");
	}
	buf_puts(out, "</tbody></table>\n</section>\n");
}

static void
put_run(const struct outlook *o, const struct outlook_run *r,
    struct buf *out)
{
	char size[NUM_BYTES_TEXT], rate[NUM_BYTES_TEXT];
	char age[OUTLOOK_AGE_MAX];

	buf_puts(out, "<tr>");
	html_cell(out, "When", false);
	html_text(out, outlook_age(o, r->started, age));
	html_next(out, "Medium", false);
	html_text(out, r->name);
	html_next(out, "Kind", false);
	html_text(out, r->kind);
	html_next(out, "Result", false);
	html_tag(out, chart_class(r), chart_words(r));
	html_next(out, "Read", true);
	html_text(out, num_format_bytes(r->bytes, size));
	html_next(out, "A second", true);
	html_text(out, num_format_bytes(chart_rate(r), rate));
	html_next(out, "Bad", true);
	buf_printf(out, "%llu", (unsigned long long)r->bad);
	buf_puts(out, "</td></tr>\n");
}

static void
put_history(const struct outlook *o, struct buf *out)
{
	static const char *const heads[] = { "When", "Medium", "Kind",
	    "Result", "#Read", "#A second", "#Bad", NULL };
	size_t i;

	buf_puts(out, "<section>\n<h2>History</h2>\n");
	chart_format(o, out);
	html_table(out, heads);
	for (i = 0; i < o->run_count && i < CHART_RUNS_MAX; i++)
		put_run(o, &o->runs[i], out);
	buf_puts(out, "</tbody></table>\n</section>\n");
}

static void
put_events(const struct outlook *o, struct buf *out)
{
	static const char *const heads[] = { "When", "Kind", "What", NULL };
	char age[OUTLOOK_AGE_MAX];
	size_t i;

	if (o->event_count == 0)
		return;
	buf_puts(out, "<section>\n<h2>Restores and incidents</h2>\n");
	html_table(out, heads);
	for (i = 0; i < o->event_count; i++) {
		const struct outlook_event *e = &o->events[i];

		buf_puts(out, "<tr>");
		html_cell(out, heads[0], false);
		html_text(out, outlook_age(o, e->at, age));
		html_next(out, heads[1], false);
		html_tag(out, e->is_bad ? "bad" : "good", e->kind);
		html_next(out, heads[2], false);
		html_text(out, e->what);
		buf_puts(out, "</td></tr>\n");
	}
	buf_puts(out, "</tbody></table>\n</section>\n");
}

void
page_format(const struct outlook *o, const char *host, struct buf *out)
{
	put_head(o, host, out);
	put_verdict(o, out);
	put_advice(o, out);
	put_media(o, out);
	put_volumes(o, out);
	put_losses(o, out);
	put_history(o, out);
	put_events(o, out);
	buf_puts(out, "</main>\n<footer class=\"soft\"><p>What no run has "
	    "read is not known to be good. Times are of this host's clock; "
	    "media are told apart by their id.</p></footer>\n</body>\n"
	    "</html>\n");
}
