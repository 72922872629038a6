/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What verify remembers: each run with its verdicts goes into the catalogue
 * (catalog/catalog.h) while it happens, a run that was cut off goes on where
 * it stopped, and one with a budget reads first what was read longest ago.
 *
 *	struct memory *m = memory_open(cli, &options);
 *	memory_begin(m, &medium, "all", &list);
 *	for each snapshot that plan.h names:
 *		memory_enter(m, &name);
 *		files_check() with memory_files(m)
 *		memory_leave(m);
 *	memory_end(m, is_whole, status);
 *	memory_close(m);
 *
 * Nothing here fails a run.  Where the catalogue cannot be opened or written
 * to, that is said once, and all is read as if nothing were known.
 *
 * Verdicts are kept back for about a second and written in one transaction:
 * a kill loses at most those, and they are read again.
 */
#ifndef VERIFY_MEMORY_H
#define VERIFY_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "files.h"
#include "medium/medium.h"

struct catalog;
struct catalog_visit;
struct cli;
struct deep_result;
struct judgement;
struct memory;

/* An unfinished run that is older is not continued. */
#define MEMORY_AGE_MAX ((int64_t)7 * 24 * 3600)

struct memory_options {
	const char *catalog;	/* or NULL */
	const char *kind;	/* "files", "deep", "data", "deep+data" */
	bool restart;		/* an unfinished run is left as it is */
	bool carries;		/* --record-on-medium */
	uint64_t max_bytes;	/* 0: no such limit */
	uint64_t max_ms;
	uint64_t percent;	/* of the medium's bytes; 0: all */
};

/* Never NULL. */
struct memory *memory_open(struct cli *cli, const struct memory_options *o);
void memory_close(struct memory *m);

/* A run on this medium begins, or an unfinished one of its kind goes on. */
void memory_begin(struct memory *m, const struct medium *medium,
    const char *scope, const struct medium_list *list);
/*
 * It ended.  is_cut: by a signal or an error.  status: what the tool would
 * exit with now.  The medium of memory_begin() is still open; with "carries"
 * the run's record is written to it, or a warning says why not.
 */
void memory_end(struct memory *m, bool is_cut, int status);

/* What memory_begin() took over: the files that need no second reading. */
struct memory_known {
	bool is_continued;
	int64_t since;		/* when it began */
	uint64_t files;
	uint64_t bytes;
};
struct memory_known memory_known(const struct memory *m);

bool memory_has_budget(const struct memory *m);
/* How many bytes it lets be read, once all are learnt; 0: not known. */
uint64_t memory_budget(const struct memory *m);
/* Nothing more is to be read. */
bool memory_is_spent(const struct memory *m);
/* How much of the medium this run has read, and how much there is. */
bool memory_coverage(struct memory *m, uint64_t *files, uint64_t *of_files,
    uint64_t *bytes, uint64_t *of_bytes);

/* For plan.h: visits in their order; false where nothing is known. */
bool memory_visits(struct memory *m, const struct catalog_visit *after,
    struct catalog_visit *visits, size_t max, size_t *count);
/*
 * For a run with a budget, before it: make a snapshot's files known, so that
 * they can be ordered.
 */
void memory_learn(struct memory *m, const struct medium *medium,
    const struct medium_name *name);

/* One snapshot; with a budget, its files of that generation only. */
void memory_enter(struct memory *m, const struct medium_name *name,
    int64_t generation);
void memory_leave(struct memory *m);
const struct files_memory *memory_files(struct memory *m);

/* A verdict on a file that is in no list of sums, or on the folder itself. */
void memory_told(struct memory *m, const char *file,
    enum file_verdict verdict, const char *why, uint64_t bytes);

/* Did this run read all files of that source?  Always, without a budget. */
bool memory_has_read(const struct memory *m, const struct snapshot *s,
    const struct source_info *source);

/* Was this source found whole by the run that is continued? */
bool memory_knows_deep(struct memory *m, const char *source,
    uint64_t *members);
/* why: NULL, or why nothing could be said. */
void memory_deep(struct memory *m, const char *source,
    const struct deep_result *result, const char *why);
/* A member that is lost or damaged; path is escaped. */
void memory_member(struct memory *m, const char *source, const char *path,
    const char *verdict, const char *why);
void memory_judgement(struct memory *m, const char *source,
    const struct judgement *j);

#endif
