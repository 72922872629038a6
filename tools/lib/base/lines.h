/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text for people, broken between words at the 80th column.
 *
 *	struct lines l = { out, 6, 0 };
 *	lines_pad(&l, 12);
 *	lines_words(&l, "a sentence of any length");
 *
 * A word longer than a line stands whole on one of its own.  The caller ends
 * the last line.
 */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stddef.h>

#include "base/buf.h"

#define LINES_COLUMNS 80

struct lines {
	struct buf *out;
	size_t indent;		/* of lines after a break */
	size_t column;		/* where the last line ends */
};

/* How many columns a text takes: a character each. */
size_t lines_width(const char *text);

/* A word, before it a space or, past the last column, a break. */
void lines_word(struct lines *l, const char *word);

/* All words of a text; blanks between them are one space. */
void lines_words(struct lines *l, const char *text);

/* Go to a column, on a new line when it is past; breaks lead there now. */
void lines_pad(struct lines *l, size_t column);

#endif
