/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of hard links: what went in comes out, and memory comes back. */
#include "harness.h"

#include <stdlib.h>

#include "archive/links.h"
#include "base/mem.h"

#define MANY 20000U

static ino_t
inode(unsigned i)
{
	/* Runs and jumps, like a file system's. */
	return (ino_t)i * 3 + (i % 7 == 0 ? (ino_t)1 << 40 : 1);
}

static bool
add(struct links *l, unsigned i, uint64_t nlink)
{
	char path[64];
	int len = snprintf(path, sizeof path, "dir/%u/name", i);

	return links_add(l, inode(i), nlink, path, (size_t)len);
}

static bool
finds(struct links *l, unsigned i)
{
	struct buf first = BUF_EMPTY;
	char path[64];
	bool found;

	(void)snprintf(path, sizeof path, "dir/%u/name", i);
	found = links_find(l, inode(i), &first) &&
	    strcmp(buf_text(&first), path) == 0;
	buf_release(&first);
	return found;
}

static void
test_names_left(void)
{
	struct links l;

	links_init(&l, 100);
	ok(!finds(&l, 1), "an empty table knows nothing");
	ok(add(&l, 1, 3), "a first name of three");
	ok(finds(&l, 1) && finds(&l, 1), "the other two");
	ok(!finds(&l, 1), "then it is forgotten");
	is_u64(l.count, 0, "its place is free");
	ok(!add(&l, 2, 1), "a single name is no link");
	links_release(&l);
}

static void
test_many(void)
{
	struct links l;
	unsigned i, good = 0;

	links_init(&l, MANY);
	for (i = 0; i < MANY; i++)
		good += add(&l, i, 2 + i % 3);
	is_u64(good, MANY, "%u inodes", MANY);
	ok(!add(&l, MANY, 2), "one more than allowed");
	/* Taking out leaves gaps that must not hide what lies behind. */
	for (good = 0, i = 0; i < MANY; i += 2) {
		unsigned left = 1 + i % 3;

		while (left > 0 && finds(&l, i))
			left--;
		good += left == 0;
	}
	is_u64(good, MANY / 2, "every second one to its last name");
	for (good = 0, i = 0; i < MANY; i += 2)
		good += !finds(&l, i);
	is_u64(good, MANY / 2, "they are gone");
	for (good = 0, i = 1; i < MANY; i += 2)
		good += finds(&l, i);
	is_u64(good, MANY / 2, "the others are there");
	ok(add(&l, 0, 2) && finds(&l, 0), "an inode number used again");
	links_release(&l);
}

/* More path bytes than memory is spent on. */
static void
test_spill(void)
{
	struct links l;
	size_t len = 30000;
	char *path = mem_alloc(len + 1);
	struct buf first = BUF_EMPTY;
	unsigned i, count = 600, good = 0;

	memset(path, 'p', len);
	path[len] = '\0';
	links_init(&l, 1000);
	for (i = 0; i < count; i++) {
		(void)snprintf(path, 8, "%07u", i);
		path[7] = '/';
		good += links_add(&l, i + 1, 2, path, len - i);
	}
	is_u64(good, count, "%u long paths", count);
	ok(l.paths.len <= LINKS_MEMORY_MAX && l.spilled > 0,
	    "not all of them in memory");
	for (good = 0, i = 0; i < count; i++) {
		(void)snprintf(path, 8, "%07u", i);
		path[7] = '/';
		good += links_find(&l, i + 1, &first) &&
		    first.len == len - i &&
		    memcmp(first.data, path, first.len) == 0;
	}
	is_u64(good, count, "all come back");
	buf_release(&first);
	links_release(&l);
	free(path);
}

int
main(void)
{
	test_names_left();
	test_many();
	test_spill();
	return done();
}
