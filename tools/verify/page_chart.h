/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The runs as a chart: how fast each read its medium, and how it ended.  A
 * stick that reads slower from time to time is about to go.
 */
#ifndef VERIFY_PAGE_CHART_H
#define VERIFY_PAGE_CHART_H

#include "base/buf.h"
#include "outlook.h"

#define CHART_RUNS_MAX 40

/* An SVG figure of the last CHART_RUNS_MAX runs; nothing when there is none. */
void chart_format(const struct outlook *o, struct buf *out);

/* "good", "warn" or "bad", and in words. */
const char *chart_class(const struct outlook_run *r);
const char *chart_words(const struct outlook_run *r);
/* Bytes a second. */
uint64_t chart_rate(const struct outlook_run *r);

#endif
