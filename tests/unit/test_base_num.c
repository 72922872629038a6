/* SPDX-License-Identifier: BSD-2-Clause */
/* base/num and base/bytes: arithmetic and parsing at their edges. */
#include "base/bytes.h"
#include "base/num.h"
#include "harness.h"

static void
test_add_and_mul_refuse_overflow(void)
{
	uint64_t v = 7;

	ok(num_add(UINT64_MAX - 1, 1, &v) && v == UINT64_MAX, "add to the top");
	v = 7;
	ok(!num_add(UINT64_MAX, 1, &v) && v == 7,
	    "add over the top stores nothing");
	ok(num_mul(UINT64_MAX / 3, 3, &v) && v == UINT64_MAX, "mul to the top");
	v = 7;
	ok(!num_mul(UINT64_MAX / 3 + 1, 3, &v) && v == 7,
	    "mul over the top stores nothing");
	ok(num_mul(UINT64_MAX, 0, &v) && v == 0, "mul by zero");
}

static void
test_parse(void)
{
	static const struct {
		const char *text;
		unsigned base;
		uint64_t max;
		bool held;
		uint64_t value;
	} cases[] = {
		{ "0", 10, UINT64_MAX, true, 0 },
		{ "18446744073709551614", 10, UINT64_MAX, true,
		    UINT64_MAX - 1 },
		{ "18446744073709551615", 10, UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", 10, UINT64_MAX, false, 0 },
		{ "99999999999999999999999", 10, UINT64_MAX, false, 0 },
		{ "99", 10, 100, true, 99 },
		{ "100", 10, 100, true, 100 },
		{ "101", 10, 100, false, 0 },
		{ "007", 10, 100, true, 7 },
		{ "7777", 8, 07777, true, 07777 },
		{ "10000", 8, 07777, false, 0 },
		{ "8", 8, 100, false, 0 },
		{ "fFfFfFfFfFfFfFfF", 16, UINT64_MAX, true, UINT64_MAX },
		{ "10000000000000000", 16, UINT64_MAX, false, 0 },
		{ "g", 16, 100, false, 0 },
		{ "a", 10, 100, false, 0 },
		{ "", 10, 100, false, 0 },
		{ "-1", 10, 100, false, 0 },
		{ "+1", 10, 100, false, 0 },
		{ " 1", 10, 100, false, 0 },
		{ "1 ", 10, 100, false, 0 },
		{ "0x1", 16, 100, false, 0 },
		{ "1.", 10, 100, false, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *text = cases[i].text;
		uint64_t v = 4711;
		bool held = num_parse(text, strlen(text), cases[i].base,
		    cases[i].max, &v);

		ok(held == cases[i].held &&
		    v == (held ? cases[i].value : 4711),
		    "'%s' in base %u, at most %" PRIu64 ", is %s", text,
		    cases[i].base, cases[i].max,
		    cases[i].held ? "a number" : "refused");
	}
}

static void
test_parse_reads_no_further_than_len(void)
{
	uint64_t v = 0;

	ok(num_parse("123", 2, 10, 100, &v) && v == 12, "two of three digits");
	ok(!num_parse("1\0002", 3, 10, 1000, &v), "a NUL is no digit");
}

static void
test_parse_bytes(void)
{
	static const struct {
		const char *text;
		bool held;
		uint64_t value;
	} cases[] = {
		{ "0", true, 0 },
		{ "123", true, 123 },
		{ "123B", true, 123 },
		{ "64K", true, 65536 },
		{ "64k", true, 65536 },
		{ "64KiB", true, 65536 },
		{ "64KB", true, 65536 },
		{ "4000M", true, 4194304000 },
		{ "3G", true, 3221225472 },
		{ "1T", true, 1099511627776 },
		{ "16777215T", true, 18446742974197923840U },
		{ "16777216T", false, 0 },
		{ "", false, 0 },
		{ "K", false, 0 },
		{ "1X", false, 0 },
		{ "1KX", false, 0 },
		{ "1KiBB", false, 0 },
		{ "1 K", false, 0 },
		{ "1.5G", false, 0 },
		{ "-1", false, 0 },
		{ "1iB", false, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint64_t v = 4711;
		bool held = num_parse_bytes(cases[i].text, &v);

		ok(held == cases[i].held &&
		    v == (held ? cases[i].value : 4711), "'%s' is %s",
		    cases[i].text, cases[i].held ? "a size" : "refused");
	}
}

static void
test_format_bytes(void)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },
		{ 999, "999 B" },
		{ 1000, "1.0 kB" },
		{ 1500, "1.5 kB" },
		{ 99949, "99.9 kB" },
		{ 99950, "100 kB" },
		{ 999499, "999 kB" },
		{ 999500, "1.0 MB" },
		{ 1500000000, "1.5 GB" },
		{ UINT64_MAX, "18.4 EB" },
	};
	char text[NUM_BYTES_TEXT];
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is_str(num_format_bytes(cases[i].bytes, text), cases[i].text,
		    "%" PRIu64 " bytes", cases[i].bytes);
}

static void
test_format_count(void)
{
	char text[NUM_COUNT_TEXT];

	is_str(num_format_count(0, text), "0", "none");
	is_str(num_format_count(999, text), "999", "no comma");
	is_str(num_format_count(1000, text), "1,000", "one comma");
	is_str(num_format_count(1234567, text), "1,234,567", "two");
	is_str(num_format_count(UINT64_MAX, text),
	    "18,446,744,073,709,551,615", "the longest fits");
}

static void
test_bytes_are_little_endian(void)
{
	static const uint8_t wire[8] = { 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45,
	    0x23, 0x81 };
	uint8_t out[8];

	is_u64(get_le16(wire), 0xcdef, "16 bits");
	is_u64(get_le32(wire), 0x89abcdef, "32 bits");
	is_u64(get_le64(wire), 0x8123456789abcdef, "64 bits");
	put_le64(out, 0x8123456789abcdef);
	ok(memcmp(out, wire, 8) == 0, "and back");
	memset(out, 0xff, sizeof out);
	put_le16(out, 0x0102);
	ok(out[0] == 2 && out[1] == 1 && out[2] == 0xff, "two bytes, no more");
}

int
main(void)
{
	test_add_and_mul_refuse_overflow();
	test_parse();
	test_parse_reads_no_further_than_len();
	test_parse_bytes();
	test_format_bytes();
	test_format_count();
	test_bytes_are_little_endian();
	return done();
}
