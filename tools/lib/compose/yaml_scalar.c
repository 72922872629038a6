/* SPDX-License-Identifier: BSD-2-Clause */
/* What a plain scalar is, by the rules of Go's YAML. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "compose/yaml_tree.h"

static bool
is_one_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

/* The digits of an integer without its underscores; false when too long. */
static bool
without_underscores(const char *plain, char out[YAML_NUMBER_TEXT])
{
	size_t len = 0;

	for (; *plain != '\0'; plain++) {
		if (*plain == '_')
			continue;
		if (len + 1 >= YAML_NUMBER_TEXT)
			return false;
		out[len++] = *plain;
	}
	out[len] = '\0';
	return len > 0;
}

static bool
parse_binary(const char *text, uint64_t *value)
{
	if (*text == '\0' || strlen(text) > 64)
		return false;
	*value = 0;
	for (; *text != '\0'; text++) {
		if (*text != '0' && *text != '1')
			return false;
		*value = *value << 1 | (uint64_t)(*text == '1');
	}
	return true;
}

/* 12, -12, 0x1f, 0o17, 017, 0b11: all Compose prints as decimal. */
static bool
resolve_int(const char *digits, char room[YAML_NUMBER_TEXT])
{
	bool is_negative = *digits == '-';
	unsigned base = 10;
	uint64_t value;
	uint64_t max;
	bool is_number;

	if (*digits == '-' || *digits == '+')
		digits++;
	if (digits[0] == '0' && digits[1] != '\0') {
		base = digits[1] == 'x' || digits[1] == 'X' ? 16 :
		    digits[1] == 'b' || digits[1] == 'B' ? 2 : 8;
		digits += base != 8 || digits[1] == 'o' || digits[1] == 'O' ?
		    2 : 1;
	}
	max = is_negative ? (uint64_t)INT64_MAX + 1 : UINT64_MAX;
	if (base == 2)
		is_number = parse_binary(digits, &value) && value <= max;
	else
		is_number = num_parse(digits, strlen(digits), base, max,
		    &value);
	if (is_number)
		(void)snprintf(room, YAML_NUMBER_TEXT, "%s%llu",
		    is_negative && value != 0 ? "-" : "",
		    (unsigned long long)value);
	return is_number;
}

/* [-+]? (.digits | digits[.digits*]) ([eE][-+]?digits)? */
static bool
looks_like_float(const char *text)
{
	size_t whole;
	size_t part = 0;

	if (*text == '-' || *text == '+')
		text++;
	whole = strspn(text, "0123456789");
	text += whole;
	if (*text == '.') {
		part = strspn(text + 1, "0123456789");
		text += 1 + part;
	}
	if (whole == 0 && part == 0)
		return false;
	if (*text == 'e' || *text == 'E') {
		text++;
		if (*text == '-' || *text == '+')
			text++;
		if (*text < '0' || *text > '9')
			return false;
		text += strspn(text, "0123456789");
	}
	return *text == '\0';
}

/* Go's %v: the fewest digits that give the same number back. */
static void
print_float(double value, char room[YAML_NUMBER_TEXT])
{
	char digits[40];
	int precision;
	int exponent;

	for (precision = 0; precision < 17; precision++) {
		(void)snprintf(digits, sizeof(digits), "%.*e", precision,
		    value);
		if (strtod(digits, NULL) == value)
			break;
	}
	exponent = (int)strtol(strchr(digits, 'e') + 1, NULL, 10);
	if (exponent < -4 || exponent >= 6) {
		(void)snprintf(room, YAML_NUMBER_TEXT, "%s", digits);
		return;
	}
	precision -= exponent;
	(void)snprintf(room, YAML_NUMBER_TEXT, "%.*f",
	    precision > 0 ? precision : 0, value);
}

static bool
resolve_float(const char *plain, char room[YAML_NUMBER_TEXT])
{
	static const char *const infinite[] = { ".inf", ".Inf", ".INF", "+.inf",
	    "+.Inf", "+.INF", NULL };
	static const char *const negative[] = { "-.inf", "-.Inf", "-.INF",
	    NULL };
	static const char *const none[] = { ".nan", ".NaN", ".NAN", NULL };
	double value;

	if (is_one_of(plain, infinite))
		(void)snprintf(room, YAML_NUMBER_TEXT, "+Inf");
	else if (is_one_of(plain, negative))
		(void)snprintf(room, YAML_NUMBER_TEXT, "-Inf");
	else if (is_one_of(plain, none))
		(void)snprintf(room, YAML_NUMBER_TEXT, "NaN");
	else if (looks_like_float(plain)) {
		value = strtod(plain, NULL);
		if (isinf(value))
			return false;
		print_float(value, room);
	} else {
		return false;
	}
	return true;
}

enum yaml_kind
yaml_resolve(const char *plain, char room[YAML_NUMBER_TEXT],
    const char **text)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL",
	    NULL };
	static const char *const yes[] = { "true", "True", "TRUE", NULL };
	static const char *const no[] = { "false", "False", "FALSE", NULL };
	char digits[YAML_NUMBER_TEXT];

	*text = plain;
	if (is_one_of(plain, nulls)) {
		*text = "";
		return YAML_NULL;
	}
	if (is_one_of(plain, yes)) {
		*text = "true";
		return YAML_BOOL;
	}
	if (is_one_of(plain, no)) {
		*text = "false";
		return YAML_BOOL;
	}
	if (strchr("+-.0123456789", *plain) == NULL)
		return YAML_TEXT;
	if (!without_underscores(plain, digits))
		return YAML_TEXT;
	if (resolve_int(digits, room)) {
		*text = room;
		return YAML_INT;
	}
	if (resolve_float(digits, room)) {
		*text = room;
		return YAML_FLOAT;
	}
	return YAML_TEXT;
}
