/* SPDX-License-Identifier: BSD-2-Clause */
/* One snapshot; see examine.h. */
#include "examine.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "data.h"
#include "deep.h"
#include "files.h"
#include "memory.h"
#include "mend.h"
#include "report.h"
#include "report_mend.h"
#include "salvage.h"

/* Did the manifest and every part have the right SHA-256 a moment ago? */
static bool
is_whole(const struct source_info *source, const struct pairs *bad)
{
	size_t i;

	if (pairs_get(bad, source->manifest) != NULL)
		return false;
	for (i = 0; i < source->parts.count; i++)
		if (pairs_get(bad, source->parts.items[i].name) != NULL)
			return false;
	return true;
}

/* Files of the sums have files_memory for this. */
static void
on_file(void *ctx, const struct medium_name *snapshot, const char *file,
    enum file_verdict verdict, const char *why, uint64_t bytes)
{
	struct report *r = ctx;

	report_file(r, snapshot, file, verdict, why, bytes);
	if (verdict == FILE_FOREIGN || strcmp(file, COMPLETE_FILE) == 0 ||
	    strcmp(file, SNAPSHOT_SUMS) == 0)
		memory_told(r->memory, file, verdict, why, bytes);
}

static void
on_known(void *ctx, uint64_t bytes)
{
	struct report *r = ctx;

	cli_stage_less(r->cli, bytes);
}

static void
on_member(void *ctx, const struct source_info *source, const char *path,
    enum check_verdict verdict, const char *what)
{
	struct report *r = ctx;

	report_member(r, source, path, verdict, what);
	memory_member(r->memory, source->name, path,
	    check_verdict_name(verdict), what);
}

/* Decode into the folder of what is salvaged. */
static int
salvage(struct report *r, const struct snapshot *s,
    const struct source_info *source, bool whole, struct deep_options *deep,
    struct deep_result *found, struct salvage *salvage, struct err *err)
{
	struct salvage_counts counts;
	struct deep_tree tree;
	struct err why;
	int ret;

	if (salvage_source(salvage, source, &tree, err) == -1)
		return -1;
	deep->tree = &tree;
	err_clear(&why);
	ret = deep_check(s, source, whole, deep, found, &why);
	if (salvage_source_end(salvage, found->counts.entries, &counts,
	    err) == -1)
		return -1;
	report_salvage(r, &s->name, source, &counts);
	*err = why;
	return ret;
}

/* Is it the tree that failed, and not the archive? */
static bool
is_of_target(const struct err *err)
{
	return err->class == ERR_PREFLIGHT || err->sys == ENOSPC ||
	    err->sys == EDQUOT || err->sys == EROFS || err->sys == EFBIG;
}

static int
decode_source(struct report *r, const struct work_options *o,
    const struct snapshot *s, const struct source_info *source,
    const struct pairs *bad, struct salvage *to, struct err *err)
{
	struct deep_options deep = {
		.threads = o->threads, .watch = &r->cli->watch,
		.calls = { r, on_member },
	};
	const bool pardoned = r->is_pardoned, whole = is_whole(source, bad);
	struct deep_result found;
	uint64_t members;
	struct err why;

	if (to == NULL && memory_knows_deep(r->memory, source->name, &members)) {
		report_known_deep(r, &s->name, source, members);
		cli_stage_less(r->cli, source->bytes);
		return 0;
	}
	err_clear(&why);
	/* What is wrong inside of right files no copy can mend. */
	r->is_pardoned = pardoned && !whole;
	if ((to != NULL ? salvage(r, s, source, whole, &deep, &found, to,
	    &why) : deep_check(s, source, whole, &deep, &found,
	    &why)) == -1 && (why.class == ERR_INTERRUPTED ||
	    (to != NULL && is_of_target(&why)))) {
		*err = why;
		return -1;
	}
	report_deep(r, &s->name, source, &found,
	    why.class == ERR_NONE ? NULL : why.text);
	r->is_pardoned = pardoned;
	memory_deep(r->memory, source->name, &found,
	    why.class == ERR_NONE ? NULL : why.text);
	return 0;
}

static int
look_into_source(struct report *r, const struct work_options *o,
    const struct snapshot *s, const struct source_info *source,
    const struct pairs *bad, struct salvage *to, struct err *err)
{
	if (!memory_has_read(r->memory, s, source)) {
		report_no_deep(r, source);
		return 0;
	}
	if (o->deep && decode_source(r, o, s, source, bad, to, err) == -1)
		return -1;
	return o->data ? data_check_source(r, s, source, err) : 0;
}

/* What the files hold, once each of them has its verdict. */
static int
look_inside(struct report *r, const struct work_options *o,
    const struct medium *m, const struct snapshot *s,
    const struct files_result *files, struct err *err)
{
	struct salvage *to = NULL;
	struct err ignored;
	size_t i;

	if ((!o->deep && !o->data) || files->is_interrupted)
		return 0;
	if (!files->has_info) {
		cli_warn(r->cli, "%s: " INFO_FILE " or the sums are damaged; "
		    "its archives were not looked into", s->name.text);
		return 0;
	}
	if (o->salvage != NULL && !r->cli->dry_run && salvage_begin(&to,
	    o->salvage, m, s, &r->cli->watch, err) == -1)
		return -1;
	for (i = 0; i < s->info.count; i++)
		if (look_into_source(r, o, s, &s->info.sources[i],
		    &files->bad, to, err) == -1) {
			(void)salvage_end(to, &ignored);
			return -1;
		}
	return salvage_end(to, err);
}

/* Is there anything that --with may help with? */
static bool
wants_mending(const struct work_options *o, const struct files_result *files)
{
	return o->with.count > 0 && (files->is_interrupted ||
	    files->bad.count > 0 || (o->key != NULL &&
	    files->signature != SIGNATURE_GOOD));
}

/*
 * Look for what is damaged in other copies.  A snapshot without its commit
 * record is interrupted, unless a copy of it has one.
 */
static int
mend(struct report *r, const struct work_options *o,
    const struct snapshot *s, struct files_result *files,
    struct mend_result *result, struct err *err)
{
	struct mend_options mending = {
		.with = &o->with, .key = o->key,
		.writes = o->repair && !r->cli->dry_run,
		.watch = &r->cli->watch,
		.event = report_mend_event, .ctx = r,
	};
	const bool is_checked = !files->is_interrupted &&
	    s->sums.count > 0;

	memset(result, 0, sizeof *result);
	if (!wants_mending(o, files))
		return 0;
	if (mend_snapshot(s, is_checked ? &files->bad : NULL, &mending,
	    result, err) == -1)
		return -1;
	if (files->is_interrupted && result->has_sums) {
		report_file(r, &s->name, COMPLETE_FILE, FILE_MISSING,
		    "a copy of this snapshot has it", 0);
		files->is_interrupted = false;
		files->verdicts[FILE_MISSING]++;
	}
	if (files->is_interrupted)
		return 0;
	report_mend(r, &s->name, result);
	if (!result->has_sums || result->outcomes[MEND_HOPELESS] +
	    result->outcomes[MEND_FAILED] > 0) {
		r->is_pardoned = false;
		cli_found(r->cli, files->bad.count > 0 || result->has_sums ?
		    EXIT_DAMAGED : EXIT_OK);
	}
	return 0;
}

/*
 * Verdicts that count no more: of a signature where a copy has a good one,
 * and that files are covered by no sum where the sums are what is wrong.
 */
static void
pardon(struct report *r, const struct files_result *files,
    const struct mend_result *mended, int before)
{
	if (!mended->has_signature && !mended->replaces_sums)
		return;
	if (!mended->has_signature && r->signature_required)
		return;
	r->cli->status = before;
	cli_found(r->cli, report_damage(r));
	if (files->verdicts[FILE_FOREIGN] > 0 && !mended->replaces_sums)
		cli_found(r->cli, EXIT_DAMAGED);
}

/* Read and judge the files, mend them, and read what was mended again. */
static int
check_and_mend(struct report *r, const struct work_options *o,
    const struct medium *m, struct snapshot *s, struct files_options *how,
    struct files_result *files, struct err *err)
{
	const struct report before = *r;
	const int status = r->cli->status;
	const struct medium_name name = s->name;
	struct mend_result mended;

	r->is_pardoned = o->with.count > 0;
	if (files_check(s, m, &name, how, files, err) == -1)
		return -1;
	if (mend(r, o, s, files, &mended, err) == -1)
		return -1;
	if (mended.outcomes[MEND_DONE] == 0) {
		pardon(r, files, &mended, status);
		report_snapshot(r, &name, files);
		return 0;
	}
	/* The verdicts from here on are those of what is there now. */
	cli_out(r->cli, "snapshot %s, read again", name.text);
	*r = before;
	r->cli->status = status;
	pairs_release(&files->bad);
	snapshot_close(s);
	cli_stage_more(r->cli, files->bytes);
	how->memory = NULL;
	if (files_check(s, m, &name, how, files, err) == -1)
		return -1;
	report_snapshot(r, &name, files);
	return 0;
}

int
examine_snapshot(struct report *r, const struct work_options *o,
    const struct medium *m, const struct medium_name *name,
    int64_t generation, struct err *err)
{
	struct files_options files = {
		.threads = o->threads, .key = o->key,
		.watch = &r->cli->watch,
		.calls = { r, on_file, on_known, report_range, report_signature },
		.memory = memory_files(r->memory),
	};
	struct files_result result = { .bad = PAIRS_EMPTY };
	struct snapshot s = SNAPSHOT_EMPTY;
	int ret;

	cli_out(r->cli, "snapshot %s", name->text);
	memory_enter(r->memory, name, generation);
	s.name = *name;
	ret = check_and_mend(r, o, m, &s, &files, &result, err);
	if (ret == 0) {
		ret = look_inside(r, o, m, &s, &result, err);
	} else if (result.is_gone) {
		err_context(err, "snapshot %s", name->text);
	} else if (err->class != ERR_INTERRUPTED) {
		/* One rotten folder must not hide what the others hold. */
		report_unreadable(r, name, err->text);
		memory_told(r->memory, SNAPSHOT_SUMS, FILE_UNREADABLE,
		    err->text, 0);
		err_clear(err);
		ret = 0;
	}
	r->is_pardoned = false;
	memory_leave(r->memory);
	pairs_release(&result.bad);
	snapshot_close(&s);
	return ret;
}
