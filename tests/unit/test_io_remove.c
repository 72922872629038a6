/* SPDX-License-Identifier: BSD-2-Clause */
/* Trees go whatever their shape; nothing outside them does. */
#include "harness.h"
#include "scratch.h"

#include <errno.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

static bool
is_there(int root, const char *name)
{
	struct stat st;

	return fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void
test_simple(const char *dir, int root)
{
	struct err err;

	ok(io_remove_tree(root, "never", &err) == 0,
	    "a name that is not there is gone already");
	scratch_put(dir, "file", "x");
	ok(io_remove_tree(root, "file", &err) == 0 && !is_there(root, "file"),
	    "a file");
	scratch_put(dir, "outside/kept", "x");
	scratch_put(dir, "tree/sub/file", "x");
	ok(symlinkat("../outside", root, "tree/link") == 0 &&
	    symlinkat("outside", root, "link") == 0 &&
	    mkfifoat(root, "tree/fifo", 0600) == 0, "links and a fifo");
	ok(io_remove_tree(root, "link", &err) == 0 &&
	    !is_there(root, "link") && is_there(root, "outside/kept"),
	    "a link goes, not what it points to");
	ok(io_remove_tree(root, "tree", &err) == 0 &&
	    !is_there(root, "tree") && is_there(root, "outside/kept"),
	    "a tree goes, not what it points to");
}

static void
test_deep(int root)
{
	struct err err;
	int fd = dup(root), i;

	for (i = 0; i < 2500; i++) {
		int next = mkdirat(fd, "deep", 0700) == -1 ? -1 :
		    openat(fd, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		(void)close(fd);
		fd = next;
	}
	ok(fd != -1 && mkfifoat(fd, "leaf", 0600) == 0, "2500 levels");
	(void)close(fd);
	ok(io_remove_tree(root, "deep", &err) == 0 && !is_there(root, "deep"),
	    "removed");
}

/* Names beside each directory that is entered must not be listed anew. */
static void
test_wide(int root)
{
	struct err err;
	char name[64];
	int i;
	bool made = mkdirat(root, "wide", 0700) == 0;

	for (i = 0; i < 3000 && made; i++) {
		(void)snprintf(name, sizeof name, "wide/d%d", i);
		made = mkdirat(root, name, 0700) == 0;
		(void)snprintf(name, sizeof name, "wide/d%d/x", i);
		made = made && mkfifoat(root, name, 0600) == 0;
	}
	ok(made, "3000 directories with something in them");
	ok(io_remove_tree(root, "wide", &err) == 0 && !is_there(root, "wide"),
	    "removed");
}

static bool
set_flags(int root, const char *name, uint32_t flags)
{
	int fd = openat(root, name, O_RDONLY | O_CLOEXEC);
	uint32_t now = 0;
	bool done = fd != -1 && io_get_flags(fd, &now) == 0 &&
	    io_set_flags(fd, now | flags) == 0;

	if (fd != -1)
		(void)close(fd);
	return done;
}

static void
test_flags(const char *dir, int root)
{
	struct err err;

	scratch_put(dir, "fixed/sub/file", "x");
	scratch_put(dir, "fixed/log", "x");
	if (!set_flags(root, "fixed/sub/file", FS_IMMUTABLE_FL)) {
		skip("no immutable files here");
		return;
	}
	ok(set_flags(root, "fixed/log", FS_APPEND_FL) &&
	    set_flags(root, "fixed/sub", FS_IMMUTABLE_FL) &&
	    set_flags(root, "fixed", FS_APPEND_FL), "flags set");
	ok(io_remove_tree(root, "fixed", &err) == 0 &&
	    !is_there(root, "fixed"), "flags do not keep a tree");
}

static void
test_modes(const char *dir, int root)
{
	struct err err;
	int status = 0;
	pid_t pid;

	scratch_put(dir, "shut/sub/file", "x");
	if (geteuid() == 0 && (fchownat(root, "shut", 1000, 1000, 0) == -1 ||
	    fchownat(root, "shut/sub", 1000, 1000, 0) == -1 ||
	    fchownat(root, ".", 1000, 1000, 0) == -1)) {
		skip("cannot give files away");
		return;
	}
	(void)fchmodat(root, "shut/sub", 0, 0);
	(void)fchmodat(root, "shut", 0500, 0);
	pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 && setuid(1000) == -1)
			_exit(2);
		_exit(io_remove_tree(root, "shut", &err) == 0 ? 0 : 1);
	}
	(void)waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
	    !is_there(root, "shut"), "its owner can remove what is closed");
}

static int
mounted_remove(const char *dir, int root)
{
	char *point = mem_format("%s/mounts/a/point", dir);
	char *other = mem_format("%s/outside", dir);
	struct err err;
	int ret = 2;

	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount(other, point, NULL, MS_BIND, NULL) == 0)
		ret = io_remove_tree(root, "mounts", &err) == -1 &&
		    is_there(root, "outside/kept") ? 0 : 1;
	free(point);
	free(other);
	return ret;
}

static void
test_mount(const char *dir, int root)
{
	int status = 0;
	pid_t pid;

	scratch_put(dir, "mounts/a/point/x", "");
	pid = fork();
	if (pid == 0) {
		/* The old descriptor belongs to the old namespace. */
		int fd;

		if (unshare(CLONE_NEWNS) == -1)
			_exit(2);
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		_exit(mounted_remove(dir, fd));
	}
	(void)waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		skip("cannot mount here");
	else
		ok(WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
		    is_there(root, "outside/kept"),
		    "what is mounted inside is not removed");
}

int
main(void)
{
	char dir[SCRATCH_MAX];
	int root;

	if (!ok(scratch_make(dir), "a folder to work in"))
		return done();
	root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	test_simple(dir, root);
	test_deep(root);
	test_wide(root);
	test_flags(dir, root);
	test_mount(dir, root);
	test_modes(dir, root);
	(void)close(root);
	ok(scratch_remove(dir), "swept");
	return done();
}
