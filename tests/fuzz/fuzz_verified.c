/* SPDX-License-Identifier: BSD-2-Clause */
/* A record that is accepted is written again byte for byte. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "medium/verified.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct again {
	struct buf text;
	char snapshot[MEDIUM_NAME_MAX];
};

static void
on_file(void *ctx, const char *snapshot, const struct verified_file *file)
{
	struct again *again = ctx;

	if (strcmp(again->snapshot, snapshot) != 0) {
		(void)strcpy(again->snapshot, snapshot);
		verified_format_snapshot(snapshot, &again->text);
	}
	verified_format_file(file, &again->text);
}

/* A digest is not found by chance: the input gets its own. */
static void
check(const char *text, size_t len)
{
	struct again again = { .text = BUF_EMPTY };
	struct verified_run run;
	struct buf files = BUF_EMPTY;
	struct err err;

	if (verified_parse(text, len, &run, on_file, &again, &err) == 0) {
		verified_format_run(&run, &files);
		buf_append(&files, again.text.data, again.text.len);
		verified_seal(&files);
		/* Two snapshot lines in a row, or the same again, are lawful. */
		if (files.len == len && memcmp(files.data, text, len) != 0)
			abort();
		if (files.len > len)
			abort();
	}
	buf_release(&files);
	buf_release(&again.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf sealed = BUF_EMPTY;

	check((const char *)data, len);
	buf_append(&sealed, data, len);
	verified_seal(&sealed);
	check(sealed.data, sealed.len);
	buf_release(&sealed);
	return 0;
}
