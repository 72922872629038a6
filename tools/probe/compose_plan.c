/* SPDX-License-Identifier: BSD-2-Clause */
/* A Compose project as a plan; see compose_plan.h. */
#include "compose_plan.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/pairs.h"
#include "check.h"
#include "compose/graph.h"
#include "compose/project.h"
#include "container_mounts.h"
#include "docker/engine_container.h"
#include "plan.h"
#include "site.h"

#define HOST_STAGE "host"
#define PORT_STAGE "ports"
#define REPLICAS_MAX 1000	/* of one service; the plan's limit is less */

struct work {
	struct plan *plan;
	const struct compose_project *project;
	struct graph *graph;
	struct engine_project containers;	/* empty: none is known */
	size_t container_count;	/* that are checked */
};

static void
expect(struct draft *d, const char *key, const char *value)
{
	plan_term(d, CHECK_EXPECT, &(struct check_term){ key, NULL, value,
	    0 });
}

static void
warn_of(struct draft *d, const char *key, const char *value)
{
	plan_term(d, CHECK_WARN, &(struct check_term){ key, NULL, value, 0 });
}

/* -------------------------------------------------------------------- host */

/* The check of a path, made once; its name is the caller's to free. */
static char *
path_check(struct work *w, const char *path, const char *kind,
    bool is_secret)
{
	char *name = mem_format("path://%s", path);
	struct draft *d;

	if (!plan_has(w->plan, name)) {
		d = plan_add(w->plan, HOST_STAGE, name, name);
		if (kind != NULL)
			expect(d, "kind", kind);
		if (is_secret)
			warn_of(d, "private", "true");
	}
	return name;
}

static const struct compose_volume *
volume_of(const struct compose_project *project, const char *key)
{
	size_t i;

	for (i = 0; i < project->volume_count; i++)
		if (strcmp(project->volumes[i].key, key) == 0)
			return &project->volumes[i];
	return NULL;
}

/*
 * An empty volume may be as it should be (a cache), or all that is wrong: a
 * warning.  One that is missing has failed.
 */
static char *
volume_check(struct work *w, const char *key)
{
	const struct compose_volume *v = volume_of(w->project, key);
	char *name;

	if (v == NULL)
		return NULL;
	name = mem_format("volume://%s", v->name);
	if (!plan_has(w->plan, name))
		warn_of(plan_add(w->plan, HOST_STAGE, name, name), "empty",
		    "false");
	return name;
}

static bool
ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), want = strlen(end);

	return len >= want && strcmp(text + len - want, end) == 0;
}

static char *
mount_check(struct work *w, const struct compose_mount *m)
{
	if (m->type == COMPOSE_MOUNT_VOLUME && *m->source != '\0')
		return volume_check(w, m->source);
	if (m->type != COMPOSE_MOUNT_BIND)
		return NULL;
	return path_check(w, m->source, ends_in(m->source, ".sock") ?
	    "socket" : container_mounts_is_file(m->target) ? "file" : NULL,
	    false);
}

static char *
grant_check(struct work *w, const struct compose_grant *grant,
    const struct compose_secret *list, size_t count, bool is_secret)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(list[i].key, grant->source) == 0)
			return list[i].file == NULL ? NULL :
			    path_check(w, list[i].file, "file", is_secret);
	return NULL;
}

/* Names of the host's checks that a service needs; each may be NULL. */
struct names {
	char **list;
	size_t count;
};

static void
add_name(struct names *names, char *name)
{
	if (name == NULL)
		return;
	names->list = mem_resize(names->list, names->count + 1,
	    sizeof *names->list);
	names->list[names->count++] = name;
}

static void
release_names(struct names *names)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
}

static void
host_checks(struct work *w, const struct compose_service *s,
    struct names *names)
{
	const struct compose_project *p = w->project;
	size_t i;

	for (i = 0; i < s->mount_count; i++)
		add_name(names, mount_check(w, &s->mounts[i]));
	for (i = 0; i < s->secret_count; i++)
		add_name(names, grant_check(w, &s->secrets[i], p->secrets,
		    p->secret_count, true));
	for (i = 0; i < s->config_count; i++)
		add_name(names, grant_check(w, &s->configs[i], p->configs,
		    p->config_count, false));
}

/* ---------------------------------------------------------------- services */

/* "api", or "api 2" where there are several. */
static char *
replica_name(const struct compose_service *s, uint64_t n, uint64_t count)
{
	return count == 1 ? mem_text(s->name) :
	    mem_format("%s %llu", s->name, (unsigned long long)n);
}

/* The engine's name for the nth container of a service, else Compose's. */
static char *
container_name(const struct work *w, const struct compose_service *s,
    uint64_t n)
{
	const struct engine_project *c = &w->containers;
	size_t i;
	uint64_t seen = 0;

	if (s->container_name != NULL)
		return mem_text(s->container_name);
	for (i = 0; i < c->count; i++)
		if (strcmp(c->list[i].service, s->name) == 0 && ++seen == n)
			return mem_text(c->list[i].name);
	return mem_format("%s-%s-%llu", w->project->name, s->name,
	    (unsigned long long)n);
}

static uint64_t
replicas_of(const struct compose_service *s)
{
	if (s->has_provider)
		return 0;
	return s->replicas > REPLICAS_MAX ? REPLICAS_MAX : s->replicas;
}

static void
need_service(struct draft *d, const struct compose_service *s)
{
	uint64_t count = replicas_of(s), n;

	for (n = 1; n <= count; n++) {
		char *name = replica_name(s, n, count);

		plan_need(d, name);
		free(name);
	}
}

static void
add_terms(const struct work *w, const struct compose_service *s, size_t node,
    struct draft *d)
{
	size_t i;

	if (w->graph->nodes[node].is_one_shot)
		expect(d, "state", "completed");
	else if (s->health.is_present && !s->health.is_disabled)
		expect(d, "health", "healthy");
	for (i = 0; i < s->mount_count; i++)
		if (s->mounts[i].type == COMPOSE_MOUNT_BIND ||
		    s->mounts[i].type == COMPOSE_MOUNT_VOLUME)
			expect(d, "mount", s->mounts[i].target);
}

static void
add_dependencies(const struct work *w, size_t node, struct draft *d)
{
	size_t count, i;
	const size_t *edges = graph_needs(w->graph, node, &count);

	for (i = 0; i < count; i++) {
		const struct graph_edge *edge = &w->graph->edges[edges[i]];

		if (edge->required)
			need_service(d, compose_service(w->project,
			    w->graph->nodes[edge->to].name));
	}
}

static void
service_checks(struct work *w, size_t node, const char *stage)
{
	const struct compose_service *s = compose_service(w->project,
	    w->graph->nodes[node].name);
	uint64_t count = replicas_of(s), n;
	struct names names = { NULL, 0 };
	size_t i;

	host_checks(w, s, &names);
	for (n = 1; n <= count; n++) {
		char *container = container_name(w, s, n);
		char *target = mem_format("docker://%s", container);
		char *name = replica_name(s, n, count);
		struct draft *d = plan_add(w->plan, stage, name, target);

		w->container_count++;
		add_terms(w, s, node, d);
		add_dependencies(w, node, d);
		for (i = 0; i < names.count; i++)
			plan_need(d, names.list[i]);
		free(container);
		free(target);
		free(name);
	}
	release_names(&names);
}

/* ------------------------------------------------------------------- ports */

/* What speaks there, as far as image and port tell; else anything may. */
static const char *
scheme_of(const struct compose_service *s, uint64_t inner)
{
	const char *image = s->image != NULL ? s->image : "";

	if (inner == 5432 && strstr(image, "postg") != NULL &&
	    check_kind_of(URL_POSTGRES) != NULL)
		return "postgres";
	if (inner == 6379 && (strstr(image, "redis") != NULL ||
	    strstr(image, "valkey") != NULL) &&
	    check_kind_of(URL_REDIS) != NULL)
		return "redis";
	return check_kind_of(URL_TCP) != NULL ? "tcp" : NULL;
}

static void
port_check(struct work *w, const struct compose_service *s,
    const struct compose_port *port, uint64_t outer, uint64_t inner)
{
	const char *host = port->host_ip, *scheme = scheme_of(s, inner);
	bool is_6 = strchr(host, ':') != NULL;
	char *target, *name;
	struct draft *d;

	if (scheme == NULL)
		return;
	if (*host == '\0' || strcmp(host, "0.0.0.0") == 0)
		host = "127.0.0.1";
	else if (strcmp(host, "::") == 0)
		host = "::1";
	target = mem_format("%s://%s%s%s:%llu", scheme, is_6 ? "[" : "",
	    host, is_6 ? "]" : "", (unsigned long long)outer);
	name = mem_format("%s port %llu", s->name,
	    (unsigned long long)outer);
	/* The same port of another address. */
	if (plan_has(w->plan, name) && *port->host_ip != '\0') {
		free(name);
		name = mem_format("%s port %s:%llu", s->name, port->host_ip,
		    (unsigned long long)outer);
	}
	if (!plan_has(w->plan, name)) {
		d = plan_add(w->plan, PORT_STAGE, name, target);
		need_service(d, s);
		if (strcmp(scheme, "tcp") == 0)
			plan_term(d, CHECK_SET, &(struct check_term){
			    "published", NULL, s->health.is_present &&
			    !s->health.is_disabled ? "healthy" : "running",
			    0 });
	}
	free(target);
	free(name);
}

/* "8080" or "8080-8090". */
static bool
parse_range(const char *text, uint64_t *first, uint64_t *last)
{
	size_t len = strcspn(text, "-");

	if (!num_parse(text, len, 10, 65535, first))
		return false;
	*last = *first;
	return text[len] == '\0' || (num_parse(text + len + 1,
	    strlen(text + len + 1), 10, 65535, last) && *last >= *first);
}

static void
port_checks(struct work *w, const struct compose_service *s)
{
	uint64_t first, last, inner, inner_last, n;
	size_t i;

	/* Several replicas share a range in an order that nobody knows. */
	if (replicas_of(s) != 1)
		return;
	for (i = 0; i < s->port_count; i++) {
		const struct compose_port *port = &s->ports[i];

		if (strcmp(port->protocol, "tcp") != 0 ||
		    !parse_range(port->published, &first, &last) ||
		    !parse_range(port->target, &inner, &inner_last))
			continue;
		for (n = 0; n <= last - first && n < COMPOSE_PLAN_RANGE_MAX;
		    n++)
			port_check(w, s, port, first + n, inner + n);
	}
}

/* -------------------------------------------------------------------- plan */

static int
add_layers(struct work *w, struct err *err)
{
	struct graph_groups layers = GRAPH_GROUPS_EMPTY;
	size_t layer, i, count;

	if (graph_layers(w->graph, &layers, err) == -1)
		return -1;
	for (layer = 0; layer < layers.count; layer++) {
		const size_t *nodes = graph_group(&layers, layer, &count);
		char *stage = mem_format("layer %zu", layer + 1);

		for (i = 0; i < count; i++)
			service_checks(w, nodes[i], stage);
		free(stage);
	}
	graph_groups_release(&layers);
	for (i = 0; i < w->graph->node_count; i++)
		port_checks(w, compose_service(w->project,
		    w->graph->nodes[i].name));
	return 0;
}

static int
add_project(struct plan *plan, const struct compose_project *project,
    struct site *site, struct err *err)
{
	struct work w = { plan, project, NULL, { NULL, 0 }, 0 };
	enum engine_presence presence;
	struct engine *engine;
	struct err ignored;
	int ret;

	w.graph = graph_from_project(project, err);
	if (w.graph == NULL)
		return -1;
	if (site_engine(site, &engine, &presence, &ignored) == 0)
		(void)engine_project_list(engine, project->name,
		    &w.containers, &ignored);
	plan_add(plan, "engine", "docker-engine", "docker://");
	plan_stage(plan, HOST_STAGE);
	ret = add_layers(&w, err);
	engine_project_release(&w.containers);
	graph_free(w.graph);
	/* With nothing but the engine all would be green. */
	if (ret == 0 && w.container_count == 0)
		return err_set(err, ERR_DAMAGED, 0, "no service of this "
		    "project is to run: there is nothing to check");
	return ret;
}

int
compose_plan(struct plan *plan, const struct compose_plan *how,
    struct site *site, struct err *err)
{
	struct pairs environment = PAIRS_EMPTY;
	const struct compose_options options = {
		.files = how->files.items, .file_count = how->files.count,
		.project_name = how->project, .environment = &environment,
		.warn = how->warn, .warn_context = how->ctx,
	};
	struct compose_project *project = NULL;
	int ret;

	pairs_put_environment(&environment, environ);
	ret = compose_load(&options, &project, err);
	pairs_release(&environment);
	if (ret == 0) {
		ret = add_project(plan, project, site, err);
		compose_free(project);
	}
	return ret;
}
