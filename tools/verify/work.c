/* SPDX-License-Identifier: BSD-2-Clause */
/* Which media and snapshots a run reads; see work.h. */
#include "work.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "data.h"
#include "examine.h"
#include "report.h"

static int
verify_named(struct report *r, const struct work_options *o,
    const struct medium *m, struct err *err)
{
	struct medium_name name;
	size_t i;

	for (i = 0; i < o->snapshots.count; i++)
		if (snapshot_find(m, o->snapshots.items[i], &name, NULL,
		    err) == -1 || examine_snapshot(r, o, m, &name, err) == -1)
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
verify_folder(struct report *r, const struct work_options *o, const char *path,
    const struct medium_name *name, struct err *err)
{
	struct medium m;
	int ret;

	if (medium_open(&m, path, err) == -1)
		return -1;
	ret = examine_snapshot(r, o, &m, name, err);
	medium_close(&m);
	return ret;
}

static int
verify_medium(struct report *r, const struct work_options *o, const char *path,
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
		if (examine_snapshot(r, o, &m, &list.items[i], err) == -1)
			goto out;
	ret = 0;
out:
	medium_list_release(&list);
	medium_close(&m);
	return ret;
}

/* No medium: a directory of data as it is. */
static int
look_into_dir(struct report *r, const char *path, struct err *err)
{
	uint64_t before = report_judged(r);

	if (data_check_dir(r, path, err) == -1)
		return -1;
	if (report_judged(r) > before)
		return 0;
	return err_set(err, ERR_NOT_FOUND, 0, "nothing was checked: neither "
	    "a medium, nor data of a kind that is known");
}

static int
verify_path(struct report *r, const struct work_options *o, const char *path,
    struct err *err)
{
	struct medium_name name;
	char *medium = medium_of_snapshot(path, &name);
	int ret;

	if (medium == NULL) {
		ret = verify_medium(r, o, path, err);
		if (ret == 0 || err->class != ERR_NOT_FOUND || !o->data)
			return ret;
		err_clear(err);
		return look_into_dir(r, path, err);
	}
	ret = verify_folder(r, o, medium, &name, err);
	free(medium);
	return ret;
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
		uint64_t before = r->snapshots + r->trees;

		if (verify_path(r, o, cli->args[i], err) == -1) {
			if (cli->arg_count == 1 ||
			    err->class == ERR_INTERRUPTED)
				return -1;
			cli_warn(cli, "%s: NOT checked: %s", path, err->text);
			cli_found(cli, cli_exit_code(err));
			err_clear(err);
		} else if (r->snapshots + r->trees == before && cli->arg_count > 1) {
			cli_warn(cli, "%s: nothing was checked: no complete "
			    "snapshot there", path);
			cli_found(cli, EXIT_NOT_FOUND);
		}
	}
	return 0;
}

int
work_run(struct cli *cli, const struct work_options *o, struct err *err)
{
	struct report r = { .cli = cli,
	    .signature_required = o->key != NULL };
	double seconds;

	cli_stage(cli, "verifying", 0);
	if (verify_paths(&r, o, err) == -1)
		return -1;
	seconds = cli_stage_end(cli);
	if (r.snapshots + r.trees == 0)
		return err_set(err, ERR_NOT_FOUND, 0,
		    "nothing was checked: no complete snapshot there");
	report_end(&r, seconds);
	return 0;
}
