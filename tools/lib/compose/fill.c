/* SPDX-License-Identifier: BSD-2-Clause */
#include "compose/fill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "compose/canonical.h"
#include "compose/project.h"
#include "compose/yaml.h"
#include "compose/yaml_tree.h"

static char *
keep(struct compose_project *project, const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(yaml_tree_take(project->tree, 1, size), text, size);
}

char *
fill_text(struct compose_project *project, const struct yaml_node *node,
    const char *otherwise)
{
	const char *text = yaml_scalar(node);

	if (text == NULL)
		text = otherwise;
	return text == NULL ? NULL : keep(project, text);
}

int
fill_truth(const struct yaml_node *node, const char *where, int otherwise,
    struct err *err)
{
	static const char *const words[] = { "false", "true", "no", "yes",
	    "off", "on", "n", "y", "0", "1", "f", "t" };
	const char *text = yaml_scalar(node);
	char shown[ESCAPE_NAME_MAX];
	int i;

	if (node == NULL || node->kind == YAML_NULL)
		return otherwise;
	for (i = 0; text != NULL && i < 12; i++)
		if (strcasecmp(text, words[i]) == 0)
			return i % 2;
	return err_set(err, ERR_DAMAGED, 0, "%s: invalid boolean: %s", where,
	    text == NULL ? "not a scalar" : escape_name(text, shown));
}

/* ---- top-level things */

/*
 * Compose's names: letters, digits and "._-".  They become parts of names on
 * the engine and of file names, so others are refused here already.
 */
static int
check_names(const struct yaml_node *section, const char *what,
    struct err *err)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-";
	char shown[ESCAPE_NAME_MAX];
	const char *name;
	uint32_t i;

	for (i = 0; i < section->count; i++) {
		name = section->items[i].key;
		if (*name == '\0' || name[strspn(name, allowed)] != '\0')
			return err_set(err, ERR_DAMAGED, 0, "line %u: %s "
			    "additional properties '%s' not allowed",
			    (unsigned)section->items[i].value->line, what,
			    escape_name(name, shown));
	}
	return 0;
}

static int
by_key(const void *a, const void *b)
{
	const struct yaml_item *x = a;
	const struct yaml_item *y = b;

	return strcmp(x->key, y->key);
}

/*
 * The section of a name, its values all maps and its items in order of their
 * names; the empty one when the files have none.  NULL: err is set.
 */
static struct yaml_node *
section_of(struct compose_project *project, struct yaml_node *merged,
    const char *what, struct err *err)
{
	struct yaml_node *found = yaml_some(merged, what);
	struct yaml_node *sorted = yaml_map(project->tree);
	struct yaml_item *items;
	uint32_t i;

	if (found == NULL)
		return sorted;
	if (check_names(found, what, err) == -1)
		return NULL;
	items = mem_zero((size_t)found->count + 1, sizeof(*items));
	for (i = 0; i < found->count; i++)
		items[i] = found->items[i];
	qsort(items, found->count, sizeof(*items), by_key);
	for (i = 0; i < found->count; i++)
		yaml_put(project->tree, sorted, items[i].key,
		    items[i].value->kind == YAML_NULL ?
		    yaml_map(project->tree) : items[i].value);
	free(items);
	yaml_put(project->tree, merged, what, sorted);
	return sorted;
}

/*
 * "external: true", and the old "external: {name: x}" made into it; and the
 * name on the engine.  -1: err is set.
 */
static int
settle_name(struct compose_project *project, struct yaml_node *item,
    const char *key, const char *what, struct err *err)
{
	struct yaml_node *external = yaml_some(item, "external");
	char where[ESCAPE_NAME_MAX * 2];
	char shown[ESCAPE_NAME_MAX];
	char *name;
	int is_external;

	(void)snprintf(where, sizeof(where), "%s.%s.external", what,
	    escape_name(key, shown));
	if (yaml_is_map(external)) {
		if (yaml_some(item, "name") == NULL &&
		    yaml_some(external, "name") != NULL)
			yaml_put(project->tree, item, "name",
			    yaml_some(external, "name"));
		external = yaml_bool(project->tree, true);
		yaml_put(project->tree, item, "external", external);
	}
	is_external = fill_truth(external, where, 0, err);
	if (is_external == -1)
		return -1;
	if (yaml_some(item, "name") == NULL) {
		name = is_external ? mem_text(key) :
		    mem_format("%s_%s", project->name, key);
		yaml_put(project->tree, item, "name",
		    yaml_text(project->tree, name));
		free(name);
	}
	return is_external;
}

static int
fill_networks(struct compose_project *project, struct yaml_node *merged,
    struct err *err)
{
	struct yaml_node *section = section_of(project, merged, "networks",
	    err);
	struct compose_network *network;
	int is_external;
	uint32_t i;

	if (section == NULL)
		return -1;
	project->networks = yaml_tree_take(project->tree, section->count,
	    sizeof(*project->networks));
	for (i = 0; i < section->count; i++) {
		struct yaml_node *item = section->items[i].value;

		network = &project->networks[project->network_count++];
		is_external = settle_name(project, item,
		    section->items[i].key, "networks", err);
		if (is_external == -1)
			return -1;
		network->key = keep(project, section->items[i].key);
		network->name = fill_text(project, yaml_get(item, "name"), "");
		network->driver = fill_text(project, yaml_get(item, "driver"),
		    "");
		network->is_external = is_external;
	}
	return 0;
}

static int
fill_pairs(struct pairs *pairs, const struct yaml_node *map, const char *what,
    struct err *err)
{
	const char *value;
	uint32_t i;

	if (!yaml_is_map(map))
		return 0;
	if (map->count > PAIRS_MAX)
		return err_set(err, ERR_LIMIT, 0, "%s: more than %d keys",
		    what, PAIRS_MAX);
	for (i = 0; i < map->count; i++) {
		value = yaml_scalar(map->items[i].value);
		pairs_put(pairs, map->items[i].key, value == NULL ? "" :
		    value);
	}
	return 0;
}

/* "bind" or "rbind" among mount options. */
static bool
has_bind(const char *options)
{
	size_t len;

	for (; options != NULL && *options != '\0';
	    options += len + (options[len] == ',')) {
		len = strcspn(options, ",");
		if ((len == 4 && memcmp(options, "bind", 4) == 0) ||
		    (len == 5 && memcmp(options, "rbind", 5) == 0))
			return true;
	}
	return false;
}

/* The host folder that a volume of the local driver is, or NULL. */
static char *
device_of(struct compose_project *project,
    const struct compose_volume *volume)
{
	const struct canonical_paths paths = { project->working_dir,
	    pairs_get(&project->environment, "HOME") };
	const char *device = pairs_get(&volume->options, "device");
	struct buf path = BUF_EMPTY;
	char *kept;

	if (device == NULL || !has_bind(pairs_get(&volume->options, "o")) ||
	    (*volume->driver != '\0' && strcmp(volume->driver, "local") != 0))
		return NULL;
	canonical_path(&paths, device, &path);
	kept = keep(project, buf_text(&path));
	buf_release(&path);
	return kept;
}

static int
fill_volumes(struct compose_project *project, struct yaml_node *merged,
    struct err *err)
{
	struct yaml_node *section = section_of(project, merged, "volumes",
	    err);
	struct compose_volume *volume;
	int is_external;
	uint32_t i;

	if (section == NULL)
		return -1;
	project->volumes = yaml_tree_take(project->tree, section->count,
	    sizeof(*project->volumes));
	for (i = 0; i < section->count; i++) {
		struct yaml_node *item = section->items[i].value;

		volume = &project->volumes[project->volume_count++];
		is_external = settle_name(project, item,
		    section->items[i].key, "volumes", err);
		if (is_external == -1)
			return -1;
		volume->key = keep(project, section->items[i].key);
		volume->name = fill_text(project, yaml_get(item, "name"), "");
		volume->driver = fill_text(project, yaml_get(item, "driver"),
		    "");
		volume->is_external = is_external;
		if (fill_pairs(&volume->options, yaml_get(item, "driver_opts"),
		    "driver_opts", err) == -1 ||
		    fill_pairs(&volume->labels, yaml_get(item, "labels"),
		    "labels", err) == -1)
			return err_context(err, "volumes.%s", volume->key);
		volume->device_path = device_of(project, volume);
	}
	return 0;
}

/* Secrets or configs. */
static int
fill_secrets(struct compose_project *project, struct yaml_node *merged,
    const char *what, struct err *err)
{
	struct yaml_node *section = section_of(project, merged, what, err);
	struct compose_secret *secrets;
	int is_external;
	uint32_t i;

	if (section == NULL)
		return -1;
	secrets = yaml_tree_take(project->tree, section->count,
	    sizeof(*secrets));
	for (i = 0; i < section->count; i++) {
		struct yaml_node *item = section->items[i].value;

		is_external = settle_name(project, item,
		    section->items[i].key, what, err);
		if (is_external == -1)
			return -1;
		secrets[i].key = keep(project, section->items[i].key);
		secrets[i].name = fill_text(project, yaml_get(item, "name"),
		    "");
		secrets[i].file = fill_text(project, yaml_get(item, "file"),
		    NULL);
		secrets[i].environment = fill_text(project,
		    yaml_get(item, "environment"), NULL);
		secrets[i].has_content = yaml_some(item, "content") != NULL;
		secrets[i].is_external = is_external;
	}
	if (strcmp(what, "secrets") == 0) {
		project->secrets = secrets;
		project->secret_count = section->count;
	} else {
		project->configs = secrets;
		project->config_count = section->count;
	}
	return 0;
}

/* ---- services */

static bool
is_active(const char *profile, const char *const *profiles, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(profiles[i], "*") == 0 ||
		    strcmp(profiles[i], profile) == 0)
			return true;
	return false;
}

static void
apply_profiles(struct compose_service *service, const char *const *profiles,
    size_t count)
{
	size_t i;

	service->is_enabled = service->profile_count == 0;
	for (i = 0; i < service->profile_count; i++)
		if (is_active(service->profiles[i], profiles, count))
			service->is_enabled = true;
	service->is_profiled_out = !service->is_enabled;
}

/* Whom nobody gave a network is on "default", which then exists. */
static bool
join_default(struct compose_project *project, struct yaml_node *item)
{
	const struct yaml_node *given = yaml_some(item, "networks");
	struct yaml_node *networks;

	if (yaml_some(item, "network_mode") != NULL ||
	    yaml_some(item, "provider") != NULL)
		return false;
	if (given != NULL && given->count > 0)
		return yaml_get(given, "default") != NULL;
	networks = yaml_map(project->tree);
	yaml_put(project->tree, networks, "default",
	    yaml_null(project->tree));
	yaml_put(project->tree, item, "networks", networks);
	return true;
}

static int
fill_services(struct compose_project *project, struct yaml_node *merged,
    struct err *err)
{
	struct yaml_node *section = section_of(project, merged, "services",
	    err);
	struct compose_service *service;
	size_t edges = 0;
	uint32_t i;

	if (section == NULL)
		return -1;
	if (section->count > COMPOSE_SERVICES_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "more than %d services", COMPOSE_SERVICES_MAX);
	project->services = yaml_tree_take(project->tree, section->count,
	    sizeof(*project->services));
	for (i = 0; i < section->count; i++) {
		service = &project->services[project->service_count++];
		service->name = keep(project, section->items[i].key);
		if (fill_service(project, service, section->items[i].value,
		    err) == -1)
			return -1;
		edges += service->edge_count;
		if (edges > COMPOSE_EDGES_MAX)
			return err_set(err, ERR_LIMIT, 0,
			    "more than %d dependencies", COMPOSE_EDGES_MAX);
	}
	return 0;
}

/* Before the sections are read: what Compose adds by itself. */
static void
add_default_network(struct compose_project *project,
    struct yaml_node *merged)
{
	const struct yaml_node *services = yaml_some(merged, "services");
	struct yaml_node *networks = yaml_some(merged, "networks");
	bool is_used = false;
	uint32_t i;

	for (i = 0; services != NULL && i < services->count; i++) {
		if (services->items[i].value->kind == YAML_NULL)
			services->items[i].value = yaml_map(project->tree);
		if (join_default(project, services->items[i].value))
			is_used = true;
	}
	if (!is_used)
		return;
	if (networks == NULL) {
		networks = yaml_map(project->tree);
		yaml_put(project->tree, merged, "networks", networks);
	}
	if (yaml_some(networks, "default") == NULL)
		yaml_put(project->tree, networks, "default",
		    yaml_map(project->tree));
}

int
fill_project(struct compose_project *project, struct yaml_node *merged,
    const char *const *profiles, size_t profile_count, struct err *err)
{
	size_t i;

	project->model = merged;
	yaml_put(project->tree, merged, "name",
	    yaml_text(project->tree, project->name));
	add_default_network(project, merged);
	if (fill_services(project, merged, err) == -1 ||
	    fill_networks(project, merged, err) == -1 ||
	    fill_volumes(project, merged, err) == -1 ||
	    fill_secrets(project, merged, "secrets", err) == -1 ||
	    fill_secrets(project, merged, "configs", err) == -1)
		return -1;
	for (i = 0; i < project->service_count; i++)
		apply_profiles(&project->services[i], profiles,
		    profile_count);
	return 0;
}
