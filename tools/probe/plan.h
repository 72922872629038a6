/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run is to check: stages in order, checks in them, and what each one
 * needs.  Filled from the command line, a file, a Compose project or a host:
 *
 *	struct plan *p = plan_new();
 *	d = plan_add(p, "network", "api", "https://api:8443/health");
 *	plan_term(p, d, CHECK_EXPECT, &(struct check_term){ ... });
 *	plan_need(p, d, "engine");
 *	...
 *	if (plan_seal(p, err) == -1) ...
 *	plan_check(p, i) ...
 *	plan_free(p);
 *
 * A check may need checks, or whole stages, of earlier stages only: no check
 * then waits longer than the sum of the stages' largest time limits.
 */
#ifndef PROBE_PLAN_H
#define PROBE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check.h"

struct buf;
struct err;

#define PLAN_CHECKS_MAX 1000
#define PLAN_STAGES_MAX 100
#define PLAN_NEEDS_MAX 100000	/* of all checks together, stages resolved */
#define PLAN_TERMS_MAX 1000	/* of one check */
#define PLAN_LIMIT_MS_MAX 3600000
#define PLAN_TRIES_MAX 100
#define PLAN_NAME_MAX 128	/* bytes of a check's or stage's name */

struct plan;
struct draft;			/* a check before plan_seal() */

struct plan *plan_new(void);
void plan_free(struct plan *plan);	/* NULL is allowed */

/*
 * Add a check.  All texts are copied; valid until the next call.  A stage is
 * made by its first mention.
 */
struct draft *plan_add(struct plan *plan, const char *stage, const char *name,
    const char *target);
/* A stage without checks yet, so that it stands in its place. */
void plan_stage(struct plan *plan, const char *stage);

void plan_term(struct draft *d, enum check_place place,
    const struct check_term *term);
void plan_need(struct draft *d, const char *name);
void plan_limit(struct draft *d, uint64_t limit_ms);	/* else the kind's */
void plan_tries(struct draft *d, uint64_t tries);
void plan_optional(struct draft *d);
/* Where it stands, for errors; line 0: nowhere. */
void plan_line(struct draft *d, uint32_t line);

/* Is there a check or stage of that name so far? */
bool plan_has(const struct plan *plan, const char *name);

/*
 * Judge and freeze: targets parsed, terms known to their kinds, needs found.
 * Checks come out by stage, in a stage as they were added.  Where a container
 * is looked at and no earlier stage asks the engine itself, a stage "engine"
 * that does comes first, and is needed.  ERR_USAGE for a target or term that
 * is wrong, ERR_LIMIT; with line and name.  ERR_USAGE for a plan of nothing.
 */
int plan_seal(struct plan *plan, struct err *err);

/* Of a sealed plan. */
size_t plan_count(const struct plan *plan);
const struct check *plan_check(const struct plan *plan, size_t i);
size_t plan_stage_count(const struct plan *plan);

/* As a file that config_parse() makes the same plan of. */
void plan_format(struct buf *out, const struct plan *plan);

#endif
