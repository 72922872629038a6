/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A data directory of Prometheus: blocks, the write-ahead log with its
 * checkpoint, and the chunks of the head.  There is no mark of a clean
 * shutdown: the log is replayed at every start.
 */
#ifndef CHECK_PROMETHEUS_H
#define CHECK_PROMETHEUS_H

#include "check/content.h"

extern const struct set_checker check_prometheus;

#endif
