/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a content checker says of one thing (a PostgreSQL cluster, a dump, a
 * database file): one verdict, one sentence in words, the findings behind
 * it, and what was covered.
 *
 *	judge_find(j, VERDICT_DAMAGED, "base/5/16384", "block 7: checksum");
 *	judge_say(j, "crash image; the server will replay 41 MB of WAL");
 *	judge_cover(j, "179,198 pages by checksum");
 *
 * The verdict is the worst that was found; without any finding it is CLEAN,
 * and that needs coverage: a CLEAN judgement with nothing covered becomes
 * UNCHECKED when it is closed.
 *
 * Texts are for terminals: names from the data go through escape_name()
 * first; paths are escaped here.
 */
#ifndef CHECK_JUDGEMENT_H
#define CHECK_JUDGEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

/* From good to bad, in the order in which one displaces another. */
enum verdict {
	VERDICT_CLEAN,		/* shut down or written properly, all checks pass */
	VERDICT_RECOVERABLE,	/* its program repairs it at start: proved possible */
	VERDICT_UNCHECKED,	/* could not be judged, and why */
	VERDICT_SUSPECT,	/* starts, but content is missing or inconsistent */
	VERDICT_DAMAGED		/* refuses to start, or data is lost */
};
#define VERDICTS (VERDICT_DAMAGED + 1)

/* "CLEAN", "RECOVERABLE" ... */
const char *verdict_name(enum verdict verdict);

/* Findings beyond this number are counted, not kept. */
#define JUDGEMENT_FINDINGS_MAX 100
#define JUDGEMENT_TEXT_MAX 4096	/* bytes of what judge_say() collects */

struct finding {
	enum verdict verdict;	/* CLEAN: a remark that changes nothing */
	char *path;		/* below the tree's root, escaped; "" for none */
	char *text;
};

struct judgement {
	const char *checker;	/* "postgresql" */
	char *root;		/* where it is in the tree, escaped; "." */
	enum verdict verdict;
	struct buf said;	/* sentences, joined by "; " */
	struct buf covered;	/* the same */
	struct finding *findings;
	uint64_t finding_count;	/* those beyond the limit included */
};

void judgement_init(struct judgement *j, const char *checker,
    const char *root);
/* Settle the verdict: CLEAN with nothing covered is UNCHECKED. */
void judgement_close(struct judgement *j);
void judgement_release(struct judgement *j);

/*
 * A finding.  path may be NULL or "".  Texts are cut at a terminal-friendly
 * length.
 */
void judge_find(struct judgement *j, enum verdict verdict, const char *path,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * err from reading path, as a finding: DAMAGED, or UNCHECKED for ERR_LIMIT.
 * Returns 0 and clears err, so that the check goes on; -1 for
 * ERR_INTERRUPTED, which must be handed up.
 */
int judge_failure(struct judgement *j, const char *path, struct err *err);

/*
 * The judgement below its heading, line by line and unbroken: what was said,
 * the findings, what was covered.
 */
void judgement_lines(const struct judgement *j,
    void (*line)(void *ctx, const char *text), void *ctx);

/* What would happen at start, in words; most telling first. */
void judge_say(struct judgement *j, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* What was looked at, with its number: "12 keys", "41 pages by checksum". */
void judge_cover(struct judgement *j, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
