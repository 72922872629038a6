/* SPDX-License-Identifier: BSD-2-Clause */
/* What up or down would ask the engine for, as things stand now. */
#ifndef STARTUP_ORDER_PLAN_H
#define STARTUP_ORDER_PLAN_H

#include <stdbool.h>
#include <stddef.h>

struct engine;
struct err;
struct graph;
struct up_options;

/* Texts are escaped and borrowed for the call. */
struct plan_step {
	size_t layer;			/* from 1 */
	const char *service;
	const char *container;		/* "" when it has none */
	const char *method;		/* "" when nothing is called */
	const char *path;
	const char *note;		/* why not, or what is waited for */
};

struct plan_calls {
	void *ctx;
	void (*step)(void *ctx, const struct plan_step *step);
};

/* Reads only.  g as for up_run(). */
int plan_run(struct engine *engine, const struct graph *g,
    const struct up_options *options, bool is_down,
    const struct plan_calls *calls, struct err *err);

#endif
