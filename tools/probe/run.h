/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run a plan once: every check in a thread of its own, as soon as all that it
 * needs has ended, and no more at a time than asked for.
 *
 *	struct crew *crew = crew_new(RUN_PARALLEL);
 *	struct run run;
 *	if (run_checks(crew, &order, &run, err) == -1) ...	(interrupted)
 *	run.results[i].outcome ...
 *	run_release(&run);
 *	crew_free(crew);
 *
 * A check that needs one which failed is skipped, and says which failure is
 * at the root.  One that does not come back in time is given up; its thread
 * may hang in the kernel for ever (a dead NFS server), and is left there.
 */
#ifndef PROBE_RUN_H
#define PROBE_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "base/watch.h"
#include "outcome.h"

struct err;
struct plan;
struct site;

#define RUN_PARALLEL 64		/* unless asked otherwise */
#define RUN_PARALLEL_MAX 256
#define RUN_GRACE_MS 150	/* past its limit, before one is given up */

/*
 * Who runs checks, run after run.  Threads that were given up and have not
 * come back count against parallel.
 */
struct crew;
struct crew *crew_new(unsigned parallel);
/* Accepts NULL.  While threads are stuck, they keep what they need. */
void crew_free(struct crew *crew);
/* How many are stuck: then the plan must not be freed either. */
size_t crew_stuck(struct crew *crew);

struct run_order {
	const struct plan *plan;
	struct site *site;	/* may be NULL; held by threads that need it */
	const struct watch *watch;	/* may be NULL; one entry a check */
};

struct run_result {
	struct outcome outcome;
	size_t root;		/* of a skipped one: the check that failed
				 * first; else its own index */
	size_t blocked;		/* how many were skipped because of it */
};

struct run {
	struct run_result *results;	/* as the plan's checks */
	size_t count;
	int64_t started;	/* seconds since 1970 */
	int64_t ended;
	uint64_t took_ms;
	size_t totals[OUTCOME_SKIP + 1];	/* by status */
};

/*
 * -1 only for ERR_INTERRUPTED; run then has what was found until then, and
 * the rest is UNKNOWN.  The caller releases it in any case.
 */
int run_checks(struct crew *crew, const struct run_order *order,
    struct run *run, struct err *err);
void run_release(struct run *run);

#endif
