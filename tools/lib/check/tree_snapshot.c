/* SPDX-License-Identifier: BSD-2-Clause */
/* A source as a tree; see tree_snapshot.h. */
#include "check/tree_snapshot.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "io/io.h"

int
snapshot_tree_open(struct snapshot_tree *t, const struct snapshot *s,
    const struct source_info *source, const struct watch *watch,
    struct err *err)
{
	struct tree_archive where;

	memset(t, 0, sizeof *t);
	part_source_init_lenient(&t->parts, s->fd, &source->parts, watch);
	t->manifest_fd = io_open(s->fd, source->manifest, O_RDONLY, 0);
	if (t->manifest_fd == -1)
		return err_set(err, ERR_DAMAGED, io_error(), "%s",
		    source->manifest);
	if (seek_table_find_frames(&t->table, &t->parts.source, err) == -1)
		return -1;
	where.archive = &t->parts.source;
	where.table = &t->table;
	where.manifest_fd = t->manifest_fd;
	if (tree_open_archive(&t->tree, &where, watch, err) == -1)
		return err_context(err, "%s", source->manifest);
	return 0;
}

void
snapshot_tree_close(struct snapshot_tree *t)
{
	tree_free(t->tree);
	if (t->manifest_fd != -1)
		(void)close(t->manifest_fd);	/* read-only */
	seek_table_release(&t->table);
	part_source_release(&t->parts);
}

void
snapshot_tree_facts(struct content_facts *facts, const struct snapshot *s,
    const struct source_info *source)
{
	facts->now = io_now();
	facts->copied_at = s->info.started;
	facts->is_hot = source->consistency == CONSISTENCY_HOT ||
	    source->consistency == CONSISTENCY_UNKNOWN;
}
