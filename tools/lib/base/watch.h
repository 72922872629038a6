/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a long operation tells its caller that it moves, and learns that it
 * should stop.  A NULL watch is allowed everywhere: nobody looks.
 */
#ifndef BASE_WATCH_H
#define BASE_WATCH_H

#include <stddef.h>
#include <stdint.h>

struct err;

struct watch {
	void *ctx;
	/* bytes and entries done since the last call */
	void (*moved)(void *ctx, uint64_t bytes, uint64_t entries);
	/* -1, with ERR_INTERRUPTED in err: stop and clean up */
	int (*check)(void *ctx, struct err *err);
};

/* Whether to stop, from any thread; says nothing of what moved. */
static inline int
watch_check(const struct watch *watch, struct err *err)
{
	return watch == NULL ? 0 : watch->check(watch->ctx, err);
}

static inline int
watch_step(const struct watch *watch, uint64_t bytes, uint64_t entries,
    struct err *err)
{
	if (watch == NULL)
		return 0;
	watch->moved(watch->ctx, bytes, entries);
	return watch->check(watch->ctx, err);
}

#endif
