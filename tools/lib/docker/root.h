/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The data-root: where Docker (or Podman) keeps volumes and containers on
 * disk, and the lock that tells whether a daemon lives on it.
 *
 *	struct docker_places places;
 *	struct docker_root root;
 *	struct docker_lock lock;
 *
 *	docker_places_init(&places, options.data_root);
 *	if (docker_root_open(&places, &root, err) == -1) ...
 *	if (docker_root_lock(&root, &lock, err) == -1) ...
 *	switch (lock.state) ...
 *	docker_root_unlock(&lock);
 *	docker_root_close(&root);
 *
 * Nothing here writes.
 */
#ifndef DOCKER_ROOT_H
#define DOCKER_ROOT_H

#include <stdbool.h>
#include <stdint.h>

struct err;

/* Where to look, in this order; NULL: do not look there. */
struct docker_places {
	const char *given;	/* --data-root */
	const char *env;	/* $DRYDOCK_DATA_ROOT */
	const char *mounted;	/* /volumes, taken when it is a mount point
				 * that holds volumes */
	const char *daemon_json; /* /etc/docker/daemon.json */
	const char *usual;	/* /var/lib/docker */
};

enum docker_layout {
	DOCKER_LAYOUT_PLAIN,
	DOCKER_LAYOUT_USERNS,	/* .../100000.100000: userns-remap */
	DOCKER_LAYOUT_ROOTLESS,
	DOCKER_LAYOUT_SNAP,
	DOCKER_LAYOUT_PODMAN
};

struct docker_root {
	char *path;		/* the data-root; the volumes folder itself
				 * when only that is reachable */
	char *volumes_path;	/* both without symbolic links */
	int volumes_fd;
	int containers_fd;	/* -1: not reachable, or Podman's */
	enum docker_layout layout;
	bool is_volumes_only;
	char *note;		/* one sentence that a person should see
				 * (a second tree beside this one), or NULL */
};

/* The real places; given may be NULL and is borrowed. */
void docker_places_init(struct docker_places *places, const char *given);

/*
 * Find and open the data-root.  A place that was asked for (given, env) and
 * is wrong is an error; later places are tried only when earlier ones are
 * not set or not there.  A place may be any folder that holds volumes/, the
 * folder above a userns-remap tree, or a volumes folder itself.
 * ERR_NOT_FOUND says where was looked.  The caller closes root.
 */
int docker_root_open(const struct docker_places *places,
    struct docker_root *root, struct err *err);

/* Accepts a root of zeros with both descriptors -1. */
void docker_root_close(struct docker_root *root);

/* "userns-remap", "Podman" ...; never NULL. */
const char *docker_layout_name(enum docker_layout layout);

enum docker_lock_state {
	DOCKER_LOCK_NONE,	/* nothing held (before, and after unlock) */
	DOCKER_LOCK_HELD,	/* no daemon runs, and none can start */
	DOCKER_LOCK_DAEMON,	/* a daemon runs here (or another tool) */
	DOCKER_LOCK_NO_DB	/* no metadata.db: nothing there to lock */
};

struct docker_lock {
	enum docker_lock_state state;
	int fd;			/* private from here */
	int old_fd;
	uint64_t replaced_ms;
};

/*
 * Take the lock that a daemon takes on volumes/metadata.db, without waiting.
 * 0 with the answer in lock->state; -1 where the question cannot be asked
 * (state DOCKER_LOCK_NONE).  A held lock does not say that no container
 * runs: containers survive their daemon (docker/users.h).
 */
int docker_root_lock(const struct docker_root *root, struct docker_lock *lock,
    struct err *err);

/*
 * For the writer of metadata.db: fd, locked and in place of the file that was
 * locked before (-1: that one was put aside, and none is there now), becomes
 * lock's.
 */
void docker_lock_replaced(struct docker_lock *lock, int fd);

/*
 * Whether metadata.db can be replaced now without waiting.  False soon after
 * a replacement: writers of many small changes then collect them first.
 */
bool docker_lock_is_settled(const struct docker_lock *lock);

/*
 * Let go.  Where metadata.db was replaced under the lock, this waits until
 * DOCKER_LOCK_LINGER_MS after that: a daemon that opened the old file just
 * before must have given up on it, or it would run on a deleted one.
 */
void docker_root_unlock(struct docker_lock *lock);

/* A daemon waits 1 second for the lock. */
#define DOCKER_LOCK_LINGER_MS 1500

#endif
