/* SPDX-License-Identifier: BSD-2-Clause */
/* What verify says of mending. */
#ifndef VERIFY_REPORT_MEND_H
#define VERIFY_REPORT_MEND_H

#include "mend.h"
#include "report.h"

/* The callback of mend.h; ctx is the report. */
void report_mend_event(void *ctx, const struct medium_name *snapshot,
    const struct mend_event *event);
/* What it came to, for one snapshot. */
void report_mend(struct report *r, const struct medium_name *snapshot,
    const struct mend_result *result);

#endif
