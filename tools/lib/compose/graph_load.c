/* SPDX-License-Identifier: BSD-2-Clause */
/* From a loaded Compose project to a graph; see graph.h. */
#include "compose/graph.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "compose/project.h"

static uint64_t
ms_of(uint64_t ns, uint64_t otherwise_ms)
{
	return ns == 0 ? otherwise_ms : ns / 1000000 + (ns % 1000000 != 0);
}

static void
take_health(const struct compose_healthcheck *from, struct graph_node *node)
{
	node->health.interval_ms = ms_of(from->interval_ns,
	    GRAPH_HEALTH_INTERVAL_MS);
	node->health.timeout_ms = ms_of(from->timeout_ns,
	    GRAPH_HEALTH_TIMEOUT_MS);
	node->health.start_period_ms = ms_of(from->start_period_ns, 0);
	node->health.retries = from->retries == 0 ? GRAPH_HEALTH_RETRIES :
	    from->retries;
	if (from->is_disabled)
		node->health_known = GRAPH_HEALTH_NONE;
	else if (from->is_present)
		node->health_known = GRAPH_HEALTH_SET;
	else
		node->health_known = GRAPH_HEALTH_UNKNOWN;
}

static int
take_service(struct graph *g, const struct compose_service *service,
    struct err *err)
{
	struct graph_node *node = graph_add_service(g, service->name);

	if (node == NULL)
		return err_set(err, ERR_LIMIT, 0, "more than %d services",
		    GRAPH_NODES_MAX);
	if (service->image != NULL)
		graph_set_text(&node->image, service->image);
	if (service->restart[0] != '\0')
		graph_set_text(&node->restart_policy, service->restart);
	node->replicas = service->has_provider ? 0 : service->replicas;
	take_health(&service->health, node);
	return 0;
}

/* Compose's own words for a dependency that a profile keeps out. */
static int
refuse_disabled(const struct compose_service *service,
    const struct compose_service *target, struct err *err)
{
	char a[ESCAPE_NAME_MAX], b[ESCAPE_NAME_MAX];
	struct buf profiles = BUF_EMPTY;
	size_t i;

	for (i = 0; i < target->profile_count; i++) {
		if (i > 0)
			buf_byte(&profiles, ' ');
		escape_text(&profiles, target->profiles[i],
		    strlen(target->profiles[i]));
	}
	err_set(err, ERR_NOT_FOUND, 0, "service \"%s\" is required by \"%s\" "
	    "but is disabled. Can be enabled by profiles [%s]",
	    escape_name(target->name, a), escape_name(service->name, b),
	    buf_text(&profiles));
	buf_release(&profiles);
	return -1;
}

static int
take_edge(struct graph *g, const struct compose_project *project,
    const struct compose_service *service, const struct compose_edge *edge,
    struct err *err)
{
	static const enum graph_condition conditions[] = {
		[COMPOSE_STARTED] = GRAPH_STARTED,
		[COMPOSE_HEALTHY] = GRAPH_HEALTHY,
		[COMPOSE_COMPLETED] = GRAPH_COMPLETED,
	};
	static const enum graph_kind kinds[] = {
		[COMPOSE_DEPENDS_ON] = GRAPH_DEPENDS_ON,
		[COMPOSE_LINKS] = GRAPH_LINK,
		[COMPOSE_NETWORK_MODE] = GRAPH_NETWORK_MODE,
		[COMPOSE_IPC] = GRAPH_IPC,
		[COMPOSE_PID] = GRAPH_PID,
		[COMPOSE_UTS] = GRAPH_UTS,
		[COMPOSE_CGROUP] = GRAPH_CGROUP,
		[COMPOSE_VOLUMES_FROM] = GRAPH_VOLUMES_FROM,
	};
	const struct compose_service *target = compose_service(project,
	    edge->service);
	struct graph_wish wish = {
		.from = service->name, .to = edge->service,
		.condition = conditions[edge->condition],
		.kind = kinds[edge->why],
		.required = edge->is_required, .restart = edge->restarts,
	};

	if (target != NULL && target->is_profiled_out && edge->is_required)
		return refuse_disabled(service, target, err);
	return graph_add_edge(g, &wish, err);
}

static int
take_all(struct graph *g, const struct compose_project *project,
    struct err *err)
{
	size_t i, k;

	for (i = 0; i < project->service_count; i++) {
		const struct compose_service *service = &project->services[i];

		if (!service->is_enabled)
			continue;
		if (take_service(g, service, err) == -1)
			return -1;
		for (k = 0; k < service->edge_count; k++)
			if (take_edge(g, project, service,
			    &service->edges[k], err) == -1)
				return -1;
	}
	return graph_seal(g, err);
}

struct graph *
graph_from_project(const struct compose_project *project, struct err *err)
{
	struct graph *g = graph_new(project->name);

	if (take_all(g, project, err) == -1) {
		graph_free(g);
		return NULL;
	}
	return g;
}
