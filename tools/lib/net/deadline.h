/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Until when something may take.  One deadline goes through all steps of a
 * conversation, so that a server that sends a byte a second gains nothing.
 * A descriptor may be watched beside it: it becomes readable when everything
 * is to stop.
 */
#ifndef NET_DEADLINE_H
#define NET_DEADLINE_H

#include <stdint.h>

struct deadline {
	uint64_t at_ms;		/* of io_ticks_ms() */
	int stop_fd;		/* readable: stop at once; -1: none */
};

struct deadline deadline_in(uint64_t ms, int stop_fd);

/* In ms from now, or at d where that is sooner. */
struct deadline deadline_sooner(const struct deadline *d, uint64_t ms);

/* 0: it has passed. */
uint64_t deadline_left_ms(const struct deadline *d);

/*
 * poll() for events on fd.  -1 with errno: ETIMEDOUT past the deadline,
 * ECANCELED when told to stop.
 */
int deadline_wait(const struct deadline *d, int fd, short events);

/* Let ms pass; -1 with errno, as above, when that was not to be. */
int deadline_pause(const struct deadline *d, uint64_t ms);

#endif
