/* SPDX-License-Identifier: BSD-2-Clause */
#include "compose/canonical.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "compose/short_form.h"
#include "compose/yaml.h"

/* One document on its way. */
struct shaper {
	struct yaml_tree *tree;
	const struct canonical_paths *paths;
	const char *section;		/* "services" */
	const char *name;		/* of the service or resource */
	struct err *err;
};

typedef int shape_fn(struct shaper *s, struct yaml_node *owner,
    const char *key, struct yaml_node *value);

/* What a key of a service is turned into. */
struct rule {
	const char *key;
	shape_fn *shape;
};

static int
wrong(const struct shaper *s, const char *key, const struct yaml_node *at,
    const char *what)
{
	char name[ESCAPE_NAME_MAX];
	char shown[ESCAPE_NAME_MAX];

	return err_set(s->err, ERR_DAMAGED, 0, "line %u: %s.%s.%s %s",
	    (unsigned)at->line, s->section, escape_name(s->name, name),
	    escape_name(key, shown), what);
}

/* As wrong(), around what err already says. */
static int
in_service(const struct shaper *s, const char *key, const struct yaml_node *at)
{
	char name[ESCAPE_NAME_MAX];

	return err_context(s->err, "line %u: %s.%s.%s", (unsigned)at->line,
	    s->section, escape_name(s->name, name), key);
}

/* A fresh list or map that stands where old stood. */
static struct yaml_node *
in_place_of(struct shaper *s, const struct yaml_node *old, bool is_map)
{
	struct yaml_node *made = is_map ? yaml_map(s->tree) :
	    yaml_list(s->tree);

	made->line = old->line;
	made->file = old->file;
	made->mark = old->mark;
	return made;
}

/* ---- paths */

static bool
is_windows_path(const char *path)
{
	bool is_letter = (path[0] >= 'a' && path[0] <= 'z') ||
	    (path[0] >= 'A' && path[0] <= 'Z');

	return (is_letter && path[1] == ':') || strncmp(path, "\\\\", 2) == 0;
}

/* Append one part of a path to out, which starts with a slash. */
static void
append_part(struct buf *out, size_t root, const char *part, size_t len)
{
	if (len == 0 || (len == 1 && part[0] == '.'))
		return;
	if (len == 2 && part[0] == '.' && part[1] == '.') {
		while (out->len > root && out->data[out->len - 1] != '/')
			buf_cut(out, out->len - 1);
		if (out->len > root)
			buf_cut(out, out->len - 1);
		return;
	}
	buf_byte(out, '/');
	buf_append(out, part, len);
}

static void
append_parts(struct buf *out, size_t root, const char *path)
{
	size_t len;

	while (*path != '\0') {
		len = strcspn(path, "/");
		append_part(out, root, path, len);
		path += len + (path[len] == '/');
	}
}

void
canonical_path(const struct canonical_paths *paths, const char *path,
    struct buf *out)
{
	size_t root = out->len;

	if (is_windows_path(path)) {
		buf_puts(out, path);
		return;
	}
	/* Compose takes "~name" for a name in our own home, too. */
	if (path[0] == '~' && paths->home != NULL) {
		append_parts(out, root, paths->home);
		path++;
	} else if (path[0] != '/') {
		append_parts(out, root, paths->base);
	}
	append_parts(out, root, path);
	if (out->len == root)
		buf_byte(out, '/');
}

static void
resolve_path(struct shaper *s, struct yaml_node *map, const char *key)
{
	const struct yaml_node *old = yaml_get(map, key);
	struct yaml_node *made;
	struct buf path = BUF_EMPTY;

	if (!yaml_is_scalar(old) || old->mark == YAML_RESET ||
	    old->text[0] == '\0')
		return;
	canonical_path(s->paths, old->text, &path);
	made = yaml_text_at(s->tree, buf_text(&path), old);
	made->mark = old->mark;
	yaml_put(s->tree, map, key, made);
	buf_release(&path);
}

/* A build context that is no directory of this host. */
static bool
is_remote_context(const char *context)
{
	static const char *const starts[] = { "git@", "github.com/",
	    "service:", "target:", NULL };
	size_t i;

	for (i = 0; starts[i] != NULL; i++)
		if (strncmp(context, starts[i], strlen(starts[i])) == 0)
			return true;
	return strstr(context, "://") != NULL;
}

/* ---- shapes of single keys */

/* "x" becomes ["x"]. */
static int
shape_list(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	struct yaml_node *list;

	if (yaml_is_list(value))
		return 0;
	if (yaml_is_map(value))
		return wrong(s, key, value, "must be a list");
	list = in_place_of(s, value, false);
	yaml_add(s->tree, list, yaml_text_at(s->tree, value->text, value));
	yaml_put(s->tree, owner, key, list);
	return 0;
}

static int
only_list(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	(void)owner;
	return yaml_is_list(value) ? 0 : wrong(s, key, value,
	    "must be a list");
}

static int
only_map(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	(void)owner;
	return yaml_is_map(value) ? 0 : wrong(s, key, value,
	    "must be a mapping");
}

static int
only_scalar(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	(void)owner;
	return yaml_is_scalar(value) ? 0 : wrong(s, key, value,
	    "must be a string");
}

/* ["K=V", "K"] becomes {K: V, K: null}; the last of two wins. */
static int
shape_pairs(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	struct yaml_node *map;
	const char *item;
	const char *equals;
	uint32_t i;

	if (yaml_is_map(value))
		return 0;
	if (!yaml_is_list(value))
		return wrong(s, key, value, "must be a mapping or a list");
	map = in_place_of(s, value, true);
	for (i = 0; i < value->count; i++) {
		const struct yaml_node *at = value->items[i].value;

		item = yaml_scalar(at);
		if (item == NULL)
			return wrong(s, key, at, "must hold strings");
		if (at->mark == YAML_RESET)
			continue;
		equals = strchr(item, '=');
		yaml_put(s->tree, map, equals == NULL ? item :
		    yaml_keep(s->tree, item, (size_t)(equals - item)),
		    equals == NULL ? yaml_null(s->tree) :
		    yaml_text_at(s->tree, equals + 1, at));
	}
	yaml_put(s->tree, owner, key, map);
	return 0;
}

/* {host: ip} becomes ["host=ip"]: one host may have several. */
static int
shape_hosts(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	struct yaml_node *list;
	struct buf text = BUF_EMPTY;
	uint32_t i;

	if (!yaml_is_map(value))
		return only_list(s, owner, key, value);
	list = in_place_of(s, value, false);
	for (i = 0; i < value->count; i++) {
		const char *ip = yaml_scalar(value->items[i].value);

		buf_cut(&text, 0);
		buf_printf(&text, "%s=%s", value->items[i].key,
		    ip == NULL ? "" : ip);
		yaml_add(s->tree, list, yaml_text(s->tree, buf_text(&text)));
	}
	buf_release(&text);
	yaml_put(s->tree, owner, key, list);
	return 0;
}

/* [a, b] becomes {a: null, b: null}. */
static int
shape_names(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	struct yaml_node *map;
	uint32_t i;

	if (yaml_is_map(value))
		return 0;
	if (!yaml_is_list(value))
		return wrong(s, key, value, "must be a mapping or a list");
	map = in_place_of(s, value, true);
	for (i = 0; i < value->count; i++) {
		const char *name = yaml_scalar(value->items[i].value);

		if (name == NULL)
			return wrong(s, key, value, "must hold strings");
		yaml_put(s->tree, map, name, yaml_null(s->tree));
	}
	yaml_put(s->tree, owner, key, map);
	return 0;
}

static int
shape_depends_on(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	bool was_list = yaml_is_list(value);
	struct yaml_node *started;
	struct yaml_node *edge;
	struct yaml_node *map;
	uint32_t i;

	if (shape_names(s, owner, key, value) == -1)
		return -1;
	if (!was_list)
		return 0;
	map = yaml_get(owner, key);
	started = yaml_text(s->tree, "service_started");
	for (i = 0; i < map->count; i++) {
		edge = yaml_map(s->tree);
		edge->line = value->line;
		edge->file = value->file;
		yaml_put(s->tree, edge, "condition", started);
		yaml_put(s->tree, edge, "required", yaml_bool(s->tree, true));
		map->items[i].value = edge;
	}
	return 0;
}

static int
shape_build(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	const struct yaml_node *context;
	struct yaml_node *map = value;

	if (yaml_is_list(value))
		return wrong(s, key, value, "must be a mapping");
	if (yaml_is_scalar(value)) {
		map = in_place_of(s, value, true);
		yaml_put(s->tree, map, "context",
		    yaml_text_at(s->tree, value->text, value));
		yaml_put(s->tree, owner, key, map);
	}
	context = yaml_get(map, "context");
	if (context == NULL) {
		/* Files that merge into one that has a context say nothing. */
		if (yaml_get(map, "dockerfile_inline") == NULL)
			return 0;
		yaml_put(s->tree, map, "context", yaml_text(s->tree, "."));
		context = yaml_get(map, "context");
	}
	if (yaml_is_scalar(context) && !is_remote_context(context->text))
		resolve_path(s, map, "context");
	return 0;
}

/* Further folders a build reads: name=path, or something elsewhere. */
static int
shape_contexts(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	struct yaml_node *map;
	const char *path;
	uint32_t i;

	if (shape_pairs(s, owner, key, value) == -1)
		return -1;
	map = yaml_get(owner, key);
	for (i = 0; i < map->count; i++) {
		path = yaml_scalar(map->items[i].value);
		if (path != NULL && !is_remote_context(path))
			resolve_path(s, map, map->items[i].key);
	}
	return 0;
}

/* Replace each item that is a text by what make says. */
static int
shape_items(struct shaper *s, const char *key, struct yaml_node *list,
    short_form_fn *make)
{
	struct yaml_node *item;
	struct yaml_node *made;
	uint32_t i;

	for (i = 0; i < list->count; i++) {
		item = list->items[i].value;
		if (item->mark == YAML_RESET || yaml_is_map(item))
			continue;
		if (!yaml_is_scalar(item))
			return wrong(s, key, list, "must hold strings or "
			    "mappings");
		made = make(s->tree, item, s->err);
		if (made == NULL)
			return in_service(s, key, item);
		made->line = item->line;
		made->file = item->file;
		list->items[i].value = made;
	}
	return 0;
}

static int
shape_volumes(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	struct yaml_node *item;
	struct yaml_node *bind;
	const char *type;
	uint32_t i;

	if (only_list(s, owner, key, value) == -1 ||
	    shape_items(s, key, value, short_form_volume) == -1)
		return -1;
	for (i = 0; i < value->count; i++) {
		item = value->items[i].value;
		type = yaml_scalar(yaml_get(item, "type"));
		if (type == NULL || strcmp(type, "bind") != 0)
			continue;
		resolve_path(s, item, "source");
		bind = yaml_some(item, "bind");
		if (yaml_is_map(bind) &&
		    yaml_get(bind, "create_host_path") == NULL)
			yaml_put(s->tree, bind, "create_host_path",
			    yaml_bool(s->tree, true));
	}
	return 0;
}

static int
shape_env_file(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	struct yaml_node *list;
	uint32_t i;

	if (yaml_is_map(value)) {
		list = in_place_of(s, value, false);
		yaml_add(s->tree, list, value);
		value->mark = YAML_PLAIN;
		yaml_put(s->tree, owner, key, list);
	} else if (shape_list(s, owner, key, value) == -1) {
		return -1;
	}
	list = yaml_get(owner, key);
	if (shape_items(s, key, list, short_form_env_file) == -1)
		return -1;
	for (i = 0; i < list->count; i++)
		if (yaml_is_map(list->items[i].value))
			resolve_path(s, list->items[i].value, "path");
	return 0;
}

static int
shape_label_file(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	struct buf path = BUF_EMPTY;
	struct yaml_node *list;
	uint32_t i;

	if (shape_list(s, owner, key, value) == -1)
		return -1;
	list = yaml_get(owner, key);
	for (i = 0; i < list->count; i++) {
		const struct yaml_node *item = list->items[i].value;

		if (!yaml_is_scalar(item))
			continue;
		buf_cut(&path, 0);
		canonical_path(s->paths, item->text, &path);
		list->items[i].value = yaml_text_at(s->tree, buf_text(&path),
		    item);
	}
	buf_release(&path);
	return 0;
}

static int
shape_ports(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	return only_list(s, owner, key, value) == -1 ? -1 :
	    shape_items(s, key, value, short_form_port);
}

static int
shape_grants(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	return only_list(s, owner, key, value) == -1 ? -1 :
	    shape_items(s, key, value, short_form_grant);
}

static int
shape_devices(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	return only_list(s, owner, key, value) == -1 ? -1 :
	    shape_items(s, key, value, short_form_device);
}

static int
shape_extends(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	struct yaml_node *map;

	if (yaml_is_map(value))
		return 0;
	if (!yaml_is_scalar(value))
		return wrong(s, key, value, "must be a string or a mapping");
	map = in_place_of(s, value, true);
	yaml_put(s->tree, map, "service",
	    yaml_text_at(s->tree, value->text, value));
	yaml_put(s->tree, owner, key, map);
	return 0;
}

static int
shape_healthcheck(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	struct yaml_node *test;
	struct yaml_node *list;

	if (only_map(s, owner, key, value) == -1)
		return -1;
	test = yaml_some(value, "test");
	if (test == NULL || yaml_is_list(test) || test->mark == YAML_RESET)
		return 0;
	if (yaml_is_map(test))
		return wrong(s, "healthcheck.test", test,
		    "must be a string or a list");
	list = in_place_of(s, test, false);
	yaml_add(s->tree, list, yaml_text(s->tree, "CMD-SHELL"));
	yaml_add(s->tree, list, yaml_text_at(s->tree, test->text, test));
	yaml_put(s->tree, value, "test", list);
	return 0;
}

static int
shape_deploy(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	struct yaml_node *labels;

	if (only_map(s, owner, key, value) == -1)
		return -1;
	labels = yaml_some(value, "labels");
	return labels == NULL ? 0 : shape_pairs(s, value, "labels", labels);
}

static int
shape_credential(struct shaper *s, struct yaml_node *owner, const char *key,
    struct yaml_node *value)
{
	if (only_map(s, owner, key, value) == -1)
		return -1;
	resolve_path(s, value, "file");
	return 0;
}

static const struct rule service_rules[] = {
	{ "annotations", shape_pairs },
	{ "build", shape_build },
	{ "cap_add", only_list },
	{ "cap_drop", only_list },
	{ "cgroup", only_scalar },
	{ "configs", shape_grants },
	{ "container_name", only_scalar },
	{ "credential_spec", shape_credential },
	{ "depends_on", shape_depends_on },
	{ "deploy", shape_deploy },
	{ "devices", shape_devices },
	{ "dns", shape_list },
	{ "dns_opt", only_list },
	{ "dns_search", shape_list },
	{ "env_file", shape_env_file },
	{ "environment", shape_pairs },
	{ "expose", only_list },
	{ "extends", shape_extends },
	{ "extra_hosts", shape_hosts },
	{ "healthcheck", shape_healthcheck },
	{ "image", only_scalar },
	{ "ipc", only_scalar },
	{ "label_file", shape_label_file },
	{ "labels", shape_pairs },
	{ "links", only_list },
	{ "models", shape_names },
	{ "network_mode", only_scalar },
	{ "networks", shape_names },
	{ "pid", only_scalar },
	{ "platform", only_scalar },
	{ "ports", shape_ports },
	{ "profiles", only_list },
	{ "pull_policy", only_scalar },
	{ "restart", only_scalar },
	{ "secrets", shape_grants },
	{ "stop_grace_period", only_scalar },
	{ "sysctls", shape_pairs },
	{ "tmpfs", shape_list },
	{ "uts", only_scalar },
	{ "volumes", shape_volumes },
	{ "volumes_from", only_list },
};

static const struct rule resource_rules[] = {
	{ "driver_opts", only_map },
	{ "labels", shape_pairs },
	{ "name", only_scalar },
};

static const struct rule build_rules[] = {
	{ "additional_contexts", shape_contexts },
	{ "args", shape_pairs },
	{ "labels", shape_pairs },
};

/* ---- the document */

static int
apply(struct shaper *s, struct yaml_node *map, const struct rule *rules,
    size_t count)
{
	struct yaml_node *value;
	size_t i;

	for (i = 0; i < count; i++) {
		value = yaml_some(map, rules[i].key);
		if (value == NULL || value->mark == YAML_RESET)
			continue;
		if (rules[i].shape(s, map, rules[i].key, value) == -1)
			return -1;
	}
	return 0;
}

static int
shape_service(struct shaper *s, struct yaml_node *service)
{
	struct yaml_node *build;

	if (apply(s, service, service_rules,
	    sizeof(service_rules) / sizeof(service_rules[0])) == -1)
		return -1;
	build = yaml_some(service, "build");
	return build == NULL ? 0 : apply(s, build, build_rules,
	    sizeof(build_rules) / sizeof(build_rules[0]));
}

static int
shape_resource(struct shaper *s, struct yaml_node *resource)
{
	struct yaml_node *options;
	const char *driver;
	const char *o;

	if (apply(s, resource, resource_rules,
	    sizeof(resource_rules) / sizeof(resource_rules[0])) == -1)
		return -1;
	if (strcmp(s->section, "volumes") != 0) {
		resolve_path(s, resource, "file");
		return 0;
	}
	options = yaml_some(resource, "driver_opts");
	driver = yaml_scalar(yaml_get(resource, "driver"));
	o = yaml_scalar(yaml_get(options, "o"));
	if (driver != NULL && strcmp(driver, "local") == 0 && o != NULL &&
	    strcmp(o, "bind") == 0)
		resolve_path(s, options, "device");
	return 0;
}

static int
shape_section(struct shaper *s, struct yaml_node *section,
    int (*shape)(struct shaper *, struct yaml_node *))
{
	char shown[ESCAPE_NAME_MAX];
	struct yaml_node *value;
	uint32_t i;

	if (!yaml_is_map(section))
		return err_set(s->err, ERR_DAMAGED, 0,
		    "line %u: %s: must be a mapping", (unsigned)section->line,
		    s->section);
	for (i = 0; i < section->count; i++) {
		value = section->items[i].value;
		s->name = section->items[i].key;
		if (value->kind == YAML_NULL || value->mark == YAML_RESET)
			continue;
		if (!yaml_is_map(value))
			return err_set(s->err, ERR_DAMAGED, 0,
			    "line %u: %s.%s: must be a mapping",
			    (unsigned)value->line, s->section,
			    escape_name(s->name, shown));
		if (shape(s, value) == -1)
			return -1;
	}
	return 0;
}

int
canonical_document(struct yaml_tree *tree, struct yaml_node *root,
    const struct canonical_paths *paths, struct err *err)
{
	static const char *const sections[] = { "services", "networks",
	    "volumes", "secrets", "configs", NULL };
	struct shaper s = { .tree = tree, .paths = paths, .err = err };
	struct yaml_node *section;
	size_t i;

	for (i = 0; sections[i] != NULL; i++) {
		section = yaml_some(root, sections[i]);
		if (section == NULL || section->mark == YAML_RESET)
			continue;
		s.section = sections[i];
		if (shape_section(&s, section, i == 0 ? shape_service :
		    shape_resource) == -1)
			return -1;
	}
	return 0;
}
