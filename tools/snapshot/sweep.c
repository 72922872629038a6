/* SPDX-License-Identifier: BSD-2-Clause */
/* Litter of interrupted snapshots; see sweep.h. */
#include "sweep.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "medium/complete.h"
#include "medium/snapshot.h"

static bool
is_litter(const struct medium *m, const struct medium_name *name,
    struct err *why)
{
	struct buf text = BUF_EMPTY;
	bool litter;
	int fd = io_open(m->snapshots_fd, name->text,
	    O_RDONLY | O_DIRECTORY, 0);

	if (fd == -1) {
		(void)err_set(why, ERR_IO, io_error(), "cannot be opened");
		return false;
	}
	if (io_read_file(fd, COMPLETE_FILE, COMPLETE_MAX, &text, why) == -1) {
		litter = why->class == ERR_NOT_FOUND;
	} else {
		(void)err_set(why, ERR_DAMAGED, 0,
		    "its " COMPLETE_FILE " is damaged; 'verify' says more");
		litter = complete_is_blank(text.data, text.len);
	}
	(void)close(fd);
	buf_release(&text);
	return litter;
}

/* How many snapshots there are up to the newest complete one. */
static size_t
settled(const struct medium *m, const struct medium_list *list)
{
	size_t i;

	for (i = list->count; i > 0; i--)
		if (snapshot_is_complete(m, &list->items[i - 1]))
			return i;
	return 0;
}

static int
sweep_one(const struct medium *m, const struct medium_name *name,
    bool is_newest, const struct sweep_calls *calls, struct err *err)
{
	struct err why;

	if (!is_litter(m, name, &why)) {
		calls->kept(calls->ctx, name->text, why.text);
		return 0;
	}
	if (!is_newest) {
		calls->kept(calls->ctx, name->text, "it has no valid "
		    COMPLETE_FILE ", but a later one was completed after it, "
		    "so it may have been whole once; remove it by hand if it "
		    "is of no use");
		return 0;
	}
	if (calls->was_whole(calls->ctx, name->text)) {
		calls->kept(calls->ctx, name->text, "its " COMPLETE_FILE
		    " is gone or empty, but it was complete when it was seen "
		    "before; 'verify' says more, and what other copies can "
		    "mend");
		return 0;
	}
	if (io_remove_tree(m->snapshots_fd, name->text, err) == -1)
		return err_context(err, "interrupted snapshot %s",
		    name->text);
	calls->swept(calls->ctx, name->text);
	return 0;
}

int
sweep_medium(const struct medium *m, const struct sweep_calls *calls,
    struct err *err)
{
	struct medium_list list = MEDIUM_LIST_EMPTY;
	size_t i, settled_count;
	int ret = -1;

	if (medium_list(m, &list, err) == -1)
		goto out;
	settled_count = settled(m, &list);
	for (i = 0; i < list.count; i++)
		if (!snapshot_is_complete(m, &list.items[i]) &&
		    sweep_one(m, &list.items[i], i >= settled_count, calls,
		    err) == -1)
			goto out;
	ret = 0;
out:
	medium_list_release(&list);
	return ret;
}
