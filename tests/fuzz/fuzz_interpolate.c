/* SPDX-License-Identifier: BSD-2-Clause */
/* A hostile template. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "compose/interpolate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

/* A is set, B is empty, all others are unset. */
static const char *
look_up(void *context, const char *name)
{
	unsigned *count = context;

	must(strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(name) && *name != '\0');
	(*count)++;
	return strcmp(name, "A") == 0 ? "value" :
	    strcmp(name, "B") == 0 ? "" : NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	unsigned lookups = 0;
	const struct interpolate_env env = { look_up, NULL, &lookups };
	struct err err = { .class = ERR_NONE };
	struct buf out = BUF_EMPTY;
	char *text = malloc(len + 1);
	int ret;

	must(text != NULL);
	memcpy(text, data, len);
	text[len] = '\0';
	ret = interpolate(text, &env, &out, &err);
	must((ret == 0) == (err.class == ERR_NONE));
	if (!interpolate_is_needed(text))
		must(ret == 0 && lookups == 0 &&
		    strcmp(buf_text(&out), text) == 0);
	/* No variable here is longer than the shortest way to name it. */
	must(out.len <= 3 * len);
	buf_release(&out);
	free(text);
	return 0;
}
