/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run found, for every reader: people, JSON, JUnit, Nagios, and
 * Prometheus' textfile collector.
 *
 * All bytes that come from targets are escaped for their reader here.
 */
#ifndef PROBE_REPORT_H
#define PROBE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "outcome.h"

struct check;
struct cli;
struct err;
struct plan;
struct run;

/* The clock of a recovery; with neither since nor rto nothing is said. */
struct recovery {
	bool has_since;
	bool has_rto;
	int64_t since;		/* when the outage began; seconds since 1970 */
	uint64_t rto_s;		/* the target */
	int64_t green_at;	/* first moment without FAIL and UNKNOWN;
				 * 0: not yet */
};

struct report {
	const struct plan *plan;
	const struct run *run;
	const struct recovery *recovery;
	bool has_color;
	bool lists_all;		/* those that are OK as well, with what was
				 * covered */
};

/* The one verdict: FAIL, else UNKNOWN, else WARN, else OK. */
enum outcome_status report_verdict(const struct report *r);

/* Elapsed time has passed the target, and not all was well before that. */
bool report_is_late(const struct report *r);
/* Seconds from since to green_at, or to the end of the run. */
uint64_t report_elapsed(const struct report *r);

/*
 * Indices of all checks, what matters first: failures (the one that blocks
 * most others first within its stage), unknown, warnings, skipped, OK.  The
 * caller frees the array.
 */
size_t *report_order(const struct report *r);

/* The worst outcome's first line: "db: tcp-refused: nobody listens ...". */
void report_headline(struct buf *out, const struct report *r);

void report_table(struct buf *out, const struct report *r);
void report_json(struct cli *cli, const struct report *r);
void report_junit(struct buf *out, const struct report *r);
void report_nagios(struct buf *out, const struct report *r);
void report_prometheus(struct buf *out, const struct report *r);
/* For the catalogue: one JSON object with verdict, headline and each check. */
void report_record(struct buf *out, const struct report *r);

#endif
