/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One call of probe: run the plan, again while one waits, and report.
 */
#ifndef PROBE_SESSION_H
#define PROBE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "report.h"
#include "site.h"

struct cli;
struct err;
struct plan;

struct session {
	struct plan *plan;	/* sealed; owned by session_run() */
	struct site_where where;
	unsigned parallel;
	uint64_t wait_ms;	/* 0: one run */
	struct recovery recovery;
	const char *junit;	/* paths, or NULL */
	const char *prometheus;
	bool nagios;
	const char *catalog;	/* --catalog, or NULL */
};

/* Between two runs of one that waits. */
#define SESSION_PAUSE_FIRST_MS 500
#define SESSION_PAUSE_MAX_MS 5000

/*
 * Findings go to cli (cli_found()); -1 only where the run was interrupted or
 * a report could not be written.  What was found is reported in any case.
 */
int session_run(struct cli *cli, struct session *s, struct err *err);

#endif
