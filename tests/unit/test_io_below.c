/* SPDX-License-Identifier: BSD-2-Clause */
/* io/below: what leads out of a folder, with and without openat2(2). */
#include <errno.h>

#include "harness.h"
#include "io/below.h"
#include "scratch.h"

static const struct want {
	const char *path;
	enum err_class class;	/* with openat2 */
	enum err_class old;	/* component by component */
} wants[] = {
	{ "a", ERR_NONE, ERR_NONE },
	{ "d/b", ERR_NONE, ERR_NONE },
	{ "d/inside", ERR_NONE, ERR_DAMAGED },
	{ "dirlink/b", ERR_NONE, ERR_DAMAGED },
	{ "outside", ERR_DAMAGED, ERR_DAMAGED },
	{ "absolute", ERR_DAMAGED, ERR_DAMAGED },
	{ "up/secret", ERR_DAMAGED, ERR_DAMAGED },
	{ "loop", ERR_DAMAGED, ERR_DAMAGED },
	{ "../secret", ERR_DAMAGED, ERR_DAMAGED },
	{ "..", ERR_DAMAGED, ERR_DAMAGED },
	{ "/etc/passwd", ERR_DAMAGED, ERR_DAMAGED },
	{ "none", ERR_NOT_FOUND, ERR_NOT_FOUND },
	{ "none/b", ERR_NOT_FOUND, ERR_NOT_FOUND },
	{ "dangling", ERR_NOT_FOUND, ERR_DAMAGED },
};

static void
test_paths(int root_fd, bool has_openat2)
{
	struct below b;
	size_t i;

	below_init(&b, root_fd);
	if (!has_openat2)
		below_refuse_links(&b);
	for (i = 0; i < sizeof wants / sizeof wants[0]; i++) {
		enum err_class want = has_openat2 ? wants[i].class :
		    wants[i].old;
		struct err err;
		int fd;

		err_clear(&err);
		fd = below_open(&b, wants[i].path, O_RDONLY, &err);
		is_str(err_class_name(err.class), err_class_name(want),
		    "'%s'%s", wants[i].path, has_openat2 ? "" :
		    ", component by component");
		ok((fd != -1) == (want == ERR_NONE), "and a descriptor or "
		    "none");
		if (fd != -1)
			(void)close(fd);
	}
	below_release(&b);
}

static void
link_to(const char *dir, const char *target, const char *name)
{
	char *path = mem_format("%s/root/%s", dir, name);

	(void)symlink(target, path);
	free(path);
}

static bool
has_openat2(int root_fd)
{
	struct below b;
	struct err err;
	int fd;

	below_init(&b, root_fd);
	fd = below_open(&b, "d/inside", O_RDONLY, &err);
	below_release(&b);
	if (fd == -1)
		return false;
	(void)close(fd);
	return true;
}

int
main(void)
{
	char dir[SCRATCH_MAX], *root;
	int fd;

	if (!scratch_make(dir))
		return 1;
	(void)scratch_put(dir, "secret", "s");
	(void)scratch_put(dir, "root/a", "a");
	(void)scratch_put(dir, "root/d/b", "b");
	link_to(dir, "../a", "d/inside");
	link_to(dir, "d", "dirlink");
	link_to(dir, "../secret", "outside");
	link_to(dir, "/etc/passwd", "absolute");
	link_to(dir, "..", "up");
	link_to(dir, "loop", "loop");
	link_to(dir, "nowhere", "dangling");
	root = mem_format("%s/root", dir);
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	test_paths(fd, false);
	if (has_openat2(fd))
		test_paths(fd, true);
	else
		skip("no openat2(2) here");
	(void)close(fd);
	free(root);
	ok(scratch_remove(dir), "the scratch folder is gone");
	return done();
}
