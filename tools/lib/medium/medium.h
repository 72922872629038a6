/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A medium: a directory, as a rule the root of a stick, that holds
 * drydock/medium.json and drydock/snapshots/.  drydock-medium(5) fixes the
 * format byte by byte.
 */
#ifndef MEDIUM_MEDIUM_H
#define MEDIUM_MEDIUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "io/io.h"

struct err;

#define MEDIUM_FORMAT 1
#define MEDIUM_DIR "drydock"
#define MEDIUM_FILE "medium.json"
#define MEDIUM_RECOVER "RECOVER.txt"
#define MEDIUM_SNAPSHOTS "snapshots"
#define MEDIUM_ID_LEN 36
#define MEDIUM_LABEL_MAX 64
#define MEDIUM_JSON_MAX 65536
#define MEDIUM_SNAPSHOTS_MAX 100000
#define MEDIUM_SEQUENCE_MAX 9999999

struct medium {
	char *path;			/* as given; owned */
	int fd;				/* of path */
	int dir_fd;			/* of path/drydock */
	int snapshots_fd;		/* of path/drydock/snapshots */
	char id[MEDIUM_ID_LEN + 1];
	char label[MEDIUM_LABEL_MAX + 1];
	struct io_fs fs;
	bool is_mount_point;
	bool is_locked;
};

#define MEDIUM_EMPTY { .fd = -1, .dir_fd = -1, .snapshots_fd = -1 }

/*
 * Open an existing medium for reading.  path may also be the drydock folder
 * itself.  ERR_NOT_FOUND when it is no medium; ERR_DAMAGED for a medium.json
 * that is not what it should be, ERR_LIMIT for a newer format.
 */
int medium_open(struct medium *m, const char *path, struct err *err);

/*
 * Open for adding a snapshot: as medium_open, made first where there is no
 * medium yet.  Takes the medium's lock (ERR_BUSY when somebody has it) until
 * medium_close().  A path that is not a mount point is ERR_PREFLIGHT unless
 * any_directory: a forgotten mount would fill the host's own disk.
 */
int medium_open_write(struct medium *m, const char *path, const char *label,
    bool any_directory, struct err *err);

void medium_close(struct medium *m);

/*
 * The lock that medium_open_write() takes, for mending a medium that was
 * opened for reading, by its root or by its folder: ERR_BUSY when somebody
 * writes there.  Closing *fd gives it back.
 */
int medium_lock(const struct medium *m, int *fd, struct err *err);

/* The largest file this file system can hold, 0 for no limit that matters. */
uint64_t medium_file_max(const struct medium *m);
/* "FAT", "exFAT", "ext4", ... for messages. */
const char *medium_fs_name(const struct medium *m);

/* A snapshot's folder: <seq>-<UTC>, sequence at least four digits. */
#define MEDIUM_NAME_MAX 32
struct medium_name {
	char text[MEDIUM_NAME_MAX];
	uint64_t sequence;
	int64_t seconds;
};
bool medium_name_parse(struct medium_name *name, const char *text);
void medium_name_format(struct medium_name *name, uint64_t sequence,
    int64_t seconds);

struct medium_list {
	struct medium_name *items;	/* by sequence, ascending */
	size_t count;
};
#define MEDIUM_LIST_EMPTY { NULL, 0 }
/* Folders with a snapshot's name; whether they are complete is not asked. */
int medium_list(const struct medium *m, struct medium_list *list,
    struct err *err);
void medium_list_release(struct medium_list *list);

#endif
