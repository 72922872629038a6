/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One snapshot's files against its sums: every file read from the medium,
 * one verdict for each, and separate verdicts for the commit record and the
 * signature.  Goes on past damage.
 */
#ifndef VERIFY_FILES_H
#define VERIFY_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/pairs.h"
#include "base/watch.h"
#include "manifest/sign.h"
#include "medium/snapshot.h"

struct err;

enum file_verdict {
	FILE_OK,
	FILE_DAMAGED,		/* was read, and is not what the sums say */
	FILE_UNREADABLE,	/* the medium could not be read */
	FILE_MISSING,
	FILE_FOREIGN		/* no line of SHA256SUMS covers it */
};
const char *file_verdict_name(enum file_verdict verdict);

struct files_calls {
	void *ctx;
	/* why: "" for FILE_OK; bytes: read from the medium */
	void (*file)(void *ctx, const struct medium_name *snapshot,
	    const char *file, enum file_verdict verdict, const char *why,
	    uint64_t bytes);
	void (*signature)(void *ctx, const struct medium_name *snapshot,
	    enum snapshot_signature verdict, const char *why);
};

struct files_options {
	bool threads;
	const struct sign_public *key;	/* or NULL */
	const struct watch *watch;
	struct files_calls calls;
};

struct files_result {
	uint64_t bytes;
	uint64_t verdicts[5];	/* by enum file_verdict */
	uint64_t cached;	/* files that went through the page cache */
	enum snapshot_signature signature;
	bool is_interrupted;	/* no commit record: nothing was checked */
	bool has_info;		/* *s can be used for --deep */
	struct pairs bad;	/* file to verdict, but FOREIGN; the caller's */
};

/*
 * s is filled on the way and stays open until snapshot_close(), whatever the
 * result.  -1 only for ERR_INTERRUPTED and when the folder cannot be opened.
 */
int files_check(struct snapshot *s, const struct medium *m,
    const struct medium_name *name, const struct files_options *options,
    struct files_result *result, struct err *err);

#endif
