/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ledger on the medium (medium/verified.h): runs of other hosts come into
 * the catalogue, and with --record-on-medium this one's goes onto the medium.
 * A record that is not whole, as a pulled stick leaves it, is passed over.
 */
#ifndef VERIFY_CARRY_H
#define VERIFY_CARRY_H

#include <stddef.h>
#include <stdint.h>

#include "medium/medium.h"

struct catalog;
struct cli;
struct err;

/* Names of records whose runs the catalogue does not know. */
struct carry_list {
	char **names;
	size_t count;
};

#define CARRY_LIST_EMPTY { NULL, 0 }

void carry_find(struct carry_list *list, struct cli *cli,
    struct catalog *catalog, const struct medium *medium);
/* row: the medium's; its snapshots are known.  -1: the catalogue failed. */
int carry_import(const struct carry_list *list, struct cli *cli,
    struct catalog *catalog, const struct medium *medium, int64_t row,
    struct err *err);
void carry_list_release(struct carry_list *list);

/*
 * Write the run's record; a warning where that cannot be.  catalog NULL:
 * nothing was recorded that could be carried.
 */
void carry_out(struct cli *cli, struct catalog *catalog,
    const struct medium *medium, int64_t run);

#endif
