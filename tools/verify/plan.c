/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of reading; see plan.h. */
#include "plan.h"

#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "medium/snapshot.h"
#include "memory.h"

void
plan_init(struct plan *plan, struct memory *memory,
    const struct medium *medium, const struct medium_list *list)
{
	size_t i;

	memset(plan, 0, sizeof *plan);
	plan->memory = memory;
	plan->list = list;
	if (!memory_has_budget(memory))
		return;
	for (i = 0; i < list->count; i++)
		memory_learn(memory, medium, &list->items[i]);
	plan->by_age = memory_visits(memory, NULL, plan->visits, PLAN_VISITS,
	    &plan->count);
}

/* Stands for nothing: a snapshot's word, checked when it is read. */
static uint64_t
bytes_of(const struct medium *medium, const struct medium_name *name,
    bool deep)
{
	struct snapshot s;
	uint64_t bytes = 0;
	struct err err;
	size_t i;

	if (snapshot_open_folder(&s, medium, name, &err) == 0 &&
	    snapshot_load_complete(&s, &err) == 0)
		bytes = s.complete.bytes;
	if (bytes > 0 && deep && snapshot_load_sums(&s, &err) == 0 &&
	    snapshot_load_info(&s, &err) == 0)
		for (i = 0; i < s.info.count; i++)
			(void)num_add(bytes, s.info.sources[i].bytes, &bytes);
	snapshot_close(&s);
	return bytes;
}

uint64_t
plan_bytes(const struct plan *plan, const struct medium *medium, bool deep)
{
	uint64_t bytes = 0;
	size_t i;

	/* What a budget leaves for decoding shows as it goes. */
	if (memory_has_budget(plan->memory))
		return deep ? 0 : memory_budget(plan->memory);
	for (i = 0; i < plan->list->count; i++)
		(void)num_add(bytes, bytes_of(medium, &plan->list->items[i],
		    deep), &bytes);
	return bytes;
}

static bool
is_listed(const struct plan *plan, const char *name)
{
	size_t i;

	for (i = 0; i < plan->list->count; i++)
		if (strcmp(plan->list->items[i].text, name) == 0)
			return true;
	return false;
}

/* The next visit that is to one of the list; false at the end. */
static bool
next_visit(struct plan *plan, struct medium_name *name, int64_t *generation)
{
	struct catalog_visit last;

	for (;;) {
		if (plan->next == plan->count) {
			if (plan->count == 0)
				return false;
			last = plan->visits[plan->count - 1];
			plan->next = plan->count = 0;
			if (!memory_visits(plan->memory, &last, plan->visits,
			    PLAN_VISITS, &plan->count) || plan->count == 0)
				return false;
		}
		last = plan->visits[plan->next++];
		if (is_listed(plan, last.snapshot) &&
		    medium_name_parse(name, last.snapshot)) {
			*generation = last.generation;
			return true;
		}
	}
}

bool
plan_next(struct plan *plan, struct medium_name *name, int64_t *generation)
{
	if (memory_is_spent(plan->memory))
		return false;
	if (plan->by_age)
		return next_visit(plan, name, generation);
	if (plan->at == plan->list->count)
		return false;
	*name = plan->list->items[plan->at++];
	*generation = 0;
	return true;
}
