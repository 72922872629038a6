/* SPDX-License-Identifier: BSD-2-Clause */
/* Small JSON files; see json_file.h. */
#include "check/json_file.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "check/tree.h"

json_t *
json_file_parse(const char *data, size_t len, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	json_error_t why;
	json_t *value;

	/* Out of memory, jansson would read past its buffers. */
	json_set_alloc_funcs(mem_alloc, free);
	value = json_loadb(data, len, JSON_REJECT_DUPLICATES, &why);
	if (value != NULL && json_is_object(value))
		return value;
	if (value == NULL)
		/* jansson quotes the input where it stopped. */
		err_set(err, ERR_DAMAGED, 0, "not JSON: line %d, column %d: %s",
		    why.line, why.column, escape_name(why.text, shown));
	else
		err_set(err, ERR_DAMAGED, 0, "JSON, but not an object");
	json_decref(value);
	return NULL;
}

json_t *
json_file_read(struct tree *tree, const char *path, struct err *err)
{
	struct buf text = BUF_EMPTY;
	json_t *value = NULL;

	if (tree_read_path(tree, path, JSON_FILE_MAX, &text, err) == 0)
		value = json_file_parse(buf_text(&text), text.len, err);
	buf_release(&text);
	return value;
}

bool
json_file_u64(const json_t *object, const char *key, uint64_t *value)
{
	const json_t *member = json_object_get(object, key);

	if (!json_is_integer(member) || json_integer_value(member) < 0)
		return false;
	*value = (uint64_t)json_integer_value(member);
	return true;
}

const char *
json_file_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}
