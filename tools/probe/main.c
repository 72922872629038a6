/* SPDX-License-Identifier: BSD-2-Clause */
/* probe: what works on this host, what does not, and why. */
#include <stdlib.h>

#include "base/err.h"
#include "base/escape.h"
#include "check.h"
#include "cli/cli.h"
#include "command_line.h"
#include "compose_plan.h"
#include "config.h"
#include "host_plan.h"
#include "io/seal.h"
#include "plan.h"
#include "run.h"
#include "session.h"

struct options {
	struct command_line line;
	struct cli_list files;
	struct compose_plan compose;
	bool host;
	bool init;
	struct site_where where;
	uint64_t parallel;
	const char *wait;
	const char *since;
	const char *rto;
	const char *junit;
	const char *prometheus;
	const char *catalog;
	bool nagios;
};

static const char *const synopsis[] = {
	"[--expect KEY=VALUE]... TARGET...",
	"-f FILE... | --compose FILE... | --host  [TARGET...]",
	"[--compose FILE]... --init",
	NULL
};

/* ------------------------------------------------------------------- plan */

static void
show_plan(struct cli *cli, const struct plan *plan)
{
	char name[ESCAPE_NAME_MAX], stage[ESCAPE_NAME_MAX];
	char target[ESCAPE_NAME_MAX];
	struct cli_json j;
	size_t i;

	for (i = 0; i < plan_count(plan); i++) {
		const struct check *c = plan_check(plan, i);

		cli_out(cli, "%-12s %-24s %s", escape_name(c->stage, stage),
		    escape_name(c->name, name),
		    escape_name(c->target, target));
		cli_json_open(&j, "planned");
		cli_json_text(&j, "name", c->name);
		cli_json_text(&j, "stage", c->stage);
		cli_json_text(&j, "target", c->target);
		cli_json_u64(&j, "limit_ms", c->limit_ms);
		cli_json_u64(&j, "needs", c->need_count);
		cli_json_emit(&j, cli);
	}
}

static void
warn(void *ctx, const char *text)
{
	cli_warn(ctx, "%s", text);
}

/* What is found rather than named. */
static int
find_checks(struct cli *cli, const struct options *o, struct plan *plan,
    struct err *err)
{
	struct compose_plan how = o->compose;
	struct site *site = site_new(&o->where);
	int ret = 0;

	how.warn = warn;
	how.ctx = cli;
	if (how.files.count > 0)
		ret = compose_plan(plan, &how, site, err);
	else if (o->host || o->init)
		ret = host_plan(plan, site, err);
	site_free(site);
	return ret;
}

static int
make_plan(struct cli *cli, const struct options *o, struct plan *plan,
    struct err *err)
{
	size_t i;

	if (o->host && o->compose.files.count > 0)
		return err_set(err, ERR_USAGE, 0, "--host or --compose, not "
		    "both");
	if (cli->arg_count + o->files.count + o->compose.files.count == 0 &&
	    !o->host && !o->init)
		return err_set(err, ERR_USAGE, 0, "there is nothing to check: "
		    "name a TARGET, a --file or --compose file of them, or "
		    "--host");
	if (find_checks(cli, o, plan, err) == -1)
		return -1;
	for (i = 0; i < o->files.count; i++)
		if (config_load(o->files.items[i], plan, err) == -1)
			return -1;
	if (command_line_plan(plan, &o->line, cli->args, cli->arg_count,
	    err) == -1)
		return -1;
	return plan_seal(plan, err);
}

static void
print_file(struct cli *cli, const struct plan *plan)
{
	struct buf out = BUF_EMPTY;

	plan_format(&out, plan);
	buf_cut(&out, out.len - 1);	/* cli_out() ends the line */
	cli_out(cli, "%s", buf_text(&out));
	buf_release(&out);
}

/* -------------------------------------------------------------------- run */

static int
read_times(const struct options *o, struct session *s, struct err *err)
{
	uint64_t ms = 0;

	if (o->wait != NULL && command_line_duration(o->wait, "wait",
	    &s->wait_ms, err) == -1)
		return -1;
	if (o->rto != NULL && command_line_duration(o->rto, "rto", &ms,
	    err) == -1)
		return -1;
	s->recovery.has_rto = o->rto != NULL;
	s->recovery.rto_s = ms / 1000;
	s->recovery.has_since = o->since != NULL;
	if (o->since == NULL)
		return o->rto == NULL ? 0 : err_set(err, ERR_USAGE, 0,
		    "--rto wants --since: when did the outage begin?");
	return command_line_moment(o->since, "since", &s->recovery.since,
	    err);
}

static int
run(struct cli *cli, const struct options *o, struct err *err)
{
	struct session s = { .plan = plan_new(), .where = o->where,
	    .parallel = (unsigned)o->parallel, .junit = o->junit,
	    .prometheus = o->prometheus, .nagios = o->nagios, .catalog = o->catalog };

	if (o->parallel < 1 || o->parallel > RUN_PARALLEL_MAX)
		err_set(err, ERR_USAGE, 0, "--parallel: not between 1 and %d",
		    RUN_PARALLEL_MAX);
	else if (read_times(o, &s, err) == 0 &&
	    make_plan(cli, o, s.plan, err) == 0) {
		if (!cli->dry_run && !o->init)
			return session_run(cli, &s, err);
		if (o->init)
			print_file(cli, s.plan);
		else
			show_plan(cli, s.plan);
		plan_free(s.plan);
		return 0;
	}
	plan_free(s.plan);
	return -1;
}

/* ---------------------------------------------------------------- options */

/* Filled by the table below, then only read. */
static struct options options;

static const struct cli_opt opts[] = {
	{ CLI_OPT_LIST, 'f', "file", "FILE",
	    "checks in stages, drydock-probe(5)", { .list = &options.files } },
	{ CLI_OPT_LIST, 0, "compose", "FILE",
	    "a Compose project: its services and what they mount",
	    { .list = &options.compose.files } },
	{ CLI_OPT_TEXT, 'p', "project", "NAME",
	    "that project's name", { .text = &options.compose.project } },
	{ CLI_OPT_FLAG, 0, "host", NULL,
	    "all volumes and containers of the data-root",
	    { .flag = &options.host } },
	{ CLI_OPT_FLAG, 0, "init", NULL,
	    "print such checks as a file to start from",
	    { .flag = &options.init } },
	{ CLI_OPT_LIST, 0, "expect", "KEY=VALUE",
	    "must hold, or it has failed", { .list = &options.line.expect } },
	{ CLI_OPT_LIST, 0, "warn", "KEY=VALUE",
	    "must hold, or it is warned of", { .list = &options.line.warn } },
	{ CLI_OPT_LIST, 0, "fail-if", "KEY=VALUE",
	    "must not hold", { .list = &options.line.fail_if } },
	{ CLI_OPT_LIST, 0, "set", "KEY=VALUE",
	    "how to look", { .list = &options.line.set } },
	{ CLI_OPT_TEXT, 0, "limit", "DURATION",
	    "time limit of each target", { .text = &options.line.limit } },
	{ CLI_OPT_U64, 0, "tries", "N",
	    "tries within that limit; else 1", { .u64 = &options.line.tries } },
	{ CLI_OPT_U64, 0, "parallel", "N",
	    "checks at a time; else 64", { .u64 = &options.parallel } },
	{ CLI_OPT_TEXT, 'w', "wait", "DURATION",
	    "run again until all is well, so long at most",
	    { .text = &options.wait } },
	{ CLI_OPT_TEXT, 0, "since", "TIME",
	    "when the outage began: a moment, boot, or 2h ago",
	    { .text = &options.since } },
	{ CLI_OPT_TEXT, 0, "rto", "DURATION",
	    "the recovery time objective", { .text = &options.rto } },
	{ CLI_OPT_TEXT, 0, "junit", "FILE",
	    "write a report in JUnit's format", { .text = &options.junit } },
	{ CLI_OPT_TEXT, 0, "prometheus", "FILE",
	    "write metrics for the textfile collector",
	    { .text = &options.prometheus } },
	{ CLI_OPT_FLAG, 0, "nagios", NULL,
	    "one line and 0, 1, 2 or 3, as Nagios wants it",
	    { .flag = &options.nagios } },
	{ CLI_OPT_TEXT, 0, "catalog", "FILE",
	    "where runs are remembered", { .text = &options.catalog } },
	{ CLI_OPT_TEXT, 0, "data-root", "DIR",
	    "Docker's data-root", { .text = &options.where.data_root } },
	{ CLI_OPT_TEXT, 0, "socket", "PATH",
	    "the engine's socket", { .text = &options.where.socket } },
	{ .kind = CLI_OPT_END },
};

static const struct cli_tool tool = {
	"probe", "Say what works on this host, what does not, and why.",
	synopsis, opts
};

/* Nagios reads 2 as critical, but a wrong call has found out nothing. */
static int
finish(struct cli *cli, const struct err *err)
{
	bool is_ours = options.nagios && err->class != ERR_NONE &&
	    err->class != ERR_INTERRUPTED;
	int status = cli_finish(cli, err);

	return is_ours ? 3 : status;
}

int
main(int argc, char **argv)
{
	struct cli cli;
	struct err err;

	options.parallel = RUN_PARALLEL;
	options.line.tries = 1;
	switch (cli_parse(&cli, &tool, argc, argv, &err)) {
	case CLI_DONE:
		return cli_finish(&cli, &err);
	case CLI_FAILED:
		return finish(&cli, &err);
	case CLI_RUN:
		break;
	}
	(void)seal_privileges();
	if (run(&cli, &options, &err) == 0)
		err_clear(&err);
	return finish(&cli, &err);
}
