/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Archives made to do harm: nothing outside the target changes, nothing
 * crashes, and what is refused is refused with a reason.
 */
#include "trip.h"
#include "rawtar.h"

#include <dirent.h>
#include <errno.h>

#define SECRET "what must not change\n"

struct arena {
	char dir[SCRATCH_MAX];
	int outside;		/* DIR/outside with one secret file */
	int target;		/* DIR/target, empty for each attack */
};

enum fate { REFUSED, HARMLESS, EITHER };

struct attack {
	const char *name;
	void (*build)(struct buf *out);
	enum fate fate;
	const char *says;	/* part of the error's text, or NULL */
};

/* ------------------------------------------------------------- attacks */

#define FILE_OF(path) raw_entry(out, (struct raw){ .name = (path), \
	.type = '0', .data = "evil\n" })
#define LINK_OF(path, to) raw_entry(out, (struct raw){ .name = (path), \
	.type = '2', .link = (to) })
#define HARD_OF(path, to) raw_entry(out, (struct raw){ .name = (path), \
	.type = '1', .link = (to) })
#define DIR_OF(path) raw_entry(out, (struct raw){ .name = (path), \
	.type = '5', .mode = 0777 })
#define PAX_OF(...) raw_pax(out, 'x', \
	(const char *const []){ __VA_ARGS__, NULL })

static void absolute(struct buf *out) { FILE_OF("/tmp/drydock-evil"); }
static void two_slashes(struct buf *out) { FILE_OF("//tmp/drydock-evil"); }
static void climb(struct buf *out) { FILE_OF("../outside/secret"); }
static void climb_later(struct buf *out) { FILE_OF("a/../../outside/new"); }
static void climb_end(struct buf *out) { DIR_OF("a/.."); }
static void climb_dir(struct buf *out) { DIR_OF(".."); }

static void
climb_pax(struct buf *out)
{
	PAX_OF("path", "../outside/secret");
	FILE_OF("innocent");
}

static void
climb_long(struct buf *out)
{
	raw_entry(out, (struct raw){ .name = "././@LongLink", .type = 'L',
	    .data = "../outside/secret", .magic = "gnu" });
	raw_entry(out, (struct raw){ .name = "innocent", .type = '0',
	    .data = "evil\n", .magic = "gnu" });
}

static void
climb_global(struct buf *out)
{
	raw_pax(out, 'g', (const char *const []){ "path",
	    "../outside/secret", NULL });
	FILE_OF("innocent");
}

static void
through_symlink(struct buf *out)
{
	LINK_OF("d", "../outside");
	FILE_OF("d/secret");
}

static void
through_symlink_chain(struct buf *out)
{
	LINK_OF("up", "..");
	LINK_OF("d", "up/outside");
	FILE_OF("d/secret");
}

static void
through_symlink_dirs(struct buf *out)
{
	LINK_OF("d", "../outside");
	DIR_OF("d/sub");
}

static void
same_name(struct buf *out)
{
	LINK_OF("f", "../outside/secret");
	FILE_OF("f");
}

static void
dir_over_symlink(struct buf *out)
{
	LINK_OF("d", "../outside");
	DIR_OF("d");
}

static void
fifo_over_symlink(struct buf *out)
{
	LINK_OF("f", "../outside/secret");
	raw_entry(out, (struct raw){ .name = "f", .type = '6', .mode = 0777 });
}

static void hard_absolute(struct buf *out) { HARD_OF("h", "/etc/passwd"); }
static void hard_climb(struct buf *out) { HARD_OF("h", "../outside/secret"); }

static void
hard_through_symlink(struct buf *out)
{
	LINK_OF("d", "../outside");
	HARD_OF("h", "d/secret");
	FILE_OF("h");
}

/* The link itself is linked, never what it points to. */
static void
hard_to_symlink(struct buf *out)
{
	LINK_OF("s", "../outside/secret");
	HARD_OF("h", "s");
	FILE_OF("h");
}

static void
hard_with_data(struct buf *out)
{
	FILE_OF("f");
	PAX_OF("mtime", "1");
	raw_entry(out, (struct raw){ .name = "h", .type = '1', .link = "f",
	    .data = "more\n" });
}

static void
hard_to_self(struct buf *out)
{
	FILE_OF("h");
	HARD_OF("h", "h");
}

static void hard_missing(struct buf *out) { HARD_OF("h", "never"); }

static void
hard_to_dir(struct buf *out)
{
	DIR_OF("d");
	HARD_OF("h", "d");
}

static void
hard_to_root(struct buf *out)
{
	HARD_OF("h", "./");
}

static void empty_target(struct buf *out) { LINK_OF("s", ""); }

static void
long_target(struct buf *out)
{
	char target[5001];

	memset(target, 't', 5000);
	target[5000] = '\0';
	PAX_OF("linkpath", target);
	LINK_OF("s", "short");
}

static void
long_component(struct buf *out)
{
	char name[301];

	memset(name, 'n', 300);
	name[300] = '\0';
	PAX_OF("path", name);
	FILE_OF("short");
}

static void
too_deep(struct buf *out)
{
	struct buf path = BUF_EMPTY;
	int i;

	for (i = 0; i < EXTRACT_DEPTH_MAX; i++)
		buf_puts(&path, "d/");
	buf_puts(&path, "f");
	PAX_OF("path", buf_text(&path));
	FILE_OF("short");
	buf_release(&path);
}

static void
too_long(struct buf *out)
{
	struct buf path = BUF_EMPTY;
	int i;

	for (i = 0; i < 20000; i++)
		buf_puts(&path, "d/");
	buf_puts(&path, "f");
	PAX_OF("path", buf_text(&path));
	FILE_OF("short");
	buf_release(&path);
}

static void empty_name(struct buf *out) { FILE_OF(""); }
static void dot_file(struct buf *out) { FILE_OF("."); }
static void dot_link(struct buf *out) { LINK_OF("./", "../outside"); }
static void slash_file(struct buf *out) { FILE_OF("/"); }
static void dots_name(struct buf *out) { FILE_OF("..."); }

static void
nul_in_path(struct buf *out)
{
	struct raw head = { .name = "PaxHeader/x", .type = 'x' };
	struct buf body = BUF_EMPTY;

	raw_record(&body, "path", "a\0/../../outside/secret", 23);
	raw_bytes(out, &head, body.data, body.len);
	buf_release(&body);
	FILE_OF("innocent");
}

static void
controls(struct buf *out)
{
	FILE_OF("esc\x1b[2J\r\nname");
}

static void
full_dir_replaced(struct buf *out)
{
	FILE_OF("d/f");
	LINK_OF("d", "../outside");
	FILE_OF("d/secret");
}

static void
empty_dir_replaced(struct buf *out)
{
	DIR_OF("d");
	LINK_OF("d", "../outside");
	FILE_OF("d/secret");
}

static void size_negative(struct buf *out)
{
	raw_entry(out, (struct raw){ .name = "f", .type = '0',
	    .size = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" });
}

static void size_huge(struct buf *out)
{
	raw_entry(out, (struct raw){ .name = "f", .type = '0',
	    .size = "\x80\x01\x01\x01\x40\x01\x01\x01\x01\x01\x01\x01" });
}

static void
size_pax_max(struct buf *out)
{
	PAX_OF("size", "9223372036854775807");
	FILE_OF("f");
}

static void
size_pax_negative(struct buf *out)
{
	PAX_OF("size", "-1");
	FILE_OF("f");
}

static void
pax_huge(struct buf *out)
{
	raw_entry(out, (struct raw){ .name = "p", .type = 'x',
	    .size = "77777777777", .data = "10 path=a\n" });
}

static void
pax_of(struct buf *out, const char *body)
{
	raw_entry(out, (struct raw){ .name = "p", .type = 'x',
	    .data = body });
	FILE_OF("f");
}

static void pax_zero(struct buf *out) { pax_of(out, "0 path=a\n"); }
static void pax_wild(struct buf *out) { pax_of(out, "99999 path=a\n"); }
static void pax_no_equals(struct buf *out) { pax_of(out, "9 pathaa\n"); }
static void pax_no_number(struct buf *out) { pax_of(out, "path=a\n"); }

static void
pax_twice(struct buf *out)
{
	PAX_OF("path", "one");
	PAX_OF("path", "../outside/secret");
	FILE_OF("f");
}

/* Two readers, two sizes: what one takes for content, the other extracts. */
static void
two_sizes(struct buf *out)
{
	struct buf inner = BUF_EMPTY;
	struct raw outer = { .name = "outer", .type = '0',
		.size = "00000000000" };

	raw_entry(&inner, (struct raw){ .name = "smuggled", .type = '0',
	    .data = "evil\n" });
	PAX_OF("size", "1024");
	raw_bytes(out, &outer, inner.data, inner.len);
	buf_release(&inner);
}

static void
sparse_named(struct buf *out, const char *name, const char *map,
    const char *real)
{
	PAX_OF("GNU.sparse.major", "1", "GNU.sparse.minor", "0",
	    "GNU.sparse.name", name, "GNU.sparse.realsize", real);
	raw_header(out, &(struct raw){ .name = "GNUSparseFile.0/f",
	    .type = '0' }, 1024);
	buf_append(out, map, strlen(map));
	raw_pad(out);
	buf_puts(out, "data");
	raw_pad(out);
}

static void
sparse(struct buf *out, const char *map, const char *real)
{
	sparse_named(out, "f", map, real);
}

/* The same with nothing wrong, so that the others fail for their reason. */
static void
sparse_right(struct buf *out)
{
	sparse(out, "1\n512\n512\n", "2000");
}

static void
climb_sparse_name(struct buf *out)
{
	sparse_named(out, "../outside/secret", "1\n512\n512\n", "2000");
}

static void
sparse_overflow(struct buf *out)
{
	sparse(out, "1\n9223372036854775800\n512\n", "1024");
}

static void
sparse_negative(struct buf *out)
{
	sparse(out, "1\n-5\n512\n", "1024");
}

static void
sparse_overlap(struct buf *out)
{
	sparse(out, "2\n0\n256\n100\n256\n", "1024");
}

static void
sparse_endless(struct buf *out)
{
	sparse(out, "100000000000000\n0\n1\n", "1024");
}

static void
sparse_beyond(struct buf *out)
{
	sparse(out, "1\n600\n512\n", "1024");
}

static void
sparse_short(struct buf *out)
{
	sparse(out, "1\n0\n400\n", "1024");
}

static void
sparse_01_beyond(struct buf *out)
{
	PAX_OF("GNU.sparse.size", "100", "GNU.sparse.numblocks", "1",
	    "GNU.sparse.map", "99,5");
	FILE_OF("f");
}

static void
sparse_of_dir(struct buf *out)
{
	PAX_OF("GNU.sparse.major", "1", "GNU.sparse.minor", "0",
	    "GNU.sparse.realsize", "5");
	DIR_OF("d");
}

static void
owner_impossible(struct buf *out)
{
	PAX_OF("uid", "4294967295");
	FILE_OF("f");
}

static void
owner_huge(struct buf *out)
{
	PAX_OF("uid", "18446744073709551615");
	FILE_OF("f");
}

static void
time_nan(struct buf *out)
{
	PAX_OF("mtime", "nan");
	FILE_OF("f");
}

static void
xattr_large(struct buf *out)
{
	char *value = mem_zero(70001, 1);

	memset(value, 'v', 70000);
	PAX_OF("SCHILY.xattr.user.large", value);
	FILE_OF("f");
	free(value);
}

static void
xattrs_many(struct buf *out)
{
	struct raw head = { .name = "PaxHeader/x", .type = 'x' };
	struct buf body = BUF_EMPTY;
	char key[64];
	int i;

	for (i = 0; i <= ENTRY_XATTRS_MAX; i++) {
		(void)snprintf(key, sizeof key, "SCHILY.xattr.user.n%d", i);
		raw_record(&body, key, "v", 1);
	}
	raw_bytes(out, &head, body.data, body.len);
	buf_release(&body);
	FILE_OF("f");
}

static void
acl_nonsense(struct buf *out)
{
	PAX_OF("SCHILY.acl.access", "user::rwx,other:zzz");
	FILE_OF("f");
}

static void
bad_sum(struct buf *out)
{
	FILE_OF("f");
	out->data[148] ^= 1;
}

static void
after_end(struct buf *out)
{
	FILE_OF("f");
	raw_end(out);
	FILE_OF("smuggled");
}

static void
garbage(struct buf *out)
{
	int i;

	for (i = 0; i < 2000; i++)
		buf_byte(out, (unsigned char)(i * 7 + 1));
}

static void device(struct buf *out)
{
	raw_entry(out, (struct raw){ .name = "sda", .type = '4',
	    .mode = 0666 });
}

static void volume(struct buf *out)
{
	raw_entry(out, (struct raw){ .name = "../outside/secret",
	    .type = 'V' });
	FILE_OF("f");
}

static void
many_parents(struct buf *out)
{
	FILE_OF("a/b/c/f");
	FILE_OF("a/f");
	FILE_OF("a/b/f");
	DIR_OF("a/b/");
	DIR_OF("./");
	FILE_OF("./a/./b/g");
}

static const struct attack attacks[] = {
	{ "absolute name", absolute, REFUSED, NULL },
	{ "name with two slashes", two_slashes, REFUSED, NULL },
	{ "'..' first", climb, REFUSED, ".." },
	{ "'..' later", climb_later, REFUSED, ".." },
	{ "'..' last", climb_end, REFUSED, ".." },
	{ "'..' alone", climb_dir, REFUSED, ".." },
	{ "'..' in a pax path", climb_pax, REFUSED, ".." },
	{ "'..' in a GNU long name", climb_long, REFUSED, ".." },
	{ "'..' in a sparse name", climb_sparse_name, REFUSED, ".." },
	{ "'..' in a global header", climb_global, HARMLESS, NULL },
	{ "file through a symlink", through_symlink, REFUSED, NULL },
	{ "file through two", through_symlink_chain, REFUSED, NULL },
	{ "directory through one", through_symlink_dirs, REFUSED, NULL },
	{ "file over a symlink", same_name, HARMLESS, NULL },
	{ "directory over a symlink", dir_over_symlink, HARMLESS, NULL },
	{ "fifo over a symlink", fifo_over_symlink, HARMLESS, NULL },
	{ "hard link to an absolute name", hard_absolute, REFUSED, NULL },
	{ "hard link that climbs", hard_climb, REFUSED, ".." },
	{ "hard link through a symlink", hard_through_symlink, REFUSED, NULL },
	{ "hard link to a symlink", hard_to_symlink, HARMLESS, NULL },
	{ "hard link with content", hard_with_data, REFUSED, "content" },
	{ "hard link to itself", hard_to_self, REFUSED, "itself" },
	{ "hard link to nothing", hard_missing, REFUSED, NULL },
	{ "hard link to a directory", hard_to_dir, REFUSED, "directory" },
	{ "hard link to the root", hard_to_root, REFUSED, NULL },
	{ "symlink to nothing", empty_target, REFUSED, "nothing" },
	{ "symlink of 5000 bytes", long_target, REFUSED, "long" },
	{ "name of 300 bytes", long_component, REFUSED, NULL },
	{ "path over the depth limit", too_deep, REFUSED, "deeper" },
	{ "path over the length limit", too_long, REFUSED, NULL },
	{ "no name", empty_name, REFUSED, NULL },
	{ "root as a file", dot_file, REFUSED, "directory" },
	{ "root as a link", dot_link, REFUSED, "directory" },
	{ "slash as a file", slash_file, REFUSED, NULL },
	{ "three dots", dots_name, HARMLESS, NULL },
	{ "NUL in a path", nul_in_path, EITHER, NULL },
	{ "control characters", controls, HARMLESS, NULL },
	{ "full directory replaced", full_dir_replaced, REFUSED, "twice" },
	{ "empty directory replaced", empty_dir_replaced, REFUSED, NULL },
	{ "size below zero", size_negative, REFUSED, NULL },
	{ "size over all", size_huge, REFUSED, NULL },
	{ "pax size at its end", size_pax_max, REFUSED, NULL },
	{ "pax size below zero", size_pax_negative, REFUSED, NULL },
	{ "pax header of 8 GiB", pax_huge, REFUSED, NULL },
	{ "pax record of no length", pax_zero, REFUSED, NULL },
	{ "pax record beyond the end", pax_wild, REFUSED, NULL },
	{ "pax record without =", pax_no_equals, REFUSED, NULL },
	{ "pax record without number", pax_no_number, REFUSED, NULL },
	{ "two pax headers", pax_twice, REFUSED, NULL },
	{ "two sizes", two_sizes, EITHER, NULL },
	{ "sparse map as it should be", sparse_right, HARMLESS, NULL },
	{ "sparse map overflows", sparse_overflow, REFUSED, NULL },
	{ "sparse map below zero", sparse_negative, REFUSED, NULL },
	{ "sparse map overlaps", sparse_overlap, REFUSED, NULL },
	{ "sparse map without end", sparse_endless, REFUSED, NULL },
	{ "sparse map beyond the file", sparse_beyond, REFUSED, NULL },
	{ "sparse map says less than stored", sparse_short, EITHER, NULL },
	{ "old sparse map beyond the file", sparse_01_beyond, REFUSED, NULL },
	{ "sparse directory", sparse_of_dir, REFUSED, NULL },
	{ "owner -1", owner_impossible, REFUSED, "owner" },
	{ "owner of 64 bits", owner_huge, REFUSED, NULL },
	{ "time that is no number", time_nan, REFUSED, NULL },
	{ "attribute of 70 kB", xattr_large, REFUSED, "attributes" },
	{ "too many attributes", xattrs_many, REFUSED, "attributes" },
	{ "ACL that is none", acl_nonsense, REFUSED, NULL },
	{ "bad checksum", bad_sum, REFUSED, NULL },
	{ "entry after the end", after_end, REFUSED, "end marker" },
	{ "not a tar", garbage, REFUSED, NULL },
	{ "device", device, REFUSED, "device" },
	{ "volume label", volume, HARMLESS, NULL },
	{ "directories out of order", many_parents, HARMLESS, NULL },
};

/* ------------------------------------------------------------ the arena */

static bool
make_target(struct arena *a)
{
	a->target = trip_dir(a->dir, "target");
	return a->target != -1;
}

static bool
open_arena(struct arena *a)
{
	if (!scratch_make(a->dir) ||
	    !scratch_put(a->dir, "outside/secret", SECRET))
		return false;
	a->outside = trip_dir(a->dir, "outside");
	return a->outside != -1;
}

static unsigned
count_names(const char *dir)
{
	DIR *d = opendir(dir);
	unsigned count = 0;

	while (d != NULL && readdir(d) != NULL)
		count++;
	if (d != NULL)
		(void)closedir(d);
	return count;
}

/* Nothing but the target may have been touched. */
static bool
is_untouched(struct arena *a, const struct stat *before)
{
	struct buf text = BUF_EMPTY;
	struct stat st;
	struct err err;
	char *path = mem_format("%s/outside", a->dir);
	bool same = fstatat(a->outside, "secret", &st, AT_SYMLINK_NOFOLLOW) ==
	    0 && memcmp(&st.st_mtim, &before->st_mtim, sizeof st.st_mtim) ==
	    0 && st.st_mode == before->st_mode && st.st_nlink == 1 &&
	    st.st_ctim.tv_nsec == before->st_ctim.tv_nsec &&
	    io_read_file(a->outside, "secret", 100, &text, &err) == 0 &&
	    strcmp(buf_text(&text), SECRET) == 0;

	/* ".", ".." and the secret; beside outside and target nothing. */
	same = same && count_names(path) == 3 && count_names(a->dir) == 4;
	buf_release(&text);
	free(path);
	return same && access("/tmp/drydock-evil", F_OK) == -1;
}

static int
extract_all(struct tar_reader *tar, int root_fd, struct err *err)
{
	struct extract_options options = { .refuse_devices = true };
	struct entry entry = ENTRY_EMPTY;
	struct extract *x;
	uint8_t sha256[32];
	bool is_end = false;
	int ret = extract_new(&x, root_fd, &options, err);

	if (ret == -1)
		return -1;
	while (ret == 0 && !is_end) {
		ret = tar_reader_next(tar, &entry, &is_end, err);
		if (ret == 0 && !is_end)
			ret = extract_entry(x, &entry, tar, sha256, err);
	}
	if (ret == 0)
		ret = extract_finish(x, err);
	extract_free(x);
	entry_release(&entry);
	return ret;
}

static int
run(const struct buf *bytes, int root_fd, struct err *err)
{
	struct memory_reader in;
	struct tar_reader *tar;
	int ret;

	if (tar_reader_new(&tar, memory_reader_init(&in, bytes->data,
	    bytes->len), 0, err) == -1)
		return -1;
	ret = extract_all(tar, root_fd, err);
	tar_reader_free(tar);
	return ret;
}

static void
try_attack(struct arena *a, const struct attack *attack)
{
	struct buf bytes = BUF_EMPTY;
	struct stat before;
	struct err err;
	int ret, top;

	if (!make_target(a) || fstatat(a->outside, "secret", &before, 0) ==
	    -1) {
		ok(false, "%s: no target", attack->name);
		return;
	}
	attack->build(&bytes);
	raw_end(&bytes);
	ret = run(&bytes, a->target, &err);
	if (ret == -1)
		printf("# %s\n", err.text);
	ok(attack->fate == EITHER || (ret == -1) == (attack->fate == REFUSED),
	    "%s: %s", attack->name, attack->fate == REFUSED ? "refused" :
	    "taken");
	if (attack->says != NULL)
		ok(ret == -1 && strstr(err.text, attack->says) != NULL,
		    "%s: the reason says '%s'", attack->name, attack->says);
	ok(ret == 0 || strpbrk(err.text, "\x1b\r\n") == NULL,
	    "%s: the text is safe for a terminal", attack->name);
	ok(is_untouched(a, &before), "%s: nothing outside changed",
	    attack->name);
	(void)close(a->target);
	top = open(a->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok(io_remove_tree(top, "target", &err) == 0, "%s: swept",
	    attack->name);
	(void)close(top);
	buf_release(&bytes);
}

/* Cut at every block and a few odd places: always refused, never a crash. */
static void
test_cut_short(struct arena *a)
{
	struct buf bytes = BUF_EMPTY;
	struct err err;
	size_t len, end;
	unsigned accepted = 0;

	many_parents(&bytes);
	climb_global(&bytes);	/* contains a harmless file */
	end = bytes.len;
	raw_end(&bytes);
	for (len = 0; len <= end; len += len % 1024 == 0 ? 511 : 1) {
		struct buf part = { bytes.data, len, 0 };

		if (!make_target(a))
			break;
		accepted += run(&part, a->target, &err) == 0;
		(void)close(a->target);
	}
	is_u64(accepted, 0, "an archive that just stops is never complete");
	buf_release(&bytes);
}

int
main(void)
{
	struct arena a;
	size_t i;

	if (!ok(open_arena(&a), "an arena"))
		return done();
	for (i = 0; i < sizeof attacks / sizeof attacks[0]; i++)
		try_attack(&a, &attacks[i]);
	test_cut_short(&a);
	(void)close(a.outside);
	ok(scratch_remove(a.dir), "the arena can be removed");
	return done();
}
