/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a restore goes: a volume of a data-root, with the daemon up, down or
 * half dead, or a plain directory (--to).
 */
#ifndef RESTORE_TARGET_H
#define RESTORE_TARGET_H

#include <stdbool.h>

#include "docker/root.h"
#include "docker/volume.h"
#include "swap.h"

struct engine;
struct err;

/* The Docker side, opened once a run. */
struct host {
	struct docker_root root;
	struct docker_lock lock;
	struct engine *engine;		/* of this data-root, or NULL */
	struct volume_set *volumes;
	int lock_fd;			/* against another offline restore */
	bool has_root;
};

/*
 * Open the data-root, take the daemon's lock where no daemon runs (so that
 * none starts meanwhile), find the engine that serves it.  ERR_BUSY while
 * another restore works here without a daemon: it would look like one, and
 * both record labels in one file.
 */
int host_open(struct host *host, const char *data_root, struct err *err);
void host_close(struct host *host);

struct target {
	struct host *host;	/* NULL for a plain directory */
	char *name;		/* volume, or directory as given; owned */
	char *data;		/* "_data", or the directory's last name */
	int holder_fd;		/* folder that holds data; -1 until made */
	bool exists;		/* data is there already */
	bool made_holder;	/* we made volumes/NAME, or the engine did */
	bool is_unseen;		/* a daemon runs that cannot be told of it */
	struct swap swap;
	bool has_swap;
};

struct target_options {
	bool assume_unused;	/* go on where users could not be found out */
};

/*
 * Find a volume, new or existing, and refuse one that is in use (ERR_BUSY),
 * whose data is elsewhere, or on which something is mounted (ERR_PREFLIGHT).
 * Changes nothing.
 */
int target_volume(struct target *t, struct host *host, const char *name,
    const struct target_options *options, struct err *err);
/* The same for a directory, which need not exist; the one above must. */
int target_directory(struct target *t, const char *path,
    const struct target_options *options, struct err *err);

/*
 * Make what must be there before the stage: a new volume, through the engine
 * where one lives, else its folder.  identity may be NULL.  Then sweep what
 * an interrupted run left (t->swap says what it found).
 */
int target_prepare(struct target *t, const struct volume_identity *identity,
    struct err *err);

/* Open an existing target's folder and sweep; for --rollback, --forget. */
int target_attach(struct target *t, struct err *err);
/* The same for a dry run: nothing is swept. */
int target_look(struct target *t, struct err *err);

/* Remove what target_prepare() made, when nothing was restored into it. */
void target_undo(struct target *t);
void target_close(struct target *t);

#endif
