/* SPDX-License-Identifier: BSD-2-Clause */
/* Projects from files or from a host; see source.h. */
#include "source.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/pairs.h"
#include "compose/graph.h"
#include "compose/project.h"
#include "docker/root.h"
#include "io/io.h"

static void
warn(void *ctx, const char *text)
{
	cli_warn(ctx, "%s", text);
}

/* ------------------------------------------------------------------ files */

static int
open_files(struct cli *cli, const struct source_options *o,
    struct source *source, struct err *err)
{
	struct pairs environment = PAIRS_EMPTY;
	const struct compose_options options = {
		.files = o->files.items, .file_count = o->files.count,
		.project_name = o->project,
		.profiles = o->profiles.items,
		.profile_count = o->profiles.count,
		.environment = &environment,
		.env_files = o->env_files.items,
		.env_file_count = o->env_files.count,
		.warn = warn, .warn_context = cli,
	};
	int ret;

	pairs_put_environment(&environment, environ);
	ret = compose_load(&options, &source->project, err);
	pairs_release(&environment);
	if (ret == -1)
		return -1;
	source->name = mem_text(source->project->name);
	return compose_select(source->project, o->services.items,
	    o->services.count, err);
}

/* ------------------------------------------------------------------- host */

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

static void
list_projects(struct cli *cli, const struct host_project *list, size_t count)
{
	char name[ESCAPE_NAME_MAX], dir[ESCAPE_NAME_MAX];
	struct cli_json j;
	size_t i;

	for (i = 0; i < count; i++) {
		cli_out(cli, "%-24s %3zu service%-2s %s",
		    escape_name(list[i].name, name), list[i].services,
		    list[i].services == 1 ? "" : "s",
		    escape_name(list[i].working_dir, dir));
		cli_json_open(&j, "project");
		cli_json_text(&j, "project", list[i].name);
		cli_json_u64(&j, "services", list[i].services);
		cli_json_u64(&j, "containers", list[i].containers);
		cli_json_text(&j, "working_dir", list[i].working_dir);
		cli_json_text(&j, "config_files", list[i].config_files);
		cli_json_emit(&j, cli);
	}
	cli_say(cli, "choose one with --project NAME");
}

static int
choose_project(struct cli *cli, const struct source_options *o,
    struct source *source, struct err *err)
{
	size_t count;
	struct host_project *list = host_projects(&source->host, &count);
	int ret = 0;

	if (o->project != NULL)
		source->name = mem_text(o->project);
	else if (count == 1)
		source->name = mem_text(list[0].name);
	else if (count > 1)
		list_projects(cli, list, count);
	else
		ret = err_set(err, ERR_NOT_FOUND, 0, "no container of a "
		    "Compose project is on record there (%zu other "
		    "containers)", source->host.strangers);
	free(list);
	return ret;
}

static int
open_host(struct cli *cli, const struct source_options *o,
    struct source *source, struct err *err)
{
	const struct host_calls calls = { cli, warn, &cli->watch };
	int ret = -1, fd;

	if (open_records(o->data_root, &fd, err) == -1)
		return -1;
	if (host_read(fd, &calls, &source->host, err) == 0)
		ret = choose_project(cli, o, source, err);
	(void)io_close(fd);	/* read-only: nothing to lose */
	return ret;
}

int
source_open(struct cli *cli, const struct source_options *options,
    struct source *source, struct err *err)
{
	return options->from_host ? open_host(cli, options, source, err) :
	    open_files(cli, options, source, err);
}

/* ------------------------------------------------------------------ graph */

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
graph_of_host(struct cli *cli, struct source *source,
    const struct source_options *o, struct err *err)
{
	const struct host_calls calls = { cli, warn, &cli->watch };
	struct graph *part;

	source->graph = host_graph(&source->host, source->name, &calls, err);
	if (source->graph == NULL)
		return -1;
	if (o->services.count == 0)
		return 0;
	part = graph_subgraph(source->graph, o->services.items,
	    o->services.count, GRAPH_WITH_NEEDS, err);
	if (part == NULL)
		return -1;
	graph_free(source->graph);
	source->graph = part;
	return 0;
}

/* What Compose would refuse for another reason does not change the order. */
static int
graph_of_files(struct cli *cli, struct source *source, struct err *err)
{
	struct err why;

	source->graph = graph_from_project(source->project, err);
	if (source->graph == NULL)
		return -1;
	if (compose_check(source->project, &why) == -1)
		cli_warn(cli, "Compose would refuse this: %s", why.text);
	return 0;
}

int
source_graph(struct cli *cli, struct source *source,
    const struct source_options *options, struct err *err)
{
	if (source->project != NULL ?
	    graph_of_files(cli, source, err) == -1 :
	    graph_of_host(cli, source, options, err) == -1)
		return -1;
	warn_missing(cli, source->graph);
	return 0;
}

void
source_release(struct source *source)
{
	graph_free(source->graph);
	compose_free(source->project);
	host_release(&source->host);
	free(source->name);
}
