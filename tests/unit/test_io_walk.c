/* SPDX-License-Identifier: BSD-2-Clause */
/* The walk: order, pruning, bounds, mount points, nothing followed. */
#include "harness.h"
#include "scratch.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "io/walk.h"

struct seen {
	struct buf paths;	/* each with a newline */
	struct buf troubles;	/* "what path\n" */
	size_t count;
	size_t out_of_order;
	struct buf last;
	const char *prune;
	const char *stop;
	const char *vanish;	/* removed when "B" is visited */
	int root_fd;
};

#define SEEN_EMPTY { .paths = BUF_EMPTY, .troubles = BUF_EMPTY, \
	.last = BUF_EMPTY }

static int
visit(void *ctx, const struct walk_item *item, struct err *err)
{
	struct seen *s = ctx;

	s->count++;
	if (s->paths.len < 10000)
		buf_printf(&s->paths, "%s\n", item->path);
	if (strcmp(buf_text(&s->last), item->path) > 0)
		s->out_of_order++;
	buf_set(&s->last, item->path, item->path_len);
	if (s->vanish != NULL && strcmp(item->path, "B") == 0)
		(void)unlinkat(s->root_fd, s->vanish, 0);
	if (s->stop != NULL && strcmp(item->path, s->stop) == 0)
		return err_set(err, ERR_INTERRUPTED, 2, "stopped");
	return s->prune != NULL && strcmp(item->path, s->prune) == 0;
}

static int
trouble(void *ctx, const char *path, enum walk_trouble what, int sys,
    struct err *err)
{
	struct seen *s = ctx;

	(void)sys;
	(void)err;
	buf_printf(&s->troubles, "%d %.60s\n", (int)what, path);
	return 0;
}

static int
walk(const char *dir, struct seen *s, struct err *err)
{
	struct walk_calls calls = { s, visit, trouble };
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret;

	buf_cut(&s->paths, 0);
	buf_cut(&s->troubles, 0);
	buf_cut(&s->last, 0);
	s->count = s->out_of_order = 0;
	s->root_fd = fd;
	ret = walk_tree(fd, &calls, err);
	(void)close(fd);
	return ret;
}

static void
release(struct seen *s)
{
	buf_release(&s->paths);
	buf_release(&s->troubles);
	buf_release(&s->last);
}

static void
test_order(const char *dir)
{
	char *tree = mem_format("%s/order", dir);
	char *link = mem_format("%s/link", tree);
	struct seen s = SEEN_EMPTY;
	struct err err;

	scratch_put(dir, "order", NULL);
	scratch_put(tree, "b", "");
	scratch_put(tree, "a/z", "");
	scratch_put(tree, "a/y/x", "");
	scratch_put(tree, "a-", "");
	scratch_put(tree, "\xff", "");
	scratch_put(tree, "B", "");
	ok(symlink("/etc", link) == 0, "a link");
	ok(walk(tree, &s, &err) == 0, "walked");
	is_str(buf_text(&s.paths),
	    "\nB\na\na/y\na/y/x\na/z\na-\nb\nlink\n\xff\n",
	    "parents first, names by their bytes, links not followed");
	s.prune = "a";
	ok(walk(tree, &s, &err) == 0, "walked again");
	is_str(buf_text(&s.paths), "\nB\na\na-\nb\nlink\n\xff\n",
	    "a pruned directory is seen, not entered");
	s.prune = "";
	ok(walk(tree, &s, &err) == 0 && s.count == 1, "the root pruned");
	s.prune = NULL;
	s.stop = "a/y";
	ok(walk(tree, &s, &err) == -1 && err.class == ERR_INTERRUPTED &&
	    s.count == 4, "a visit that fails ends the walk");
	s.stop = NULL;
	s.vanish = "b";
	ok(walk(tree, &s, &err) == 0, "walked while a name vanishes");
	is_str(buf_text(&s.troubles), "0 b\n", "what vanished is named");
	release(&s);
	free(link);
	free(tree);
}

/* More levels than descriptors are allowed at first. */
static void
test_depth(const char *dir)
{
	char *tree = mem_format("%s/depth", dir);
	struct seen s = SEEN_EMPTY;
	struct err err;
	struct rlimit limit;
	int i, fd;

	scratch_put(dir, "depth/x", NULL);
	fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (i = 0; i < WALK_DEPTH_MAX + 2; i++) {
		int next = mkdirat(fd, "d", 0755) == -1 ? -1 :
		    openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		(void)close(fd);
		fd = next;
	}
	(void)close(fd);
	walk_raise_limits();
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur < WALK_DEPTH_MAX + 20) {
		skip("not allowed that many descriptors");
	} else {
		ok(walk(tree, &s, &err) == 0, "a deep tree");
		/* The root is the first level; "x" is beside. */
		is_u64(s.count, WALK_DEPTH_MAX + 2,
		    "down to the limit, not further");
		ok(s.troubles.len > 2 && s.troubles.data[0] ==
		    '0' + WALK_TOO_LONG, "what is deeper is named");
	}
	release(&s);
	free(tree);
}

/* A directory whose names do not fit into the walk's memory. */
static void
test_many_names(const char *dir)
{
	char *tree = mem_format("%s/many", dir);
	struct seen s = SEEN_EMPTY;
	struct err err;
	char name[256];
	int fd, i, count = 36000;
	bool made = true;

	scratch_put(dir, "many/x", NULL);
	fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	memset(name, 'n', sizeof name);
	for (i = 0; i < count; i++) {
		(void)snprintf(name + 240, sizeof name - 240, "%d", i);
		made = linkat(fd, "x", fd, name, 0) == 0 ||
		    mknodat(fd, name, S_IFREG | 0600, 0) == 0;
		if (!made)
			break;
	}
	(void)close(fd);
	if (!made) {
		skip("cannot make that many names here");
	} else {
		ok(walk(tree, &s, &err) == 0 && s.troubles.len == 0,
		    "a directory of %d long names", count);
		is_u64(s.count, (uint64_t)count + 2, "each seen once");
		ok(s.out_of_order < 10, "sorted in %zu batches",
		    s.out_of_order + 1);
	}
	release(&s);
	free(tree);
}

static int
mounted_walk(const char *tree, bool bind)
{
	char *point = mem_format("%s/point", tree);
	char *other = mem_format("%s/other", tree);
	struct seen s = SEEN_EMPTY;
	struct err err;
	int ret = 2;

	if (unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    (bind ? mount(other, point, NULL, MS_BIND, NULL) :
	    mount("none", point, "tmpfs", 0, NULL)) == -1)
		goto out;
	ret = walk(tree, &s, &err) == 0 &&
	    strcmp(buf_text(&s.troubles), "2 point\n") == 0 &&
	    strstr(buf_text(&s.paths), "\npoint\n") != NULL &&
	    strstr(buf_text(&s.paths), "point/") == NULL ? 0 : 1;
out:
	release(&s);
	free(point);
	free(other);
	return ret;
}

static void
test_mount(const char *dir, bool bind)
{
	char *tree = mem_format("%s/mounts", dir);
	int status = 0;
	pid_t pid;

	scratch_put(dir, "mounts/point/covered", "");
	scratch_put(dir, "mounts/other/file", "");
	pid = fork();
	if (pid == 0)
		_exit(mounted_walk(tree, bind));
	(void)waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		skip("cannot mount here");
	else
		ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		    "a %s is named and not entered", bind ?
		    "bind mount of the same device" : "mount point");
	free(tree);
}

int
main(void)
{
	char dir[SCRATCH_MAX];

	if (!ok(scratch_make(dir), "a folder to work in"))
		return done();
	test_order(dir);
	test_depth(dir);
	test_many_names(dir);
	test_mount(dir, false);
	test_mount(dir, true);
	ok(scratch_remove(dir), "swept");
	return done();
}
