/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The projects of a host whose daemon is dead, from the containers' records
 * in the data-root: who waits for whom by Compose's labels (of both its
 * generations) and by what containers share.
 *
 *	struct host host = HOST_EMPTY;
 *	if (host_read(root.containers_fd, &calls, &host, err) == -1) ...
 *	g = host_graph(&host, "shop", &calls, err);
 *	graph_free(g);
 *	host_release(&host);
 *
 * What the records say of running or healthy is not even read: after a crash
 * it proves nothing.
 */
#ifndef STARTUP_ORDER_FROM_HOST_H
#define STARTUP_ORDER_FROM_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compose/graph.h"
#include "docker/container.h"

struct err;
struct watch;

struct host_calls {
	void *ctx;
	/* Something a person should know; escaped, borrowed, one line. */
	void (*warn)(void *ctx, const char *text);
	const struct watch *watch;	/* may be NULL; one step a record */
};

struct host_list {
	char **items;		/* owned */
	size_t count;
};

/* A container of some project; texts owned, never NULL. */
struct host_container {
	struct container base;
	const char *project;	/* borrowed from base.labels */
	const char *service;
	uint64_t number;
	bool is_left_out;	/* a one-off run, or a hook */
	enum graph_health_known health_known;
	struct graph_health health;
	char *network_mode;
	char *ipc_mode;
	char *pid_mode;
	struct host_list volumes_from;
	struct host_list links;
};

struct host {
	struct host_container *list;	/* by project, service, number */
	size_t count;
	size_t skipped;		/* records that could not be read */
	size_t strangers;	/* containers of no project */
	size_t *by_id;		/* private: indices */
	size_t *by_name;	/* private */
};

#define HOST_EMPTY { NULL, 0, 0, 0, NULL, NULL }

int host_read(int containers_fd, const struct host_calls *calls,
    struct host *host, struct err *err);
void host_release(struct host *host);

struct host_project {
	const char *name;	/* borrowed from the host */
	size_t services;
	size_t containers;
	const char *working_dir;	/* "" when no label says */
	const char *config_files;
};

/* All projects by name; the caller frees the array. */
struct host_project *host_projects(const struct host *host, size_t *count);

/*
 * One project's graph, sealed; host may go first.  NULL: ERR_NOT_FOUND for no
 * such project, or for a dependency without a container.  Labels do not say
 * which dependencies are optional; a one-shot that was waited for and whose
 * container is gone is taken for one (it is in the graph's missing list).
 */
struct graph *host_graph(const struct host *host, const char *project,
    const struct host_calls *calls, struct err *err);

#endif
