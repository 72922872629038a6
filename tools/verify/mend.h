/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A damaged snapshot, mended from other copies of it: what can be made whole
 * is found and proved by SHA-256 first; only then, and only when asked, is
 * anything written.
 *
 * How it is written, and why.  FAT loses both files when one is renamed over
 * the other and the power fails, so nothing is ever replaced.  A file is
 * mended in place: only blocks that are known to be wrong are written, with
 * bytes that are known to be right.  So no write makes anything worse, a run
 * that is killed leaves the same damage or less, and a drive is made to put
 * another sector in the place of a bad one, which it does when that is
 * written.  A file that is cut is written on, one that is too long is cut; one
 * that is missing is made under its final name, like every file of a medium.
 * Then it is flushed, and read back past the page cache.  The commit record
 * comes last.  Files that no sum covers are left alone.
 */
#ifndef VERIFY_MEND_H
#define VERIFY_MEND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/pairs.h"
#include "base/watch.h"
#include "cli/cli.h"
#include "manifest/sign.h"
#include "medium/snapshot.h"

struct err;

enum mend_outcome {
	MEND_POSSIBLE,		/* it can be made whole */
	MEND_DONE,		/* it was, and was read back */
	MEND_HOPELESS,		/* why: no copy, or no way to put it together */
	MEND_FAILED		/* why: it could be, but writing failed */
};

/* One damaged file.  Texts are escaped. */
struct mend_event {
	const char *file;
	enum mend_outcome outcome;
	uint64_t bytes;		/* that are, or would be, written */
	uint64_t places;
	const char *from;	/* what --with said of the copies used */
	const char *why;
};

struct mend_options {
	const struct cli_list *with;
	const struct sign_public *key;	/* or NULL */
	bool writes;		/* else nothing is changed */
	const struct watch *watch;
	void (*event)(void *ctx, const struct medium_name *snapshot,
	    const struct mend_event *event);
	void *ctx;
};

struct mend_result {
	uint64_t outcomes[4];	/* by enum mend_outcome */
	bool has_copies;	/* another folder of this snapshot was found */
	bool has_sums;		/* something to go by was found */
	bool replaces_sums;	/* the folder's own are not the right ones */
	bool has_signature;	/* with a key: a good one was found */
};

/*
 * s: opened as far as it could be.  bad: the files that are not what its
 * own SHA256SUMS says; NULL when that could not be asked.
 * -1: ERR_INTERRUPTED, or a path of --with cannot be used.
 */
int mend_snapshot(const struct snapshot *s, const struct pairs *bad,
    const struct mend_options *options, struct mend_result *result,
    struct err *err);

/*
 * Before anything is written: ERR_PREFLIGHT on a read-only file system, else
 * the medium's lock, given back by closing *fd.
 */
int mend_lock(const struct medium *m, int *fd, struct err *err);

#endif
