/* SPDX-License-Identifier: BSD-2-Clause */
/* medium/hash_pool and medium/gate: order, digests, errors, stopping. */
#include <pthread.h>

#include "base/hex.h"
#include "harness.h"
#include "medium/gate.h"
#include "medium/hash_pool.h"
#include "scratch.h"

#define SMALL_FILES 300		/* more than twice the slots */

/* A file of len bytes, all of them c, and what its SHA-256 is. */
static void
put_file(const char *dir, const char *name, size_t len, int c)
{
	char *text = mem_alloc(len + 1);

	memset(text, c, len);
	text[len] = '\0';
	(void)scratch_put(dir, name, text);
	free(text);
}

static void
want_digest(size_t len, int c, uint8_t out[SHA256_LEN])
{
	char *text = mem_alloc(len + 1);

	memset(text, c, len);
	sha256_of(text, len, out);
	free(text);
}

struct seen {
	uint64_t bytes;
	uint64_t entries;
	uint64_t stop_after;	/* entries */
};

static void
moved(void *ctx, uint64_t bytes, uint64_t entries)
{
	struct seen *seen = ctx;

	seen->bytes += bytes;
	seen->entries += entries;
}

static int
check(void *ctx, struct err *err)
{
	struct seen *seen = ctx;

	return seen->entries >= seen->stop_after ?
	    err_set(err, ERR_INTERRUPTED, 2, "stop") : 0;
}

/* f0 is missing, f1 empty, f2 large, f3 a folder, f4 one block to the byte. */
static size_t
size_of(unsigned i)
{
	return i == 1 ? 0 : i == 2 ? (9u << 20) + 17 : i == 4 ? 4u << 20 :
	    i == 5 ? 4096 : i == 6 ? HASH_SMALL_MAX : i * 31;
}

static void
make_files(const char *dir)
{
	char name[16];
	unsigned i;

	for (i = 1; i < SMALL_FILES; i++) {
		(void)snprintf(name, sizeof name, "f%u", i);
		if (i == 3)
			(void)scratch_put(dir, name, NULL);
		else
			put_file(dir, name, size_of(i), 'a' + (int)(i % 26));
	}
}

static bool
is_right(unsigned i, const struct hash_done *done)
{
	uint8_t want[SHA256_LEN];
	char name[16];

	(void)snprintf(name, sizeof name, "f%u", i);
	if (strcmp(done->path, name) != 0 ||
	    done->slot != i % HASH_POOL_SLOTS)
		return false;
	if (i == 0)
		return done->err->class == ERR_NOT_FOUND;
	if (i == 3)
		return done->err->class == ERR_DAMAGED;
	want_digest(size_of(i), 'a' + (int)(i % 26), want);
	return done->err->class == ERR_NONE &&
	    done->result->bytes == size_of(i) &&
	    memcmp(done->result->digest, want, sizeof want) == 0;
}

static void
test_order(int root_fd, unsigned threads)
{
	struct seen seen = { 0, 0, UINT64_MAX };
	const struct watch watch = { &seen, moved, check };
	const struct hash_pool_options options = {
		.threads = threads, .watch = &watch };
	struct hash_pool *p = hash_pool_new(root_fd, &options);
	unsigned next = 0, taken = 0, right = 0;
	struct hash_done done;
	uint64_t bytes = 0;
	char name[16];
	struct err err;

	while (next < SMALL_FILES || !hash_pool_is_empty(p)) {
		if (next < SMALL_FILES && hash_pool_has_room(p)) {
			(void)snprintf(name, sizeof name, "f%u", next++);
			(void)hash_pool_submit(p, name, DIGEST_SHA256, NULL);
			continue;
		}
		if (hash_pool_take(p, &done, &err) == -1)
			break;
		if (is_right(taken, &done))
			right++;
		bytes += done.result->bytes;
		taken++;
	}
	is_u64(right, SMALL_FILES, "%u threads: every file, in order", threads);
	is_u64(seen.entries, SMALL_FILES, "the watch was told of each");
	is_u64(seen.bytes, bytes, "and of every byte");
	hash_pool_free(p);
}

static void
test_stop(int root_fd, unsigned threads)
{
	struct seen seen = { 0, 0, 5 };
	const struct watch watch = { &seen, moved, check };
	const struct hash_pool_options options = {
		.threads = threads, .watch = &watch };
	struct hash_pool *p = hash_pool_new(root_fd, &options);
	struct hash_done done;
	unsigned i, taken = 0;
	struct err err;

	for (i = 0; i < HASH_POOL_SLOTS; i++)
		(void)hash_pool_submit(p, "f2", DIGEST_MD5, NULL);
	ok(!hash_pool_has_room(p), "full");
	err_clear(&err);
	while (hash_pool_take(p, &done, &err) == 0)
		taken++;
	ok(taken == 4 && err.class == ERR_INTERRUPTED,
	    "%u threads: stopped when the watch says so", threads);
	hash_pool_free(p);
	ok(true, "and let go with work left");
}

struct places {
	unsigned count;
	unsigned slot;
	struct hash_place last;
};

static void
placed(void *ctx, unsigned slot, const struct hash_place *place)
{
	struct places *places = ctx;

	places->count++;
	places->slot = slot;
	places->last = *place;
}

/*
 * A file of one place and a little more, all zeros: the place is told, and
 * whoever goes on from there gets the same digest.
 */
static void
test_places(const char *dir, int root_fd, unsigned threads)
{
	struct places places = { .count = 0 };
	const struct hash_pool_options options = {
		.threads = threads, .in_flight = 2, .placed = placed,
		.placed_ctx = &places };
	struct hash_pool *p = hash_pool_new(root_fd, &options);
	uint8_t whole[SHA256_LEN];
	struct hash_done done;
	struct err err;
	int fd;

	(void)scratch_put(dir, "large", "");
	fd = openat(root_fd, "large", O_WRONLY | O_CLOEXEC);
	ok(fd != -1 && ftruncate(fd, (off_t)HASH_PLACE + 99) == 0,
	    "a large file");
	(void)close(fd);
	(void)hash_pool_submit(p, "f1", DIGEST_SHA256, NULL);
	(void)hash_pool_submit(p, "large", DIGEST_SHA256, NULL);
	ok(!hash_pool_has_room(p), "two in flight are enough");
	ok(hash_pool_take(p, &done, &err) == 0 &&
	    hash_pool_take(p, &done, &err) == 0 &&
	    done.result->bytes == HASH_PLACE + 99, "%u threads: read",
	    threads);
	memcpy(whole, done.result->sha256, sizeof whole);
	ok(places.count == 1 && places.slot == done.slot &&
	    places.last.bytes == HASH_PLACE, "its place was told");
	(void)hash_pool_submit(p, "large", DIGEST_SHA256, &places.last);
	ok(hash_pool_take(p, &done, &err) == 0 &&
	    done.result->bytes == HASH_PLACE + 99 &&
	    memcmp(done.result->sha256, whole, sizeof whole) == 0,
	    "and the rest of it read");
	(void)hash_pool_submit(p, "large", DIGEST_SHA256, NULL);
	ok(hash_pool_take(p, &done, &err) == 0 && places.count == 2 &&
	    memcmp(done.result->sha256, whole, sizeof whole) == 0,
	    "a slot forgets where its last file went on");
	hash_pool_free(p);
}

struct visitor {
	struct gate *gate;
	uint64_t turn;
	uint64_t *order;
	unsigned *count;
};

static void *
visit(void *arg)
{
	struct visitor *v = arg;

	gate_enter(v->gate, v->turn);
	v->order[(*v->count)++] = v->turn;
	gate_leave(v->gate);
	return NULL;
}

/* Whoever is inside when all have come sees them go in by their turns. */
static void
test_gate(void)
{
	static const uint64_t turns[] = { 5, 2, 9, 1, 7, 3 };
	enum { COUNT = sizeof turns / sizeof turns[0] };
	struct visitor visitors[COUNT];
	uint64_t order[COUNT] = { 0 };
	pthread_t threads[COUNT];
	unsigned i, count = 0;
	bool sorted = true;
	struct gate g;

	gate_init(&g, 1);
	gate_enter(&g, 0);
	for (i = 0; i < COUNT; i++) {
		visitors[i] = (struct visitor){ &g, turns[i], order, &count };
		(void)pthread_create(&threads[i], NULL, visit, &visitors[i]);
	}
	for (;;) {
		bool all_here;

		(void)pthread_mutex_lock(&g.lock);
		all_here = g.count == COUNT;
		(void)pthread_mutex_unlock(&g.lock);
		if (all_here)
			break;
		(void)sched_yield();
	}
	gate_leave(&g);
	for (i = 0; i < COUNT; i++)
		(void)pthread_join(threads[i], NULL);
	for (i = 1; i < COUNT; i++)
		sorted = sorted && order[i - 1] < order[i];
	ok(count == COUNT && sorted, "a gate lets in the lowest turn first");
	gate_release(&g);

	gate_init(&g, 2);
	gate_enter(&g, 1);
	gate_enter(&g, 2);
	ok(true, "a gate with room for two");
	gate_leave(&g);
	gate_leave(&g);
	gate_release(&g);
}

int
main(void)
{
	char dir[SCRATCH_MAX];
	int fd;

	if (!scratch_make(dir))
		return 1;
	make_files(dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	test_order(fd, 0);
	test_order(fd, 1);
	test_order(fd, HASH_POOL_THREADS_MAX);
	test_stop(fd, 0);
	test_stop(fd, 2);
	test_places(dir, fd, 0);
	test_places(dir, fd, 2);
	test_gate();
	(void)close(fd);
	ok(scratch_remove(dir), "the scratch folder is gone");
	return done();
}
