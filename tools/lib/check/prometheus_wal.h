/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of check_prometheus that is about wal/ and chunks_head/. */
#ifndef CHECK_PROMETHEUS_WAL_H
#define CHECK_PROMETHEUS_WAL_H

#include "check/content.h"

/* -1: ERR_INTERRUPTED. */
int prometheus_wal_judge(const struct content *c, const char *root,
    struct judgement *j, struct err *err);

#endif
