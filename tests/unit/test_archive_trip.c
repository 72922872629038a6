/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tree with everything a file system can hold goes out and comes back the
 * same: names, links, holes, owners, times, attributes, flags.
 */
#include "nasty.h"
#include "trip.h"

static const struct take_options plain;
static const struct check_options check_all;

/* ------------------------------------------------------------ the trips */

/* Out, checked, back, compared twice: before and after finishing. */
static void
there_and_back(const char *what, int from, int to, struct trip *t)
{
	ok(trip_take(t, from, &plain) == 0, "%s: taken", what);
	ok(trip_check(t, to, &check_all) == 0, "%s: checked and restored",
	    what);
	is_u64(t->checked.bad[CHECK_OK], t->took.entries,
	    "%s: every entry is good", what);
	is_u64(t->lost, 0, "%s: no attribute is refused", what);
	ok(trip_compare(t, to, true) == 0, "%s: finished", what);
	is_u64(t->compared.differing + t->compared.other, 0,
	    "%s: nothing differs", what);
	ok(trip_compare(t, to, false) == 0 &&
	    t->compared.differing + t->compared.other == 0 &&
	    t->compared.entries == t->took.entries,
	    "%s: nothing differs once finished", what);
}

static void
trip_of(const char *dir, const char *what, bool (*make)(int))
{
	struct trip t = TRIP_EMPTY;
	char *to_name = mem_format("%s-back", what);
	int from = trip_dir(dir, what), to = trip_dir(dir, to_name);

	if (ok(make(from), "%s: made", what)) {
		set_time(from, ".", 1234567890, 123456789);
		there_and_back(what, from, to, &t);
	}
	(void)close(from);
	(void)close(to);
	free(to_name);
	trip_release(&t);
}

static bool
make_flags(int dir)
{
	return put(dir, "append", "x", 1) && put(dir, "fixed", "x", 1) &&
	    put(dir, "nodump", "x", 1) && mkdirat(dir, "room", 0755) == 0 &&
	    put(dir, "room/in", "x", 1) && mkdirat(dir, "room/sub", 0755) ==
	    0 && make_special(dir) &&
	    renameat(dir, "so", dir, "room/sub/so") == 0 &&
	    set_flags(dir, "append", FS_APPEND_FL) &&
	    set_flags(dir, "nodump", FS_NODUMP_FL | FS_NOATIME_FL) &&
	    set_flags(dir, "fixed", FS_IMMUTABLE_FL) &&
	    set_flags(dir, "room/sub", FS_IMMUTABLE_FL) &&
	    set_flags(dir, "room", FS_IMMUTABLE_FL | FS_SYNC_FL);
}

static void
test_flags(const char *dir)
{
	int fd = trip_dir(dir, "flags-tried");
	bool can = put(fd, "x", "", 0) && set_flags(fd, "x", FS_IMMUTABLE_FL);

	(void)close(fd);
	if (!can) {
		skip("no immutable files here");
		return;
	}
	trip_of(dir, "flags", make_flags);
}

/* The archive's bytes depend on the tree alone. */
static void
test_same_bytes(const char *dir)
{
	struct trip a = TRIP_EMPTY, b = TRIP_EMPTY;
	int from = trip_dir(dir, "all");

	ok(trip_take(&a, from, &plain) == 0 &&
	    trip_take(&b, from, &plain) == 0 &&
	    a.tar.out.len == b.tar.out.len &&
	    memcmp(a.tar.out.data, b.tar.out.data, a.tar.out.len) == 0,
	    "the same tree gives the same archive");
	ok(a.mtree.out.len == b.mtree.out.len &&
	    memcmp(a.mtree.out.data, b.mtree.out.data, a.mtree.out.len) == 0,
	    "the same tree gives the same manifest");
	(void)close(from);
	trip_release(&a);
	trip_release(&b);
}

/* Holes come back as holes, not as zeros. */
static void
test_holes_stay(const char *dir)
{
	int to = trip_dir(dir, "holes-back");
	struct stat st;

	ok(fstatat(to, "hole", &st, 0) == 0 && st.st_size == 10 << 20 &&
	    st.st_blocks == 0, "a file that is one hole stays one");
	ok(fstatat(to, "holes", &st, 0) == 0 && st.st_size == 9 << 20 &&
	    st.st_blocks <= 64, "holes stay holes");
	(void)close(to);
}

int
main(void)
{
	char dir[SCRATCH_MAX];

	/* Names come out right whatever mask the person has. */
	(void)umask(077);
	if (!ok(scratch_make(dir), "a folder to work in"))
		return done();
	trip_of(dir, "names", make_names);
	trip_of(dir, "links", make_links);
	trip_of(dir, "holes", make_holes);
	trip_of(dir, "times", make_times);
	trip_of(dir, "depth", make_depth);
	test_holes_stay(dir);
	if (geteuid() == 0) {
		trip_of(dir, "special", make_special);
		trip_of(dir, "owners", make_owners);
		trip_of(dir, "all", make_all);
		test_same_bytes(dir);
		test_flags(dir);
	} else {
		skip("owners, devices, ACLs and flags need root");
	}
	ok(scratch_remove(dir), "all of it can be removed");
	return done();
}
