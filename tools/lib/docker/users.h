/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who uses a volume, with or without a daemon: containers survive a killed
 * daemon, so the kernel is asked first (/proc/PID/mountinfo and open files),
 * then the container records on disk, then the engine.
 *
 *	struct volume_users users;
 *	if (volume_users_find(&root, "db", engine, &users, err) == -1) ...
 *	if (users.verdict != VOLUME_FREE) ... users.why ...
 *	volume_users_release(&users);
 *
 * What this cannot see: mount namespaces kept alive by nothing but a file,
 * processes on other machines (NFS), and the memory of a running kernel
 * other than this one.
 */
#ifndef DOCKER_USERS_H
#define DOCKER_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct docker_root;
struct engine;
struct err;

enum volume_user_kind {
	VOLUME_USER_MOUNT,	/* a container (or another mount namespace)
				 * has it mounted now */
	VOLUME_USER_HOST_MOUNT,	/* somebody mounted it elsewhere on the host */
	VOLUME_USER_OPEN_FILE,	/* a process has files open below it, works in
				 * it, or runs a program from it */
	VOLUME_USER_ENGINE,	/* the engine says a running container does */
	VOLUME_USER_RECORDED_RUNNING,	/* config.v2.json: running when last
					 * written; proves nothing */
	VOLUME_USER_STOPPED	/* config.v2.json or engine: configured, but
				 * not running */
};

/* All texts are owned and never NULL, "" where unknown; comm is hostile. */
struct volume_user {
	enum volume_user_kind kind;
	pid_t pid;		/* in our PID namespace; 0: none known */
	char *comm;		/* the program's short name */
	char *container_id;
	char *container_name;
	char *path;		/* where it is mounted, or the open file */
	bool is_read_only;	/* mounts only */
};

enum volume_verdict {
	VOLUME_FREE,		/* everything could be looked at: nobody */
	VOLUME_IN_USE,		/* one of the first four kinds was found */
	VOLUME_UNKNOWN		/* nobody was seen, but not all could be */
};

struct volume_users {
	enum volume_verdict verdict;
	char *why;		/* a sentence for people; for VOLUME_UNKNOWN
				 * it says what to do */
	bool sees_processes;	/* false: in a container without --pid host */
	size_t hidden;		/* processes whose mounts stay unknown (rare:
				 * a hardened kernel); makes VOLUME_UNKNOWN */
	size_t unseen;		/* processes whose open files stay unknown,
				 * process 1 not counted; makes
				 * VOLUME_UNKNOWN */
	struct volume_user *list;
	size_t count;
};

/* Users listed at most; a few more are as good as thousands. */
#define VOLUME_USERS_MAX 256

/*
 * Ask everything there is.  engine may be NULL; one that fails in the middle
 * is reported in why, and is no error.  A missing volume is ERR_NOT_FOUND.
 * The caller releases users.
 */
int volume_users_find(const struct docker_root *root, const char *volume,
    struct engine *engine, struct volume_users *users, struct err *err);

/*
 * As above for any folder (a restore target that is no volume): mounts and
 * open files only.
 */
int volume_users_of_folder(const char *path, struct volume_users *users,
    struct err *err);

void volume_users_release(struct volume_users *users);

/* "mounted by a container" ...; never NULL. */
const char *volume_user_kind_name(enum volume_user_kind kind);

#endif
