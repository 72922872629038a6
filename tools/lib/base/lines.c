/* SPDX-License-Identifier: BSD-2-Clause */
/* Text broken into lines; see lines.h. */
#include "base/lines.h"

#include <string.h>

size_t
lines_width(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

void
lines_word(struct lines *l, const char *word)
{
	size_t wide = lines_width(word);

	if (l->column > l->indent && l->column + 1 + wide > LINES_COLUMNS) {
		buf_printf(l->out, "\n%*s", (int)l->indent, "");
		l->column = l->indent;
	} else if (l->column > l->indent) {
		buf_byte(l->out, ' ');
		l->column++;
	}
	buf_puts(l->out, word);
	l->column += wide;
}

void
lines_words(struct lines *l, const char *text)
{
	struct buf word = BUF_EMPTY;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		buf_set(&word, text, len);
		lines_word(l, buf_text(&word));
		text += len;
		text += strspn(text, " ");
	}
	buf_release(&word);
}

void
lines_pad(struct lines *l, size_t column)
{
	if (l->column >= column)
		buf_printf(l->out, "\n%*s", (int)column, "");
	else
		buf_printf(l->out, "%*s", (int)(column - l->column), "");
	l->column = column;
	l->indent = column;
}
