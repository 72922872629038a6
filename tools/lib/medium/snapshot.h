/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A snapshot's folder on a medium, opened and understood: the commit record,
 * the sums, what it holds.  Opening reads the small files only; their digests
 * are checked against SHA256SUMS, and that file's against COMPLETE.
 */
#ifndef MEDIUM_SNAPSHOT_H
#define MEDIUM_SNAPSHOT_H

#include <stdbool.h>

#include "manifest/sign.h"
#include "manifest/sums.h"
#include "medium/complete.h"
#include "medium/info.h"
#include "medium/medium.h"

struct err;

#define SNAPSHOT_SUMS "SHA256SUMS"
#define SNAPSHOT_SIG "SHA256SUMS.sig"

struct snapshot {
	struct medium_name name;
	int fd;			/* of its folder */
	struct complete complete;
	struct buf sums_text;
	struct sums sums;
	struct info info;	/* parts carry their digests from sums */
};

#define SNAPSHOT_EMPTY { .fd = -1, .sums_text = BUF_EMPTY, \
	.sums = SUMS_EMPTY, .info = INFO_EMPTY }

/*
 * ERR_NOT_FOUND: no such folder.  ERR_DAMAGED: interrupted (no COMPLETE), or
 * one of the small files is not what it was; the error names it.
 */
int snapshot_open(struct snapshot *s, const struct medium *m,
    const struct medium_name *name, struct err *err);

/*
 * The steps of snapshot_open(), for verify, which goes on past damage: the
 * folder; COMPLETE (ERR_NOT_FOUND when it is missing); SHA256SUMS, without
 * its digest being looked at; whether that digest is what COMPLETE says;
 * snapshot.json with the parts' digests from the sums.
 */
int snapshot_open_folder(struct snapshot *s, const struct medium *m,
    const struct medium_name *name, struct err *err);
int snapshot_load_complete(struct snapshot *s, struct err *err);
int snapshot_load_sums(struct snapshot *s, struct err *err);
int snapshot_check_sums(const struct snapshot *s, struct err *err);
int snapshot_load_info(struct snapshot *s, struct err *err);
void snapshot_close(struct snapshot *s);

/*
 * The newest snapshot ("latest"), or the one named by sequence number ("7",
 * "0007") or folder name.  Interrupted ones are passed over for "latest" and
 * named in *skipped (may be NULL).
 */
int snapshot_find(const struct medium *m, const char *which,
    struct medium_name *name, struct buf *skipped, struct err *err);

/* Is there a valid COMPLETE?  Cheap; a read error counts as no. */
bool snapshot_is_complete(const struct medium *m,
    const struct medium_name *name);

enum snapshot_signature {
	SIGNATURE_NONE,		/* there is no signature file */
	SIGNATURE_UNCHECKED,	/* there is one, but no key to check it with */
	SIGNATURE_GOOD,
	SIGNATURE_BAD		/* err says how */
};
/* key may be NULL. */
enum snapshot_signature snapshot_signature(const struct snapshot *s,
    const struct sign_public *key, struct err *err);

#endif
