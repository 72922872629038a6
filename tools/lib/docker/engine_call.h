/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One request to the engine that is under way, for a caller that has several
 * and polls:
 *
 *	if (engine_call_begin(engine, &ask, &call, err) == -1) ...
 *	while (!is_done) {
 *		poll() on engine_call_fd(call), engine_call_events(call),
 *		no longer than to engine_call_deadline(call)
 *		if (engine_call_step(call, &is_done, err) == -1) ...
 *	}
 *	if (engine_call_status(call) != 204)
 *		engine_call_declined(call, err);
 *	engine_call_end(call);
 */
#ifndef DOCKER_ENGINE_CALL_H
#define DOCKER_ENGINE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine;
struct engine_call;
struct err;

struct engine_ask {
	const char *method;
	const char *path;	/* with leading slash, escaped, no version */
	uint64_t limit_ms;	/* for all of it; UINT64_MAX: none */
};

/*
 * Connect (which may take ENGINE_CONNECT_MS when the engine takes no calls)
 * and begin to send.  NULL in *call on failure.  engine must outlive it.
 */
int engine_call_begin(struct engine *engine, const struct engine_ask *ask,
    struct engine_call **call, struct err *err);

/* What to poll for; the deadline is in io_ticks_ms(). */
int engine_call_fd(const struct engine_call *call);
short engine_call_events(const struct engine_call *call);
uint64_t engine_call_deadline(const struct engine_call *call);

/*
 * Send and receive what can be without waiting.  *is_done: the reply is
 * complete.  -1: it never will be: ERR_IO (ETIMEDOUT past the deadline),
 * ERR_DAMAGED, ERR_LIMIT.
 */
int engine_call_step(struct engine_call *call, bool *is_done,
    struct err *err);

/*
 * The reply's head is there, its body perhaps not: the engine has registered
 * a wait before it sends so much.
 */
bool engine_call_has_head(const struct engine_call *call);

/* Of a call that is done: the status, and the body. */
unsigned engine_call_status(const struct engine_call *call);
const char *engine_call_body(const struct engine_call *call, size_t *len);

/* The engine's own message about a status that is no success.  Always -1. */
int engine_call_declined(const struct engine_call *call, struct err *err);

/* Hang up.  Accepts NULL. */
void engine_call_end(struct engine_call *call);

#endif
