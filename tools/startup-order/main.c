/* SPDX-License-Identifier: BSD-2-Clause */
/* startup-order: the order in which a project's services come up. */
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "base/err.h"
#include "base/escape.h"
#include "cli/cli.h"
#include "compose/graph.h"
#include "io/output.h"
#include "io/seal.h"
#include "needs.h"
#include "print.h"
#include "source.h"

struct options {
	struct source_options source;
	struct act_options act;
	bool up;
	bool needs;
	bool reverse;
	bool missing_ok;
	const char *format;
	const char *output;
};

static const char *const synopsis[] = {
	"[-f FILE]... [--format FORMAT] [--for SERVICE]...",
	"--from-host [--project NAME] [--format FORMAT]",
	"[-f FILE]... | --from-host  --needs",
	"[-f FILE]... | --from-host  --up | --down | --plan",
	NULL
};

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

static const struct format *
find_format(const char *name)
{
	const struct format *format = formats;

	while (format->name != NULL && strcmp(format->name, name) != 0)
		format++;
	return format->name != NULL ? format : NULL;
}

static int
put_answer(struct cli *cli, const struct options *o, const struct answer *a,
    struct err *err)
{
	struct buf out = BUF_EMPTY;
	int ret = 0;

	if (cli->json) {
		print_json(cli, a);
		return 0;
	}
	find_format(o->format != NULL ? o->format : "text")->print(&out, a);
	if (o->output != NULL) {
		ret = output_write(o->output, &out, err);
		if (ret == -1)
			err_context(err, "--output");
	} else {
		buf_cut(&out, out.len - 1);	/* cli_out() ends the line */
		cli_out(cli, "%s", buf_text(&out));
	}
	buf_release(&out);
	return ret;
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
	    o->source.from_host };
	int ret = -1;

	if (graph_layers(g, &layers, err) == -1 ||
	    graph_critical_path(g, &path, err) == -1) {
		/* The error's text may have no room for all of them. */
		if (cli->json)
			print_json_cycles(cli, g);
		goto out;
	}
	ret = put_answer(cli, o, &a, err);
out:
	graph_path_release(&path);
	graph_groups_release(&layers);
	graph_free(turned);
	return ret;
}

/* -------------------------------------------------------------------- run */

static bool
acts(const struct options *o)
{
	return o->up || o->act.down || o->act.plan;
}

static int
act(struct cli *cli, const struct options *o, const struct source *source,
    const struct needs_question *question, struct err *err)
{
	struct act_options how = o->act;
	struct graph_groups layers = GRAPH_GROUPS_EMPTY;

	/* For its refusal of cycles. */
	if (graph_layers(source->graph, &layers, err) == -1)
		return -1;
	graph_groups_release(&layers);
	how.plan |= cli->dry_run;
	/* A plan starts nothing, so it only warns. */
	if (!how.down && needs_check_binds(cli, question, source->graph,
	    o->missing_ok || how.plan, err) == -1)
		return -1;
	return act_run(cli, source->graph, &how, err);
}

static int
run_on(struct cli *cli, const struct options *o, struct source *source,
    struct err *err)
{
	const struct needs_question question = {
		.project = source->project, .host = &source->host,
		.name = source->name, .data_root = o->source.data_root,
		.socket = o->act.socket,
	};

	if (source->name == NULL) {
		if (acts(o) || o->needs)
			return err_set(err, ERR_USAGE, 0,
			    "which project? name it with --project");
		return 0;
	}
	if (o->needs)
		return needs_report(cli, &question, err);
	if (source_graph(cli, source, &o->source, err) == -1)
		return -1;
	return acts(o) ? act(cli, o, source, &question, err) :
	    answer(cli, o, source->graph, err);
}

static int
run(struct cli *cli, const struct options *o, struct err *err)
{
	struct source source = SOURCE_EMPTY;
	int ret = -1;

	if (source_open(cli, &o->source, &source, err) == 0)
		ret = run_on(cli, o, &source, err);
	source_release(&source);
	return ret;
}

/* ---------------------------------------------------------------- options */

static int
check_format(struct cli *cli, const struct options *o, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	bool is_json = o->format != NULL && strcmp(o->format, "json") == 0;

	if (o->format != NULL && cli->json && !is_json)
		return err_set(err, ERR_USAGE, 0,
		    "--json and --format say different things");
	cli->json |= is_json;
	if (o->format != NULL && !is_json && find_format(o->format) == NULL)
		return err_set(err, ERR_USAGE, 0, "--format %s: not one of "
		    "text, json, dot, mermaid, svg",
		    escape_name(o->format, shown));
	if (o->output != NULL && (cli->json || acts(o) || o->needs))
		return err_set(err, ERR_USAGE, 0,
		    "--output is for an order as text or drawing");
	return 0;
}

static int
check_options(struct cli *cli, const struct options *o, struct err *err)
{
	const struct source_options *s = &o->source;
	char shown[ESCAPE_NAME_MAX];

	if (cli->arg_count > 0)
		return err_set(err, ERR_USAGE, 0, "'%s': files are given "
		    "with --file, services with --for",
		    escape_name(cli->args[0], shown));
	if (s->from_host && s->files.count + s->profiles.count +
	    s->env_files.count > 0)
		return err_set(err, ERR_USAGE, 0, "--from-host goes without "
		    "--file, --profile and --env-file");
	if (o->up && o->act.down)
		return err_set(err, ERR_USAGE, 0, "--up or --down, not both");
	if (o->needs && (acts(o) || o->reverse))
		return err_set(err, ERR_USAGE, 0, "--needs is a question of "
		    "its own");
	return check_format(cli, o, err);
}

/* Filled by the table below, then only read. */
static struct options options;

static const struct cli_opt opts[] = {
	{ CLI_OPT_LIST, 'f', "file", "FILE",
	    "project file; later ones are merged over it",
	    { .list = &options.source.files } },
	{ CLI_OPT_FLAG, 0, "from-host", NULL,
	    "from the records of containers in the data-root",
	    { .flag = &options.source.from_host } },
	{ CLI_OPT_TEXT, 'p', "project", "NAME",
	    "the project's name; on a host, which one",
	    { .text = &options.source.project } },
	{ CLI_OPT_LIST, 0, "profile", "NAME",
	    "enable a profile; '*' enables all",
	    { .list = &options.source.profiles } },
	{ CLI_OPT_LIST, 0, "env-file", "FILE",
	    "variables of the project files, in place of .env",
	    { .list = &options.source.env_files } },
	{ CLI_OPT_TEXT, 0, "data-root", "DIR",
	    "Docker's data-root", { .text = &options.source.data_root } },
	{ CLI_OPT_LIST, 0, "for", "SERVICE",
	    "only this one and what it needs",
	    { .list = &options.source.services } },
	{ CLI_OPT_FLAG, 0, "reverse", NULL,
	    "the order of stopping", { .flag = &options.reverse } },
	{ CLI_OPT_TEXT, 0, "format", "FORMAT",
	    "text, json, dot, mermaid or svg", { .text = &options.format } },
	{ CLI_OPT_TEXT, 'o', "output", "FILE",
	    "write the answer there", { .text = &options.output } },
	{ CLI_OPT_FLAG, 0, "needs", NULL,
	    "what the project needs here, and what is missing",
	    { .flag = &options.needs } },
	{ CLI_OPT_FLAG, 0, "up", NULL,
	    "start the containers, each when its turn has come",
	    { .flag = &options.up } },
	{ CLI_OPT_FLAG, 0, "down", NULL,
	    "stop them, in the reverse order",
	    { .flag = &options.act.down } },
	{ CLI_OPT_FLAG, 0, "plan", NULL,
	    "the calls of --up (or --down), without making them",
	    { .flag = &options.act.plan } },
	{ CLI_OPT_FLAG, 0, "keep", NULL,
	    "when one fails, leave the others running",
	    { .flag = &options.act.keep } },
	{ CLI_OPT_FLAG, 0, "missing-ok", NULL,
	    "start although bind sources are missing",
	    { .flag = &options.missing_ok } },
	{ CLI_OPT_FLAG, 0, "again", NULL,
	    "run one-shots again that have ended well",
	    { .flag = &options.act.again } },
	{ CLI_OPT_U64, 0, "timeout", "SECONDS",
	    "for each service; else its health check's bound",
	    { .u64 = &options.act.timeout_s } },
	{ CLI_OPT_U64, 0, "stop-timeout", "SECONDS",
	    "before a container is killed; else its own",
	    { .u64 = &options.act.stop_timeout_s } },
	{ CLI_OPT_TEXT, 0, "socket", "PATH",
	    "the engine's socket", { .text = &options.act.socket } },
	{ CLI_OPT_TEXT, 0, "catalog", "FILE",
	    "where runs are remembered", { .text = &options.act.catalog } },
	{ CLI_OPT_TEXT, 0, "record", "FILE",
	    "add a line about the run there, too",
	    { .text = &options.act.record } },
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

	options.act.stop_timeout_s = UINT64_MAX;
	if (cli_parse(&cli, &tool, argc, argv, &err) != CLI_RUN)
		return cli_finish(&cli, &err);
	(void)seal_network();
	if (check_options(&cli, &options, &err) == 0 &&
	    run(&cli, &options, &err) == 0)
		err_clear(&err);
	return cli_finish(&cli, &err);
}
