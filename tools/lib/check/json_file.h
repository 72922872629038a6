/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small JSON files of other programs, through jansson: duplicate keys, NUL in
 * text and invalid UTF-8 are refused.
 */
#ifndef CHECK_JSON_FILE_H
#define CHECK_JSON_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct tree;

/* A parsed tree takes up to 50 times its text. */
#define JSON_FILE_MAX ((size_t)256 << 10)

/* An object; NULL and err for anything else.  json_decref() frees it. */
json_t *json_file_parse(const char *data, size_t len, struct err *err);
/* As tree_read_path(), then as above. */
json_t *json_file_read(struct tree *tree, const char *path, struct err *err);

/* A member that is a number from 0 on; false for anything else. */
bool json_file_u64(const json_t *object, const char *key, uint64_t *value);
/* A member that is text, borrowed; NULL for anything else. */
const char *json_file_text(const json_t *object, const char *key);

#endif
