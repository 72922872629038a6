/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.yml; see config.h. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "compose/duration.h"
#include "compose/yaml.h"
#include "io/io.h"
#include "plan.h"

#define NS_PER_MS 1000000

/* What a check takes when it says nothing itself; 0: nothing is said. */
struct defaults {
	uint64_t limit_ms;
	uint64_t tries;
};

struct reader {
	struct plan *plan;
	struct err *err;
	struct defaults defaults;
};

/* ---------------------------------------------------------------- values */

/* Always returns -1. */
__attribute__((format(printf, 3, 4))) static int
wrong(const struct reader *r, uint32_t line, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return err_set(r->err, ERR_USAGE, 0, "line %u: %s", (unsigned)line,
	    text);
}

/* "line 7: stages: wants a list".  Always returns -1. */
static int
wants(const struct reader *r, const struct yaml_item *item, const char *what)
{
	char shown[ESCAPE_NAME_MAX];

	return wrong(r, item->value->line != 0 ? item->value->line :
	    item->line, "%s: wants %s", item->key == NULL ? "an entry" :
	    escape_name(item->key, shown), what);
}

static int
unknown_key(const struct reader *r, const struct yaml_item *item,
    const char *known)
{
	char shown[ESCAPE_NAME_MAX];

	return wrong(r, item->line, "'%s' is not known here (only: %s)",
	    escape_name(item->key, shown), known);
}

static int
take_text(const struct reader *r, const struct yaml_item *item,
    const char **text)
{
	*text = yaml_scalar(item->value);
	if (*text == NULL || **text == '\0')
		return wants(r, item, "a text");
	return 0;
}

static int
take_ms(const struct reader *r, const struct yaml_item *item, uint64_t *ms)
{
	const char *text = yaml_scalar(item->value);
	uint64_t ns;

	if (text == NULL || !duration_parse(text, &ns) || ns < NS_PER_MS)
		return wants(r, item, "a duration as 1m30s");
	*ms = ns / NS_PER_MS;
	return 0;
}

static int
take_count(const struct reader *r, const struct yaml_item *item, uint64_t *n)
{
	const char *text = yaml_scalar(item->value);

	if (text == NULL || !num_parse(text, strlen(text), 10, UINT32_MAX, n))
		return wants(r, item, "a number");
	return 0;
}

/* ------------------------------------------------------------------ terms */

static int
add_term(const struct reader *r, struct draft *d, enum check_place place,
    const char *key, const struct yaml_item *item)
{
	struct check_term term = { .key = key, .name = item->key,
	    .value = yaml_scalar(item->value), .line = item->value->line };

	if (term.value == NULL)
		return wants(r, item, "a text or a number");
	plan_term(d, place, &term);
	return 0;
}

/* A value, a list of values, or a map of named values. */
static int
add_key(const struct reader *r, struct draft *d, enum check_place place,
    const struct yaml_item *item)
{
	const struct yaml_node *value = item->value;
	struct yaml_item single = *item;
	uint32_t i;

	if (!yaml_is_map(value) && !yaml_is_list(value)) {
		single.key = NULL;
		if (yaml_scalar(value) == NULL)
			return wants(r, item, "a value");
		return add_term(r, d, place, item->key, &single);
	}
	if (value->count == 0)
		return wants(r, item, "at least one value");
	for (i = 0; i < value->count; i++)
		if (add_term(r, d, place, item->key, &value->items[i]) == -1)
			return -1;
	return 0;
}

static int
add_terms(const struct reader *r, struct draft *d, enum check_place place,
    const struct yaml_item *item)
{
	uint32_t i;

	if (!yaml_is_map(item->value) || item->value->count == 0)
		return wants(r, item, "a map of keys and values");
	for (i = 0; i < item->value->count; i++)
		if (add_key(r, d, place, &item->value->items[i]) == -1)
			return -1;
	return 0;
}

/* A name, or a list of names. */
static int
add_needs(const struct reader *r, struct draft *d,
    const struct yaml_item *item)
{
	const struct yaml_node *value = item->value;
	const char *text;
	uint32_t i;

	if (!yaml_is_list(value)) {
		if (take_text(r, item, &text) == -1)
			return -1;
		plan_need(d, text);
		return 0;
	}
	for (i = 0; i < value->count; i++) {
		if (take_text(r, &value->items[i], &text) == -1)
			return -1;
		plan_need(d, text);
	}
	return 0;
}

/* ------------------------------------------------------------------ checks */

static int
add_setting(const struct reader *r, struct draft *d,
    const struct yaml_item *item)
{
	const char *key = item->key, *text;
	uint64_t n = 0;

	if (strcmp(key, "name") == 0 || strcmp(key, "target") == 0)
		return 0;	/* taken already */
	if (strcmp(key, "expect") == 0)
		return add_terms(r, d, CHECK_EXPECT, item);
	if (strcmp(key, "warn") == 0)
		return add_terms(r, d, CHECK_WARN, item);
	if (strcmp(key, "fail_if") == 0)
		return add_terms(r, d, CHECK_FAIL_IF, item);
	if (strcmp(key, "set") == 0)
		return add_terms(r, d, CHECK_SET, item);
	if (strcmp(key, "needs") == 0)
		return add_needs(r, d, item);
	if (strcmp(key, "limit") == 0) {
		if (take_ms(r, item, &n) == -1)
			return -1;
		plan_limit(d, n);
	} else if (strcmp(key, "tries") == 0) {
		if (take_count(r, item, &n) == -1)
			return -1;
		plan_tries(d, n);
	} else if (strcmp(key, "optional") == 0) {
		text = yaml_scalar(item->value);
		if (item->value->kind != YAML_BOOL)
			return wants(r, item, "true or false");
		if (strcmp(text, "true") == 0)
			plan_optional(d);
	} else {
		return unknown_key(r, item, "name, target, needs, expect, "
		    "warn, fail_if, set, limit, tries, optional");
	}
	return 0;
}

static const struct yaml_item *
find_item(const struct yaml_node *map, const char *key)
{
	uint32_t i;

	for (i = 0; i < map->count; i++)
		if (strcmp(map->items[i].key, key) == 0)
			return &map->items[i];
	return NULL;
}

/* A target alone, or a map with "target". */
static int
take_target(const struct reader *r, const struct yaml_item *item,
    const char **name, const char **target)
{
	const struct yaml_item *at;

	if (!yaml_is_map(item->value)) {
		if (take_text(r, item, target) == -1)
			return -1;
		*name = *target;
		return 0;
	}
	at = find_item(item->value, "target");
	if (at == NULL)
		return wrong(r, item->value->line, "a check wants a target");
	if (take_text(r, at, target) == -1)
		return -1;
	*name = *target;
	at = find_item(item->value, "name");
	return at == NULL ? 0 : take_text(r, at, name);
}

static int
add_check(const struct reader *r, const char *stage,
    const struct yaml_item *needs, const struct yaml_item *item)
{
	const char *name = NULL, *target = NULL;
	struct draft *d;
	uint32_t i;

	if (take_target(r, item, &name, &target) == -1)
		return -1;
	d = plan_add(r->plan, stage, name, target);
	plan_line(d, item->value->line);
	if (r->defaults.limit_ms != 0)
		plan_limit(d, r->defaults.limit_ms);
	if (r->defaults.tries != 0)
		plan_tries(d, r->defaults.tries);
	if (needs != NULL && add_needs(r, d, needs) == -1)
		return -1;
	if (!yaml_is_map(item->value))
		return 0;
	for (i = 0; i < item->value->count; i++)
		if (add_setting(r, d, &item->value->items[i]) == -1)
			return -1;
	return 0;
}

/* ------------------------------------------------------------------ stages */

static int
add_stage(const struct reader *r, const struct yaml_item *item)
{
	const struct yaml_item *name, *checks, *needs;
	const struct yaml_node *map = item->value;
	const char *stage;
	uint32_t i;

	if (!yaml_is_map(map))
		return wants(r, item, "a map with name and checks");
	for (i = 0; i < map->count; i++)
		if (strcmp(map->items[i].key, "name") != 0 &&
		    strcmp(map->items[i].key, "needs") != 0 &&
		    strcmp(map->items[i].key, "checks") != 0)
			return unknown_key(r, &map->items[i],
			    "name, needs, checks");
	name = find_item(map, "name");
	checks = find_item(map, "checks");
	needs = find_item(map, "needs");
	if (name == NULL || checks == NULL)
		return wrong(r, map->line, "a stage wants a name and checks");
	if (take_text(r, name, &stage) == -1)
		return -1;
	if (!yaml_is_list(checks->value) || checks->value->count == 0)
		return wants(r, checks, "a list of checks");
	if (plan_has(r->plan, stage))
		return wrong(r, name->line, "this name is taken already");
	plan_stage(r->plan, stage);
	for (i = 0; i < checks->value->count; i++)
		if (add_check(r, stage, needs, &checks->value->items[i]) ==
		    -1)
			return -1;
	return 0;
}

static int
add_stages(const struct reader *r, const struct yaml_item *item)
{
	uint32_t i;

	if (!yaml_is_list(item->value) || item->value->count == 0)
		return wants(r, item, "a list of stages");
	for (i = 0; i < item->value->count; i++)
		if (add_stage(r, &item->value->items[i]) == -1)
			return -1;
	return 0;
}

static int
read_defaults(struct reader *r, const struct yaml_item *item)
{
	uint32_t i;

	if (!yaml_is_map(item->value))
		return wants(r, item, "a map with limit or tries");
	for (i = 0; i < item->value->count; i++) {
		const struct yaml_item *at = &item->value->items[i];

		if (strcmp(at->key, "limit") == 0) {
			if (take_ms(r, at, &r->defaults.limit_ms) == -1)
				return -1;
		} else if (strcmp(at->key, "tries") == 0) {
			if (take_count(r, at, &r->defaults.tries) == -1)
				return -1;
		} else {
			return unknown_key(r, at, "limit, tries");
		}
	}
	return 0;
}

static int
read_version(struct reader *r, const struct yaml_item *item)
{
	uint64_t version;

	if (take_count(r, item, &version) == -1)
		return -1;
	return version == CONFIG_VERSION ? 0 : wrong(r, item->line,
	    "version %llu is not known, only %d",
	    (unsigned long long)version, CONFIG_VERSION);
}

static int
read_root(struct reader *r, const struct yaml_node *root)
{
	const struct yaml_item *item;
	uint32_t i;

	for (i = 0; i < root->count; i++) {
		item = &root->items[i];
		if (strcmp(item->key, "version") != 0 &&
		    strcmp(item->key, "defaults") != 0 &&
		    strcmp(item->key, "stages") != 0)
			return unknown_key(r, item,
			    "version, defaults, stages");
	}
	item = find_item(root, "version");
	if (item == NULL)
		return wrong(r, 1, "it wants a 'version: %d'", CONFIG_VERSION);
	if (read_version(r, item) == -1)
		return -1;
	item = find_item(root, "defaults");
	if (item != NULL && read_defaults(r, item) == -1)
		return -1;
	item = find_item(root, "stages");
	if (item == NULL)
		return wrong(r, root->line, "it has no stages");
	return add_stages(r, item);
}

/* Compose's own marks mean nothing here. */
static int
refuse_marks(const struct reader *r, const struct yaml_node *node)
{
	uint32_t i;

	if (node->mark != YAML_PLAIN)
		return wrong(r, node->line, "tags are not known here");
	for (i = 0; i < node->count; i++)
		if (refuse_marks(r, node->items[i].value) == -1)
			return -1;
	return 0;
}

int
config_parse(const char *text, size_t len, struct plan *plan,
    struct err *err)
{
	struct reader r = { plan, err, { 0, 0 } };
	struct yaml_tree *tree = yaml_tree_new();
	struct yaml_node *documents;
	int ret = -1;

	if (len > CONFIG_BYTES_MAX) {
		err_set(err, ERR_LIMIT, 0, "it has more than %zu bytes",
		    CONFIG_BYTES_MAX);
	} else if (yaml_parse(tree, text, len, &documents, err) == -1) {
		/* What is no YAML is a file that is wrong, not damaged. */
		if (err->class == ERR_DAMAGED)
			err->class = ERR_USAGE;
	} else if (documents->count != 1 ||
	    !yaml_is_map(documents->items[0].value)) {
		err_set(err, ERR_USAGE, 0, "it is not one YAML document that "
		    "is a map");
	} else if (refuse_marks(&r, documents->items[0].value) == 0) {
		ret = read_root(&r, documents->items[0].value);
	}
	yaml_tree_free(tree);
	return ret;
}

int
config_load(const char *path, struct plan *plan, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	struct buf text = BUF_EMPTY;
	int ret;

	ret = io_read_typed(path, CONFIG_BYTES_MAX, &text, err);
	if (ret == 0)
		ret = config_parse(buf_text(&text), text.len, plan, err);
	buf_release(&text);
	return ret == -1 ? err_context(err, "%s", escape_name(path, shown)) :
	    0;
}
