/* SPDX-License-Identifier: BSD-2-Clause */
/* Targets and terms as they are typed; see command_line.h. */
#include "command_line.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/utc.h"
#include "check.h"
#include "compose/duration.h"
#include "io/io.h"
#include "plan.h"

#define STAGE "targets"
#define ENGINE_STAGE "engine"
#define ENGINE "docker://"
#define NS_PER_MS 1000000

/* KEY=VALUE, KEY:NAME=VALUE; text is cut up. */
static int
add_term(struct draft *d, enum check_place place, const char *option,
    const char *typed, struct err *err)
{
	char *text = mem_text(typed);
	size_t key_len = strcspn(text, ":=");
	char *name = text[key_len] == ':' ? text + key_len + 1 : NULL;
	char *equals = strchr(text + key_len, '=');
	char shown[ESCAPE_NAME_MAX];
	int ret = 0;

	if (key_len == 0 || equals == NULL) {
		ret = err_set(err, ERR_USAGE, 0, "--%s: '%s' is neither "
		    "KEY=VALUE nor KEY:NAME=VALUE", option,
		    escape_name(typed, shown));
	} else {
		const struct check_term term = { text, name, equals + 1, 0 };

		*equals = '\0';
		text[key_len] = '\0';
		plan_term(d, place, &term);
	}
	free(text);
	return ret;
}

static int
add_terms(struct draft *d, enum check_place place, const char *option,
    const struct cli_list *list, struct err *err)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (add_term(d, place, option, list->items[i], err) == -1)
			return -1;
	return 0;
}

static int
add_target(struct plan *plan, const struct command_line *c,
    const char *target, uint64_t limit_ms, struct err *err)
{
	/* Before all others: containers need it. */
	struct draft *d = plan_add(plan, strcmp(target, ENGINE) == 0 ?
	    ENGINE_STAGE : STAGE, target, target);

	if (limit_ms != 0)
		plan_limit(d, limit_ms);
	plan_tries(d, c->tries);
	if (add_terms(d, CHECK_EXPECT, "expect", &c->expect, err) == -1 ||
	    add_terms(d, CHECK_WARN, "warn", &c->warn, err) == -1 ||
	    add_terms(d, CHECK_FAIL_IF, "fail-if", &c->fail_if, err) == -1)
		return -1;
	return add_terms(d, CHECK_SET, "set", &c->set, err);
}

int
command_line_plan(struct plan *plan, const struct command_line *c,
    const char *const *targets, size_t count, struct err *err)
{
	uint64_t limit_ms = 0;
	size_t i;

	if (c->limit != NULL && command_line_duration(c->limit, "limit",
	    &limit_ms, err) == -1)
		return -1;
	if (count > PLAN_CHECKS_MAX)
		return err_set(err, ERR_LIMIT, 0, "%zu targets, more than %d",
		    count, PLAN_CHECKS_MAX);
	for (i = 0; i < count; i++)
		if (strcmp(targets[i], ENGINE) == 0)
			plan_stage(plan, ENGINE_STAGE);
	for (i = 0; i < count; i++)
		if (add_target(plan, c, targets[i], limit_ms, err) == -1)
			return -1;
	return 0;
}

int
command_line_duration(const char *text, const char *option, uint64_t *ms,
    struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	uint64_t ns;

	if (!duration_parse(text, &ns) || ns / NS_PER_MS == 0)
		return err_set(err, ERR_USAGE, 0, "--%s: '%s' is not a "
		    "duration as 1m30s", option, escape_name(text, shown));
	*ms = ns / NS_PER_MS;
	return 0;
}

int
command_line_moment(const char *text, const char *option, int64_t *seconds,
    struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	struct timespec up;
	uint64_t ns;

	if (strcmp(text, "boot") == 0 &&
	    clock_gettime(CLOCK_BOOTTIME, &up) == 0) {
		*seconds = io_now() - up.tv_sec;
		return 0;
	}
	/* A recovery of no time at all would be within every objective. */
	if (utc_parse(text, seconds))
		return *seconds <= io_now() ? 0 : err_set(err, ERR_USAGE, 0,
		    "--%s: %s is still to come, by this machine's clock",
		    option, text);
	if (!duration_parse(text, &ns))
		return err_set(err, ERR_USAGE, 0, "--%s: '%s' is neither a "
		    "moment as 2026-11-21T03:45:00Z, nor 'boot', nor a "
		    "duration as 2h", option, escape_name(text, shown));
	*seconds = io_now() - (int64_t)(ns / NS_PER_MS / 1000);
	return 0;
}
