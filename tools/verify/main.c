/* SPDX-License-Identifier: BSD-2-Clause */
/* verify: read a medium and say what of it is still good. */
#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "base/utc.h"
#include "cli/cli.h"
#include "codec/frames.h"
#include "io/seal.h"
#include "manifest/sign.h"
#include "publish.h"
#include "status.h"
#include "work.h"

struct options {
	const char *key;
	struct cli_list snapshots;
	uint64_t threads;
	bool deep;
	bool data;
	bool require_signature;
	const char *catalog;
	bool restart;
	bool record_on_medium;
	const char *max_duration;
	uint64_t max_bytes;
	uint64_t sample;
	bool finds_new;
	const char *base;
	struct cli_list with;
	bool repair;
	const char *salvage;
	bool status;
	const char *every;
	const char *objective;
	const char *html;
	const char *prometheus;
};

static const char *const synopsis[] = {
	"[--deep] [--key FILE.pub] MEDIUM...",
	"[--deep] [--key FILE.pub] --snapshot N MEDIUM",
	"[--deep] [--key FILE.pub] SNAPSHOT-FOLDER...",
	"--with FOLDER [--repair] MEDIUM...",
	"--salvage DIR [--snapshot N] MEDIUM",
	"[--new] [--base DIR] SHA256SUMS|DIRECTORY...",
	"--data DIRECTORY|FILE...",
	"--status [--every TIME] [--html FILE] [MEDIUM...]",
	NULL
};

/* What is recorded, continued and left for the next time. */
static int
take_memory(const struct options *o, struct memory_options *m,
    struct err *err)
{
	char safe[ESCAPE_NAME_MAX];
	uint64_t seconds = 0;

	if (o->max_duration != NULL &&
	    (!utc_parse_span(o->max_duration, &seconds) || seconds == 0 ||
	    !num_mul(seconds, 1000, &m->max_ms)))
		return err_set(err, ERR_USAGE, 0,
		    "--max-duration: '%s' is not a time (as 30m or 2h)",
		    escape_name(o->max_duration, safe));
	if (o->sample > 100)
		return err_set(err, ERR_USAGE, 0,
		    "--sample is a number from 1 to 100");
	m->catalog = o->catalog;
	m->kind = o->deep || o->salvage != NULL ? o->data ? "deep+data" : "deep" :
	    o->data ? "data" : "files";
	/* What is mended or salvaged is read now, not remembered. */
	m->restart = o->restart || o->with.count > 0 || o->salvage != NULL;
	m->carries = o->record_on_medium;
	m->max_bytes = o->max_bytes;
	m->percent = o->sample;
	return 0;
}

#define EVERY_USUAL "90d"
#define OBJECTIVE_USUAL "31d"
#define SPAN_MAX ((uint64_t)36500 * 24 * 3600)

static int
take_span(const char *option, const char *given, const char *usual,
    uint64_t *seconds, struct err *err)
{
	const char *text = given == NULL ? usual : given;
	char safe[ESCAPE_NAME_MAX];

	if (!utc_parse_span(text, seconds) || *seconds > SPAN_MAX)
		return err_set(err, ERR_USAGE, 0,
		    "%s: '%s' is not a time (as 90d or 12w)", option,
		    escape_name(text, safe));
	return 0;
}

static int
run_status(struct cli *cli, const struct options *o, uint64_t every,
    struct err *err)
{
	struct status_options status = { .catalog = o->catalog,
	    .every = every };

	return status_run(cli, &status, err);
}

static int
verify(struct cli *cli, const struct options *o, struct err *err)
{
	struct work_options work = {
		.snapshots = o->snapshots,
		.threads = o->threads > FRAME_JOBS_MAX ? FRAME_JOBS_MAX :
		    (unsigned)o->threads,
		.deep = o->deep || o->salvage != NULL,
		.data = o->data,
		.finds_new = o->finds_new,
		.base = o->base,
		.with = o->with,
		.repair = o->repair,
		.salvage = o->salvage,
	};
	struct sign_public key;

	if (cli->arg_count == 0)
		return err_set(err, ERR_USAGE, 0,
		    "which medium? name the folder the stick is mounted on");
	if (o->repair && o->with.count == 0)
		return err_set(err, ERR_USAGE, 0,
		    "--repair wants --with: another copy to mend from");
	if (take_memory(o, &work.memory, err) == -1)
		return -1;
	if (o->require_signature && o->key == NULL)
		return err_set(err, ERR_USAGE, 0,
		    "--require-signature wants --key");
	if (o->key != NULL) {
		if (sign_public_read(&key, o->key, err) == -1)
			return -1;
		work.key = &key;
	}
	return work_run(cli, &work, err);
}

static int
run(struct cli *cli, const struct options *o, struct err *err)
{
	struct publish_options reports = { .catalog = o->catalog,
	    .html = o->html, .prometheus = o->prometheus };

	if (take_span("--every", o->every, EVERY_USUAL, &reports.every,
	    err) == -1 || take_span("--objective", o->objective,
	    OBJECTIVE_USUAL, &reports.objective, err) == -1)
		return -1;
	if ((o->status ? run_status(cli, o, reports.every, err) :
	    verify(cli, o, err)) == -1)
		return -1;
	return publish(cli, &reports, err);
}

/* Filled by the table below, then only read. */
static struct options options;

static const struct cli_opt opts[] = {
	{ CLI_OPT_TEXT, 0, "catalog", "FILE",
	    "where runs are remembered", { .text = &options.catalog } },
	{ CLI_OPT_TEXT, 0, "base", "DIR",
	    "where the names in lists begin, absolute ones too",
	    { .text = &options.base } },
	{ CLI_OPT_FLAG, 'd', "deep", NULL,
	    "decode the archives and check every member",
	    { .flag = &options.deep } },
	{ CLI_OPT_FLAG, 0, "data", NULL,
	    "look inside: databases, dumps, certificates",
	    { .flag = &options.data } },
	{ CLI_OPT_TEXT, 'k', "key", "FILE",
	    "public key that must have signed", { .text = &options.key } },
	{ CLI_OPT_TEXT, 0, "every", "TIME",
	    "how long a verdict is good, for reports (90d)",
	    { .text = &options.every } },
	{ CLI_OPT_TEXT, 0, "html", "FILE",
	    "write the state of all known media as a page",
	    { .text = &options.html } },
	{ CLI_OPT_BYTES, 0, "max-bytes", "SIZE",
	    "read no more than this, longest unread first",
	    { .u64 = &options.max_bytes } },
	{ CLI_OPT_TEXT, 0, "max-duration", "TIME",
	    "begin no file after this time (30m, 2h)",
	    { .text = &options.max_duration } },
	{ CLI_OPT_TEXT, 0, "objective", "TIME",
	    "how old a snapshot may be, for reports (31d)",
	    { .text = &options.objective } },
	{ CLI_OPT_TEXT, 0, "prometheus", "FILE",
	    "write it as metrics for the textfile collector",
	    { .text = &options.prometheus } },
	{ CLI_OPT_FLAG, 0, "new", NULL,
	    "name files that no line of the lists covers",
	    { .flag = &options.finds_new } },
	{ CLI_OPT_FLAG, 0, "record-on-medium", NULL,
	    "write the verdicts to the medium, for other hosts",
	    { .flag = &options.record_on_medium } },
	{ CLI_OPT_FLAG, 0, "repair", NULL,
	    "mend what is damaged, on all media named",
	    { .flag = &options.repair } },
	{ CLI_OPT_FLAG, 0, "require-signature", NULL,
	    "an unsigned snapshot is a failure",
	    { .flag = &options.require_signature } },
	{ CLI_OPT_FLAG, 0, "restart", NULL,
	    "do not continue a run that was cut off",
	    { .flag = &options.restart } },
	{ CLI_OPT_TEXT, 0, "salvage", "DIR",
	    "write every member that is whole into DIR",
	    { .text = &options.salvage } },
	{ CLI_OPT_U64, 0, "sample", "PERCENT",
	    "read that share, longest unread first",
	    { .u64 = &options.sample } },
	{ CLI_OPT_LIST, 's', "snapshot", "N",
	    "only this one: number, name, or 'latest'",
	    { .list = &options.snapshots } },
	{ CLI_OPT_FLAG, 0, "status", NULL,
	    "what is known, what is overdue; reads no archive",
	    { .flag = &options.status } },
	{ CLI_OPT_U64, 0, "threads", "N",
	    "reading and decoding threads; 0: none at all",
	    { .u64 = &options.threads } },
	{ CLI_OPT_LIST, 'w', "with", "FOLDER",
	    "another copy: a medium, or a folder with the files",
	    { .list = &options.with } },
	{ .kind = CLI_OPT_END },
};

static const struct cli_tool tool = {
	"verify", "Read every byte of a medium and name what is "
	"damaged.", synopsis, opts
};

int
main(int argc, char **argv)
{
	struct cli cli;
	struct err err;

	options.threads = frame_threads_default();
	if (cli_parse(&cli, &tool, argc, argv, &err) != CLI_RUN)
		return cli_finish(&cli, &err);
	(void)seal_network();
	if (run(&cli, &options, &err) == 0)
		err_clear(&err);
	return cli_finish(&cli, &err);
}
