/* SPDX-License-Identifier: BSD-2-Clause */
/* What verify says: the table for the terminal, the lines of JSON. */
#ifndef VERIFY_REPORT_H
#define VERIFY_REPORT_H

#include "check/tell.h"
#include "cli/cli.h"
#include "deep.h"
#include "files.h"

struct memory;

struct report {
	struct cli *cli;
	struct memory *memory;
	bool signature_required;
	uint64_t snapshots;	/* that were checked */
	uint64_t lists;		/* of somebody else's, that were checked */
	uint64_t files;
	uint64_t bytes;
	uint64_t bad_files;
	uint64_t bad_members;
	uint64_t bad_archives;
	uint64_t cached;
	uint64_t known_files;	/* of files: read by a run that was cut off */
	uint64_t known_bytes;
	uint64_t left_files;	/* of media, that this run did not read */
	uint64_t left_bytes;
	uint64_t trees;		/* whose content was looked into */
	uint64_t judged[VERDICTS];
	bool is_pardoned;	/* damage can be mended, as far as is known */
};

/* The exit status that damage to files and members counts for. */
int report_damage(const struct report *r);

/* These are the callbacks of files.h and deep.h; ctx is the report. */
void report_file(void *ctx, const struct medium_name *snapshot,
    const char *file, enum file_verdict verdict, const char *why,
    uint64_t bytes);
void report_range(void *ctx, const struct medium_name *snapshot,
    const char *file, const struct bad_range *range);
/* A snapshot of which nothing could be read. */
void report_unreadable(struct report *r, const struct medium_name *snapshot,
    const char *why);
void report_signature(void *ctx, const struct medium_name *snapshot,
    enum snapshot_signature verdict, const char *why);
void report_member(void *ctx, const struct source_info *source,
    const char *path, enum check_verdict verdict, const char *what);

void report_medium(struct report *r, const struct medium *m, size_t count);
void report_snapshot(struct report *r, const struct medium_name *name,
    const struct files_result *result);
/* why: NULL, or why nothing could be said of the members. */
void report_deep(struct report *r, const struct medium_name *name,
    const struct source_info *source, const struct deep_result *result,
    const char *why);

struct salvage_counts;
/* What of it was written with --salvage. */
void report_salvage(struct report *r, const struct medium_name *name,
    const struct source_info *source, const struct salvage_counts *counts);

/* The same, found by the run that this one continues. */
void report_known_deep(struct report *r, const struct medium_name *name,
    const struct source_info *source, uint64_t members);
/* An archive that a run with a budget did not read as a whole. */
void report_no_deep(struct report *r, const struct source_info *source);

/* What is known from a run that was cut off, before it goes on. */
void report_continued(struct report *r, int64_t since, uint64_t files,
    uint64_t bytes);
/* How much of a medium a run with a budget has read. */
struct report_coverage {
	uint64_t files;
	uint64_t of_files;
	uint64_t bytes;
	uint64_t of_bytes;
};
void report_coverage(struct report *r, const struct report_coverage *c);
/* The same without a catalogue. */
void report_no_coverage(struct report *r);

/* What content_check() calls; ctx is this. */
struct report_data {
	struct report *report;
	const struct tell_place *place;
};
void report_judgement(void *ctx, const struct judgement *j);
/* unlisted: objects that could not be looked at. */
void report_data(struct report *r, const struct tell_place *place,
    const struct content_counts *counts, uint64_t unlisted);
void report_no_data(struct report *r, const struct tell_place *place,
    const char *why);
/* How many judgements so far. */
uint64_t report_judged(const struct report *r);
/* The part of the summary that is about content. */
void report_data_end(struct report *r);

void report_end(struct report *r, double seconds);

#endif
