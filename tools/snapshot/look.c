/* SPDX-License-Identifier: BSD-2-Clause */
/* What was taken, looked into; see look.h. */
#include "look.h"

#include "base/err.h"
#include "check/tell.h"
#include "check/tree_snapshot.h"

static int
look_into_source(struct cli *cli, const struct snapshot *s,
    const struct source_info *source, struct err *err)
{
	const struct tell_place place = { "", s->name.text, source->name };
	struct content_counts counts;
	struct content_facts facts;
	struct snapshot_tree t;
	int ret;

	snapshot_tree_facts(&facts, s, source);
	ret = snapshot_tree_open(&t, s, source, &cli->watch, err);
	if (ret == 0)
		ret = tell_content(cli, &place, t.tree, &facts, &counts,
		    err);
	snapshot_tree_close(&t);
	return ret == -1 ? err_context(err, "--check: %s", source->name) : 0;
}

int
look_into(struct cli *cli, const struct medium *m,
    const struct medium_name *name, struct err *err)
{
	struct snapshot s;
	int ret = 0;
	size_t i;

	if (snapshot_open(&s, m, name, err) == -1)
		return -1;
	cli_stage(cli, "checking content", 0);
	for (i = 0; i < s.info.count && ret == 0; i++)
		ret = look_into_source(cli, &s, &s.info.sources[i],
		    err);
	(void)cli_stage_end(cli);
	snapshot_close(&s);
	return ret;
}
