/* SPDX-License-Identifier: BSD-2-Clause */
/* Work on several threads, results in order; see frame_pool.h. */
#include "codec/frame_pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "codec/frames.h"

#define STACK_SIZE ((size_t)1 << 20)	/* musl's own is 128 KiB */

struct worker {
	struct frame_pool *pool;
	unsigned number;
	pthread_t thread;
};

struct frame_pool {
	frame_pool_work *work;
	void *ctx;
	unsigned slots;
	unsigned workers_len;
	struct worker workers[FRAME_JOBS_MAX];

	/* Counts of slots ever handed over; the caller's alone. */
	uint64_t released;

	pthread_mutex_t lock;		/* over all below */
	pthread_cond_t wanted;		/* submitted > taken, or stopping */
	pthread_cond_t finished;	/* some slot became done */
	uint64_t submitted;		/* changed by the caller alone */
	uint64_t taken;
	bool is_done[FRAME_JOBS_MAX];
	bool is_stopping;
};

static void *
worker_main(void *arg)
{
	struct worker *w = arg;
	struct frame_pool *p = w->pool;
	unsigned slot;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (p->taken == p->submitted && !p->is_stopping)
			pthread_cond_wait(&p->wanted, &p->lock);
		if (p->is_stopping)
			break;
		slot = (unsigned)(p->taken++ % p->slots);
		pthread_mutex_unlock(&p->lock);
		p->work(p->ctx, w->number, slot);
		pthread_mutex_lock(&p->lock);
		p->is_done[slot] = true;
		pthread_cond_signal(&p->finished);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/*
 * As many threads as can be had, up to count.  They block all signals: a
 * signal is for the thread that knows what to clean up.
 */
static void
start(struct frame_pool *p, unsigned count)
{
	pthread_attr_t attr;
	sigset_t all, before;

	if (pthread_attr_init(&attr) != 0)
		return;
	(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (p->workers_len < count) {
		struct worker *w = &p->workers[p->workers_len];
		char name[16];

		w->pool = p;
		w->number = p->workers_len;
		if (pthread_create(&w->thread, &attr, worker_main, w) != 0)
			break;	/* work is done all the same, only slower */
		(void)snprintf(name, sizeof name, "frames-%u", w->number);
		(void)pthread_setname_np(w->thread, name);
		p->workers_len++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
}

struct frame_pool *
frame_pool_new(unsigned threads, frame_pool_work *work, void *ctx)
{
	struct frame_pool *p = mem_zero(1, sizeof *p);

	p->work = work;
	p->ctx = ctx;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wanted, NULL);
	pthread_cond_init(&p->finished, NULL);
	/*
	 * Beside the slots under work, one that the caller fills and one that
	 * waits to be used, so that neither side stands still.
	 */
	p->slots = threads == 0 ? 1 : threads + 2;
	if (p->slots > FRAME_JOBS_MAX)
		p->slots = FRAME_JOBS_MAX;
	start(p, threads);
	return p;
}

bool
frame_pool_has_room(const struct frame_pool *p)
{
	return p->submitted - p->released < p->slots;
}

unsigned
frame_pool_slot(const struct frame_pool *p)
{
	return (unsigned)(p->submitted % p->slots);
}

void
frame_pool_submit(struct frame_pool *p)
{
	unsigned slot = frame_pool_slot(p);

	if (p->workers_len == 0) {
		p->work(p->ctx, 0, slot);
		p->is_done[slot] = true;
		p->submitted++;
		return;
	}
	pthread_mutex_lock(&p->lock);
	p->submitted++;
	pthread_cond_signal(&p->wanted);
	pthread_mutex_unlock(&p->lock);
}

bool
frame_pool_is_empty(const struct frame_pool *p)
{
	return p->submitted == p->released;
}

bool
frame_pool_is_ready(struct frame_pool *p)
{
	bool is_ready;

	pthread_mutex_lock(&p->lock);
	is_ready = p->is_done[p->released % p->slots];
	pthread_mutex_unlock(&p->lock);
	return is_ready;
}

unsigned
frame_pool_oldest(struct frame_pool *p)
{
	unsigned slot = (unsigned)(p->released % p->slots);

	pthread_mutex_lock(&p->lock);
	while (!p->is_done[slot])
		pthread_cond_wait(&p->finished, &p->lock);
	pthread_mutex_unlock(&p->lock);
	return slot;
}

void
frame_pool_release(struct frame_pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->is_done[p->released % p->slots] = false;
	pthread_mutex_unlock(&p->lock);
	p->released++;
}

void
frame_pool_free(struct frame_pool *p)
{
	unsigned i;

	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->is_stopping = true;
	pthread_cond_broadcast(&p->wanted);
	pthread_mutex_unlock(&p->lock);
	for (i = 0; i < p->workers_len; i++)
		pthread_join(p->workers[i].thread, NULL);
	pthread_cond_destroy(&p->finished);
	pthread_cond_destroy(&p->wanted);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
