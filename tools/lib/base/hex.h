/* SPDX-License-Identifier: BSD-2-Clause */
/* Digests as text: lower-case hexadecimal, two characters a byte. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes 2 * len characters and a NUL to text; returns text. */
char *hex_format(const uint8_t *data, size_t len, char *text);

/* Reads exactly 2 * len characters, either case; false for anything else. */
bool hex_parse(const char *text, size_t text_len, uint8_t *data, size_t len);

#endif
