/* SPDX-License-Identifier: BSD-2-Clause */
/* A staged tree, looked into; see look.h. */
#include "look.h"

#include "base/err.h"
#include "check/tell.h"

int
look_into(struct cli *cli, const char *target, int stage_fd,
    const struct content_facts *facts, struct err *err)
{
	const struct tell_place place = { "", "", target };
	struct content_counts counts;
	struct tree *tree = NULL;
	int ret = -1;

	if (tree_open_dir(&tree, stage_fd, &cli->watch, err) == -1)
		return err_context(err, "--check");
	if (tell_content(cli, &place, tree, facts, &counts, err) == -1)
		goto out;
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
