/* SPDX-License-Identifier: BSD-2-Clause */
/* Several files hashed at a time; see hash_pool.h. */
#include "medium/hash_pool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "io/below.h"
#include "io/io.h"
#include "medium/gate.h"

/*
 * Reading a small file past the cache is mostly waiting: more of them at a
 * time than there are processors.
 */
#define WORKERS_EACH 2
#define WORKERS_MAX (WORKERS_EACH * HASH_POOL_THREADS_MAX)
#define CLAIM_MAX 4		/* files that a thread takes at a time */
#define LOOK_NS 100000000L	/* how long a signal may go unseen */

struct slot {
	struct buf path;
	enum digest_kind kind;
	struct hash_result result;
	struct err err;
	struct patient patient;
	uint64_t milliseconds;
	struct hash_place from;		/* bytes == 0: the beginning */
	struct hash_pool *pool;		/* for on_place() */
	struct hash_place place;	/* the latest */
	bool has_place;			/* that the caller was not told of */
	bool is_done;
};

struct worker {
	struct hash_pool *pool;
	struct below below;
	pthread_t thread;
};

/*
 * Slots form a ring: [taken, begun) are being hashed or done, [begun,
 * submitted) wait.
 */
struct hash_pool {
	struct hash_pool_options options;
	struct watch own;		/* of the threads */
	struct gate gate;		/* for the device */
	struct gate large;		/* for memory and processors */
	struct slot slots[HASH_POOL_SLOTS];
	uint64_t submitted;
	uint64_t taken;
	atomic_ullong bytes;		/* that the watch was not told of */
	atomic_bool stop;
	pthread_mutex_t lock;	/* for begun, awaited, places and is_done */
	pthread_cond_t work;
	pthread_cond_t done;
	uint64_t begun;
	uint64_t awaited;		/* by the caller */
	unsigned threads;
	struct worker workers[WORKERS_MAX];
};

static void
count_bytes(void *ctx, uint64_t bytes, uint64_t entries)
{
	struct hash_pool *p = ctx;

	(void)entries;
	(void)atomic_fetch_add(&p->bytes, bytes);
}

static int
check_stop(void *ctx, struct err *err)
{
	struct hash_pool *p = ctx;

	return atomic_load(&p->stop) ?
	    err_set(err, ERR_INTERRUPTED, 0, "stopped") : 0;
}

/* Past the cache if that can be had. */
static int
open_file(struct below *below, const char *path, bool *is_direct,
    struct err *err)
{
	int flags = O_RDONLY | O_NONBLOCK;
	int fd = below_open(below, path, flags | O_DIRECT, err);

	*is_direct = fd != -1;
	if (fd == -1 && err->class == ERR_IO && err->sys == EINVAL)
		fd = below_open(below, path, flags, err);
	return fd;
}

/* On the thread that hashes. */
static void
on_place(void *ctx, const struct hash_place *place)
{
	struct slot *slot = ctx;
	struct hash_pool *p = slot->pool;

	if (p->threads == 0) {
		p->options.placed(p->options.placed_ctx,
		    (unsigned)(slot - p->slots), place);
		return;
	}
	(void)pthread_mutex_lock(&p->lock);
	slot->place = *place;
	slot->has_place = true;
	(void)pthread_mutex_unlock(&p->lock);
}

static void
hash_slot(struct hash_pool *p, struct below *below, uint64_t turn,
    const struct watch *watch)
{
	uint64_t begun = io_ticks_ms();
	struct slot *slot = &p->slots[turn % HASH_POOL_SLOTS];
	const struct hash_options options = { .kind = slot->kind,
	    .threads = p->threads > 0, .watch = watch,
	    .gate = p->threads > 1 ? &p->gate : NULL,
	    .large = p->threads > 1 ? &p->large : NULL, .turn = turn,
	    .patient = p->options.is_strict ? NULL : &slot->patient,
	    .from = slot->from.bytes > 0 ? &slot->from : NULL,
	    .placed = p->options.placed != NULL ? on_place : NULL,
	    .placed_ctx = slot };
	bool is_direct;
	int fd;

	memset(&slot->result, 0, sizeof slot->result);
	patient_release(&slot->patient);
	patient_init(&slot->patient, NULL, NULL, 0, PATIENT_ALIGN, watch);
	slot->milliseconds = 0;
	err_clear(&slot->err);
	fd = open_file(below, buf_text(&slot->path), &is_direct, &slot->err);
	if (fd == -1)
		return;
	err_clear(&slot->err);
	(void)hash_fd(fd, is_direct, &options, &slot->result, &slot->err);
	(void)close(fd);	/* read-only: nothing to lose */
	slot->milliseconds = io_ticks_ms() - begun;
}

/*
 * Under the lock: claim what comes next.  A few at a time of many, because
 * with small files the lock costs more than they do.
 */
static unsigned
claim(struct hash_pool *p, uint64_t *turn)
{
	unsigned count = p->submitted - p->begun >
	    (uint64_t)CLAIM_MAX * p->threads ? CLAIM_MAX : 1;

	*turn = p->begun;
	p->begun += count;
	return count;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct hash_pool *p = w->pool;
	uint64_t turn;
	unsigned i, count;

	(void)pthread_mutex_lock(&p->lock);
	for (;;) {
		while (p->begun == p->submitted && !atomic_load(&p->stop))
			(void)pthread_cond_wait(&p->work, &p->lock);
		if (atomic_load(&p->stop))
			break;
		count = claim(p, &turn);
		(void)pthread_mutex_unlock(&p->lock);
		for (i = 0; i < count; i++)
			hash_slot(p, &w->below, turn + i, &p->own);
		(void)pthread_mutex_lock(&p->lock);
		for (i = 0; i < count; i++) {
			p->slots[(turn + i) % HASH_POOL_SLOTS].is_done = true;
			if (turn + i == p->awaited)
				(void)pthread_cond_signal(&p->done);
		}
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* As many as can be had. */
static void
start_threads(struct hash_pool *p, unsigned threads)
{
	sigset_t all, old;

	/* Signals belong to the caller's thread. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	(void)pthread_mutex_lock(&p->lock);
	while (p->threads < threads &&
	    pthread_create(&p->workers[p->threads].thread, NULL, work,
	    &p->workers[p->threads]) == 0)
		p->threads++;
	(void)pthread_mutex_unlock(&p->lock);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
}

unsigned
hash_pool_worth(unsigned threads)
{
	bool is_fast = sha256_class() != sha256_class_at(0);

	return is_fast && threads > 1 ? 1 : threads;
}

struct hash_pool *
hash_pool_new(int root_fd, const struct hash_pool_options *options)
{
	const unsigned threads = options->threads;
	struct hash_pool *p = mem_zero(1, sizeof *p);
	pthread_condattr_t clock;
	unsigned i;

	assert(threads <= HASH_POOL_THREADS_MAX &&
	    options->in_flight <= HASH_POOL_SLOTS);
	p->options = *options;
	if (p->options.in_flight == 0)
		p->options.in_flight = HASH_POOL_SLOTS;
	p->own = (struct watch){ .ctx = p, .moved = count_bytes,
	    .check = check_stop };
	gate_init(&p->gate, 1);
	gate_init(&p->large, threads == 0 ? 1 : threads);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->work, NULL);
	(void)pthread_condattr_init(&clock);
	(void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&p->done, &clock);
	(void)pthread_condattr_destroy(&clock);
	for (i = 0; i < WORKERS_MAX; i++) {
		p->workers[i].pool = p;
		below_init(&p->workers[i].below, root_fd);
		if (!options->follows_links)
			below_refuse_links(&p->workers[i].below);
	}
	for (i = 0; i < HASH_POOL_SLOTS; i++)
		p->slots[i].pool = p;
	start_threads(p, WORKERS_EACH * threads);
	return p;
}

bool
hash_pool_has_room(const struct hash_pool *p)
{
	return p->submitted - p->taken < p->options.in_flight;
}

bool
hash_pool_is_empty(const struct hash_pool *p)
{
	return p->submitted == p->taken;
}

unsigned
hash_pool_submit(struct hash_pool *p, const char *path, enum digest_kind kind,
    const struct hash_place *from)
{
	unsigned number = (unsigned)(p->submitted % HASH_POOL_SLOTS);
	struct slot *slot = &p->slots[number];

	buf_set(&slot->path, path, strlen(path));
	slot->kind = kind;
	slot->from.bytes = 0;
	if (from != NULL)
		slot->from = *from;
	slot->has_place = slot->is_done = false;
	(void)pthread_mutex_lock(&p->lock);
	p->submitted++;
	(void)pthread_mutex_unlock(&p->lock);
	return number;
}

/* The caller's watch learns what the threads did. */
static int
step(struct hash_pool *p, uint64_t entries, struct err *err)
{
	return watch_step(p->options.watch, atomic_exchange(&p->bytes, 0), entries,
	    err);
}

/* The caller learns of the places that the threads came to. */
static void
tell_places(struct hash_pool *p)
{
	const struct hash_pool_options *o = &p->options;
	struct hash_place place;
	uint64_t turn;
	bool has_place;

	for (turn = p->taken; o->placed != NULL && turn < p->submitted;
	    turn++) {
		struct slot *slot = &p->slots[turn % HASH_POOL_SLOTS];

		(void)pthread_mutex_lock(&p->lock);
		has_place = slot->has_place;
		place = slot->place;
		slot->has_place = false;
		(void)pthread_mutex_unlock(&p->lock);
		if (has_place)
			o->placed(o->placed_ctx,
			    (unsigned)(turn % HASH_POOL_SLOTS), &place);
	}
}

/*
 * What to wait for when the oldest is not done: one further on, so that the
 * caller is woken once for many small files; but in the end the oldest, and
 * always where the threads would run out of files meanwhile.
 */
static uint64_t
further_on(const struct hash_pool *p)
{
	uint64_t turn = p->taken;

	if (p->options.in_flight == HASH_POOL_SLOTS)
		turn += HASH_POOL_SLOTS / 2;
	if (turn >= p->submitted)
		turn = p->submitted - 1;
	return p->slots[turn % HASH_POOL_SLOTS].is_done ? p->taken : turn;
}

/* LOOK_NS at most; false when the oldest is not done yet. */
static bool
wait_a_little(struct hash_pool *p, const struct slot *oldest)
{
	struct timespec until;
	bool is_done;

	(void)pthread_mutex_lock(&p->lock);
	if (!oldest->is_done) {
		/* Once for all that was submitted since the last time. */
		if (p->begun < p->submitted)
			(void)pthread_cond_broadcast(&p->work);
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += LOOK_NS;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_nsec -= 1000000000L;
			until.tv_sec++;
		}
		p->awaited = further_on(p);
		(void)pthread_cond_timedwait(&p->done, &p->lock, &until);
	}
	is_done = oldest->is_done;
	(void)pthread_mutex_unlock(&p->lock);
	return is_done;
}

int
hash_pool_take(struct hash_pool *p, struct hash_done *done, struct err *err)
{
	unsigned number = (unsigned)(p->taken % HASH_POOL_SLOTS);
	struct slot *slot = &p->slots[number];

	if (p->threads == 0) {
		hash_slot(p, &p->workers[0].below, p->taken, p->options.watch);
		if (slot->err.class == ERR_INTERRUPTED) {
			*err = slot->err;
			return -1;
		}
	} else {
		while (!wait_a_little(p, slot)) {
			tell_places(p);
			if (step(p, 0, err) == -1)
				return -1;
		}
		tell_places(p);
	}
	(void)pthread_mutex_lock(&p->lock);
	p->taken++;
	(void)pthread_mutex_unlock(&p->lock);
	done->slot = number;
	done->path = buf_text(&slot->path);
	done->result = &slot->result;
	done->err = &slot->err;
	done->patient = &slot->patient;
	done->milliseconds = slot->milliseconds;
	return step(p, 1, err);
}

void
hash_pool_free(struct hash_pool *p)
{
	unsigned i;

	if (p == NULL)
		return;
	(void)pthread_mutex_lock(&p->lock);
	atomic_store(&p->stop, true);
	(void)pthread_cond_broadcast(&p->work);
	(void)pthread_mutex_unlock(&p->lock);
	for (i = 0; i < p->threads; i++)
		(void)pthread_join(p->workers[i].thread, NULL);
	for (i = 0; i < WORKERS_MAX; i++)
		below_release(&p->workers[i].below);
	for (i = 0; i < HASH_POOL_SLOTS; i++) {
		patient_release(&p->slots[i].patient);
		buf_release(&p->slots[i].path);
	}
	(void)pthread_cond_destroy(&p->done);
	(void)pthread_cond_destroy(&p->work);
	(void)pthread_mutex_destroy(&p->lock);
	gate_release(&p->large);
	gate_release(&p->gate);
	free(p);
}
