/* SPDX-License-Identifier: BSD-2-Clause */
/* Old or new, never mixed; see swap.h. */
#include "swap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/utc.h"
#include "io/io.h"

#define JOURNAL_MAX 1024
#define BEFORE ".before-"
#define BEFORE_MAX 1000

static const char heading[] = "drydock-swap 1\n";

struct journal {
	uint64_t inode;		/* of the new tree */
	char *before;		/* name the old tree is to get; owned */
};

static int
inode_of(const struct swap *s, const char *name, uint64_t *inode)
{
	struct stat st;

	if (fstatat(s->holder_fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	*inode = (uint64_t)st.st_ino;
	return 0;
}

static bool
exists(const struct swap *s, const char *name)
{
	uint64_t ignored;

	return inode_of(s, name, &ignored) == 0;
}

static int
sync_holder(const struct swap *s, struct err *err)
{
	if (io_sync(s->holder_fd) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot flush the folder of %s", s->data);
	return 0;
}

/*
 * Is this a name that swap_commit() gives to old trees of s->data?  To the
 * letter: what a person called DATA.before-upgrade is not ours to delete.
 */
static bool
parse_before(const struct swap *s, const char *name, int64_t *when)
{
	size_t len = strlen(s->data);
	const char *p, *dash;
	char again[UTC_TEXT_MAX];
	uint64_t sequence;

	if (strncmp(name, s->data, len) != 0 ||
	    strncmp(name + len, BEFORE, strlen(BEFORE)) != 0)
		return false;
	p = name + len + strlen(BEFORE);
	dash = strchr(p, '-');
	return dash != NULL && dash - p >= 4 &&
	    num_parse(p, (size_t)(dash - p), 10, UINT64_MAX, &sequence) &&
	    utc_parse(dash + 1, when) &&
	    strcmp(utc_compact(*when, again), dash + 1) == 0;
}

static int
parse_journal(const struct swap *s, const struct buf *text,
    struct journal *j, struct err *err)
{
	const char *p = buf_text(text);
	const char *inode, *before;
	size_t inode_len, before_len;
	int64_t when;

	if (strncmp(p, heading, strlen(heading)) != 0)
		goto bad;
	inode = p + strlen(heading);
	inode_len = strcspn(inode, "\n");
	if (inode[inode_len] != '\n' || !num_parse(inode, inode_len, 10,
	    UINT64_MAX, &j->inode))
		goto bad;
	before = inode + inode_len + 1;
	before_len = strcspn(before, "\n");
	if (before[before_len] != '\n' || before[before_len + 1] != '\0')
		goto bad;
	j->before = mem_format("%.*s", (int)before_len, before);
	if (parse_before(s, j->before, &when))
		return 0;
	free(j->before);
bad:
	return err_set(err, ERR_DAMAGED, 0, "%s: not a journal of ours; "
	    "look at %s and %s by hand and remove it", s->journal, s->data,
	    s->stage);
}

/*
 * Written under another name and renamed: a torn journal would be worse than
 * none.
 */
static int
write_journal(const struct swap *s, const struct journal *j, struct err *err)
{
	char *temp = mem_format("%s.new", s->journal);
	struct buf text = BUF_EMPTY;
	int fd, ret = -1;

	buf_printf(&text, "%s%llu\n%s\n", heading,
	    (unsigned long long)j->inode, j->before);
	(void)unlinkat(s->holder_fd, temp, 0);	/* litter of a killed run */
	fd = io_open(s->holder_fd, temp, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd == -1 || io_write(fd, text.data, text.len) == -1 ||
	    io_sync(fd) == -1)
		goto out;
	if (renameat(s->holder_fd, temp, s->holder_fd, s->journal) == -1)
		goto out;
	ret = 0;
out:
	if (ret == -1)
		(void)err_set(err, ERR_IO, errno, "cannot write %s",
		    s->journal);
	if (fd != -1)
		(void)close(fd);	/* synced, or given up */
	if (ret == 0)
		ret = sync_holder(s, err);
	buf_release(&text);
	free(temp);
	return ret;
}

static int
remove_journal(const struct swap *s, struct err *err)
{
	if (unlinkat(s->holder_fd, s->journal, 0) == -1 && errno != ENOENT)
		return err_set(err, ERR_IO, errno, "cannot remove %s",
		    s->journal);
	return sync_holder(s, err);
}

/* After the exchange: the stage holds the old tree; give it its name. */
static int
name_old_tree(const struct swap *s, const char *before, struct err *err)
{
	if (io_rename_new(s->holder_fd, s->stage, s->holder_fd,
	    before) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot rename the old tree to %s; it is in %s", before,
		    s->stage);
	if (sync_holder(s, err) == -1)
		return -1;
	return remove_journal(s, err);
}

/* Litter, unless the journal cannot tell what it is: then it is kept. */
static int
clear_stage(struct swap *s, const struct journal *j, struct err *err)
{
	uint64_t inode;

	if (inode_of(s, s->stage, &inode) == -1)
		return 0;
	/*
	 * Neither DATA nor the stage is the new tree: a copied file system,
	 * or DATA was made anew since.  The stage may be the old tree.
	 */
	if (j->before != NULL && inode != j->inode) {
		s->kept = true;
		return name_old_tree(s, j->before, err);
	}
	if (io_remove_tree(s->holder_fd, s->stage, err) == -1)
		return -1;
	s->swept = true;
	return 0;
}

static int
recover(struct swap *s, struct err *err)
{
	struct buf text = BUF_EMPTY;
	struct journal j = { .before = NULL };
	uint64_t inode = 0;
	int ret = -1;

	if (io_read_file(s->holder_fd, s->journal, JOURNAL_MAX, &text,
	    err) == -1) {
		if (err->class != ERR_NOT_FOUND)
			goto out;
		err_clear(err);
	} else {
		if (parse_journal(s, &text, &j, err) == -1)
			goto out;
		if (inode_of(s, s->data, &inode) == 0 && inode == j.inode) {
			/* The exchange happened; what follows it may not. */
			s->finished = true;
			ret = exists(s, s->stage) ?
			    name_old_tree(s, j.before, err) :
			    remove_journal(s, err);
			goto out;
		}
	}
	if (clear_stage(s, &j, err) == -1)
		goto out;
	ret = j.before == NULL ? 0 : remove_journal(s, err);
out:
	free(j.before);
	buf_release(&text);
	return ret;
}

/*
 * Two at work on one tree would sweep each other's stage.  The lock lives
 * with the descriptor: a killed run leaves none.  A file system that knows
 * no locks is no reason to leave somebody without their data.
 */
static int
lock(struct swap *s, struct err *err)
{
	s->lock_fd = io_open(s->holder_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	if (s->lock_fd == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot open the folder of %s", s->data);
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == -1 &&
	    errno == EWOULDBLOCK)
		return err_set(err, ERR_BUSY, 0, "another restore is at work "
		    "in the folder of %s; wait until it has ended", s->data);
	return 0;
}

void
swap_look(struct swap *s, int holder_fd, const char *data)
{
	memset(s, 0, sizeof *s);
	s->holder_fd = holder_fd;
	s->stage_fd = -1;
	s->lock_fd = -1;
	s->data = mem_text(data);
	s->stage = mem_format(".%s.drydock-stage", data);
	s->journal = mem_format(".%s.drydock-swap", data);
}

int
swap_open(struct swap *s, int holder_fd, const char *data, struct err *err)
{
	swap_look(s, holder_fd, data);
	if (lock(s, err) == -1)
		goto fail;
	if (recover(s, err) == -1) {
		err_context(err, "what an interrupted run left");
		goto fail;
	}
	return 0;
fail:
	swap_close(s);
	return -1;
}

void
swap_close(struct swap *s)
{
	if (s->stage_fd != -1)
		(void)close(s->stage_fd);	/* flushed by syncfs */
	s->stage_fd = -1;
	if (s->lock_fd != -1)
		(void)close(s->lock_fd);	/* and with it the lock */
	s->lock_fd = -1;
	free(s->data);
	free(s->stage);
	free(s->journal);
	s->data = s->stage = s->journal = NULL;
}

int
swap_begin(struct swap *s, struct err *err)
{
	if (mkdirat(s->holder_fd, s->stage, 0700) == -1)
		return err_set(err, ERR_IO, errno, "cannot make the stage %s",
		    s->stage);
	s->stage_fd = io_open(s->holder_fd, s->stage,
	    O_RDONLY | O_DIRECTORY, 0);
	if (s->stage_fd == -1)
		return err_set(err, ERR_IO, io_error(), "cannot open %s",
		    s->stage);
	return 0;
}

void
swap_abort(struct swap *s)
{
	struct err ignored;

	if (s->stage_fd == -1)
		return;
	(void)close(s->stage_fd);
	s->stage_fd = -1;
	(void)io_remove_tree(s->holder_fd, s->stage, &ignored);
}

static int
exchange(const struct swap *s, const char *other, struct err *err)
{
	if (io_exchange(s->holder_fd, other, s->holder_fd, s->data) == 0)
		return 0;
	if (io_error() == EPERM)
		return err_set(err, ERR_PREFLIGHT, EPERM, "cannot exchange "
		    "%s: it, or the folder it is in, has the immutable or "
		    "append-only flag; take it off with chattr -i -a",
		    s->data);
	if (io_error() == EBUSY)
		return err_set(err, ERR_BUSY, EBUSY, "cannot exchange %s: "
		    "something is mounted on it", s->data);
	if (io_error() == EINVAL)
		return err_set(err, ERR_PREFLIGHT, EINVAL, "cannot exchange "
		    "%s: this file system cannot swap two folders at once",
		    s->data);
	return err_set(err, ERR_IO, io_error(), "cannot exchange %s",
	    s->data);
}

/* Call fn for each old tree's name and time; stops at the first -1. */
static int
each_before(const struct swap *s, int (*fn)(void *ctx, const char *name,
    int64_t when), void *ctx, struct err *err)
{
	int fd = io_open(s->holder_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *d;
	int64_t when;
	int ret = 0;

	if (dir == NULL) {
		if (fd != -1)
			(void)close(fd);
		return err_set(err, ERR_IO, errno, "cannot list the folder");
	}
	while (ret == 0 && (errno = 0, d = readdir(dir)) != NULL)
		if (parse_before(s, d->d_name, &when))
			ret = fn(ctx, d->d_name, when);
	if (ret == 0 && errno != 0)
		ret = err_set(err, ERR_IO, errno, "cannot list the folder");
	(void)closedir(dir);	/* read-only: nothing to lose */
	return ret;
}

struct newest {
	char *name;		/* NULL for none; owned */
	int64_t when;
};

static int
keep_newest(void *ctx, const char *name, int64_t when)
{
	struct newest *newest = ctx;

	if (newest->name != NULL && when <= newest->when)
		return 0;
	free(newest->name);
	newest->name = mem_text(name);
	newest->when = when;
	return 0;
}

/*
 * The time in the name says which old tree is the newest.  Clocks on rescue
 * hosts lie, so it never goes back behind a time already given.
 */
static int
new_before_name(const struct swap *s, uint64_t sequence, char **before,
    struct err *err)
{
	struct newest newest = { NULL, 0 };
	int64_t when = io_now();
	char text[UTC_TEXT_MAX];
	int ret;

	ret = each_before(s, keep_newest, &newest, err);
	if (ret == 0) {
		if (newest.name != NULL && when <= newest.when)
			when = newest.when + 1;
		*before = mem_format("%s" BEFORE "%04llu-%s", s->data,
		    (unsigned long long)sequence, utc_compact(when, text));
	}
	free(newest.name);
	return ret;
}

/* There was no tree before: one rename, nothing to keep. */
static int
commit_first(struct swap *s, struct err *err)
{
	if (io_rename_new(s->holder_fd, s->stage, s->holder_fd,
	    s->data) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot rename the stage to %s", s->data);
	return sync_holder(s, err);
}

int
swap_commit(struct swap *s, uint64_t sequence, char **before,
    struct err *err)
{
	struct journal j = { .before = NULL };
	int ret = -1;

	*before = NULL;
	/* Without it a power cut leaves a tree of empty files. */
	if (io_sync_fs(s->stage_fd) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot flush the restored files");
	if (!exists(s, s->data))
		return commit_first(s, err);
	if (inode_of(s, s->stage, &j.inode) == -1)
		return err_set(err, ERR_IO, errno, "cannot stat %s",
		    s->stage);
	if (new_before_name(s, sequence, &j.before, err) == -1)
		return -1;
	if (write_journal(s, &j, err) == -1)
		goto out;
	if (exchange(s, s->stage, err) == -1) {
		struct err ignored;

		(void)remove_journal(s, &ignored);
		goto out;
	}
	/* From here on the new tree is in use: never abort the stage. */
	(void)close(s->stage_fd);
	s->stage_fd = -1;
	if (sync_holder(s, err) == -1 ||
	    name_old_tree(s, j.before, err) == -1) {
		err_append(err, "the restored tree is in place all the same");
		goto out;
	}
	*before = j.before;
	return 0;
out:
	free(j.before);
	return ret;
}

int
swap_newest_before(const struct swap *s, char **before, struct err *err)
{
	struct newest newest = { NULL, 0 };

	if (each_before(s, keep_newest, &newest, err) == -1) {
		free(newest.name);
		return -1;
	}
	if (newest.name == NULL)
		return err_set(err, ERR_NOT_FOUND, 0,
		    "there is no earlier tree to go back to");
	*before = newest.name;
	return 0;
}

int
swap_back(const struct swap *s, const char *before, struct err *err)
{
	if (exchange(s, before, err) == -1)
		return -1;
	return sync_holder(s, err);
}

struct names {
	char *items[BEFORE_MAX];
	size_t count;
};

static int
collect(void *ctx, const char *name, int64_t when)
{
	struct names *names = ctx;

	(void)when;
	if (names->count < BEFORE_MAX)
		names->items[names->count++] = mem_text(name);
	return 0;
}

static int
count_one(void *ctx, const char *name, int64_t when)
{
	(void)name;
	(void)when;
	(*(uint64_t *)ctx)++;
	return 0;
}

int
swap_count_before(const struct swap *s, uint64_t *count, struct err *err)
{
	*count = 0;
	return each_before(s, count_one, count, err);
}

static int
forget_some(const struct swap *s, struct names *names, uint64_t *count,
    struct err *err)
{
	int ret;
	size_t i;

	names->count = 0;
	ret = each_before(s, collect, names, err);
	for (i = 0; i < names->count; i++) {
		if (ret == 0) {
			ret = io_remove_tree(s->holder_fd, names->items[i],
			    err);
			*count += ret == 0 ? 1 : 0;
		}
		free(names->items[i]);
	}
	return ret;
}

int
swap_forget(const struct swap *s, uint64_t *count, struct err *err)
{
	struct names *names = mem_zero(1, sizeof *names);
	int ret;

	*count = 0;
	do {
		ret = forget_some(s, names, count, err);
	} while (ret == 0 && names->count == BEFORE_MAX);
	free(names);
	return ret == 0 ? sync_holder(s, err) : -1;
}
