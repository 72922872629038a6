/* SPDX-License-Identifier: BSD-2-Clause */
/* What all reports have in common; see report.h. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/mem.h"
#include "check.h"
#include "plan.h"
#include "run.h"

enum outcome_status
report_verdict(const struct report *r)
{
	const size_t *totals = r->run->totals;

	if (totals[OUTCOME_FAIL] > 0)
		return OUTCOME_FAIL;
	/* What was skipped has a failed need; an optional one leaves WARN. */
	if (totals[OUTCOME_UNKNOWN] > 0)
		return OUTCOME_UNKNOWN;
	if (totals[OUTCOME_WARN] > 0 || totals[OUTCOME_SKIP] > 0 ||
	    report_is_late(r))
		return OUTCOME_WARN;
	return totals[OUTCOME_OK] > 0 ? OUTCOME_OK : OUTCOME_UNKNOWN;
}

uint64_t
report_elapsed(const struct report *r)
{
	int64_t end = r->recovery->green_at != 0 ? r->recovery->green_at :
	    r->run->ended;

	return end > r->recovery->since ?
	    (uint64_t)(end - r->recovery->since) : 0;
}

bool
report_is_late(const struct report *r)
{
	return r->recovery->has_since && r->recovery->has_rto &&
	    report_elapsed(r) > r->recovery->rto_s;
}

/* ------------------------------------------------------------------- order */

struct entry {
	size_t index;
	size_t stage;
	size_t blocked;
	enum outcome_status status;
};

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->status != y->status) {
		/* Skipped ones say less than the warnings they follow. */
		return outcome_is_worse(x->status, y->status) ? -1 : 1;
	}
	if (x->stage != y->stage)
		return x->stage < y->stage ? -1 : 1;
	if (x->blocked != y->blocked)
		return x->blocked > y->blocked ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

size_t *
report_order(const struct report *r)
{
	size_t count = r->run->count, i, stage = 0;
	struct entry *entries = mem_zero(count, sizeof *entries);
	size_t *order = mem_zero(count, sizeof *order);

	for (i = 0; i < count; i++) {
		/* Checks come by stage, whose names are one text each. */
		if (i > 0 && plan_check(r->plan, i)->stage !=
		    plan_check(r->plan, i - 1)->stage)
			stage++;
		entries[i].index = i;
		entries[i].stage = stage;
		entries[i].blocked = r->run->results[i].blocked;
		entries[i].status = r->run->results[i].outcome.status;
	}
	qsort(entries, count, sizeof *entries, compare);
	for (i = 0; i < count; i++)
		order[i] = entries[i].index;
	free(entries);
	return order;
}

void
report_headline(struct buf *out, const struct report *r)
{
	size_t *order = report_order(r);
	const struct outcome *o = &r->run->results[order[0]].outcome;
	const char *name = plan_check(r->plan, order[0])->name;

	if (o->status == OUTCOME_OK) {
		buf_puts(out, "all is as it should be");
	} else {
		escape_text(out, name, strlen(name));
		buf_printf(out, ": %s: %s", reason_code(o->reason),
		    buf_text(&o->cause));
	}
	free(order);
}
