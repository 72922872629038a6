/* SPDX-License-Identifier: BSD-2-Clause */
/* verify: read a medium and say what of it is still good. */
#include "base/err.h"
#include "cli/cli.h"
#include "codec/frames.h"
#include "io/seal.h"
#include "manifest/sign.h"
#include "work.h"

struct options {
	const char *key;
	struct cli_list snapshots;
	uint64_t threads;
	bool deep;
	bool data;
	bool require_signature;
};

static const char *const synopsis[] = {
	"[--deep] [--key FILE.pub] MEDIUM...",
	"[--deep] [--key FILE.pub] --snapshot N MEDIUM",
	"[--deep] [--key FILE.pub] SNAPSHOT-FOLDER...",
	"--data DIRECTORY...",
	NULL
};

static int
run(struct cli *cli, const struct options *o, struct err *err)
{
	struct work_options work = {
		.snapshots = o->snapshots,
		.threads = o->threads > FRAME_JOBS_MAX ? FRAME_JOBS_MAX :
		    (unsigned)o->threads,
		.deep = o->deep,
		.data = o->data,
	};
	struct sign_public key;

	if (cli->arg_count == 0)
		return err_set(err, ERR_USAGE, 0,
		    "which medium? name the folder the stick is mounted on");
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

/* Filled by the table below, then only read. */
static struct options options;

static const struct cli_opt opts[] = {
	{ CLI_OPT_FLAG, 'd', "deep", NULL,
	    "decode the archives and check every member",
	    { .flag = &options.deep } },
	{ CLI_OPT_FLAG, 0, "data", NULL,
	    "look inside: databases, dumps, certificates",
	    { .flag = &options.data } },
	{ CLI_OPT_TEXT, 'k', "key", "FILE",
	    "public key that must have signed", { .text = &options.key } },
	{ CLI_OPT_FLAG, 0, "require-signature", NULL,
	    "an unsigned snapshot is a failure",
	    { .flag = &options.require_signature } },
	{ CLI_OPT_LIST, 's', "snapshot", "N",
	    "only this one: number, name, or 'latest'",
	    { .list = &options.snapshots } },
	{ CLI_OPT_U64, 0, "threads", "N",
	    "decoding threads; 0: no threads at all",
	    { .u64 = &options.threads } },
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
