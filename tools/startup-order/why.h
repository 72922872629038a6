/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a container is not what it should be, in words.  All text is escaped. */
#ifndef STARTUP_ORDER_WHY_H
#define STARTUP_ORDER_WHY_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct engine_state;

/* "ended with status 127 (command not found)", "killed: out of memory". */
void why_ended(struct buf *out, int64_t exit_code, bool was_oom_killed);

/* The engine's reason for a start it refused, without the layers round it. */
void why_refused(struct buf *out, const char *message);

/*
 * The tail of the health log, a line each for the newest probes: what each
 * ended with and the last line it said.  Nothing when there is no log.
 */
void why_probes(struct buf *out, const struct engine_state *state);

#endif
