/* SPDX-License-Identifier: BSD-2-Clause */
/* base/lines: breaks between words, by characters and not by bytes. */
#include "base/lines.h"
#include "harness.h"

static void
test_lines_break_at_the_last_column(void)
{
	struct buf out = BUF_EMPTY;
	struct lines l = { &out, 4, 0 };
	int i;

	lines_pad(&l, 4);
	for (i = 0; i < 15; i++)
		lines_word(&l, "abcd");
	is_u64(out.len, 4 + 15 * 5 - 1, "fifteen words fit");
	lines_word(&l, "x");
	is_u64(l.column, 80, "to the very last column");
	ok(strchr(buf_text(&out), '\n') == NULL, "on one line");
	lines_word(&l, "y");
	is_str(buf_text(&out) + 80, "\n    y", "what does not, goes below");
	buf_release(&out);
}

static void
test_lines_of_long_words(void)
{
	static const char word[] = "0123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789";
	struct buf out = BUF_EMPTY;
	struct lines l = { &out, 2, 2 };

	lines_words(&l, "a   b");
	is_str(buf_text(&out), "a b", "blanks are one space");
	lines_word(&l, word);
	ok(strstr(buf_text(&out), "\n  0123") != NULL, "a long word, alone");
	buf_cut(&out, 0);
	l.column = 5;
	lines_pad(&l, 3);
	is_str(buf_text(&out), "\n   ", "a column that is past, below");
	is_u64(lines_width("\303\244b"), 2, "a character is one column");
	buf_release(&out);
}

int
main(void)
{
	test_lines_break_at_the_last_column();
	test_lines_of_long_words();
	return done();
}
