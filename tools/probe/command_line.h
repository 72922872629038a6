/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Targets and terms of the command line, as checks of one stage; durations
 * and moments as a person writes them.
 */
#ifndef PROBE_COMMAND_LINE_H
#define PROBE_COMMAND_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"

struct err;
struct plan;

/* Terms for all targets of the command line. */
struct command_line {
	struct cli_list expect;	/* KEY=VALUE, or KEY:NAME=VALUE */
	struct cli_list warn;
	struct cli_list fail_if;
	struct cli_list set;
	const char *limit;	/* a duration, or NULL: the kinds' own */
	uint64_t tries;
};

/* Each target is a check of its own, named by itself.  ERR_USAGE. */
int command_line_plan(struct plan *plan, const struct command_line *c,
    const char *const *targets, size_t count, struct err *err);

/* "90s", "1m30s"; option names it in the error. */
int command_line_duration(const char *text, const char *option,
    uint64_t *ms, struct err *err);

/*
 * Seconds since 1970: an RFC 3339 moment in UTC, "boot", or a duration,
 * which means so long ago.
 */
int command_line_moment(const char *text, const char *option,
    int64_t *seconds, struct err *err);

#endif
