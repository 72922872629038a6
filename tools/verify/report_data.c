/* SPDX-License-Identifier: BSD-2-Clause */
/* What verify says of content; see report.h. */
#include "report.h"

#include "memory.h"

void
report_judgement(void *ctx, const struct judgement *j)
{
	const struct report_data *data = ctx;

	memory_judgement(data->report->memory, data->place->source, j);
	data->report->judged[j->verdict]++;
	tell_judgement(data->report->cli, data->place, j);
}

void
report_data(struct report *r, const struct tell_place *place,
    const struct content_counts *counts, uint64_t unlisted)
{
	r->trees++;
	tell_counts(r->cli, place, counts, unlisted);
}

void
report_no_data(struct report *r, const struct tell_place *place,
    const char *why)
{
	struct cli_json json;

	cli_found(r->cli, EXIT_DAMAGED);
	cli_out(r->cli, "%s%s: cannot be looked into: %s", place->lead,
	    place->source, why);
	cli_json_open(&json, "content");
	cli_json_text(&json, "snapshot", place->snapshot);
	cli_json_text(&json, "source", place->source);
	cli_json_text(&json, "error", why);
	cli_json_emit(&json, r->cli);
}

uint64_t
report_judged(const struct report *r)
{
	uint64_t sum = 0;
	unsigned v;

	for (v = 0; v < VERDICTS; v++)
		sum += r->judged[v];
	return sum;
}

void
report_data_end(struct report *r)
{
	uint64_t good = r->judged[VERDICT_CLEAN] +
	    r->judged[VERDICT_RECOVERABLE];
	uint64_t bad = r->judged[VERDICT_DAMAGED] + r->judged[VERDICT_SUSPECT];

	if (report_judged(r) == 0)
		cli_out(r->cli, "data: nothing of a kind that is known");
	else if (bad > 0)
		cli_out(r->cli, "DATA: %llu damaged, %llu suspect, %llu "
		    "unchecked, %llu good",
		    (unsigned long long)r->judged[VERDICT_DAMAGED],
		    (unsigned long long)r->judged[VERDICT_SUSPECT],
		    (unsigned long long)r->judged[VERDICT_UNCHECKED],
		    (unsigned long long)good);
	else
		cli_out(r->cli, "data: %llu good, %llu unchecked, none bad",
		    (unsigned long long)good,
		    (unsigned long long)r->judged[VERDICT_UNCHECKED]);
}
