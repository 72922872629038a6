/* SPDX-License-Identifier: BSD-2-Clause */
/* restore-volume: a volume back from a medium, or the way back. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "cli/cli.h"
#include "codec/frames.h"
#include "io/seal.h"
#include "io/walk.h"
#include "list_files.h"
#include "medium/snapshot.h"
#include "pick.h"
#include "work.h"

static const char *const synopsis[] = {
	"--from MEDIUM SNAPSHOT|latest VOLUME...",
	"--from MEDIUM SNAPSHOT|latest --all",
	"--from MEDIUM SNAPSHOT VOLUME --list-files",
	"--from MEDIUM SNAPSHOT VOLUME --only PATH... --to DIR",
	"ARCHIVE VOLUME",
	"--rollback VOLUME...",
	"--forget VOLUME...",
	NULL
};

struct options {
	struct work_options work;
	const char *from;
	const char *medium_id;
	const char *key;
	uint64_t threads;
	struct cli_list only;
	bool list_files;
	bool all;
	bool rollback;
	bool forget;
};

/* One failed volume does not keep the others from coming back. */
static int
goes_on(struct cli *cli, const char *name, struct err *err)
{
	char safe[ESCAPE_NAME_MAX];

	if (err->class == ERR_INTERRUPTED)
		return -1;
	cli_warn(cli, "'%s' was NOT restored, and is unchanged: %s",
	    escape_name(name, safe), err->text);
	cli_found(cli, cli_exit_code(err));
	err_clear(err);
	return 0;
}

static int
check_signature(struct cli *cli, const struct options *o,
    const struct snapshot *s, struct err *err)
{
	struct sign_public key;

	if (o->key != NULL && sign_public_read(&key, o->key, err) == -1)
		return -1;
	switch (snapshot_signature(s, o->key == NULL ? NULL : &key, err)) {
	case SIGNATURE_GOOD:
		cli_say(cli, "signature: good");
		return 0;
	case SIGNATURE_UNCHECKED:
		cli_say(cli, "signature: there is one, but without --key it "
		    "was NOT checked");
		return 0;
	case SIGNATURE_NONE:
		if (o->key == NULL)
			return 0;
		return err_set(err, ERR_SIGNATURE, 0, "snapshot %s is not "
		    "signed, and --key asks for a signature", s->name.text);
	case SIGNATURE_BAD:
		break;
	}
	return err_context(err, "snapshot %s", s->name.text);
}

static int
restore_named(struct work *work, const struct snapshot *s,
    const struct options *o, const char *name, struct err *err)
{
	const struct source_info *source = info_find(&s->info, name);
	char safe[ESCAPE_NAME_MAX];

	if (source == NULL)
		return err_set(err, ERR_NOT_FOUND, 0,
		    "snapshot %s holds no '%s'; 'snapshot --list' shows what "
		    "it holds", s->name.text, escape_name(name, safe));
	if (o->list_files)
		return list_files(work->cli, s, source, o->work.pick, err);
	return work_restore(work, s, source, err);
}

static int
restore_all(struct work *work, const struct snapshot *s, struct err *err)
{
	size_t i, volumes = 0;

	for (i = 0; i < s->info.count; i++) {
		const struct source_info *source = &s->info.sources[i];

		if (source->kind != SOURCE_VOLUME) {
			cli_say(work->cli, "%s is not a volume: restore it "
			    "by itself, with --to DIR", source->name);
			continue;
		}
		volumes++;
		if (work_restore(work, s, source, err) == -1 &&
		    goes_on(work->cli, source->name, err) == -1)
			return -1;
	}
	if (volumes == 0)
		return err_set(err, ERR_NOT_FOUND, 0,
		    "snapshot %s holds no volumes", s->name.text);
	return 0;
}

static int
restore_from(struct work *work, const struct snapshot *s,
    const struct options *o, struct err *err)
{
	const struct cli *cli = work->cli;
	size_t i;

	if (check_signature(work->cli, o, s, err) == -1)
		return -1;
	if (o->all)
		return restore_all(work, s, err);
	/* One alone fails as itself, with its own status and words. */
	if (cli->arg_count == 2)
		return restore_named(work, s, o, cli->args[1], err);
	for (i = 1; i < cli->arg_count; i++)
		if (restore_named(work, s, o, cli->args[i], err) == -1 &&
		    goes_on(work->cli, cli->args[i], err) == -1)
			return -1;
	return 0;
}

static int
check_medium(const struct options *o, const struct medium *m,
    struct err *err)
{
	if (o->medium_id == NULL ||
	    strncmp(m->id, o->medium_id, strlen(o->medium_id)) == 0)
		return 0;
	return err_set(err, ERR_NOT_FOUND, 0, "%s is medium %s (%s), not %s: "
	    "the wrong stick", m->path, m->id,
	    m->label[0] != '\0' ? m->label : "no label", o->medium_id);
}

static int
from_medium(struct work *work, const struct options *o, struct err *err)
{
	const char *which = work->cli->args[0];
	struct buf skipped = BUF_EMPTY;
	struct snapshot s = SNAPSHOT_EMPTY;
	struct medium_name name;
	struct medium m;
	int ret = -1;

	if (medium_open(&m, o->from, err) == -1)
		return -1;
	if (check_medium(o, &m, err) == -1 ||
	    snapshot_find(&m, which, &name, &skipped, err) == -1)
		goto out;
	if (skipped.len > 0)
		cli_warn(work->cli, "passed over, not complete: %s",
		    buf_text(&skipped));
	if (snapshot_open(&s, &m, &name, err) == -1) {
		err_append(err, "'snapshot --list --to %s' shows which others "
		    "there are", o->from);
		goto out;
	}
	cli_say(work->cli, "snapshot %s of medium %s%s%s", name.text, m.id,
	    m.label[0] != '\0' ? ", " : "", m.label);
	work->medium_id = m.id;
	ret = restore_from(work, &s, o, err);
	work->medium_id = NULL;
out:
	buf_release(&skipped);
	snapshot_close(&s);
	medium_close(&m);
	return ret;
}

static int
go_back(struct work *work, const struct options *o, struct err *err)
{
	const struct cli *cli = work->cli;
	size_t i;

	for (i = 0; i < cli->arg_count; i++)
		if ((o->rollback ? work_rollback(work, cli->args[i], err) :
		    work_forget(work, cli->args[i], err)) == -1)
			return err_context(err, "'%s'", cli->args[i]);
	return 0;
}

static int
check_options(const struct cli *cli, const struct options *o,
    struct err *err)
{
	size_t names = cli->arg_count;

	if (o->rollback && o->forget)
		return err_set(err, ERR_USAGE, 0,
		    "--rollback and --forget exclude each other");
	if (o->rollback || o->forget) {
		if (o->work.to != NULL ? names != 0 : names == 0)
			return err_set(err, ERR_USAGE, 0,
			    "name volumes, or one directory with --to");
		return 0;
	}
	if (names == 0)
		return err_set(err, ERR_USAGE, 0, "restore what? name a "
		    "snapshot of --from MEDIUM, or an archive");
	if (o->from != NULL && o->all != (names == 1))
		return err_set(err, ERR_USAGE, 0,
		    "name the volumes, or say --all instead");
	if (o->from == NULL && (o->all ||
	    names != (o->work.to != NULL ? 1U : 2U)))
		return err_set(err, ERR_USAGE, 0, "without --from MEDIUM: "
		    "one archive and one volume (or --to DIR)");
	if ((o->work.to != NULL || o->work.as != NULL) &&
	    (o->all || names > 2))
		return err_set(err, ERR_USAGE, 0,
		    "--to and --as are for one volume");
	if (o->work.to != NULL && o->work.as != NULL)
		return err_set(err, ERR_USAGE, 0,
		    "--to and --as exclude each other");
	if ((o->list_files || o->only.count > 0) &&
	    (o->from == NULL || names != 2))
		return err_set(err, ERR_USAGE, 0, "--list-files and --only "
		    "are for one volume of --from MEDIUM");
	if (o->only.count > PICK_MAX)
		return err_set(err, ERR_USAGE, 0, "--only: at most %d times",
		    PICK_MAX);
	if (o->only.count > 0 && !o->list_files && o->work.to == NULL)
		return err_set(err, ERR_USAGE, 0, "--only restores into a "
		    "folder of its own: say --to DIR");
	if (o->from != NULL && o->work.strip_components > 0)
		return err_set(err, ERR_USAGE, 0,
		    "--strip-components is for archives of others");
	return 0;
}

static int
do_work(struct cli *cli, struct options *o, struct err *err)
{
	struct work work;
	int ret;

	o->work.threads = o->threads < FRAME_JOBS_MAX ?
	    (unsigned)o->threads : FRAME_JOBS_MAX;
	if (work_open(&work, cli, &o->work, err) == -1)
		return -1;
	if (o->rollback || o->forget)
		ret = o->work.to == NULL ? go_back(&work, o, err) :
		    o->rollback ? work_rollback(&work, NULL, err) :
		    work_forget(&work, NULL, err);
	else if (o->from != NULL)
		ret = from_medium(&work, o, err);
	else
		ret = work_foreign(&work, cli->args[0],
		    cli->arg_count > 1 ? cli->args[1] : NULL, err);
	work_close(&work);
	return ret;
}

static int
run(struct cli *cli, struct options *o, struct err *err)
{
	struct pick pick;
	int ret;

	if (check_options(cli, o, err) == -1)
		return -1;
	o->work.has_no_target = o->list_files;
	if (o->only.count == 0)
		return do_work(cli, o, err);
	if (pick_init(&pick, o->only.items, o->only.count, err) == -1)
		return -1;
	o->work.pick = &pick;
	ret = do_work(cli, o, err);
	pick_release(&pick);
	return ret;
}

/* Filled by the table below, then only read. */
static struct options options;

static const struct cli_opt opts[] = {
	{ CLI_OPT_TEXT, 'f', "from", "MEDIUM",
	    "folder that the stick is mounted on",
	    { .text = &options.from } },
	{ CLI_OPT_TEXT, 0, "medium-id", "ID",
	    "only from this medium (its id, or the start of it)",
	    { .text = &options.medium_id } },
	{ CLI_OPT_FLAG, 'a', "all", NULL,
	    "every volume of the snapshot", { .flag = &options.all } },
	{ CLI_OPT_TEXT, 0, "as", "NAME",
	    "restore under another volume's name",
	    { .text = &options.work.as } },
	{ CLI_OPT_TEXT, 0, "to", "DIR",
	    "restore into a plain directory", { .text = &options.work.to } },
	{ CLI_OPT_FLAG, 0, "check", NULL,
	    "look inside before the swap; refuse what is DAMAGED", { .flag = &options.work.check } },
	{ CLI_OPT_TEXT, 'k', "key", "FILE",
	    "public key that must have signed", { .text = &options.key } },
	{ CLI_OPT_LIST, 0, "only", "PATH",
	    "single files and folders, with a folder to go to",
	    { .list = &options.only } },
	{ CLI_OPT_FLAG, 0, "list-files", NULL,
	    "what the volume's copy holds",
	    { .flag = &options.list_files } },
	{ CLI_OPT_FLAG, 0, "rollback", NULL,
	    "put the tree from before the restore back",
	    { .flag = &options.rollback } },
	{ CLI_OPT_FLAG, 0, "forget", NULL,
	    "delete the trees from before restores",
	    { .flag = &options.forget } },
	{ CLI_OPT_TEXT, 0, "catalog", "FILE",
	    "where restores are remembered",
	    { .text = &options.work.catalog } },
	{ CLI_OPT_TEXT, 0, "data-root", "DIR",
	    "Docker's folder, if not found by itself",
	    { .text = &options.work.data_root } },
	{ CLI_OPT_U64, 0, "strip-components", "N",
	    "archives: take N names off each path",
	    { .u64 = &options.work.strip_components } },
	{ CLI_OPT_FLAG, 0, "assume-unused", NULL,
	    "go on where users cannot be found out",
	    { .flag = &options.work.assume_unused } },
	{ CLI_OPT_FLAG, 0, "best-effort", NULL,
	    "leave out attributes the target cannot hold",
	    { .flag = &options.work.best_effort } },
	{ CLI_OPT_U64, 0, "threads", "N",
	    "decoding threads; 0: no threads at all",
	    { .u64 = &options.threads } },
	{ .kind = CLI_OPT_END },
};

static const struct cli_tool tool = {
	"restore-volume", "Bring a volume back: staged, proved, "
	"swapped in at once, with a way back.", synopsis, opts
};

int
main(int argc, char **argv)
{
	struct cli cli;
	struct err err;

	options.threads = frame_threads_default();
	if (cli_parse(&cli, &tool, argc, argv, &err) != CLI_RUN)
		return cli_finish(&cli, &err);
	walk_raise_limits();
	(void)seal_network();
	if (run(&cli, &options, &err) == 0)
		err_clear(&err);
	return cli_finish(&cli, &err);
}
