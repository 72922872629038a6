/* SPDX-License-Identifier: BSD-2-Clause */
/* Moments as text, always UTC; the caller brings the clock. */
#ifndef BASE_UTC_H
#define BASE_UTC_H

#include <stdbool.h>
#include <stdint.h>

#define UTC_COMPACT_LEN 16	/* 20261121T034500Z */
#define UTC_TEXT_MAX 40

/* "20261121T034500Z", for file names.  seconds: since 1970, year 0 to 9999. */
const char *utc_compact(int64_t seconds, char text[UTC_TEXT_MAX]);

/* "2026-11-21T03:45:00Z" (RFC 3339). */
const char *utc_rfc3339(int64_t seconds, char text[UTC_TEXT_MAX]);

/* Reads either form; false for anything else. */
bool utc_parse(const char *text, int64_t *seconds);

/* "12 s", "4 min 10 s", "3 h 05 min": how long something took. */
const char *utc_duration(uint64_t seconds, char text[UTC_TEXT_MAX]);

/*
 * "45s", "30m", "2h", "90d", "1w" and several in a row ("1h30m"), as seconds;
 * false for anything else, a bare number and what does not fit included.
 */
bool utc_parse_span(const char *text, uint64_t *seconds);

#endif
