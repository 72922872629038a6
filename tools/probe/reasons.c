/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of reasons as data; see reasons.h. */
#include "reasons.h"

#include <assert.h>

struct row {
	const char *code;
	enum outcome_status status;
	const char *text;
};

static const struct row *
row_of(enum reason reason)
{
	static const struct row rows[] = {
#define ROW(name, code, status, text) { code, OUTCOME_##status, text },
		REASONS(ROW)
#undef ROW
	};

	assert(reason < REASON_COUNT);
	return &rows[reason];
}

const char *
reason_code(enum reason reason)
{
	return row_of(reason)->code;
}

const char *
reason_text(enum reason reason)
{
	return row_of(reason)->text;
}

enum outcome_status
reason_status(enum reason reason)
{
	return row_of(reason)->status;
}

const char *
outcome_status_name(enum outcome_status status)
{
	static const char *const names[] = {
		"ok", "warn", "fail", "unknown", "skip"
	};

	return names[status];
}
