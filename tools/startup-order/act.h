/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --up, --down and --plan as the command line asks for them: the engine's
 * socket, lines and JSON for what happens, the run record, the exit status.
 */
#ifndef STARTUP_ORDER_ACT_H
#define STARTUP_ORDER_ACT_H

#include <stdbool.h>
#include <stdint.h>

struct cli;
struct err;
struct graph;

struct act_options {
	bool down;		/* --down; else --up */
	bool plan;		/* say what would be called, change nothing */
	bool keep;		/* --keep: no roll-back */
	bool again;		/* --again: run finished one-shots again */
	uint64_t timeout_s;	/* --timeout; 0: the health checks' own */
	uint64_t stop_timeout_s;	/* --stop-timeout; UINT64_MAX: own */
	const char *socket;	/* --socket; NULL: $DOCKER_HOST or usual */
	const char *record;	/* --record; NULL: the catalogue only */
	const char *catalog;	/* --catalog; NULL: the usual one */
};

/*
 * g is sealed and has no cycle.  -1 with the class that decides the exit
 * status: ERR_IO failed and rolled back, ERR_NOT_FOUND no engine or no
 * container, ERR_PREFLIGHT, ERR_INTERRUPTED.
 */
int act_run(struct cli *cli, const struct graph *g,
    const struct act_options *options, struct err *err);

#endif
