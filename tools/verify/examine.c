/* SPDX-License-Identifier: BSD-2-Clause */
/* One snapshot; see examine.h. */
#include "examine.h"

#include "base/err.h"
#include "data.h"
#include "deep.h"
#include "files.h"
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

static int
decode_source(struct report *r, const struct work_options *o,
    const struct snapshot *s, const struct source_info *source,
    const struct pairs *bad, struct err *err)
{
	struct deep_options deep = {
		.threads = o->threads, .watch = &r->cli->watch,
		.calls = { r, report_member },
	};
	struct deep_result found;
	struct err why;

	err_clear(&why);
	if (deep_check(s, source, is_whole(source, bad), &deep, &found,
	    &why) == -1 && why.class == ERR_INTERRUPTED) {
		*err = why;
		return -1;
	}
	report_deep(r, &s->name, source, &found,
	    why.class == ERR_NONE ? NULL : why.text);
	return 0;
}

static int
look_into_source(struct report *r, const struct work_options *o,
    const struct snapshot *s, const struct source_info *source,
    const struct pairs *bad, struct err *err)
{
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
    const struct medium *m, const struct medium_name *name, struct err *err)
{
	struct files_options files = {
		.threads = o->threads > 0, .key = o->key,
		.watch = &r->cli->watch,
		.calls = { r, report_file, report_signature },
	};
	struct files_result result = { .bad = PAIRS_EMPTY };
	struct snapshot s;
	int ret;

	cli_out(r->cli, "snapshot %s", name->text);
	ret = files_check(&s, m, name, &files, &result, err);
	if (ret == 0) {
		report_snapshot(r, name, &result);
		ret = look_inside(r, o, &s, &result, err);
	} else if (err->class != ERR_INTERRUPTED) {
		/* One rotten folder must not hide what the others hold. */
		report_unreadable(r, name, err->text);
		err_clear(err);
		ret = 0;
	}
	pairs_release(&result.bad);
	snapshot_close(&s);
	return ret;
}
