/* SPDX-License-Identifier: BSD-2-Clause */
/* No medium, but lists of checksums; see foreign.h. */
#include "foreign.h"

#include "base/err.h"
#include "base/escape.h"
#include "report_lists.h"

/* Of the options those that only hold for media; what: what is there. */
static void
warn_of_others(struct report *r, const struct work_options *o,
    const char *what)
{
	if (o->memory.max_bytes > 0 || o->memory.max_ms > 0 ||
	    o->memory.percent > 0)
		cli_warn(r->cli, "--max-bytes, --max-duration and --sample "
		    "hold for media only: %s checked whole", what);
	if (o->memory.carries)
		cli_warn(r->cli, "--record-on-medium holds for media only: "
		    "nothing of this is recorded");
	if (o->with.count > 0)
		cli_warn(r->cli, "--with and --repair hold for media only: "
		    "nothing of this is mended");
	if (o->salvage != NULL)
		cli_warn(r->cli, "--salvage holds for media only: nothing of "
		    "this is salvaged");
}

int
foreign_options(struct report *r, const struct work_options *o,
    const char *what, struct err *err)
{
	if (o->snapshots.count > 0)
		return err_set(err, ERR_USAGE, 0, "--snapshot goes with a "
		    "medium, and here is none");
	warn_of_others(r, o, what);
	if (r->signature_required) {
		cli_out(r->cli, "  signature  NOT CHECKED: only those of "
		    "snapshots are");
		cli_found(r->cli, EXIT_SIGNATURE);
	}
	return 0;
}

static int
take_options(struct report *r, const struct work_options *o, struct err *err)
{
	if (o->deep || o->data)
		cli_warn(r->cli, "--deep and --data look into snapshots only: "
		    "files of a list are held against their checksums alone");
	return foreign_options(r, o, "lists are", err);
}

int
foreign_verify(struct report *r, const struct work_options *o,
    const char *path, struct err *err)
{
	const struct lists_options options = {
		.threads = o->threads, .base = o->base,
		.finds_new = o->finds_new, .watch = &r->cli->watch,
		.calls = { r, report_list, report_listed },
	};
	char shown[ESCAPE_NAME_MAX];
	struct lists l;
	int ret = -1;

	if (lists_open(&l, path, &options, err) == -1 ||
	    lists_count(&l, err) == -1 || take_options(r, o, err) == -1)
		goto out;
	cli_stage_more(r->cli, l.total_bytes);
	ret = lists_check(&l, err);
	if (ret == 0 || err->class != ERR_INTERRUPTED)
		report_lists(r, escape_name(path, shown), &l);
	if (ret == -1 && err->class != ERR_INTERRUPTED) {
		cli_warn(r->cli, "%s: %s", shown, err->text);
		cli_found(r->cli, cli_exit_code(err));
		err_clear(err);
		ret = 0;
	}
out:
	lists_close(&l);
	return ret;
}
