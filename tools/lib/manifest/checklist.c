/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of checksums, line by line; see checklist.h. */
#include "manifest/checklist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hex.h"
#include "base/mem.h"
#include "io/stream.h"

#define BUFFER 32768
#define WORD_SHOWN 20		/* of an algorithm's name, in a fault */

enum style {
	STYLE_OPEN,		/* no line has told yet */
	STYLE_GNU,		/* two characters before the name */
	STYLE_REVERSED		/* one */
};

struct checklist {
	struct reader *reader;
	bool is_side;
	enum style style;
	uint64_t number;
	size_t at;		/* in buffer */
	size_t have;
	size_t len;		/* of line, without its end */
	char buffer[BUFFER];
	char line[CHECKLIST_LINE_MAX + 1];
};

struct checklist *
checklist_new(struct reader *reader, bool is_side)
{
	struct checklist *list = mem_zero(1, sizeof *list);

	list->reader = reader;
	list->is_side = is_side;
	return list;
}

void
checklist_free(struct checklist *list)
{
	free(list);
}

/*
 * The next line into list->line.  1: there is one; 0: the end.  *is_cut: it
 * is longer than it may be, and the rest of it was skipped.
 */
static int
take_line(struct checklist *list, bool *is_cut, struct err *err)
{
	bool is_begun = false;

	list->len = 0;
	*is_cut = false;
	for (;;) {
		const char *from = list->buffer + list->at;
		size_t left = list->have - list->at;
		const char *end = memchr(from, '\n', left);
		size_t n = end == NULL ? left : (size_t)(end - from);
		size_t room = CHECKLIST_LINE_MAX - list->len;

		if (n > room)
			*is_cut = true;
		memcpy(list->line + list->len, from, n < room ? n : room);
		list->len += n < room ? n : room;
		list->at += n + (end == NULL ? 0 : 1);
		is_begun = is_begun || left > 0;
		if (end != NULL)
			return 1;
		if (list->reader->read(list->reader, list->buffer,
		    sizeof list->buffer, &list->have, err) == -1)
			return -1;
		list->at = 0;
		if (list->have == 0)
			return is_begun ? 1 : 0;
	}
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F');
}

static size_t
hex_run(const char *s)
{
	size_t n = 0;

	while (is_hex(s[n]))
		n++;
	return n;
}

static bool
digest_by_digits(size_t digits, enum digest_kind *kind)
{
	return digits % 2 == 0 && digest_by_len(digits / 2, kind);
}

static void
fault(struct checklist_line *line, const char *text)
{
	(void)strncpy(line->fault, text, sizeof line->fault - 1);
}

/* The name in place; false for an escape that nobody writes. */
static bool
unescape(char *name)
{
	char *to = name;

	for (; *name != '\0'; name++) {
		if (*name != '\\') {
			*to++ = *name;
			continue;
		}
		switch (*++name) {
		case 'n': *to++ = '\n'; break;
		case 'r': *to++ = '\r'; break;
		case '\\': *to++ = '\\'; break;
		default: return false;
		}
	}
	*to = '\0';
	return true;
}

static void
take_name(struct checklist_line *line, char *name, bool is_escaped)
{
	if (name[0] == '\0')
		fault(line, "names no file");
	else if (is_escaped && !unescape(name))
		fault(line, "an escape other than \\n, \\r and \\\\ in the "
		    "name");
	line->name = name;
}

/* What a side file is beside: nothing is named, or standard input. */
static bool
is_alone(const struct checklist *list, const struct checklist_line *line)
{
	return list->is_side && line->name != NULL &&
	    strcmp(line->name, "-") == 0;
}

/* "ALGORITHM (" or "ALGORITHM(": the length of the word, else 0. */
static size_t
tag_len(const char *s)
{
	enum digest_kind kind;
	size_t n = 0;

	while ((s[n] >= 'A' && s[n] <= 'Z') || (s[n] >= 'a' && s[n] <= 'z') ||
	    (s[n] >= '0' && s[n] <= '9') || s[n] == '-' || s[n] == '/')
		n++;
	/* "<hex> (name": one space, a parenthesis, and no tag. */
	if (hex_run(s) == n && digest_by_digits(n, &kind))
		return 0;
	return s[n] == '(' || (s[n] == ' ' && s[n + 1] == '(') ? n : 0;
}

/* s: after the opening parenthesis. */
static void
parse_tagged(struct checklist_line *line, char *s, bool is_escaped)
{
	char *close = strrchr(s, ')');
	char *p;

	if (close == NULL) {
		fault(line, "no ')' after the name");
		return;
	}
	p = close + 1;
	while (is_blank(*p))
		p++;
	if (*p != '=') {
		fault(line, "no '=' after the name");
		return;
	}
	p++;
	while (is_blank(*p))
		p++;
	if (!hex_parse(p, strlen(p), line->digest, digest_len(line->kind))) {
		fault(line, "not as many hexadecimal digits as its "
		    "algorithm gives");
		return;
	}
	*close = '\0';
	take_name(line, s, is_escaped);
}

static void
parse_tag(struct checklist_line *line, char *s, size_t word, bool is_escaped)
{
	int shown = word < WORD_SHOWN ? (int)word : WORD_SHOWN;

	if (!digest_by_name(s, word, &line->kind)) {
		(void)snprintf(line->fault, sizeof line->fault,
		    "the algorithm %.*s is not known here", shown, s);
		return;
	}
	s += word + (s[word] == ' ' ? 1 : 0);
	parse_tagged(line, s + 1, is_escaped);
}

/* s: at the first digit of the digest. */
static void
parse_plain(struct checklist *list, struct checklist_line *line, char *s,
    bool is_escaped)
{
	size_t digits = hex_run(s);
	char *rest = s + digits;
	bool is_reversed;

	if (!digest_by_digits(digits, &line->kind)) {
		fault(line, "no checksum of a known length in front");
		return;
	}
	(void)hex_parse(s, digits, line->digest, digits / 2);
	if (*rest == '\0' && list->is_side && !is_escaped) {
		line->name = NULL;
		return;
	}
	if (!is_blank(*rest)) {
		fault(line, *rest == '\0' ? "names no file" :
		    "no space after the checksum");
		return;
	}
	rest++;
	is_reversed = rest[0] != '\0' &&
	    (rest[1] == '\0' || (rest[0] != ' ' && rest[0] != '*'));
	/* Else a name with a space in front could pose as another. */
	if (is_reversed && list->style == STYLE_GNU) {
		fault(line, "one space before the name, and two in the lines "
		    "above");
		return;
	}
	if (is_reversed)
		list->style = STYLE_REVERSED;
	else if (list->style != STYLE_REVERSED && rest[0] != '\0') {
		list->style = STYLE_GNU;
		rest++;
	}
	take_name(line, rest, is_escaped);
}

static void
parse_line(struct checklist *list, struct checklist_line *line, char *s)
{
	bool is_escaped;
	size_t word;

	while (is_blank(*s))
		s++;
	is_escaped = *s == '\\';
	if (is_escaped)
		s++;
	word = tag_len(s);
	if (word > 0)
		parse_tag(line, s, word, is_escaped);
	else
		parse_plain(list, line, s, is_escaped);
}

int
checklist_next(struct checklist *list, struct checklist_line *line,
    struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf";	/* UTF-8's */
	bool is_cut;
	char *s;
	int r;

	for (;;) {
		r = take_line(list, &is_cut, err);
		if (r != 1)
			return r;
		list->number++;
		s = list->line;
		s[list->len] = '\0';
		if (list->number == 1 &&
		    strncmp(s, mark, sizeof mark - 1) == 0) {
			s += sizeof mark - 1;
			list->len -= sizeof mark - 1;
		}
		if (s[0] == '#')
			continue;
		if (list->len > 0 && s[list->len - 1] == '\r' && !is_cut)
			s[--list->len] = '\0';
		if (list->len > 0)
			break;
	}
	memset(line, 0, sizeof *line);
	line->number = list->number;
	if (is_cut)
		fault(line, "longer than a line may be");
	else if (memchr(s, '\0', list->len) != NULL)
		fault(line, "holds a NUL byte: no text, or text in UTF-16");
	else
		parse_line(list, line, s);
	if (line->fault[0] != '\0' || is_alone(list, line))
		line->name = NULL;
	return 1;
}
