/* SPDX-License-Identifier: BSD-2-Clause */
/* docker/http: replies as engines send them, and as they should not. */
#include "docker/http.h"
#include "harness.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "docker/engine.h"

static bool
parses(const char *text, struct http_reply *reply, struct err *err)
{
	err_clear(err);
	return http_parse(text, strlen(text), reply, err) == 0;
}

static void
test_reply(void)
{
	static const char text[] = "HTTP/1.0 200 OK\r\nApi-Version:  1.41 \r\n"
	    "content-length: 2\r\nEmpty:\r\n\r\nOKmore";
	struct http_reply r;
	struct http_header h;
	struct err err;

	if (!ok(parses(text, &r, &err), "a reply"))
		return;
	is_u64(r.status, 200, "status");
	ok(r.body_len == 2 && memcmp(r.body, "OK", 2) == 0,
	    "the body is as long as it says");
	ok(http_find(&r, "api-version", &h) && h.value_len == 4 &&
	    memcmp(h.value, "1.41", 4) == 0, "a header, without spaces");
	ok(http_find(&r, "Empty", &h) && h.value_len == 0, "an empty one");
	ok(!http_find(&r, "Api", &h), "half a name is none");
	ok(parses("HTTP/1.0 204 No Content\r\n\r\n", &r, &err) &&
	    r.status == 204 && r.body_len == 0 && r.head_len == 0,
	    "no headers, no body");
	ok(parses("HTTP/1.1 404 \r\nA: b\r\n\r\n{}", &r, &err) &&
	    r.body_len == 2, "without a length, to the end");
}

static void
refused(const char *text, enum err_class class, const char *name)
{
	struct http_reply r;
	struct err err;

	ok(!parses(text, &r, &err) && err.class == class, "refused, %s: %s",
	    name, err.text);
}

static void
test_refuse(void)
{
	char *long_head = mem_zero(ENGINE_HEAD_MAX + 1, 1);
	struct http_reply r;
	struct err err;

	refused("", ERR_DAMAGED, "nothing");
	refused("SSH-2.0-x\r\n\r\n", ERR_DAMAGED, "another protocol");
	refused("HTTP/2.0 200 OK\r\n\r\n", ERR_DAMAGED, "another version");
	refused("HTTP/1.0 200 OK\r\nA: b\r\n", ERR_DAMAGED, "no end of headers");
	refused("HTTP/1.0 099 x\r\n\r\n", ERR_DAMAGED, "status 99");
	refused("HTTP/1.0 600 x\r\n\r\n", ERR_DAMAGED, "status 600");
	refused("HTTP/1.0 2x0 x\r\n\r\n", ERR_DAMAGED, "no status");
	refused("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nab", ERR_DAMAGED,
	    "cut short");
	refused("HTTP/1.0 200 OK\r\nContent-Length: -1\r\n\r\nab",
	    ERR_DAMAGED, "a negative length");
	refused("HTTP/1.0 200 OK\r\nContent-Length: 18446744073709551616\r\n"
	    "\r\nab", ERR_DAMAGED, "a length past 64 bits");
	refused("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n",
	    ERR_DAMAGED, "chunks");
	memset(long_head, 'a', ENGINE_HEAD_MAX);
	memcpy(long_head, "HTTP/1.0 200 OK\r\n", 17);
	refused(long_head, ERR_LIMIT, "headers at the limit, no end");
	long_head[ENGINE_HEAD_MAX - 1] = '\0';
	refused(long_head, ERR_DAMAGED, "one less, no end");
	memcpy(long_head + ENGINE_HEAD_MAX - 5, "\r\n\r\n", 4);
	ok(parses(long_head, &r, &err), "and with one, it is taken");
	free(long_head);
}

static void
test_complete(void)
{
	static const char text[] =
	    "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nOK";
	size_t len, first = 0;

	for (len = 0; len <= strlen(text) && first == 0; len++)
		if (http_is_complete(text, len))
			first = len;
	is_u64(first, strlen(text), "complete with its last byte, not before");
	ok(!http_is_complete("HTTP/1.0 200 OK\r\n\r\nOK", 21),
	    "without a length, never");
	ok(!http_is_complete(NULL, 0), "nothing is not complete");
}

static void
test_escape(void)
{
	struct buf out = BUF_EMPTY;

	http_escape(&out, "aZ09-._~/ ?%\n\xc3\xbc{\"");
	is_str(buf_text(&out), "aZ09-._~%2F%20%3F%25%0A%C3%BC%7B%22",
	    "everything but the unreserved is escaped");
	buf_release(&out);
}

int
main(void)
{
	test_reply();
	test_refuse();
	test_complete();
	test_escape();
	return done();
}
