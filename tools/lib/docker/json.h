/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strict JSON from hostile bytes, through jansson: duplicate keys, NUL in
 * text and invalid UTF-8 are refused.  The caller has checked the size
 * against a limit of its own; a tree takes up to 50 times its text.
 */
#ifndef DOCKER_JSON_H
#define DOCKER_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct err;
struct pairs;

/* An object; anything else is ERR_DAMAGED.  json_decref() frees it. */
json_t *docker_json_object(const char *data, size_t len, struct err *err);

/* An array, likewise. */
json_t *docker_json_array(const char *data, size_t len, struct err *err);

/*
 * A member as text: a copy that the caller frees.  A missing or null one is
 * "", another type ERR_DAMAGED.
 */
int docker_json_text(const json_t *object, const char *key, char **text,
    struct err *err);

/* A member as a truth value; missing or null is false. */
int docker_json_bool(const json_t *object, const char *key, bool *value,
    struct err *err);

/* A member that is an object, borrowed; NULL for a missing or null one. */
int docker_json_member(const json_t *object, const char *key,
    json_t **member, struct err *err);

/*
 * A member that maps text to text; replaces what pairs held.  Missing and
 * null are empty; more than PAIRS_MAX is ERR_LIMIT.
 */
int docker_json_pairs(const json_t *object, const char *key,
    struct pairs *pairs, struct err *err);

/*
 * pairs as a new object; json_null() when empty and null_if_empty.  NULL for
 * text that is not UTF-8.
 */
json_t *docker_json_from_pairs(const struct pairs *pairs, bool null_if_empty);

#endif
