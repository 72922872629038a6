/* SPDX-License-Identifier: BSD-2-Clause */
/* Durations as Compose writes them: "1m30s", "1.5h", "500ms", "2d". */
#ifndef COMPOSE_DURATION_H
#define COMPOSE_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Units w, d, h, m, s, ms, us (or with a micro sign) and ns, each with a
 * decimal number before it; "0" alone is zero.  False for anything else and
 * for more than INT64_MAX nanoseconds; *ns is then unspecified.
 */
bool duration_parse(const char *text, uint64_t *ns);

#endif
