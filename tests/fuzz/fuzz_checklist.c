/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A list read whole and read byte by byte gives the same lines; a name that
 * is taken stays below the folder.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "io/stream.h"
#include "manifest/checklist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
const char *__asan_default_options(void);

/*
 * Two lists of 48 KiB an input: what the sanitizer keeps of freed ones would
 * by itself reach the smoke test's limit.
 */
const char *
__asan_default_options(void)
{
	return "quarantine_size_mb=32";
}

struct bytewise {
	struct reader reader;
	const uint8_t *data;
	size_t len;
};

static int
bytewise_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	struct bytewise *b = (struct bytewise *)(void *)reader;

	(void)err;
	*got = b->len > 0 && cap > 0 ? 1 : 0;
	if (*got == 1) {
		*(uint8_t *)data = *b->data++;
		b->len--;
	}
	return 0;
}

static void
check_path(const char *name, struct buf *path)
{
	struct err err;
	const char *p;

	if (checklist_path(name, true, path, &err) == -1) {
		if (err.text[0] == '\0')
			abort();
		return;
	}
	p = buf_text(path);
	if (p[0] == '/' || p[0] == '\0' || p[path->len - 1] == '/')
		abort();
	for (; p != NULL; p = strchr(p, '/')) {
		p += *p == '/' ? 1 : 0;
		if (*p == '/' || strncmp(p, "../", 3) == 0 ||
		    strcmp(p, "..") == 0)
			abort();
	}
}

static void
check_same(const struct checklist_line *a, const struct checklist_line *b)
{
	if (a->number != b->number || strcmp(a->fault, b->fault) != 0 ||
	    (a->name == NULL) != (b->name == NULL))
		abort();
	if (a->fault[0] != '\0') {
		if (a->name != NULL)
			abort();
		return;
	}
	if (a->kind != b->kind ||
	    memcmp(a->digest, b->digest, digest_len(a->kind)) != 0)
		abort();
	if (a->name != NULL && (a->name[0] == '\0' ||
	    strlen(a->name) > CHECKLIST_LINE_MAX ||
	    strcmp(a->name, b->name) != 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	bool is_side = len > 0 && data[len - 1] % 2 == 1;
	struct bytewise bytes = { { bytewise_read }, data, len };
	struct buf path = BUF_EMPTY;
	struct checklist *a, *b;
	struct memory_reader m;
	struct err err;

	a = checklist_new(memory_reader_init(&m, data, len), is_side);
	b = checklist_new(&bytes.reader, is_side);
	for (;;) {
		struct checklist_line one, two;
		int r = checklist_next(a, &one, &err);

		if (r == -1 || checklist_next(b, &two, &err) != r)
			abort();
		if (r == 0)
			break;
		check_same(&one, &two);
		if (one.name == NULL && one.fault[0] == '\0' && !is_side)
			abort();
		if (one.name != NULL)
			check_path(one.name, &path);
	}
	checklist_free(a);
	checklist_free(b);
	buf_release(&path);
	return 0;
}
