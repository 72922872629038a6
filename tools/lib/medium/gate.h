/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several threads and not enough of something for all: so many at a time, the
 * lowest turn first.  Where one reads at a time, a disk sees long reads of one
 * file while its reader keeps up, and the next file's only when it does not.
 */
#ifndef MEDIUM_GATE_H
#define MEDIUM_GATE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#define GATE_WAITERS_MAX 16	/* threads at one gate */

struct gate {
	pthread_mutex_t lock;	/* private from here */
	pthread_cond_t changed;
	uint64_t waiting[GATE_WAITERS_MAX];
	size_t count;
	unsigned room;
};

/* room: how many may be in it at a time. */
void gate_init(struct gate *g, unsigned room);
/* Nobody may be in it, or waiting. */
void gate_release(struct gate *g);

/* Turns of threads that are there at the same time must differ. */
void gate_enter(struct gate *g, uint64_t turn);
void gate_leave(struct gate *g);

#endif
