/* SPDX-License-Identifier: BSD-2-Clause */
/* base/utc: moments as text and back. */
#include "base/utc.h"
#include "harness.h"

#define YEAR_0 (-62167219200)
#define YEAR_9999_END 253402300799

static void
test_known_moments(void)
{
	static const struct {
		int64_t seconds;
		const char *compact;
		const char *rfc;
	} cases[] = {
		{ 0, "19700101T000000Z", "1970-01-01T00:00:00Z" },
		{ -1, "19691231T235959Z", "1969-12-31T23:59:59Z" },
		{ 951782400, "20000229T000000Z", "2000-02-29T00:00:00Z" },
		{ 2147483648, "20380119T031408Z", "2038-01-19T03:14:08Z" },
		{ 4107542400, "21000301T000000Z", "2100-03-01T00:00:00Z" },
		{ YEAR_0, "00000101T000000Z", "0000-01-01T00:00:00Z" },
		{ YEAR_9999_END, "99991231T235959Z", "9999-12-31T23:59:59Z" },
	};
	char text[UTC_TEXT_MAX];
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t s = 4711;

		is_str(utc_compact(cases[i].seconds, text), cases[i].compact,
		    "%s, compact", cases[i].rfc);
		is_str(utc_rfc3339(cases[i].seconds, text), cases[i].rfc,
		    "%s", cases[i].rfc);
		ok(utc_parse(cases[i].rfc, &s) && s == cases[i].seconds,
		    "%s, read", cases[i].rfc);
		s = 4711;
		ok(utc_parse(cases[i].compact, &s) && s == cases[i].seconds,
		    "%s, read", cases[i].compact);
	}
}

static void
test_outside_the_years(void)
{
	static const int64_t outside[] = { YEAR_0 - 1, YEAR_9999_END + 1,
	    INT64_MIN, INT64_MAX };
	char text[UTC_TEXT_MAX];
	int64_t s;
	size_t i;

	for (i = 0; i < sizeof outside / sizeof outside[0]; i++) {
		is_str(utc_compact(outside[i], text), "00000000T000000Z",
		    "%" PRId64 " has no compact form", outside[i]);
		is_str(utc_rfc3339(outside[i], text), "0000-00-00T00:00:00Z",
		    "%" PRId64 " has no form", outside[i]);
	}
	ok(!utc_parse("00000000T000000Z", &s), "and that form is no moment");
}

static void
test_loose_forms_are_refused(void)
{
	static const char *const bad[] = { "", "2026", "20261121T034500",
	    "20261121T034500Zx", "20261121 034500Z", "2026-11-21 03:45:00Z",
	    "2026-11-21T03:45:00", "2026-11-21T03:45:00+00:00",
	    "2026-11-21T03:45:00z", "2026-02-30T00:00:00Z",
	    "2025-02-29T00:00:00Z", "20251301T000000Z", "20250100T000000Z",
	    "2026-11-21T24:00:00Z", "2026-11-21T03:60:00Z",
	    "2026-11-21T03:45:60Z", " 2026-11-21T03:45:00Z",
	    "2026-11-21T3:45:00Z", "-026-11-21T03:45:00Z",
	    "2026- 1-21T03:45:00Z", "+2026-11-21T03:45:00Z" };
	int64_t s = 4711;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!utc_parse(bad[i], &s) && s == 4711, "'%s' is refused",
		    bad[i]);
}

static void
test_duration(void)
{
	char text[UTC_TEXT_MAX];

	is_str(utc_duration(0, text), "0 s", "nothing");
	is_str(utc_duration(59, text), "59 s", "seconds");
	is_str(utc_duration(60, text), "1 min 00 s", "a minute");
	is_str(utc_duration(3599, text), "59 min 59 s", "minutes");
	is_str(utc_duration(3600, text), "1 h 00 min", "an hour");
	is_str(utc_duration(11159, text), "3 h 05 min", "hours");
	is_str(utc_duration(UINT64_MAX, text), "5124095576030431 h 00 min",
	    "the longest fits");
}

static void
test_spans(void)
{
	static const struct { const char *text; uint64_t seconds; } good[] = {
		{ "0s", 0 }, { "45s", 45 }, { "30m", 1800 }, { "2h", 7200 },
		{ "90d", 7776000 }, { "1w", 604800 }, { "1h30m", 5400 },
		{ "18446744073709551615s", UINT64_MAX },
		{ "307445734561825860m15s", UINT64_MAX },
	};
	static const char *const bad[] = {
		"", "5", "s", "-5s", "5 s", "5s ", "5y", "1.5h", "5S", "1h30",
		"18446744073709551616s", "307445734561825861m",
		"307445734561825860m16s",
	};
	uint64_t seconds = 4711;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!utc_parse_span(bad[i], &seconds) && seconds == 4711,
		    "'%s' is refused", bad[i]);
	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		ok(utc_parse_span(good[i].text, &seconds), "%s",
		    good[i].text);
		is_u64(seconds, good[i].seconds, "%s", good[i].text);
	}
}

int
main(void)
{
	test_known_moments();
	test_outside_the_years();
	test_loose_forms_are_refused();
	test_duration();
	test_spans();
	return done();
}
