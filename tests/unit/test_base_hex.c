/* SPDX-License-Identifier: BSD-2-Clause */
/* base/hex: digests as text. */
#include "base/hex.h"
#include "harness.h"

static void
test_every_byte_goes_there_and_back(void)
{
	uint8_t data[256], back[256];
	char text[513];
	size_t i;

	for (i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)i;
	ok(hex_format(data, sizeof data, text) == text, "returns the text");
	is_u64(strlen(text), 512, "two characters a byte");
	ok(strncmp(text, "000102", 6) == 0 &&
	    strcmp(text + 506, "fdfeff") == 0, "lower case, high digit first");
	ok(hex_parse(text, 512, back, sizeof back) &&
	    memcmp(back, data, sizeof data) == 0, "read back");
}

static void
test_nothing_is_a_text_too(void)
{
	uint8_t data[1] = { 9 };
	char text[1] = { 'x' };

	is_str(hex_format(data, 0, text), "", "no bytes, empty text");
	ok(hex_parse("", 0, data, 0) && data[0] == 9, "and back");
}

static void
test_parse_wants_exact_digits(void)
{
	static const char *const bad[] = { "", "0", "000", "00000", "0g00",
	    "00 0", "0x00", "-100", "00\n0" };
	uint8_t data[2];
	size_t i;

	ok(hex_parse("aBCd", 4, data, 2) && data[0] == 0xab && data[1] == 0xcd,
	    "either case");
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!hex_parse(bad[i], strlen(bad[i]), data, 2),
		    "'%s' is not two bytes", bad[i]);
	ok(!hex_parse("ab\0d", 4, data, 2), "a NUL is no digit");
}

int
main(void)
{
	test_every_byte_goes_there_and_back();
	test_nothing_is_a_text_too();
	test_parse_wants_exact_digits();
	return done();
}
