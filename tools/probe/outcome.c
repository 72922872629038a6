/* SPDX-License-Identifier: BSD-2-Clause */
/* What a check found; see outcome.h. */
#include "outcome.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define EVIDENCE_MAX 1024

void
outcome_init(struct outcome *o)
{
	memset(o, 0, sizeof *o);
	o->status = OUTCOME_OK;
	o->reason = REASON_OK;
}

void
outcome_release(struct outcome *o)
{
	buf_release(&o->cause);
	pairs_release(&o->facts);
	outcome_init(o);
}

void
outcome_move(struct outcome *to, struct outcome *from)
{
	outcome_release(to);
	*to = *from;
	outcome_init(from);
}

bool
outcome_is_worse(enum outcome_status a, enum outcome_status b)
{
	static const int weight[] = {
		[OUTCOME_OK] = 0, [OUTCOME_SKIP] = 1, [OUTCOME_WARN] = 2,
		[OUTCOME_UNKNOWN] = 3, [OUTCOME_FAIL] = 4
	};

	return weight[a] > weight[b];
}

static void
put_finding(struct buf *out, enum reason reason, const char *evidence)
{
	buf_puts(out, reason_text(reason));
	if (*evidence != '\0')
		buf_printf(out, " (%s)", evidence);
}

/* The worst finding stands first. */
static void
add(struct outcome *o, enum outcome_status status, enum reason reason,
    const char *evidence)
{
	struct buf text = BUF_EMPTY;

	if (o->status == OUTCOME_OK)
		buf_cut(&o->cause, 0);	/* what it covered is no longer said */
	if (outcome_is_worse(status, o->status)) {
		put_finding(&text, reason, evidence);
		if (o->cause.len > 0)
			buf_printf(&text, "; also: %s", buf_text(&o->cause));
		o->status = status;
		o->reason = reason;
		buf_release(&o->cause);
		o->cause = text;
	} else {
		if (o->cause.len > 0)
			buf_puts(&o->cause, "; also: ");
		put_finding(&o->cause, reason, evidence);
	}
}

void
outcome_reason(struct outcome *o, enum reason reason, const char *fmt, ...)
{
	char evidence[EVIDENCE_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(evidence, sizeof evidence, fmt, args);
	va_end(args);
	add(o, reason_status(reason), reason, evidence);
}

void
outcome_reason_as(struct outcome *o, enum outcome_status status,
    enum reason reason, const char *fmt, ...)
{
	char evidence[EVIDENCE_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(evidence, sizeof evidence, fmt, args);
	va_end(args);
	add(o, status, reason, evidence);
}

void
outcome_note(struct outcome *o, const char *fmt, ...)
{
	char text[EVIDENCE_MAX];
	va_list args;

	if (o->status != OUTCOME_OK)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	buf_set(&o->cause, text, strlen(text));
}

void
outcome_fact(struct outcome *o, const char *key, const char *value)
{
	pairs_put(&o->facts, key, value);
}

void
outcome_fact_u64(struct outcome *o, const char *key, uint64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRIu64, value);
	pairs_put(&o->facts, key, text);
}
