/* SPDX-License-Identifier: BSD-2-Clause */
/* The answer as JSON lines; see print.h. */
#include "print.h"

#include <stdlib.h>

#include "cli/cli.h"

static void
emit_service(struct cli *cli, const struct answer *a, size_t node,
    size_t layer)
{
	const struct graph_node *n = &a->graph->nodes[node];
	struct cli_json j;

	cli_json_open(&j, "service");
	cli_json_text(&j, "service", n->name);
	cli_json_u64(&j, "layer", layer + 1);
	cli_json_text(&j, "image", n->image);
	cli_json_text(&j, "restart", n->restart_policy);
	cli_json_u64(&j, "replicas", n->replicas);
	cli_json_bool(&j, "one_shot", n->is_one_shot);
	cli_json_text(&j, "wanted", graph_condition_name(n->wanted));
	cli_json_bool(&j, "has_health_check",
	    n->health_known == GRAPH_HEALTH_SET);
	cli_json_bool(&j, "health_check_is_known",
	    n->health_known != GRAPH_HEALTH_UNKNOWN);
	cli_json_u64(&j, "healthy_within_ms", n->health_ms);
	cli_json_emit(&j, cli);
}

static void
emit_containers(struct cli *cli, const struct graph_node *n)
{
	struct cli_json j;
	size_t i;

	for (i = 0; i < n->container_count; i++) {
		cli_json_open(&j, "container");
		cli_json_text(&j, "service", n->name);
		cli_json_text(&j, "container", n->containers[i].name);
		cli_json_text(&j, "id", n->containers[i].id);
		cli_json_u64(&j, "number", n->containers[i].number);
		cli_json_emit(&j, cli);
	}
}

static void
emit_edges(struct cli *cli, const struct graph *g)
{
	struct cli_json j;
	size_t i;

	for (i = 0; i < g->edge_count; i++) {
		const struct graph_edge *edge = &g->edges[i];

		cli_json_open(&j, "edge");
		cli_json_text(&j, "service", g->nodes[edge->from].name);
		cli_json_text(&j, "after", g->nodes[edge->to].name);
		cli_json_text(&j, "condition",
		    graph_condition_name(edge->condition));
		cli_json_text(&j, "kind", graph_kind_name(edge->kind));
		cli_json_bool(&j, "required", edge->required);
		cli_json_bool(&j, "restart", edge->restart);
		cli_json_emit(&j, cli);
	}
	for (i = 0; i < g->missing_count; i++) {
		cli_json_open(&j, "missing");
		cli_json_text(&j, "service", g->missing[i].from);
		cli_json_text(&j, "after", g->missing[i].to);
		cli_json_text(&j, "condition",
		    graph_condition_name(g->missing[i].condition));
		cli_json_emit(&j, cli);
	}
}

static void
emit_path(struct cli *cli, const struct answer *a)
{
	struct cli_json j;
	size_t i;

	for (i = 0; i < a->path->count; i++) {
		const struct graph_step *step = &a->path->steps[i];

		cli_json_open(&j, "wait");
		cli_json_u64(&j, "step", i + 1);
		cli_json_text(&j, "service", a->graph->nodes[step->node].name);
		cli_json_u64(&j, "started_within_ms", step->start_ms);
		cli_json_emit(&j, cli);
	}
}

void
print_json(struct cli *cli, const struct answer *a)
{
	struct cli_json j;
	size_t layer, i, count;

	for (layer = 0; layer < a->layers->count; layer++) {
		const size_t *nodes = graph_group(a->layers, layer, &count);

		for (i = 0; i < count; i++) {
			emit_service(cli, a, nodes[i], layer);
			emit_containers(cli, &a->graph->nodes[nodes[i]]);
		}
	}
	emit_edges(cli, a->graph);
	if (!a->is_reversed)
		emit_path(cli, a);
	cli_json_open(&j, "order");
	cli_json_text(&j, "project", a->graph->project);
	cli_json_text(&j, "source", a->is_host ? "container records" :
	    "project files");
	cli_json_bool(&j, "reversed", a->is_reversed);
	cli_json_u64(&j, "services", a->graph->node_count);
	cli_json_u64(&j, "edges", a->graph->edge_count);
	cli_json_u64(&j, "layers", a->layers->count);
	if (!a->is_reversed) {
		cli_json_u64(&j, "longest_wait_ms", a->path->total_ms);
		cli_json_bool(&j, "is_bounded", a->path->is_bounded);
	}
	cli_json_emit(&j, cli);
}

void
print_json_cycles(struct cli *cli, const struct graph *g)
{
	struct graph_groups cycles = GRAPH_GROUPS_EMPTY;
	struct cli_json j;
	size_t *round = NULL;
	size_t i, k, count;

	graph_cycles(g, &cycles, &round);
	for (i = 0; i < cycles.count; i++) {
		const size_t *nodes = graph_group(&cycles, i, &count);

		for (k = 0; k < count; k++) {
			cli_json_open(&j, "cycle");
			cli_json_u64(&j, "cycle", i + 1);
			cli_json_u64(&j, "place", k + 1);
			cli_json_text(&j, "service", g->nodes[nodes[k]].name);
			/* The rest of a knot is on other ways round. */
			cli_json_bool(&j, "is_on_this_way", k < round[i]);
			cli_json_emit(&j, cli);
		}
	}
	graph_groups_release(&cycles);
	free(round);
}
