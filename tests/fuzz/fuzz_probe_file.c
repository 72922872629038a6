/* SPDX-License-Identifier: BSD-2-Clause */
/* A hostile probe.yml: refused, or a plan in which all is in its place. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/probe/config.h"
#include "../../tools/probe/plan.h"

#include "base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
look(const struct plan *plan)
{
	size_t i, k;

	must(plan_count(plan) > 0);
	for (i = 0; i < plan_count(plan); i++) {
		const struct check *c = plan_check(plan, i);

		must(*c->name != '\0' && c->stage != NULL);
		must(check_kind_of(c->url.scheme) != NULL);
		must(c->tries >= 1 && c->tries <= PLAN_TRIES_MAX);
		must(c->limit_ms >= 1 && c->limit_ms <= PLAN_LIMIT_MS_MAX);
		for (k = 0; k < c->need_count; k++)
			must(c->needs[k] < i);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct plan *plan = plan_new();
	struct err err = { .class = ERR_NONE };

	if (config_parse((const char *)data, len, plan, &err) == 0 &&
	    plan_seal(plan, &err) == 0)
		look(plan);
	else
		must(err.class != ERR_NONE && *err.text != '\0');
	plan_free(plan);
	return 0;
}
