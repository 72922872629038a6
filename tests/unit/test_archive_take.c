/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking a tree that changes meanwhile, with things left out, to its limits. */
#include "trip.h"

#define LONG_FILE (1 << 20)

static const struct take_options plain;

/* Something that happens to the tree once enough bytes were read. */
struct incident {
	int root;
	uint64_t after;
	uint64_t seen;
	void (*happen)(int root);
};

static void
moved(void *ctx, uint64_t bytes, uint64_t entries)
{
	struct incident *i = ctx;

	(void)entries;
	i->seen += bytes;
	if (i->happen != NULL && i->seen >= i->after) {
		i->happen(i->root);
		i->happen = NULL;
	}
}

static int
go_on(void *ctx, struct err *err)
{
	(void)ctx;
	(void)err;
	return 0;
}

static int
stop(void *ctx, struct err *err)
{
	struct incident *i = ctx;

	if (i->seen < i->after)
		return 0;
	return err_set(err, ERR_INTERRUPTED, 15, "stopped");
}

static bool
put_long(int root, const char *name)
{
	int fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0644);
	char *data = mem_alloc(LONG_FILE);
	bool done;

	memset(data, 'x', LONG_FILE);
	done = fd != -1 && io_write(fd, data, LONG_FILE) == 0;
	(void)close(fd);
	free(data);
	return done;
}

static void
grow(int root)
{
	int fd = openat(root, "f", O_WRONLY | O_APPEND | O_CLOEXEC);

	(void)io_write(fd, "more", 4);
	(void)close(fd);
}

static void
shrink(int root)
{
	int fd = openat(root, "f", O_WRONLY | O_CLOEXEC);

	(void)ftruncate(fd, LONG_FILE / 2);
	(void)close(fd);
}

static void
modify(int root)
{
	int fd = openat(root, "f", O_WRONLY | O_CLOEXEC);

	(void)io_pwrite(fd, "y", 1, 0);
	(void)close(fd);
}

static void
vanish(int root)
{
	(void)unlinkat(root, "z", 0);
}

/* Restored under its new content, the archive is sound all the same. */
static void
test_change(const char *dir, const char *what, void (*happen)(int),
    const char *word)
{
	int root = trip_dir(dir, what);
	struct trip t = TRIP_EMPTY;
	struct incident incident = { root, LONG_FILE / 4, 0, happen };
	struct watch watch = { &incident, moved, go_on };
	struct take_options options = { .watch = &watch };
	const struct check_options check = { NULL };
	char *line = mem_format(" changed=%s", word);

	ok(put_long(root, "f") && put_long(root, "z"), "%s: two files", what);
	ok(trip_take(&t, root, &options) == 0, "%s: taken", what);
	is_u64(t.took.notes[TAKE_CHANGED], 1, "%s: one change", what);
	ok(strstr(buf_text(&t.mtree.out), line) != NULL,
	    "%s: the manifest says '%s'", what, word);
	ok(trip_check(&t, -1, &check) == 0 &&
	    t.checked.bad[CHECK_OK] == t.took.entries,
	    "%s: archive and manifest agree", what);
	free(line);
	(void)close(root);
	trip_release(&t);
}

static void
test_vanishes(const char *dir)
{
	int root = trip_dir(dir, "vanishes");
	struct trip t = TRIP_EMPTY;
	struct incident incident = { root, 1, 0, vanish };
	struct watch watch = { &incident, moved, go_on };
	struct take_options options = { .watch = &watch };

	ok(put_long(root, "f") && put_long(root, "z"), "two files");
	ok(trip_take(&t, root, &options) == 0, "taken");
	is_u64(t.took.notes[TAKE_VANISHED], 1, "one has vanished");
	is_u64(t.took.files, 1, "one is there");
	(void)close(root);
	trip_release(&t);
}

static void
test_stops(const char *dir)
{
	int root = trip_dir(dir, "stops");
	struct trip t = TRIP_EMPTY;
	struct incident incident = { root, 2, 0, NULL };
	struct watch watch = { &incident, moved, stop };
	struct take_options options = { .watch = &watch };

	ok(put_long(root, "f"), "a file");
	ok(trip_take(&t, root, &options) == -1 &&
	    t.err.class == ERR_INTERRUPTED, "a signal stops it");
	ok(t.tar.out.len < LONG_FILE, "at once");
	(void)close(root);
	trip_release(&t);
}

static void
test_leaves_out(const char *dir)
{
	static const char *const patterns[] = { "cache", "*.log", "a/*/tmp" };
	int root = trip_dir(dir, "out");
	char *tree = mem_format("%s/out", dir);
	struct trip t = TRIP_EMPTY;
	struct take_options options = { .exclude = patterns,
		.exclude_count = 3 };
	struct take_counts measured;

	scratch_put(tree, "cache/x", "left out");
	scratch_put(tree, "cached", "kept");
	scratch_put(tree, "a/b.log", "left out");
	scratch_put(tree, "a/c/tmp/x", "left out");
	scratch_put(tree, "a/tmp", "kept");
	ok(trip_take(&t, root, &options) == 0, "taken with exclusions");
	is_u64(t.took.entries, 5, "root, a, a/c, a/tmp, cached");
	ok(strstr(buf_text(&t.mtree.out), "log") == NULL &&
	    strstr(buf_text(&t.mtree.out), "./cache ") == NULL &&
	    strstr(buf_text(&t.mtree.out), "./a/tmp ") != NULL &&
	    strstr(buf_text(&t.mtree.out), "./cached ") != NULL,
	    "what matches is left out, with all below");
	ok(take_measure(root, &options, &measured, &t.err) == 0 &&
	    measured.entries == t.took.entries &&
	    measured.bytes == t.took.bytes && measured.files == 2,
	    "measured as it is taken");
	free(tree);
	(void)close(root);
	trip_release(&t);
}

static void
test_links(const char *dir)
{
	int root = trip_dir(dir, "links");
	struct trip t = TRIP_EMPTY;
	struct take_counts measured;

	ok(put_long(root, "a") && linkat(root, "a", root, "b", 0) == 0 &&
	    linkat(root, "a", root, "c", 0) == 0, "three names of a file");
	ok(trip_take(&t, root, &plain) == 0, "taken");
	is_u64(t.took.files, 3, "three files");
	is_u64(t.took.bytes, LONG_FILE, "the bytes of one");
	ok(t.tar.out.len < LONG_FILE + 16384, "stored once");
	ok(take_measure(root, &plain, &measured, &t.err) == 0 &&
	    measured.bytes == LONG_FILE && measured.files == 3,
	    "and measured once");
	(void)close(root);
	trip_release(&t);
}

/* Reading must not look like use. */
static void
test_leaves_times(const char *dir)
{
	int root = trip_dir(dir, "times");
	struct timespec old[2] = { { 1, 2 }, { 3, 4 } };
	struct trip t = TRIP_EMPTY;
	struct stat st;

	ok(put_long(root, "f") && utimensat(root, "f", old, 0) == 0 &&
	    utimensat(root, ".", old, 0) == 0, "old times");
	ok(trip_take(&t, root, &plain) == 0, "taken");
	ok(fstatat(root, "f", &st, 0) == 0 && st.st_atim.tv_sec == 1 &&
	    st.st_mtim.tv_sec == 3, "a file's times stay");
	ok(fstat(root, &st) == 0 && st.st_mtim.tv_sec == 3 &&
	    st.st_atim.tv_sec == 1, "a directory's times stay");
	(void)close(root);
	trip_release(&t);
}

int
main(void)
{
	char dir[SCRATCH_MAX];

	if (!ok(scratch_make(dir), "a folder to work in"))
		return done();
	test_change(dir, "grows", grow, "grew");
	test_change(dir, "shrinks", shrink, "shrank");
	test_change(dir, "modified", modify, "modified");
	test_vanishes(dir);
	test_stops(dir);
	test_leaves_out(dir);
	test_links(dir);
	test_leaves_times(dir);
	ok(scratch_remove(dir), "swept");
	return done();
}
