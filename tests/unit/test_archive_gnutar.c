/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GNU tar and we understand each other: it restores our archives, and we
 * restore its own, but for what the manual page says is lost.
 */
#include "nasty.h"
#include "trip.h"

#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static const struct take_options plain;

/* Run a command of the shell; its exit status, or -1. */
static int
run(const char *command)
{
	char shell[] = "/bin/sh", option[] = "-c";
	char *text = mem_text(command);
	char *argv[] = { shell, option, text, NULL };
	int status = -1;
	pid_t pid;

	if (posix_spawn(&pid, shell, NULL, NULL, argv, environ) != 0)
		pid = -1;
	else
		(void)waitpid(pid, &status, 0);
	free(text);
	return pid != -1 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What differs, apart from sockets, which no tar has. */
static unsigned
differs(struct trip *t, int root)
{
	if (trip_compare(t, root, false) == -1)
		return ~0U;
	/* "so" is the one socket */
	return t->compared.other <= 1 ? t->kinds : ~0U;
}

static bool
put_archive(const char *dir, const struct buf *bytes)
{
	char *path = mem_format("%s/ours.tar", dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool done = fd != -1 && io_write(fd, bytes->data, bytes->len) == 0 &&
	    close(fd) == 0;

	free(path);
	return done;
}

/*
 * Without what GNU tar cannot: odd names of attributes, the last second of
 * 1969, paths over PATH_MAX.
 */
static bool
make_common(int dir)
{
	return make_names(dir) && make_links(dir) && make_special(dir) &&
	    make_holes(dir) && make_owners(dir) && make_acls(dir) &&
	    make_levels(dir, 30) && make_large(dir) &&
	    put(dir, "xa", "", 0) &&
	    set_xattr(dir, "xa", "user.a=b%3Dc", "v\0\xff\n", 4) &&
	    set_xattr(dir, "xa", "user.empty", "", 0) &&
	    set_xattr(dir, "shared", "trusted.dir", "7", 1) &&
	    set_xattr(dir, "xa", "security.drydock", "6", 1) &&
	    put(dir, "t1", "", 0) &&
	    set_time(dir, "t1", -86400, 500000000) &&
	    put(dir, "t3", "", 0) && set_time(dir, "t3", -1, 0) &&
	    fchmodat(dir, ".", 03751, 0) == 0;
}

static void
test_theirs_of_ours(const char *dir, struct trip *t)
{
	int root = trip_dir(dir, "theirs");
	char *command = mem_format("tar --xattrs --xattrs-include='*' --acls "
	    "--numeric-owner --warning=none -xpf %s/ours.tar -C %s/theirs",
	    dir, dir);

	ok(put_archive(dir, &t->tar.out), "our archive as a file");
	is_u64((uint64_t)run(command), 0, "GNU tar restores it");
	is_u64(differs(t, root), 0, "nothing differs, ACLs included");
	free(command);
	(void)close(root);
}

static int
read_theirs(const char *path, int root, struct trip *t)
{
	struct extract_options into = { .note = trip_extract_note, .ctx = t };
	struct entry entry = ENTRY_EMPTY;
	struct extract *x = NULL;
	struct tar_reader *tar = NULL;
	struct fd_reader in;
	uint8_t sha256[32];
	bool is_end = false;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret = tar_reader_new(&tar, fd_reader_init(&in, fd), 0, &t->err);

	if (ret == 0)
		ret = extract_new(&x, root, &into, &t->err);
	while (ret == 0 && !is_end) {
		ret = tar_reader_next(tar, &entry, &is_end, &t->err);
		if (ret == 0 && !is_end)
			ret = extract_entry(x, &entry, tar, sha256, &t->err);
	}
	if (ret == 0)
		ret = extract_finish(x, &t->err);
	if (ret == -1)
		printf("# %s\n", t->err.text);
	extract_free(x);
	tar_reader_free(tar);
	entry_release(&entry);
	(void)close(fd);
	return ret;
}

static void
test_ours_of_theirs(const char *dir, struct trip *t, const char *options,
    unsigned lost)
{
	int root = trip_dir(dir, "back");
	char *path = mem_format("%s/theirs.tar", dir);
	char *command = mem_format("tar --numeric-owner --warning=none "
	    "%s -cf %s -C %s/common . 2>/dev/null", options, path, dir);
	struct err err;
	int top;

	is_u64((uint64_t)run(command), 0, "tar c %s", options);
	ok(read_theirs(path, root, t) == 0, "restored");
	ok((differs(t, root) & ~lost) == 0, "nothing differs but what that "
	    "form has no room for");
	free(command);
	free(path);
	(void)close(root);
	top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok(io_remove_tree(top, "back", &err) == 0, "swept");
	(void)close(top);
}

int
main(void)
{
	const unsigned attrs = ATTR_XATTRS | ATTR_ACL | ATTR_CAPABILITY;
	struct trip t = TRIP_EMPTY;
	char dir[SCRATCH_MAX];
	int from;

	if (geteuid() != 0 || run("tar --version | grep -q 'GNU tar'") != 0 ||
	    !scratch_make(dir)) {
		skip("needs root, GNU tar and a temporary folder");
		return done();
	}
	from = trip_dir(dir, "common");
	ok(make_common(from) && trip_take(&t, from, &plain) == 0,
	    "a tree, taken");
	(void)close(from);
	test_theirs_of_ours(dir, &t);
	test_ours_of_theirs(dir, &t, "--format=pax --xattrs "
	    "--xattrs-include='*' --acls", 0);
	test_ours_of_theirs(dir, &t, "--format=pax --xattrs "
	    "--xattrs-include='*' --acls -S --sparse-version=1.0", 0);
	test_ours_of_theirs(dir, &t, "--format=pax -S --sparse-version=0.1",
	    attrs);
	test_ours_of_theirs(dir, &t, "--format=pax -S --sparse-version=0.0",
	    attrs);
	test_ours_of_theirs(dir, &t, "--format=gnu -S", attrs | ATTR_TIMES);
	ok(scratch_remove(dir), "swept");
	trip_release(&t);
	return done();
}
