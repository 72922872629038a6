/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pgdata://: the data of a PostgreSQL server that need not run: which version
 * made it and what state it was left in; with "deep", every page of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "check.h"
#include "check/pg_control.h"
#include "data.h"
#include "io/io.h"
#include "outcome.h"
#include "place.h"

#define LIMIT_MS 60000
#define VERSION_MAX 64		/* bytes of PG_VERSION */

struct look {
	const struct check *check;
	struct outcome *o;
	int fd;
	const char *shown;
	bool in_use;
};

static void
unread(const struct look *look, const char *name, const struct err *err)
{
	enum reason reason = REASON_CANNOT_READ;

	if (err->class == ERR_NOT_FOUND)
		reason = REASON_PGDATA_MISSING;
	else if (err->sys == EACCES || err->sys == EPERM)
		reason = REASON_NO_PERMISSION;
	outcome_reason(look->o, reason, "%s/%s: %s", look->shown, name,
	    err->text);
}

/* "15\n"; before 10 "9.6\n". */
static bool
judge_version(const struct look *look)
{
	const char *wish = check_text(&look->check->expect, "version");
	struct buf text = BUF_EMPTY;
	char shown[ESCAPE_NAME_MAX];
	struct err err;
	bool found;

	found = io_read_file(look->fd, "PG_VERSION", VERSION_MAX, &text,
	    &err) == 0;
	if (!found)
		unread(look, "PG_VERSION", &err);
	buf_cut(&text, strcspn(buf_text(&text), "\n"));
	if (found)
		outcome_fact(look->o, "version", buf_text(&text));
	if (found && wish != NULL && strcmp(wish, buf_text(&text)) != 0)
		outcome_reason(look->o, REASON_PGDATA_VERSION,
		    "made by %s, expected %s",
		    escape_name(buf_text(&text), shown), wish);
	buf_release(&text);
	return found;
}

static void
judge_control(const struct look *look, const struct pg_control *c)
{
	const char *state = pg_state_name(c->state);

	outcome_fact(look->o, "state", state);
	if (!c->crc_ok)
		outcome_reason(look->o, REASON_PGDATA_DAMAGED,
		    "%s/global/pg_control: its checksum does not match",
		    look->shown);
	else if (!pg_control_is_clean(c) && !look->in_use)
		outcome_reason(look->o, REASON_PGDATA_NOT_CLEAN,
		    "%s: %s, and nobody uses it", look->shown, state);
	outcome_note(look->o, "%s, %s%s", state, c->checksums == 1 ?
	    "pages have checksums" : "pages have no checksums",
	    look->in_use ? ", in use" : "");
}

static bool
read_control(const struct look *look)
{
	struct buf data = BUF_EMPTY;
	struct pg_control control;
	struct err err;
	int dir = io_open(look->fd, "global", O_RDONLY | O_DIRECTORY, 0);
	bool found = false;

	if (dir == -1)
		err_set(&err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    errno, "cannot open");
	else
		found = io_read_file(dir, "pg_control", PG_CONTROL_LEN,
		    &data, &err) == 0;
	if (!found)
		unread(look, "global/pg_control", &err);
	else if (pg_control_parse((const uint8_t *)buf_text(&data), data.len,
	    &control, &err) == -1)
		outcome_reason(look->o, REASON_PGDATA_DAMAGED,
		    "%s/global/pg_control: %s", look->shown, err.text);
	else
		judge_control(look, &control);
	if (dir != -1)
		(void)io_close(dir);	/* read-only: nothing to lose */
	buf_release(&data);
	return found;
}

static void
run_pgdata(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	const char *path = check->url.path;
	char shown[ESCAPE_NAME_MAX];
	struct look look = { check, o, -1, escape_name(path, shown), false };

	look.fd = io_open_typed(path, O_RDONLY | O_DIRECTORY, 0);
	if (look.fd == -1) {
		place_failed(o, errno, look.shown, REASON_PGDATA_MISSING);
		return;
	}
	look.in_use = data_is_in_use(path);
	if (judge_version(&look) && read_control(&look) &&
	    check_bool(&check->set, "deep", false)) {
		const struct data_folder folder = { look.fd, look.shown,
		    look.in_use };

		data_judge(&folder, context, o);
	}
	(void)io_close(look.fd);	/* read-only: nothing to lose */
}

static int
accept_pgdata(const struct check *check, struct err *err)
{
	if (check->url.path[0] != '/')
		return err_set(err, ERR_USAGE, 0, "a path begins with a "
		    "slash, which makes three of them: pgdata:///srv");
	return 0;
}

static const struct check_key keys[] = {
	{ "version", CHECK_TEXT, CHECK_EXPECT, false, false },
	{ "deep", CHECK_BOOL, CHECK_SET, false, false },
	{ NULL, CHECK_TEXT, 0, false, false }
};

const struct check_kind check_kind_pgdata = {
	keys, LIMIT_MS, REASON_STORAGE_SILENT, accept_pgdata, run_pgdata
};
