/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests of probe's parts: a check made by hand, and the point that says
 * which reason it gave.  tests/lint/reasons.sh looks for is_code().
 */
#ifndef DRYDOCK_TESTS_PROBE_KIT_H
#define DRYDOCK_TESTS_PROBE_KIT_H

#include "harness.h"

#include "../../tools/probe/check.h"
#include "../../tools/probe/outcome.h"

static inline bool
is_code(const struct outcome *o, enum reason want, const char *name)
{
	bool same = harness_is_str(reason_code(o->reason), reason_code(want),
	    __FILE__, __LINE__, "%s", name);

	if (!same)
		printf("# cause: %s\n", buf_text(&o->cause));
	return same;
}

#endif
