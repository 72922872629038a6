/* SPDX-License-Identifier: BSD-2-Clause */
/* Values in JSON by a path; see json_path.h. */
#include "net/json_path.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"

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

static void
put_value(const json_t *found, struct buf *value)
{
	char *text;

	if (json_is_string(found)) {
		buf_append(value, json_string_value(found),
		    json_string_length(found));
		return;
	}
	text = json_dumps(found, JSON_COMPACT | JSON_ENCODE_ANY);
	buf_puts(value, text != NULL ? text : "");
	free(text);
}

enum json_found
json_path_find(const char *text, size_t len, const char *path,
    struct buf *value, struct err *err)
{
	json_error_t why;
	json_t *root = json_loadb(text, len,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	const json_t *found = root;
	const char *at = path + 1;
	char shown[ESCAPE_NAME_MAX];
	struct step step;

	if (root == NULL) {
		(void)err_set(err, ERR_DAMAGED, 0, "line %d: %s", why.line,
		    escape_name(why.text, shown));
		return JSON_NOT;
	}
	while (found != NULL && *at != '\0') {
		at = parse_step(at, &step);
		if (step.name != NULL)
			found = json_object_getn(found, step.name, step.len);
		else
			found = json_array_get(found, (size_t)step.index);
	}
	if (found != NULL)
		put_value(found, value);
	json_decref(root);
	return found != NULL ? JSON_FOUND : JSON_ABSENT;
}
