/* SPDX-License-Identifier: BSD-2-Clause */
/* Owner, mode, space, markers; see place.h. */
#include "place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "io/io.h"
#include "io/parent.h"
#include "outcome.h"

/* The terms of one of the two places, and what breaking one amounts to. */
struct wish {
	const struct check_terms *terms;
	enum outcome_status status;
	uint64_t percent;	/* free at least, when nothing is said */
};

/* ----------------------------------------------------------------- accept */

static bool
parse_owner(const char *text, uint64_t *uid, uint64_t *gid, bool *has_gid)
{
	size_t len = strcspn(text, ":");

	*has_gid = text[len] == ':';
	return num_parse(text, len, 10, UINT32_MAX - 1, uid) && (!*has_gid ||
	    num_parse(text + len + 1, strlen(text + len + 1), 10,
	    UINT32_MAX - 1, gid));
}

static bool
parse_mode(const char *text, uint64_t *mode)
{
	return num_parse(text, strlen(text), 8, 07777, mode);
}

static bool
is_below(const char *path)
{
	return *path != '\0' && *path != '/' &&
	    strcmp(path, "..") != 0 && strncmp(path, "../", 3) != 0 &&
	    strstr(path, "/../") == NULL &&
	    (strlen(path) < 3 || strcmp(path + strlen(path) - 3, "/..") != 0);
}

int
place_accept_true(const struct check_terms *terms, const char *key,
    struct err *err)
{
	return check_bool(terms, key, true) ? 0 : err_set(err, ERR_USAGE, 0,
	    "%s: false asks for nothing: leave it out", key);
}

static int
accept_terms(const struct check_terms *terms, struct err *err)
{
	const char *owner = check_text(terms, "owner");
	const char *mode = check_text(terms, "mode");
	const struct check_term *t;
	char shown[ESCAPE_NAME_MAX];
	uint64_t a, b;
	bool has_gid;

	if (owner != NULL && !parse_owner(owner, &a, &b, &has_gid))
		return err_set(err, ERR_USAGE, 0, "owner: '%s' is not UID or "
		    "UID:GID", escape_name(owner, shown));
	if (mode != NULL && !parse_mode(mode, &a))
		return err_set(err, ERR_USAGE, 0, "mode: '%s' is not octal, "
		    "as 0600", escape_name(mode, shown));
	for (t = NULL; (t = check_next(terms, "marker", t)) != NULL; )
		if (!is_below(t->value))
			return err_set(err, ERR_USAGE, 0, "marker: '%s' is "
			    "not a path below the folder",
			    escape_name(t->value, shown));
	return place_accept_true(terms, "private", err) == -1 ? -1 :
	    place_accept_true(terms, "writable", err);
}

int
place_accept(const struct check *check, struct err *err)
{
	if (accept_terms(&check->expect, err) == -1)
		return -1;
	return accept_terms(&check->warn, err);
}

/* --------------------------------------------------------- owner and mode */

static void
judge_owner(const struct wish *w, const struct place *p, struct outcome *o)
{
	const char *text = check_text(w->terms, "owner");
	uint64_t uid, gid = 0;
	bool has_gid;

	if (text == NULL || !parse_owner(text, &uid, &gid, &has_gid))
		return;
	if (p->st.st_uid != uid || (has_gid && p->st.st_gid != gid))
		outcome_reason_as(o, w->status, REASON_WRONG_OWNER,
		    "%s is %u:%u, expected %s", p->shown,
		    (unsigned)p->st.st_uid, (unsigned)p->st.st_gid, text);
}

static void
judge_mode(const struct wish *w, const struct place *p, struct outcome *o)
{
	const char *text = check_text(w->terms, "mode");
	uint64_t mode;

	if (text != NULL && parse_mode(text, &mode) &&
	    (p->st.st_mode & 07777) != mode)
		outcome_reason_as(o, w->status, REASON_WRONG_MODE,
		    "%s is 0%o, expected 0%o", p->shown,
		    (unsigned)(p->st.st_mode & 07777), (unsigned)mode);
}

/* The names of a folder; NULL with errno.  fd may be O_PATH only. */
static DIR *
open_listing(int fd)
{
	int own = io_open(fd, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = own == -1 ? NULL : fdopendir(own);
	int error = errno;

	if (dir == NULL && own != -1)
		(void)io_close(own);	/* nothing to lose */
	errno = error;
	return dir;
}

/* 1: one that others can read, whose name is shown; 0: none; -1: errno. */
static int
find_in_listing(DIR *dir, char shown[ESCAPE_NAME_MAX])
{
	const struct dirent *d;
	struct stat st;
	size_t seen;

	for (seen = 0; ; seen++) {
		errno = 0;
		d = readdir(dir);
		if (d == NULL)
			return errno == 0 ? 0 : -1;
		if (seen == PLACE_LISTED_MAX) {
			errno = E2BIG;
			return -1;
		}
		if (fstatat(dirfd(dir), d->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) == -1) {
			if (errno != ENOENT)	/* it may go meanwhile */
				return -1;
		} else if (S_ISREG(st.st_mode) &&
		    (st.st_mode & S_IROTH) != 0) {
			escape_name(d->d_name, shown);
			return 1;
		}
	}
}

/*
 * A folder that others may not enter hides what is in it.  Otherwise each
 * file directly in it counts.
 */
static int
find_readable(const struct place *p, char shown[ESCAPE_NAME_MAX])
{
	DIR *dir;
	int found, error;

	*shown = '\0';
	if (!S_ISDIR(p->st.st_mode))
		return (p->st.st_mode & S_IROTH) != 0;
	if ((p->st.st_mode & S_IXOTH) == 0)
		return 0;
	dir = open_listing(p->fd);
	if (dir == NULL)
		return -1;
	found = find_in_listing(dir, shown);
	error = errno;
	(void)closedir(dir);
	errno = error;
	return found;
}

static void
judge_private(const struct wish *w, const struct place *p, struct outcome *o)
{
	char shown[ESCAPE_NAME_MAX];
	int found;

	if (check_text(w->terms, "private") == NULL)
		return;
	found = find_readable(p, shown);
	if (found == 1)
		outcome_reason_as(o, w->status, REASON_WORLD_READABLE,
		    "%s%s%s", p->shown, *shown != '\0' ? "/" : "", shown);
	else if (found == -1 && errno == E2BIG)
		outcome_reason_as(o, OUTCOME_UNKNOWN, REASON_CANNOT_READ,
		    "%s has more than %d entries", p->shown,
		    PLACE_LISTED_MAX);
	else if (found == -1)
		place_failed(o, errno, p->shown, REASON_PATH_MISSING);
}

/* --------------------------------------------------------- file system */

static uint64_t
percent_of(uint64_t part, uint64_t whole)
{
	/* Counts of blocks are far below 2^57. */
	return whole == 0 ? 100 : part * 100 / whole;
}

static void
judge_space(const struct wish *w, const struct place *p,
    const struct statvfs *fs, struct outcome *o)
{
	uint64_t bytes = check_bytes(w->terms, "free", 0);
	bool has_bytes = check_text(w->terms, "free") != NULL;
	uint64_t percent = check_number(w->terms, "free-percent",
	    has_bytes ? 0 : w->percent);
	uint64_t is_free = (uint64_t)fs->f_bavail * fs->f_frsize;
	uint64_t has = percent_of(fs->f_bavail, fs->f_blocks);
	char free_text[NUM_BYTES_TEXT], want[NUM_BYTES_TEXT];

	num_format_bytes(is_free, free_text);
	if (is_free < bytes)
		outcome_reason_as(o, w->status, REASON_SPACE_LOW,
		    "%s has %s free, expected %s", p->shown, free_text,
		    num_format_bytes(bytes, want));
	else if (has < percent)
		outcome_reason_as(o, w->status, REASON_SPACE_LOW,
		    "%s has %s free, %llu %%", p->shown, free_text,
		    (unsigned long long)has);
}

static void
judge_inodes(const struct wish *w, const struct place *p,
    const struct statvfs *fs, struct outcome *o)
{
	uint64_t percent = check_number(w->terms, "inodes-percent",
	    w->percent);
	uint64_t has = percent_of(fs->f_favail, fs->f_files);

	/* Some file systems have no number of inodes. */
	if (fs->f_files != 0 && has < percent)
		outcome_reason_as(o, w->status, REASON_INODES_LOW,
		    "%s has %llu inodes free, %llu %%", p->shown,
		    (unsigned long long)fs->f_favail,
		    (unsigned long long)has);
}

static void
judge_file_system(const struct wish *w, const struct place *p,
    struct outcome *o)
{
	struct wish wish = *w;
	struct statvfs fs;

	if (fstatvfs(p->fd, &fs) == -1) {
		place_failed(o, errno, p->shown, REASON_PATH_MISSING);
		return;
	}
	if (check_bool(w->terms, "writable", false) &&
	    (fs.f_flag & ST_RDONLY) != 0)
		outcome_reason_as(o, w->status, REASON_READ_ONLY, "%s",
		    p->shown);
	/* A read-only one does not fill up: only what was asked for counts. */
	if ((fs.f_flag & ST_RDONLY) != 0)
		wish.percent = 0;
	judge_space(&wish, p, &fs, o);
	judge_inodes(&wish, p, &fs, o);
	if (fs.f_blocks != 0)
		outcome_fact_u64(o, "free_percent",
		    percent_of(fs.f_bavail, fs.f_blocks));
	outcome_fact_u64(o, "free_bytes",
	    (uint64_t)fs.f_bavail * fs.f_frsize);
}

/* ---------------------------------------------------------------- content */

int
place_is_empty(int dir_fd)
{
	DIR *dir = open_listing(dir_fd);
	const struct dirent *d;
	int error;

	if (dir == NULL)
		return -1;
	do {
		errno = 0;
		d = readdir(dir);
	} while (d != NULL && (strcmp(d->d_name, ".") == 0 ||
	    strcmp(d->d_name, "..") == 0 ||
	    strcmp(d->d_name, "lost+found") == 0));
	error = errno;
	(void)closedir(dir);
	errno = error;
	return d != NULL ? 0 : error == 0 ? 1 : -1;
}

static bool
is_there(int dir_fd, const char *path)
{
	struct parent parent;
	const char *name;
	struct stat st;
	struct err err;
	bool found;
	int fd;

	parent_init(&parent, dir_fd, false);
	found = parent_of(&parent, path, &fd, &name, &err) == 0 &&
	    fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	parent_release(&parent);
	return found;
}

static void
judge_markers(const struct wish *w, const struct place *p, struct outcome *o)
{
	const struct check_term *t;
	char shown[ESCAPE_NAME_MAX];

	for (t = NULL; (t = check_next(w->terms, "marker", t)) != NULL; )
		if (!is_there(p->fd, t->value))
			outcome_reason_as(o, w->status,
			    REASON_MARKER_MISSING, "no %s in %s",
			    escape_name(t->value, shown), p->shown);
}

static void
judge_wish(const struct wish *w, const struct place *p, struct outcome *o)
{
	judge_owner(w, p, o);
	judge_mode(w, p, o);
	judge_private(w, p, o);
	judge_file_system(w, p, o);
	judge_markers(w, p, o);
}

void
place_judge(const struct check *check, const struct place *place,
    struct outcome *o)
{
	const struct wish expect = { &check->expect, OUTCOME_FAIL,
	    place->fail_percent };
	const struct wish warn = { &check->warn, OUTCOME_WARN,
	    place->warn_percent };

	judge_wish(&expect, place, o);
	/* What fails need not be warned of as well. */
	if (o->status != OUTCOME_FAIL)
		judge_wish(&warn, place, o);
}

void
place_failed(struct outcome *o, int error, const char *shown,
    enum reason missing)
{
	enum reason reason = REASON_CANNOT_READ;

	switch (error) {
	case ENOENT:
	case ENOTDIR:
		reason = missing;
		break;
	case EACCES:
	case EPERM:
		reason = REASON_NO_PERMISSION;
		break;
	case ESTALE:
	case ENOTCONN:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ETIMEDOUT:
		reason = REASON_STORAGE_SILENT;
		break;
	default:
		break;
	}
	outcome_reason(o, reason, "%s: %s", shown, strerror(error));
}
