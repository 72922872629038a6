/* SPDX-License-Identifier: BSD-2-Clause */
/* One snapshot; see examine.h. */
#include "examine.h"

#include <string.h>

#include "base/err.h"
#include "data.h"
#include "deep.h"
#include "files.h"
#include "memory.h"
#include "report.h"

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
on_member(void *ctx, const struct source_info *source, const char *path,
    enum check_verdict verdict, const char *what)
{
	struct report *r = ctx;

	report_member(r, source, path, verdict, what);
	memory_member(r->memory, source->name, path,
	    check_verdict_name(verdict), what);
}

static int
decode_source(struct report *r, const struct work_options *o,
    const struct snapshot *s, const struct source_info *source,
    const struct pairs *bad, struct err *err)
{
	struct deep_options deep = {
		.threads = o->threads, .watch = &r->cli->watch,
		.calls = { r, on_member },
	};
	struct deep_result found;
	uint64_t members;
	struct err why;

	if (memory_knows_deep(r->memory, source->name, &members)) {
		report_known_deep(r, &s->name, source, members);
		return 0;
	}
	err_clear(&why);
	if (deep_check(s, source, is_whole(source, bad), &deep, &found,
	    &why) == -1 && why.class == ERR_INTERRUPTED) {
		*err = why;
		return -1;
	}
	report_deep(r, &s->name, source, &found,
	    why.class == ERR_NONE ? NULL : why.text);
	memory_deep(r->memory, source->name, &found,
	    why.class == ERR_NONE ? NULL : why.text);
	return 0;
}

static int
look_into_source(struct report *r, const struct work_options *o,
    const struct snapshot *s, const struct source_info *source,
    const struct pairs *bad, struct err *err)
{
	if (!memory_has_read(r->memory, s, source)) {
		report_no_deep(r, source);
		return 0;
	}
	if (o->deep && decode_source(r, o, s, source, bad, err) == -1)
		return -1;
	return o->data ? data_check_source(r, s, source, err) : 0;
}

/* What the files hold, once each of them has its verdict. */
static int
look_inside(struct report *r, const struct work_options *o,
    const struct snapshot *s, const struct files_result *files,
    struct err *err)
{
	size_t i;

	if ((!o->deep && !o->data) || files->is_interrupted)
		return 0;
	if (!files->has_info) {
		cli_warn(r->cli, "%s: " INFO_FILE " or the sums are damaged; "
		    "its archives were not looked into", s->name.text);
		return 0;
	}
	for (i = 0; i < s->info.count; i++)
		if (look_into_source(r, o, s, &s->info.sources[i],
		    &files->bad, err) == -1)
			return -1;
	return 0;
}

int
examine_snapshot(struct report *r, const struct work_options *o,
    const struct medium *m, const struct medium_name *name,
    int64_t generation, struct err *err)
{
	struct files_options files = {
		.threads = o->threads > 0, .key = o->key,
		.watch = &r->cli->watch,
		.calls = { r, on_file, report_range, report_signature },
		.memory = memory_files(r->memory),
	};
	struct files_result result = { .bad = PAIRS_EMPTY };
	struct snapshot s;
	int ret;

	cli_out(r->cli, "snapshot %s", name->text);
	memory_enter(r->memory, name, generation);
	ret = files_check(&s, m, name, &files, &result, err);
	if (ret == 0) {
		report_snapshot(r, name, &result);
		ret = look_inside(r, o, &s, &result, err);
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
	memory_leave(r->memory);
	pairs_release(&result.bad);
	snapshot_close(&s);
	return ret;
}
