/* SPDX-License-Identifier: BSD-2-Clause */
/* startup-order: the order in which a project's services come up. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "compose/graph.h"
#include "docker/root.h"
#include "from_host.h"
#include "io/io.h"
#include "io/seal.h"
#include "output.h"
#include "print.h"

struct options {
	bool from_host;
	const char *project;
	const char *data_root;
	struct cli_list services;
	bool reverse;
	const char *format;
	const char *output;
};

static const char *const synopsis[] = {
	"--from-host [--project NAME] [--format FORMAT]",
	NULL
};

static void
warn(void *ctx, const char *text)
{
	cli_warn(ctx, "%s", text);
}

/* ------------------------------------------------------------ from a host */

static void
list_projects(struct cli *cli, const struct host_project *list, size_t count)
{
	char name[ESCAPE_NAME_MAX], dir[ESCAPE_NAME_MAX];
	struct cli_json j;
	size_t i;

	for (i = 0; i < count; i++) {
		cli_out(cli, "%-24s %3zu services  %s",
		    escape_name(list[i].name, name), list[i].services,
		    escape_name(list[i].working_dir, dir));
		cli_json_open(&j, "project");
		cli_json_text(&j, "project", list[i].name);
		cli_json_u64(&j, "services", list[i].services);
		cli_json_u64(&j, "containers", list[i].containers);
		cli_json_text(&j, "working_dir", list[i].working_dir);
		cli_json_text(&j, "config_files", list[i].config_files);
		cli_json_emit(&j, cli);
	}
}

/* *graph stays NULL when the projects were listed instead. */
static int
choose_project(struct cli *cli, const struct options *o,
    const struct host *host, struct graph **graph, struct err *err)
{
	const struct host_calls calls = { cli, warn };
	size_t count;
	struct host_project *list = host_projects(host, &count);
	const char *name = o->project;
	int ret = -1;

	if (name == NULL && count == 0) {
		err_set(err, ERR_NOT_FOUND, 0, "no container of a Compose "
		    "project is on record there (%zu other containers)",
		    host->strangers);
		goto out;
	}
	if (name == NULL && count > 1) {
		list_projects(cli, list, count);
		cli_say(cli, "choose one with --project NAME");
		ret = 0;
		goto out;
	}
	*graph = host_graph(host, name != NULL ? name : list[0].name, &calls,
	    err);
	if (*graph != NULL)
		ret = 0;
out:
	free(list);
	return ret;
}

/*
 * The folder of containers' records.  A data-root whose volumes were saved
 * apart still has them, so that folder alone is enough here.
 */
static int
open_records(const char *data_root, int *fd, struct err *err)
{
	struct docker_root root = { .volumes_fd = -1, .containers_fd = -1 };
	struct docker_places places;
	char *path;

	docker_places_init(&places, data_root);
	if (docker_root_open(&places, &root, err) == 0) {
		*fd = root.containers_fd;
		root.containers_fd = -1;
		docker_root_close(&root);
		if (*fd == -1)
			return err_set(err, ERR_NOT_FOUND, 0, "there is no "
			    "folder 'containers' beside the volumes");
		return 0;
	}
	if (data_root == NULL)
		return -1;
	path = mem_format("%s/containers", data_root);
	*fd = io_open_typed(path, O_RDONLY | O_DIRECTORY, 0);
	free(path);
	return *fd == -1 ? -1 : 0;
}

static int
read_host(struct cli *cli, const struct options *o, struct graph **graph,
    struct err *err)
{
	const struct host_calls calls = { cli, warn };
	struct host host = HOST_EMPTY;
	int ret = -1, fd;

	if (open_records(o->data_root, &fd, err) == -1)
		return -1;
	if (host_read(fd, &calls, &host, err) == 0)
		ret = choose_project(cli, o, &host, graph, err);
	host_release(&host);
	(void)io_close(fd);	/* read-only: nothing to lose */
	return ret;
}

/* ------------------------------------------------------------- the answer */

struct format {
	const char *name;
	void (*print)(struct buf *out, const struct answer *a);
};

static const struct format formats[] = {
	{ "text", print_text },
	{ "dot", print_dot },
	{ "mermaid", print_mermaid },
	{ "svg", print_svg },
	{ NULL, NULL }
};

static int
put_answer(struct cli *cli, const struct options *o, const struct answer *a,
    struct err *err)
{
	const struct format *format = formats;
	struct buf out = BUF_EMPTY;
	int ret = 0;

	if (cli->json) {
		print_json(cli, a);
		return 0;
	}
	while (strcmp(format->name, o->format) != 0)
		format++;
	format->print(&out, a);
	if (o->output != NULL) {
		ret = output_write(o->output, &out, err);
	} else {
		buf_cut(&out, out.len - 1);	/* cli_out() ends the line */
		cli_out(cli, "%s", buf_text(&out));
	}
	buf_release(&out);
	return ret;
}

static void
warn_missing(struct cli *cli, const struct graph *g)
{
	char from[ESCAPE_NAME_MAX], to[ESCAPE_NAME_MAX];
	size_t i;

	for (i = 0; i < g->missing_count; i++) {
		const struct graph_missing *m = &g->missing[i];

		escape_name(m->from, from);
		escape_name(m->to, to);
		if (m->condition == GRAPH_COMPLETED)
			cli_warn(cli, "%s waits for the end of %s, which is "
			    "not there any more: taken as done", from, to);
		else
			cli_warn(cli, "%s does not wait for %s, which is "
			    "optional and not there", from, to);
	}
}

static int
answer(struct cli *cli, const struct options *o, const struct graph *graph,
    struct err *err)
{
	struct graph *turned = o->reverse ? graph_reversed(graph) : NULL;
	const struct graph *g = turned != NULL ? turned : graph;
	struct graph_groups layers = GRAPH_GROUPS_EMPTY;
	struct graph_path path = { .steps = NULL };
	const struct answer a = { g, &layers, &path, o->reverse,
	    o->from_host };
	int ret = -1;

	if (graph_layers(g, &layers, err) == -1 ||
	    graph_critical_path(g, &path, err) == -1)
		goto out;
	ret = put_answer(cli, o, &a, err);
out:
	graph_path_release(&path);
	graph_groups_release(&layers);
	graph_free(turned);
	return ret;
}

/* -------------------------------------------------------------------- run */

static int
check_options(struct cli *cli, struct options *o, struct err *err)
{
	const struct format *format = formats;
	char shown[ESCAPE_NAME_MAX];

	if (cli->arg_count > 0)
		return err_set(err, ERR_USAGE, 0, "'%s': files are given "
		    "with --file, services with --for",
		    escape_name(cli->args[0], shown));
	if (o->format != NULL && strcmp(o->format, "json") == 0)
		cli->json = true;
	else if (o->format != NULL && cli->json)
		return err_set(err, ERR_USAGE, 0,
		    "--json and --format say different things");
	if (o->format == NULL)
		o->format = "text";
	while (!cli->json && format->name != NULL &&
	    strcmp(format->name, o->format) != 0)
		format++;
	if (format->name == NULL)
		return err_set(err, ERR_USAGE, 0, "--format %s: not one of "
		    "text, json, dot, mermaid, svg", escape_name(o->format, shown));
	if (o->output != NULL && cli->json)
		return err_set(err, ERR_USAGE, 0,
		    "--output does not go with JSON, which is for stdout");
	return 0;
}

static int
run(struct cli *cli, struct options *o, struct err *err)
{
	struct graph *graph = NULL, *part;
	int ret = -1;

	if (check_options(cli, o, err) == -1 ||
	    read_host(cli, o, &graph, err) == -1)
		return -1;
	if (graph == NULL)
		return 0;
	if (o->services.count > 0) {
		part = graph_subgraph(graph, o->services.items,
		    o->services.count, GRAPH_WITH_NEEDS, err);
		if (part == NULL)
			goto out;
		graph_free(graph);
		graph = part;
	}
	warn_missing(cli, graph);
	ret = answer(cli, o, graph, err);
out:
	graph_free(graph);
	return ret;
}

/* Filled by the table below, then only read. */
static struct options options;

static const struct cli_opt opts[] = {
	{ CLI_OPT_FLAG, 0, "from-host", NULL,
	    "from the records of containers in the data-root",
	    { .flag = &options.from_host } },
	{ CLI_OPT_TEXT, 'p', "project", "NAME",
	    "the project, where the host has several",
	    { .text = &options.project } },
	{ CLI_OPT_TEXT, 0, "data-root", "DIR",
	    "Docker's data-root", { .text = &options.data_root } },
	{ CLI_OPT_LIST, 0, "for", "SERVICE",
	    "only this one and what it needs",
	    { .list = &options.services } },
	{ CLI_OPT_FLAG, 0, "reverse", NULL,
	    "the order of stopping", { .flag = &options.reverse } },
	{ CLI_OPT_TEXT, 0, "format", "FORMAT",
	    "text, json, dot, mermaid or svg", { .text = &options.format } },
	{ CLI_OPT_TEXT, 'o', "output", "FILE",
	    "write the answer there", { .text = &options.output } },
	{ .kind = CLI_OPT_END },
};

static const struct cli_tool tool = {
	"startup-order", "Say in which order a project's services come up, "
	"and bring them up.", synopsis, opts
};

int
main(int argc, char **argv)
{
	struct cli cli;
	struct err err;

	if (cli_parse(&cli, &tool, argc, argv, &err) != CLI_RUN)
		return cli_finish(&cli, &err);
	(void)seal_network();
	if (run(&cli, &options, &err) == 0)
		err_clear(&err);
	return cli_finish(&cli, &err);
}
