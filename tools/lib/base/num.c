/* SPDX-License-Identifier: BSD-2-Clause */
/* Checked numbers; see num.h. */
#include "base/num.h"

#include <stdio.h>
#include <string.h>

bool
num_add(uint64_t a, uint64_t b, uint64_t *sum)
{
	uint64_t r;

	if (__builtin_add_overflow(a, b, &r))
		return false;
	*sum = r;
	return true;
}

bool
num_mul(uint64_t a, uint64_t b, uint64_t *product)
{
	uint64_t r;

	if (__builtin_mul_overflow(a, b, &r))
		return false;
	*product = r;
	return true;
}

static unsigned
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 99;
}

bool
num_parse(const char *text, size_t len, unsigned base, uint64_t max,
    uint64_t *value)
{
	uint64_t v = 0;
	size_t i;

	if (len == 0)
		return false;
	for (i = 0; i < len; i++) {
		unsigned d = digit_value(text[i]);

		if (d >= base || !num_mul(v, base, &v) || !num_add(v, d, &v))
			return false;
	}
	if (v > max)
		return false;
	*value = v;
	return true;
}

bool
num_parse_bytes(const char *text, uint64_t *bytes)
{
	static const char letters[] = "KMGT";
	size_t digits = strspn(text, "0123456789");
	const char *rest = text + digits;
	const char *letter;
	uint64_t v;

	if (!num_parse(text, digits, 10, UINT64_MAX, &v))
		return false;
	if (*rest != '\0' && *rest != 'B') {
		letter = strchr(letters, *rest == 'k' ? 'K' : *rest);
		if (letter == NULL ||
		    !num_mul(v, 1ULL << (10 * (letter - letters + 1)), &v))
			return false;
		rest++;
		if (*rest == 'i')
			rest++;
	}
	if (strcmp(rest, "") != 0 && strcmp(rest, "B") != 0)
		return false;
	*bytes = v;
	return true;
}

const char *
num_format_bytes(uint64_t bytes, char text[NUM_BYTES_TEXT])
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB",
	    "EB" };
	double v = (double)bytes;
	size_t unit = 0;

	/* 999.5 and more would print as "1000". */
	while (v >= 999.5 && unit < sizeof units / sizeof units[0] - 1) {
		v /= 1000;
		unit++;
	}
	(void)snprintf(text, NUM_BYTES_TEXT, "%.*f %s",
	    unit > 0 && v < 99.95 ? 1 : 0, v, units[unit]);
	return text;
}

const char *
num_format_count(uint64_t count, char text[NUM_COUNT_TEXT])
{
	char digits[NUM_COUNT_TEXT];
	size_t len, i, out = 0;

	(void)snprintf(digits, sizeof digits, "%llu",
	    (unsigned long long)count);
	len = strlen(digits);
	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			text[out++] = ',';
		text[out++] = digits[i];
	}
	text[out] = '\0';
	return text;
}
