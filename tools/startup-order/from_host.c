/* SPDX-License-Identifier: BSD-2-Clause */
/* Projects from the records of containers; see from_host.h. */
#include "from_host.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/watch.h"
#include "host_config.h"

#define LABEL "com.docker.compose."
#define ID_SHORT 12		/* characters; what people copy from a list */

static void __attribute__((format(printf, 2, 3)))
warn(const struct host_calls *calls, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) >= 0)
		calls->warn(calls->ctx, text);
	va_end(ap);
	free(text);
}

/* ---------------------------------------------------------------- reading */

static const char *
label(const struct container *c, const char *name)
{
	const char *value = pairs_get(&c->labels, name);

	return value != NULL ? value : "";
}

static void
container_forget(struct host_container *c)
{
	container_release(&c->base);
	free(c->network_mode);
	free(c->ipc_mode);
	free(c->pid_mode);
	host_list_release(&c->volumes_from);
	host_list_release(&c->links);
}

void
host_release(struct host *host)
{
	size_t i;

	for (i = 0; i < host->count; i++)
		container_forget(&host->list[i]);
	free(host->list);
	free(host->by_id);
	free(host->by_name);
	memset(host, 0, sizeof *host);
}

struct reading {
	int containers_fd;
	const struct host_calls *calls;
	struct host *host;
};

static void
skipped(void *ctx, const char *id, const struct err *why)
{
	struct reading *r = ctx;

	(void)id;
	r->host->skipped++;
	warn(r->calls, "%s; it is left out", why->text);
}

/* What the labels say, once base is filled. */
static void
read_labels(struct host_container *c)
{
	const struct container *base = &c->base;
	const char *number = label(base, LABEL "container-number");

	c->project = label(base, LABEL "project");
	c->service = label(base, LABEL "service");
	if (!num_parse(number, strlen(number), 10, UINT32_MAX, &c->number))
		c->number = 1;
	c->is_left_out = strcasecmp(label(base, LABEL "oneoff"), "true") == 0 ||
	    *label(base, LABEL "hook") != '\0';
}

static int
take(void *ctx, const struct container *seen, struct err *err)
{
	struct reading *r = ctx;
	struct host *host = r->host;
	struct host_container c = { .number = 1 };

	if (watch_step(r->calls->watch, 0, 1, err) == -1)
		return -1;
	if (*label(seen, LABEL "project") == '\0' ||
	    *label(seen, LABEL "service") == '\0') {
		host->strangers++;
		return 0;
	}
	/* Read again: what is handed to us goes away after the call. */
	if (container_read(r->containers_fd, seen->id, &c.base, err) == -1 ||
	    host_config_read(r->containers_fd, &c, err) == -1) {
		skipped(r, seen->id, err);
		err_clear(err);
		container_forget(&c);
		return 0;
	}
	read_labels(&c);
	host->list = mem_resize(host->list, host->count + 1,
	    sizeof *host->list);
	host->list[host->count++] = c;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct host_container *x = a, *y = b;
	int order = strcmp(x->project, y->project);

	if (order == 0)
		order = strcmp(x->service, y->service);
	if (order == 0 && x->number != y->number)
		order = x->number < y->number ? -1 : 1;
	return order != 0 ? order : strcmp(x->base.id, y->base.id);
}

static int
compare_ids(const void *a, const void *b, void *list)
{
	const struct host_container *c = list;

	return strcmp(c[*(const size_t *)a].base.id,
	    c[*(const size_t *)b].base.id);
}

static int
compare_names(const void *a, const void *b, void *list)
{
	const struct host_container *c = list;

	return strcmp(c[*(const size_t *)a].base.name,
	    c[*(const size_t *)b].base.name);
}

/* For find_container(): indices in another order. */
static size_t *
sorted(const struct host *host,
    int (*order)(const void *a, const void *b, void *list))
{
	size_t *list = mem_zero(host->count + 1, sizeof *list);
	size_t i;

	for (i = 0; i < host->count; i++)
		list[i] = i;
	if (host->count > 1)
		qsort_r(list, host->count, sizeof *list, order, host->list);
	return list;
}

int
host_read(int containers_fd, const struct host_calls *calls,
    struct host *host, struct err *err)
{
	struct reading r = { containers_fd, calls, host };
	const struct container_visitor visitor = { &r, take, skipped };

	if (container_each(containers_fd, &visitor, err) == -1)
		return -1;
	if (host->count > 1)
		qsort(host->list, host->count, sizeof *host->list, compare);
	host->by_id = sorted(host, compare_ids);
	host->by_name = sorted(host, compare_names);
	return 0;
}

struct host_project *
host_projects(const struct host *host, size_t *count)
{
	struct host_project *list = NULL, *last = NULL;
	const char *service = "";
	size_t i, n = 0;

	for (i = 0; i < host->count; i++) {
		const struct host_container *c = &host->list[i];

		if (c->is_left_out)
			continue;
		if (n == 0 || strcmp(last->name, c->project) != 0) {
			list = mem_resize(list, n + 1, sizeof *list);
			last = &list[n++];
			*last = (struct host_project){ .name = c->project,
			    .working_dir = label(&c->base,
			    LABEL "project.working_dir"),
			    .config_files = label(&c->base,
			    LABEL "project.config_files") };
			service = "";
		}
		if (strcmp(service, c->service) != 0)
			last->services++;
		service = c->service;
		last->containers++;
	}
	*count = n;
	return list;
}

/* ------------------------------------------------------------------ edges */

struct building {
	const struct host *host;
	const char *project;
	const struct host_calls *calls;
	struct graph *graph;
};

static int
add_edge(struct building *b, const struct graph_wish *wish, struct err *err)
{
	struct graph_wish kept = *wish;

	if (graph_find(b->graph, wish->to) == GRAPH_NONE &&
	    wish->condition == GRAPH_COMPLETED)
		kept.required = false;
	return graph_add_edge(b->graph, &kept, err);
}

/* A bare name is of the oldest labels: healthy where that can be asked. */
static enum graph_condition
condition_of(const struct graph *g, const char *service, const char *word)
{
	size_t node;

	if (strcmp(word, "service_healthy") == 0)
		return GRAPH_HEALTHY;
	if (strcmp(word, "service_completed_successfully") == 0)
		return GRAPH_COMPLETED;
	if (strcmp(word, "service_started") == 0)
		return GRAPH_STARTED;
	node = graph_find(g, service);
	return node != GRAPH_NONE &&
	    g->nodes[node].health_known == GRAPH_HEALTH_SET ? GRAPH_HEALTHY :
	    GRAPH_STARTED;
}

/* "db:service_healthy:true", "db:service_healthy" or "db" */
static int
add_label_edge(struct building *b, const char *service, char *item,
    struct err *err)
{
	char *word = strchr(item, ':'), *restart = NULL;
	struct graph_wish wish = { .from = service, .to = item,
	    .kind = GRAPH_DEPENDS_ON, .required = true };

	if (word != NULL) {
		*word++ = '\0';
		restart = strchr(word, ':');
	}
	if (restart != NULL)
		*restart++ = '\0';
	if (*item == '\0')
		return 0;
	wish.condition = condition_of(b->graph, item,
	    word != NULL ? word : "");
	wish.restart = word == NULL ||
	    (restart != NULL && strcmp(restart, "true") == 0);
	return add_edge(b, &wish, err);
}

static int
add_label_edges(struct building *b, const struct host_container *c,
    struct err *err)
{
	char *list = mem_text(label(&c->base, LABEL "depends_on"));
	char *rest = list, *item;
	int ret = 0;

	while (ret == 0 && (item = strsep(&rest, ",")) != NULL)
		ret = add_label_edge(b, c->service, item, err);
	free(list);
	return ret;
}

/*
 * The first in that order whose id, or name, is not before ref; NULL: none.
 * len is less than an id's or a name's own, maybe.
 */
static const struct host_container *
first_from(const struct host *host, const size_t *order, bool by_id,
    const char *ref, size_t len)
{
	size_t low = 0, high = host->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct container *c = &host->list[order[middle]].base;

		if (strncmp(by_id ? c->id : c->name, ref, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < host->count ? &host->list[order[low]] : NULL;
}

/* The container of that id (or its beginning) or name; NULL: none. */
static const struct host_container *
find_container(const struct host *host, const char *ref, size_t len)
{
	const struct host_container *c;

	if (len >= ID_SHORT) {
		c = first_from(host, host->by_id, true, ref, len);
		if (c != NULL && strncmp(c->base.id, ref, len) == 0)
			return c;
	}
	/* Of names with that beginning the shortest comes first. */
	c = first_from(host, host->by_name, false, ref, len);
	if (c != NULL && strlen(c->base.name) == len &&
	    strncmp(c->base.name, ref, len) == 0)
		return c;
	return NULL;
}

/* What c shares with, or takes from, the container ref. */
static int
add_shared(struct building *b, const struct host_container *c,
    enum graph_kind kind, const char *ref, size_t len, struct err *err)
{
	const struct host_container *to = find_container(b->host, ref, len);
	char own[ESCAPE_NAME_MAX], other[ESCAPE_NAME_MAX];
	char *name;

	if (to != NULL && strcmp(to->project, c->project) == 0) {
		if (strcmp(to->service, c->service) == 0)
			return 0;	/* one replica on another */
		return add_edge(b, &(struct graph_wish){ .from = c->service,
		    .to = to->service, .kind = kind, .required = true,
		    .restart = kind != GRAPH_VOLUMES_FROM }, err);
	}
	name = mem_format("%.*s", (int)(len > 64 ? 64 : len), ref);
	warn(b->calls, "%s needs (%s) the container %s, which %s",
	    escape_name(c->base.name, own), graph_kind_name(kind),
	    escape_name(to != NULL ? to->base.name : name, other),
	    to != NULL ? "is of another project" :
	    "is of no project, or gone");
	free(name);
	return 0;
}

static int
add_mode(struct building *b, const struct host_container *c,
    enum graph_kind kind, const char *mode, struct err *err)
{
	static const char prefix[] = "container:";

	if (strncmp(mode, prefix, strlen(prefix)) != 0)
		return 0;
	mode += strlen(prefix);
	return add_shared(b, c, kind, mode, strlen(mode), err);
}

static int
add_lists(struct building *b, const struct host_container *c,
    struct err *err)
{
	size_t i;

	for (i = 0; i < c->volumes_from.count; i++) {
		const char *item = c->volumes_from.items[i];

		/* "name:ro" */
		if (add_shared(b, c, GRAPH_VOLUMES_FROM, item,
		    strcspn(item, ":"), err) == -1)
			return -1;
	}
	for (i = 0; i < c->links.count; i++) {
		const char *item = c->links.items[i];

		/* "/shop_db_1:/shop_web_1/db" */
		item += *item == '/';
		if (add_shared(b, c, GRAPH_LINK, item, strcspn(item, ":"),
		    err) == -1)
			return -1;
	}
	return 0;
}

static int
add_edges(struct building *b, const struct host_container *c,
    struct err *err)
{
	if (add_label_edges(b, c, err) == -1 ||
	    add_mode(b, c, GRAPH_NETWORK_MODE, c->network_mode, err) == -1 ||
	    add_mode(b, c, GRAPH_IPC, c->ipc_mode, err) == -1 ||
	    add_mode(b, c, GRAPH_PID, c->pid_mode, err) == -1)
		return -1;
	return add_lists(b, c, err);
}

/* ------------------------------------------------------------------ graph */

static bool
is_part(const struct building *b, const struct host_container *c)
{
	return !c->is_left_out && strcmp(c->project, b->project) == 0;
}

static int
add_nodes(struct building *b, struct err *err)
{
	bool has_label = false;
	size_t i;

	for (i = 0; i < b->host->count; i++) {
		const struct host_container *c = &b->host->list[i];
		struct graph_node *node;

		if (!is_part(b, c))
			continue;
		node = graph_add_service(b->graph, c->service);
		if (node == NULL)
			return err_set(err, ERR_LIMIT, 0,
			    "more than %d services", GRAPH_NODES_MAX);
		graph_set_text(&node->image, c->base.image);
		if (*c->base.restart_policy != '\0')
			graph_set_text(&node->restart_policy,
			    c->base.restart_policy);
		node->health_known = c->health_known;
		node->health = c->health;
		graph_add_container(node, c->base.id, c->base.name,
		    c->number);
		node->replicas = node->container_count;
		has_label |= pairs_get(&c->base.labels,
		    LABEL "depends_on") != NULL;
	}
	if (b->graph->node_count > 0 && !has_label)
		warn(b->calls, "these containers were made by an old Compose "
		    "that records no depends_on: only links and what they "
		    "share is known, take the order from the project file");
	return 0;
}

static int
build(struct building *b, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	size_t i;

	if (add_nodes(b, err) == -1)
		return -1;
	if (b->graph->node_count == 0)
		return err_set(err, ERR_NOT_FOUND, 0, "no container of a "
		    "project '%s' is on record",
		    escape_name(b->project, shown));
	for (i = 0; i < b->host->count; i++)
		if (is_part(b, &b->host->list[i]) &&
		    add_edges(b, &b->host->list[i], err) == -1)
			return -1;
	return graph_seal(b->graph, err);
}

struct graph *
host_graph(const struct host *host, const char *project,
    const struct host_calls *calls, struct err *err)
{
	struct building b = { host, project, calls, graph_new(project) };

	if (build(&b, err) == -1) {
		graph_free(b.graph);
		return NULL;
	}
	return b.graph;
}
