/* SPDX-License-Identifier: BSD-2-Clause */
/* verify: read a medium and say what of it is still good. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "codec/frames.h"
#include "deep.h"
#include "files.h"
#include "io/seal.h"
#include "report.h"

struct options {
	const char *key;
	struct cli_list snapshots;
	uint64_t threads;
	bool deep;
	bool require_signature;
};

static const char *const synopsis[] = {
	"[--deep] [--key FILE.pub] MEDIUM...",
	"[--deep] [--key FILE.pub] --snapshot N MEDIUM",
	"[--deep] [--key FILE.pub] SNAPSHOT-FOLDER...",
	NULL
};

/* Verify one snapshot; -1 only when the whole run must end. */
static int
verify_snapshot(struct report *r, const struct options *o,
    const struct medium *m, const struct medium_name *name, struct err *err)
{
	struct files_options files = {
		.threads = o->threads > 0, .key = r->key,
		.watch = &r->cli->watch,
		.calls = { r, report_file, report_signature },
	};
	struct deep_options deep = {
		.threads = (unsigned)o->threads, .watch = &r->cli->watch,
		.calls = { r, report_member },
	};
	struct files_result result = { .bad = PAIRS_EMPTY };
	struct snapshot s;
	int ret = -1;
	size_t i;

	cli_out(r->cli, "snapshot %s", name->text);
	if (files_check(&s, m, name, &files, &result, err) == -1) {
		if (err->class == ERR_INTERRUPTED)
			goto out;
		/* One rotten folder must not hide what the others hold. */
		report_unreadable(r, name, err->text);
		err_clear(err);
		ret = 0;
		goto out;
	}
	report_snapshot(r, name, &result);
	for (i = 0; o->deep && result.has_info && i < s.info.count; i++) {
		const struct source_info *source = &s.info.sources[i];
		bool is_whole = pairs_get(&result.bad,
		    source->manifest) == NULL;
		struct deep_result found;
		struct err why;
		size_t k;

		for (k = 0; k < source->parts.count; k++)
			if (pairs_get(&result.bad,
			    source->parts.items[k].name) != NULL)
				is_whole = false;
		err_clear(&why);
		if (deep_check(&s, source, is_whole, &deep, &found,
		    &why) == -1 && why.class == ERR_INTERRUPTED) {
			*err = why;
			goto out;
		}
		report_deep(r, name, source, &found,
		    why.class == ERR_NONE ? NULL : why.text);
	}
	if (o->deep && !result.has_info && !result.is_interrupted)
		cli_warn(r->cli, "%s: " INFO_FILE " or the sums are damaged; "
		    "its archives were not decoded", name->text);
	ret = 0;
out:
	pairs_release(&result.bad);
	snapshot_close(&s);
	return ret;
}

static int
verify_named(struct report *r, const struct options *o,
    const struct medium *m, struct err *err)
{
	struct medium_name name;
	size_t i;

	for (i = 0; i < o->snapshots.count; i++)
		if (snapshot_find(m, o->snapshots.items[i], &name, NULL,
		    err) == -1 || verify_snapshot(r, o, m, &name, err) == -1)
			return -1;
	return 0;
}

/*
 * A snapshot's own folder may be named instead of its medium.  The medium's
 * path is then returned, for the caller to free.
 */
static char *
medium_of_snapshot(const char *path, struct medium_name *name)
{
	char *real = realpath(path, NULL);
	char *slash = real == NULL ? NULL : strrchr(real, '/');

	if (slash == NULL || !medium_name_parse(name, slash + 1)) {
		free(real);
		return NULL;
	}
	*slash = '\0';	/* .../drydock/snapshots */
	slash = strrchr(real, '/');
	if (slash != NULL)
		*slash = '\0';
	return real;
}

static int
verify_folder(struct report *r, const struct options *o, const char *path,
    const struct medium_name *name, struct err *err)
{
	struct medium m;
	int ret;

	if (medium_open(&m, path, err) == -1)
		return -1;
	ret = verify_snapshot(r, o, &m, name, err);
	medium_close(&m);
	return ret;
}

static int
verify_medium(struct report *r, const struct options *o, const char *path,
    struct err *err)
{
	struct medium_list list = MEDIUM_LIST_EMPTY;
	struct medium m;
	int ret = -1;
	size_t i;

	if (medium_open(&m, path, err) == -1)
		return -1;
	if (medium_list(&m, &list, err) == -1)
		goto out;
	report_medium(r, &m, list.count);
	if (o->snapshots.count > 0) {
		ret = verify_named(r, o, &m, err);
		goto out;
	}
	for (i = 0; i < list.count; i++)
		if (verify_snapshot(r, o, &m, &list.items[i], err) == -1)
			goto out;
	ret = 0;
out:
	medium_list_release(&list);
	medium_close(&m);
	return ret;
}

static int
verify_path(struct report *r, const struct options *o, const char *path,
    struct err *err)
{
	struct medium_name name;
	char *medium = medium_of_snapshot(path, &name);
	int ret;

	if (medium == NULL)
		return verify_medium(r, o, path, err);
	ret = verify_folder(r, o, medium, &name, err);
	free(medium);
	return ret;
}

/* One bad stick of several does not keep the others from being read. */
static int
verify_paths(struct report *r, const struct options *o, struct err *err)
{
	struct cli *cli = r->cli;
	char safe[ESCAPE_NAME_MAX];
	size_t i;

	for (i = 0; i < cli->arg_count; i++) {
		const char *path = escape_name(cli->args[i], safe);
		uint64_t before = r->snapshots;

		if (verify_path(r, o, cli->args[i], err) == -1) {
			if (cli->arg_count == 1 ||
			    err->class == ERR_INTERRUPTED)
				return -1;
			cli_warn(cli, "%s: NOT checked: %s", path, err->text);
			cli_found(cli, cli_exit_code(err));
			err_clear(err);
		} else if (r->snapshots == before && cli->arg_count > 1) {
			cli_warn(cli, "%s: nothing was checked: no complete "
			    "snapshot there", path);
			cli_found(cli, EXIT_NOT_FOUND);
		}
	}
	return 0;
}

static int
run(struct cli *cli, const struct options *o, struct err *err)
{
	struct report r = { .cli = cli,
	    .signature_required = o->require_signature || o->key != NULL };
	struct sign_public key;
	double seconds;

	if (cli->arg_count == 0)
		return err_set(err, ERR_USAGE, 0,
		    "which medium? name the folder the stick is mounted on");
	if (o->require_signature && o->key == NULL)
		return err_set(err, ERR_USAGE, 0,
		    "--require-signature wants --key");
	if (o->key != NULL) {
		if (sign_public_read(&key, o->key, err) == -1)
			return -1;
		r.key = &key;
	}
	cli_stage(cli, "verifying", 0);
	if (verify_paths(&r, o, err) == -1)
		return -1;
	seconds = cli_stage_end(cli);
	if (r.snapshots == 0)
		return err_set(err, ERR_NOT_FOUND, 0,
		    "nothing was checked: no complete snapshot there");
	report_end(&r, seconds);
	return 0;
}

/* Filled by the table below, then only read. */
static struct options options;

static const struct cli_opt opts[] = {
	{ CLI_OPT_FLAG, 'd', "deep", NULL,
	    "decode the archives and check every member",
	    { .flag = &options.deep } },
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
	if (options.threads > FRAME_JOBS_MAX)
		options.threads = FRAME_JOBS_MAX;
	if (run(&cli, &options, &err) == 0)
		err_clear(&err);
	return cli_finish(&cli, &err);
}
