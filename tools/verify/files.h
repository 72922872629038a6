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
#include "medium/hash.h"
#include "medium/patient.h"
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
	/* why: "", or for FILE_OK a warning; bytes: read from the medium */
	void (*file)(void *ctx, const struct medium_name *snapshot,
	    const char *file, enum file_verdict verdict, const char *why,
	    uint64_t bytes);
	/* So many bytes an earlier run has read: this one need not. */
	void (*known)(void *ctx, uint64_t bytes);
	/* Each range of a file that is FILE_UNREADABLE, after its verdict. */
	void (*unreadable)(void *ctx, const struct medium_name *snapshot,
	    const char *file, const struct bad_range *range);
	void (*signature)(void *ctx, const struct medium_name *snapshot,
	    enum snapshot_signature verdict, const char *why);
};

/* What is known of one file, now or from an earlier run. */
#define FILES_WHY_MAX 1025
struct files_fact {
	enum file_verdict verdict;
	char why[FILES_WHY_MAX];
	uint64_t bytes;		/* read from the medium */
	uint64_t milliseconds;
	uint64_t retries;
	bool is_direct;		/* past the page cache */
};

enum files_choice {
	FILES_READ,
	FILES_KNOWN,		/* an earlier verdict holds */
	FILES_LEAVE		/* not in this run */
};

/*
 * Which files are read, and who is told of each, see memory.h.  Without it
 * all are.
 */
struct files_memory {
	void *ctx;
	/* It has no commit record; did it have one once? */
	bool (*was_whole)(void *ctx);
	/* The sums are known, and perhaps what the snapshot holds. */
	void (*opened)(void *ctx, const struct snapshot *s, bool has_info);
	/* For FILES_KNOWN *known is filled; bytes is set for FILES_LEAVE. */
	enum files_choice (*choose)(void *ctx, size_t index,
	    struct files_fact *known);
	/*
	 * How far an earlier run was inside it, and how far this one is; see
	 * medium/hash.h.  False: it begins at the beginning.
	 */
	bool (*resume)(void *ctx, size_t index, struct hash_place *place);
	void (*placed)(void *ctx, size_t index,
	    const struct hash_place *place);
	/* It was read.  index: its place in the sums. */
	void (*done)(void *ctx, size_t index, const struct files_fact *fact);
};

struct files_options {
	unsigned threads;	/* see medium/hash_pool.h */
	const struct sign_public *key;	/* or NULL */
	const struct watch *watch;
	struct files_calls calls;
	const struct files_memory *memory;	/* or NULL */
};

struct files_result {
	uint64_t bytes;
	uint64_t verdicts[5];	/* by enum file_verdict */
	uint64_t cached;	/* files that went through the page cache */
	uint64_t known;		/* files whose earlier verdict was taken */
	uint64_t known_bytes;	/* of bytes */
	uint64_t left;		/* files that were not to be read */
	uint64_t left_bytes;
	enum snapshot_signature signature;
	bool is_interrupted;	/* never had a commit record: not checked */
	bool is_gone;		/* why it is -1: the device answers no more */
	bool has_info;		/* *s can be used for --deep */
	struct pairs bad;	/* file to verdict, but FOREIGN; the caller's */
};

/*
 * s is filled on the way and stays open until snapshot_close(), whatever the
 * result.  -1 only for ERR_INTERRUPTED, when the folder cannot be opened, and
 * when the medium is gone.
 */
int files_check(struct snapshot *s, const struct medium *m,
    const struct medium_name *name, const struct files_options *options,
    struct files_result *result, struct err *err);

#endif
