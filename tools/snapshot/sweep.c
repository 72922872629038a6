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

int
sweep_medium(const struct medium *m, const struct sweep_calls *calls,
    struct err *err)
{
	struct medium_list list = MEDIUM_LIST_EMPTY;
	struct err why;
	int ret = -1;
	size_t i;

	if (medium_list(m, &list, err) == -1)
		goto out;
	for (i = 0; i < list.count; i++) {
		const struct medium_name *name = &list.items[i];

		if (snapshot_is_complete(m, name))
			continue;
		if (!is_litter(m, name, &why)) {
			calls->kept(calls->ctx, name->text, why.text);
			continue;
		}
		if (io_remove_tree(m->snapshots_fd, name->text, err) == -1) {
			err_context(err, "interrupted snapshot %s",
			    name->text);
			goto out;
		}
		calls->swept(calls->ctx, name->text);
	}
	ret = 0;
out:
	medium_list_release(&list);
	return ret;
}
