/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hostile bytes as harmless text.  Three dialects, because three readers:
 * a person's terminal, JSON, and mtree(5).
 */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * For terminals and error texts: valid UTF-8 stays, but for control
 * characters (C0, DEL, C1), bidirectional and line controls, and the
 * backslash; those and every byte of invalid UTF-8 become \ooo (octal).
 */
void escape_text(struct buf *out, const char *data, size_t len);

/* As escape_text, into a caller's array for err_set(); cut with "..." . */
#define ESCAPE_NAME_MAX 512
const char *escape_name(const char *name, char out[ESCAPE_NAME_MAX]);

/*
 * The inside of a JSON string (no quotes).  Bytes that are not valid UTF-8
 * come as the same \ooo text that escape_text gives, so that the result is
 * valid JSON whatever the input was.
 */
void escape_json(struct buf *out, const char *data, size_t len);

/*
 * mtree(5) names: printable ASCII but for space, '#', '*', '?', '[', '\\'
 * and '=' stays; everything else becomes \ooo.
 */
void escape_mtree(struct buf *out, const char *data, size_t len);

/*
 * The exact reverse: accepts what escape_mtree writes for bytes other than
 * NUL, and nothing else, so that a name has one escaped form.  False for
 * anything else; out is then unspecified.
 */
bool escape_mtree_decode(struct buf *out, const char *text, size_t len);

/* Length of the valid UTF-8 sequence at data, 0 when there is none. */
size_t escape_utf8_len(const char *data, size_t len);

#endif
