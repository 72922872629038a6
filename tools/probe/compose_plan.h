/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A Compose project as a plan, with nothing written by hand:
 *
 *	engine		the engine answers
 *	host		bind sources, files of secrets and configs, and volumes
 *			are there
 *	layer N		the containers of each service, by startup-order's
 *			graph: a service needs what it depends on, and what it
 *			mounts
 *	ports		published ports answer
 */
#ifndef PROBE_COMPOSE_PLAN_H
#define PROBE_COMPOSE_PLAN_H

#include "cli/cli.h"

struct err;
struct plan;
struct site;

struct compose_plan {
	struct cli_list files;	/* --compose */
	const char *project;	/* or NULL */
	/* Something a person should know, escaped, one line. */
	void (*warn)(void *ctx, const char *text);
	void *ctx;
};

/* Ports of one published range that are checked. */
#define COMPOSE_PLAN_RANGE_MAX 16

/*
 * site: an engine that answers is asked for the containers' names; else
 * Compose's pattern is taken.  Errors as compose_load() and graph_layers(),
 * and ERR_DAMAGED where no service is to run.
 */
int compose_plan(struct plan *plan, const struct compose_plan *how,
    struct site *site, struct err *err);

#endif
