/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hostile names: what comes out of each dialect is harmless, the mtree one
 * goes back to the same bytes, and the gate lets nothing through that could
 * lead outside.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "manifest/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

/* Printable UTF-8, in which nothing steers a terminal. */
static void
check_harmless(const struct buf *text)
{
	size_t i = 0;

	while (i < text->len) {
		const uint8_t *s = (const uint8_t *)text->data + i;
		size_t n = escape_utf8_len(text->data + i, text->len - i);

		must(n > 0 && s[0] >= 0x20 && s[0] != 0x7f);
		must(!(n == 2 && s[0] == 0xc2 && s[1] < 0xa0));
		i += n;
	}
}

/* Inside quotes, only \" and \\ appear after a backslash. */
static void
check_json(const struct buf *text)
{
	size_t i;

	check_harmless(text);
	for (i = 0; i < text->len; i++) {
		must(text->data[i] != '"');
		if (text->data[i] != '\\')
			continue;
		i++;
		must(i < text->len &&
		    (text->data[i] == '\\' || text->data[i] == '"'));
	}
}

static void
check_mtree(const char *data, size_t len)
{
	struct buf there = BUF_EMPTY, back = BUF_EMPTY;
	bool has_nul = len > 0 && memchr(data, '\0', len) != NULL;

	escape_mtree(&there, data, len);
	must(escape_mtree_decode(&back, buf_text(&there), there.len) ==
	    !has_nul);
	must(has_nul || (back.len == len &&
	    (len == 0 || memcmp(back.data, data, len) == 0)));

	buf_cut(&there, 0);
	buf_cut(&back, 0);
	if (escape_mtree_decode(&back, data, len)) {
		escape_mtree(&there, buf_text(&back), back.len);
		must(there.len == len &&
		    (len == 0 || memcmp(there.data, data, len) == 0));
	}
	buf_release(&there);
	buf_release(&back);
}

static void
check_clean(const struct buf *path)
{
	struct buf slashed = BUF_EMPTY;

	must(path->len <= ENTRY_PATH_MAX);
	must(path->len == 0 || memchr(path->data, '\0', path->len) == NULL);
	buf_byte(&slashed, '/');
	buf_append(&slashed, buf_text(path), path->len);
	buf_byte(&slashed, '/');
	must(strstr(slashed.data, "/../") == NULL);
	must(path->len == 0 || (strstr(slashed.data, "//") == NULL &&
	    strstr(slashed.data, "/./") == NULL));
	buf_release(&slashed);
}

static void
check_path(const char *data, size_t len)
{
	struct buf out = BUF_EMPTY, again = BUF_EMPTY;
	const char *why = NULL;

	if (!entry_path_clean(data, len, &out, &why)) {
		must(why != NULL && out.len == 0);
		return;
	}
	check_clean(&out);
	must(entry_path_fault(buf_text(&out), out.len) == NULL);
	if (out.len > 0) {
		must(entry_path_clean(out.data, out.len, &again, &why));
		must(strcmp(again.data, out.data) == 0);
	}
	buf_release(&out);
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	struct buf out = BUF_EMPTY;

	escape_text(&out, text, len);
	check_harmless(&out);
	buf_cut(&out, 0);
	escape_json(&out, text, len);
	check_json(&out);
	buf_release(&out);
	check_mtree(text, len);
	check_path(text, len);
	return 0;
}
