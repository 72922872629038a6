/* SPDX-License-Identifier: BSD-2-Clause */
/* A staged tree, looked into; see look.h. */
#include "look.h"

#include "base/err.h"
#include "check/tell.h"

struct look {
	struct cli *cli;
	struct tell_place place;
};

static void
on_judged(void *ctx, const struct judgement *j)
{
	const struct look *look = ctx;

	tell_judgement(look->cli, &look->place, j);
}

int
look_into(struct cli *cli, const char *target, int stage_fd,
    const struct content_facts *facts, struct err *err)
{
	struct look look = { cli, { "", "", target } };
	struct content_counts counts;
	struct tree *tree = NULL;
	int ret = -1;

	if (tree_open_dir(&tree, stage_fd, &cli->watch, err) == -1)
		return err_context(err, "--check");
	if (content_check(tree, "", facts, on_judged, &look, &counts,
	    err) == -1)
		goto out;
	tell_counts(cli, &look.place, &counts, tree_unlisted(tree));
	if (counts.judged[VERDICT_DAMAGED] > 0) {
		err_set(err, ERR_DAMAGED, 0, "--check found damage in what "
		    "was to be restored; nothing was swapped in (without "
		    "--check it is restored as it is)");
		goto out;
	}
	ret = 0;
out:
	tree_free(tree);
	return ret;
}
