/* SPDX-License-Identifier: BSD-2-Clause */
#include "compose/merge.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "compose/yaml.h"

struct merger {
	struct yaml_tree *tree;
	const char *path[YAML_DEPTH_MAX * 2];
	size_t depth;
	struct err *err;
};

static int merge_maps(struct merger *m, struct yaml_node *base,
    const struct yaml_node *own);

static bool
is_extension(const char *key)
{
	return strncmp(key, "x-", 2) == 0;
}

/* Whether the path is services.<any>.<key>[.<sub>]; "*" is any. */
static bool
is_service_key(const struct merger *m, const char *key, const char *sub)
{
	size_t depth = sub == NULL ? 3 : 4;

	return m->depth == depth && strcmp(m->path[0], "services") == 0 &&
	    strcmp(m->path[2], key) == 0 &&
	    (sub == NULL || strcmp(sub, "*") == 0 ||
	    strcmp(m->path[3], sub) == 0);
}

static bool
replaces(const struct merger *m)
{
	return is_service_key(m, "command", NULL) ||
	    is_service_key(m, "entrypoint", NULL) ||
	    is_service_key(m, "healthcheck", "test") ||
	    is_service_key(m, "ulimits", "*");
}

/* Options of two different log drivers do not go together. */
static bool
has_other_driver(const struct merger *m, const struct yaml_node *base,
    const struct yaml_node *own)
{
	const char *before = yaml_scalar(yaml_get(base, "driver"));
	const char *after = yaml_scalar(yaml_get(own, "driver"));

	return is_service_key(m, "logging", NULL) && before != NULL &&
	    after != NULL && strcmp(before, after) != 0;
}

/*
 * Names under these are the user's own, even with "x-" in front; elsewhere it
 * marks an extension, and those are replaced whole.
 */
static bool
is_users_own(const struct merger *m)
{
	static const char *const sections[] = { "services", "networks",
	    "volumes", "secrets", "configs", NULL };
	size_t i;

	for (i = 0; m->depth == 2 && sections[i] != NULL; i++)
		if (strcmp(m->path[0], sections[i]) == 0)
			return true;
	return m->depth == 4 && strcmp(m->path[0], "services") == 0 &&
	    strcmp(m->path[2], "depends_on") == 0;
}

static int
cannot_override(const struct merger *m, const struct yaml_node *own)
{
	struct buf path = BUF_EMPTY;
	size_t i;

	for (i = 0; i < m->depth; i++) {
		if (i > 0)
			buf_byte(&path, '.');
		escape_text(&path, m->path[i], strlen(m->path[i]));
	}
	err_set(m->err, ERR_DAMAGED, 0, "line %u: cannot override %s",
	    (unsigned)own->line, buf_text(&path));
	buf_release(&path);
	return -1;
}

/* What stands in the result where both have something. */
static int
merge_values(struct merger *m, struct yaml_node *base, struct yaml_node *own,
    struct yaml_node **result)
{
	uint32_t i;

	*result = own;
	if (own->mark != YAML_PLAIN || base->kind < YAML_LIST ||
	    base->mark == YAML_RESET || replaces(m) ||
	    has_other_driver(m, base, own))
		return 0;
	*result = base;
	if (own->kind == YAML_NULL)
		return 0;
	if (own->kind != base->kind)
		return cannot_override(m, own);
	if (base->kind == YAML_MAP)
		return merge_maps(m, base, own);
	for (i = 0; i < own->count; i++)
		yaml_add(m->tree, base, own->items[i].value);
	return 0;
}

static int
merge_item(struct merger *m, struct yaml_node *base,
    const struct yaml_item *item)
{
	struct yaml_node *before = yaml_get(base, item->key);
	struct yaml_node *result = item->value;

	if (m->depth == sizeof(m->path) / sizeof(m->path[0]))
		return err_set(m->err, ERR_LIMIT, 0, "nested too deep");
	m->path[m->depth++] = item->key;
	if (before != NULL && (!is_extension(item->key) || is_users_own(m)) &&
	    merge_values(m, before, item->value, &result) == -1)
		return -1;
	m->depth--;
	yaml_put(m->tree, base, item->key, result);
	return 0;
}

static int
merge_maps(struct merger *m, struct yaml_node *base,
    const struct yaml_node *own)
{
	uint32_t i;

	for (i = 0; i < own->count; i++)
		if (merge_item(m, base, &own->items[i]) == -1)
			return -1;
	return 0;
}

int
merge_documents(struct yaml_tree *tree, struct yaml_node *base,
    struct yaml_node *own, struct err *err)
{
	struct merger m = { .tree = tree, .err = err };

	return merge_maps(&m, base, own);
}

int
merge_services(struct yaml_tree *tree, const char *name,
    struct yaml_node *base, struct yaml_node *own, struct err *err)
{
	struct merger m = { .tree = tree, .err = err };

	m.path[m.depth++] = "services";
	m.path[m.depth++] = name;
	return merge_maps(&m, base, own);
}

/* ---- items that mean the same */

static void
add_field(struct buf *key, const struct yaml_node *item, const char *field,
    const char *otherwise)
{
	const char *text = yaml_scalar(yaml_get(item, field));

	buf_printf(key, "%s:", text == NULL ? otherwise : text);
}

static void
key_of_target(const struct yaml_node *item, struct buf *key)
{
	add_field(key, item, "target", "");
}

static void
key_of_path(const struct yaml_node *item, struct buf *key)
{
	add_field(key, item, "path", "");
}

static void
key_of_port(const struct yaml_node *item, struct buf *key)
{
	add_field(key, item, "host_ip", "0.0.0.0");
	add_field(key, item, "published", "");
	add_field(key, item, "target", "");
	add_field(key, item, "protocol", "tcp");
}

static void
key_of_grant(const struct yaml_node *item, struct buf *key, const char *dir)
{
	const char *target = yaml_scalar(yaml_get(item, "target"));
	const char *source = yaml_scalar(yaml_get(item, "source"));

	if (target != NULL)
		buf_puts(key, target);
	else
		buf_printf(key, "%s/%s", dir, source == NULL ? "" : source);
}

static void
key_of_secret(const struct yaml_node *item, struct buf *key)
{
	key_of_grant(item, key, "/run/secrets");
}

static void
key_of_config(const struct yaml_node *item, struct buf *key)
{
	key_of_grant(item, key, "");
}

static void
key_of_text(const struct yaml_node *item, struct buf *key)
{
	const char *text = yaml_scalar(item);

	buf_puts(key, text == NULL ? "" : text);
}

static const struct unique_list {
	const char *name;
	void (*key_of)(const struct yaml_node *item, struct buf *key);
} unique_lists[] = {
	{ "cap_add", key_of_text },
	{ "cap_drop", key_of_text },
	{ "configs", key_of_config },
	{ "devices", key_of_target },
	{ "dns", key_of_text },
	{ "dns_opt", key_of_text },
	{ "dns_search", key_of_text },
	{ "env_file", key_of_path },
	{ "expose", key_of_text },
	{ "extra_hosts", key_of_text },
	{ "label_file", key_of_text },
	{ "links", key_of_text },
	{ "ports", key_of_port },
	{ "profiles", key_of_text },
	{ "secrets", key_of_secret },
	{ "tmpfs", key_of_text },
	{ "volumes", key_of_target },
};

static void
make_unique(struct yaml_tree *tree, struct yaml_node *list,
    const struct unique_list *rule)
{
	struct yaml_node *seen = yaml_map(tree);
	struct buf key = BUF_EMPTY;
	uint32_t i;

	for (i = 0; i < list->count; i++) {
		buf_cut(&key, 0);
		rule->key_of(list->items[i].value, &key);
		/* yaml_put replaces in place: the rule itself. */
		yaml_put(tree, seen, yaml_keep(tree, buf_text(&key), key.len),
		    list->items[i].value);
	}
	for (i = 0; i < seen->count; i++)
		list->items[i].value = seen->items[i].value;
	list->count = seen->count;
	buf_release(&key);
}

void
merge_unique(struct yaml_tree *tree, struct yaml_node *document)
{
	const struct yaml_node *services = yaml_get(document, "services");
	struct yaml_node *list;
	uint32_t i;
	size_t j;

	if (!yaml_is_map(services))
		return;
	for (i = 0; i < services->count; i++) {
		for (j = 0; j < sizeof(unique_lists) / sizeof(unique_lists[0]);
		    j++) {
			list = yaml_get(services->items[i].value,
			    unique_lists[j].name);
			if (yaml_is_list(list) && list->count > 1)
				make_unique(tree, list, &unique_lists[j]);
		}
	}
}
