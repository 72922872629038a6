/* SPDX-License-Identifier: BSD-2-Clause */
/* Hexadecimal; see hex.h. */
#include "base/hex.h"

#include "base/num.h"

char *
hex_format(const uint8_t *data, size_t len, char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
	text[2 * len] = '\0';
	return text;
}

bool
hex_parse(const char *text, size_t text_len, uint8_t *data, size_t len)
{
	uint64_t v;
	size_t i;

	if (text_len != 2 * len)
		return false;
	for (i = 0; i < len; i++) {
		if (!num_parse(text + 2 * i, 2, 16, 255, &v))
			return false;
		data[i] = (uint8_t)v;
	}
	return true;
}
