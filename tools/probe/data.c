/* SPDX-License-Identifier: BSD-2-Clause */
/* Content of a folder; see data.h. */
#include "data.h"

#include <errno.h>
#include <inttypes.h>

#include "base/err.h"
#include "check/content.h"
#include "check/tree.h"
#include "docker/users.h"
#include "io/io.h"
#include "outcome.h"

struct look {
	const struct data_folder *folder;
	struct outcome *o;
	unsigned told;
	uint64_t untold;
	struct buf covered;
};

struct clock {
	uint64_t deadline_ms;
};

static void
moved(void *ctx, uint64_t bytes, uint64_t entries)
{
	(void)ctx;
	(void)bytes;
	(void)entries;
}

static int
check_clock(void *ctx, struct err *err)
{
	const struct clock *clock = ctx;

	if (io_ticks_ms() < clock->deadline_ms)
		return 0;
	return err_set(err, ERR_INTERRUPTED, ETIMEDOUT,
	    "the time limit is over");
}

static enum reason
reason_of(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_DAMAGED:
		return REASON_DATA_DAMAGED;
	case VERDICT_SUSPECT:
		return REASON_DATA_SUSPECT;
	case VERDICT_RECOVERABLE:
		return REASON_DATA_RECOVERABLE;
	default:
		return REASON_DATA_UNCHECKED;
	}
}

/* The finding that decided, else what is said of the whole. */
static const char *
worst_text(const struct judgement *j)
{
	uint64_t i;

	for (i = 0; i < j->finding_count && i < JUDGEMENT_FINDINGS_MAX; i++)
		if (j->findings[i].verdict == j->verdict)
			return j->findings[i].text;
	return buf_text(&j->said);
}

static void
on_judged(void *ctx, const struct judgement *j)
{
	struct look *look = ctx;

	if (j->verdict == VERDICT_CLEAN) {
		if (look->covered.len < 200)
			buf_printf(&look->covered, "%s%s %s: %s",
			    look->covered.len > 0 ? "; " : "", j->checker,
			    j->root, buf_text(&j->covered));
		return;
	}
	if (look->told++ >= DATA_TOLD_MAX) {
		look->untold++;
		return;
	}
	outcome_reason(look->o, reason_of(j->verdict), "%s in %s/%s: %s",
	    j->checker, look->folder->shown, j->root, worst_text(j));
}

static void
judge_counts(const struct look *look, const struct content_counts *counts,
    uint64_t unlisted)
{
	uint64_t judged = 0;
	unsigned v;

	for (v = 0; v < VERDICTS; v++)
		judged += counts->judged[v];
	outcome_fact_u64(look->o, "judged", judged);
	outcome_fact_u64(look->o, "unknown_files", counts->unknown_files);
	if (unlisted > 0)
		outcome_reason(look->o, REASON_DATA_UNCHECKED, "%" PRIu64
		    " objects could not be listed", unlisted);
	if (judged == 0)
		outcome_reason(look->o, REASON_DATA_UNCHECKED, "no checker "
		    "knows anything in %s", look->folder->shown);
	if (look->untold > 0)
		outcome_fact_u64(look->o, "not_told", look->untold);
	outcome_note(look->o, "%s", buf_text(&look->covered));
}

void
data_judge(const struct data_folder *folder,
    const struct probe_context *context, struct outcome *o)
{
	struct clock clock = { context->deadline_ms };
	const struct watch watch = { &clock, moved, check_clock };
	const struct content_facts facts = { .now = context->now,
	    .is_hot = folder->is_hot };
	struct look look = { folder, o, 0, 0, BUF_EMPTY };
	struct content_counts counts;
	struct tree *tree = NULL;
	struct err err;

	if (tree_open_dir(&tree, folder->fd, &watch, &err) == -1 ||
	    content_check(tree, "", &facts, on_judged, &look, &counts,
	    &err) == -1)
		outcome_reason(o, err.class == ERR_INTERRUPTED ?
		    REASON_DATA_UNCHECKED : REASON_CANNOT_READ, "%s: %s",
		    folder->shown, err.text);
	else
		judge_counts(&look, &counts, tree_unlisted(tree));
	tree_free(tree);
	buf_release(&look.covered);
}

bool
data_is_in_use(const char *path)
{
	struct volume_users users;
	struct err err;
	bool in_use;

	if (volume_users_of_folder(path, &users, &err) == -1)
		return true;	/* the careful answer */
	in_use = users.verdict != VOLUME_FREE;
	volume_users_release(&users);
	return in_use;
}
