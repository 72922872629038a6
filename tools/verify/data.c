/* SPDX-License-Identifier: BSD-2-Clause */
/* The content of sources and directories; see data.h. */
#include "data.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "codec/seek_table.h"
#include "io/io.h"
#include "report.h"

/* One source, open as a tree. */
struct archive {
	struct part_source parts;
	struct seek_table table;
	int manifest_fd;
	struct tree *tree;
};

static int
open_archive(struct archive *a, const struct data_options *o,
    const struct snapshot *s, const struct source_info *source,
    struct err *err)
{
	struct tree_archive where = { &a->parts.source, &a->table, -1 };

	part_source_init_lenient(&a->parts, s->fd, &source->parts);
	a->manifest_fd = io_open(s->fd, source->manifest, O_RDONLY, 0);
	if (a->manifest_fd == -1)
		return err_set(err, ERR_DAMAGED, io_error(), "%s",
		    source->manifest);
	if (seek_table_find_frames(&a->table, &a->parts.source, err) == -1)
		return -1;
	where.manifest_fd = a->manifest_fd;
	if (tree_open_archive(&a->tree, &where, o->watch, err) == -1)
		return err_context(err, "%s", source->manifest);
	return 0;
}

static void
close_archive(struct archive *a)
{
	tree_free(a->tree);
	if (a->manifest_fd != -1)
		(void)close(a->manifest_fd);	/* read-only */
	part_source_release(&a->parts);
	seek_table_release(&a->table);
}

static int
check_tree(struct report *r, struct tree *tree,
    const struct content_facts *facts, const struct report_place *place,
    struct err *err)
{
	struct report_data data = { r, place };
	struct content_counts counts;

	if (content_check(tree, facts, report_judgement, &data, &counts,
	    err) == -1)
		return -1;
	report_data(r, place, &counts, tree_unlisted(tree));
	return 0;
}

int
data_check_source(struct report *r, const struct data_options *o,
    const struct snapshot *s, const struct source_info *source,
    struct err *err)
{
	const struct report_place place = { s->name.text, source->name };
	const struct content_facts facts = {
		.now = io_now(), .copied_at = s->info.started,
		.is_hot = source->consistency == CONSISTENCY_HOT ||
		    source->consistency == CONSISTENCY_UNKNOWN,
		.scratch = o->scratch,
	};
	struct archive a = { .table = SEEK_TABLE_EMPTY, .manifest_fd = -1 };
	int ret;

	ret = open_archive(&a, o, s, source, err);
	if (ret == 0)
		ret = check_tree(r, a.tree, &facts, &place, err);
	if (ret == -1 && err->class != ERR_INTERRUPTED) {
		report_no_data(r, &place, err->text);
		err_clear(err);
		ret = 0;
	}
	close_archive(&a);
	return ret;
}

int
data_check_dir(struct report *r, const struct data_options *o,
    const char *path, struct err *err)
{
	const struct report_place place = { "", path };
	const struct content_facts facts = { .now = io_now(),
	    .scratch = o->scratch };
	struct tree *tree = NULL;
	int ret = -1;
	int fd = io_open_typed(path, O_RDONLY | O_DIRECTORY, 0);

	if (fd == -1)
		return err_set(err, ERR_NOT_FOUND, io_error(), "cannot open");
	if (tree_open_dir(&tree, fd, o->watch, err) == 0)
		ret = check_tree(r, tree, &facts, &place, err);
	tree_free(tree);
	(void)close(fd);		/* read-only: nothing to lose */
	return ret;
}
