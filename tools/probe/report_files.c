/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reports that other programs read from a file: JUnit's XML in the subset
 * that all its readers share, and Prometheus' text format.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/num.h"
#include "base/utc.h"
#include "check.h"
#include "plan.h"
#include "report.h"
#include "run.h"

/* -------------------------------------------------------------------- JUnit */

/* escape_text() leaves no control character, which XML 1.0 cannot hold. */
static void
put_xml(struct buf *out, const char *text)
{
	struct buf safe = BUF_EMPTY;
	const char *c;

	escape_text(&safe, text, strlen(text));
	for (c = buf_text(&safe); *c != '\0'; c++) {
		switch (*c) {
		case '<':
			buf_puts(out, "&lt;");
			break;
		case '>':
			buf_puts(out, "&gt;");
			break;
		case '&':
			buf_puts(out, "&amp;");
			break;
		case '"':
			buf_puts(out, "&quot;");
			break;
		default:
			buf_byte(out, (unsigned char)*c);
			break;
		}
	}
	buf_release(&safe);
}

static void
put_attribute(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, " %s=\"", name);
	put_xml(out, value);
	buf_byte(out, '"');
}

static void
put_seconds(struct buf *out, uint64_t ms)
{
	buf_printf(out, " time=\"%llu.%03llu\"",
	    (unsigned long long)(ms / 1000), (unsigned long long)(ms % 1000));
}

/* A warning has passed; its text is kept where JUnit keeps output. */
static void
put_verdict(struct buf *out, const struct outcome *o)
{
	const char *element = o->status == OUTCOME_FAIL ? "failure" :
	    o->status == OUTCOME_UNKNOWN ? "error" :
	    o->status == OUTCOME_SKIP ? "skipped" : NULL;

	if (element != NULL) {
		buf_printf(out, "<%s", element);
		put_attribute(out, "message", buf_text(&o->cause));
		if (o->status != OUTCOME_SKIP)
			put_attribute(out, "type", reason_code(o->reason));
		buf_puts(out, "/>");
	} else if (o->cause.len > 0) {
		buf_printf(out, "<system-out>%s: ", reason_code(o->reason));
		put_xml(out, buf_text(&o->cause));
		buf_puts(out, "</system-out>");
	}
}

static void
put_case(struct buf *out, const struct report *r, size_t i)
{
	const struct check *check = plan_check(r->plan, i);
	const struct outcome *o = &r->run->results[i].outcome;

	buf_puts(out, "    <testcase");
	put_attribute(out, "classname", check->stage);
	put_attribute(out, "name", check->name);
	put_seconds(out, o->took_ms);
	buf_byte(out, '>');
	put_verdict(out, o);
	buf_puts(out, "</testcase>\n");
}

void
report_junit(struct buf *out, const struct report *r)
{
	const size_t *n = r->run->totals;
	char started[UTC_TEXT_MAX];
	size_t i;

	/* Jenkins' schema wants the moment without its zone. */
	utc_rfc3339(r->run->started, started);
	started[strlen(started) - 1] = '\0';
	buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites>\n  <testsuite name=\"probe\"");
	buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
	    "skipped=\"%zu\"", r->run->count, n[OUTCOME_FAIL],
	    n[OUTCOME_UNKNOWN], n[OUTCOME_SKIP]);
	put_seconds(out, r->run->took_ms);
	put_attribute(out, "timestamp", started);
	buf_puts(out, ">\n");
	for (i = 0; i < r->run->count; i++)
		put_case(out, r, i);
	buf_puts(out, "  </testsuite>\n</testsuites>\n");
}

/* --------------------------------------------------------------- Prometheus */

/* escape_text() has turned line ends and backslashes into octal already. */
static void
put_label(struct buf *out, const char *name, const char *value, bool is_last)
{
	struct buf safe = BUF_EMPTY;
	const char *c;

	escape_text(&safe, value, strlen(value));
	buf_printf(out, "%s=\"", name);
	for (c = buf_text(&safe); *c != '\0'; c++) {
		if (*c == '\\' || *c == '"')
			buf_byte(out, '\\');
		buf_byte(out, (unsigned char)*c);
	}
	buf_puts(out, is_last ? "\"" : "\",");
	buf_release(&safe);
}

static void
put_family(struct buf *out, const char *name, const char *help)
{
	buf_printf(out, "# HELP drydock_probe_%s %s\n"
	    "# TYPE drydock_probe_%s gauge\n", name, help, name);
}

static void
put_series(struct buf *out, const char *name, const struct check *check)
{
	buf_printf(out, "drydock_probe_%s{", name);
	put_label(out, "stage", check->stage, false);
	put_label(out, "check", check->name, true);
}

static void
put_checks(struct buf *out, const struct report *r)
{
	size_t i;

	put_family(out, "success", "1: as it should be, or with a warning.");
	for (i = 0; i < r->run->count; i++) {
		put_series(out, "success", plan_check(r->plan, i));
		buf_printf(out, "} %d\n", r->run->results[i].outcome.status <=
		    OUTCOME_WARN);
	}
	put_family(out, "reason", "1, labelled with status and reason.");
	for (i = 0; i < r->run->count; i++) {
		const struct outcome *o = &r->run->results[i].outcome;

		put_series(out, "reason", plan_check(r->plan, i));
		buf_printf(out, ",status=\"%s\",reason=\"%s\"} 1\n",
		    outcome_status_name(o->status), reason_code(o->reason));
	}
	put_family(out, "duration_seconds", "How long the check took.");
	for (i = 0; i < r->run->count; i++) {
		uint64_t ms = r->run->results[i].outcome.took_ms;

		put_series(out, "duration_seconds", plan_check(r->plan, i));
		buf_printf(out, "} %llu.%03llu\n",
		    (unsigned long long)(ms / 1000),
		    (unsigned long long)(ms % 1000));
	}
}

/* Facts that are whole numbers: days left, restarts, bytes free ... */
static void
put_facts(struct buf *out, const struct report *r)
{
	size_t i, k;
	uint64_t value;

	put_family(out, "fact", "What the check measured.");
	for (i = 0; i < r->run->count; i++) {
		const struct pairs *facts = &r->run->results[i].outcome.facts;

		for (k = 0; k < facts->count; k++) {
			const struct pair *fact = &facts->items[k];

			if (!num_parse(fact->value, strlen(fact->value), 10,
			    UINT64_MAX, &value))
				continue;
			put_series(out, "fact", plan_check(r->plan, i));
			buf_printf(out, ",fact=\"%s\"} %llu\n", fact->key,
			    (unsigned long long)value);
		}
	}
}

static void
put_gauge(struct buf *out, const char *name, const char *help, int64_t value)
{
	put_family(out, name, help);
	buf_printf(out, "drydock_probe_%s %lld\n", name, (long long)value);
}

void
report_prometheus(struct buf *out, const struct report *r)
{
	put_checks(out, r);
	put_facts(out, r);
	put_gauge(out, "last_run_timestamp_seconds",
	    "When the run had ended, since 1970.", r->run->ended);
	if (r->recovery->has_since)
		put_gauge(out, "recovery_elapsed_seconds", "From the start "
		    "of the outage until all was well, or now.",
		    (int64_t)report_elapsed(r));
	if (r->recovery->has_rto)
		put_gauge(out, "recovery_target_seconds",
		    "The recovery time objective.",
		    (int64_t)r->recovery->rto_s);
}
