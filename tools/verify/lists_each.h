/* SPDX-License-Identifier: BSD-2-Clause */
/* Every line of every list; shared by lists.c and lists_check.c only. */
#ifndef VERIFY_LISTS_EACH_H
#define VERIFY_LISTS_EACH_H

#include "lists.h"
#include "manifest/checklist.h"

struct lists_visit {
	void *ctx;
	/* A list, before its lines.  Each may end the pass with -1. */
	int (*begin)(void *ctx, const char *list, struct err *err);
	int (*line)(void *ctx, const char *list,
	    const struct checklist_line *line, struct err *err);
	/* It cannot be opened, or read on, or has no line. */
	int (*trouble)(void *ctx, const char *list, enum list_verdict verdict,
	    const char *why, struct err *err);
};
int lists_each(struct lists *l, const struct lists_visit *visit,
    struct err *err);

/*
 * Where the file of a line lies below l->root_fd, in l->path.  ERR_DAMAGED
 * when it must not be looked at.
 */
int lists_path(struct lists *l, const char *list,
    const struct checklist_line *line, struct err *err);

#endif
