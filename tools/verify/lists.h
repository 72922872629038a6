/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Somebody else's lists of checksums (manifest/checklist), and every file
 * they name read past the page cache.  A list is read twice, line by line: to
 * learn how much there is, and to check it.  Names count from the list's own
 * folder, or from a base that was given; nothing outside it is ever opened.
 *
 *	lists_open(&l, path, &options, &err);
 *	lists_count(&l, &err);
 *	lists_check(&l, &err);
 *	lists_close(&l);
 */
#ifndef VERIFY_LISTS_H
#define VERIFY_LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/watch.h"
#include "cover.h"
#include "io/parent.h"

struct err;

enum list_verdict {
	LIST_OK,
	LIST_DAMAGED,		/* was read, and is not what the line says */
	LIST_UNREADABLE,	/* the medium could not be read */
	LIST_MISSING,
	LIST_REFUSED,		/* leads out of the folder, or is no file */
	LIST_MALFORMED,		/* a line that cannot be used */
	LIST_NEW		/* a file that no line covers */
};
#define LIST_VERDICTS 7
const char *list_verdict_name(enum list_verdict verdict);

#define LIST_ITSELF "the list itself"	/* for the name of its file */

struct lists_calls {
	void *ctx;
	/* A list that will be used, by its name as it is. */
	void (*list)(void *ctx, const char *list);
	/*
	 * list: its name, "" for LIST_NEW.  file: or the line, for
	 * LIST_MALFORMED; or LIST_ITSELF.  why: "" for LIST_OK; bytes: read from the medium.
	 * why is escaped; names are as they are.
	 */
	void (*file)(void *ctx, const char *list, const char *file,
	    enum list_verdict verdict, const char *why, uint64_t bytes);
};

struct lists_options {
	unsigned threads;
	const char *base;		/* or NULL: the list's folder */
	bool finds_new;			/* look for files no line covers */
	const struct watch *watch;
	struct lists_calls calls;
};

struct lists {
	const struct lists_options *options;
	uint64_t total_bytes;	/* by lists_count(): of the files there are */
	uint64_t lists;
	uint64_t bytes;		/* by lists_check(): read */
	uint64_t cached;	/* files that went through the page cache */
	uint64_t verdicts[LIST_VERDICTS];

	int dir_fd;		/* private from here: where the lists are */
	int root_fd;		/* where their names begin */
	int list_fd;		/* the one list, when a file was named */
	bool is_same_dir;	/* dir_fd and root_fd */
	struct buf name;	/* of the one list */
	struct buf path;
	struct cover cover;
	struct parent parent;
};

/*
 * path is a list, or a folder of which every list directly in it is used.
 * ERR_NOT_FOUND when it is neither.  lists_close() is due in any case.
 */
int lists_open(struct lists *l, const char *path,
    const struct lists_options *options, struct err *err);
int lists_count(struct lists *l, struct err *err);
/*
 * Goes on past damage.  -1: interrupted; or the medium is gone; or all was
 * checked, but which files no line covers cannot be told (ERR_LIMIT, ERR_IO).
 */
int lists_check(struct lists *l, struct err *err);
void lists_close(struct lists *l);

#endif
