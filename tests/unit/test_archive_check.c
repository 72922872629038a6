/* SPDX-License-Identifier: BSD-2-Clause */
/* Verdicts: what differs is named for what it is, and nothing else is. */
#include "trip.h"
#include "rawtar.h"

static const struct take_options plain;
static const struct check_options check_all;

struct scene {
	char dir[SCRATCH_MAX];
	int root;
	struct trip t;
};

/* "./", a (8192 times 'a'), b/, b/c, d -> a, e (a hard link of a) */
static bool
set_up(struct scene *s)
{
	static const struct trip empty = TRIP_EMPTY;
	char text[8193];

	memset(text, 'a', 8192);
	text[8192] = '\0';
	s->t = empty;
	s->t.tar.writer.write = trip_write;
	s->t.mtree.writer.write = trip_write;
	if (!scratch_make(s->dir))
		return false;
	s->root = trip_dir(s->dir, "tree");
	return scratch_put(s->dir, "tree/a", text) &&
	    scratch_put(s->dir, "tree/b/c", "c\n") &&
	    symlinkat("a", s->root, "d") == 0 &&
	    linkat(s->root, "a", s->root, "e", 0) == 0 &&
	    trip_take(&s->t, s->root, &plain) == 0;
}

static void
tear_down(struct scene *s)
{
	(void)close(s->root);
	ok(scratch_remove(s->dir), "swept");
	trip_release(&s->t);
}

/* Where path's header starts, by the manifest's own word. */
static uint64_t
place_of(const struct trip *t, const char *path)
{
	char *line = mem_format("\n./%s type=", path);
	const char *at = strstr(buf_text(&t->mtree.out), line);
	unsigned long long offset = 0;

	while (at != NULL && at > t->mtree.out.data &&
	    strncmp(at, "offset=", 7) != 0)
		at--;
	if (at != NULL)
		(void)sscanf(at, "offset=%llu", &offset);
	free(line);
	return offset;
}

static void
verdicts_are(struct scene *s, const char *want, const char *what)
{
	ok(trip_check(&s->t, -1, &check_all) == 0, "%s: read to the end", what);
	is_str(buf_text(&s->t.verdicts), want, "%s", what);
}

/* Give header at offset a sum that fits its bytes again. */
static void
sum_again(struct trip *t, uint64_t offset)
{
	raw_sum(t->tar.out.data + offset);
}

/* The plain header of the entry: behind its pax header, where it has one. */
static uint64_t
header_of(const struct trip *t, const char *path)
{
	uint64_t at = place_of(t, path);

	if (t->tar.out.data[at + 156] == 'x') {
		unsigned long size = strtoul(t->tar.out.data + at + 124,
		    NULL, 8);

		at += 512 + (size + 511) / 512 * 512;
	}
	return at;
}

static void
test_content(struct scene *s)
{
	uint64_t at = header_of(&s->t, "a") + 512 + 4000;

	s->t.tar.out.data[at] ^= 1;
	verdicts_are(s, "content a\n", "one bit of content");
	is_u64(s->t.checked.bad[CHECK_CONTENT], 1, "one bad file");
	is_u64(s->t.checked.bad[CHECK_OK], s->t.took.entries - 1,
	    "the others are good");
	s->t.tar.out.data[at] ^= 1;
	verdicts_are(s, "", "put right");
}

static void
test_metadata(struct scene *s)
{
	static const struct {
		const char *path;
		size_t at;
		char byte;
		const char *want;
	} cases[] = {
		{ "a", 105, '5', "metadata a\n" },	/* mode */
		{ "a", 112, '1', "metadata a\n" },	/* uid */
		{ "b", 120, '1', "metadata b\n" },	/* gid */
		{ "d", 157, 'x', "metadata d\n" },	/* link target */
		{ "e", 159, 'x', "metadata e\n" },	/* hard link */
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint64_t head = header_of(&s->t, cases[i].path);
		char *byte = s->t.tar.out.data + head + cases[i].at;
		char was = *byte;

		*byte = cases[i].byte;
		sum_again(&s->t, head);
		verdicts_are(s, cases[i].want, "a changed header field");
		*byte = was;
		sum_again(&s->t, head);
	}
	verdicts_are(s, "", "put right");
}

/* Cut an entry out of the archive: all that follow move forward. */
static void
test_missing(struct scene *s)
{
	struct buf whole = BUF_EMPTY;
	uint64_t from = place_of(&s->t, "b/c"), to = place_of(&s->t, "d");
	struct buf *tar = &s->t.tar.out;

	buf_append(&whole, tar->data, tar->len);
	buf_cut(tar, from);
	buf_append(tar, whole.data + to, whole.len - to);
	ok(trip_check(&s->t, -1, &check_all) == 0, "read to the end");
	ok(strstr(buf_text(&s->t.verdicts), "missing b/c\n") != NULL,
	    "what was cut out is missing");
	is_u64(s->t.checked.bad[CHECK_LOST], 0, "nothing else is lost");
	ok(s->t.checked.bad[CHECK_MISSING] >= 1 &&
	    s->t.checked.bad[CHECK_OK] < s->t.took.entries,
	    "and it is not good");
	buf_set(tar, whole.data, whole.len);
	buf_release(&whole);
	verdicts_are(s, "", "put right");
}

static void
test_extra(struct scene *s)
{
	struct buf whole = BUF_EMPTY;
	struct buf *tar = &s->t.tar.out;
	int to = trip_dir(s->dir, "extra");
	struct stat st;

	buf_append(&whole, tar->data, tar->len);
	buf_cut(tar, tar->len - 1024);
	raw_entry(tar, (struct raw){ .name = "zz", .type = '0',
	    .data = "smuggled\n" });
	raw_end(tar);
	ok(trip_check(&s->t, to, &check_all) == 0, "read to the end");
	is_str(buf_text(&s->t.verdicts), "extra zz\n", "one that is extra");
	ok(fstatat(to, "zz", &st, 0) == -1 && fstatat(to, "a", &st, 0) == 0,
	    "it is not put into the tree");
	buf_set(tar, whole.data, whole.len);
	buf_release(&whole);
	(void)close(to);
}

/* Another name in the same place. */
static void
test_renamed(struct scene *s)
{
	uint64_t head = header_of(&s->t, "b/c");
	char *name = strchr(s->t.tar.out.data + head, 'c');

	*name = 'x';
	sum_again(&s->t, head);
	verdicts_are(s, "extra b/x\nmissing b/c\n", "two names, one place");
	*name = 'c';
	sum_again(&s->t, head);
}

static void
test_cut_short(struct scene *s)
{
	struct buf *tar = &s->t.tar.out;
	size_t len = tar->len;

	tar->len = header_of(&s->t, "a") + 1000;
	ok(trip_check(&s->t, -1, &check_all) == -1 &&
	    s->t.err.class == ERR_DAMAGED, "an archive cut in a file");
	is_str(buf_text(&s->t.verdicts),
	    "lost a\nlost b\nlost b/c\nlost d\nlost e\n",
	    "names all that it costs");
	is_u64(s->t.checked.bad[CHECK_OK], 1, "the root was there");
	tar->len = len;
	tar->len -= 1024;
	ok(trip_check(&s->t, -1, &check_all) == -1, "no end marker");
	is_str(buf_text(&s->t.verdicts), "", "costs no file");
	tar->len = len;
}

/* Behind damage, from the next header on. */
static void
test_resume(struct scene *s)
{
	struct check_options options = { .from = 0 };
	struct memory_reader in;
	struct manifest_reader *mtree;
	uint64_t at = 0;
	bool found = false;

	manifest_reader_new(&mtree, memory_reader_init(&in,
	    s->t.mtree.out.data, s->t.mtree.out.len), &s->t.err);
	ok(check_next(mtree, place_of(&s->t, "a") + 1, &at, &found,
	    &s->t.err) == 0 && found && at == place_of(&s->t, "b"),
	    "the first entry behind a place");
	manifest_reader_free(mtree);
	options.from = at;
	ok(trip_check(&s->t, -1, &options) == 0, "read from there");
	is_u64(s->t.checked.bad[CHECK_OK], s->t.took.entries - 2,
	    "all but the root and a");
	is_str(buf_text(&s->t.verdicts), "", "no verdict on those");
	manifest_reader_new(&mtree, memory_reader_init(&in,
	    s->t.mtree.out.data, s->t.mtree.out.len), &s->t.err);
	ok(check_next(mtree, UINT64_MAX, &at, &found, &s->t.err) == 0 &&
	    !found, "nothing behind the end");
	manifest_reader_free(mtree);
}

static bool
wants_b(void *ctx, const struct entry *entry)
{
	(void)ctx;
	return strncmp(buf_text(&entry->path), "b", 1) == 0;
}

static bool
wants_e(void *ctx, const struct entry *entry)
{
	(void)ctx;
	return strcmp(buf_text(&entry->path), "e") == 0;
}

static void
test_wanted(struct scene *s)
{
	struct check_options options = { .wanted = wants_b };
	int to = trip_dir(s->dir, "some"), none = trip_dir(s->dir, "none");
	struct stat st;

	ok(trip_check(&s->t, to, &options) == 0 &&
	    s->t.checked.bad[CHECK_OK] == s->t.took.entries,
	    "everything is checked");
	ok(fstatat(to, "b/c", &st, 0) == 0 && fstatat(to, "a", &st, 0) == -1 &&
	    fstatat(to, "d", &st, AT_SYMLINK_NOFOLLOW) == -1,
	    "only what is wanted is put into the tree");
	options.wanted = wants_e;
	ok(trip_check(&s->t, none, &options) == -1 &&
	    s->t.err.class == ERR_NOT_FOUND,
	    "a hard link without its first name is refused");
	(void)close(to);
	(void)close(none);
}

/* Every kind of difference in a tree is seen for what it is. */
static void
test_compare(struct scene *s)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { 5, 5 } };
	struct stat st;
	int to = trip_dir(s->dir, "compared");

	ok(trip_check(&s->t, to, &check_all) == 0 &&
	    trip_compare(&s->t, to, false) == 0 && s->t.kinds == 0 &&
	    s->t.compared.other == 0, "a tree as it should be");
	ok(fstatat(to, "a", &st, 0) == 0 && fchmodat(to, "a", 0600, 0) == 0 &&
	    trip_compare(&s->t, to, false) == 0 && s->t.kinds == ATTR_MODE &&
	    s->t.compared.differing == 2, "a mode, of both names");
	(void)fchmodat(to, "a", st.st_mode & 07777, 0);
	ok(utimensat(to, "b", times, 0) == 0 &&
	    trip_compare(&s->t, to, false) == 0 && s->t.kinds == ATTR_TIMES &&
	    s->t.compared.differing == 1, "a time");
	(void)fstatat(s->root, "b", &st, 0);
	times[1] = st.st_mtim;
	(void)utimensat(to, "b", times, 0);
	if (geteuid() == 0) {
		(void)fchownat(to, "d", 5, 5, AT_SYMLINK_NOFOLLOW);
		ok(trip_compare(&s->t, to, false) == 0 &&
		    s->t.kinds == ATTR_OWNER &&
		    s->t.compared.differing == 1, "the owner of a link");
		(void)fchownat(to, "d", 0, 0, AT_SYMLINK_NOFOLLOW);
	} else {
		skip("giving away needs root");
	}
	ok(unlinkat(to, "e", 0) == 0 && trip_compare(&s->t, to, false) == 0 &&
	    s->t.compared.other == 1, "a missing name");
	ok(mknodat(to, "e", S_IFREG | 0644, 0) == 0 &&
	    trip_compare(&s->t, to, false) == 0 && s->t.compared.other == 1,
	    "another file of that name");
	(void)close(to);
}

int
main(void)
{
	struct scene s;

	if (!ok(set_up(&s), "a small archive"))
		return done();
	verdicts_are(&s, "", "as it was taken");
	test_content(&s);
	test_metadata(&s);
	test_missing(&s);
	test_extra(&s);
	test_renamed(&s);
	test_cut_short(&s);
	test_resume(&s);
	test_wanted(&s);
	test_compare(&s);
	tear_down(&s);
	return done();
}
