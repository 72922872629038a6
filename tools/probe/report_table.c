/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For people, on 80 columns: what failed and why comes first, what works is
 * counted, or listed when asked for.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/lines.h"
#include "base/utc.h"
#include "check.h"
#include "plan.h"
#include "report.h"
#include "run.h"

#define INDENT 9		/* behind the status */
#define BLOCKED_NAMES 12	/* of those that are skipped, by name */

/* Bright on dark and dark on bright alike: no blue, nothing faint. */
static const char *const colors[] = {
	[OUTCOME_OK] = "\033[32m", [OUTCOME_WARN] = "\033[33m",
	[OUTCOME_FAIL] = "\033[1;31m", [OUTCOME_UNKNOWN] = "\033[1;35m",
	[OUTCOME_SKIP] = "\033[36m"
};

static const char *const words[] = {
	[OUTCOME_OK] = "ok", [OUTCOME_WARN] = "WARN", [OUTCOME_FAIL] = "FAIL",
	[OUTCOME_UNKNOWN] = "UNKNOWN", [OUTCOME_SKIP] = "skipped"
};

static void
put_status(struct buf *out, const struct report *r, enum outcome_status status)
{
	buf_printf(out, "%s%-7s%s  ", r->has_color ? colors[status] : "",
	    words[status], r->has_color ? "\033[0m" : "");
}

static void
put_escaped(struct lines *l, const char *text)
{
	struct buf escaped = BUF_EMPTY;

	escape_text(&escaped, text, strlen(text));
	lines_words(l, buf_text(&escaped));
	buf_release(&escaped);
}

static void
put_took(struct lines *l, uint64_t ms)
{
	char text[UTC_TEXT_MAX + 8];

	if (ms < 10000)
		(void)snprintf(text, sizeof text, "%llu ms",
		    (unsigned long long)ms);
	else
		utc_duration(ms / 1000, text);
	if (l->column + 1 + strlen(text) <= LINES_COLUMNS)
		buf_printf(l->out, "%*s%s", (int)(LINES_COLUMNS - l->column -
		    strlen(text)), "", text);
}

/* Name, code where there is one, and how long it took at the right. */
static void
put_head(struct buf *out, const struct report *r, size_t i)
{
	const struct outcome *o = &r->run->results[i].outcome;
	struct lines l = { out, INDENT, INDENT };

	put_status(out, r, o->status);
	put_escaped(&l, plan_check(r->plan, i)->name);
	if (o->status != OUTCOME_OK) {
		lines_word(&l, "-");
		lines_word(&l, reason_code(o->reason));
	}
	put_took(&l, o->took_ms);
	buf_byte(out, '\n');
}

static void
put_sentence(struct buf *out, const char *text)
{
	struct lines l = { out, INDENT, 0 };

	lines_pad(&l, INDENT);
	lines_words(&l, text);
	buf_byte(out, '\n');
}

/* Which checks were skipped because of this one. */
static void
put_blocked(struct buf *out, const struct report *r, size_t root)
{
	const struct run_result *result = &r->run->results[root];
	struct buf text = BUF_EMPTY;
	size_t i, named = 0;

	if (result->blocked == 0)
		return;
	buf_printf(&text, "%zu %s skipped because of it:", result->blocked,
	    result->blocked == 1 ? "check is" : "checks are");
	for (i = 0; i < r->run->count && named < BLOCKED_NAMES; i++) {
		const char *name = plan_check(r->plan, i)->name;

		if (r->run->results[i].root != root || i == root)
			continue;
		buf_puts(&text, named++ > 0 ? ", " : " ");
		escape_text(&text, name, strlen(name));
	}
	if (named < result->blocked)
		buf_printf(&text, " and %zu more", result->blocked - named);
	put_sentence(out, buf_text(&text));
	buf_release(&text);
}

static bool
is_same(const struct report *r, size_t a, size_t b)
{
	const struct outcome *x = &r->run->results[a].outcome;
	const struct outcome *y = &r->run->results[b].outcome;

	return x->status == y->status && x->reason == y->reason &&
	    x->cause.len > 0 &&
	    strcmp(buf_text(&x->cause), buf_text(&y->cause)) == 0;
}

/* Others of the very same cause are named, not told again. */
static void
put_others(struct buf *out, const struct report *r, const size_t *order,
    size_t at)
{
	struct buf text = BUF_EMPTY;
	size_t i, named = 0, all = 0;

	for (i = at + 1; i < r->run->count; i++) {
		const char *name = plan_check(r->plan, order[i])->name;

		if (!is_same(r, order[at], order[i]))
			continue;
		if (named < BLOCKED_NAMES) {
			buf_puts(&text, named++ > 0 ? ", " :
			    "the same holds for ");
			escape_text(&text, name, strlen(name));
		}
		all++;
	}
	if (named < all)
		buf_printf(&text, " and %zu more", all - named);
	if (all > 0)
		put_sentence(out, buf_text(&text));
	buf_release(&text);
}

static bool
is_told(const struct report *r, const size_t *order, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (is_same(r, order[i], order[at]))
			return true;
	return false;
}

static void
put_check(struct buf *out, const struct report *r, size_t i)
{
	const struct run_result *result = &r->run->results[i];
	const struct check *check = plan_check(r->plan, i);

	put_head(out, r, i);
	if (result->outcome.cause.len > 0)
		put_sentence(out, buf_text(&result->outcome.cause));
	if (result->outcome.status != OUTCOME_OK &&
	    result->outcome.status != OUTCOME_SKIP &&
	    strcmp(check->name, check->target) != 0) {
		struct lines l = { out, INDENT, 0 };

		lines_pad(&l, INDENT);
		put_escaped(&l, check->target);
		buf_byte(out, '\n');
	}
	put_blocked(out, r, i);
}

static void
put_totals(struct buf *out, const struct report *r)
{
	static const enum outcome_status by_weight[] = { OUTCOME_FAIL,
	    OUTCOME_UNKNOWN, OUTCOME_WARN, OUTCOME_SKIP, OUTCOME_OK };
	static const char *const names[] = {
		[OUTCOME_OK] = "ok", [OUTCOME_WARN] = "to look at",
		[OUTCOME_FAIL] = "failed", [OUTCOME_UNKNOWN] = "unknown",
		[OUTCOME_SKIP] = "skipped"
	};
	size_t i;

	buf_printf(out, "%zu check%s:", r->run->count,
	    r->run->count == 1 ? "" : "s");
	for (i = 0; i < sizeof by_weight / sizeof by_weight[0]; i++)
		if (r->run->totals[by_weight[i]] > 0)
			buf_printf(out, "%s %zu %s", out->len > 0 &&
			    out->data[out->len - 1] == ':' ? "" : ",",
			    r->run->totals[by_weight[i]],
			    names[by_weight[i]]);
	buf_printf(out, "; %llu.%02llu s\n",
	    (unsigned long long)(r->run->took_ms / 1000),
	    (unsigned long long)(r->run->took_ms % 1000 / 10));
}

static void
put_recovery(struct buf *out, const struct report *r)
{
	const struct recovery *c = r->recovery;
	char since[UTC_TEXT_MAX], text[UTC_TEXT_MAX], rto[UTC_TEXT_MAX];
	struct lines l = { out, 0, 0 };
	struct buf line = BUF_EMPTY;
	uint64_t elapsed;

	if (!c->has_since)
		return;
	elapsed = report_elapsed(r);
	if (c->green_at != 0)
		buf_printf(&line, "All well %s after %s",
		    utc_duration(elapsed, text),
		    utc_rfc3339(c->since, since));
	else
		buf_printf(&line, "%s since %s, and not all is well",
		    utc_duration(elapsed, text),
		    utc_rfc3339(c->since, since));
	if (c->has_rto && report_is_late(r))
		buf_printf(&line, ": %s over the target of %s",
		    utc_duration(elapsed - c->rto_s, text),
		    utc_duration(c->rto_s, rto));
	else if (c->has_rto)
		buf_printf(&line, ": within the target of %s, %s to spare",
		    utc_duration(c->rto_s, rto),
		    utc_duration(c->rto_s - elapsed, text));
	lines_words(&l, buf_text(&line));
	buf_byte(out, '\n');
	buf_release(&line);
}

void
report_table(struct buf *out, const struct report *r)
{
	size_t *order = report_order(r), i;
	bool is_first = true;

	for (i = 0; i < r->run->count; i++) {
		enum outcome_status status =
		    r->run->results[order[i]].outcome.status;

		/* Skipped ones stand below what they need. */
		if (!r->lists_all && (status == OUTCOME_OK ||
		    status == OUTCOME_SKIP || is_told(r, order, i)))
			continue;
		put_check(out, r, order[i]);
		if (!r->lists_all)
			put_others(out, r, order, i);
		is_first = false;
	}
	if (!is_first)
		buf_byte(out, '\n');
	put_totals(out, r);
	put_recovery(out, r);
	free(order);
}
