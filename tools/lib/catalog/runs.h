/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verifications: which medium, of which kind, what was read and with which
 * verdict.  A run is recorded while it goes, so that one that was killed is
 * known by what it did until then.
 *
 * Verdicts are words, as the tools print them; is_bad tells what they mean.
 */
#ifndef CATALOG_RUNS_H
#define CATALOG_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/catalog.h"

struct err;

#define CATALOG_UUID_LEN 36
#define CATALOG_VERDICT_MAX 32
#define CATALOG_NAME_MAX 255
#define CATALOG_LOSSES_MAX 1000		/* named for one run */

/* How a run stands.  "running" with a dead owner was cut off, too. */
#define CATALOG_RUNNING "running"
#define CATALOG_FINISHED "finished"	/* it read all that it was to read */
#define CATALOG_PARTIAL "partial"	/* a budget ended it */
#define CATALOG_CUT "cut"		/* a signal or an error ended it */

struct catalog_run {
	int64_t medium;
	const char *kind;	/* "files", "deep", "data", "deep+data" */
	const char *scope;	/* "all", or which snapshots */
};
/* It begins now and is owned by this process. */
int catalog_run_begin(struct catalog *c, const struct catalog_run *run,
    int64_t *row, struct err *err);

struct catalog_unfinished {
	int64_t row;		/* 0: there is none */
	int64_t started;
	uint64_t files;		/* read until it was cut off */
	uint64_t bytes;
};
/*
 * The last run of this kind and scope, if it was cut off less than max_age
 * seconds from now; on a clock that jumped, in either direction.
 */
int catalog_run_unfinished(struct catalog *c, const struct catalog_run *run,
    int64_t max_age, struct catalog_unfinished *found, struct err *err);
/* It goes on, owned by this process. */
int catalog_run_resume(struct catalog *c, int64_t run, struct err *err);

/* Added to what the run did so far. */
struct catalog_progress {
	uint64_t files;
	uint64_t bad;
	uint64_t bytes;
	uint64_t milliseconds;
};
int catalog_run_progress(struct catalog *c, int64_t run,
    const struct catalog_progress *more, struct err *err);
int catalog_run_end(struct catalog *c, int64_t run, const char *state,
    int status, struct err *err);

/* One file, read once. */
struct catalog_check {
	int64_t file;
	int64_t at;
	char verdict[CATALOG_VERDICT_MAX];
	char why[CATALOG_TEXT_MAX + 1];
	bool is_bad;
	bool is_direct;		/* past the page cache */
	uint64_t bytes;
	uint64_t milliseconds;
	uint64_t retries;
};
int catalog_check_put(struct catalog *c, int64_t run,
    const struct catalog_check *check, struct err *err);
/* The run's verdict on that file; *is_known: there is one. */
int catalog_check_find(struct catalog *c, int64_t run, int64_t file,
    struct catalog_check *check, bool *is_known, struct err *err);

/* The run that read a file last, by its number; 0: none ever did. */
int catalog_file_generation(struct catalog *c, int64_t file,
    int64_t *generation, struct err *err);

/* What a source's archive was found to hold. */
struct catalog_verdict {
	int64_t snapshot;
	char source[CATALOG_NAME_MAX + 1];
	char checker[CATALOG_VERDICT_MAX];	/* "deep", "postgres", ... */
	char root[CATALOG_TEXT_MAX + 1];	/* where in it; "" for all */
	char verdict[CATALOG_VERDICT_MAX];
	char summary[CATALOG_TEXT_MAX + 1];
	bool is_bad;
	uint64_t items;		/* that were looked at */
	uint64_t affected;	/* of these */
};
int catalog_verdict_put(struct catalog *c, int64_t run,
    const struct catalog_verdict *verdict, struct err *err);
/* The run's verdict of that checker on that source's root. */
int catalog_verdict_find(struct catalog *c, int64_t run,
    struct catalog_verdict *verdict, bool *is_known, struct err *err);

/* One thing lost, by name; beyond CATALOG_LOSSES_MAX they are only counted. */
struct catalog_loss {
	const char *snapshot;
	const char *source;
	const char *path;
	const char *verdict;
	const char *why;
};
int catalog_loss_put(struct catalog *c, int64_t run,
    const struct catalog_loss *loss, struct err *err);

/*
 * How far a run is inside a large file: the SHA-256 of its first bytes, as
 * the hash holds it.  Gone once the file has its verdict.
 */
#define CATALOG_STATE_LEN 32
struct catalog_place {
	uint64_t bytes;
	uint8_t state[CATALOG_STATE_LEN];
};
int catalog_place_put(struct catalog *c, int64_t run, int64_t file,
    const struct catalog_place *place, struct err *err);
int catalog_place_find(struct catalog *c, int64_t run, int64_t file,
    struct catalog_place *place, bool *is_known, struct err *err);

/*
 * The order of a run that may not read all: what was read longest ago comes
 * first, never before all.  A visit is the files of one snapshot that the
 * same earlier run (its number; 0: none) read last.
 */
struct catalog_visit {
	int64_t generation;
	uint64_t sequence;
	uint64_t files;
	uint64_t bytes;
	char snapshot[64];	/* name of its folder */
};
/*
 * Up to max visits behind *after (NULL: from the first), less those of run
 * itself.  *count: 0 at the end.
 */
int catalog_visits(struct catalog *c, int64_t medium, int64_t run,
    const struct catalog_visit *after, struct catalog_visit *visits,
    size_t max, size_t *count, struct err *err);

/* What of a medium a run has read, and what it has not. */
struct catalog_coverage {
	uint64_t files;
	uint64_t bytes;
	uint64_t read_files;
	uint64_t read_bytes;
};
int catalog_run_coverage(struct catalog *c, int64_t medium, int64_t run,
    struct catalog_coverage *coverage, struct err *err);

#endif
