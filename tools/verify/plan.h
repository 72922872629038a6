/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which snapshots of a medium are read, and in which order.
 *
 * Without a budget: each once, by sequence.  With one, what was read longest
 * ago comes first, never before all, as far as the catalogue knows; a
 * snapshot whose files were read by several runs is then visited once for
 * each of them.
 */
#ifndef VERIFY_PLAN_H
#define VERIFY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/runs.h"
#include "medium/medium.h"

struct memory;

#define PLAN_VISITS 64		/* asked for at one time */

struct plan {
	struct memory *memory;		/* borrowed; private from here */
	const struct medium_list *list;
	size_t at;
	bool by_age;
	struct catalog_visit visits[PLAN_VISITS];
	size_t count;
	size_t next;
};

/*
 * list: what is to be read; it and memory stay the caller's until the end.
 * memory_begin() came before.
 */
void plan_init(struct plan *plan, struct memory *memory,
    const struct medium *medium, const struct medium_list *list);

/*
 * How many bytes there are to read, as the snapshots themselves say, and with
 * deep to decode as well; 0: that is not known.
 */
uint64_t plan_bytes(const struct plan *plan, const struct medium *medium,
    bool deep);

/* False when all is done, or the budget is spent. */
bool plan_next(struct plan *plan, struct medium_name *name,
    int64_t *generation);

#endif
