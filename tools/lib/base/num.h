/* SPDX-License-Identifier: BSD-2-Clause */
/* Arithmetic and parsing on numbers that come from input. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* *sum = a + b, *product = a * b; false, and nothing stored, on overflow. */
bool num_add(uint64_t a, uint64_t b, uint64_t *sum);
bool num_mul(uint64_t a, uint64_t b, uint64_t *product);

/*
 * Parse all len bytes of text as digits of base 8, 10 or 16 (lower or upper
 * case), no sign, no space, at least one digit, value <= max.
 */
bool num_parse(const char *text, size_t len, unsigned base, uint64_t max,
    uint64_t *value);

/*
 * Parse "123", "64K", "4000M", "3G", "1T" (powers of 1024; an "iB" or "B" may
 * follow the letter) as bytes.
 */
bool num_parse_bytes(const char *text, uint64_t *bytes);

/* "1.5 GB" style, powers of 1000, at most 15 characters with the NUL. */
#define NUM_BYTES_TEXT 16
const char *num_format_bytes(uint64_t bytes, char text[NUM_BYTES_TEXT]);

/* 1234567 as "1,234,567". */
#define NUM_COUNT_TEXT 32
const char *num_format_count(uint64_t count, char text[NUM_COUNT_TEXT]);

#endif
