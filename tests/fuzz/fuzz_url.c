/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A target, and a Location against it: whatever is taken is within its
 * limits and reads the same once written.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
round_trip(const struct url *url)
{
	struct buf text = BUF_EMPTY;
	struct url again;
	struct err err;

	url_format(url, &text);
	must(url_parse(buf_text(&text), &again, &err) == 0);
	must(again.scheme == url->scheme && again.port == url->port);
	must(strcmp(again.host, url->host) == 0);
	must(strcmp(again.path, url->path) == 0);
	must(strcmp(again.query, url->query) == 0);
	must(strcmp(again.user, url->user) == 0);
	buf_release(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1);
	struct url url, next;
	struct err err;
	char *location;

	must(text != NULL);
	memcpy(text, data, len);
	text[len] = '\0';
	location = strchr(text, '\n');
	if (location != NULL)
		*location++ = '\0';
	if (url_parse(text, &url, &err) == 0) {
		round_trip(&url);
		if (location != NULL && (url.scheme == URL_HTTP ||
		    url.scheme == URL_HTTPS) &&
		    url_resolve(&url, location, &next, &err) == 0)
			round_trip(&next);
	}
	free(text);
	return 0;
}
