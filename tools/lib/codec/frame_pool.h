/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that work on a ring of slots, handed out and given back in order;
 * private to frame_writer.c and frame_reader.c.  What a slot holds is the
 * caller's: it owns a slot from frame_pool_slot() to frame_pool_submit(), and
 * from frame_pool_oldest() to frame_pool_release().
 *
 *	caller		slot, fill, submit ... oldest, use, release
 *	a thread	work(ctx, worker, slot)
 *
 * With threads == 0, work is called by frame_pool_submit() and no thread is
 * started: that is also the answer where none can be started.
 *
 * All functions but work are for the caller's one thread.
 */
#ifndef CODEC_FRAME_POOL_H
#define CODEC_FRAME_POOL_H

#include <stdbool.h>

/* worker: 0 to threads - 1 (0 when there are none), for its own buffers */
typedef void frame_pool_work(void *ctx, unsigned worker, unsigned slot);

struct frame_pool;
/* threads is at most FRAME_JOBS_MAX.  ctx is borrowed. */
struct frame_pool *frame_pool_new(unsigned threads, frame_pool_work *work,
    void *ctx);

bool frame_pool_has_room(const struct frame_pool *p);
/* The slot to fill next, below FRAME_JOBS_MAX; only when there is room. */
unsigned frame_pool_slot(const struct frame_pool *p);
void frame_pool_submit(struct frame_pool *p);

/* Nothing was submitted that was not released. */
bool frame_pool_is_empty(const struct frame_pool *p);
/* Whether the oldest slot is done; only when the pool is not empty. */
bool frame_pool_is_ready(struct frame_pool *p);
/* The oldest slot, waiting until it is done; only when not empty. */
unsigned frame_pool_oldest(struct frame_pool *p);
void frame_pool_release(struct frame_pool *p);

/* Waits for the work under way; what was not begun is dropped. */
void frame_pool_free(struct frame_pool *p);

#endif
