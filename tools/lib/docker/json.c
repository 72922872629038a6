/* SPDX-License-Identifier: BSD-2-Clause */
/* Strict JSON; see json.h. */
#include "docker/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/pairs.h"

static json_t *
load(const char *data, size_t len, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	json_error_t why;
	json_t *value;

	/* Out of memory, jansson would read past its buffers. */
	json_set_alloc_funcs(mem_alloc, free);
	value = json_loadb(data, len, JSON_REJECT_DUPLICATES, &why);
	if (value == NULL)
		/* jansson quotes the input where it stopped. */
		err_set(err, ERR_DAMAGED, 0, "not JSON: line %d, column %d: %s",
		    why.line, why.column, escape_name(why.text, shown));
	return value;
}

json_t *
docker_json_object(const char *data, size_t len, struct err *err)
{
	json_t *value = load(data, len, err);

	if (value == NULL || json_is_object(value))
		return value;
	json_decref(value);
	err_set(err, ERR_DAMAGED, 0, "JSON, but not an object");
	return NULL;
}

json_t *
docker_json_array(const char *data, size_t len, struct err *err)
{
	json_t *value = load(data, len, err);

	if (value == NULL || json_is_array(value))
		return value;
	json_decref(value);
	err_set(err, ERR_DAMAGED, 0, "JSON, but not an array");
	return NULL;
}

int
docker_json_text(const json_t *object, const char *key, char **text,
    struct err *err)
{
	const json_t *value = json_object_get(object, key);

	if (value != NULL && !json_is_null(value) && !json_is_string(value))
		return err_set(err, ERR_DAMAGED, 0, "'%s' is not text", key);
	*text = mem_text(json_is_string(value) ? json_string_value(value) : "");
	return 0;
}

int
docker_json_bool(const json_t *object, const char *key, bool *value,
    struct err *err)
{
	const json_t *member = json_object_get(object, key);

	if (member != NULL && !json_is_null(member) && !json_is_boolean(member))
		return err_set(err, ERR_DAMAGED, 0,
		    "'%s' is neither true nor false", key);
	*value = json_is_true(member);
	return 0;
}

int
docker_json_member(const json_t *object, const char *key,
    json_t **member, struct err *err)
{
	json_t *value = json_object_get(object, key);

	if (value != NULL && !json_is_null(value) && !json_is_object(value))
		return err_set(err, ERR_DAMAGED, 0, "'%s' is not an object",
		    key);
	*member = json_is_object(value) ? value : NULL;
	return 0;
}

int
docker_json_pairs(const json_t *object, const char *key,
    struct pairs *pairs, struct err *err)
{
	struct pairs found = PAIRS_EMPTY;
	json_t *member;
	void *at;

	if (docker_json_member(object, key, &member, err) == -1)
		return -1;
	if (json_object_size(member) > PAIRS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "'%s' has %zu members, more than the %d allowed", key,
		    json_object_size(member), PAIRS_MAX);
	for (at = json_object_iter(member); at != NULL;
	    at = json_object_iter_next(member, at)) {
		const json_t *value = json_object_iter_value(at);

		if (!json_is_string(value)) {
			pairs_release(&found);
			return err_set(err, ERR_DAMAGED, 0,
			    "a member of '%s' is not text", key);
		}
		pairs_put(&found, json_object_iter_key(at),
		    json_string_value(value));
	}
	pairs_release(pairs);
	*pairs = found;
	return 0;
}

json_t *
docker_json_from_pairs(const struct pairs *pairs, bool null_if_empty)
{
	json_t *object;
	size_t i;

	if (pairs->count == 0 && null_if_empty)
		return json_null();
	object = json_object();
	for (i = 0; i < pairs->count; i++)
		if (json_object_set_new(object, pairs->items[i].key,
		    json_string(pairs->items[i].value)) == -1) {
			json_decref(object);
			return NULL;
		}
	return object;
}
