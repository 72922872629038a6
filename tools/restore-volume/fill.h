/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source of a snapshot into a staged tree, every hash checked on the way
 * and every attribute read back afterwards.
 */
#ifndef RESTORE_FILL_H
#define RESTORE_FILL_H

#include <stdint.h>

#include "archive/check.h"
#include "archive/compare.h"
#include "base/watch.h"
#include "medium/snapshot.h"

struct err;
struct pick;

struct fill_options {
	unsigned threads;
	struct pick *pick;	/* NULL: everything */
	const struct watch *watch;
	/* An attribute the target did not take, or a difference read back. */
	void (*note)(void *ctx, const char *path, const char *text);
	void *ctx;
};

struct fill_result {
	struct check_counts checked;
	struct compare_counts compared;
	uint64_t notes;
};

/*
 * -1 leaves the stage for the caller to remove: nothing in it may be used.
 */
int fill_stage(const struct snapshot *s, const struct source_info *source,
    int stage_fd, const struct fill_options *options,
    struct fill_result *result, struct err *err);

#endif
