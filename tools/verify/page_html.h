/* SPDX-License-Identifier: BSD-2-Clause */
/* HTML (the WHATWG's living standard) piece by piece; private to page*.c. */
#ifndef VERIFY_PAGE_HTML_H
#define VERIFY_PAGE_HTML_H

#include <stdbool.h>

#include "base/buf.h"

/* Text, its five special characters as entities; good in attributes too. */
void html_text(struct buf *out, const char *text);
/* class: "good", "warn" or "bad" */
void html_tag(struct buf *out, const char *class, const char *words);

/*
 * A table up to its first row.  heads: names, NULL at the end; "#" before one
 * says that its column holds numbers.
 */
void html_table(struct buf *out, const char *const *heads);
/* The first cell of a row; its head stands before it on narrow screens. */
void html_cell(struct buf *out, const char *head, bool is_number);
/* The end of a cell, and the next. */
void html_next(struct buf *out, const char *head, bool is_number);

#endif
