/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The toolkit that a medium carries, bin/<arch>/, held against the SHA256SUMS
 * beside it: on the day of need it may be all there is.  Nobody signs it and
 * the catalogue does not know it; a medium with nothing else was not checked.
 */
#ifndef VERIFY_TOOLS_H
#define VERIFY_TOOLS_H

#include "work.h"

struct err;
struct medium;
struct report;

/* -1 only when interrupted; all else is said through r. */
int tools_check(struct report *r, const struct work_options *o,
    const struct medium *m, struct err *err);

#endif
