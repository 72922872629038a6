/* SPDX-License-Identifier: BSD-2-Clause */
/* Stages and checks; see plan.h. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"
#include "compose/duration.h"

struct draft {
	struct plan *plan;
	struct check check;
	const char **need_names;
	size_t need_name_count;
	size_t *needs;		/* what check.needs points to */
	size_t stage;
	size_t order;		/* as added */
};

struct plan {
	struct draft *drafts;
	size_t count;
	size_t room;
	const char **stages;
	size_t stage_count;
	char **texts;		/* all that checks and stages are made of */
	size_t text_count;
};

static const struct check_key time_key = {
	"time", CHECK_DURATION, CHECK_EXPECT | CHECK_WARN, false, false
};

/* --------------------------------------------------------------- building */

struct plan *
plan_new(void)
{
	return mem_zero(1, sizeof(struct plan));
}

/* A copy that lives as long as the plan. */
static const char *
keep(struct plan *plan, const char *text)
{
	plan->texts = mem_resize(plan->texts, plan->text_count + 1,
	    sizeof *plan->texts);
	return plan->texts[plan->text_count++] = mem_text(text);
}

static void
release_draft(struct draft *d)
{
	free(d->check.expect.list);
	free(d->check.warn.list);
	free(d->check.fail_if.list);
	free(d->check.set.list);
	free(d->need_names);
	free(d->needs);
}

void
plan_free(struct plan *plan)
{
	size_t i;

	if (plan == NULL)
		return;
	for (i = 0; i < plan->count; i++)
		release_draft(&plan->drafts[i]);
	for (i = 0; i < plan->text_count; i++)
		free(plan->texts[i]);
	free(plan->drafts);
	free(plan->stages);
	free(plan->texts);
	free(plan);
}

static size_t
find_stage(const struct plan *plan, const char *name)
{
	size_t i = 0;

	while (i < plan->stage_count && strcmp(plan->stages[i], name) != 0)
		i++;
	return i;
}

static size_t
stage_of(struct plan *plan, const char *name)
{
	size_t i = find_stage(plan, name);

	if (i == plan->stage_count) {
		plan->stages = mem_resize(plan->stages, i + 1,
		    sizeof *plan->stages);
		plan->stages[plan->stage_count++] = keep(plan, name);
	}
	return i;
}

void
plan_stage(struct plan *plan, const char *stage)
{
	(void)stage_of(plan, stage);
}

struct draft *
plan_add(struct plan *plan, const char *stage, const char *name,
    const char *target)
{
	struct draft *d;

	if (plan->count == plan->room) {
		plan->room = plan->room == 0 ? 16 : plan->room * 2;
		plan->drafts = mem_resize(plan->drafts, plan->room,
		    sizeof *plan->drafts);
	}
	d = &plan->drafts[plan->count];
	memset(d, 0, sizeof *d);
	d->order = plan->count++;
	d->stage = stage_of(plan, stage);
	d->plan = plan;
	d->check.name = keep(plan, name);
	d->check.target = keep(plan, target);
	d->check.tries = 1;
	return d;
}

static struct check_terms *
terms_of(struct draft *d, enum check_place place)
{
	switch (place) {
	case CHECK_EXPECT:
		return &d->check.expect;
	case CHECK_WARN:
		return &d->check.warn;
	case CHECK_FAIL_IF:
		return &d->check.fail_if;
	case CHECK_SET:
		break;
	}
	return &d->check.set;
}

void
plan_term(struct draft *d, enum check_place place,
    const struct check_term *term)
{
	struct check_terms *terms = terms_of(d, place);
	struct check_term *t;

	terms->list = mem_resize(terms->list, terms->count + 1,
	    sizeof *terms->list);
	t = &terms->list[terms->count++];
	t->key = keep(d->plan, term->key);
	t->name = term->name != NULL ? keep(d->plan, term->name) : NULL;
	t->value = keep(d->plan, term->value);
	t->line = term->line;
}

void
plan_need(struct draft *d, const char *name)
{
	d->need_names = mem_resize(d->need_names, d->need_name_count + 1,
	    sizeof *d->need_names);
	d->need_names[d->need_name_count++] = keep(d->plan, name);
}

void
plan_limit(struct draft *d, uint64_t limit_ms)
{
	d->check.limit_ms = limit_ms;
}

void
plan_tries(struct draft *d, uint64_t tries)
{
	d->check.tries = tries > PLAN_TRIES_MAX ? PLAN_TRIES_MAX + 1 :
	    (unsigned)tries;
}

void
plan_optional(struct draft *d)
{
	d->check.is_optional = true;
}

void
plan_line(struct draft *d, uint32_t line)
{
	d->check.line = line;
}

static size_t
find_check(const struct plan *plan, const char *name)
{
	size_t i = 0;

	while (i < plan->count &&
	    strcmp(plan->drafts[i].check.name, name) != 0)
		i++;
	return i;
}

bool
plan_has(const struct plan *plan, const char *name)
{
	return find_check(plan, name) < plan->count ||
	    find_stage(plan, name) < plan->stage_count;
}

/* ------------------------------------------------------------------ terms */

static bool
is_value(enum check_value type, const char *value)
{
	uint64_t n;

	switch (type) {
	case CHECK_TEXT:
		return true;
	case CHECK_NUMBER:
		return num_parse(value, strlen(value), 10, UINT64_MAX, &n);
	case CHECK_BYTES:
		return num_parse_bytes(value, &n);
	case CHECK_DURATION:
		return duration_parse(value, &n);
	case CHECK_PERCENT:
		n = strcspn(value, "%");
		return (value[n] == '\0' || value[n + 1] == '\0') &&
		    num_parse(value, (size_t)n, 10, 100, &n);
	case CHECK_BOOL:
		return strcmp(value, "true") == 0 ||
		    strcmp(value, "false") == 0;
	}
	return false;
}

static const char *
value_name(enum check_value type)
{
	static const char *const names[] = {
		[CHECK_TEXT] = "text", [CHECK_NUMBER] = "a number",
		[CHECK_BYTES] = "a size as 10G",
		[CHECK_DURATION] = "a duration as 1m30s",
		[CHECK_PERCENT] = "a percentage",
		[CHECK_BOOL] = "true or false"
	};

	return names[type];
}

static const char *
place_name(enum check_place place)
{
	return place == CHECK_EXPECT ? "expect" : place == CHECK_WARN ?
	    "warn" : place == CHECK_FAIL_IF ? "fail_if" : "set";
}

/* What a kind knows, for the message that refuses another key. */
static void
list_keys(const struct check_kind *kind, enum check_place place,
    struct buf *out)
{
	const struct check_key *key;

	for (key = kind->keys; key->name != NULL; key++)
		if ((key->places & place) != 0)
			buf_printf(out, "%s%s", out->len > 0 ? ", " : "",
			    key->name);
	if ((time_key.places & place) != 0)
		buf_printf(out, "%stime", out->len > 0 ? ", " : "");
}

static int
refuse_key(const struct check_kind *kind, enum check_place place,
    const char *shown, struct err *err)
{
	struct buf known = BUF_EMPTY;

	list_keys(kind, place, &known);
	err_set(err, ERR_USAGE, 0, "%s knows no '%s' for such a target "
	    "(only: %s)", place_name(place), shown,
	    known.len > 0 ? buf_text(&known) : "nothing");
	buf_release(&known);
	return -1;
}

static int
judge_term(const struct check_kind *kind, enum check_place place,
    const struct check_term *t, const struct check_term *before,
    struct err *err)
{
	char shown[ESCAPE_NAME_MAX], value[ESCAPE_NAME_MAX];
	const struct check_key *key = strcmp(t->key, time_key.name) == 0 ?
	    &time_key : check_key_of(kind, t->key);

	escape_name(t->key, shown);
	if (key == NULL || (key->places & place) == 0)
		return refuse_key(kind, place, shown, err);
	if (key->is_map != (t->name != NULL))
		return err_set(err, ERR_USAGE, 0, key->is_map ?
		    "%s: %s wants a name and a value" :
		    "%s: %s takes a value, no name", place_name(place),
		    shown);
	if (!key->is_map && !key->is_repeated && before != NULL)
		return err_set(err, ERR_USAGE, 0, "%s: %s is given twice",
		    place_name(place), shown);
	if (!is_value(key->value, t->value))
		return err_set(err, ERR_USAGE, 0, "%s: %s: '%s' is not %s",
		    place_name(place), shown, escape_name(t->value, value),
		    value_name(key->value));
	return 0;
}

static int
judge_terms(const struct check_kind *kind, enum check_place place,
    const struct check_terms *terms, struct err *err)
{
	const struct check_term *t, *first;

	if (terms->count > PLAN_TERMS_MAX)
		return err_set(err, ERR_LIMIT, 0, "%zu terms, more than %d",
		    terms->count, PLAN_TERMS_MAX);
	for (t = NULL; (t = check_next(terms, NULL, t)) != NULL; ) {
		first = check_next(terms, t->key, NULL);
		if (judge_term(kind, place, t, first != t ? first : NULL,
		    err) == 0)
			continue;
		return t->line == 0 ? -1 : err_context(err, "line %u",
		    (unsigned)t->line);
	}
	return 0;
}

/* ---------------------------------------------------------------- sealing */

static int
judge_numbers(const struct check *c, struct err *err)
{
	if (*c->name == '\0' || strlen(c->name) > PLAN_NAME_MAX)
		return err_set(err, ERR_USAGE, 0, "a name has 1 to %d bytes",
		    PLAN_NAME_MAX);
	if (c->limit_ms < 1 || c->limit_ms > PLAN_LIMIT_MS_MAX)
		return err_set(err, ERR_USAGE, 0, "the time limit is not "
		    "between 1 ms and %d s", PLAN_LIMIT_MS_MAX / 1000);
	if (c->tries < 1 || c->tries > PLAN_TRIES_MAX)
		return err_set(err, ERR_USAGE, 0, "tries: not between 1 and "
		    "%d", PLAN_TRIES_MAX);
	return 0;
}

static int
judge_check(struct draft *d, struct err *err)
{
	const struct check_kind *kind;
	struct check *c = &d->check;

	if (url_parse(c->target, &c->url, err) == -1)
		return -1;
	kind = check_kind_of(c->url.scheme);
	if (kind == NULL)
		return err_set(err, ERR_USAGE, 0, "%s:// cannot be checked",
		    url_scheme_name(c->url.scheme));
	if (c->limit_ms == 0)
		c->limit_ms = kind->limit_ms;
	if (judge_numbers(c, err) == -1 ||
	    judge_terms(kind, CHECK_EXPECT, &c->expect, err) == -1 ||
	    judge_terms(kind, CHECK_WARN, &c->warn, err) == -1 ||
	    judge_terms(kind, CHECK_FAIL_IF, &c->fail_if, err) == -1 ||
	    judge_terms(kind, CHECK_SET, &c->set, err) == -1)
		return -1;
	return kind->accept != NULL ? kind->accept(c, err) : 0;
}

static int
by_stage(const void *a, const void *b)
{
	const struct draft *x = a, *y = b;

	if (x->stage != y->stage)
		return x->stage < y->stage ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static bool
asks_engine(const struct check *c)
{
	return c->url.scheme == URL_DOCKER && *c->url.host == '\0';
}

static bool
looks_at_container(const struct check *c)
{
	return c->url.scheme == URL_DOCKER && *c->url.host != '\0' &&
	    !check_bool(&c->set, "offline", false);
}

/* The check of the engine in a stage before this one, or NULL. */
static const struct draft *
engine_before(const struct plan *plan, size_t stage)
{
	size_t i;

	for (i = 0; i < plan->count; i++)
		if (asks_engine(&plan->drafts[i].check) &&
		    plan->drafts[i].stage < stage)
			return &plan->drafts[i];
	return NULL;
}

/* In a stage of its own, before all others. */
static int
add_engine(struct plan *plan, struct err *err)
{
	const char *name = plan_has(plan, "docker-engine") ? "docker://" :
	    "docker-engine";
	const char *stage = plan_has(plan, "engine") ? "docker://" : "engine";
	struct draft *d = plan_add(plan, stage, name, "docker://");
	size_t made = d->stage, i;
	const char *text = plan->stages[made];

	memmove(&plan->stages[1], &plan->stages[0],
	    made * sizeof *plan->stages);
	plan->stages[0] = text;
	for (i = 0; i < plan->count; i++)
		plan->drafts[i].stage = plan->drafts[i].stage == made ? 0 :
		    plan->drafts[i].stage + 1;
	return judge_check(&plan->drafts[plan->count - 1], err);
}

static int
imply_engine(struct plan *plan, struct err *err)
{
	const struct draft *engine;
	size_t i, count = plan->count;

	for (i = 0; i < count; i++)
		if (looks_at_container(&plan->drafts[i].check) &&
		    engine_before(plan, plan->drafts[i].stage) == NULL)
			break;
	if (i < count && add_engine(plan, err) == -1)
		return -1;
	for (i = 0; i < count; i++) {
		if (!looks_at_container(&plan->drafts[i].check))
			continue;
		engine = engine_before(plan, plan->drafts[i].stage);
		plan_need(&plan->drafts[i], engine->check.name);
	}
	return 0;
}

struct needed {
	size_t *list;
	size_t count;
};

static void
add_needed(struct needed *n, size_t index)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		if (n->list[i] == index)
			return;
	n->list = mem_resize(n->list, n->count + 1, sizeof *n->list);
	n->list[n->count++] = index;
}

/* Checks of the name, or all of the stage of that name. */
static int
resolve_need(const struct plan *plan, const struct draft *d,
    const char *name, struct needed *n, struct err *err)
{
	size_t check = find_check(plan, name), stage, i;
	char shown[ESCAPE_NAME_MAX];

	escape_name(name, shown);
	stage = check < plan->count ? plan->drafts[check].stage :
	    find_stage(plan, name);
	if (stage == plan->stage_count)
		return err_set(err, ERR_USAGE, 0, "needs '%s', which is "
		    "neither a check nor a stage", shown);
	if (stage >= d->stage)
		return err_set(err, ERR_USAGE, 0, "needs '%s', which is not "
		    "in an earlier stage", shown);
	if (check < plan->count) {
		add_needed(n, check);
		return 0;
	}
	for (i = 0; i < plan->count; i++)
		if (plan->drafts[i].stage == stage)
			add_needed(n, i);
	return 0;
}

static int
resolve_needs(const struct plan *plan, struct draft *d, size_t *total,
    struct err *err)
{
	struct needed n = { NULL, 0 };
	size_t i;
	int ret = 0;

	for (i = 0; i < d->need_name_count && ret == 0; i++)
		ret = resolve_need(plan, d, d->need_names[i], &n, err);
	d->needs = n.list;
	d->check.needs = n.list;
	d->check.need_count = n.count;
	*total += n.count;
	if (ret == 0 && *total > PLAN_NEEDS_MAX)
		ret = err_set(err, ERR_LIMIT, 0, "more than %d needs",
		    PLAN_NEEDS_MAX);
	return ret;
}

/* Always returns -1. */
static int
blame(const struct check *c, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];

	if (strcmp(c->name, c->target) == 0)
		err_context(err, "%s", escape_name(c->name, shown));
	else
		err_context(err, "check '%s'", escape_name(c->name, shown));
	if (c->line != 0)
		err_context(err, "line %u", (unsigned)c->line);
	return -1;
}

static int
check_names(const struct plan *plan, struct err *err)
{
	size_t i;

	for (i = 0; i < plan->count; i++) {
		const struct check *c = &plan->drafts[i].check;

		if (find_check(plan, c->name) == i)
			continue;
		err_set(err, ERR_USAGE, 0, "there are two checks of this "
		    "name");
		return blame(c, err);
	}
	return 0;
}

static int
check_size(const struct plan *plan, struct err *err)
{
	if (plan->count == 0)
		return err_set(err, ERR_USAGE, 0, "there is nothing to check");
	if (plan->count > PLAN_CHECKS_MAX)
		return err_set(err, ERR_LIMIT, 0, "%zu checks, more than %d",
		    plan->count, PLAN_CHECKS_MAX);
	if (plan->stage_count > PLAN_STAGES_MAX)
		return err_set(err, ERR_LIMIT, 0, "%zu stages, more than %d",
		    plan->stage_count, PLAN_STAGES_MAX);
	return 0;
}

int
plan_seal(struct plan *plan, struct err *err)
{
	size_t i, total = 0;

	if (check_size(plan, err) == -1)
		return -1;
	for (i = 0; i < plan->count; i++)
		if (judge_check(&plan->drafts[i], err) == -1)
			return blame(&plan->drafts[i].check, err);
	if (imply_engine(plan, err) == -1 || check_names(plan, err) == -1)
		return -1;
	qsort(plan->drafts, plan->count, sizeof *plan->drafts, by_stage);
	for (i = 0; i < plan->count; i++) {
		struct draft *d = &plan->drafts[i];

		d->check.stage = plan->stages[d->stage];
		if (resolve_needs(plan, d, &total, err) == -1)
			return blame(&d->check, err);
	}
	return 0;
}

/* ----------------------------------------------------------------- sealed */

size_t
plan_count(const struct plan *plan)
{
	return plan->count;
}

const struct check *
plan_check(const struct plan *plan, size_t i)
{
	return &plan->drafts[i].check;
}

size_t
plan_stage_count(const struct plan *plan)
{
	return plan->stage_count;
}
