/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manifest/manifest against Debian's mtree: it finds no difference between a
 * tree and our manifest of it, and finds each difference that is made.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "codec/sha256.h"
#include "harness.h"
#include "io/io.h"
#include "manifest/manifest.h"

static void
must(bool held)
{
	if (held)
		return;
	perror("# the test itself");
	exit(1);
}

/* ------------------------------------------------------------ the tree */

static void
put_file(int dir, const char *name, mode_t mode, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	must(fd != -1 && io_write(fd, text, strlen(text)) == 0 &&
	    fchmod(fd, mode) == 0 && close(fd) == 0);
}

static void
put_time(int dir, const char *name, time_t seconds, long ns)
{
	const struct timespec times[2] = { { seconds, ns }, { seconds, ns } };

	must(utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) == 0);
}

static void
put_socket(int dir, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	must(fd != -1);
	(void)snprintf(address.sun_path, sizeof address.sun_path,
	    "/proc/self/fd/%d/%s", dir, name);
	must(bind(fd, (const struct sockaddr *)(const void *)&address,
	    sizeof address) == 0 && close(fd) == 0);
}

/* Names of 100 bytes, holding every byte that a name can. */
static void
put_odd_names(int dir)
{
	char name[101];
	unsigned c = 1;

	while (c < 256) {
		size_t len = 0;

		while (c < 256 && len < 100) {
			if (c != '/')
				name[len++] = (char)c;
			c++;
		}
		name[len] = '\0';
		put_file(dir, name, 0644, "odd");
	}
	put_file(dir, "...", 0644, "three dots");
	put_file(dir, " ", 0644, "a space");
	put_file(dir, "#", 0644, "a hash");
	put_file(dir, "a=b", 0644, "an equals sign");
	put_file(dir, "st*r?[x]", 0644, "a pattern");
	put_file(dir, "back\\slash\\", 0644, "backslashes");
	put_file(dir, "e\xcc\x81", 0644, "decomposed");
	put_file(dir, "\xc3\xa9", 0644, "composed");
}

/* False when devices cannot be made here. */
static bool
put_tree(int dir)
{
	put_file(dir, "plain", 0640, "content\n");
	put_file(dir, "empty", 0400, "");
	put_file(dir, "setuid", 04755, "x");
	put_file(dir, "before-1970", 0644, "old");
	put_time(dir, "before-1970", -157766400, 500000000);
	put_file(dir, "future", 0644, "new");
	put_time(dir, "future", 4102444800, 123456789);
	put_file(dir, "one-ns", 0644, "short");
	put_time(dir, "one-ns", 1000000000, 1000);
	put_file(dir, "linked", 0644, "twice");
	must(linkat(dir, "linked", dir, "twin", 0) == 0);
	must(symlinkat("a target# with=odd\\\nbytes\xff", dir, "symlink") == 0);
	must(symlinkat("/", dir, "absolute") == 0);
	must(mkfifoat(dir, "fifo", 0600) == 0);
	must(mkdirat(dir, "sub", 0750) == 0 &&
	    mkdirat(dir, "sub/sub sub", 0700) == 0 &&
	    mkdirat(dir, "sticky", 0700) == 0 &&
	    fchmodat(dir, "sticky", 01777, 0) == 0);
	put_file(dir, "sub/sub sub/deep", 0600, "deep");
	put_odd_names(dir);
	put_socket(dir, "socket");
	return mknodat(dir, "null", S_IFCHR | 0666, makedev(1, 3)) == 0 &&
	    mknodat(dir, "disk", S_IFBLK | 0660, makedev(4095, 1048575)) == 0;
}

/* -------------------------------------------------------- its manifest */

static enum entry_type
type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR: return ENTRY_DIR;
	case S_IFLNK: return ENTRY_SYMLINK;
	case S_IFIFO: return ENTRY_FIFO;
	case S_IFSOCK: return ENTRY_SOCKET;
	case S_IFCHR: return ENTRY_CHAR;
	case S_IFBLK: return ENTRY_BLOCK;
	default: return ENTRY_FILE;
	}
}

static void
fill_content(struct entry *e, int dir, const char *name)
{
	struct buf text = BUF_EMPTY;
	struct err err;

	must(io_read_file(dir, name, 1000, &text, &err) == 0);
	sha256_of(buf_text(&text), text.len, e->sha256);
	e->has_sha256 = true;
	e->size = text.len;
	buf_release(&text);
}

static void
fill_entry(struct entry *e, int dir, const char *name, const struct stat *st)
{
	char target[ENTRY_LINK_MAX];
	ssize_t len;

	e->type = type_of(st->st_mode);
	e->mode = st->st_mode & 07777;
	e->uid = st->st_uid;
	e->gid = st->st_gid;
	e->nlink = (uint64_t)st->st_nlink;
	e->mtime_s = st->st_mtim.tv_sec;
	e->mtime_ns = (uint32_t)st->st_mtim.tv_nsec;
	if (e->type == ENTRY_SYMLINK) {
		len = readlinkat(dir, name, target, sizeof target);
		must(len > 0);
		buf_set(&e->link, target, (size_t)len);
	}
	if (e->type == ENTRY_CHAR || e->type == ENTRY_BLOCK) {
		e->rdev_major = major(st->st_rdev);
		e->rdev_minor = minor(st->st_rdev);
	}
	/* As a walk does: the second name refers to the first. */
	if (strcmp(name, "twin") == 0) {
		buf_puts(&e->hardlink, "linked");
		e->size = (uint64_t)st->st_size;
	} else if (e->type == ENTRY_FILE) {
		fill_content(e, dir, name);
	}
}

struct taking {
	struct manifest_writer manifest;
	uint64_t offset;
};

static void
add_object(struct taking *t, int dir, const char *name, const char *path)
{
	struct entry e = ENTRY_EMPTY;
	struct stat st;
	struct err err;

	must(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0);
	buf_puts(&e.path, path);
	e.tar_offset = t->offset;
	e.has_tar_offset = !S_ISSOCK(st.st_mode);
	t->offset += 512;
	fill_entry(&e, dir, name, &st);
	if (manifest_writer_add(&t->manifest, &e, &err) == -1) {
		printf("# %s\n", err.text);
		must(false);
	}
	entry_release(&e);
}

static int
is_child(const struct dirent *d)
{
	return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
}

/* Sorted, so that "linked" comes before "twin". */
static void
add_children(struct taking *t, int dir, const char *path)
{
	struct dirent **names;
	char here[64];		/* musl has no scandirat */
	int i, fd, n;

	(void)snprintf(here, sizeof here, "/proc/self/fd/%d", dir);
	n = scandir(here, &names, is_child, alphasort);
	must(n >= 0);
	for (i = 0; i < n; i++) {
		const char *name = names[i]->d_name;
		struct buf below = BUF_EMPTY;

		buf_printf(&below, "%s%s%s", path, path[0] == '\0' ? "" : "/",
		    name);
		add_object(t, dir, name, below.data);
		fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		if (fd != -1) {
			add_children(t, fd, below.data);
			(void)close(fd);
		}
		buf_release(&below);
		free(names[i]);
	}
	free(names);
}

struct file_writer {
	struct writer writer;
	int fd;
};

static int
file_write(struct writer *writer, const void *data, size_t len,
    struct err *err)
{
	struct file_writer *f = (struct file_writer *)(void *)writer;

	if (io_write(f->fd, data, len) == -1)
		return err_set(err, ERR_IO, io_error(), "cannot write");
	return 0;
}

static void
put_manifest(const char *path, int dir)
{
	struct file_writer f = { { file_write },
	    open(path, O_WRONLY | O_CREAT | O_EXCL, 0600) };
	struct taking t = { .offset = 0 };
	struct err err;

	must(f.fd != -1 &&
	    manifest_writer_init(&t.manifest, &f.writer, &err) == 0);
	add_object(&t, dir, ".", "");
	add_children(&t, dir, "");
	must(manifest_writer_finish(&t.manifest, &err) == 0 &&
	    close(f.fd) == 0);
	manifest_writer_release(&t.manifest);
}

/* ------------------------------------------------------------- mtree */

/* The exit status; what it said is in out. */
static int
mtree(const char *base, struct buf *out)
{
	char command[256], line[256];
	FILE *pipe;
	int status;

	(void)snprintf(command, sizeof command,
	    "mtree -f %s/m -p %s/tree 2>&1", base, base);
	buf_cut(out, 0);
	pipe = popen(command, "r");
	must(pipe != NULL);
	while (fgets(line, sizeof line, pipe) != NULL)
		buf_puts(out, line);
	status = pclose(pipe);
	return status;
}

static void
test_mtree_finds_no_difference(const char *base)
{
	struct buf out = BUF_EMPTY;

	ok(mtree(base, &out) == 0 && out.len == 0,
	    "mtree finds nothing to say");
	if (out.len > 0)
		printf("# %s\n", out.data);
	buf_release(&out);
}

static void
test_mtree_finds(const char *base, const char *name, const char *word)
{
	struct buf out = BUF_EMPTY;

	ok(mtree(base, &out) != 0 && strstr(buf_text(&out), name) != NULL &&
	    strstr(buf_text(&out), word) != NULL, "mtree finds a changed %s",
	    word);
	buf_release(&out);
}

static void
test_each_difference_is_found(const char *base, int dir)
{
	struct stat st;
	int fd;

	must(fstatat(dir, "plain", &st, 0) == 0 &&
	    fchmodat(dir, "plain", 0600, 0) == 0);
	test_mtree_finds(base, "plain", "permissions");
	must(fchmodat(dir, "plain", 0640, 0) == 0);

	put_time(dir, "plain", st.st_mtim.tv_sec + 1, st.st_mtim.tv_nsec);
	test_mtree_finds(base, "plain", "modification time");

	fd = openat(dir, "plain", O_WRONLY);
	must(fd != -1 && io_write(fd, "CONTENT\n", 8) == 0 && close(fd) == 0);
	put_time(dir, "plain", st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	test_mtree_finds(base, "plain", "sha256");

	must(unlinkat(dir, "symlink", 0) == 0 &&
	    symlinkat("elsewhere", dir, "symlink") == 0);
	test_mtree_finds(base, "symlink", "link ref");

	put_file(dir, "stranger", 0600, "");
	test_mtree_finds(base, "stranger", "extra");

	must(unlinkat(dir, "fifo", 0) == 0);
	test_mtree_finds(base, "fifo", "missing");
}

int
main(void)
{
	char base[] = "/tmp/drydock-test-XXXXXX";
	char path[128], command[128];
	int dir;

	if (system("command -v mtree >/dev/null") != 0) {
		skip("no mtree here (package mtree-netbsd)");
		return done();
	}
	(void)umask(022);
	must(mkdtemp(base) != NULL);
	(void)snprintf(path, sizeof path, "%s/tree", base);
	must(mkdir(path, 0755) == 0);
	dir = open(path, O_RDONLY | O_DIRECTORY);
	must(dir != -1);
	if (!put_tree(dir))
		skip("device nodes: cannot make them here");
	(void)snprintf(path, sizeof path, "%s/m", base);
	put_manifest(path, dir);
	test_mtree_finds_no_difference(base);
	test_each_difference_is_found(base, dir);
	(void)close(dir);
	(void)snprintf(command, sizeof command, "rm -rf %s", base);
	ok(system(command) == 0, "cleaned up");
	return done();
}
