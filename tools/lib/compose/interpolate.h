/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ${VARIABLES} in texts, with Compose's forms: $V ${V} ${V:-d} ${V-d} ${V:+p}
 * ${V+p} ${V:?e} ${V?e}, nested in d, p and e; "$$" is a dollar; a dollar
 * before anything else stays.  Only the branch that is taken is looked at.
 */
#ifndef COMPOSE_INTERPOLATE_H
#define COMPOSE_INTERPOLATE_H

#include <stddef.h>

struct buf;
struct err;

#define INTERPOLATE_DEPTH_MAX 50	/* defaults within defaults */
#define INTERPOLATE_BYTES_MAX 16777216	/* of one result */

struct interpolate_env {
	/* The value of a variable, or NULL when it is not set. */
	const char *(*lookup)(void *context, const char *name);
	/* A variable was used that is not set; may be NULL. */
	void (*unset)(void *context, const char *name);
	void *context;
};

/*
 * Append template with its variables replaced.  ERR_DAMAGED: "Invalid
 * template: ..." or "required variable X is missing a value: ...".
 * ERR_LIMIT: a limit above.  After failure out holds part of the result.
 */
int interpolate(const char *template, const struct interpolate_env *env,
    struct buf *out, struct err *err);

/* Whether interpolate() could change it. */
int interpolate_is_needed(const char *text);

#endif
