/* SPDX-License-Identifier: BSD-2-Clause */
/* Moments as text; see utc.h. */
#include "base/utc.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/num.h"

static bool
split(int64_t seconds, struct tm *tm)
{
	time_t t = (time_t)seconds;

	return gmtime_r(&t, tm) != NULL && tm->tm_year >= -1900 &&
	    tm->tm_year <= 9999 - 1900;
}

/* Not strftime: glibc's %Y does not fill years before 1000 up to 4 digits. */
static const char *
format(int64_t seconds, const char *dash, const char *colon,
    char text[UTC_TEXT_MAX])
{
	struct tm tm;

	if (!split(seconds, &tm)) {
		memset(&tm, 0, sizeof tm);
		tm.tm_year = -1900;
		tm.tm_mon = -1;
	}
	(void)snprintf(text, UTC_TEXT_MAX, "%04d%s%02d%s%02dT%02d%s%02d%s%02dZ",
	    tm.tm_year + 1900, dash, tm.tm_mon + 1, dash, tm.tm_mday,
	    tm.tm_hour, colon, tm.tm_min, colon, tm.tm_sec);
	return text;
}

const char *
utc_compact(int64_t seconds, char text[UTC_TEXT_MAX])
{
	return format(seconds, "", "", text);
}

const char *
utc_rfc3339(int64_t seconds, char text[UTC_TEXT_MAX])
{
	return format(seconds, "-", ":", text);
}

bool
utc_parse(const char *text, int64_t *seconds)
{
	char again[UTC_TEXT_MAX];
	bool is_compact = strlen(text) == UTC_COMPACT_LEN;
	struct tm tm;
	const char *end;
	time_t t;

	memset(&tm, 0, sizeof tm);
	end = strptime(text,
	    is_compact ? "%Y%m%dT%H%M%SZ" : "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (end == NULL || *end != '\0')
		return false;
	t = timegm(&tm);
	/* Formatting again rejects the 30th of February and loose forms. */
	if (is_compact)
		(void)utc_compact(t, again);
	else
		(void)utc_rfc3339(t, again);
	if (strcmp(again, text) != 0)
		return false;
	*seconds = t;
	return true;
}

const char *
utc_duration(uint64_t seconds, char text[UTC_TEXT_MAX])
{
	unsigned long long s = seconds;

	if (s < 60)
		(void)snprintf(text, UTC_TEXT_MAX, "%llu s", s);
	else if (s < 3600)
		(void)snprintf(text, UTC_TEXT_MAX, "%llu min %02llu s",
		    s / 60, s % 60);
	else
		(void)snprintf(text, UTC_TEXT_MAX, "%llu h %02llu min",
		    s / 3600, s / 60 % 60);
	return text;
}

bool
utc_parse_span(const char *text, uint64_t *seconds)
{
	static const struct { char letter; uint64_t seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
		{ 'w', 604800 }
	};
	uint64_t sum = 0, value;
	size_t digits, i;

	do {
		digits = strspn(text, "0123456789");
		if (!num_parse(text, digits, 10, UINT64_MAX, &value))
			return false;
		text += digits;
		for (i = 0; i < sizeof units / sizeof units[0]; i++)
			if (units[i].letter == *text)
				break;
		if (i == sizeof units / sizeof units[0] ||
		    !num_mul(value, units[i].seconds, &value) ||
		    !num_add(sum, value, &sum))
			return false;
		text++;
	} while (*text != '\0');
	*seconds = sum;
	return true;
}
