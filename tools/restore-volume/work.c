/* SPDX-License-Identifier: BSD-2-Clause */
/* One restore, from looking to the exchange; see work.h. */
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/attrs.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "check/tree_snapshot.h"
#include "fill.h"
#include "foreign.h"
#include "io/dir.h"
#include "io/io.h"
#include "look.h"
#include "preflight.h"
#include "remember.h"

int
work_open(struct work *w, struct cli *cli,
    const struct work_options *options, struct err *err)
{
	memset(w, 0, sizeof *w);
	w->cli = cli;
	w->options = options;
	if (options->to != NULL || options->has_no_target)
		return 0;
	return host_open(&w->host, options->data_root, err);
}

/* The volumes that wait for it keep their data whatever becomes of this. */
static void
write_identities(struct work *w)
{
	struct err err;
	size_t i;

	if (w->identities.count == 0)
		return;
	err_clear(&err);
	if (identity_queue_write(&w->identities, &w->host, &err) == -1)
		for (i = 0; i < w->identities.count; i++)
			cli_warn(w->cli, "%s: the data is back, but its "
			    "labels could not be recorded: %s",
			    w->identities.items[i].name, err.text);
	else
		cli_detail(w->cli, "labels of %zu volumes recorded",
		    w->identities.count);
	identity_queue_release(&w->identities);
}

void
work_close(struct work *w)
{
	write_identities(w);
	host_close(&w->host);
}

static void
on_note(void *ctx, const char *path, const char *text)
{
	cli_warn(ctx, "%s: %s", path, text);
}

static int
open_target(struct work *w, struct target *t, const char *volume,
    struct err *err)
{
	struct target_options options = {
		.assume_unused = w->options->assume_unused
	};

	if (w->options->to != NULL)
		return target_directory(t, w->options->to, &options, err);
	return target_volume(t, &w->host, volume, &options, err);
}

/* The folder whose file system will hold the stage. */
static int
holder_of(const struct work *w, const struct target *t)
{
	return t->holder_fd != -1 ? t->holder_fd : w->host.root.volumes_fd;
}

static void
tell_recovery(struct work *w, const struct target *t)
{
	if (t->swap.finished)
		cli_say(w->cli, "%s: an interrupted restore was completed; "
		    "its old tree is kept", t->name);
	if (t->swap.kept)
		cli_warn(w->cli, "%s: an interrupted restore had left a tree "
		    "that may be the one from before it; it is kept",
		    t->name);
	if (t->swap.swept)
		cli_say(w->cli, "%s: removed what an interrupted restore "
		    "had left", t->name);
}

/* An empty tree that came before is not worth keeping. */
static bool
drop_empty(const struct target *t, const char *before)
{
	return unlinkat(t->holder_fd, before, AT_REMOVEDIR) == 0;
}

static int
commit(struct work *w, struct target *t, uint64_t sequence, struct err *err)
{
	char *before = NULL;

	if (swap_commit(&t->swap, sequence, &before, err) == -1) {
		/* Past the exchange: undoing would delete what came back. */
		if (t->swap.stage_fd == -1)
			t->made_holder = false;
		return -1;
	}
	t->made_holder = false;	/* there is something in it now */
	if (before != NULL && !drop_empty(t, before))
		cli_out(w->cli, "the tree from before is kept as %s; "
		    "--rollback puts it back, --forget deletes it", before);
	free(before);
	return 0;
}

static void
tell_unseen(struct work *w, const struct target *t)
{
	if (t->is_unseen)
		cli_warn(w->cli, "a Docker daemon is running and could not "
		    "be told of the new volume %s: restart it, or make its "
		    "socket reachable, and it will see the volume", t->name);
}

static int
record_identity(struct work *w, const struct target *t,
    struct volume_identity *identity, struct err *err)
{
	bool is_ours;

	if (identity_is_ours(&w->host, t->name, &is_ours, err) == -1) {
		cli_warn(w->cli, "%s: the data is back, but its labels could "
		    "not be recorded: %s", t->name, err->text);
		err_clear(err);
		return 0;
	}
	if (!is_ours)
		return 0;
	identity_queue_add(&w->identities, t->name, identity);
	if (docker_lock_is_settled(&w->host.lock))
		write_identities(w);
	return 0;
}

static void
tell_restored(struct work *w, const struct target *t,
    const struct source_info *source, const struct fill_result *f,
    double seconds)
{
	char size[NUM_BYTES_TEXT], count[NUM_COUNT_TEXT];
	struct cli_json j;

	if (f->compared.differing == 0)
		cli_out(w->cli, "restored %s: %s entries, %s, every hash and "
		    "attribute checked, in %.1f s", t->name,
		    num_format_count(f->checked.entries, count),
		    num_format_bytes(f->checked.bytes, size), seconds);
	else
		cli_out(w->cli, "restored %s: %s entries, %s, every hash "
		    "checked, in %.1f s; the attributes of %llu differ, see "
		    "the warnings", t->name,
		    num_format_count(f->checked.entries, count),
		    num_format_bytes(f->checked.bytes, size), seconds,
		    (unsigned long long)f->compared.differing);
	if (source->consistency != CONSISTENCY_STOPPED)
		cli_out(w->cli, "note: this copy was taken %s",
		    source->consistency == CONSISTENCY_HOT ?
		    "hot, while in use" : "without knowing whether it was "
		    "in use");
	cli_json_open(&j, "summary");
	cli_json_text(&j, "target", t->name);
	cli_json_text(&j, "source", source->name);
	cli_json_u64(&j, "entries", f->checked.entries);
	cli_json_u64(&j, "bytes", f->checked.bytes);
	cli_json_u64(&j, "notes", f->notes);
	cli_json_emit(&j, w->cli);
}

static int
check_stage(struct work *w, const struct target *t, const struct snapshot *s,
    const struct source_info *source, struct err *err)
{
	struct content_facts facts = { .now = io_now() };

	if (!w->options->check)
		return 0;
	if (s != NULL)
		snapshot_tree_facts(&facts, s, source);
	(void)cli_stage_end(w->cli);
	cli_stage(w->cli, "checking content", 0);
	return look_into(w->cli, t->name, t->swap.stage_fd, &facts, err);
}

static int
fill_and_commit(struct work *w, struct target *t, const struct snapshot *s,
    const struct source_info *source, struct err *err)
{
	struct fill_options options = {
		.threads = w->options->threads, .pick = w->options->pick,
		.watch = &w->cli->watch,
		.note = on_note, .ctx = w->cli,
	};
	struct fill_result result;
	double seconds;

	if (swap_begin(&t->swap, err) == -1)
		return -1;
	cli_stage(w->cli, "restoring", source->bytes);
	if (fill_stage(s, source, t->swap.stage_fd, &options, &result,
	    err) == -1 || check_stage(w, t, s, source, err) == -1 ||
	    commit(w, t, s->name.sequence, err) == -1) {
		(void)cli_stage_end(w->cli);
		swap_abort(&t->swap);
		return -1;
	}
	seconds = cli_stage_end(w->cli);
	tell_restored(w, t, source, &result, seconds);
	return 0;
}

static void
tell_plan(struct work *w, const struct target *t,
    const struct source_info *source, const struct needs *needs)
{
	char size[NUM_BYTES_TEXT], count[NUM_COUNT_TEXT];
	struct cli_json j;

	cli_out(w->cli, "would restore %s into %s: %s entries, %s on disk%s",
	    source->name, t->name, num_format_count(needs->entries, count),
	    num_format_bytes(needs->bytes, size), t->exists ?
	    "; the tree there now would be kept" : "; it is new");
	cli_json_open(&j, "plan");
	cli_json_text(&j, "target", t->name);
	cli_json_text(&j, "source", source->name);
	cli_json_u64(&j, "entries", needs->entries);
	cli_json_u64(&j, "bytes", needs->bytes);
	cli_json_bool(&j, "exists", t->exists);
	cli_json_emit(&j, w->cli);
}

static int
preflight(struct work *w, const struct target *t, const struct snapshot *s,
    const struct source_info *source, struct needs *needs, struct err *err)
{
	char names[ATTRS_TEXT_MAX];
	unsigned cannot = 0;

	if (preflight_read(s, source, w->options->pick, &w->cli->watch,
	    needs, err) == -1 ||
	    preflight_check(holder_of(w, t), needs,
	    w->options->best_effort, &cannot, err) == -1)
		return -1;
	if (cannot != 0)
		cli_warn(w->cli, "%s: the target cannot hold: %s", t->name,
		    attrs_names(cannot, names));
	return 0;
}

/*
 * A folder of a few files in place of a full one: kept or not, that is hardly
 * what anybody wants.
 */
static int
check_room(const struct work *w, const struct target *t, struct err *err)
{
	struct dir_names names = DIR_NAMES_EMPTY;
	int fd, ret = 0;

	if (w->options->pick == NULL || !t->exists)
		return 0;
	fd = io_open(t->holder_fd, t->data, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1 || dir_names_read(&names, fd, 1) == -1)
		ret = err_set(err, ERR_IO, io_error(), "%s", t->name);
	else if (names.count > 0)
		ret = err_set(err, ERR_PREFLIGHT, 0, "%s is not empty: "
		    "--only makes a folder of what it restores", t->name);
	dir_names_release(&names);
	if (fd != -1)
		(void)close(fd);	/* read-only: nothing to lose */
	return ret;
}

static int
restore_into(struct work *w, struct target *t, const struct snapshot *s,
    const struct source_info *source, struct volume_identity *identity,
    struct err *err)
{
	struct needs needs;

	if (check_room(w, t, err) == -1 ||
	    preflight(w, t, s, source, &needs, err) == -1)
		return -1;
	if (w->cli->dry_run) {
		tell_plan(w, t, source, &needs);
		return 0;
	}
	if (target_prepare(t, identity, err) == -1)
		goto fail;
	tell_recovery(w, t);
	if (fill_and_commit(w, t, s, source, err) == -1)
		goto fail;
	tell_unseen(w, t);
	return identity == NULL ? 0 : record_identity(w, t, identity, err);
fail:
	target_undo(t);
	return -1;
}

static int
restore(struct work *w, const struct snapshot *s,
    const struct source_info *source, struct err *err)
{
	const char *volume = w->options->as != NULL ? w->options->as :
	    source->name;
	bool to_volume = w->options->to == NULL;
	struct volume_identity identity;
	struct target t;
	int ret = -1;

	volume_identity_init(&identity);
	if (to_volume && source->kind == SOURCE_VOLUME &&
	    identity_of(source, strcmp(volume, source->name) != 0, &identity,
	    err) == -1)
		goto out;
	if (to_volume && source->kind != SOURCE_VOLUME &&
	    w->options->as == NULL) {
		err_set(err, ERR_USAGE, 0, "was taken with --path from %s: "
		    "say --to DIR, or --as VOLUME", source->origin);
		goto out;
	}
	if (open_target(w, &t, volume, err) == -1)
		goto out;
	ret = restore_into(w, &t, s, source, to_volume ? &identity : NULL,
	    err);
	target_close(&t);
out:
	volume_identity_release(&identity);
	if (ret == -1 && err->class != ERR_USAGE)
		err_context(err, "%s", source->name);
	return ret;
}

int
work_restore(struct work *w, const struct snapshot *s,
    const struct source_info *source, struct err *err)
{
	uint64_t begun = io_ticks_ms();
	int ret = restore(w, s, source, err);
	const struct remember what = {
		.catalog = w->options->catalog,
		.medium = w->medium_id == NULL ? "" : w->medium_id,
		.snapshot = s->name.text, .source = source->name,
		.target = w->options->to != NULL ? w->options->to :
		    w->options->as != NULL ? w->options->as : source->name,
		.bytes = source->bytes,
		.milliseconds = io_ticks_ms() - begun,
	};

	if (!w->cli->dry_run && (ret == 0 || err->class != ERR_USAGE))
		remember_restore(w->cli, &what, ret == 0 ? NULL : err);
	return ret;
}

/*
 * An archive without an entry for its root leaves the stage as we made it;
 * the volume's own owner and mode are the better guess.
 */
static int
dress_root(const struct target *t, struct err *err)
{
	struct stat st = { .st_mode = 0755 };

	if (t->exists && fstatat(t->holder_fd, t->data, &st,
	    AT_SYMLINK_NOFOLLOW) == -1)
		return err_set(err, ERR_IO, errno, "cannot stat %s", t->data);
	if (fchown(t->swap.stage_fd, st.st_uid, st.st_gid) == -1 ||
	    fchmod(t->swap.stage_fd, st.st_mode & 07777) == -1)
		return err_set(err, ERR_IO, errno,
		    "cannot set owner and mode of the root");
	return 0;
}

static int
foreign_into(struct work *w, struct target *t, const char *archive,
    struct err *err)
{
	struct foreign_options options = {
		.strip_components = w->options->strip_components,
		.watch = &w->cli->watch, .note = on_note, .ctx = w->cli,
	};
	char size[NUM_BYTES_TEXT], count[NUM_COUNT_TEXT];
	struct foreign_result r;

	if (target_prepare(t, NULL, err) == -1)
		return -1;
	tell_recovery(w, t);
	if (swap_begin(&t->swap, err) == -1)
		return -1;
	cli_stage(w->cli, "restoring", 0);
	if (foreign_fill(archive, t->swap.stage_fd, &options, &r,
	    err) == -1 ||
	    (!r.has_root && dress_root(t, err) == -1) ||
	    check_stage(w, t, NULL, NULL, err) == -1 ||
	    commit(w, t, 0, err) == -1) {
		(void)cli_stage_end(w->cli);
		swap_abort(&t->swap);
		return -1;
	}
	(void)cli_stage_end(w->cli);
	if (r.stripped > 0)
		cli_warn(w->cli, "%llu entries had fewer components than "
		    "--strip-components and were left out",
		    (unsigned long long)r.stripped);
	cli_out(w->cli, "restored %s: %s entries, %s, from a foreign archive "
	    "(%s). It has no manifest: its own checksums hold, more cannot "
	    "be said", t->name, num_format_count(r.entries, count),
	    num_format_bytes(r.bytes, size), r.packing);
	tell_unseen(w, t);
	w->foreign_bytes = r.bytes;
	return 0;
}

static int
restore_foreign(struct work *w, const char *archive, const char *volume,
    struct err *err)
{
	char safe[ESCAPE_NAME_MAX];
	struct target t;
	int ret = 0;

	if (open_target(w, &t, volume, err) == -1)
		return -1;
	if (access(archive, R_OK) == -1)
		ret = err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    errno, "%s", escape_name(archive, safe));
	else if (w->cli->dry_run)
		cli_out(w->cli, "would restore %s into %s%s",
		    escape_name(archive, safe), t.name,
		    t.exists ? "; the tree there now would be kept" : "");
	else
		ret = foreign_into(w, &t, archive, err);
	if (ret == -1)
		target_undo(&t);
	target_close(&t);
	return ret;
}

int
work_foreign(struct work *w, const char *archive, const char *volume,
    struct err *err)
{
	uint64_t begun = io_ticks_ms();
	int ret = restore_foreign(w, archive, volume, err);
	const struct remember what = {
		.catalog = w->options->catalog, .medium = "",
		.snapshot = archive, .source = "",
		.target = w->options->to != NULL ? w->options->to : volume,
		.bytes = w->foreign_bytes,
		.milliseconds = io_ticks_ms() - begun,
	};

	if (!w->cli->dry_run && (ret == 0 || err->class != ERR_USAGE))
		remember_restore(w->cli, &what, ret == 0 ? NULL : err);
	return ret;
}

static int
attach(struct work *w, struct target *t, const char *volume, struct err *err)
{
	if (open_target(w, t, volume, err) == -1)
		return -1;
	if (!t->exists)
		(void)err_set(err, ERR_NOT_FOUND, 0, "%s: there is no such "
		    "%s", t->name, volume == NULL ? "directory" : "volume");
	else if ((w->cli->dry_run ? target_look(t, err) :
	    target_attach(t, err)) == 0)
		return 0;
	target_close(t);
	return -1;
}

static void
tell_exchanged(struct work *w, const struct target *t, const char *before)
{
	struct cli_json j;

	cli_json_open(&j, w->cli->dry_run ? "plan" : "summary");
	cli_json_text(&j, "target", t->name);
	cli_json_text(&j, "exchanged", before);
	cli_json_emit(&j, w->cli);
}

int
work_rollback(struct work *w, const char *volume, struct err *err)
{
	char *before = NULL;
	struct target t;
	int ret = -1;

	if (attach(w, &t, volume, err) == -1)
		return -1;
	tell_recovery(w, &t);
	if (swap_newest_before(&t.swap, &before, err) == -1)
		goto out;
	if (w->cli->dry_run) {
		cli_out(w->cli, "would exchange %s and %s", t.data, before);
		tell_exchanged(w, &t, before);
		ret = 0;
		goto out;
	}
	if (swap_back(&t.swap, before, err) == -1)
		goto out;
	cli_out(w->cli, "%s: exchanged with %s; --rollback once more undoes "
	    "it", t.name, before);
	tell_exchanged(w, &t, before);
	ret = 0;
out:
	free(before);
	target_close(&t);
	return ret;
}

int
work_forget(struct work *w, const char *volume, struct err *err)
{
	uint64_t count = 0;
	struct cli_json j;
	struct target t;
	int ret = -1;

	if (attach(w, &t, volume, err) == -1)
		return -1;
	tell_recovery(w, &t);
	if (!w->cli->dry_run &&
	    !cli_confirm(w->cli, "delete the trees from before, for good?")) {
		if (watch_step(&w->cli->watch, 0, 0, err) == 0)
			err_set(err, ERR_USAGE, 0,
			    "nothing was deleted: say --yes");
		goto out;
	}
	if ((w->cli->dry_run ? swap_count_before(&t.swap, &count, err) :
	    swap_forget(&t.swap, &count, err)) == -1)
		goto out;
	cli_out(w->cli, "%s: %llu old trees %s", t.name,
	    (unsigned long long)count,
	    w->cli->dry_run ? "would be deleted" : "deleted");
	cli_json_open(&j, w->cli->dry_run ? "plan" : "summary");
	cli_json_text(&j, "target", t.name);
	cli_json_u64(&j, "deleted", count);
	cli_json_emit(&j, w->cli);
	ret = 0;
out:
	target_close(&t);
	return ret;
}
