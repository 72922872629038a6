/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Judgements as the tools say them, on stdout as text or JSON, and what they
 * mean for the exit status: DAMAGED is 5, SUSPECT is 3.
 */
#ifndef CHECK_TELL_H
#define CHECK_TELL_H

#include "check/content.h"
#include "cli/cli.h"

struct tell_place {
	const char *lead;	/* before the first line: "  data       " */
	const char *snapshot;	/* "" for what is no snapshot */
	const char *source;	/* volume or directory, escaped */
};

/* CLEAN and nothing to say of it: a line only with --verbose. */
void tell_judgement(struct cli *cli, const struct tell_place *place,
    const struct judgement *j);
/*
 * Check a whole tree and tell everything: each judgement, then the counts.
 * -1 as content_check().
 */
int tell_content(struct cli *cli, const struct tell_place *place,
    struct tree *tree, const struct content_facts *facts,
    struct content_counts *counts, struct err *err);
/*
 * How many of each verdict.  unlisted: objects that could not be looked at,
 * which is a warning.
 */
void tell_counts(struct cli *cli, const struct tell_place *place,
    const struct content_counts *counts, uint64_t unlisted);

#endif
