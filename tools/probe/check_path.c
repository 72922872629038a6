/* SPDX-License-Identifier: BSD-2-Clause */
/* path://: a file, folder or mount of this host is there and as it should be. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "check.h"
#include "docker/mounts.h"
#include "io/io.h"
#include "outcome.h"
#include "place.h"

#define LIMIT_MS 5000

struct kind {
	const char *name;
	mode_t type;
};

static const struct kind kinds[] = {
	{ "file", S_IFREG }, { "directory", S_IFDIR }, { "socket", S_IFSOCK },
	{ "link", S_IFLNK }, { "block", S_IFBLK }, { "char", S_IFCHR },
	{ "fifo", S_IFIFO }, { NULL, 0 }
};

static const struct kind *
kind_named(const char *name)
{
	const struct kind *k = kinds;

	while (k->name != NULL && strcmp(k->name, name) != 0)
		k++;
	return k;
}

static const char *
kind_of(mode_t mode)
{
	const struct kind *k = kinds;

	while (k->name != NULL && k->type != (mode & S_IFMT))
		k++;
	return k->name != NULL ? k->name : "something else";
}

static int
accept_terms(const struct check_terms *terms, struct err *err)
{
	const char *name = check_text(terms, "kind");
	char shown[ESCAPE_NAME_MAX];

	if (name == NULL || kind_named(name)->name != NULL)
		return place_accept_true(terms, "mounted", err);
	return err_set(err, ERR_USAGE, 0, "kind: '%s' is not one of file, "
	    "directory, socket, link, block, char, fifo",
	    escape_name(name, shown));
}

static int
accept_path(const struct check *check, struct err *err)
{
	if (check->url.path[0] != '/')
		return err_set(err, ERR_USAGE, 0, "a path begins with a "
		    "slash, which makes three of them: path:///srv");
	if (accept_terms(&check->expect, err) == -1 ||
	    accept_terms(&check->warn, err) == -1)
		return -1;
	return place_accept(check, err);
}

/* A file that the engine has made a folder of is a story of its own. */
static void
judge_is(enum outcome_status status, const char *name, const struct place *p,
    struct outcome *o)
{
	if (kind_named(name)->type == (p->st.st_mode & S_IFMT))
		return;
	if (strcmp(name, "file") == 0 && S_ISDIR(p->st.st_mode) &&
	    place_is_empty(p->fd) == 1)
		outcome_reason_as(o, status, REASON_BIND_BECAME_DIRECTORY,
		    "%s", p->shown);
	else
		outcome_reason_as(o, status, REASON_WRONG_KIND,
		    "%s is a %s, expected a %s", p->shown,
		    kind_of(p->st.st_mode), name);
}

static void
judge_kind(const struct check_terms *terms, enum outcome_status status,
    const struct place *p, struct outcome *o)
{
	const char *name = check_text(terms, "kind");

	if (name != NULL)
		judge_is(status, name, p, o);
}

static bool
is_mount_point(const char *path, struct err *err, bool *is_known)
{
	struct mounts mounts;
	char *real = realpath(path, NULL);
	int proc = io_open_typed("/proc", O_RDONLY | O_DIRECTORY, 0);
	bool found = false;

	*is_known = real != NULL && proc != -1 &&
	    mounts_read(proc, "self", &mounts, err) == 0;
	if (*is_known) {
		found = mounts_at(&mounts, real) != NULL;
		mounts_release(&mounts);
	}
	if (proc != -1)
		(void)io_close(proc);	/* read-only: nothing to lose */
	free(real);
	return found;
}

static void
judge_mounted(const struct check_terms *terms, enum outcome_status status,
    const struct check *check, const struct place *p, struct outcome *o)
{
	struct err err;
	bool is_known;

	if (!check_bool(terms, "mounted", false))
		return;
	if (!is_mount_point(check->url.path, &err, &is_known) && is_known)
		outcome_reason_as(o, status, REASON_NOT_MOUNTED, "%s",
		    p->shown);
	else if (!is_known)
		outcome_reason_as(o, OUTCOME_UNKNOWN, REASON_CANNOT_READ,
		    "the table of mounts");
}

static void
judge_empty(const struct check_terms *terms, enum outcome_status status,
    const struct place *p, struct outcome *o)
{
	const char *wish = check_text(terms, "empty");
	int is_empty = S_ISDIR(p->st.st_mode) ? place_is_empty(p->fd) :
	    p->st.st_size == 0;

	if (wish == NULL)
		return;
	if (is_empty == -1)
		place_failed(o, errno, p->shown, REASON_PATH_MISSING);
	else if (is_empty == 1 && strcmp(wish, "false") == 0)
		outcome_reason_as(o, status, REASON_PATH_EMPTY, "%s", p->shown);
	else if (is_empty == 0 && strcmp(wish, "true") == 0)
		outcome_reason_as(o, status, REASON_NOT_EMPTY, "%s", p->shown);
}

static void
judge_size(const struct check_terms *terms, enum outcome_status status,
    const struct place *p, struct outcome *o)
{
	uint64_t want = check_bytes(terms, "size", 0);

	if (check_text(terms, "size") == NULL)
		return;
	if (!S_ISREG(p->st.st_mode))
		judge_is(status, "file", p, o);
	else if ((uint64_t)p->st.st_size < want)
		outcome_reason_as(o, status, REASON_TOO_SMALL,
		    "%s has %llu bytes, expected %llu", p->shown,
		    (unsigned long long)p->st.st_size,
		    (unsigned long long)want);
}

static void
judge_terms(const struct check *check, const struct check_terms *terms,
    enum outcome_status status, const struct place *p, struct outcome *o)
{
	judge_kind(terms, status, p, o);
	judge_mounted(terms, status, check, p, o);
	judge_empty(terms, status, p, o);
	judge_size(terms, status, p, o);
}

static bool
wants_link(const struct check *check)
{
	const char *kind = check_text(&check->expect, "kind");

	return kind != NULL && strcmp(kind, "link") == 0;
}

static void
run_path(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	const char *path = check->url.path;
	char shown[ESCAPE_NAME_MAX];
	struct place p = { .fd = -1 };
	struct stat link;

	(void)context;
	p.shown = escape_name(path, shown);
	/* O_PATH: neither a device nor a fifo is woken by being looked at. */
	p.fd = wants_link(check) ? io_open(-1, path, O_PATH, 0) :
	    io_open_typed(path, O_PATH, 0);
	if (p.fd == -1 && errno == ENOENT && lstat(path, &link) == 0) {
		outcome_reason(o, REASON_PATH_MISSING, "%s is a link to "
		    "nothing", p.shown);
		return;
	}
	if (p.fd == -1 || fstat(p.fd, &p.st) == -1) {
		place_failed(o, errno, p.shown, REASON_PATH_MISSING);
	} else {
		judge_terms(check, &check->expect, OUTCOME_FAIL, &p, o);
		judge_terms(check, &check->warn, OUTCOME_WARN, &p, o);
		place_judge(check, &p, o);
		outcome_note(o, "a %s, mode 0%o, owner %u:%u",
		    kind_of(p.st.st_mode), (unsigned)(p.st.st_mode & 07777),
		    (unsigned)p.st.st_uid, (unsigned)p.st.st_gid);
	}
	if (p.fd != -1)
		(void)io_close(p.fd);	/* read-only: nothing to lose */
}

static const struct check_key keys[] = {
	{ "kind", CHECK_TEXT, PLACE_TERM, false, false },
	{ "mounted", CHECK_BOOL, PLACE_TERM, false, false },
	{ "size", CHECK_BYTES, PLACE_TERM, false, false },
	PLACE_KEYS,
	{ NULL, CHECK_TEXT, 0, false, false }
};

const struct check_kind check_kind_path = {
	keys, LIMIT_MS, REASON_STORAGE_SILENT, accept_path, run_path
};
