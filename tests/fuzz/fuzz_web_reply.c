/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reply of a web server: the same verdict and the same content, whether it
 * comes at once or byte by byte; and a path into its body, taken as JSON.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "net/json_path.h"
#include "net/web_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static int
take(struct web_reply *r, const uint8_t *data, size_t len, size_t piece)
{
	struct err err;

	web_reply_init(r, false);
	for (size_t at = 0; at < len && !r->is_done; at += piece) {
		size_t n = len - at < piece ? len - at : piece;

		if (web_reply_push(r, (const char *)data + at, n, &err) == -1)
			return -1;
	}
	return web_reply_end(r, &err);
}

/* What jansson takes is JSON to us, too; but it overlooks a stray NUL. */
static void
compare_json(const struct buf *body)
{
	json_t *root = json_loadb(buf_text(body), body->len,
	    JSON_DECODE_ANY, NULL);
	struct buf value = BUF_EMPTY;
	size_t brackets = 0;
	struct err err;

	for (size_t i = 0; i < body->len; i++)
		brackets += body->data[i] == '[' || body->data[i] == '{';
	if (root != NULL && brackets <= JSON_DEPTH_MAX &&
	    memchr(buf_text(body), '\0', body->len) == NULL)
		must(json_path_find(buf_text(body), body->len, "$", &value,
		    &err) == JSON_FOUND);
	json_decref(root);
	buf_release(&value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf value = BUF_EMPTY;
	struct web_reply one, two;
	char type[WEB_TYPE_MAX];
	struct err err;
	const char *path;
	int got;

	got = take(&one, data, len, len > 0 ? len : 1);
	must(take(&two, data, len, 1) == got);
	if (got == 0) {
		must(one.status >= 100 && one.status == two.status);
		must(one.header_count == two.header_count);
		must(one.header_count <= WEB_HEADERS_MAX);
		must(one.body_len == two.body_len);
		must(one.body.len <= WEB_KEEP_MAX);
		must(one.body.len == two.body.len && (one.body.len == 0 ||
		    memcmp(one.body.data, two.body.data, one.body.len) == 0));
		(void)web_reply_type(&one, type);
		compare_json(&one.body);
		path = web_reply_header(&one, "X-Path");
		if (path != NULL && json_path_check(path, &err) == 0)
			(void)json_path_find(buf_text(&one.body),
			    one.body.len, path, &value, &err);
	}
	buf_release(&value);
	web_reply_release(&one);
	web_reply_release(&two);
	return 0;
}
