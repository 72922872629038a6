/* SPDX-License-Identifier: BSD-2-Clause */
/* base/escape: hostile bytes made harmless, in three dialects. */
#include <stdlib.h>

#include "base/escape.h"
#include "harness.h"

/* Valid UTF-8 that stays as it is, and its neighbours that are not valid. */
static const struct {
	const char *bytes;
	const char *text;
	const char *what;
} texts[] = {
	{ "plain text~", "plain text~", "printable ASCII" },
	{ "\t\n\r\x1f", "\\011\\012\\015\\037", "C0 controls" },
	{ "\x1b[31mred", "\\033[31mred", "a terminal sequence" },
	{ "\x7f", "\\177", "DEL" },
	{ "a\\b", "a\\134b", "the backslash" },
	{ "\"'", "\"'", "quotes" },
	{ "\xc3\xa9", "\xc3\xa9", "a composed letter" },
	{ "e\xcc\x81", "e\xcc\x81", "a decomposed letter" },
	{ "\xc2\x80", "\\302\\200", "the first of C1" },
	{ "\xc2\x9b" "31m", "\\302\\23331m", "CSI as one character" },
	{ "\xc2\x9f", "\\302\\237", "the last of C1" },
	{ "\xc2\xa0", "\xc2\xa0", "what comes after C1" },
	{ "\xe2\x80\x8b", "\\342\\200\\213", "zero width space" },
	{ "\xe2\x80\x8f", "\\342\\200\\217", "right-to-left mark" },
	{ "\xe2\x80\x90", "\xe2\x80\x90", "hyphen, just after" },
	{ "\xe2\x80\xa8", "\\342\\200\\250", "line separator" },
	{ "\xe2\x80\xae", "\\342\\200\\256", "right-to-left override" },
	{ "\xe2\x81\xa6", "\\342\\201\\246", "isolate" },
	{ "\xef\xbb\xbf", "\\357\\273\\277", "byte order mark" },
	{ "\xf0\x9f\x92\xbe", "\xf0\x9f\x92\xbe", "four bytes" },
	{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", "the last code point" },
	{ "\xf4\x90\x80\x80", "\\364\\220\\200\\200", "one past it" },
	{ "\xed\x9f\xbf", "\xed\x9f\xbf", "before the surrogates" },
	{ "\xed\xa0\x80", "\\355\\240\\200", "a surrogate" },
	{ "\xee\x80\x80", "\xee\x80\x80", "after the surrogates" },
	{ "\xc0\xaf", "\\300\\257", "an overlong slash" },
	{ "\xc1\xbf", "\\301\\277", "the longest overlong of two bytes" },
	{ "\xe0\x9f\xbf", "\\340\\237\\277", "overlong in three" },
	{ "\xe0\xa0\x80", "\xe0\xa0\x80", "the least of three" },
	{ "\xf0\x8f\xbf\xbf", "\\360\\217\\277\\277", "overlong in four" },
	{ "\xf0\x90\x80\x80", "\xf0\x90\x80\x80", "the least of four" },
	{ "\x80", "\\200", "a lone continuation" },
	{ "\xf8\x88\x80\x80\x80", "\\370\\210\\200\\200\\200", "five bytes" },
	{ "\xff\xfe", "\\377\\376", "bytes UTF-8 never has" },
	{ "\xc3", "\\303", "cut after one of two" },
	{ "\xe2\x82", "\\342\\202", "cut after two of three" },
	{ "\xc3(", "\\303(", "a broken one, and what follows stays" },
};

static void
test_text(void)
{
	struct buf out = BUF_EMPTY;
	size_t i;

	for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		buf_cut(&out, 0);
		escape_text(&out, texts[i].bytes, strlen(texts[i].bytes));
		is_str(buf_text(&out), texts[i].text, "text: %s",
		    texts[i].what);
	}
	buf_cut(&out, 0);
	escape_text(&out, "a\0b", 3);
	is_str(buf_text(&out), "a\\000b", "text: NUL");
	buf_cut(&out, 0);
	escape_text(&out, "", 0);
	is_u64(out.len, 0, "text: nothing");
	buf_release(&out);
}

/* Two texts may look alike only if their bytes are. */
static void
test_text_has_no_twins(void)
{
	struct buf a = BUF_EMPTY, b = BUF_EMPTY;

	escape_text(&a, "\x1b", 1);
	escape_text(&b, "\\033", 4);
	ok(strcmp(buf_text(&a), buf_text(&b)) != 0,
	    "a control byte and its escape spelled out differ");
	buf_release(&a);
	buf_release(&b);
}

static void
test_json(void)
{
	struct buf out = BUF_EMPTY;

	escape_json(&out, "a\"b\\c\n\xff\xc3\xa9\x1b", 10);
	is_str(buf_text(&out), "a\\\"b\\\\134c\\\\012\\\\377\xc3\xa9\\\\033",
	    "json: the escapes of text, with the backslash doubled");
	buf_release(&out);
}

static void
test_name_is_cut_with_dots(void)
{
	char name[ESCAPE_NAME_MAX + 2], out[ESCAPE_NAME_MAX];
	size_t len;

	is_str(escape_name("a\tb", out), "a\\011b", "name: short");
	for (len = ESCAPE_NAME_MAX - 2; len <= ESCAPE_NAME_MAX; len++) {
		memset(name, 'n', len);
		name[len] = '\0';
		(void)escape_name(name, out);
		if (len < ESCAPE_NAME_MAX)
			is_str(out, name, "name: %zu bytes fit", len);
		else
			ok(strlen(out) == ESCAPE_NAME_MAX - 1 &&
			    strcmp(out + ESCAPE_NAME_MAX - 4, "...") == 0,
			    "name: %zu bytes are cut, and it shows", len);
	}
}

static void
test_mtree_every_byte(void)
{
	struct buf out = BUF_EMPTY, back = BUF_EMPTY;
	unsigned plain = 0, wrong = 0, c;

	for (c = 1; c < 256; c++) {
		char byte = (char)c;

		buf_cut(&out, 0);
		buf_cut(&back, 0);
		escape_mtree(&out, &byte, 1);
		if (out.len == 1)
			plain++;
		if (!escape_mtree_decode(&back, out.data, out.len) ||
		    back.len != 1 || back.data[0] != byte)
			wrong++;
	}
	is_u64(wrong, 0, "mtree: each byte there and back");
	is_u64(plain, 94 - 6, "mtree: printable but for # * ? [ \\ =");
	buf_cut(&out, 0);
	escape_mtree(&out, "a b#c=d\\e\n\xc3\xa9", 12);
	is_str(buf_text(&out), "a\\040b\\043c\\075d\\134e\\012\\303\\251",
	    "mtree: three octal digits each");
	buf_release(&out);
	buf_release(&back);
}

static void
test_mtree_decode_knows_one_form(void)
{
	static const char *const bad[] = { "\\", "\\0", "\\04", "\\8", "\\018",
	    "\\400", "\\777", "\\000", "\\141", "\\n", "\\\\", "\\s", "a b",
	    "a#b", "a=b", "a*", "?", "[", "\n", "\x7f", "\xc3\xa9", "\\0 1" };
	struct buf out = BUF_EMPTY;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!escape_mtree_decode(&out, bad[i], strlen(bad[i])),
		    "mtree: bad form %zu is refused", i);
	ok(!escape_mtree_decode(&out, "a\0b", 3), "mtree: a NUL is refused");
	buf_cut(&out, 0);
	ok(escape_mtree_decode(&out, "", 0) && out.len == 0, "mtree: nothing");
	buf_release(&out);
}

static void
test_utf8_len(void)
{
	is_u64(escape_utf8_len("", 0), 0, "utf8: nothing");
	is_u64(escape_utf8_len("a", 1), 1, "utf8: one byte");
	is_u64(escape_utf8_len("\0", 1), 1, "utf8: NUL is a character");
	is_u64(escape_utf8_len("\xc3\xa9x", 3), 2, "utf8: two bytes");
	is_u64(escape_utf8_len("\xc3\xa9x", 1), 0, "utf8: cut by len");
}

int
main(void)
{
	test_text();
	test_text_has_no_twins();
	test_json();
	test_name_is_cut_with_dots();
	test_mtree_every_byte();
	test_mtree_decode_knows_one_form();
	test_utf8_len();
	return done();
}
