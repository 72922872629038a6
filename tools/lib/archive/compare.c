/* SPDX-License-Identifier: BSD-2-Clause */
/* A tree held against its manifest; see compare.h. */
#include "archive/compare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/attrs.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "io/parent.h"

/*
 * A directory whose flags wait until everything in it is done: an immutable
 * one takes no new sockets and no new times.
 */
struct held {
	char *path;		/* owned */
	uint32_t flags;
};

struct compare {
	const struct compare_options *options;
	struct compare_counts *counts;
	struct parent parent;
	struct parent source;	/* of the first names of hard links */
	struct held *held;	/* each below the one before */
	size_t count;
	size_t cap;
};

static void
report(struct compare *c, const char *path, unsigned kinds, bool is_other)
{
	c->counts->differing += kinds != 0 && !is_other;
	c->counts->other += is_other;
	if (c->options->differs != NULL && (kinds != 0 || is_other))
		c->options->differs(c->options->ctx, path, kinds, is_other);
}

/* ----------------------------------------------------------------- flags */

static void
set_flags(struct compare *c, int dir_fd, const char *name, const char *path,
    uint32_t flags, enum entry_type type)
{
	struct entry entry = ENTRY_EMPTY;
	unsigned lost;

	entry.type = type;
	entry.flags = flags;
	attrs_apply_flags(dir_fd, name, &entry, &lost);
	c->counts->flags_set += lost == 0;
	report(c, path, lost, false);
}

static void
hold_flags(struct compare *c, const struct entry *want)
{
	if (c->count == c->cap) {
		c->cap = c->cap == 0 ? 16 : c->cap * 2;
		c->held = mem_resize(c->held, c->cap, sizeof *c->held);
	}
	c->held[c->count].path = mem_text(buf_text(&want->path));
	c->held[c->count].flags = want->flags;
	c->count++;
}

static bool
is_below(const char *dir, const char *path)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && path[len] == '/';
}

/* Flags for the directories that path is not in; NULL: for all. */
static int
release_flags(struct compare *c, const char *path, struct err *err)
{
	while (c->count > 0) {
		struct held *h = &c->held[c->count - 1];
		const char *name;
		int dir_fd;

		if (path != NULL && is_below(h->path, path))
			break;
		/* Going to its parent leaves the directory first. */
		if (parent_of(&c->parent, h->path, &dir_fd, &name, err) == -1)
			return -1;
		set_flags(c, dir_fd, name, h->path, h->flags, ENTRY_DIR);
		free(h->path);
		c->count--;
	}
	return 0;
}

/* --------------------------------------------------------------- objects */

static int
make_socket(struct compare *c, int dir_fd, const char *name,
    const struct entry *want, struct err *err)
{
	unsigned lost;

	if (mknodat(dir_fd, name, S_IFSOCK | 0600, 0) == -1)
		return err_set(err, ERR_IO, errno, "cannot make a socket");
	if (attrs_apply(dir_fd, name, want, &lost, err) == -1)
		return -1;
	c->counts->sockets_made++;
	return 0;
}

/* Is it the same file as its first name? */
static bool
is_linked(struct compare *c, const struct entry *want, const struct stat *st)
{
	struct err ignored;	/* a missing first name was reported itself */
	/* Of single files it may not be among those wanted. */
	bool may_be_missing = c->options->wanted != NULL;
	struct stat first;
	const char *name;
	int dir_fd;

	if (want->hardlink.len == 0)
		return true;
	if (parent_of(&c->source, buf_text(&want->hardlink), &dir_fd, &name,
	    &ignored) == -1)
		return may_be_missing;
	if (fstatat(dir_fd, name, &first, AT_SYMLINK_NOFOLLOW) == -1)
		return may_be_missing;
	return first.st_ino == st->st_ino && first.st_dev == st->st_dev;
}

static int
compare_object(struct compare *c, int dir_fd, const char *name,
    const struct entry *want, const struct stat *st, struct err *err)
{
	struct entry have = ENTRY_EMPTY;
	unsigned lost, kinds = 0;
	bool is_other = true;
	int ret = attrs_read(dir_fd, name, st, &have, &lost, err);

	if (ret == -1 && err->class == ERR_NOT_FOUND)
		ret = 0;	/* gone: "other" */
	else if (ret == 0)
		kinds = attrs_compare(want, &have, &is_other);
	if (!is_linked(c, want, st))
		is_other = true;
	entry_release(&have);
	if (ret == -1)
		return -1;
	if (!c->options->finish || want->path.len == 0 || is_other) {
		report(c, buf_text(&want->path), kinds, is_other);
		return 0;
	}
	report(c, buf_text(&want->path), kinds & ~ATTR_FLAGS, false);
	if ((kinds & ATTR_FLAGS) == 0)
		return 0;
	if (want->type == ENTRY_DIR)
		hold_flags(c, want);
	else
		set_flags(c, dir_fd, name, buf_text(&want->path), want->flags,
		    want->type);
	return 0;
}

static int
compare_entry(struct compare *c, const struct entry *want, struct err *err)
{
	const char *path = buf_text(&want->path), *name;
	struct stat st;
	int dir_fd, r;

	if (parent_of(&c->parent, path, &dir_fd, &name, err) == -1) {
		if (err->class != ERR_NOT_FOUND && err->class != ERR_DAMAGED)
			return -1;
		report(c, path, 0, true);
		return 0;
	}
	if (want->path.len == 0)
		name = ".";
	r = fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW);
	if (r == -1 && errno == ENOENT && want->type == ENTRY_SOCKET &&
	    c->options->finish) {
		if (make_socket(c, dir_fd, name, want, err) == -1)
			return -1;
		r = fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW);
	}
	if (r == -1 && errno == ENOENT) {
		report(c, path, 0, true);
		return 0;
	}
	if (r == -1)
		return err_set(err, ERR_IO, errno, "cannot stat");
	return compare_object(c, dir_fd, name, want, &st, err);
}

static int
next(struct compare *c, struct manifest_reader *manifest, struct entry *want,
    bool *is_end, struct err *err)
{
	char name[ESCAPE_NAME_MAX];

	if (manifest_reader_next(manifest, want, is_end, err) == -1)
		return err_context(err, "manifest");
	if (*is_end || (c->options->wanted != NULL &&
	    !c->options->wanted(c->options->ctx, want)))
		return 0;
	if (release_flags(c, buf_text(&want->path), err) == -1 ||
	    compare_entry(c, want, err) == -1)
		return err_context(err, "'%s'",
		    escape_name(buf_text(&want->path), name));
	c->counts->entries++;
	return watch_step(c->options->watch, 0, 1, err);
}

int
compare_tree(int root_fd, struct manifest_reader *manifest,
    const struct compare_options *options, struct compare_counts *counts,
    struct err *err)
{
	struct compare c = { .count = 0 };
	struct entry want = ENTRY_EMPTY;
	bool is_end = false;
	int ret = 0;

	memset(counts, 0, sizeof *counts);
	c.options = options;
	c.counts = counts;
	/* Only finishing changes anything that times would have to be put
	 * back for. */
	parent_init(&c.parent, root_fd, options->finish);
	parent_init(&c.source, root_fd, false);
	while (ret == 0 && !is_end)
		ret = next(&c, manifest, &want, &is_end, err);
	if (ret == 0)
		ret = release_flags(&c, NULL, err);
	if (ret == 0)
		ret = parent_leave(&c.parent, err);
	while (c.count > 0)
		free(c.held[--c.count].path);
	free(c.held);
	parent_release(&c.parent);
	parent_release(&c.source);
	entry_release(&want);
	return ret;
}
