/* SPDX-License-Identifier: BSD-2-Clause */
#include "compose/interpolate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"

/* One call of interpolate(). */
struct run {
	const struct interpolate_env *env;
	const char *whole;		/* for messages */
	struct buf *out;
	struct err *err;
};

/* ${name<op>argument} */
struct braced {
	char *name;
	char op;			/* '\0', '-', '+' or '?' */
	bool minds_empty;		/* written with a colon */
	const char *argument;
	size_t argument_len;
};

static int expand(const struct run *run, const char *text, size_t len,
    unsigned depth);

static size_t
name_len(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		char c = text[i];
		bool is_letter = (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || c == '_';

		if (!is_letter && (i == 0 || c < '0' || c > '9'))
			break;
	}
	return i;
}

static int
invalid(const struct run *run)
{
	char shown[ESCAPE_NAME_MAX];

	return err_set(run->err, ERR_DAMAGED, 0, "Invalid template: \"%s\"",
	    escape_name(run->whole, shown));
}

/*
 * Where the brace closes that text ("${...") opens, or 0.  Only "${" nests: a
 * brace alone is part of a default, as in ${JSON:-{"a":1}}, which ends at the
 * first "}".
 */
static size_t
closing_brace(const char *text, size_t len)
{
	size_t open = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '}' && --open == 0)
			return i;
		if (text[i] == '$' && i + 1 < len && text[i + 1] == '{') {
			open++;
			i++;
		}
	}
	return 0;
}

/* What stands between the braces; false when Compose calls it invalid. */
static bool
split_braced(const char *inner, size_t len, struct braced *part)
{
	size_t name = name_len(inner, len);
	size_t at = name;

	*part = (struct braced){ .op = '\0' };
	if (name == 0)
		return false;
	if (at < len) {
		part->minds_empty = inner[at] == ':';
		if (part->minds_empty)
			at++;
		if (at == len || strchr("-+?", inner[at]) == NULL)
			return false;
		part->op = inner[at++];
	}
	part->argument = inner + at;
	part->argument_len = len - at;
	part->name = strndup(inner, name);
	return part->name != NULL;
}

static int
put(const struct run *run, const char *text, size_t len)
{
	if (len > INTERPOLATE_BYTES_MAX ||
	    run->out->len > INTERPOLATE_BYTES_MAX - len)
		return err_set(run->err, ERR_LIMIT, 0,
		    "text with its variables is longer than %d bytes",
		    INTERPOLATE_BYTES_MAX);
	buf_append(run->out, text, len);
	return 0;
}

static int
put_variable(const struct run *run, const char *name)
{
	const char *value = run->env->lookup(run->env->context, name);

	if (value != NULL)
		return put(run, value, strlen(value));
	if (run->env->unset != NULL)
		run->env->unset(run->env->context, name);
	return 0;
}

static int
missing(const struct run *run, const struct braced *part, unsigned depth)
{
	char shown[ESCAPE_NAME_MAX];
	struct buf why = BUF_EMPTY;
	struct run inner = *run;
	int ret;

	inner.out = &why;
	ret = expand(&inner, part->argument, part->argument_len, depth);
	if (ret == 0)
		ret = err_set(run->err, ERR_DAMAGED, 0,
		    "required variable %s is missing a value%s%s", part->name,
		    why.len > 0 ? ": " : "",
		    escape_name(buf_text(&why), shown));
	buf_release(&why);
	return ret;
}

static int
expand_part(const struct run *run, const struct braced *part, unsigned depth)
{
	const char *value;
	bool is_set;

	if (part->op == '\0')
		return put_variable(run, part->name);
	value = run->env->lookup(run->env->context, part->name);
	is_set = value != NULL && (!part->minds_empty || *value != '\0');
	if (part->op == '+')
		return is_set ? expand(run, part->argument,
		    part->argument_len, depth) : 0;
	if (is_set)
		return put(run, value, strlen(value));
	if (part->op == '?')
		return missing(run, part, depth);
	return expand(run, part->argument, part->argument_len, depth);
}

static int
expand_braced(const struct run *run, const char *text, size_t len,
    unsigned depth, size_t *used)
{
	size_t end = closing_brace(text, len);
	struct braced part;
	int ret;

	if (end == 0 || !split_braced(text + 2, end - 2, &part))
		return invalid(run);
	ret = expand_part(run, &part, depth + 1);
	free(part.name);
	*used = end + 1;
	return ret;
}

/* text starts with a dollar. */
static int
expand_dollar(const struct run *run, const char *text, size_t len,
    unsigned depth, size_t *used)
{
	size_t name;
	char *copy;
	int ret;

	if (len > 1 && text[1] == '{')
		return expand_braced(run, text, len, depth, used);
	*used = len > 1 && text[1] == '$' ? 2 : 1;
	name = name_len(text + 1, len - 1);
	if (name == 0)
		return put(run, "$", 1);
	copy = strndup(text + 1, name);
	if (copy == NULL)
		return err_set(run->err, ERR_LIMIT, 0, "out of memory");
	ret = put_variable(run, copy);
	free(copy);
	*used = 1 + name;
	return ret;
}

static int
expand(const struct run *run, const char *text, size_t len, unsigned depth)
{
	const char *dollar;
	size_t plain;
	size_t used = 0;

	if (depth > INTERPOLATE_DEPTH_MAX)
		return err_set(run->err, ERR_LIMIT, 0,
		    "variables are nested deeper than %d levels",
		    INTERPOLATE_DEPTH_MAX);
	while (len > 0) {
		dollar = memchr(text, '$', len);
		plain = dollar == NULL ? len : (size_t)(dollar - text);
		if (put(run, text, plain) == -1)
			return -1;
		text += plain;
		len -= plain;
		if (len == 0)
			break;
		if (expand_dollar(run, text, len, depth, &used) == -1)
			return -1;
		text += used;
		len -= used;
	}
	return 0;
}

int
interpolate(const char *template, const struct interpolate_env *env,
    struct buf *out, struct err *err)
{
	struct run run = { env, template, out, err };

	return expand(&run, template, strlen(template), 0);
}

int
interpolate_is_needed(const char *text)
{
	return strchr(text, '$') != NULL;
}
