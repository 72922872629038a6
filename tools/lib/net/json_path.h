/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values in JSON by a path: "$.a.b[0].c", "$['odd key'][2]"; "$" is all of
 * it.  Nothing else of JSONPath: no wildcards, no filters.
 */
#ifndef NET_JSON_PATH_H
#define NET_JSON_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct err;

#define JSON_PATH_MAX 1024	/* bytes of a path */
#define JSON_PATH_STEPS_MAX 64
#define JSON_DEPTH_MAX 200	/* brackets within brackets, of the text */
#define JSON_VALUE_MAX 4096	/* bytes of a value that is put in form */

/* Whether it is a path; ERR_USAGE says what is wrong with it. */
int json_path_check(const char *path, struct err *err);

enum json_found {
	JSON_FOUND,
	JSON_ABSENT,		/* nothing is at that path */
	JSON_NOT		/* the text is no JSON */
};

/*
 * The value at a path that json_path_check() took: the text of a string,
 * "true", "12", "null", and {...} or [...] in their shortest form; what is
 * longer than JSON_VALUE_MAX, as it stands.  Strict JSON: NUL, bad UTF-8, and
 * a name on the path that is there twice, make it JSON_NOT, with the reason.
 * Takes no memory but for the value.
 */
enum json_found json_path_find(const char *text, size_t len,
    const char *path, struct buf *value, struct err *err);

#endif
