/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The returning chain's tail: tar entries held against the manifest, one by
 * one, on their way into a tree or nowhere.  Restoring and verify --deep are
 * this one function; only the target differs.
 */
#ifndef ARCHIVE_CHECK_H
#define ARCHIVE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/extract.h"
#include "base/watch.h"
#include "manifest/manifest.h"

struct err;

enum check_verdict {
	CHECK_OK,
	CHECK_CONTENT,		/* SHA-256 differs from the manifest */
	CHECK_METADATA,		/* header differs from the manifest */
	CHECK_MISSING,		/* in the manifest, not in the archive */
	CHECK_EXTRA,		/* in the archive, not in the manifest */
	CHECK_LOST		/* lies in a part of the archive that is damaged */
};

struct check_counts {
	uint64_t entries;
	uint64_t files;
	uint64_t bytes;
	uint64_t bad[6];	/* by enum check_verdict; [CHECK_OK] counts good */
};

struct check_options {
	/*
	 * Hears of entries, and of bytes that are not put into a tree: for
	 * those extract_options.watch does.
	 */
	const struct watch *watch;
	/* Each entry that is not CHECK_OK; what: a short phrase or NULL. */
	void (*verdict)(void *ctx, enum check_verdict verdict,
	    const struct entry *entry, const char *what);
	/*
	 * Each entry that is CHECK_OK, when not NULL.  For lists.
	 */
	void (*good)(void *ctx, const struct entry *entry);
	void *ctx;
	/*
	 * When set, only entries for which it returns true are put into the
	 * tree (all are still checked).
	 */
	bool (*wanted)(void *ctx, const struct entry *entry);
	/*
	 * To go on behind damage: entries whose headers start before this
	 * place of the tar stream are passed over without a verdict.
	 */
	uint64_t from;
	/*
	 * The caller goes on behind damage (see check_next): what was not
	 * reached is not reported when the archive breaks.
	 */
	bool resumes;
};

/*
 * Where the two disagree, the places in the tar stream decide: an entry of the
 * manifest that should have come before the one that did is CHECK_MISSING, an
 * entry of the archive that stands before the manifest's next is CHECK_EXTRA,
 * and two names for the same place are one of each.  What is extra is never
 * put into a tree; what differs in content or metadata is, as the archive has
 * it.  Sockets are in manifests only: CHECK_OK.
 *
 * Read the whole tar stream against the whole manifest.  target may be NULL.
 * Returns 0 when both were read to their ends, whatever the verdicts were:
 * look at counts->bad.  -1 when the archive or manifest cannot be read
 * further (ERR_DAMAGED), or the target fails (ERR_IO): entries not reached
 * are reported as CHECK_LOST first when the archive is what broke.
 */
int check_archive(struct tar_reader *tar, struct manifest_reader *manifest,
    struct extract *target, const struct check_options *options,
    struct check_counts *counts, struct err *err);

/*
 * Where the first entry starts whose header lies at "at" or behind it: the
 * place to go on from, with check_options.from.  *found is false when there is
 * none.
 */
int check_next(struct manifest_reader *manifest, uint64_t at,
    uint64_t *offset, bool *found, struct err *err);

const char *check_verdict_name(enum check_verdict verdict);

#endif
