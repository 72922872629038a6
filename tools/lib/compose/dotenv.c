/* SPDX-License-Identifier: BSD-2-Clause */
#include "compose/dotenv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/pairs.h"
#include "compose/interpolate.h"

struct parser {
	const char *at;
	const char *end;
	unsigned line;
	const struct interpolate_env *outer;
	struct pairs *out;
	struct err *err;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

static char
take(struct parser *p)
{
	if (*p->at == '\n')
		p->line++;
	return *p->at++;
}

static void
skip_blanks(struct parser *p)
{
	while (p->at < p->end && is_blank(*p->at))
		p->at++;
}

static void
skip_line(struct parser *p)
{
	while (p->at < p->end && *p->at != '\n')
		p->at++;
}

/* To the next statement; false at the end. */
static bool
find_statement(struct parser *p)
{
	while (p->at < p->end) {
		if (*p->at == '#')
			skip_line(p);
		else if (*p->at == '\n' || is_blank(*p->at))
			(void)take(p);
		else
			return true;
	}
	return false;
}

static void
skip_export(struct parser *p)
{
	static const char word[] = "export";
	size_t len = sizeof(word) - 1;

	if ((size_t)(p->end - p->at) <= len || memcmp(p->at, word, len) != 0 ||
	    !is_blank(p->at[len]))
		return;
	p->at += len;
	skip_blanks(p);
}

/* Letters of any script count; their bytes need no closer look. */
static bool
is_key_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || strchr("_.-[]", c) != NULL ||
	    (unsigned char)c >= 0x80;
}

static int
bad_key(const struct parser *p, char c, const char *line)
{
	const char *end = memchr(line, '\n', (size_t)(p->end - line));
	struct buf shown = BUF_EMPTY;
	struct buf byte = BUF_EMPTY;

	escape_text(&shown, line, (size_t)((end == NULL ? p->end : end) -
	    line));
	escape_text(&byte, &c, 1);
	err_set(p->err, ERR_DAMAGED, 0,
	    "line %u: unexpected character \"%s\" in variable name \"%s\"",
	    p->line, buf_text(&byte), buf_text(&shown));
	buf_release(&shown);
	buf_release(&byte);
	return -1;
}

/*
 * The key, and whether it stands alone on its line.  p->at is then behind the
 * separator and its blanks.
 */
static int
read_key(struct parser *p, struct buf *key, bool *is_bare)
{
	const char *start = p->at;
	const char *last;
	char c = '\n';

	for (; p->at < p->end; p->at++) {
		c = *p->at;
		if (c == '=' || c == ':' || c == '\n')
			break;
		if (!is_blank(c) && (c == '\0' || !is_key_byte(c)))
			return bad_key(p, c, start);
	}
	*is_bare = p->at == p->end || c == '\n';
	for (last = p->at; last > start && is_blank(last[-1]); last--)
		;
	buf_set(key, start, (size_t)(last - start));
	if (strchr(buf_text(key), ' ') != NULL)
		return err_set(p->err, ERR_DAMAGED, 0,
		    "line %u: key cannot contain a space", p->line);
	if (p->at < p->end)
		(void)take(p);
	if (!*is_bare)
		skip_blanks(p);
	return 0;
}

/* The three octal digits that "\0" needs, or -1. */
static int
octal(const char *text)
{
	int value = 0;
	int i;

	for (i = 0; i < 3; i++) {
		if (text[i] < '0' || text[i] > '7')
			return -1;
		value = value * 8 + (text[i] - '0');
	}
	return value <= 255 ? value : -1;
}

/* Escapes of a double-quoted value; the others stay as they are. */
static void
unescape(const char *text, struct buf *out)
{
	static const char letters[] = "abfnrtv\"\\";
	static const char meaning[] = "\a\b\f\n\r\t\v\"\\";
	const char *found;

	for (; *text != '\0'; text++) {
		if (*text != '\\' || text[1] == '\0') {
			buf_byte(out, (unsigned char)*text);
			continue;
		}
		found = strchr(letters, text[1]);
		if (found != NULL) {
			buf_byte(out, (unsigned char)meaning[found - letters]);
			text++;
		} else if (text[1] == '$') {
			buf_puts(out, "$$");
			text++;
		} else if (text[1] == '0' && octal(text + 2) > 0) {
			buf_byte(out, (unsigned char)octal(text + 2));
			text += 4;
		} else {
			buf_byte(out, '\\');
		}
	}
}

static const char *
lookup(void *context, const char *name)
{
	const struct parser *p = context;
	const char *value = p->outer->lookup(p->outer->context, name);

	return value != NULL ? value : pairs_get(p->out, name);
}

static void
unset(void *context, const char *name)
{
	const struct parser *p = context;

	if (p->outer->unset != NULL)
		p->outer->unset(p->outer->context, name);
}

static int
expand(struct parser *p, const char *text, struct buf *value)
{
	const struct interpolate_env env = { lookup, unset, p };
	unsigned line = p->line;

	if (interpolate(text, &env, value, p->err) == 0)
		return 0;
	return err_context(p->err, "line %u", line);
}

static int
read_unquoted(struct parser *p, struct buf *value)
{
	const char *start = p->at;
	const char *end;
	struct buf raw = BUF_EMPTY;
	const char *c;
	int ret;

	skip_line(p);
	end = p->at;
	for (c = start; c + 1 < end; c++) {
		if (c[0] == ' ' && c[1] == '#')
			end = c;
	}
	while (end > start && is_blank(end[-1]))
		end--;
	buf_append(&raw, start, (size_t)(end - start));
	ret = expand(p, buf_text(&raw), value);
	buf_release(&raw);
	return ret;
}

/* Up to the closing quote; only the quote itself is unescaped. */
static int
read_quotes(struct parser *p, struct buf *raw)
{
	const char *start = p->at;
	unsigned line = p->line;
	char quote = take(p);
	struct buf shown = BUF_EMPTY;
	const char *stop;
	bool is_escaped = false;
	char c;

	while (p->at < p->end) {
		c = take(p);
		if (c == quote && !is_escaped)
			return 0;
		if (is_escaped && c != quote)
			buf_byte(raw, '\\');
		is_escaped = !is_escaped && c == '\\';
		if (!is_escaped)
			buf_byte(raw, (unsigned char)c);
	}
	stop = memchr(start, '\n', (size_t)(p->end - start));
	escape_text(&shown, start, (size_t)((stop == NULL ? p->end : stop) -
	    start));
	err_set(p->err, ERR_DAMAGED, 0,
	    "line %u: unterminated quoted value %s", line, buf_text(&shown));
	buf_release(&shown);
	return -1;
}

static int
read_quoted(struct parser *p, struct buf *value)
{
	bool is_literal = *p->at == '\'';
	struct buf raw = BUF_EMPTY;
	struct buf text = BUF_EMPTY;
	int ret;

	ret = read_quotes(p, is_literal ? value : &raw);
	if (ret == 0 && !is_literal) {
		unescape(buf_text(&raw), &text);
		ret = expand(p, buf_text(&text), value);
	}
	buf_release(&raw);
	buf_release(&text);
	return ret;
}

static int
keep(struct parser *p, const char *key, const char *value)
{
	if (*key >= '0' && *key <= '9')
		return 0;
	if (p->out->count >= DOTENV_KEYS_MAX)
		return err_set(p->err, ERR_LIMIT, 0,
		    "line %u: more than %d variables", p->line,
		    DOTENV_KEYS_MAX);
	pairs_put(p->out, key, value);
	return 0;
}

static int
read_value(struct parser *p, const char *key)
{
	struct buf value = BUF_EMPTY;
	int ret;

	if (p->at < p->end && (*p->at == '"' || *p->at == '\''))
		ret = read_quoted(p, &value);
	else
		ret = read_unquoted(p, &value);
	if (ret == 0)
		ret = keep(p, key, buf_text(&value));
	buf_release(&value);
	return ret;
}

static int
read_statement(struct parser *p)
{
	struct buf key = BUF_EMPTY;
	const char *value;
	bool is_bare;
	int ret;

	skip_export(p);
	ret = read_key(p, &key, &is_bare);
	if (ret == 0 && is_bare) {
		value = p->outer->lookup(p->outer->context, buf_text(&key));
		if (value != NULL)
			ret = keep(p, buf_text(&key), value);
	} else if (ret == 0) {
		ret = read_value(p, buf_text(&key));
	}
	buf_release(&key);
	return ret;
}

int
dotenv_parse(const char *text, size_t len, const struct interpolate_env *outer,
    struct pairs *out, struct err *err)
{
	struct parser p = { text, text + len, 1, outer, out, err };

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		p.at += 3;
	while (find_statement(&p))
		if (read_statement(&p) == -1)
			return -1;
	return 0;
}
