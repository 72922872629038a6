/* SPDX-License-Identifier: BSD-2-Clause */
/* A hostile .env file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/pairs.h"
#include "compose/dotenv.h"
#include "compose/interpolate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static const char *
look_up(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "HOME") == 0 ? "/root" : NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct interpolate_env env = { look_up, NULL, NULL };
	struct pairs out = PAIRS_EMPTY;
	struct err err = { .class = ERR_NONE };
	size_t i;
	int ret;

	ret = dotenv_parse((const char *)data, len, &env, &out, &err);
	must((ret == 0) == (err.class == ERR_NONE));
	must(out.count <= DOTENV_KEYS_MAX && out.count <= len);
	for (i = 0; i < out.count; i++) {
		must(strchr(out.items[i].key, ' ') == NULL);
		must(strchr(out.items[i].key, '=') == NULL);
		must(i == 0 || strcmp(out.items[i - 1].key,
		    out.items[i].key) < 0);
	}
	pairs_release(&out);
	return 0;
}
