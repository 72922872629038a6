/* SPDX-License-Identifier: BSD-2-Clause */
#include "compose/duration.h"

#include <stddef.h>
#include <string.h>

#include "base/num.h"

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	/* Those with two letters before those they start with. */
	{ "ms", 1000000 },
	{ "us", 1000 },
	{ "\xc2\xb5s", 1000 },
	{ "\xce\xbcs", 1000 },
	{ "ns", 1 },
	{ "w", UINT64_C(604800000000000) },
	{ "d", UINT64_C(86400000000000) },
	{ "h", UINT64_C(3600000000000) },
	{ "m", UINT64_C(60000000000) },
	{ "s", 1000000000 },
};

static const struct unit *
unit_at(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strncmp(text, units[i].name, strlen(units[i].name)) == 0)
			return &units[i];
	return NULL;
}

/* The part of a unit behind the point; digits too small to count are cut. */
static uint64_t
fraction(const char *digits, size_t len, uint64_t unit)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < len && unit >= 10; i++) {
		unit /= 10;
		sum += (uint64_t)(digits[i] - '0') * unit;
	}
	return sum;
}

bool
duration_parse(const char *text, uint64_t *ns)
{
	const struct unit *unit;
	uint64_t value;
	size_t whole;
	size_t part;

	*ns = 0;
	if (strcmp(text, "0") == 0)
		return true;
	if (*text == '\0')
		return false;
	while (*text != '\0') {
		whole = strspn(text, "0123456789");
		part = text[whole] == '.' ?
		    strspn(text + whole + 1, "0123456789") : 0;
		if (whole + part == 0)
			return false;
		unit = unit_at(text + whole + (text[whole] == '.') + part);
		value = 0;
		if (unit == NULL || (whole > 0 &&
		    !num_parse(text, whole, 10, INT64_MAX, &value)) ||
		    !num_mul(value, unit->ns, &value) ||
		    !num_add(value, fraction(text + whole + 1, part,
		    unit->ns), &value) ||
		    !num_add(*ns, value, ns) || *ns > INT64_MAX)
			return false;
		text += whole + (text[whole] == '.') + part +
		    strlen(unit->name);
	}
	return true;
}
