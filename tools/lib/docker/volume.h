/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Volumes as they lie on disk: which there are, what each one is, and
 * writing its identity (driver, labels, options) back while no daemon runs.
 *
 *	struct volume_set *set = volume_set_open(&root, err);
 *	for (i = 0; i < volume_set_count(set); i++) {
 *		struct volume v;
 *		if (volume_read(set, volume_set_name(set, i), &v, err) == -1)
 *			...
 *		volume_release(&v);
 *	}
 *	volume_set_free(set);
 *
 * Names come from disk and may be hostile: escape them before printing.
 */
#ifndef DOCKER_VOLUME_H
#define DOCKER_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pairs.h"

struct docker_lock;
struct docker_root;
struct err;

#define VOLUME_COUNT_MAX 65535
#define VOLUME_OPTS_MAX ((size_t)256 << 10)	/* opts.json, and one value
						 * of metadata.db */
#define VOLUME_DB_MAX ((size_t)16 << 20)	/* all values together */

#define VOLUME_CONFIG_HASH "com.docker.compose.config-hash"

/*
 * What the engine knows of a volume beside its data.  options is what
 * "docker volume inspect" shows; the mount_ fields are opts.json, which
 * alone decides what is mounted.  All texts are owned and never NULL.
 */
struct volume_identity {
	char *driver;			/* "local" where nothing is recorded */
	struct pairs labels;
	struct pairs options;
	bool has_opts_json;
	char *mount_type;		/* "nfs", "none" ..., "" without one */
	char *mount_opts;		/* may hold a password (cifs) */
	char *mount_device;
	uint64_t quota;			/* bytes, 0: none */
};

struct volume {
	char *name;
	char *path;			/* <volumes>/NAME */
	bool has_data;			/* _data is a folder, or a symbolic
					 * link (data_elsewhere says where) */
	bool is_recorded;		/* has an entry in metadata.db */
	bool is_anonymous;
	bool is_mounted;		/* something is mounted on _data here */
	struct volume_identity identity;
	/*
	 * NULL: the data is in _data.  Otherwise a phrase for people that
	 * says where it is instead ("on NFS server 10.0.0.9, :/export"), no
	 * password in it; _data then is empty or wrong unless is_mounted.
	 */
	char *data_elsewhere;
};

struct volume_set;

/*
 * The names of all volumes (folders in volumes/; files, symbolic links and
 * what is no volume for any engine are left out), sorted, and what
 * metadata.db knows of them.  An unreadable metadata.db is no error: see
 * volume_set_problem().  root is borrowed and must outlive the set.  NULL:
 * err is set.
 */
struct volume_set *volume_set_open(const struct docker_root *root,
    struct err *err);
void volume_set_free(struct volume_set *set);

size_t volume_set_count(const struct volume_set *set);
const char *volume_set_name(const struct volume_set *set, size_t index);
bool volume_set_has(const struct volume_set *set, const char *name);

/*
 * NULL: labels and options are known.  Otherwise why they are not, as a
 * sentence ("metadata.db: neither meta page is sound ..."); the data of all
 * volumes can be read all the same.
 */
const char *volume_set_problem(const struct volume_set *set);

/*
 * One volume's facts.  ERR_NOT_FOUND when it is not on disk; a broken
 * opts.json is ERR_DAMAGED (the daemon would not even start with it).  The
 * caller releases volume.
 */
int volume_read(const struct volume_set *set, const char *name,
    struct volume *volume, struct err *err);
void volume_release(struct volume *volume);

void volume_identity_init(struct volume_identity *identity);
void volume_identity_release(struct volume_identity *identity);

/*
 * Set the mount_ fields, quota and has_opts_json from options, as the engine
 * does on creation.  ERR_USAGE for a size that is no number.
 */
int volume_identity_from_options(struct volume_identity *identity,
    struct err *err);

/*
 * Drop the Compose label config-hash: Compose deletes and recreates a volume
 * whose hash differs from its file's, and accepts one without it.  To be
 * called before every write or creation unless the project file is the very
 * one that made the volume.  True when there was one.
 */
bool volume_identity_drop_hash(struct volume_identity *identity);

struct volume_entry {
	const char *name;
	const struct volume_identity *identity;
};

/*
 * Record identities while no daemon runs: opts.json of each volume first
 * (written, replaced, or removed where the identity has none), then all of
 * them in metadata.db, with the entries of other volumes kept.  Each file is
 * replaced at once: killed at any moment, it is the old or the new one, and
 * a second call completes the rest.  The folders NAME must exist.
 * ERR_BUSY when lock says that a daemon runs, ERR_PREFLIGHT for Podman (its
 * own database rules), ERR_DAMAGED when metadata.db cannot be read (nothing
 * is changed then; volume_db_discard() starts a new one).
 */
int volume_identity_write(const struct docker_root *root,
    struct docker_lock *lock, const struct volume_entry *entries,
    size_t count, struct err *err);

/*
 * Put an unreadable metadata.db aside as metadata.db.broken-<time>, so that
 * daemon and volume_identity_write() start a new one.  The labels of all
 * volumes are lost with it.  lock becomes DOCKER_LOCK_NO_DB.
 */
int volume_db_discard(const struct docker_root *root, struct docker_lock *lock,
    struct err *err);

/* What the engine accepts as a name: [a-zA-Z0-9][a-zA-Z0-9_.-]+, <= 255. */
bool volume_name_is_valid(const char *name);

#endif
