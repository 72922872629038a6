/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of media: each by its id, wherever it is plugged in; the
 * snapshots on it, what they hold, and the files they are made of.  All of
 * it comes from the media and can be learnt again.
 *
 * Rows are named by their number, as the functions here give it.  Text is
 * escaped by the caller, borrowed, and cut at CATALOG_TEXT_MAX.
 */
#ifndef CATALOG_MEDIA_H
#define CATALOG_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct catalog;

struct catalog_medium {
	const char *uuid;
	const char *label;
	const char *fs;
	const char *path;	/* where it was seen last */
};
/* Known or new; what changed is updated.  *row: its number. */
int catalog_medium_put(struct catalog *c, const struct catalog_medium *m,
    int64_t *row, struct err *err);
/* Its number; 0 when it is not known. */
int catalog_medium_find(struct catalog *c, const char *uuid, int64_t *row,
    struct err *err);

struct catalog_snapshot {
	int64_t medium;
	uint64_t sequence;
	const char *name;	/* of its folder */
	const uint8_t *sums;	/* SHA-256 of its SHA256SUMS, 32 bytes */
	int64_t started;
	int64_t finished;
	const char *host;
	const char *version;
};
/*
 * Known or new.  When its sums are not those that are known, its sources and
 * files are told anew; a file keeps its verdict where its own sum stayed, see
 * catalog_file_put().
 */
int catalog_snapshot_put(struct catalog *c, const struct catalog_snapshot *s,
    int64_t *row, struct err *err);

/* Its number when it is known, there, and with these sums; else 0. */
int catalog_snapshot_find(struct catalog *c, int64_t medium,
    const char *name, const uint8_t *sums, int64_t *row, struct err *err);

/*
 * A walk over the snapshots of a medium that are there now: all others are
 * marked as gone at its end.  Their history stays.
 */
int catalog_snapshots_expect(struct catalog *c, int64_t medium,
    struct err *err);
int catalog_snapshot_seen(struct catalog *c, int64_t medium,
    const char *name, struct err *err);
/*
 * Those that were complete once, are gone now, and were not told of here
 * before.
 */
int catalog_snapshots_gone(struct catalog *c, int64_t medium,
    void (*each)(void *ctx, const char *name), void *ctx, struct err *err);
/* Did it have its commit record once? */
int catalog_snapshot_was_whole(struct catalog *c, int64_t medium,
    const char *name, bool *was_whole, struct err *err);

struct catalog_source {
	int64_t snapshot;
	const char *name;
	const char *kind;	/* "volume", "path" */
	uint64_t bytes;		/* of its files */
	uint64_t packed;	/* on the medium */
	uint64_t files;
	uint64_t entries;
	uint64_t changed;	/* while it was read */
	uint64_t missed;
	const char *consistency;
};
int catalog_source_put(struct catalog *c, const struct catalog_source *s,
    struct err *err);

struct catalog_file {
	int64_t snapshot;
	const char *name;
	const char *source;	/* whose; "" for what belongs to all */
	uint64_t bytes;
	const uint8_t *sha256;	/* that it should have; 32 bytes */
};
/*
 * Known or new.  A file whose sum is another one is a new file: it was never
 * read.
 */
int catalog_file_put(struct catalog *c, const struct catalog_file *f,
    int64_t *row, struct err *err);

/* Its number when it is known and there, else 0. */
int catalog_file_find(struct catalog *c, int64_t snapshot, const char *name,
    int64_t *row, struct err *err);

/* The files of a snapshot that are there, by name. */
struct catalog_known_file {
	int64_t row;
	const char *name;	/* for the call */
	uint64_t bytes;
	const uint8_t *sha256;
	int64_t generation;	/* the run that read it last; 0: none did */
};
int catalog_files_each(struct catalog *c, int64_t snapshot,
    void (*each)(void *ctx, const struct catalog_known_file *file), void *ctx,
    struct err *err);

#endif
