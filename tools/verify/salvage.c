/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole members into a folder; see salvage.h. */
#include "salvage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/extract.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"
#include "io/io.h"
#include "io/parent.h"

#define LOST_FILE "LOST.txt"
#define ENTRY_ROOM 4096		/* of the target, for each member */

struct salvage {
	const struct watch *watch;
	int fd;			/* DIR/<snapshot> */
	int list_fd;		/* its LOST.txt */
	int root_fd;		/* DIR/<snapshot>/<source> */
	struct extract *tree;
	struct parent parent;	/* for looking back into the tree */
	const char *source;
	struct buf pending;	/* is being written, without a verdict yet */
	bool has_pending;
	struct salvage_counts counts;
	struct err failure;	/* of the list */
};

/* Is the folder the medium's, or inside of it? */
static bool
is_on_medium(int dir_fd, const struct medium *m)
{
	struct stat root, here, above;
	int fd = dup(dir_fd), up;
	bool on = true;

	if (fd == -1 || fstat(m->fd, &root) == -1 || fstat(fd, &here) == -1)
		goto out;
	if (m->is_mount_point && root.st_dev == here.st_dev)
		goto out;
	for (;;) {
		if (here.st_dev == root.st_dev && here.st_ino == root.st_ino)
			goto out;
		up = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)close(fd);
		fd = up;
		if (fd == -1 || fstat(fd, &above) == -1)
			goto out;
		if (above.st_dev == here.st_dev && above.st_ino == here.st_ino)
			break;	/* the root of everything */
		here = above;
	}
	on = false;
out:
	if (fd != -1)
		(void)close(fd);
	return on;
}

static int
check_room(int dir_fd, const struct snapshot *s, struct err *err)
{
	char want[NUM_BYTES_TEXT], have[NUM_BYTES_TEXT];
	uint64_t need = 0, entries;
	struct io_fs fs;
	size_t i;

	if (io_fs_facts(dir_fd, &fs, err) == -1)
		return -1;
	for (i = 0; i < s->info.count; i++)
		if (!num_mul(s->info.sources[i].entries, ENTRY_ROOM,
		    &entries) || !num_add(need, entries, &need) ||
		    !num_add(need, s->info.sources[i].data_bytes, &need))
			need = UINT64_MAX;
	if (need > fs.free_bytes)
		return err_set(err, ERR_PREFLIGHT, 0, "needs up to %s, but "
		    "only %s are free", num_format_bytes(need, want),
		    num_format_bytes(fs.free_bytes, have));
	return 0;
}

static int
make_folder(int dir_fd, const char *name, int *fd, struct err *err)
{
	if (mkdirat(dir_fd, name, 0700) == -1)
		return err_set(err, errno == EEXIST ? ERR_PREFLIGHT : ERR_IO,
		    errno, "%s: cannot be made", name);
	*fd = io_open(dir_fd, name, O_RDONLY | O_DIRECTORY, 0);
	if (*fd == -1)
		return err_set(err, ERR_IO, io_error(), "%s: cannot open",
		    name);
	return 0;
}

static void
say(struct salvage *v, const char *text, size_t len)
{
	if (v->failure.class == ERR_NONE &&
	    io_write(v->list_fd, text, len) == -1)
		(void)err_set(&v->failure, ERR_IO, io_error(), LOST_FILE);
}

static void
say_lost(struct salvage *v, const char *path, size_t len, const char *why)
{
	struct buf line = BUF_EMPTY;

	buf_printf(&line, "%s/", v->source);
	escape_text(&line, path, len);
	buf_printf(&line, ": %s\n", why);
	say(v, buf_text(&line), line.len);
	buf_release(&line);
	v->counts.lost++;
}

int
salvage_begin(struct salvage **out, const char *dir, const struct medium *m,
    const struct snapshot *s, const struct watch *watch, struct err *err)
{
	static const char heading[] = "What could not be salvaged of this "
	    "snapshot.  Everything else was held\nagainst its SHA-256 and is "
	    "here.\n\n";
	char safe[ESCAPE_NAME_MAX];
	struct salvage *v = mem_zero(1, sizeof *v);
	int dir_fd;

	v->fd = v->list_fd = v->root_fd = -1;
	v->watch = watch;
	if (mkdir(dir, 0700) == -1 && errno != EEXIST)
		err_set(err, ERR_IO, errno, "cannot be made");
	dir_fd = io_open_typed(dir, O_RDONLY | O_DIRECTORY, 0);
	if (dir_fd == -1) {
		err_set(err, ERR_IO, io_error(), "cannot open");
		goto fail;
	}
	if (is_on_medium(dir_fd, m)) {
		err_set(err, ERR_PREFLIGHT, 0, "is on the medium itself");
		goto fail;
	}
	if (check_room(dir_fd, s, err) == -1 ||
	    make_folder(dir_fd, s->name.text, &v->fd, err) == -1)
		goto fail;
	v->list_fd = io_open(v->fd, LOST_FILE, O_WRONLY | O_CREAT | O_EXCL,
	    0600);
	if (v->list_fd == -1) {
		err_set(err, ERR_IO, io_error(), LOST_FILE);
		goto fail;
	}
	say(v, heading, sizeof heading - 1);
	(void)close(dir_fd);
	*out = v;
	return 0;
fail:
	err_context(err, "--salvage %s", escape_name(dir, safe));
	if (dir_fd != -1)
		(void)close(dir_fd);
	(void)salvage_end(v, &v->failure);
	return -1;
}

/* Take away what was written and is not proved; a folder stays. */
static void
drop_pending(struct salvage *v)
{
	struct err ignored;
	const char *name;
	int fd;

	if (v->has_pending && v->pending.len > 0 && parent_of(&v->parent,
	    buf_text(&v->pending), &fd, &name, &ignored) == 0)
		(void)unlinkat(fd, name, 0);
	v->has_pending = false;
}

static bool
exists(struct salvage *v, const struct buf *path)
{
	struct err ignored;
	const char *name;
	struct stat st;
	int fd;

	return parent_of(&v->parent, buf_text(path), &fd, &name,
	    &ignored) == 0 && fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool
on_wanted(void *ctx, const struct entry *entry)
{
	struct salvage *v = ctx;
	const char *why = NULL;

	if (entry->type == ENTRY_CHAR || entry->type == ENTRY_BLOCK)
		why = "is a device";
	else if (entry->hardlink.len > 0 && !exists(v, &entry->hardlink))
		why = "is another name of a file that is lost";
	if (why != NULL) {
		say_lost(v, buf_text(&entry->path), entry->path.len, why);
		v->has_pending = false;
		return false;
	}
	buf_set(&v->pending, buf_text(&entry->path), entry->path.len);
	v->has_pending = true;
	return true;
}

static void
on_good(void *ctx, const struct entry *entry)
{
	struct salvage *v = ctx;

	if (entry->type == ENTRY_SOCKET)
		say_lost(v, buf_text(&entry->path), entry->path.len,
		    "is a socket");
	v->counts.kept += v->has_pending;
	v->has_pending = false;
}

static void
on_bad(void *ctx, enum check_verdict verdict, const struct entry *entry,
    const char *what)
{
	struct salvage *v = ctx;
	const char *why = what == NULL ? check_verdict_name(verdict) : what;

	if (verdict == CHECK_CONTENT) {
		drop_pending(v);
		why = "its SHA-256 differs";
	} else if (verdict == CHECK_EXTRA) {
		return;		/* was never made */
	} else if (verdict == CHECK_METADATA) {
		/* The content is right; whose it is may not be. */
		drop_pending(v);
	}
	say_lost(v, buf_text(&entry->path), entry->path.len, why);
}

/* The archive broke while this member was written. */
static void
on_break(void *ctx)
{
	drop_pending(ctx);
}

static void
on_note(void *ctx, enum extract_note what, const char *path, unsigned kinds)
{
	struct salvage *v = ctx;

	(void)path;
	(void)kinds;
	v->counts.attrs_lost += what == EXTRACT_ATTRS_LOST;
}

int
salvage_source(struct salvage *v, const struct source_info *source,
    struct deep_tree *tree, struct err *err)
{
	struct extract_options how = {
		.watch = v->watch, .note = on_note, .ctx = v,
	};
	char *name = mem_text(source->manifest);
	char *end = strrchr(name, '.');
	int ret;

	memset(&v->counts, 0, sizeof v->counts);
	v->source = source->name;
	if (end != NULL && strcmp(end, ".mtree") == 0)
		*end = '\0';
	ret = make_folder(v->fd, name, &v->root_fd, err);
	free(name);
	if (ret == -1 || extract_new(&v->tree, v->root_fd, &how, err) == -1)
		return -1;
	parent_init(&v->parent, v->root_fd, false);
	tree->target = v->tree;
	tree->ctx = v;
	tree->wanted = on_wanted;
	tree->good = on_good;
	tree->bad = on_bad;
	tree->broke = on_break;
	return 0;
}

static void
end_source(struct salvage *v)
{
	extract_free(v->tree);
	v->tree = NULL;
	parent_release(&v->parent);
	if (v->root_fd != -1)
		(void)close(v->root_fd);
	v->root_fd = -1;
}

int
salvage_source_end(struct salvage *v, uint64_t members,
    struct salvage_counts *counts, struct err *err)
{
	struct buf line = BUF_EMPTY;
	uint64_t told = v->counts.kept + v->counts.lost;
	int ret;

	drop_pending(v);
	if (told < members) {
		buf_printf(&line, "%s: %llu more members were not "
		    "reached, or are sockets\n",
		    v->source, (unsigned long long)(members - told));
		say(v, buf_text(&line), line.len);
		buf_release(&line);
		v->counts.lost += members - told;
	}
	ret = extract_finish(v->tree, err);
	*counts = v->counts;
	end_source(v);
	return ret;
}

int
salvage_end(struct salvage *v, struct err *err)
{
	int ret = 0;

	if (v == NULL)
		return 0;
	end_source(v);
	if (v->failure.class != ERR_NONE && err != &v->failure) {
		*err = v->failure;
		ret = -1;
	}
	if (v->list_fd != -1)
		(void)io_close(v->list_fd);	/* synced with the rest */
	/* Without it a power cut leaves empty files. */
	if (v->fd != -1 && io_sync_fs(v->fd) == -1 && ret == 0)
		ret = err_set(err, ERR_IO, io_error(),
		    "cannot flush what was salvaged");
	if (v->fd != -1)
		(void)close(v->fd);
	buf_release(&v->pending);
	free(v);
	return ret;
}
