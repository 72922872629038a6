/* SPDX-License-Identifier: BSD-2-Clause */
/* The content of sources and directories; see data.h. */
#include "data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "check/tree_snapshot.h"
#include "io/io.h"
#include "report.h"

#define LEAD "  data       "

static int
check_tree(struct report *r, struct tree *tree, const char *below,
    const struct content_facts *facts, const struct tell_place *place,
    struct err *err)
{
	struct report_data data = { r, place };
	struct content_counts counts;

	if (content_check(tree, below, facts, report_judgement, &data, &counts,
	    err) == -1)
		return -1;
	report_data(r, place, &counts, tree_unlisted(tree));
	return 0;
}

int
data_check_source(struct report *r, const struct snapshot *s,
    const struct source_info *source, struct err *err)
{
	const struct tell_place place = { LEAD, s->name.text,
	    source->name };
	struct content_facts facts;
	struct snapshot_tree t;
	int ret;

	snapshot_tree_facts(&facts, s, source);
	ret = snapshot_tree_open(&t, s, source, &r->cli->watch, err);
	if (ret == 0)
		ret = check_tree(r, t.tree, "", &facts, &place, err);
	if (ret == -1 && err->class != ERR_INTERRUPTED) {
		report_no_data(r, &place, err->text);
		err_clear(err);
		ret = 0;
	}
	snapshot_tree_close(&t);
	return ret;
}

/*
 * real is without links, so that its last name is what it seems to be; a file
 * is looked at as the one thing in its folder.
 */
static int
check_real(struct report *r, char *real, const struct tell_place *place,
    struct err *err)
{
	const struct content_facts facts = { .now = io_now() };
	int fd = io_open_typed(real, O_RDONLY | O_DIRECTORY, 0);
	struct tree *tree = NULL;
	const char *name = "";
	char *slash = strrchr(real, '/');
	int ret = -1;

	if (fd == -1 && io_error() == ENOTDIR && slash != NULL) {
		*slash = '\0';
		name = slash + 1;
		fd = io_open_typed(slash == real ? "/" : real,
		    O_RDONLY | O_DIRECTORY, 0);
	}
	if (fd == -1)
		return err_set(err, ERR_IO, io_error(), "cannot open");
	if (tree_open_dir(&tree, fd, &r->cli->watch, err) == 0)
		ret = check_tree(r, tree, name, &facts, place, err);
	tree_free(tree);
	(void)close(fd);		/* read-only: nothing to lose */
	return ret;
}

int
data_check_path(struct report *r, const char *path, struct err *err)
{
	char safe[ESCAPE_NAME_MAX];
	const struct tell_place place = { LEAD, "", escape_name(path, safe) };
	char *real = realpath(path, NULL);
	int ret;

	if (real == NULL)
		return err_set(err, ERR_NOT_FOUND, errno, "%s", safe);
	ret = check_real(r, real, &place, err);
	free(real);
	return ret;
}
