/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tree is the same tree, whether it is looked at as a directory or as an
 * archive of it: the same entries in the same order, the same bytes at any
 * place, the same answers to lookups.
 */
#include "nasty.h"
#include "trip.h"

#include "check/content.h"
#include "check/tree.h"
#include "check/tree_index.h"
#include "codec/frames.h"

static const struct take_options plain;

/* The archive of a trip as a medium holds it. */
struct packed {
	struct trip_writer frames;
	struct memory_source source;
	struct seek_table table;
	int manifest_fd;
	struct tree *tree;
};

static bool
pack(struct packed *p, struct trip *t, const char *dir)
{
	struct frame_options options = { .threads = 0, .level = 1 };
	struct tree_archive archive = { NULL, &p->table, -1 };
	struct frame_writer *w = NULL;
	char *name = mem_format("%s/manifest", dir);
	bool done;

	memset(p, 0, sizeof *p);
	p->frames.writer.write = trip_write;
	done = frame_writer_new(&w, &p->frames.writer, &options,
	    &t->err) == 0 &&
	    frame_writer_input(w)->write(frame_writer_input(w),
	    t->tar.out.data, t->tar.out.len, &t->err) == 0 &&
	    frame_writer_finish(w, &t->err) == 0;
	frame_writer_free(w);
	p->manifest_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	free(name);
	archive.archive = memory_source_init(&p->source, p->frames.out.data,
	    p->frames.out.len);
	archive.manifest_fd = p->manifest_fd;
	return done && io_write(p->manifest_fd, t->mtree.out.data,
	    t->mtree.out.len) == 0 &&
	    seek_table_read(&p->table, archive.archive, &t->err) == 0 &&
	    tree_open_archive(&p->tree, &archive, NULL, &t->err) == 0;
}

static void
unpack(struct packed *p)
{
	tree_free(p->tree);
	seek_table_release(&p->table);
	buf_release(&p->frames.out);
	(void)close(p->manifest_fd);
}

/* ------------------------------------------------------------ comparing */

/* What the other tree must have: looked up by each entry of the first. */
struct pair_of_trees {
	struct tree *one;
	struct tree *other;
	uint64_t entries;
	uint64_t files;
	uint64_t differing;
	struct err err;
};

static bool
same_bytes(struct pair_of_trees *p, const struct entry *a,
    const struct entry *b)
{
	static const uint64_t steps[] = { 1, 511, 4096, 70001, 5000011 };
	struct source *x = NULL, *y = NULL;
	char one[600], other[600];
	uint64_t at = 0;
	bool same = false;
	size_t i = 0;

	if (tree_open_file(p->one, a, &x, &p->err) == -1 ||
	    tree_open_file(p->other, b, &y, &p->err) == -1 ||
	    x->size != y->size)
		goto out;
	same = x->read_at(x, x->size, one, 1, &p->err) == -1 &&
	    y->read_at(y, y->size, one, 1, &p->err) == -1;
	err_clear(&p->err);
	while (same && at < x->size) {
		size_t n = x->size - at < sizeof one ? (size_t)(x->size - at) :
		    sizeof one;

		same = x->read_at(x, at, one, n, &p->err) == 0 &&
		    y->read_at(y, at, other, n, &p->err) == 0 &&
		    memcmp(one, other, n) == 0;
		at += steps[i++ % 5];
	}
out:
	tree_close_file(p->one, x);
	tree_close_file(p->other, y);
	return same;
}

static bool
same_entry(struct pair_of_trees *p, const struct entry *a,
    const struct entry *b)
{
	return strcmp(buf_text(&a->path), buf_text(&b->path)) == 0 &&
	    a->type == b->type && a->mode == b->mode && a->uid == b->uid &&
	    a->gid == b->gid && a->size == b->size &&
	    a->mtime_s == b->mtime_s &&
	    strcmp(buf_text(&a->link), buf_text(&b->link)) == 0 &&
	    (a->type != ENTRY_FILE || same_bytes(p, a, b));
}

static int
compare(void *ctx, const struct entry *entry, struct err *err)
{
	struct pair_of_trees *p = ctx;
	struct entry other = ENTRY_EMPTY;
	char name[ESCAPE_NAME_MAX];
	bool found;

	p->entries++;
	p->files += entry->type == ENTRY_FILE;
	if (tree_find(p->other, buf_text(&entry->path), &other, &found,
	    err) == -1)
		return -1;
	if (!found || !same_entry(p, entry, &other)) {
		p->differing++;
		printf("# differs: '%s' %s\n", escape_name(
		    buf_text(&entry->path), name), p->err.text);
	}
	entry_release(&other);
	return 0;
}

static void
compare_trees(struct tree *one, struct tree *other, uint64_t entries,
    const char *what)
{
	struct pair_of_trees p = { .one = one, .other = other };
	struct err err;

	err_clear(&p.err);
	ok(tree_walk(one, "", compare, &p, &err) == 0, "%s: walked", what);
	is_u64(p.entries, entries, "%s: every entry", what);
	is_u64(p.differing, 0, "%s: none differs", what);
	ok(p.files > 5, "%s: files were read", what);
}

/* ------------------------------------------------------------- the tests */

static int
note_path(void *ctx, const struct entry *entry, struct err *err)
{
	(void)err;
	buf_printf(ctx, "%s;", buf_text(&entry->path));
	return strcmp(buf_text(&entry->path), "room/shut") == 0;
}

static void
test_walks_below(struct tree *t, const char *what)
{
	struct buf seen = BUF_EMPTY;
	struct err err;

	ok(tree_walk(t, "room", note_path, &seen, &err) == 0 &&
	    strcmp(buf_text(&seen), "room;room/a;room/shut;room/z;") == 0,
	    "%s: a folder, without what the visitor did not enter: %s", what,
	    buf_text(&seen));
	buf_cut(&seen, 0);
	ok(tree_walk(t, "room/a", note_path, &seen, &err) == 0 &&
	    strcmp(buf_text(&seen), "room/a;") == 0, "%s: one file", what);
	buf_cut(&seen, 0);
	ok(tree_walk(t, "room/none", note_path, &seen, &err) == 0 &&
	    seen.len == 0, "%s: what is not there is nothing", what);
	ok(tree_walk(t, "roo", note_path, &seen, &err) == 0 && seen.len == 0,
	    "%s: nor is the start of a name", what);
	buf_release(&seen);
}

static void
test_lookups(struct tree *t, const char *what)
{
	struct entry entry = ENTRY_EMPTY;
	struct source *file = NULL;
	struct buf text = BUF_EMPTY;
	struct err err;
	bool found;

	ok(tree_find(t, "room/none/deep", &entry, &found, &err) == 0 &&
	    !found, "%s: a path through what is not there", what);
	ok(tree_find(t, "room/a/deep", &entry, &found, &err) == 0 && !found,
	    "%s: a path through a file", what);
	ok(tree_find(t, "out/passwd", &entry, &found, &err) == 0 && !found,
	    "%s: a path through a link is not followed", what);
	ok(tree_find(t, "", &entry, &found, &err) == 0 && found &&
	    entry.type == ENTRY_DIR, "%s: the root", what);
	ok(tree_open_path(t, "room", &file, &err) == -1 &&
	    err.class == ERR_NOT_FOUND, "%s: a folder is no file", what);
	ok(tree_read_path(t, "room/a", 5, &text, &err) == 0 &&
	    strcmp(buf_text(&text), "hello") == 0, "%s: a small file", what);
	ok(tree_read_path(t, "room/a", 4, &text, &err) == -1 &&
	    err.class == ERR_LIMIT, "%s: over its limit", what);
	entry_release(&entry);
	buf_release(&text);
}

static bool
make_tree(int dir)
{
	char *large = mem_alloc(9000000);
	uint32_t state = 1;
	bool done;
	size_t i;

	for (i = 0; i < 9000000; i++) {
		state = state * 1664525 + 1013904223;
		large[i] = (char)(state >> 24);
	}
	done = put(dir, "large", large, 9000000) &&
	    set_size(dir, "holes", 6000000) &&
	    put_at(dir, "holes", "first", 4096) &&
	    put_at(dir, "holes", "second", 3000000) &&
	    put_at(dir, "holes", "end", 5999997) &&
	    set_size(dir, "nothing", 3000000) && put(dir, "empty", "", 0) &&
	    linkat(dir, "large", dir, "other-name", 0) == 0 &&
	    symlinkat("/etc", dir, "out") == 0 &&
	    mkdirat(dir, "room", 0750) == 0 &&
	    put(dir, "room/a", "hello", 5) &&
	    mkdirat(dir, "room/shut", 0755) == 0 &&
	    put(dir, "room/shut/in", "x", 1) &&
	    put(dir, "room/z", "z", 1) && put(dir, "room-", "x", 1) &&
	    make_names(dir);
	free(large);
	return done;
}

static void
test_both(const char *dir)
{
	struct trip t = TRIP_EMPTY;
	struct packed p;
	struct tree *d = NULL;
	int fd = trip_dir(dir, "tree");

	if (ok(make_tree(fd) && trip_take(&t, fd, &plain) == 0 &&
	    pack(&p, &t, dir) && tree_open_dir(&d, fd, NULL, &t.err) == 0,
	    "a tree and its archive: %s", t.err.text)) {
		compare_trees(d, p.tree, t.took.entries, "dir, archive");
		compare_trees(p.tree, d, t.took.entries, "archive, dir");
		test_walks_below(d, "dir");
		test_walks_below(p.tree, "archive");
		test_lookups(d, "dir");
		test_lookups(p.tree, "archive");
		tree_free(d);
		unpack(&p);
	}
	(void)close(fd);
	trip_release(&t);
}

/* What a checker of content says of the tree above. */
static void
note_judgement(void *ctx, const struct judgement *j)
{
	buf_printf(ctx, "%s %s %s;", j->checker, j->root,
	    verdict_name(j->verdict));
}

static void
test_content(const char *dir)
{
	struct content_facts facts = { 0 };
	struct content_counts counts;
	struct buf seen = BUF_EMPTY;
	struct tree *d = NULL;
	struct err err;
	int fd = trip_dir(dir, "tree");

	ok(tree_open_dir(&d, fd, NULL, &err) == 0 &&
	    content_check(d, "", &facts, note_judgement, &seen, &counts,
	    &err) == 0, "the content of a tree");
	ok(strstr(buf_text(&seen), "nothing SUSPECT;") != NULL,
	    "a file of zeros is suspect: %s", buf_text(&seen));
	ok(strstr(buf_text(&seen), "large") == NULL &&
	    counts.unknown_files > 5, "others are not worth a line");
	tree_free(d);
	buf_release(&seen);
	(void)close(fd);
}

static void
test_damaged_frame(const char *dir)
{
	struct trip t = TRIP_EMPTY;
	struct packed p;
	struct source *file = NULL;
	char byte;
	int fd = trip_dir(dir, "tree");

	ok(trip_take(&t, fd, &plain) == 0 && pack(&p, &t, dir),
	    "an archive");
	/* The second frame lies within "large", and only there. */
	p.frames.out.data[p.table.frames[0].packed +
	    p.table.frames[1].packed / 2] ^= 1;
	ok(tree_open_path(p.tree, "large", &file, &t.err) == 0,
	    "a damaged frame: its file opens");
	ok(file->read_at(file, 10, &byte, 1, &t.err) == 0,
	    "and can be read before the damage");
	ok(file->read_at(file, 5000000, &byte, 1, &t.err) == -1 &&
	    t.err.class == ERR_DAMAGED && strstr(t.err.text, "frame 1"),
	    "not within: %s", t.err.text);
	ok(file->read_at(file, 8999999, &byte, 1, &t.err) == 0,
	    "and behind it again");
	tree_close_file(p.tree, file);
	unpack(&p);
	(void)close(fd);
	trip_release(&t);
}

static void
test_index_beyond_its_limit(void)
{
	struct tree_index x;
	struct tree_lookup lookup;
	struct err err;
	char name[32];
	uint64_t i, place, missing = 0;

	ok(tree_index_init(&x, &err) == 0, "an index");
	for (i = 1; i <= TREE_INDEX_MAX; i++) {
		(void)snprintf(name, sizeof name, "f%llu",
		    (unsigned long long)i);
		tree_index_add(&x, name, i);
	}
	ok(x.is_whole, "is whole at its limit");
	for (i = 1; i <= TREE_INDEX_MAX; i += 997) {
		(void)snprintf(name, sizeof name, "f%llu",
		    (unsigned long long)i);
		tree_index_look(&x, name, &lookup);
		do {
			if (!tree_index_next(&x, &lookup, &place))
				place = 0;
		} while (place != i && place != 0);
		missing += place == 0;
	}
	is_u64(missing, 0, "and finds what it has");
	tree_index_add(&x, "more", 2000000);
	tree_index_add(&x, "and more", 3000000);
	ok(!x.is_whole && x.covered_to == 2000000,
	    "past it, it says from where on it knows nothing");
	tree_index_release(&x);
}

int
main(void)
{
	char dir[SCRATCH_MAX];

	if (!ok(scratch_make(dir), "a scratch folder"))
		return done();
	test_both(dir);
	test_content(dir);
	test_damaged_frame(dir);
	test_index_beyond_its_limit();
	ok(scratch_remove(dir), "cleaned up");
	return done();
}
