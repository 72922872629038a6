/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON lines, and the one line that Nagios wants; see report.h. */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/utc.h"
#include "check.h"
#include "cli/cli.h"
#include "plan.h"
#include "report.h"
#include "run.h"

/* -------------------------------------------------------------------- JSON */

static void
json_facts(struct cli_json *j, const struct pairs *facts)
{
	struct buf key = BUF_EMPTY;
	size_t i;

	for (i = 0; i < facts->count; i++) {
		buf_cut(&key, 0);
		buf_printf(&key, "fact_%s", facts->items[i].key);
		cli_json_text(j, buf_text(&key), facts->items[i].value);
	}
	buf_release(&key);
}

static void
json_check(struct cli *cli, const struct report *r, size_t i)
{
	const struct run_result *result = &r->run->results[i];
	const struct check *check = plan_check(r->plan, i);
	struct cli_json j;

	cli_json_open(&j, "check");
	cli_json_text(&j, "name", check->name);
	cli_json_text(&j, "stage", check->stage);
	cli_json_text(&j, "target", check->target);
	cli_json_text(&j, "status",
	    outcome_status_name(result->outcome.status));
	cli_json_text(&j, "code", reason_code(result->outcome.reason));
	cli_json_text(&j, "cause", buf_text(&result->outcome.cause));
	if (result->root != i)
		cli_json_text(&j, "root",
		    plan_check(r->plan, result->root)->name);
	cli_json_u64(&j, "blocked", result->blocked);
	cli_json_bool(&j, "optional", check->is_optional);
	cli_json_u64(&j, "took_ms", result->outcome.took_ms);
	json_facts(&j, &result->outcome.facts);
	cli_json_emit(&j, cli);
}

void
report_json(struct cli *cli, const struct report *r)
{
	size_t *order = report_order(r), i;
	char text[UTC_TEXT_MAX];
	struct cli_json j;

	for (i = 0; i < r->run->count; i++)
		json_check(cli, r, order[i]);
	free(order);
	cli_json_open(&j, "summary");
	cli_json_text(&j, "status", outcome_status_name(report_verdict(r)));
	cli_json_text(&j, "started", utc_rfc3339(r->run->started, text));
	cli_json_u64(&j, "checks", r->run->count);
	cli_json_u64(&j, "ok", r->run->totals[OUTCOME_OK]);
	cli_json_u64(&j, "warn", r->run->totals[OUTCOME_WARN]);
	cli_json_u64(&j, "fail", r->run->totals[OUTCOME_FAIL]);
	cli_json_u64(&j, "unknown", r->run->totals[OUTCOME_UNKNOWN]);
	cli_json_u64(&j, "skip", r->run->totals[OUTCOME_SKIP]);
	cli_json_u64(&j, "took_ms", r->run->took_ms);
	if (r->recovery->has_since) {
		cli_json_text(&j, "since",
		    utc_rfc3339(r->recovery->since, text));
		cli_json_u64(&j, "elapsed_s", report_elapsed(r));
		if (r->recovery->green_at != 0)
			cli_json_text(&j, "green_at",
			    utc_rfc3339(r->recovery->green_at, text));
	}
	if (r->recovery->has_rto) {
		cli_json_u64(&j, "rto_s", r->recovery->rto_s);
		cli_json_bool(&j, "late", report_is_late(r));
	}
	cli_json_emit(&j, cli);
}

/* --------------------------------------------------------------- catalogue */

static void
put_member(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, "\"%s\":\"", key);
	escape_json(out, value, strlen(value));
	buf_puts(out, "\"");
}

void
report_record(struct buf *out, const struct report *r)
{
	struct buf headline = BUF_EMPTY;
	size_t i;

	report_headline(&headline, r);
	buf_byte(out, '{');
	put_member(out, "status", outcome_status_name(report_verdict(r)));
	buf_byte(out, ',');
	put_member(out, "headline", buf_text(&headline));
	buf_printf(out, ",\"took_ms\":%llu,\"checks\":[",
	    (unsigned long long)r->run->took_ms);
	for (i = 0; i < r->run->count; i++) {
		const struct outcome *o = &r->run->results[i].outcome;

		buf_puts(out, i > 0 ? ",{" : "{");
		put_member(out, "name", plan_check(r->plan, i)->name);
		buf_byte(out, ',');
		put_member(out, "status", outcome_status_name(o->status));
		buf_byte(out, ',');
		put_member(out, "code", reason_code(o->reason));
		buf_byte(out, '}');
	}
	buf_puts(out, "]}");
	buf_release(&headline);
}

/* ------------------------------------------------------------------ Nagios */

void
report_nagios(struct buf *out, const struct report *r)
{
	static const char *const words[] = {
		[OUTCOME_OK] = "OK", [OUTCOME_WARN] = "WARNING",
		[OUTCOME_FAIL] = "CRITICAL", [OUTCOME_UNKNOWN] = "UNKNOWN",
		[OUTCOME_SKIP] = "UNKNOWN"
	};
	const size_t *n = r->run->totals;
	struct buf line = BUF_EMPTY;
	size_t i;

	report_headline(&line, r);
	/* What follows a bar would be read as figures. */
	for (i = 0; i < line.len; i++)
		if (line.data[i] == '|')
			line.data[i] = '/';
	buf_printf(out, "PROBE %s - %s; %zu of %zu ok | ok=%zu;;;0;%zu "
	    "warn=%zu fail=%zu unknown=%zu skipped=%zu time=%llu.%03llus\n",
	    words[report_verdict(r)], buf_text(&line), n[OUTCOME_OK],
	    r->run->count, n[OUTCOME_OK], r->run->count, n[OUTCOME_WARN],
	    n[OUTCOME_FAIL], n[OUTCOME_UNKNOWN], n[OUTCOME_SKIP],
	    (unsigned long long)(r->run->took_ms / 1000),
	    (unsigned long long)(r->run->took_ms % 1000));
	buf_release(&line);
}
