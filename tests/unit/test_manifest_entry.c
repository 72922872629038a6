/* SPDX-License-Identifier: BSD-2-Clause */
/* manifest/entry: the gate for names, attributes, and a clean slate. */
#include <stdlib.h>

#include "base/hex.h"
#include "codec/sha256.h"
#include "harness.h"
#include "manifest/entry.h"

static void
test_clean_paths(void)
{
	static const struct {
		const char *raw;
		const char *clean;
	} cases[] = {
		{ ".", "" },
		{ "./", "" },
		{ "./.", "" },
		{ "./././", "" },
		{ "a", "a" },
		{ "./a", "a" },
		{ "././a", "a" },
		{ "a/", "a" },
		{ "a///", "a" },
		{ "./a/b/", "a/b" },
		{ "a/./b", "a/b" },
		{ "a/.", "a" },
		{ "...", "..." },
		{ ".a", ".a" },
		{ "..a", "..a" },
		{ "a..", "a.." },
		{ "a/..b/c..", "a/..b/c.." },
		{ " ", " " },
		{ "\n", "\n" },
		{ "a\\..\\b", "a\\..\\b" },
		{ "C:", "C:" },
		{ "\xff\xfe", "\xff\xfe" },
		{ "e\xcc\x81", "e\xcc\x81" },
	};
	struct buf out = BUF_EMPTY;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *why = NULL;

		buf_set(&out, "old", 3);
		ok(entry_path_clean(cases[i].raw, strlen(cases[i].raw), &out,
		    &why) && why == NULL &&
		    strcmp(buf_text(&out), cases[i].clean) == 0,
		    "path %zu becomes '%s'", i,
		    i == 18 ? "(newline)" : cases[i].clean);
	}
	buf_release(&out);
}

static void
test_refused_paths(void)
{
	static const struct {
		const char *raw;
		size_t len;
		const char *why;
	} cases[] = {
		{ "", 0, "is empty" },
		{ "/", 1, "is absolute" },
		{ "//", 2, "is absolute" },
		{ "/a", 2, "is absolute" },
		{ "/..", 3, "is absolute" },
		{ "..", 2, "reaches outside with '..'" },
		{ "../", 3, "reaches outside with '..'" },
		{ "./..", 4, "reaches outside with '..'" },
		{ "../a", 4, "reaches outside with '..'" },
		{ "a/..", 4, "reaches outside with '..'" },
		{ "a/../", 5, "reaches outside with '..'" },
		{ "a/../b", 6, "reaches outside with '..'" },
		{ "a//b", 4, "has an empty component" },
		{ ".//a", 4, "has an empty component" },
		{ "\0", 1, "has a NUL byte" },
		{ "a\0", 2, "has a NUL byte" },
		{ "a\0/../b", 7, "has a NUL byte" },
		{ "a\0b", 3, "has a NUL byte" },
	};
	struct buf out = BUF_EMPTY;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *why = NULL;

		buf_set(&out, "old", 3);
		ok(!entry_path_clean(cases[i].raw, cases[i].len, &out, &why),
		    "bad path %zu is refused", i);
		is_str(why, cases[i].why, "because it %s", cases[i].why);
		is_str(buf_text(&out), "old", "and out is untouched");
	}
	buf_release(&out);
}

static bool
is_accepted(const char *raw, size_t len)
{
	struct buf out = BUF_EMPTY;
	const char *why;
	bool held = entry_path_clean(raw, len, &out, &why);

	buf_release(&out);
	return held;
}

static void
test_name_limit(void)
{
	char raw[ENTRY_NAME_MAX + 10];
	size_t len;

	memset(raw, 'n', sizeof raw);
	for (len = ENTRY_NAME_MAX - 1; len <= ENTRY_NAME_MAX + 1; len++) {
		bool want = len <= ENTRY_NAME_MAX;

		ok(is_accepted(raw, len) == want, "a name of %zu bytes", len);
		raw[1] = '/';
		ok(is_accepted(raw, 2 + len) == want,
		    "the last of a path, %zu bytes", len);
		raw[1] = 'n';
		raw[len] = '/';
		ok(is_accepted(raw, len + 2) == want,
		    "the first of a path, %zu bytes", len);
		ok(is_accepted(raw, len + 1) == want,
		    "before a slash, %zu bytes", len);
		raw[len] = 'n';
	}
}

static void
test_path_limit(void)
{
	size_t size = ENTRY_PATH_MAX + 16, len, i;
	char *raw = malloc(size);

	if (!ok(raw != NULL, "memory for the test"))
		return;
	raw[0] = '.';
	for (i = 1; i < size; i++)
		raw[i] = i % 2 == 1 ? '/' : 'a';
	/* "./a/a...": two bytes more than what is left of it. */
	for (len = ENTRY_PATH_MAX - 1; len <= ENTRY_PATH_MAX + 1; len += 2)
		ok(is_accepted(raw, len + 2) == (len <= ENTRY_PATH_MAX),
		    "a path of %zu bytes, after './'", len);
	/* A name of two bytes last brings it to the even length. */
	raw[ENTRY_PATH_MAX + 1] = 'b';
	ok(is_accepted(raw, ENTRY_PATH_MAX + 2), "a path of the limit");
	ok(is_accepted(raw, ENTRY_PATH_MAX + 1), "one less");
	raw[ENTRY_PATH_MAX + 2] = 'b';
	ok(!is_accepted(raw, ENTRY_PATH_MAX + 3), "one more");
	memset(raw + ENTRY_PATH_MAX + 2, '/', 14);
	ok(is_accepted(raw, size), "slashes at the end do not count");
	free(raw);
}

static void
test_fault_of_paths_that_should_be_clean(void)
{
	ok(entry_path_fault("", 0) == NULL, "the root is clean");
	ok(entry_path_fault("a/b", 3) == NULL, "a path is clean");
	ok(entry_path_fault("./a", 3) != NULL, "a leading './' is not");
	ok(entry_path_fault(".", 1) != NULL, "a '.' is not");
	ok(entry_path_fault("a/", 2) != NULL, "a slash at the end is not");
	ok(entry_path_fault("a/../b", 6) != NULL, "'..' is not");
}

static void
test_xattrs_are_sorted_and_replaced(void)
{
	struct xattr_list list = { NULL, 0 };
	const struct xattr *x;

	xattr_list_put(&list, "user.b", "two", 3);
	xattr_list_put(&list, "user.a", "one", 3);
	xattr_list_put(&list, "user.c", NULL, 0);
	is_u64(list.count, 3, "xattrs: three");
	ok(strcmp(list.items[0].name, "user.a") == 0 &&
	    strcmp(list.items[1].name, "user.b") == 0 &&
	    strcmp(list.items[2].name, "user.c") == 0, "xattrs: sorted");
	xattr_list_put(&list, "user.b", "longer\0value", 12);
	x = xattr_list_find(&list, "user.b");
	ok(list.count == 3 && x != NULL && x->len == 12 &&
	    memcmp(x->value, "longer\0value", 12) == 0, "xattrs: replaced");
	ok(xattr_list_find(&list, "user.aa") == NULL, "xattrs: not there");
	ok(!xattr_list_remove(&list, "user.aa") &&
	    xattr_list_remove(&list, "user.a") && list.count == 2 &&
	    xattr_list_find(&list, "user.a") == NULL &&
	    xattr_list_find(&list, "user.c") != NULL, "xattrs: removed");
	xattr_list_release(&list);
	ok(list.count == 0 && list.items == NULL, "xattrs: released");
}

static void
test_xattr_digest(void)
{
	/* The bytes that the contract names, written out. */
	static const char wire[] = "\6\0\0\0user.a" "\3\0\0\0one"
	    "\6\0\0\0user.b" "\0\0\0\0";
	struct xattr_list list = { NULL, 0 };
	uint8_t got[32], want[32];

	sha256_of("", 0, want);
	xattr_list_sha256(&list, got);
	ok(memcmp(got, want, 32) == 0, "digest of no attributes");
	xattr_list_put(&list, "user.b", "", 0);
	xattr_list_put(&list, "user.a", "one", 3);
	sha256_of(wire, sizeof wire - 1, want);
	xattr_list_sha256(&list, got);
	ok(memcmp(got, want, 32) == 0, "digest is over counted names and values");
	xattr_list_release(&list);
}

static void
test_extents(void)
{
	struct extent_list list = { NULL, 0, 0 };
	uint64_t i, wrong = 0;

	for (i = 0; i < 1000; i++)
		extent_list_add(&list, i * 10, i);
	for (i = 0; i < list.count; i++)
		if (list.items[i].offset != i * 10 || list.items[i].len != i)
			wrong++;
	ok(list.count == 1000 && wrong == 0, "extents: in the order given");
	extent_list_release(&list);
	ok(list.items == NULL && list.count == 0 && list.cap == 0,
	    "extents: released");
}

static void
test_reset_and_release(void)
{
	struct entry e = ENTRY_EMPTY;
	const char *memory;

	buf_puts(&e.path, "a/b");
	buf_puts(&e.link, "target");
	buf_puts(&e.hardlink, "c");
	memory = e.path.data;
	e.type = ENTRY_BLOCK;
	e.uid = e.gid = e.mode = e.flags = e.rdev_major = e.rdev_minor = 7;
	e.size = e.nlink = e.tar_offset = e.data_bytes = 7;
	e.mtime_s = -1;
	e.has_sha256 = e.has_attrs = e.has_tar_offset = e.is_sparse = true;
	e.changed = CHANGE_GREW;
	xattr_list_put(&e.xattrs, "user.a", "1", 1);
	extent_list_add(&e.extents, 0, 1);
	entry_reset(&e);
	ok(e.path.len == 0 && e.link.len == 0 && e.hardlink.len == 0 &&
	    e.path.data == memory && memory[0] == '\0',
	    "reset: texts empty, memory kept");
	ok(e.type == ENTRY_FILE && e.uid == 0 && e.mode == 0 && e.size == 0 &&
	    e.mtime_s == 0 && !e.has_sha256 && !e.has_attrs &&
	    !e.has_tar_offset && !e.is_sparse && e.changed == CHANGE_NONE &&
	    e.rdev_minor == 0 && e.flags == 0 && e.xattrs.count == 0 &&
	    e.extents.count == 0, "reset: everything else as at first");
	entry_release(&e);
	ok(e.path.data == NULL && e.path.cap == 0, "release: nothing is left");
	entry_reset(&e);
	entry_release(&e);
	ok(e.path.data == NULL, "both accept an empty entry");
}

static void
test_names(void)
{
	is_str(entry_type_name(ENTRY_FILE), "file", "type");
	is_str(entry_type_name(ENTRY_DIR), "dir", "type");
	is_str(entry_type_name(ENTRY_SYMLINK), "link", "type");
	is_str(entry_type_name(ENTRY_FIFO), "fifo", "type");
	is_str(entry_type_name(ENTRY_SOCKET), "socket", "type");
	is_str(entry_type_name(ENTRY_CHAR), "char", "type");
	is_str(entry_type_name(ENTRY_BLOCK), "block", "type");
	is_str(entry_type_name((enum entry_type)99), "unknown", "type");
	is_str(entry_change_name(CHANGE_NONE), "none", "change");
	is_str(entry_change_name(CHANGE_GREW), "grew", "change");
	is_str(entry_change_name(CHANGE_SHRANK), "shrank", "change");
	is_str(entry_change_name(CHANGE_MODIFIED), "modified", "change");
	is_str(entry_change_name(CHANGE_UNREADABLE), "unreadable", "change");
	is_str(entry_change_name((enum entry_change)99), "unknown", "change");
}

int
main(void)
{
	test_clean_paths();
	test_refused_paths();
	test_name_limit();
	test_path_limit();
	test_fault_of_paths_that_should_be_clean();
	test_xattrs_are_sorted_and_replaced();
	test_xattr_digest();
	test_extents();
	test_reset_and_release();
	test_names();
	return done();
}
