/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One restore, from looking to the exchange, and the two ways on from there
 * (rollback, forget): what main() asks for, in the words of the person.
 */
#ifndef RESTORE_WORK_H
#define RESTORE_WORK_H

#include "cli/cli.h"
#include "identity.h"
#include "medium/snapshot.h"
#include "target.h"

struct err;
struct pick;

struct work_options {
	const char *catalog;		/* or NULL */
	const char *data_root;
	const char *as;			/* another volume's name, or NULL */
	const char *to;			/* a plain directory, or NULL */
	struct pick *pick;		/* what of it; NULL: everything */
	uint64_t strip_components;
	unsigned threads;
	bool has_no_target;		/* nothing is restored: no host is looked for */
	bool assume_unused;
	bool best_effort;
	bool check;			/* look inside before the swap */
};

struct work {
	struct cli *cli;
	const struct work_options *options;
	struct host host;	/* open unless options->to is set */
	struct identity_queue identities;	/* of volumes restored so far */
	uint64_t foreign_bytes;	/* that an archive of others held */
	const char *medium_id;	/* that sources come from, or NULL */
};

int work_open(struct work *w, struct cli *cli,
    const struct work_options *options, struct err *err);
/* Records what still waits to be recorded; warns where it cannot. */
void work_close(struct work *w);

/* On failure the target is what it was. */
int work_restore(struct work *w, const struct snapshot *s,
    const struct source_info *source, struct err *err);

/* An archive that others made; volume is NULL with options->to. */
int work_foreign(struct work *w, const char *archive, const char *volume,
    struct err *err);

/* volume is NULL with options->to. */
int work_rollback(struct work *w, const char *volume, struct err *err);
int work_forget(struct work *w, const char *volume, struct err *err);

#endif
