/* SPDX-License-Identifier: BSD-2-Clause */
/* snapshot: volumes and directories onto a medium. */
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "carry.h"
#include "cli/cli.h"
#include "codec/frames.h"
#include "io/io.h"
#include "io/seal.h"
#include "io/walk.h"
#include "list.h"
#include "look.h"
#include "medium/medium.h"
#include "new_key.h"
#include "remember.h"
#include "run.h"
#include "sources.h"
#include "sweep.h"

struct options {
	const char *to;
	const char *data_root;
	const char *key;
	const char *new_key;
	const char *label;
	const char *tools_from;
	const char *catalog;
	struct cli_list paths;
	struct cli_list exclude;
	uint64_t part_size;
	uint64_t level;
	uint64_t threads;
	bool all;
	bool list;
	bool allow_empty;
	bool any_directory;
	bool with_tools;
	bool check;
};

static const char *const synopsis[] = {
	"--to MEDIUM [--all | VOLUME...] [--path NAME=DIR]...",
	"--list [--to MEDIUM | VOLUME...]",
	"--new-key FILE",
	NULL
};

static void
on_stage(void *ctx, const char *what, uint64_t bytes)
{
	(void)cli_stage_end(ctx);
	cli_stage(ctx, what, bytes);
}

static void
on_note(void *ctx, const char *source, const char *text, bool is_warning)
{
	if (is_warning)
		cli_warn(ctx, "%s: %s", source, text);
	else
		cli_detail(ctx, "%s: %s", source, text);
}

static void
on_taken(void *ctx, const struct source_info *s)
{
	char size[NUM_BYTES_TEXT], packed[NUM_BYTES_TEXT];
	struct cli *cli = ctx;
	struct cli_json j;

	cli_out(cli, "took %s: %llu files, %s, %s packed, %s", s->name,
	    (unsigned long long)s->files, num_format_bytes(s->bytes, size),
	    num_format_bytes(parts_bytes(&s->parts), packed),
	    consistency_name(s->consistency));
	cli_json_open(&j, "source");
	cli_json_text(&j, "name", s->name);
	cli_json_u64(&j, "files", s->files);
	cli_json_u64(&j, "bytes", s->bytes);
	cli_json_u64(&j, "packed", parts_bytes(&s->parts));
	cli_json_u64(&j, "changed", s->changed);
	cli_json_u64(&j, "missed", s->missed);
	cli_json_text(&j, "consistency", consistency_name(s->consistency));
	cli_json_emit(&j, cli);
}

static void
on_cached(void *ctx)
{
	cli_warn(ctx, "this file system cannot be read past the page cache; "
	    "the read-back may have checked memory, not the medium. Unplug, "
	    "plug in again, and run verify");
}

static void
on_left_out(void *ctx, const char *name, const char *why)
{
	char safe[ESCAPE_NAME_MAX];

	cli_warn(ctx, "left out %s: %s", escape_name(name, safe), why);
}

/* What of the medium is swept, and who knows more of it. */
struct sweeping {
	struct cli *cli;
	const char *catalog;
	const struct medium *medium;
};

static void
on_swept(void *ctx, const char *name)
{
	const struct sweeping *s = ctx;

	cli_say(s->cli, "removed the interrupted snapshot %s", name);
}

static void
on_kept(void *ctx, const char *name, const char *why)
{
	const struct sweeping *s = ctx;

	cli_warn(s->cli, "snapshot %s: %s", name, why);
}

static bool
on_was_whole(void *ctx, const char *name)
{
	const struct sweeping *s = ctx;

	return remember_whole(s->catalog, s->medium, name);
}

static void
on_carried(void *ctx, const char *name, uint64_t bytes, bool was_there)
{
	char size[NUM_BYTES_TEXT];

	cli_say(ctx, "%s %s (%s)", was_there ? "already there:" : "carried",
	    name, num_format_bytes(bytes, size));
}

static void
on_absent(void *ctx, const char *name)
{
	cli_warn(ctx, "--with-tools: %s is not beside this program; "
	    "left out", name);
}

/* Say how consistent a source is before its bytes are read. */
static void
tell_source(struct cli *cli, const struct source_entry *e)
{
	char size[NUM_BYTES_TEXT], count[NUM_COUNT_TEXT];

	cli_say(cli, "%s: %s in %s files below %s", e->name,
	    num_format_bytes(e->measured.bytes, size),
	    num_format_count(e->measured.files, count), e->origin);
	if (e->consistency == CONSISTENCY_HOT)
		cli_warn(cli, "%s is in use (%s): the copy will be hot, its "
		    "files may not belong together. Stop its containers for "
		    "a sure one", e->name, e->why);
	else if (e->consistency == CONSISTENCY_UNKNOWN)
		cli_warn(cli, "%s: cannot tell whether it is in use: %s",
		    e->name, e->why == NULL ? "nobody could be asked" :
		    e->why);
}

static void
print_result(struct cli *cli, const struct medium *m,
    const struct run_result *r, double seconds)
{
	char size[NUM_BYTES_TEXT], packed[NUM_BYTES_TEXT];
	struct cli_json j;

	cli_json_open(&j, "summary");
	cli_json_text(&j, "snapshot", r->name.text);
	cli_json_text(&j, "medium", m->id);
	cli_json_u64(&j, "files", r->files);
	cli_json_u64(&j, "bytes", r->bytes);
	cli_json_u64(&j, "packed", r->packed);
	cli_json_u64(&j, "problems", r->problems);
	cli_json_emit(&j, cli);
	cli_out(cli, "snapshot %s: %llu files, %s, %s on the medium, "
	    "read back in %.1f s", r->name.text,
	    (unsigned long long)r->files, num_format_bytes(r->bytes, size),
	    num_format_bytes(r->packed, packed), seconds);
	if (r->problems > 0)
		cli_out(cli, "%llu files changed, vanished or could not be "
		    "read whole; see the warnings above",
		    (unsigned long long)r->problems);
	cli_out(cli, "safe to unplug, once unmounted: %s", m->path);
}

static int
run_on_medium(struct cli *cli, const struct options *o,
    struct source_set *sources, struct run_options *run, struct err *err)
{
	struct medium m;
	struct sweeping sweeping = { cli, o->catalog, &m };
	struct sweep_calls sweep = { &sweeping, on_swept, on_kept,
	    on_was_whole };
	struct carry_calls carry = { cli, on_carried, on_absent };
	uint64_t begun = io_ticks_ms();
	struct run_result result;
	int ret = -1;

	if (medium_open_write(&m, o->to, o->label == NULL ? "" : o->label,
	    o->any_directory, err) == -1)
		return -1;
	if (sweep_medium(&m, &sweep, err) == -1)
		goto out;
	if (sources->count > 0 &&
	    run_snapshot(&m, sources, run, &result, err) == -1)
		goto out;
	if (o->with_tools && carry_tools(&m, o->tools_from, &carry,
	    err) == -1) {
		if (sources->count > 0)
			(void)err_append(err, "the snapshot %s itself is "
			    "complete", result.name.text);
		goto out;
	}
	if (sources->count > 0) {
		print_result(cli, &m, &result, cli_stage_end(cli));
		remember_take(cli, o->catalog, &m, &result,
		    io_ticks_ms() - begun);
	}
	if (o->check && sources->count > 0 &&
	    look_into(cli, &m, &result.name, err) == -1)
		goto out;
	ret = 0;
out:
	if (ret == -1)
		remember_failure(cli, o->catalog, &m, err);
	medium_close(&m);
	return ret;
}

/* Escaped, it would be longer than the reader takes. */
static bool
is_plain_text(const char *text)
{
	struct buf escaped = BUF_EMPTY;
	bool is_plain;

	escape_text(&escaped, text, strlen(text));
	is_plain = strcmp(buf_text(&escaped), text) == 0;
	buf_release(&escaped);
	return is_plain;
}

static int
check_options(const struct options *o, size_t volumes, struct err *err)
{
	if (o->to == NULL)
		return err_set(err, ERR_USAGE, 0,
		    "where to? say --to and the folder the stick is "
		    "mounted on");
	if (o->all && volumes > 0)
		return err_set(err, ERR_USAGE, 0,
		    "--all and names of volumes exclude each other");
	if (!o->all && volumes == 0 && o->paths.count == 0 && !o->with_tools)
		return err_set(err, ERR_USAGE, 0,
		    "what? name volumes, or say --all or --path NAME=DIR");
	if (o->level < 1 || o->level > FRAME_LEVEL_MAX)
		return err_set(err, ERR_USAGE, 0, "--level: 1 to %d",
		    FRAME_LEVEL_MAX);
	if (o->part_size != 0 && o->part_size < PARTS_SIZE_MIN)
		return err_set(err, ERR_USAGE, 0,
		    "--part-size: 8M or more");
	if (o->label != NULL && (strlen(o->label) > MEDIUM_LABEL_MAX ||
	    !is_plain_text(o->label)))
		return err_set(err, ERR_USAGE, 0, "--label: at most %d bytes "
		    "of printable UTF-8, no backslash", MEDIUM_LABEL_MAX);
	return 0;
}

static int
take(struct cli *cli, const struct options *o, struct err *err)
{
	struct source_request request = {
		.data_root = o->data_root, .all = o->all,
		.volumes = cli->args, .volume_count = cli->arg_count,
		.paths = o->paths.items, .path_count = o->paths.count,
		.allow_empty = o->allow_empty,
		.take = { .exclude = o->exclude.items,
		    .exclude_count = o->exclude.count,
		    .watch = &cli->watch },
		.left_out = on_left_out, .ctx = cli,
	};
	struct run_options run = {
		.threads = o->threads < FRAME_JOBS_MAX ?
		    (unsigned)o->threads : FRAME_JOBS_MAX,
		.level = (int)o->level, .part_size = o->part_size,
		.take = request.take,
		.calls = { cli, on_stage, on_note, on_taken, on_cached },
	};
	struct source_set sources;
	struct sign_key key;
	int ret = 0;
	size_t i;

	if (check_options(o, cli->arg_count, err) == -1)
		return -1;
	if (o->key != NULL) {
		if (sign_key_read(&key, o->key, err) == -1)
			return -1;
		run.key = &key;
	}
	cli_stage(cli, "looking", 0);
	if (source_set_open(&sources, &request, err) == -1)
		return -1;
	(void)cli_stage_end(cli);
	for (i = 0; i < sources.count; i++)
		tell_source(cli, &sources.items[i]);
	if (cli->dry_run)
		cli_out(cli, "dry run: nothing was written");
	else
		ret = run_on_medium(cli, o, &sources, &run, err);
	source_set_close(&sources);
	explicit_bzero(&key, sizeof key);
	return ret;
}

static int
list(struct cli *cli, const struct options *o, struct err *err)
{
	struct medium m;
	int ret;

	if (o->to == NULL)
		return remember_list(cli, o->catalog, err);
	if (medium_open(&m, o->to, err) == -1)
		return -1;
	ret = list_medium(cli, &m, err);
	medium_close(&m);
	return ret;
}

static int
make_key(struct cli *cli, const struct options *o, struct err *err)
{
	char fingerprint[SIGN_FINGERPRINT_MAX];
	struct cli_json j;

	if (new_key(o->new_key, fingerprint, err) == -1)
		return err_context(err, "--new-key");
	cli_out(cli, "private key: %s (keep it off the media)\n"
	    "public key:  %s.pub (verify and restore-volume want it)\n"
	    "fingerprint: %s", o->new_key, o->new_key, fingerprint);
	cli_json_open(&j, "summary");
	cli_json_text(&j, "private_key", o->new_key);
	cli_json_text(&j, "fingerprint", fingerprint);
	cli_json_emit(&j, cli);
	return 0;
}

static int
run(struct cli *cli, const struct options *o, struct err *err)
{
	if (o->new_key != NULL)
		return make_key(cli, o, err);
	if (o->list)
		return list(cli, o, err);
	return take(cli, o, err);
}

/* Filled by the table below, then only read. */
static struct options options;

static const struct cli_opt opts[] = {
	{ CLI_OPT_TEXT, 't', "to", "MEDIUM",
	    "folder that the stick is mounted on", { .text = &options.to } },
	{ CLI_OPT_FLAG, 'a', "all", NULL,
	    "every volume of the data-root", { .flag = &options.all } },
	{ CLI_OPT_LIST, 0, "path", "NAME=DIR",
	    "take a directory too, under this name",
	    { .list = &options.paths } },
	{ CLI_OPT_LIST, 0, "exclude", "PATTERN",
	    "leave out paths that match", { .list = &options.exclude } },
	{ CLI_OPT_TEXT, 0, "catalog", "FILE",
	    "where snapshots are remembered", { .text = &options.catalog } },
	{ CLI_OPT_TEXT, 0, "data-root", "DIR",
	    "Docker's folder, if not found by itself",
	    { .text = &options.data_root } },
	{ CLI_OPT_TEXT, 'k', "key", "FILE",
	    "sign with this private key", { .text = &options.key } },
	{ CLI_OPT_TEXT, 0, "new-key", "FILE",
	    "make a key pair: FILE and FILE.pub",
	    { .text = &options.new_key } },
	{ CLI_OPT_FLAG, 'l', "list", NULL,
	    "what the medium holds, or all that are known",
	    { .flag = &options.list } },
	{ CLI_OPT_FLAG, 0, "check", NULL,
	    "look inside what was taken: databases, dumps", { .flag = &options.check } },
	{ CLI_OPT_FLAG, 0, "with-tools", NULL,
	    "put the tools and the rescue image on it",
	    { .flag = &options.with_tools } },
	{ CLI_OPT_TEXT, 0, "tools-from", "DIR",
	    "where the tools are, if not beside this one",
	    { .text = &options.tools_from } },
	{ CLI_OPT_TEXT, 0, "label", "TEXT",
	    "name of a new medium", { .text = &options.label } },
	{ CLI_OPT_BYTES, 0, "part-size", "SIZE",
	    "split archives into parts this long",
	    { .u64 = &options.part_size } },
	{ CLI_OPT_U64, 0, "level", "N",
	    "zstd level, 1 to 19 (default 3)", { .u64 = &options.level } },
	{ CLI_OPT_U64, 0, "threads", "N",
	    "compressing threads; 0: no threads at all",
	    { .u64 = &options.threads } },
	{ CLI_OPT_FLAG, 0, "allow-empty", NULL,
	    "an empty source is meant to be",
	    { .flag = &options.allow_empty } },
	{ CLI_OPT_FLAG, 0, "any-directory", NULL,
	    "MEDIUM need not be a mount point",
	    { .flag = &options.any_directory } },
	{ .kind = CLI_OPT_END },
};

static const struct cli_tool tool = {
	"snapshot", "Take Docker volumes and directories onto a "
	"removable medium.", synopsis, opts
};

int
main(int argc, char **argv)
{
	struct cli cli;
	struct err err;

	options.level = FRAME_LEVEL_DEFAULT;
	options.threads = frame_threads_default();
	if (cli_parse(&cli, &tool, argc, argv, &err) != CLI_RUN)
		return cli_finish(&cli, &err);
	walk_raise_limits();
	if (!seal_network())
		cli_detail(&cli, "this kernel has no seccomp: the network "
		    "is not barred, only unused");
	if (run(&cli, &options, &err) == 0)
		err_clear(&err);
	return cli_finish(&cli, &err);
}
