/* SPDX-License-Identifier: BSD-2-Clause */
/* One service: its edges, its health check, and what it needs of the host. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "compose/duration.h"
#include "compose/fill.h"
#include "compose/project.h"
#include "compose/yaml.h"
#include "compose/yaml_tree.h"

struct filler {
	struct compose_project *project;
	struct compose_service *service;
	struct yaml_node *item;
	const struct yaml_node *culprit;	/* where an error is */
	struct err *err;
};

static char *
text_of(struct filler *f, const struct yaml_node *map, const char *key,
    const char *otherwise)
{
	return fill_text(f->project, yaml_get(map, key), otherwise);
}

static void *
take(struct filler *f, size_t count, size_t size)
{
	return yaml_tree_take(f->project->tree, count, size);
}

/* The scalars of a list. */
static char **
texts_of(struct filler *f, const struct yaml_node *list, size_t *count)
{
	char **texts;
	uint32_t i;

	*count = 0;
	if (!yaml_is_list(list))
		return NULL;
	texts = take(f, list->count, sizeof(*texts));
	for (i = 0; i < list->count; i++)
		if (yaml_is_scalar(list->items[i].value))
			texts[(*count)++] = fill_text(f->project,
			    list->items[i].value, "");
	return texts;
}

static char **
keys_of(struct filler *f, const struct yaml_node *map, size_t *count)
{
	struct yaml_node name = { .kind = YAML_TEXT };
	char **texts;
	uint32_t i;

	*count = 0;
	if (!yaml_is_map(map))
		return NULL;
	texts = take(f, map->count, sizeof(*texts));
	for (i = 0; i < map->count; i++) {
		name.text = map->items[i].key;
		texts[(*count)++] = fill_text(f->project, &name, "");
	}
	return texts;
}

/* The maps of a list; *count is how many items there are at most. */
static const struct yaml_node *
maps_of(const struct filler *f, const char *key, size_t *count)
{
	const struct yaml_node *list = yaml_some(f->item, key);

	*count = yaml_is_list(list) ? list->count : 0;
	return list;
}

static int
truth(struct filler *f, const struct yaml_node *map, const char *key,
    bool otherwise, bool *result)
{
	const struct yaml_node *node = yaml_get(map, key);
	int value = fill_truth(node, key, otherwise, f->err);

	f->culprit = node;
	if (value == -1)
		return -1;
	*result = value;
	return 0;
}

static int
duration(struct filler *f, const struct yaml_node *map, const char *key,
    uint64_t *ns)
{
	const struct yaml_node *node = yaml_some(map, key);
	const char *text = yaml_scalar(node);
	char shown[ESCAPE_NAME_MAX];

	if (node == NULL || (text != NULL && duration_parse(text, ns)))
		return 0;
	f->culprit = node;
	return err_set(f->err, ERR_DAMAGED, 0,
	    "%s: invalid duration: \"%s\"", key,
	    text == NULL ? "" : escape_name(text, shown));
}

static int
number(struct filler *f, const struct yaml_node *map, const char *key,
    uint64_t *value)
{
	const struct yaml_node *node = yaml_some(map, key);
	const char *text = yaml_scalar(node);
	char shown[ESCAPE_NAME_MAX];

	if (node == NULL || (text != NULL &&
	    num_parse(text, strlen(text), 10, INT32_MAX, value)))
		return 0;
	f->culprit = node;
	return err_set(f->err, ERR_DAMAGED, 0, "%s: invalid number: \"%s\"",
	    key, text == NULL ? "" : escape_name(text, shown));
}

/* ---- edges */

static int
condition_of(struct filler *f, const struct yaml_node *node,
    enum compose_condition *condition)
{
	const char *text = yaml_scalar(node);
	char shown[ESCAPE_NAME_MAX];
	int i;

	*condition = COMPOSE_STARTED;
	if (node == NULL || node->kind == YAML_NULL)
		return 0;
	for (i = COMPOSE_STARTED; text != NULL && i <= COMPOSE_COMPLETED; i++) {
		*condition = (enum compose_condition)i;
		if (strcmp(text, compose_condition_name(*condition)) == 0)
			return 0;
	}
	f->culprit = node;
	return err_set(f->err, ERR_DAMAGED, 0, "condition: %s is none of "
	    "service_started, service_healthy, "
	    "service_completed_successfully",
	    text == NULL ? "" : escape_name(text, shown));
}

static int
explicit_edge(struct filler *f, const struct yaml_item *item)
{
	struct compose_edge *edge;
	char shown[ESCAPE_NAME_MAX];
	struct yaml_node name = { .kind = YAML_TEXT, .text = item->key };

	f->culprit = item->value;
	if (item->value->kind != YAML_NULL && !yaml_is_map(item->value))
		return err_set(f->err, ERR_DAMAGED, 0,
		    "depends_on.%s must be a mapping",
		    escape_name(item->key, shown));
	edge = &f->service->edges[f->service->edge_count++];
	edge->service = fill_text(f->project, &name, "");
	edge->why = COMPOSE_DEPENDS_ON;
	if (condition_of(f, yaml_get(item->value, "condition"),
	    &edge->condition) == -1 ||
	    truth(f, item->value, "required", true,
	    &edge->is_required) == -1 ||
	    truth(f, item->value, "restart", false, &edge->restarts) == -1)
		return err_context(f->err, "depends_on.%s",
		    escape_name(item->key, shown));
	return 0;
}

/* An edge that another key implies, unless there is one to that service. */
static void
implied_edge(struct filler *f, struct yaml_node *seen, const char *name,
    size_t len, enum compose_why why)
{
	const char *target = yaml_keep(f->project->tree, name, len);
	struct yaml_node text = { .kind = YAML_TEXT, .text = target };
	struct compose_edge *edge;

	if (yaml_get(seen, target) != NULL)
		return;
	yaml_put(f->project->tree, seen, target,
	    yaml_null(f->project->tree));
	edge = &f->service->edges[f->service->edge_count++];
	edge->service = fill_text(f->project, &text, "");
	edge->condition = COMPOSE_STARTED;
	edge->why = why;
	edge->is_required = true;
	edge->restarts = why != COMPOSE_VOLUMES_FROM;
}

/* "db" and "db:alias"; with two colons the whole text is a name. */
static void
link_edges(struct filler *f, struct yaml_node *seen)
{
	const struct yaml_node *links = yaml_some(f->item, "links");
	const char *link;
	size_t len;
	uint32_t i;

	for (i = 0; yaml_is_list(links) && i < links->count; i++) {
		link = yaml_scalar(links->items[i].value);
		if (link == NULL)
			continue;
		len = strcspn(link, ":");
		if (link[len] == ':' && strchr(link + len + 1, ':') != NULL)
			len = strlen(link);
		implied_edge(f, seen, link, len, COMPOSE_LINKS);
	}
}

static void
namespace_edges(struct filler *f, struct yaml_node *seen)
{
	static const char prefix[] = "service:";
	size_t len = sizeof(prefix) - 1;
	const char *mode;
	int why;

	for (why = COMPOSE_NETWORK_MODE; why <= COMPOSE_CGROUP; why++) {
		mode = yaml_scalar(yaml_get(f->item,
		    compose_why_name((enum compose_why)why)));
		if (mode != NULL && strncmp(mode, prefix, len) == 0)
			implied_edge(f, seen, mode + len, strlen(mode + len),
			    (enum compose_why)why);
	}
}

static void
volumes_from_edges(struct filler *f, struct yaml_node *seen)
{
	const struct yaml_node *list = yaml_some(f->item, "volumes_from");
	const char *from;
	uint32_t i;

	for (i = 0; yaml_is_list(list) && i < list->count; i++) {
		from = yaml_scalar(list->items[i].value);
		if (from != NULL && strncmp(from, "container:", 10) != 0)
			implied_edge(f, seen, from, strcspn(from, ":"),
			    COMPOSE_VOLUMES_FROM);
	}
}

static int
by_service(const void *a, const void *b)
{
	const struct compose_edge *x = a;
	const struct compose_edge *y = b;

	return strcmp(x->service, y->service);
}

static int
fill_edges(struct filler *f)
{
	static const char *const keys[] = { "depends_on", "links",
	    "volumes_from" };
	const struct yaml_node *depends = yaml_some(f->item, "depends_on");
	struct yaml_node *seen = yaml_map(f->project->tree);
	size_t room = 5;		/* network_mode ... cgroup */
	const struct yaml_node *list;
	uint32_t i;

	for (i = 0; i < 3; i++) {
		list = yaml_some(f->item, keys[i]);
		room += list == NULL ? 0 : list->count;
	}
	f->service->edges = take(f, room, sizeof(*f->service->edges));
	for (i = 0; depends != NULL && i < depends->count; i++) {
		if (explicit_edge(f, &depends->items[i]) == -1)
			return -1;
		yaml_put(f->project->tree, seen, depends->items[i].key,
		    yaml_null(f->project->tree));
	}
	link_edges(f, seen);
	namespace_edges(f, seen);
	volumes_from_edges(f, seen);
	qsort(f->service->edges, f->service->edge_count,
	    sizeof(*f->service->edges), by_service);
	return 0;
}

/* ---- health */

static int
fill_health(struct filler *f)
{
	const struct yaml_node *check = yaml_some(f->item, "healthcheck");
	struct compose_healthcheck *health = &f->service->health;

	if (check == NULL)
		return 0;
	health->test = texts_of(f, yaml_some(check, "test"),
	    &health->test_count);
	health->is_present = health->test_count > 0;
	if (truth(f, check, "disable", false, &health->is_disabled) == -1 ||
	    duration(f, check, "interval", &health->interval_ns) == -1 ||
	    duration(f, check, "timeout", &health->timeout_ns) == -1 ||
	    duration(f, check, "start_period",
	    &health->start_period_ns) == -1 ||
	    duration(f, check, "start_interval",
	    &health->start_interval_ns) == -1 ||
	    number(f, check, "retries", &health->retries) == -1)
		return err_context(f->err, "healthcheck");
	if (health->is_present && strcmp(health->test[0], "NONE") == 0)
		health->is_disabled = true;
	return 0;
}

/* ---- what it needs */

static enum compose_mount_type
mount_type(const char *name)
{
	if (strcmp(name, "bind") == 0)
		return COMPOSE_MOUNT_BIND;
	if (strcmp(name, "volume") == 0)
		return COMPOSE_MOUNT_VOLUME;
	if (strcmp(name, "tmpfs") == 0)
		return COMPOSE_MOUNT_TMPFS;
	return COMPOSE_MOUNT_OTHER;
}

static int
fill_mounts(struct filler *f)
{
	struct compose_service *service = f->service;
	const struct yaml_node *item;
	const struct yaml_node *list;
	struct compose_mount *mount;
	size_t count;
	size_t i;

	list = maps_of(f, "volumes", &count);
	service->mounts = take(f, count, sizeof(*service->mounts));
	for (i = 0; i < count; i++) {
		item = list->items[i].value;
		mount = &service->mounts[service->mount_count++];
		mount->type_name = text_of(f, item, "type", "volume");
		mount->type = mount_type(mount->type_name);
		mount->source = text_of(f, item, "source", "");
		mount->target = text_of(f, item, "target", "");
		if (truth(f, item, "read_only", false,
		    &mount->is_read_only) == -1 ||
		    truth(f, yaml_some(item, "bind"), "create_host_path",
		    false, &mount->creates_host_path) == -1)
			return err_context(f->err, "volumes[%zu]", i);
	}
	return 0;
}

static int
fill_env_files(struct filler *f)
{
	struct compose_service *service = f->service;
	const struct yaml_node *item;
	const struct yaml_node *list;
	struct compose_file_need *need;
	size_t count;
	size_t i;

	list = maps_of(f, "env_file", &count);
	service->env_files = take(f, count, sizeof(*service->env_files));
	for (i = 0; i < count; i++) {
		item = list->items[i].value;
		f->culprit = item;
		if (yaml_scalar(yaml_get(item, "path")) == NULL)
			return err_set(f->err, ERR_DAMAGED, 0,
			    "env_file[%zu].path is required", i);
		need = &service->env_files[service->env_file_count++];
		need->path = text_of(f, item, "path", "");
		if (truth(f, item, "required", true,
		    &need->is_required) == -1)
			return err_context(f->err, "env_file[%zu]", i);
	}
	return 0;
}

static struct compose_grant *
grants_of(struct filler *f, const char *key, size_t *count)
{
	const struct yaml_node *list = maps_of(f, key, count);
	struct compose_grant *grants = take(f, *count, sizeof(*grants));
	size_t i;

	for (i = 0; i < *count; i++) {
		grants[i].source = text_of(f, list->items[i].value, "source",
		    "");
		grants[i].target = text_of(f, list->items[i].value, "target",
		    "");
	}
	return grants;
}

static void
fill_ports(struct filler *f)
{
	struct compose_service *service = f->service;
	const struct yaml_node *item;
	const struct yaml_node *list;
	size_t i;

	list = maps_of(f, "ports", &service->port_count);
	service->ports = take(f, service->port_count,
	    sizeof(*service->ports));
	for (i = 0; i < service->port_count; i++) {
		item = list->items[i].value;
		service->ports[i] = (struct compose_port){
			text_of(f, item, "host_ip", ""),
			text_of(f, item, "published", ""),
			text_of(f, item, "target", ""),
			text_of(f, item, "protocol", "tcp"),
		};
	}
}

static void
fill_devices(struct filler *f)
{
	struct compose_service *service = f->service;
	const struct yaml_node *list;
	const char *source;
	size_t count;
	size_t i;

	list = maps_of(f, "devices", &count);
	service->devices = take(f, count, sizeof(*service->devices));
	for (i = 0; i < count; i++) {
		source = yaml_scalar(yaml_get(list->items[i].value, "source"));
		/* "vendor.com/class=name" is a CDI name, no path. */
		if (source != NULL && *source == '/')
			service->devices[service->device_count++] =
			    text_of(f, list->items[i].value, "source", "");
	}
}

static bool
has_items(const struct yaml_node *node)
{
	return node != NULL && node->count > 0;
}

static void
fill_plain(struct filler *f)
{
	struct compose_service *s = f->service;
	const struct yaml_node *build = yaml_some(f->item, "build");

	s->container_name = text_of(f, f->item, "container_name", NULL);
	s->image = text_of(f, f->item, "image", NULL);
	s->pull_policy = text_of(f, f->item, "pull_policy", "");
	s->platform = text_of(f, f->item, "platform", "");
	s->has_build = build != NULL;
	s->build_context = text_of(f, build, "context", NULL);
	s->dockerfile = text_of(f, build, "dockerfile", NULL);
	s->has_provider = yaml_some(f->item, "provider") != NULL;
	s->profiles = texts_of(f, yaml_some(f->item, "profiles"),
	    &s->profile_count);
	s->restart = text_of(f, f->item, "restart", "");
	s->has_hooks = has_items(yaml_some(f->item, "post_start")) ||
	    has_items(yaml_some(f->item, "pre_stop"));
	s->has_init_steps = has_items(yaml_some(f->item, "pre_start"));
	s->label_files = texts_of(f, yaml_some(f->item, "label_file"),
	    &s->label_file_count);
	s->networks = keys_of(f, yaml_some(f->item, "networks"),
	    &s->network_count);
	s->credential_spec = text_of(f, yaml_some(f->item,
	    "credential_spec"), "file", NULL);
	s->secrets = grants_of(f, "secrets", &s->secret_count);
	s->configs = grants_of(f, "configs", &s->config_count);
}

int
fill_service(struct compose_project *project,
    struct compose_service *service, struct yaml_node *item, struct err *err)
{
	struct filler f = { project, service, item, item, err };
	char file[ESCAPE_NAME_MAX];
	char name[ESCAPE_NAME_MAX];

	service->model = item;
	service->replicas = 1;
	fill_plain(&f);
	fill_ports(&f);
	fill_devices(&f);
	if (number(&f, yaml_some(item, "deploy"), "replicas",
	    &service->replicas) == -1 ||
	    number(&f, item, "scale", &service->replicas) == -1 ||
	    duration(&f, item, "stop_grace_period",
	    &service->stop_grace_ns) == -1 ||
	    fill_health(&f) == -1 || fill_edges(&f) == -1 ||
	    fill_mounts(&f) == -1 || fill_env_files(&f) == -1)
		return err_context(err, "%s: line %u: services.%s",
		    escape_name(yaml_file_of(project->tree, f.culprit), file),
		    (unsigned)f.culprit->line,
		    escape_name(service->name, name));
	return 0;
}
