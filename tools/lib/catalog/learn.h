/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a medium into the catalogue: what is on it, as verify and snapshot
 * find it.  What is known already is brought up to date.
 *
 * Not a transaction by themselves: the caller begins and commits.
 */
#ifndef CATALOG_LEARN_H
#define CATALOG_LEARN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "medium/medium.h"
#include "medium/snapshot.h"

struct err;
struct catalog;

/*
 * list: all snapshots that are on it, so that others are known to be gone;
 * NULL: not looked at.
 */
int learn_medium(struct catalog *c, const struct medium *medium,
    const struct medium_list *list, int64_t *row, struct err *err);

/* A file as the catalogue has it. */
struct learnt_file {
	int64_t row;		/* 0: not in the catalogue */
	int64_t generation;	/* the run that read it last; 0: none did */
	uint64_t bytes;
	bool is_read;		/* for the caller */
};

/*
 * The sums of s are loaded; has_info: so is what it holds.  files: as many as
 * the sums, in their order, with their sizes; rows and generations are filled
 * in.  The two files that no sums cover are learnt as well.
 */
int learn_snapshot(struct catalog *c, int64_t medium,
    const struct snapshot *s, bool has_info, struct learnt_file *files,
    int64_t *row, struct err *err);

/* A snapshot of which no more than its name is known. */
int learn_name(struct catalog *c, int64_t medium,
    const struct medium_name *name, int64_t *row, struct err *err);

/* A file that no sums cover, such as COMPLETE: its row, made if need be. */
int learn_head(struct catalog *c, int64_t snapshot, const char *name,
    uint64_t bytes, int64_t *row, struct err *err);

/* The size of a snapshot's file; 0 when it is not there or no file. */
uint64_t learn_size(const struct snapshot *s, const char *name);

/* Whose each file is, in the order of the sums; NULL: everybody's. */
void learn_owners(const struct snapshot *s,
    const struct source_info **owners);

#endif
