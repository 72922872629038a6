/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values in JSON by a path; see json_path.h.
 *
 * The text is walked over, not turned into a tree, which takes fifty times as
 * much memory; dozens of checks run at a time.  Only the value that is found
 * goes through jansson.
 */
#include "net/json_path.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"

/* -------------------------------------------------------------------- path */

/* A member's name, or an index when name is NULL. */
struct step {
	const char *name;
	size_t len;
	uint64_t index;
};

/* [12] or ['a b']; at stands behind the bracket.  NULL: malformed. */
static const char *
parse_bracket(const char *at, struct step *step)
{
	const char *end;

	if (*at == '\'' || *at == '"') {
		end = strchr(at + 1, *at);
		if (end == NULL || end[1] != ']')
			return NULL;
		step->name = at + 1;
		step->len = (size_t)(end - at - 1);
		return end + 2;
	}
	end = strchr(at, ']');
	if (end == NULL || !num_parse(at, (size_t)(end - at), 10, SIZE_MAX,
	    &step->index))
		return NULL;
	step->name = NULL;
	return end + 1;
}

/* The next step of a path; NULL: malformed. */
static const char *
parse_step(const char *at, struct step *step)
{
	if (*at == '[')
		return parse_bracket(at + 1, step);
	if (*at != '.')
		return NULL;
	step->name = at + 1;
	step->len = strcspn(at + 1, ".[");
	return step->len > 0 ? at + 1 + step->len : NULL;
}

int
json_path_check(const char *path, struct err *err)
{
	const char *at = path + 1;
	char shown[ESCAPE_NAME_MAX];
	struct step step;
	unsigned steps = 0;

	if (path[0] != '$' || strlen(path) > JSON_PATH_MAX)
		at = NULL;
	while (at != NULL && *at != '\0') {
		at = parse_step(at, &step);
		if (++steps > JSON_PATH_STEPS_MAX)
			at = NULL;
	}
	if (at == NULL)
		return err_set(err, ERR_USAGE, 0, "'%s' is no path in JSON: "
		    "$.name, $['odd name'], $.list[0] and so on",
		    escape_name(path, shown));
	return 0;
}

/* -------------------------------------------------------------------- walk */

/* A place in the text.  Each step over something is false where it is wrong. */
struct walk {
	const char *at, *end;
};

static void
skip_space(struct walk *w)
{
	while (w->at < w->end && (*w->at == ' ' || *w->at == '\t' ||
	    *w->at == '\n' || *w->at == '\r'))
		w->at++;
}

static bool
skip_byte(struct walk *w, char byte)
{
	if (w->at == w->end || *w->at != byte)
		return false;
	w->at++;
	return true;
}

/* The four digits of \uXXXX; NUL is refused. */
static bool
skip_unicode(struct walk *w)
{
	uint64_t value;

	if (w->end - w->at < 4 ||
	    !num_parse(w->at, 4, 16, 0xffff, &value) || value == 0)
		return false;
	w->at += 4;
	return true;
}

static bool
skip_string(struct walk *w)
{
	if (!skip_byte(w, '"'))
		return false;
	while (w->at < w->end && *w->at != '"') {
		size_t len = escape_utf8_len(w->at,
		    (size_t)(w->end - w->at));

		if (len == 0 || (unsigned char)*w->at < ' ')
			return false;
		if (*w->at != '\\') {
			w->at += len;
			continue;
		}
		w->at++;
		if (w->at == w->end || *w->at == '\0' ||
		    strchr("\"\\/bfnrtu", *w->at) == NULL)
			return false;
		if (*w->at++ == 'u' && !skip_unicode(w))
			return false;
	}
	return skip_byte(w, '"');
}

static bool
skip_digits(struct walk *w)
{
	const char *from = w->at;

	while (w->at < w->end && *w->at >= '0' && *w->at <= '9')
		w->at++;
	return w->at > from;
}

static bool
skip_number(struct walk *w)
{
	(void)skip_byte(w, '-');
	if (!skip_byte(w, '0') && !skip_digits(w))
		return false;
	if (skip_byte(w, '.') && !skip_digits(w))
		return false;
	if (skip_byte(w, 'e') || skip_byte(w, 'E')) {
		if (!skip_byte(w, '+'))
			(void)skip_byte(w, '-');
		return skip_digits(w);
	}
	return true;
}

static bool
skip_word(struct walk *w, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(w->end - w->at) < len || memcmp(w->at, word, len) != 0)
		return false;
	w->at += len;
	return true;
}

/* A member's name and its colon. */
static bool
skip_name(struct walk *w)
{
	if (!skip_string(w))
		return false;
	skip_space(w);
	if (!skip_byte(w, ':'))
		return false;
	skip_space(w);
	return true;
}

static bool skip_value(struct walk *w, unsigned depth);

/* What stands between brackets, and the last of them. */
static bool
skip_items(struct walk *w, char close, unsigned depth)
{
	skip_space(w);
	if (skip_byte(w, close))
		return true;
	for (;;) {
		if ((close == '}' && !skip_name(w)) ||
		    !skip_value(w, depth))
			return false;
		skip_space(w);
		if (skip_byte(w, close))
			return true;
		if (!skip_byte(w, ','))
			return false;
		skip_space(w);
	}
}

static bool
skip_value(struct walk *w, unsigned depth)
{
	if (w->at == w->end)
		return false;
	switch (*w->at) {
	case '{': case '[':
		if (depth == JSON_DEPTH_MAX)
			return false;
		return skip_items(w, *w->at++ == '{' ? '}' : ']', depth + 1);
	case '"':
		return skip_string(w);
	case 't':
		return skip_word(w, "true");
	case 'f':
		return skip_word(w, "false");
	case 'n':
		return skip_word(w, "null");
	default:
		return skip_number(w);
	}
}

/* -------------------------------------------------------------------- find */

/* Whether a name, as it stands with its quotes, is that one. */
static bool
is_name(const char *quoted, size_t len, const struct step *step)
{
	json_t *name;
	bool same;

	if (memchr(quoted, '\\', len) == NULL)
		return len == step->len + 2 &&
		    memcmp(quoted + 1, step->name, step->len) == 0;
	name = json_loadb(quoted, len, JSON_DECODE_ANY, NULL);
	same = json_is_string(name) &&
	    json_string_length(name) == step->len &&
	    memcmp(json_string_value(name), step->name, step->len) == 0;
	json_decref(name);
	return same;
}

/* Go to the item of an array; the text was found to be right. */
static bool
enter_item(struct walk *w, const struct step *step)
{
	if (!skip_byte(w, '['))
		return false;
	skip_space(w);
	if (w->at < w->end && *w->at == ']')
		return false;
	for (uint64_t i = 0; i < step->index; i++) {
		(void)skip_value(w, 0);
		skip_space(w);
		if (!skip_byte(w, ','))
			return false;
		skip_space(w);
	}
	return true;
}

/* Go to the value of a member; *doubled: there are two of that name. */
static bool
enter_member(struct walk *w, const struct step *step, bool *doubled)
{
	const char *found = NULL;

	if (!skip_byte(w, '{'))
		return false;
	do {
		const char *name;
		bool same;

		skip_space(w);
		name = w->at;
		if (!skip_string(w))
			break;		/* no members */
		same = is_name(name, (size_t)(w->at - name), step);
		w->at = name;
		(void)skip_name(w);
		*doubled |= same && found != NULL;
		if (same)
			found = w->at;
		(void)skip_value(w, 0);
		skip_space(w);
	} while (skip_byte(w, ','));
	w->at = found;
	return found != NULL;
}

/* The value as text: strings without quotes, others in their shortest form. */
static void
put_value(const char *text, size_t len, struct buf *value)
{
	json_t *found = len <= JSON_VALUE_MAX ? json_loadb(text, len,
	    JSON_DECODE_ANY, NULL) : NULL;
	char *dump = NULL;

	if (json_is_string(found)) {
		buf_append(value, json_string_value(found),
		    json_string_length(found));
	} else {
		if (found != NULL)
			dump = json_dumps(found,
			    JSON_COMPACT | JSON_ENCODE_ANY);
		if (dump != NULL)
			buf_puts(value, dump);
		else
			buf_append(value, text, len);
	}
	free(dump);
	json_decref(found);
}

enum json_found
json_path_find(const char *text, size_t len, const char *path,
    struct buf *value, struct err *err)
{
	struct walk all = { text, text + len }, w;
	const char *at = path + 1, *from;
	bool doubled = false;

	skip_space(&all);
	w = all;
	if (skip_value(&all, 0))
		skip_space(&all);
	else
		all.end = NULL;
	if (all.at != all.end) {
		(void)err_set(err, ERR_DAMAGED, 0, "byte %zu is wrong",
		    (size_t)(all.at - text));
		return JSON_NOT;
	}
	while (*at != '\0') {
		struct step step;

		at = parse_step(at, &step);
		if (step.name != NULL ? !enter_member(&w, &step, &doubled) :
		    !enter_item(&w, &step))
			return JSON_ABSENT;
		if (doubled) {
			(void)err_set(err, ERR_DAMAGED, 0,
			    "a name is there twice");
			return JSON_NOT;
		}
	}
	from = w.at;
	(void)skip_value(&w, 0);
	put_value(from, (size_t)(w.at - from), value);
	return JSON_FOUND;
}
