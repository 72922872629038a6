/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One snapshot, from its files to what they hold: each check in its order,
 * each with a verdict of its own.
 */
#ifndef VERIFY_EXAMINE_H
#define VERIFY_EXAMINE_H

#include "medium/medium.h"
#include "work.h"

struct err;
struct report;

/*
 * generation: see memory_enter().  Says all it finds through r.  -1 only when
 * the whole run must end; damage is no reason.
 */
int examine_snapshot(struct report *r, const struct work_options *o,
    const struct medium *m, const struct medium_name *name,
    int64_t generation, struct err *err);

#endif
