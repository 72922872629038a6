/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was taken goes into the catalogue (catalog/catalog.h), with all that
 * is needed to find it again when the stick is back in its drawer.  Nothing
 * here fails a snapshot: it is complete on the medium before.
 */
#ifndef SNAPSHOT_REMEMBER_H
#define SNAPSHOT_REMEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "medium/medium.h"

struct cli;
struct err;
struct run_result;

/* catalog: its path, or NULL for the usual one. */
void remember_take(struct cli *cli, const char *catalog,
    const struct medium *medium, const struct run_result *result,
    uint64_t milliseconds);
/* Had it its commit record, when it was taken here or verified? */
bool remember_whole(const char *catalog, const struct medium *medium,
    const char *name);
void remember_failure(struct cli *cli, const char *catalog,
    const struct medium *medium, const struct err *why);

/*
 * Which media hold which snapshots of which volume, as far as is known here.
 * Names in cli->args pick volumes.  ERR_NOT_FOUND: none is known.
 */
int remember_list(struct cli *cli, const char *catalog, struct err *err);

#endif
