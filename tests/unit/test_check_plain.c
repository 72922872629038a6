/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of no known kind: what is suspect, and what is not. */
#include "harness.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "check/plain.h"

#define PIECE ((size_t)256 << 10)	/* in which plain.c reads */

static enum verdict
judge(const char *name, const void *data, size_t len, struct buf *why)
{
	struct content_facts facts = { 0 };
	struct content c = { NULL, &facts };
	struct entry entry = ENTRY_EMPTY;
	struct memory_source file;
	struct judgement j;
	enum verdict verdict;
	struct err err;

	entry.size = len;
	buf_set(&entry.path, name, strlen(name));
	judgement_init(&j, check_plain.name, name);
	ok(check_plain.check(&c, &entry, memory_source_init(&file, data, len),
	    &j, &err) == 0, "%s: looked at", name);
	verdict = j.verdict;
	buf_set(why, "", 0);
	if (j.finding_count > 0)
		buf_puts(why, j.findings[0].text);
	judgement_release(&j);
	entry_release(&entry);
	return verdict;
}

static void
expect(const char *name, const void *data, size_t len, const char *why)
{
	struct buf text = BUF_EMPTY;
	enum verdict verdict = judge(name, data, len, &text);

	if (why == NULL)
		ok(verdict == VERDICT_CLEAN, "%s: nothing to say: %s", name,
		    buf_text(&text));
	else
		ok(verdict == VERDICT_SUSPECT &&
		    strstr(buf_text(&text), why) != NULL, "%s: %s", name,
		    buf_text(&text));
	buf_release(&text);
}

#define EXPECT(name, text, why) expect(name, text, sizeof(text) - 1, why)

static void
test_small_files(void)
{
	EXPECT("notes.txt", "words\n", NULL);
	EXPECT("empty.txt", "", NULL);
	EXPECT("empty.json", "", "is empty");
	EXPECT("zeros", "\0\0\0\0", "nothing but zeros");
	EXPECT("db-journal", "\0\0\0\0", NULL);
	EXPECT("text", "abc\0\0\0", "3 zero bytes in it, the first at byte 3");
	EXPECT("strings", "one\0two\0three\0", NULL);
	EXPECT("late", "\0\0\0x", NULL);
	EXPECT("binary", "\x7f" "ELF\x02\x01\0\0\0\xff\xfe", NULL);
	EXPECT("latin1", "caf\xe9 au lait", NULL);
	EXPECT("utf8", "caf\xc3\xa9\n", NULL);
	EXPECT("cut", "caf\xc3", "middle of a character");
	EXPECT("cut4", "x\xf0\x9f\x98", "middle of a character");
	EXPECT("colour.log", "\x1b[31mred\x1b[0m\r\n", NULL);
}

static void
test_blocks_of_zeros(void)
{
	char text[2000];

	memset(text, 'x', sizeof text);
	memset(text + 600, 0, 512);
	expect("block", text, sizeof text, "512 zero bytes in it");
	text[700] = 'x';
	expect("no-block", text, sizeof text, NULL);
}

static void
test_json(void)
{
	EXPECT("good.json", "{\"a\": [1, 2]}\n", NULL);
	EXPECT("lines.json", "{\"a\": 1}\n{\"a\": 2}\n", NULL);
	EXPECT("comment.json", "// why\n{\"a\": 1}\n", NULL);
	EXPECT("cut.json", "{\"a\": [1, 2", "JSON that ends in its middle");
	EXPECT("cut.jsonx", "{\"a\": [1, 2", NULL);
}

/* Characters and zeros on both sides of the pieces it is read in. */
static void
test_pieces(void)
{
	char *text = mem_alloc(2 * PIECE + 16);
	size_t at;

	for (at = PIECE - 4; at <= PIECE + 1; at++) {
		memset(text, 'x', 2 * PIECE + 16);
		memcpy(text + at, "\xf0\x9f\x98\x80", 4);
		expect("across", text, 2 * PIECE + 16, NULL);
		text[2 * PIECE + 15] = '\0';
		expect("zero", text, 2 * PIECE + 16, "1 zero bytes in it");
	}
	memset(text, 0, 2 * PIECE + 16);
	expect("zeros", text, 2 * PIECE + 16, "nothing but zeros");
	text[PIECE + 9] = '\x80';
	expect("binary", text, 2 * PIECE + 16, NULL);
	free(text);
}

int
main(void)
{
	test_small_files();
	test_blocks_of_zeros();
	test_json();
	test_pieces();
	return done();
}
