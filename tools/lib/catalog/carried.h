/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs that media carry from host to host (medium/verified.h): ours, to be
 * written there, and those of others, to be known here.
 *
 * Order is by row number everywhere else.  Between hosts there is only the
 * clock: a verdict of another host counts where this one has none, or an
 * older one.
 */
#ifndef CATALOG_CARRIED_H
#define CATALOG_CARRIED_H

#include <stdbool.h>
#include <stdint.h>

#include "medium/verified.h"

struct err;
struct catalog;

/* The run as a record, sealed.  It has ended. */
int carried_format(struct catalog *c, int64_t run,
    struct verified_run *head, struct buf *out, struct err *err);

/* Is a run of this id in the catalogue, from whichever host? */
int carried_is_known(struct catalog *c, const char *id, bool *is_known,
    struct err *err);

/*
 * Take a record in that was parsed before, as one transaction.  Its verdicts
 * go to those files of the medium that are known with the same sum; others
 * are passed over.
 */
int carried_import(struct catalog *c, int64_t medium,
    const struct verified_run *head, const char *text, size_t len,
    struct err *err);

#endif
