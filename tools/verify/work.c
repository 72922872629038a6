/* SPDX-License-Identifier: BSD-2-Clause */
/* Which media and snapshots a run reads; see work.h. */
#include "work.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "data.h"
#include "examine.h"
#include "foreign.h"
#include "memory.h"
#include "mend.h"
#include "places.h"
#include "plan.h"
#include "report.h"
#include "tools.h"

/* The snapshots that were asked for by name, instead of all. */
static int
pick_named(const struct work_options *o, const struct medium *m,
    struct medium_list *list, struct err *err)
{
	size_t i;

	medium_list_release(list);
	list->items = mem_zero(o->snapshots.count, sizeof *list->items);
	for (i = 0; i < o->snapshots.count; i++) {
		if (snapshot_find(m, o->snapshots.items[i],
		    &list->items[list->count], NULL, err) == -1)
			return -1;
		list->count++;
	}
	return 0;
}

/* "all", or the names: a run goes on only where it read the same. */
static void
format_scope(const struct medium_list *list, bool is_all, struct buf *scope)
{
	size_t i;

	if (is_all) {
		buf_puts(scope, "all");
		return;
	}
	for (i = 0; i < list->count; i++)
		buf_printf(scope, "%s%s", i > 0 ? " " : "",
		    list->items[i].text);
}

/* What a run with a budget says at its end: never more than it read. */
static void
tell_coverage(struct report *r)
{
	struct report_coverage c;

	if (memory_coverage(r->memory, &c.files, &c.of_files, &c.bytes,
	    &c.of_bytes))
		report_coverage(r, &c);
	else if (memory_is_spent(r->memory))
		report_no_coverage(r);
}

/* One medium's run, recorded: what is in list, in the order of the plan. */
static int
verify_list(struct report *r, const struct work_options *o,
    const struct medium *m, const struct medium_list *list, bool is_all,
    struct err *err)
{
	struct memory_known known;
	struct medium_name name;
	struct buf scope = BUF_EMPTY;
	struct plan plan;
	int64_t generation;
	int ret = 0;

	format_scope(list, is_all, &scope);
	memory_begin(r->memory, m, buf_text(&scope), is_all ? list : NULL);
	known = memory_known(r->memory);
	if (known.is_continued)
		report_continued(r, known.since, known.files, known.bytes);
	plan_init(&plan, r->memory, m, list);
	/* Nobody knows how much of an archive the checkers of data read. */
	if (cli_shows_progress(r->cli) && !o->data)
		cli_stage_more(r->cli, plan_bytes(&plan, m, o->deep));
	while (ret == 0 && plan_next(&plan, &name, &generation))
		ret = examine_snapshot(r, o, m, &name, generation, err);
	if (ret == 0 && memory_has_budget(r->memory))
		tell_coverage(r);
	memory_end(r->memory, ret == -1, ret == -1 ? cli_exit_code(err) :
	    r->cli->status);
	buf_release(&scope);
	return ret;
}

/* Nobody else writes to a medium while it is mended. */
static int
verify_locked(struct report *r, const struct work_options *o,
    const struct medium *m, const struct medium_list *list, bool is_all,
    struct err *err)
{
	int lock = -1, ret;

	if (o->repair && !r->cli->dry_run &&
	    mend_lock(m, &lock, err) == -1)
		return -1;
	ret = verify_list(r, o, m, list, is_all, err);
	if (lock != -1)
		(void)close(lock);
	return ret;
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
verify_folder(struct report *r, const struct work_options *o, const char *path,
    const struct medium_name *name, struct err *err)
{
	struct medium_name only = *name;
	const struct medium_list list = { &only, 1 };
	struct medium m;
	int ret;

	if (o->snapshots.count > 0)
		return err_set(err, ERR_USAGE, 0, "--snapshot goes with a "
		    "medium; this is the folder of one snapshot");
	if (medium_open(&m, path, err) == -1)
		return -1;
	ret = verify_locked(r, o, &m, &list, false, err);
	medium_close(&m);
	return ret;
}

static int
verify_medium(struct report *r, const struct work_options *o, const char *path,
    struct err *err)
{
	struct medium_list list = MEDIUM_LIST_EMPTY;
	struct medium m;
	bool is_all = o->snapshots.count == 0;
	int ret = -1;

	if (medium_open(&m, path, err) == -1)
		return -1;
	if (medium_list(&m, &list, err) == -1)
		goto out;
	report_medium(r, &m, list.count);
	if (is_all || pick_named(o, &m, &list, err) == 0)
		ret = verify_locked(r, o, &m, &list, is_all, err);
	if (ret == 0 && is_all && !memory_has_budget(r->memory))
		ret = tools_check(r, o, &m, err);
out:
	medium_list_release(&list);
	medium_close(&m);
	return ret;
}

/* No medium: a directory of data as it is, or a file. */
static int
look_into(struct report *r, const struct work_options *o, const char *path,
    struct err *err)
{
	uint64_t before = report_judged(r);

	if (foreign_options(r, o, "a directory is", err) == -1)
		return -1;
	if (data_check_path(r, path, err) == -1)
		return -1;
	if (report_judged(r) > before)
		return 0;
	return err_set(err, ERR_NOT_FOUND, 0, "nothing was checked: neither "
	    "a medium, nor data of a kind that is known");
}

static int
verify_any(struct report *r, const struct work_options *o, const char *path,
    struct err *err)
{
	struct stat st;
	struct err why;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return o->data ? look_into(r, o, path, err) :
		    foreign_verify(r, o, path, err);
	if (verify_medium(r, o, path, err) == 0)
		return 0;
	if (err->class != ERR_NOT_FOUND)
		return -1;
	err_clear(&why);
	if (o->data) {
		err_clear(err);
		return look_into(r, o, path, err);
	}
	if (foreign_verify(r, o, path, &why) == 0) {
		err_clear(err);
		return 0;
	}
	if (why.class != ERR_NOT_FOUND)
		*err = why;
	else
		(void)err_append(err, "%s", why.text);
	return -1;
}

static int
verify_path(struct report *r, const struct work_options *o, const char *path,
    struct err *err)
{
	struct medium_name name;
	char *medium = medium_of_snapshot(path, &name);
	int ret;

	if (medium == NULL)
		return verify_any(r, o, path, err);
	ret = verify_folder(r, o, medium, &name, err);
	free(medium);
	return ret;
}

static uint64_t
checked_so_far(const struct report *r)
{
	return r->snapshots + r->lists + r->trees;
}

/* One bad stick of several does not keep the others from being read. */
static int
verify_paths(struct report *r, const struct work_options *o, struct err *err)
{
	struct cli *cli = r->cli;
	char safe[ESCAPE_NAME_MAX];
	size_t i;

	for (i = 0; i < cli->arg_count; i++) {
		const char *path = escape_name(cli->args[i], safe);
		uint64_t before = checked_so_far(r);

		if (verify_path(r, o, cli->args[i], err) == -1) {
			if (cli->arg_count == 1 ||
			    err->class == ERR_INTERRUPTED)
				return -1;
			cli_warn(cli, "%s: NOT checked: %s", path, err->text);
			cli_found(cli, cli_exit_code(err));
			err_clear(err);
		} else if (checked_so_far(r) == before &&
		    cli->arg_count > 1) {
			cli_warn(cli, "%s: nothing was checked: no complete "
			    "snapshot there", path);
			cli_found(cli, EXIT_NOT_FOUND);
		}
	}
	return 0;
}

/* Of the snapshots in list those that one of the arguments has as well. */
static int
keep_shared(const struct cli_list *args, const struct medium *m,
    struct medium_list *list, struct err *err)
{
	struct places places = PLACES_EMPTY;
	size_t i, k, kept = 0;

	for (i = 0; i < list->count; i++) {
		if (places_open(&places, args, list->items[i].text,
		    m->snapshots_fd, err) == -1)
			return -1;
		for (k = 0; k < places.count; k++)
			if (places.items[k].is_snapshot)
				break;
		if (k < places.count)
			list->items[kept++] = list->items[i];
		places_close(&places);
	}
	list->count = kept;
	return 0;
}

/* What was a copy to mend from is mended in its turn. */
static int
mend_other(struct report *r, const struct work_options *o,
    const struct cli_list *args, const char *path, struct err *err)
{
	struct medium_list list = MEDIUM_LIST_EMPTY;
	struct work_options turned = *o;
	struct medium m;
	struct err why;
	int ret = -1;

	turned.with = *args;
	if (medium_open(&m, path, &why) == -1)
		return 0;	/* a folder with copies, no medium */
	if (m.fs.is_read_only)
		turned.repair = false;
	if (medium_list(&m, &list, err) == 0 &&
	    keep_shared(args, &m, &list, err) == 0) {
		report_medium(r, &m, list.count);
		ret = verify_locked(r, &turned, &m, &list, false, err);
	}
	medium_list_release(&list);
	medium_close(&m);
	return ret;
}

static int
mend_others(struct report *r, const struct work_options *o, struct err *err)
{
	struct cli_list args = { mem_zero(r->cli->arg_count,
	    sizeof *args.items), r->cli->arg_count };
	char safe[ESCAPE_NAME_MAX];
	int ret = 0;
	size_t i;

	for (i = 0; i < args.count; i++)
		args.items[i] = r->cli->args[i];
	for (i = 0; o->repair && i < o->with.count && ret == 0; i++) {
		if (mend_other(r, o, &args, o->with.items[i], err) == 0)
			continue;
		if (err->class == ERR_INTERRUPTED) {
			ret = -1;
			break;
		}
		cli_warn(r->cli, "%s: NOT mended: %s",
		    escape_name(o->with.items[i], safe), err->text);
		cli_found(r->cli, cli_exit_code(err));
		err_clear(err);
	}
	free(args.items);
	return ret;
}

int
work_run(struct cli *cli, const struct work_options *o, struct err *err)
{
	struct report r = { .cli = cli,
	    .signature_required = o->key != NULL };
	double seconds;
	int ret;

	if (places_check(&o->with, err) == -1)
		return -1;
	r.memory = memory_open(cli, &o->memory);
	cli_stage(cli, "verifying", 0);
	ret = verify_paths(&r, o, err);
	if (ret == 0)
		ret = mend_others(&r, o, err);
	memory_close(r.memory);
	if (ret == -1)
		return -1;
	seconds = cli_stage_end(cli);
	if (checked_so_far(&r) == 0)
		return err_set(err, ERR_NOT_FOUND, 0,
		    "nothing was checked: no complete snapshot there");
	report_end(&r, seconds);
	return 0;
}
