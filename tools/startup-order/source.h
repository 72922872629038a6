/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the project comes from: Compose files, or the records of a host's
 * containers.
 *
 *	struct source source = SOURCE_EMPTY;
 *	if (source_open(cli, &options, &source, err) == -1) ...
 *	if (source.name == NULL) ...	(several projects; they were listed)
 *	if (source_graph(cli, &source, &options, err) == -1) ...
 *	source_release(&source);
 */
#ifndef STARTUP_ORDER_SOURCE_H
#define STARTUP_ORDER_SOURCE_H

#include <stdbool.h>

#include "cli/cli.h"
#include "from_host.h"

struct compose_project;
struct err;
struct graph;

struct source_options {
	struct cli_list files;		/* --file */
	struct cli_list profiles;
	struct cli_list env_files;
	struct cli_list services;	/* --for */
	const char *project;		/* or NULL */
	const char *data_root;		/* or NULL */
	bool from_host;
};

struct source {
	char *name;			/* of the project */
	struct compose_project *project;	/* NULL: from a host */
	struct host host;
	struct graph *graph;		/* since source_graph() */
};

#define SOURCE_EMPTY { NULL, NULL, HOST_EMPTY, NULL }

/*
 * Load or read.  Of several projects on a host with none chosen, a list is
 * printed and name stays NULL.  Released by the caller in any case.
 */
int source_open(struct cli *cli, const struct source_options *options,
    struct source *source, struct err *err);

/*
 * The graph, of what --for names only; what is optional and not there, and
 * what Compose itself would refuse, is warned about.
 */
int source_graph(struct cli *cli, struct source *source,
    const struct source_options *options, struct err *err);

void source_release(struct source *source);

#endif
