/* SPDX-License-Identifier: BSD-2-Clause */
/* --needs: what a project needs on this host, and what of it is there. */
#ifndef STARTUP_ORDER_NEEDS_H
#define STARTUP_ORDER_NEEDS_H

#include <stdbool.h>

struct cli;
struct compose_project;
struct err;
struct graph;
struct host;

/* What is asked; texts are borrowed. */
struct needs_question {
	const struct compose_project *project;	/* or NULL: from host */
	const struct host *host;
	const char *name;	/* of the project */
	const char *data_root;	/* --data-root, or NULL */
	const char *socket;	/* --socket, or NULL */
};

/*
 * Volumes and images are looked up in the data-root, and asked of the engine
 * where one lives on that data-root (or was named).  Prints; something
 * missing that is required counts as EXIT_PREFLIGHT, something that cannot be
 * looked up as a warning.  ERR_NOT_FOUND: the host has no such project.
 */
int needs_report(struct cli *cli, const struct needs_question *question,
    struct err *err);

/*
 * Before a start: the bind sources of the graph's services that are missing,
 * or were replaced by an empty folder, as warnings; any of them is
 * ERR_PREFLIGHT unless missing_ok.  Docker would start those services on
 * empty folders, and say nothing.
 */
int needs_check_binds(struct cli *cli, const struct needs_question *question,
    const struct graph *g, bool missing_ok, struct err *err);

#endif
