/* SPDX-License-Identifier: BSD-2-Clause */
/* Inodes with several names; see links.h. */
#include "archive/links.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "io/io.h"

#define LINKS_CAP_MIN 1024	/* slots; a power of 2, like all sizes */
#define HEAD_LEN 4		/* u32le length before each path */
#define PLACE_BITS 40
#define PLACE_MAX (((uint64_t)1 << PLACE_BITS) - 1)
#define LEFT_MAX (((uint64_t)1 << 24) - 1)

struct link_slot {
	uint64_t ino;		/* 0: empty; no file system uses it */
	uint64_t rest;		/* names to come << PLACE_BITS | place of path */
};

void
links_init(struct links *links, size_t max)
{
	memset(links, 0, sizeof *links);
	links->max = max;
	links->fd = -1;
}

static size_t
home(const struct links *links, uint64_t ino)
{
	/* Fibonacci hashing: inode numbers come in runs. */
	return (size_t)((ino * 0x9e3779b97f4a7c15U) >> 32) & (links->cap - 1);
}

/* The inode's slot, or the empty one where it would go. */
static size_t
find(const struct links *links, uint64_t ino)
{
	size_t i = home(links, ino);

	while (links->slots[i].ino != 0 && links->slots[i].ino != ino)
		i = (i + 1) & (links->cap - 1);
	return i;
}

static void
grow(struct links *links)
{
	struct link_slot *old = links->slots;
	size_t i, old_cap = links->cap;

	links->cap = old_cap == 0 ? LINKS_CAP_MIN : old_cap * 2;
	links->slots = mem_zero(links->cap, sizeof *links->slots);
	for (i = 0; i < old_cap; i++)
		if (old[i].ino != 0)
			links->slots[find(links, old[i].ino)] = old[i];
	free(old);
}

/* Empty a slot and close the gap, so that what lies behind is still found. */
static void
take_out(struct links *links, size_t gap)
{
	size_t mask = links->cap - 1;
	size_t i = (gap + 1) & mask;

	while (links->slots[i].ino != 0) {
		size_t want = home(links, links->slots[i].ino);

		if (((i - want) & mask) >= ((i - gap) & mask)) {
			links->slots[gap] = links->slots[i];
			gap = i;
		}
		i = (i + 1) & mask;
	}
	links->slots[gap].ino = 0;
	links->count--;
}

static bool
path_read(const struct links *links, uint64_t place, struct buf *out)
{
	uint8_t head[HEAD_LEN];
	size_t got, len;

	if (place < links->paths.len) {
		const char *at = links->paths.data + place;

		buf_set(out, at + HEAD_LEN, get_le32((const uint8_t *)at));
		return true;
	}
	place -= links->paths.len;
	if (io_pread(links->fd, head, sizeof head, place, &got) == -1 ||
	    got != sizeof head)
		return false;
	len = get_le32(head);
	buf_cut(out, 0);
	if (io_pread(links->fd, buf_reserve(out, len), len, place + HEAD_LEN,
	    &got) == -1 || got != len)
		return false;
	out->len = len;
	out->data[len] = '\0';
	return true;
}

bool
links_find(struct links *links, ino_t ino, struct buf *first)
{
	struct link_slot *slot;
	size_t i;

	if (links->count == 0)
		return false;
	i = find(links, (uint64_t)ino);
	slot = &links->slots[i];
	if (slot->ino == 0 ||
	    !path_read(links, slot->rest & PLACE_MAX, first))
		return false;
	slot->rest -= (uint64_t)1 << PLACE_BITS;
	if (slot->rest >> PLACE_BITS == 0)
		take_out(links, i);
	return true;
}

static int
open_spill(void)
{
	const char *dir = getenv("TMPDIR");

	if (dir == NULL || *dir != '/')
		dir = "/tmp";
	return io_open_typed(dir, O_TMPFILE | O_RDWR, 0600);
}

/* Where the path was put; PLACE_MAX when it could not be. */
static uint64_t
path_write(struct links *links, const char *path, size_t len)
{
	uint64_t place = links->paths.len + links->spilled;
	uint8_t head[HEAD_LEN];

	put_le32(head, (uint32_t)len);
	if (links->spilled == 0 &&
	    links->paths.len + sizeof head + len <= LINKS_MEMORY_MAX) {
		buf_append(&links->paths, head, sizeof head);
		buf_append(&links->paths, path, len);
		return place;
	}
	if (links->fd == -1)
		links->fd = open_spill();
	if (links->fd == -1 || place + len >= PLACE_MAX - HEAD_LEN ||
	    io_pwrite(links->fd, head, sizeof head, links->spilled) == -1 ||
	    io_pwrite(links->fd, path, len, links->spilled + sizeof head) ==
	    -1)
		return PLACE_MAX;
	links->spilled += sizeof head + len;
	return place;
}

bool
links_add(struct links *links, ino_t ino, uint64_t nlink, const char *path,
    size_t len)
{
	uint64_t left = nlink - 1 < LEFT_MAX ? nlink - 1 : LEFT_MAX;
	uint64_t place;
	size_t i;

	if (nlink < 2 || ino == 0 || links->count >= links->max)
		return false;
	if (links->cap == 0 || links->count >= links->cap / 10 * 7)
		grow(links);
	i = find(links, (uint64_t)ino);
	if (links->slots[i].ino != 0)
		return false;
	place = path_write(links, path, len);
	if (place == PLACE_MAX)
		return false;
	links->slots[i].ino = (uint64_t)ino;
	links->slots[i].rest = left << PLACE_BITS | place;
	links->count++;
	return true;
}

void
links_release(struct links *links)
{
	free(links->slots);
	buf_release(&links->paths);
	if (links->fd != -1)
		(void)close(links->fd);	/* temporary: nothing to lose */
	links_init(links, 0);
}
