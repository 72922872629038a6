/* SPDX-License-Identifier: BSD-2-Clause */
/* So many at a time; see gate.h. */
#include "medium/gate.h"

#include <assert.h>
#include <stdbool.h>

void
gate_init(struct gate *g, unsigned room)
{
	(void)pthread_mutex_init(&g->lock, NULL);
	(void)pthread_cond_init(&g->changed, NULL);
	g->count = 0;
	g->room = room;
}

void
gate_release(struct gate *g)
{
	assert(g->count == 0);
	(void)pthread_cond_destroy(&g->changed);
	(void)pthread_mutex_destroy(&g->lock);
}

static bool
is_first(const struct gate *g, uint64_t turn)
{
	size_t i;

	for (i = 0; i < g->count; i++)
		if (g->waiting[i] < turn)
			return false;
	return true;
}

static void
forget(struct gate *g, uint64_t turn)
{
	size_t i = 0;

	while (g->waiting[i] != turn)
		i++;
	g->waiting[i] = g->waiting[--g->count];
}

void
gate_enter(struct gate *g, uint64_t turn)
{
	(void)pthread_mutex_lock(&g->lock);
	assert(g->count < GATE_WAITERS_MAX);
	g->waiting[g->count++] = turn;
	while (g->room == 0 || !is_first(g, turn))
		(void)pthread_cond_wait(&g->changed, &g->lock);
	forget(g, turn);
	g->room--;
	/* The next one may fit, too. */
	if (g->room > 0)
		(void)pthread_cond_broadcast(&g->changed);
	(void)pthread_mutex_unlock(&g->lock);
}

void
gate_leave(struct gate *g)
{
	(void)pthread_mutex_lock(&g->lock);
	g->room++;
	(void)pthread_cond_broadcast(&g->changed);
	(void)pthread_mutex_unlock(&g->lock);
}
