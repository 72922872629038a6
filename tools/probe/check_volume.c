/* SPDX-License-Identifier: BSD-2-Clause */
/* volume://: a volume of the data-root holds what it should; needs no engine. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "check.h"
#include "data.h"
#include "docker/volume.h"
#include "io/io.h"
#include "io/parent.h"
#include "outcome.h"
#include "place.h"
#include "site.h"

#define LIMIT_MS 5000

/* Below these a file system is called nearly full, unless terms say more. */
#define FAIL_PERCENT 2
#define WARN_PERCENT 10

static int
accept_volume(const struct check *check, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];

	if (!volume_name_is_valid(check->url.host))
		return err_set(err, ERR_USAGE, 0, "'%s' is not a volume name",
		    escape_name(check->url.host, shown));
	return place_accept(check, err);
}

/* "shop_db" for "db", and the other way round: another project's name. */
static const char *
find_alike(const struct volume_set *volumes, const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < volume_set_count(volumes); i++) {
		const char *other = volume_set_name(volumes, i);
		size_t other_len = strlen(other);
		bool is_longer = other_len > len;
		const char *end = is_longer ? other + other_len - len :
		    name + len - other_len;

		if (other_len != len && end[-1] == '_' &&
		    strcmp(end, is_longer ? name : other) == 0)
			return other;
	}
	return NULL;
}

static void
say_missing(const struct volume_set *volumes, const char *name,
    struct outcome *o)
{
	const char *alike = find_alike(volumes, name);
	char shown[ESCAPE_NAME_MAX];

	if (alike != NULL)
		outcome_reason(o, REASON_VOLUME_MISSING, "%s; but there is "
		    "%s", name, escape_name(alike, shown));
	else
		outcome_reason(o, REASON_VOLUME_MISSING, "%s", name);
}

/* The volume's folder of data, or what the target names in it. */
static int
open_place(const struct check *check, const struct volume *v)
{
	char *data = mem_format("%s/_data", v->path);
	const char *path = check->url.path, *name;
	struct parent parent;
	struct err err;
	int fd = io_open_typed(data, O_RDONLY | O_DIRECTORY, 0);
	int dir_fd, found = -1, error = errno;

	free(data);
	path += *path == '/';
	if (fd == -1 || *path == '\0') {
		errno = error;
		return fd;
	}
	parent_init(&parent, fd, false);
	if (parent_of(&parent, path, &dir_fd, &name, &err) == 0) {
		found = io_open(dir_fd, name, O_PATH, 0);
		error = errno;
	} else {
		error = err.class == ERR_NOT_FOUND ? ENOENT : err.sys != 0 ?
		    err.sys : ENOTDIR;
	}
	parent_release(&parent);
	(void)io_close(fd);	/* read-only: nothing to lose */
	errno = error;
	return found;
}

/* It is to hold something unless a term says otherwise. */
static void
judge_empty(const struct check *check, bool is_empty, const char *shown,
    struct outcome *o)
{
	const char *expect = check_text(&check->expect, "empty");
	const char *warn = check_text(&check->warn, "empty");
	const char *wish = expect != NULL ? expect : warn != NULL ? warn :
	    "false";

	if ((strcmp(wish, "true") == 0) != is_empty)
		outcome_reason_as(o, expect == NULL && warn != NULL ?
		    OUTCOME_WARN : OUTCOME_FAIL, is_empty ?
		    REASON_VOLUME_EMPTY : REASON_NOT_EMPTY, "%s", shown);
}

/* What is in it, where that is asked for; p.fd may be O_PATH only. */
static void
judge_content(const struct check *check, const struct volume *v,
    const struct place *p, const struct probe_context *context,
    struct outcome *o)
{
	struct data_folder folder = { -1, p->shown, false };

	if (!check_bool(&check->set, "deep", false))
		return;
	folder.fd = io_open(p->fd, ".", O_RDONLY | O_DIRECTORY, 0);
	if (folder.fd == -1) {
		place_failed(o, errno, p->shown, REASON_PATH_MISSING);
		return;
	}
	folder.is_hot = data_is_in_use(v->path);
	data_judge(&folder, context, o);
	(void)io_close(folder.fd);	/* read-only: nothing to lose */
}

static void
judge_data(const struct check *check, const struct volume *v,
    const struct probe_context *context, struct outcome *o)
{
	bool is_root = check->url.path[0] == '\0' ||
	    strcmp(check->url.path, "/") == 0;
	char *text = mem_format("%s%s", v->name, check->url.path);
	char shown[ESCAPE_NAME_MAX];
	struct place p = { .shown = escape_name(text, shown),
	    .fail_percent = FAIL_PERCENT, .warn_percent = WARN_PERCENT };
	int is_empty = 0;

	p.fd = open_place(check, v);
	if (p.fd == -1 || fstat(p.fd, &p.st) == -1) {
		place_failed(o, errno, p.shown, is_root ?
		    REASON_VOLUME_EMPTY : REASON_PATH_MISSING);
		goto out;
	}
	if (S_ISDIR(p.st.st_mode))
		is_empty = place_is_empty(p.fd);
	if (is_empty == -1)
		place_failed(o, errno, p.shown, REASON_VOLUME_EMPTY);
	else
		judge_empty(check, is_empty == 1, p.shown, o);
	place_judge(check, &p, o);
	outcome_note(o, "%s, owner %u:%u, mode 0%o", is_empty == 1 ?
	    "empty, as it may be" : "holds data", (unsigned)p.st.st_uid,
	    (unsigned)p.st.st_gid, (unsigned)(p.st.st_mode & 07777));
	judge_content(check, v, &p, context, o);
out:
	if (p.fd != -1)
		(void)io_close(p.fd);	/* read-only: nothing to lose */
	free(text);
}

static void
judge_volume(const struct check *check, const struct volume *v,
    const struct probe_context *context, struct outcome *o)
{
	outcome_fact(o, "driver", v->identity.driver);
	outcome_fact(o, "path", v->path);
	if (v->data_elsewhere != NULL && !v->is_mounted &&
	    strncmp(v->data_elsewhere, "behind", 6) != 0)
		outcome_reason(o, REASON_VOLUME_ELSEWHERE, "%s",
		    v->data_elsewhere);
	else if (!v->has_data)
		outcome_reason(o, REASON_VOLUME_EMPTY,
		    "%s has no folder _data", v->name);
	else
		judge_data(check, v, context, o);
}

static void
run_volume(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	const char *name = check->url.host;
	const struct volume_set *volumes;
	struct volume v;
	struct err err;

	if (site_volumes(context->site, &volumes, &err) == -1) {
		outcome_reason(o, err.sys == EACCES || err.sys == EPERM ?
		    REASON_NO_PERMISSION : REASON_DATA_ROOT_MISSING, "%s",
		    err.text);
		return;
	}
	if (!volume_set_has(volumes, name)) {
		say_missing(volumes, name, o);
		return;
	}
	if (volume_read(volumes, name, &v, &err) == -1) {
		outcome_reason(o, REASON_CANNOT_READ, "%s", err.text);
		return;
	}
	judge_volume(check, &v, context, o);
	volume_release(&v);
}

static const struct check_key keys[] = {
	PLACE_KEYS,
	{ "deep", CHECK_BOOL, CHECK_SET, false, false },
	{ NULL, CHECK_TEXT, 0, false, false }
};

const struct check_kind check_kind_volume = {
	keys, LIMIT_MS, REASON_STORAGE_SILENT, accept_volume, run_volume
};
