/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Litter of interrupted snapshots.  A folder is litter when its commit record
 * is missing, empty or zeros, what a kill or a power cut can leave, no later
 * snapshot was completed, and nobody remembers it complete: every run sweeps
 * before it writes.  Anything else may be a good snapshot with a rotten
 * sector, and is only named.
 */
#ifndef SNAPSHOT_SWEEP_H
#define SNAPSHOT_SWEEP_H

#include <stdbool.h>

#include "medium/medium.h"

struct err;

struct sweep_calls {
	void *ctx;
	void (*swept)(void *ctx, const char *name);
	void (*kept)(void *ctx, const char *name, const char *why);
	/* Is it known that it had its commit record once? */
	bool (*was_whole)(void *ctx, const char *name);
};

int sweep_medium(const struct medium *m, const struct sweep_calls *calls,
    struct err *err);

#endif
