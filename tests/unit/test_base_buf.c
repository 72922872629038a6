/* SPDX-License-Identifier: BSD-2-Clause */
/* base/buf: growing bytes, and the NUL after them. */
#include <stdlib.h>

#include "base/buf.h"
#include "harness.h"

static void
test_empty_buf_is_empty_text(void)
{
	struct buf b = BUF_EMPTY;

	is_str(buf_text(&b), "", "nothing allocated reads as an empty text");
	buf_cut(&b, 0);
	ok(b.data == NULL, "cutting an empty buf allocates nothing");
	buf_append(&b, NULL, 0);
	is_u64(b.len, 0, "appending nothing");
	is_str(buf_text(&b), "", "is still an empty text");
	buf_release(&b);
	buf_release(&b);
	ok(b.data == NULL && b.len == 0, "released twice, still empty");
}

static void
test_pieces_come_together(void)
{
	struct buf b = BUF_EMPTY;

	buf_puts(&b, "ab");
	buf_byte(&b, 'c');
	buf_append(&b, "d\0e", 3);
	buf_printf(&b, "%d-%s", 42, "x");
	is_u64(b.len, 10, "length counts the NUL inside");
	ok(memcmp(b.data, "abcd\0e42-x", 11) == 0,
	    "pieces in order and a NUL after them");
	buf_set(&b, "new", 3);
	is_str(buf_text(&b), "new", "set replaces");
	buf_cut(&b, 1);
	is_str(buf_text(&b), "n", "cut shortens");
	buf_cut(&b, 5);
	is_u64(b.len, 1, "cut never lengthens");
	buf_release(&b);
}

static void
test_every_length_ends_in_nul(void)
{
	struct buf b = BUF_EMPTY;
	size_t i, wrong = 0;

	for (i = 0; i < 5000; i++) {
		buf_byte(&b, (unsigned char)('a' + i % 26));
		if (b.len != i + 1 || b.data[b.len] != '\0')
			wrong++;
	}
	for (i = 0; i < 5000; i++)
		if (b.data[i] != (char)('a' + i % 26))
			wrong++;
	is_u64(wrong, 0, "5000 single bytes, each followed by a NUL");
	buf_release(&b);
}

static void
test_reserve_makes_room_and_adds_nothing(void)
{
	struct buf b = BUF_EMPTY;
	char *end;

	buf_puts(&b, "head");
	end = buf_reserve(&b, 100000);
	is_u64(b.len, 4, "length is unchanged");
	ok(end == b.data + 4 && *end == '\0', "points behind the content");
	memset(end, 'x', 100000);
	b.len += 100000;
	buf_byte(&b, '!');
	is_u64(b.len, 100005, "room was there");
	buf_release(&b);
}

static void
test_printf_of_any_length(void)
{
	struct buf b = BUF_EMPTY;
	char *text = malloc(70001);

	if (!ok(text != NULL, "memory for the test"))
		return;
	memset(text, 'y', 70000);
	text[70000] = '\0';
	buf_printf(&b, "%s%s", text, "");
	is_u64(b.len, 70000, "a long text");
	buf_printf(&b, "%s", "");
	is_u64(b.len, 70000, "and an empty one");
	is_str(buf_text(&b), text, "arrive whole");
	free(text);
	buf_release(&b);
}

int
main(void)
{
	test_empty_buf_is_empty_text();
	test_pieces_come_together();
	test_every_length_ends_in_nul();
	test_reserve_makes_room_and_adds_nothing();
	test_printf_of_any_length();
	return done();
}
