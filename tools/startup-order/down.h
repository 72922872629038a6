/* SPDX-License-Identifier: BSD-2-Clause */
/* Stop the containers of a project, those that wait for others first. */
#ifndef STARTUP_ORDER_DOWN_H
#define STARTUP_ORDER_DOWN_H

#include "up.h"

struct crew;

/*
 * A container that cannot be stopped does not keep the others running:
 * ERR_IO at the end.  ERR_INTERRUPTED: stops that had begun are waited for,
 * no other is begun.  result as for up_run().
 */
int down_run(struct engine *engine, const struct graph *g,
    const struct up_options *options, struct up_result *result,
    struct err *err);

/*
 * Roll back: the units that are ours, whatever interrupts.  The result says
 * what could not be stopped.
 */
void down_undo(struct crew *crew);

#endif
