/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths below a root: never through a link, times put back. */
#include "harness.h"
#include "scratch.h"

#include "io/parent.h"

static int
root_of(const char *dir)
{
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
test_finds(int root)
{
	struct parent p;
	struct err err;
	struct stat want, have;
	const char *name;
	int fd;

	parent_init(&p, root, false);
	ok(parent_of(&p, "file", &fd, &name, &err) == 0 && fd == root &&
	    strcmp(name, "file") == 0, "a name in the root");
	ok(parent_of(&p, "", &fd, &name, &err) == 0 && fd == root &&
	    *name == '\0', "the root itself");
	ok(parent_of(&p, "a/b/c/leaf", &fd, &name, &err) == 0 &&
	    strcmp(name, "leaf") == 0 && fstat(fd, &have) == 0 &&
	    fstatat(root, "a/b/c", &want, 0) == 0 &&
	    want.st_ino == have.st_ino, "three levels down");
	ok(parent_of(&p, "a/b/x", &fd, &name, &err) == 0 &&
	    fstat(fd, &have) == 0 && fstatat(root, "a/b", &want, 0) == 0 &&
	    want.st_ino == have.st_ino, "and one up again");
	ok(parent_of(&p, "a/bb/x", &fd, &name, &err) == 0 &&
	    fstat(fd, &have) == 0 && fstatat(root, "a/bb", &want, 0) == 0 &&
	    want.st_ino == have.st_ino, "a name that starts like another");
	parent_release(&p);
}

static void
test_refuses(int root)
{
	static const struct {
		const char *path;
		enum err_class class;
	} cases[] = {
		{ "missing/x", ERR_NOT_FOUND },
		{ "a/missing/x", ERR_NOT_FOUND },
		{ "file/x", ERR_DAMAGED },
		{ "link/x", ERR_DAMAGED },
		{ "a/up/x", ERR_DAMAGED },
		{ "../x", ERR_DAMAGED },
		{ "a/../x", ERR_DAMAGED },
		{ "a/./x", ERR_DAMAGED },
		{ "/x", ERR_DAMAGED },
		{ "a//x", ERR_DAMAGED },
	};
	struct parent p;
	struct err err;
	const char *name;
	size_t i;
	int fd;

	parent_init(&p, root, true);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		is_str(parent_of(&p, cases[i].path, &fd, &name, &err) == 0 ?
		    "taken" : err_class_name(err.class),
		    err_class_name(cases[i].class), "'%s'", cases[i].path);
		ok(parent_of(&p, "a/b/x", &fd, &name, &err) == 0,
		    "usable after '%s'", cases[i].path);
	}
	parent_release(&p);
}

static bool
has_time(int root, const char *path, time_t s)
{
	struct stat st;

	return fstatat(root, path, &st, 0) == 0 && st.st_mtim.tv_sec == s &&
	    st.st_mtim.tv_nsec == 5;
}

static void
test_keeps_times(int root)
{
	static const struct timespec times[2] = { { 7, 5 }, { 7, 5 } };
	static const struct timespec other = { 9, 5 };
	struct parent p;
	struct err err;
	const char *name;
	int fd;

	utimensat(root, "a/b/c", times, 0);
	utimensat(root, "a/b", times, 0);
	utimensat(root, "a", times, 0);
	parent_init(&p, root, true);
	parent_of(&p, "a/b/new", &fd, &name, &err);
	mkdirat(fd, name, 0755);
	parent_of(&p, "a/b/c/new", &fd, &name, &err);
	ok(has_time(root, "a/b", 7), "time put back on going down");
	mkdirat(fd, name, 0755);
	parent_set_mtime(&p, &other);
	parent_of(&p, "a/new", &fd, &name, &err);
	ok(has_time(root, "a/b/c", 9), "another time put there when told");
	mkdirat(fd, name, 0755);
	ok(!has_time(root, "a", 7), "a directory still in use shows its own");
	ok(parent_leave(&p, &err) == 0 && has_time(root, "a", 7),
	    "time put back on leaving");
	parent_release(&p);
}

int
main(void)
{
	char dir[SCRATCH_MAX];
	int root;

	if (!ok(scratch_make(dir), "a folder to work in"))
		return done();
	scratch_put(dir, "a/b/c/leaf", "");
	scratch_put(dir, "a/bb/leaf", "");
	scratch_put(dir, "file", "");
	root = root_of(dir);
	ok(symlinkat("a", root, "link") == 0 &&
	    symlinkat("..", root, "a/up") == 0, "links");
	test_finds(root);
	test_refuses(root);
	test_keeps_times(root);
	(void)close(root);
	ok(scratch_remove(dir), "swept");
	return done();
}
