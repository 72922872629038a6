/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one check found: a status, why, and what was measured on the way.
 *
 *	outcome_fact(o, "address", "127.0.0.1");
 *	outcome_fact_u64(o, "status", 302);
 *	outcome_reason(o, REASON_TCP_REFUSED, "port %u", port);
 *
 * A check starts with a fresh outcome that is OK, and makes it worse.  It may
 * find several things: the worst one gives status and code, the first of
 * equals; the others stay in the text.
 */
#ifndef PROBE_OUTCOME_H
#define PROBE_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/pairs.h"
#include "reasons.h"

struct outcome {
	enum outcome_status status;
	enum reason reason;
	struct buf cause;	/* for people, escaped, one line; of an OK
				 * one: what was covered */
	struct pairs facts;	/* values as they came: escape them */
	uint64_t took_ms;	/* set by the scheduler */
};

void outcome_init(struct outcome *o);
void outcome_release(struct outcome *o);
/* to takes over what from holds, whose own content is released. */
void outcome_move(struct outcome *to, struct outcome *from);

/*
 * A finding: the reason's sentence, behind it the evidence in brackets.  The
 * evidence is one line in which everything hostile is escaped already; ""
 * for none.
 */
void outcome_reason(struct outcome *o, enum reason reason,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same with another status than the table's: a term of "warn". */
void outcome_reason_as(struct outcome *o, enum outcome_status status,
    enum reason reason, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* What an OK outcome covers ("200, 312 bytes"); ignored once it is worse. */
void outcome_note(struct outcome *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* key: lower case with underscores, ours; value: any bytes, copied. */
void outcome_fact(struct outcome *o, const char *key, const char *value);
void outcome_fact_u64(struct outcome *o, const char *key, uint64_t value);

/* True when a is the worse of two: fail, unknown, warn, skip, ok. */
bool outcome_is_worse(enum outcome_status a, enum outcome_status b);

#endif
