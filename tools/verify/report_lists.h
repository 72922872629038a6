/* SPDX-License-Identifier: BSD-2-Clause */
/* What verify says of somebody else's lists; see report.h. */
#ifndef VERIFY_REPORT_LISTS_H
#define VERIFY_REPORT_LISTS_H

#include "lists.h"
#include "report.h"

/* The callbacks of lists.h; ctx is the report. */
void report_list(void *ctx, const char *list);
void report_listed(void *ctx, const char *list, const char *file,
    enum list_verdict verdict, const char *why, uint64_t bytes);

/* path: as it was named. */
void report_lists(struct report *r, const char *path, const struct lists *l);


/* The tools that a medium carries; folder: by its name on the medium. */
void report_tools(struct report *r, const char *folder, uint64_t files,
    uint64_t good);

#endif
