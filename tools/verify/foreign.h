/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is no medium of ours: somebody else's list of checksums, or a folder
 * with some; from the options of a run to its report.
 */
#ifndef VERIFY_FOREIGN_H
#define VERIFY_FOREIGN_H

#include "work.h"

struct err;
struct report;

/*
 * ERR_NOT_FOUND when path is neither.  Damage is told through r and is no
 * reason for -1.
 */
int foreign_verify(struct report *r, const struct work_options *o,
    const char *path, struct err *err);

/*
 * What was asked for, and has no meaning where there is no medium: said, with
 * a status of its own.  what: "lists are".  -1: it cannot be meant.
 */
int foreign_options(struct report *r, const struct work_options *o,
    const char *what, struct err *err);

#endif
