/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which processes and mount namespaces hold on to a folder, by /proc alone.
 *
 * A folder is known by the device of its mount and its path on that file
 * system (what mountinfo calls root), because each namespace sees it under
 * another name.  A namespace that merely sees it, through a mount of
 * something above it, is no user; its processes' open files are looked at.
 */
#ifndef DOCKER_PROC_H
#define DOCKER_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct err;

enum proc_kind {
	PROC_MOUNT,		/* a mount namespace mounts it, or a part */
	PROC_HOST_MOUNT,	/* the namespace of process 1 mounts it
				 * somewhere else */
	PROC_OPEN_FILE		/* open file, folder, program or mapping */
};

struct proc_finding {
	enum proc_kind kind;
	pid_t pid;
	const char *comm;		/* hostile */
	const char *container_id;	/* of its cgroup, "" without one */
	const char *path;		/* mount point, or what is open */
	bool is_read_only;
};

struct proc_sink {
	void *ctx;
	/* Everything is borrowed for the call. */
	void (*found)(void *ctx, const struct proc_finding *finding);
};

struct proc_coverage {
	/* False: /proc shows only a container's own processes (or hides
	 * those of others), so that finding nobody means nothing. */
	bool sees_processes;
	/* Processes whose mounts could not be read. */
	size_t hidden;
	/* Processes that see the folder, with open files that stay unknown;
	 * process 1 is not counted. */
	size_t unseen;
};

/*
 * Look at every process but ourselves.  proc_fd: an open /proc; folder: a
 * path without symbolic links.  Mounts of our own namespace are no finding,
 * unless it is the namespace of process 1.  A process that ends meanwhile is
 * no error; -1 only when /proc itself, or our own mountinfo, cannot be read.
 */
int proc_scan(int proc_fd, const char *folder, const struct proc_sink *sink,
    struct proc_coverage *coverage, struct err *err);

/* The first run of exactly 64 hexadecimal digits, or false. */
#define PROC_ID_LEN 64
bool proc_container_id(const char *cgroup, char id[PROC_ID_LEN + 1]);

#endif
