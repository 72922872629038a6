/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a snapshot takes: volumes and directories, opened, looked at, and
 * refused where taking them would give a snapshot of nothing.
 */
#ifndef SNAPSHOT_SOURCES_H
#define SNAPSHOT_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/take.h"
#include "cli/cli.h"
#include "docker/root.h"
#include "docker/volume.h"
#include "medium/info.h"

struct engine;
struct err;

struct source_entry {
	char *name;
	enum source_kind kind;
	char *origin;			/* path on the host */
	int fd;				/* of the tree's root */
	struct volume volume;		/* volumes only */
	struct take_counts measured;
	enum consistency consistency;
	char *why;			/* of the consistency; may be NULL */
	struct pairs users;		/* container to what it did */
};

struct source_set {
	struct docker_root root;	/* open when has_root */
	bool has_root;
	struct engine *engine;		/* NULL: none answers */
	struct source_entry *items;
	size_t count;
};

struct source_request {
	const char *data_root;		/* or NULL */
	bool all;			/* every volume of the data-root */
	const char *const *volumes;
	size_t volume_count;
	const char *const *paths;	/* "NAME=DIR" */
	size_t path_count;
	bool allow_empty;
	struct take_options take;	/* exclusions; its notes are not used */
	/* A volume that --all leaves out, and why. */
	void (*left_out)(void *ctx, const char *name, const char *why);
	void *ctx;
};

/*
 * Open and measure all of them.  ERR_NOT_FOUND for what is missing,
 * ERR_PREFLIGHT for an empty source or one whose data is elsewhere, ERR_USAGE
 * for a bad or repeated name.
 */
int source_set_open(struct source_set *set,
    const struct source_request *request, struct err *err);
void source_set_close(struct source_set *set);

/*
 * Ask again who uses a source, after it was taken: what was stopped at the
 * start and is in use now was hot.
 */
void source_look_again(struct source_set *set, struct source_entry *entry);

#endif
