/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /proc/PID/mountinfo as a table (proc_pid_mountinfo(5)), and the question
 * where a path lies on its file system.
 */
#ifndef DOCKER_MOUNTS_H
#define DOCKER_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define MOUNTS_TEXT_MAX ((size_t)8 << 20)
#define MOUNTS_MAX 65536

struct mount {
	uint64_t id;
	uint64_t parent;
	uint32_t major;
	uint32_t minor;
	const char *root;	/* folder of the file system that is mounted */
	const char *point;	/* where */
	const char *type;	/* "ext4" */
	bool is_read_only;
};

struct mounts {
	struct mount *list;
	size_t count;
	char *text;		/* private: holds the strings */
};

/* Lines that are not understood are ERR_DAMAGED.  The caller releases. */
int mounts_parse(const char *text, size_t len, struct mounts *mounts,
    struct err *err);

/* proc_fd: a /proc; who: "self" or a process id. */
int mounts_read(int proc_fd, const char *who, struct mounts *mounts,
    struct err *err);
void mounts_release(struct mounts *mounts);

/* The mount that a path without symbolic links lies on, or NULL. */
const struct mount *mounts_of_path(const struct mounts *mounts,
    const char *path);

/* The mount whose mount point the path is, or NULL. */
const struct mount *mounts_at(const struct mounts *mounts, const char *path);

const struct mount *mounts_by_id(const struct mounts *mounts, uint64_t id);

/*
 * What comes after the folder in path: "" for the folder itself, "/x" for
 * something below it, NULL when it is elsewhere.  "/" holds everything.
 */
const char *mounts_below(const char *path, const char *folder);

#endif
