/* SPDX-License-Identifier: BSD-2-Clause */
/* A reply on the engine's socket: all that is found lies within it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "docker/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* A copy of its own, so that a byte too far is seen. */
	char *text = malloc(len + 1);
	struct http_reply r;
	struct http_header h;
	struct err err;
	bool complete;

	must(text != NULL);
	memcpy(text, data, len);
	text[len] = '\0';
	complete = http_is_complete(text, len);
	if (http_parse(text, len, &r, &err) == 0) {
		must(r.status >= 100 && r.status <= 599);
		must(r.head > text && r.head + r.head_len <= r.body);
		must(r.body + r.body_len <= text + len);
		if (http_find(&r, "Api-Version", &h))
			must(h.value >= r.head &&
			    h.value + h.value_len <= r.head + r.head_len);
		must(!http_find(&r, "Content-Length", &h) || complete);
	}
	free(text);
	return 0;
}
