/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The questions that people ask of the catalogue: which medium is overdue,
 * which snapshot of a volume is the newest good one, how the runs went, what
 * was lost.  Nothing here changes anything.
 *
 * Each function calls back once a row; texts last for the call, are never
 * NULL and harmless on a terminal.  The callback may ask further questions,
 * but changes nothing.
 */
#ifndef CATALOG_STATUS_H
#define CATALOG_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct catalog;

/* For catalog_media_each(): now, and how old a verdict may be. */
struct catalog_terms {
	int64_t now;
	int64_t every;		/* seconds */
};

struct catalog_medium_state {
	int64_t row;
	const char *uuid;
	const char *label;
	const char *fs;
	const char *path;
	int64_t first_seen;
	int64_t last_seen;
	uint64_t snapshots;
	uint64_t files;		/* of these snapshots */
	uint64_t bytes;
	uint64_t never_files;	/* of these, never read */
	uint64_t never_bytes;
	uint64_t bad_files;	/* by their last verdict */
	uint64_t bad_sources;	/* whole, and damaged inside */
	/*
	 * Last read too long ago, or at a time that is yet to come: on a
	 * clock that was set back nothing can be called fresh.
	 */
	uint64_t overdue_files;
	uint64_t overdue_bytes;
	/* What was read longest ago, of what was read at all. */
	int64_t oldest_at;	/* 0: nothing was */
	const char *oldest_snapshot;
	const char *oldest_file;
	/* The last run that read everything, at one go or continued. */
	int64_t full_at;	/* 0: never */
	const char *full_kind;
	/* The last run of any kind; times 0 when there was none. */
	int64_t last_run;	/* its row */
	int64_t last_at;
	const char *last_state;
};
/* Every known medium, by the order in which they were met. */
int catalog_media_each(struct catalog *c, const struct catalog_terms *terms,
    void (*each)(void *ctx, const struct catalog_medium_state *state),
    void *ctx, struct err *err);

struct catalog_volume {
	const char *kind;		/* "volume", "path" */
	const char *name;
	/* The newest snapshot with no bad file that matters to it. */
	const char *snapshot;		/* "" when there is none */
	const char *medium;		/* its id */
	const char *label;
	const char *consistency;
	int64_t started;		/* when it was taken */
	uint64_t bytes;
	bool is_verified;		/* all its files were read, and good */
	int64_t verified_at;		/* the oldest of these verdicts */
	uint64_t copies;		/* snapshots of it in all */
	uint64_t bad_copies;		/* a bad file, or damaged inside */
};
/* Every volume and path that some known medium holds, by name. */
int catalog_volumes_each(struct catalog *c,
    void (*each)(void *ctx, const struct catalog_volume *volume), void *ctx,
    struct err *err);

struct catalog_copy {
	const char *kind;
	const char *name;
	const char *snapshot;
	uint64_t sequence;
	int64_t started;
	uint64_t bytes;
	uint64_t packed;
	uint64_t files;
	const char *consistency;
	const char *host;
	const char *medium;
	const char *label;
	const char *path;
	uint64_t bad_files;
	uint64_t never_files;
};
/* Every snapshot of every volume, newest first; name NULL: of all. */
int catalog_copies_each(struct catalog *c, const char *name,
    void (*each)(void *ctx, const struct catalog_copy *copy), void *ctx,
    struct err *err);

struct catalog_run_state {
	int64_t row;
	const char *uuid;
	const char *medium;	/* its id */
	const char *label;
	const char *kind;
	const char *scope;
	const char *host;
	const char *state;	/* see runs.h; "cut" when its owner is gone */
	int64_t started;
	int64_t ended;
	uint64_t files;
	uint64_t bad;
	uint64_t bytes;
	uint64_t milliseconds;
	int status;
};
/* The newest first, at most max; medium 0: of all. */
int catalog_history_each(struct catalog *c, int64_t medium, size_t max,
    void (*each)(void *ctx, const struct catalog_run_state *run), void *ctx,
    struct err *err);

struct catalog_lost {
	const char *snapshot;
	const char *source;	/* "" for a file of the snapshot's folder */
	const char *path;	/* the file, or the member's path */
	const char *checker;	/* "" for files and members */
	const char *verdict;
	const char *why;
};
/* Everything that a run found to be bad: files, archives, members. */
int catalog_losses_each(struct catalog *c, int64_t run,
    void (*each)(void *ctx, const struct catalog_lost *lost), void *ctx,
    struct err *err);

#endif
