/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * net/web, net/web_reply and net/json_path: replies whole and in pieces,
 * limits, redirects, and servers that mean harm.
 */
#include "net/web.h"
#include "harness.h"

#include "base/err.h"
#include "base/mem.h"
#include "fake_server.h"
#include "io/io.h"
#include "net/json_path.h"

/* ------------------------------------------------------------------ parser */

static struct err last;

/* In pieces of that many bytes; 0, or -1 with last. */
static int
push(struct web_reply *r, const char *text, size_t len, size_t piece)
{
	err_clear(&last);
	while (len > 0 && !r->is_done) {
		size_t n = len < piece ? len : piece;
		char *copy = mem_alloc(n);
		int got;

		memcpy(copy, text, n);
		got = web_reply_push(r, copy, n, &last);
		free(copy);
		if (got == -1)
			return -1;
		text += n;
		len -= n;
	}
	return web_reply_end(r, &last);
}

static void
test_replies(void)
{
	static const struct {
		const char *text;
		bool is_head;
		unsigned status;	/* 0: refused */
		const char *body;	/* or what the refusal says */
	} rows[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", false,
		    200, "ab" },
		{ "HTTP/1.0 404\r\n\r\nuntil the end", false, 404,
		    "until the end" },
		{ "HTTP/1.1 200 \nx: y\n\nlf", false, 200, "lf" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: u\r\n\r\nzz",
		    false, 200, "abc0123456789" },
		{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\na: b\r\n"
		    "\r\nHTTP/1.1 201 Made\r\nContent-Length: 1\r\n\r\nx",
		    false, 201, "x" },
		{ "HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\nabcde", false,
		    204, "" },
		{ "HTTP/1.1 304 Same\r\n\r\nabc", false, 304, "" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, 200,
		    "" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, 200,
		    "" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1"
		    "\r\n\r\nx", false, 200, "x" },
		{ "", false, 0, "without an answer" },
		{ "HTTP/1.1 200 OK\r\nContent-Len", false, 0, "in the middle" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", false, 0,
		    "in the middle" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2"
		    "\r\n\r\nx", false, 0, "Content-Length" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", false, 0,
		    "Content-Length" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", false,
		    0, "coding" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "zz\r\n", false, 0, "chunk" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "ffffffffffffffffff\r\n", false, 0, "chunk" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "1\r\nab\r\n", false, 0, "longer" },
		{ "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", false, 0,
		    "malformed" },
		{ "HTTP/1.1 200 OK\r\na: b\r\n folded\r\n\r\n", false, 0,
		    "malformed" },
		{ "HTTP/2 200\r\n\r\n", false, 0, "not HTTP" },
		{ "HTTP/1.1 2000 OK\r\n\r\n", false, 0, "not HTTP" },
		{ "HTTP/1.1 600 OK\r\n\r\n", false, 0, "not HTTP" },
		{ "SSH-2.0-OpenSSH_9.2\r\n", false, 0, "an SSH server" },
		{ "\033[31m!\r\n", false, 0, "\\033[31m" },
		{ "abc", false, 0, "not HTTP" },
	};
	static const size_t pieces[] = { 4096, 1, 7 };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (size_t p = 0; p < 3; p++) {
			struct web_reply r;
			int got;

			web_reply_init(&r, rows[i].is_head);
			got = push(&r, rows[i].text, strlen(rows[i].text),
			    pieces[p]);
			if (rows[i].status != 0) {
				ok(got == 0 && r.status == rows[i].status,
				    "reply %zu, %zu at a time", i, pieces[p]);
				is_str(buf_text(&r.body), rows[i].body,
				    "its body");
			} else if (!ok(got == -1 && strstr(last.text,
			    rows[i].body) != NULL, "refusal %zu, %zu at a "
			    "time", i, pieces[p])) {
				printf("# got %s\n", last.text);
			}
			web_reply_release(&r);
		}
	}
}

static void
test_headers(void)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nA:\r\nb:  two \t\r\n"
	    "B: three\r\nContent-Type: Text/HTML; charset=x\r\n"
	    "Content-Length: 3\r\n\r\na\0b";
	struct web_reply r;
	char type[WEB_TYPE_MAX];

	web_reply_init(&r, false);
	ok(push(&r, text, sizeof text - 1, 4096) == 0, "a reply");
	is_str(web_reply_header(&r, "a"), "", "an empty header");
	is_str(web_reply_header(&r, "B"), "two", "the first of two");
	is_str(web_reply_header(&r, "c"), NULL, "none");
	is_str(web_reply_type(&r, type), "text/html", "the type");
	ok(r.body.len == 3 && memcmp(r.body.data, "a\0b", 3) == 0,
	    "a NUL in the body stays");
	web_reply_release(&r);
}

/* count headers of so many bytes, as one reply. */
static bool
takes_headers(unsigned count, size_t value)
{
	struct buf text = BUF_EMPTY;
	struct web_reply r;
	bool took;

	buf_puts(&text, "HTTP/1.1 204 x\r\n");
	for (unsigned i = 0; i < count; i++) {
		buf_puts(&text, "a:");
		for (size_t n = 0; n < value; n++)
			buf_byte(&text, 'x');
		buf_puts(&text, "\r\n");
	}
	buf_puts(&text, "\r\n");
	web_reply_init(&r, false);
	took = push(&r, text.data, text.len, 1000) == 0;
	web_reply_release(&r);
	buf_release(&text);
	return took;
}

static bool
takes_interim(int count)
{
	struct buf text = BUF_EMPTY;
	struct web_reply r;
	bool took;

	for (int i = 0; i < count; i++)
		buf_puts(&text, "HTTP/1.1 100 x\r\n\r\n");
	buf_puts(&text, "HTTP/1.1 204 x\r\n\r\n");
	web_reply_init(&r, false);
	took = push(&r, text.data, text.len, 1000) == 0;
	web_reply_release(&r);
	buf_release(&text);
	return took;
}

/* A body of so many bytes; what came, or 0 when it was given up. */
static uint64_t
body_of(uint64_t len, bool *is_given_up, size_t *kept)
{
	static const char zeros[65536];
	struct web_reply r;
	char head[80];
	uint64_t came;

	(void)snprintf(head, sizeof head,
	    "HTTP/1.1 200 x\r\nContent-Length: %" PRIu64 "\r\n\r\n", len);
	web_reply_init(&r, false);
	ok(web_reply_push(&r, head, strlen(head), &last) == 0, "a head");
	while (!r.is_done && len > 0) {
		size_t n = len < sizeof zeros ? (size_t)len : sizeof zeros;

		if (web_reply_push(&r, zeros, n, &last) == -1)
			break;
		len -= n;
	}
	*is_given_up = r.is_body_given_up;
	*kept = r.body.len;
	came = r.body_len;
	web_reply_release(&r);
	return came;
}

static void
test_limits(void)
{
	/* "HTTP/1.1 204 x", an empty line, and "a:" with its line's end. */
	const size_t room = WEB_HEAD_MAX - 16 - 2 - 4;
	size_t kept;
	bool up;

	ok(takes_headers(WEB_HEADERS_MAX - 1, 1) &&
	    takes_headers(WEB_HEADERS_MAX, 1) &&
	    !takes_headers(WEB_HEADERS_MAX + 1, 1), "the limit of headers");
	ok(takes_headers(1, room - 1) && takes_headers(1, room) &&
	    !takes_headers(1, room + 1), "the limit of their bytes");
	ok(takes_interim(WEB_INTERIM_MAX) &&
	    !takes_interim(WEB_INTERIM_MAX + 1), "of interim replies");
	is_u64(body_of(WEB_KEEP_MAX + 1, &up, &kept), WEB_KEEP_MAX + 1,
	    "a body is counted");
	ok(kept == WEB_KEEP_MAX && !up, "beyond what is kept");
	is_u64(body_of(WEB_BODY_MAX, &up, &kept), WEB_BODY_MAX, "the limit");
	ok(!up, "is still all of it");
	is_u64(body_of(1ULL << 30, &up, &kept), WEB_BODY_MAX, "a gigabyte");
	ok(up && kept == WEB_KEEP_MAX, "is given up at the limit");
}

static void
test_fields(void)
{
	ok(web_field_is_good("X-Key", "a b\tc"), "a good field");
	ok(!web_field_is_good("", "a") && !web_field_is_good("a b", "c") &&
	    !web_field_is_good("a:", "c") &&
	    !web_field_is_good("a", "b\r\nc: d") &&
	    !web_field_is_good("a", "b\x7f"), "bad ones");
}

/* -------------------------------------------------------------- json path */

/* Whether so many brackets are taken. */
static bool
json_depth(size_t depth)
{
	struct buf text = BUF_EMPTY, value = BUF_EMPTY;
	bool took;

	for (size_t i = 0; i < depth; i++)
		buf_byte(&text, '[');
	for (size_t i = 0; i < depth; i++)
		buf_byte(&text, ']');
	took = json_path_find(text.data, text.len, "$", &value, &last) ==
	    JSON_FOUND;
	buf_release(&text);
	buf_release(&value);
	return took;
}

static void
test_json(void)
{
	static const char text[] = "{\"a\":{\"b\":[{\"c\":\"x\"},2]},"
	    "\"odd key\":true,\"n\":null,\"f\":1.5,\"e\":\"\"}";
	static const struct {
		const char *path, *want;
	} rows[] = {
		{ "$.a.b[0].c", "x" }, { "$.a.b[1]", "2" },
		{ "$['odd key']", "true" }, { "$[\"a\"]['b'][0]",
		    "{\"c\":\"x\"}" }, { "$.n", "null" }, { "$.f", "1.5" },
		{ "$.e", "" }, { "$.a.b[2]", NULL }, { "$.x", NULL },
		{ "$.a[0]", NULL }, { "$[0]", NULL }, { "$.a.b.c", NULL },
	};
	static const char *const bad[] = { "", "a", "$.", "$a", "$[", "$[a]",
	    "$['a'", "$['a]", "$.a..b", "$[-1]", "$.a[]",
	    "$[99999999999999999999]" };
	static const char *const wrong[] = { "", "<html>", "{", "[1,]",
	    "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "01", "-", "1.", "1e",
	    "tru", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\u0000\"", "\"\n\"",
	    "\"\xff\"", "1 2", "[}" };
	static const char *const right[] = { "1", "-0.5e+10", "0", "\"\"",
	    " null ", "true", "[]", "{}", "[[],{}]", "\"\xc3\xa4\\n\"",
	    "123456789012345678901234567890" };
	static const char spaced[] = "{\"ab\" :[ ],\n\"z\":[ 1 , { } ]}";
	struct buf value = BUF_EMPTY;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		enum json_found found;

		buf_cut(&value, 0);
		ok(json_path_check(rows[i].path, &last) == 0, "%s is a path",
		    rows[i].path);
		found = json_path_find(text, sizeof text - 1, rows[i].path,
		    &value, &last);
		is_str(found == JSON_FOUND ? buf_text(&value) : NULL,
		    rows[i].want, "its value");
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(json_path_check(bad[i], &last) == -1, "'%s' is none",
		    bad[i]);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		ok(json_path_find(wrong[i], strlen(wrong[i]), "$", &value,
		    &last) == JSON_NOT, "'%s' is no JSON", wrong[i]);
	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
		ok(json_path_find(right[i], strlen(right[i]), "$", &value,
		    &last) == JSON_FOUND, "'%s' is JSON", right[i]);
	buf_cut(&value, 0);
	ok(json_path_find(spaced, strlen(spaced), "$.z", &value, &last) ==
	    JSON_FOUND, "spaces");
	is_str(buf_text(&value), "[1,{}]", "are taken out");
	buf_cut(&value, 0);
	ok(json_path_find("{\"a\\u0062\":5}", 13, "$.ab", &value, &last) ==
	    JSON_FOUND, "an escaped name");
	is_str(buf_text(&value), "5", "is the same name");
	ok(json_depth(JSON_DEPTH_MAX - 1) && json_depth(JSON_DEPTH_MAX) &&
	    !json_depth(JSON_DEPTH_MAX + 1), "the limit of depth");
	ok(json_path_find("{\"a\":1,\"a\":2}", 13, "$.a", &value, &last) ==
	    JSON_NOT, "doubled keys");
	buf_release(&value);
}

/* ---------------------------------------------------------------- servers */

static void
answer(int fd, const void *script)
{
	if (fake_hears(fd, "\r\n\r\n"))
		fake_says(fd, script);
}

/* By the path: a loop, a chain, another address. */
static void
redirect(int fd, const void *script)
{
	char data[2048];
	ssize_t n = recv(fd, data, sizeof data - 1, 0);

	(void)script;
	data[n > 0 ? n : 0] = '\0';
	if (strncmp(data, "GET /loop ", 10) == 0)
		fake_says(fd, "HTTP/1.1 302 x\r\nLocation: /loop2\r\n"
		    "Content-Length: 0\r\n\r\n");
	else if (strncmp(data, "GET /loop2 ", 11) == 0)
		fake_says(fd, "HTTP/1.1 302 x\r\nLocation: loop\r\n"
		    "Content-Length: 0\r\n\r\n");
	else if (strncmp(data, "GET /far", 8) == 0)
		fake_says(fd, "HTTP/1.1 301 x\r\nLocation: ?x\r\n"
		    "Content-Length: 0\r\n\r\n");
	else if (strncmp(data, "GET /odd ", 9) == 0)
		fake_says(fd, "HTTP/1.1 301 x\r\nLocation: file:///etc\r\n"
		    "Content-Length: 0\r\n\r\n");
	else if (strncmp(data, "GET /go ", 8) == 0)
		fake_says(fd, "HTTP/1.1 308 x\r\nLocation: /end\r\n"
		    "Content-Length: 0\r\n\r\n");
	else
		fake_says(fd, "HTTP/1.1 200 x\r\n\r\nhere");
}

static void
endless_headers(int fd, const void *script)
{
	(void)script;
	fake_says(fd, "HTTP/1.1 200 OK\r\n");
	while (send(fd, "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: bbbbbbbbb\r\n",
	    48, MSG_NOSIGNAL) == 48)
		;
}

static void
endless_body(int fd, const void *script)
{
	static const char zeros[65536];

	(void)script;
	fake_says(fd, "HTTP/1.1 200 OK\r\n\r\n");
	while (send(fd, zeros, sizeof zeros, MSG_NOSIGNAL) > 0)
		;
}

static void
drip(int fd, const void *script)
{
	(void)script;
	fake_says(fd, "HTTP/1.1 200 OK\r\nx: ");
	while (send(fd, "x", 1, MSG_NOSIGNAL) == 1)
		(void)usleep(10000);
}

struct tried {
	struct web_result result;
	uint64_t took_ms;
	int got;
};

/* One request, to a server of that kind. */
static void
try(fake_talk_fn *talk, const char *script, const char *path,
    struct web_ask *ask, struct tried *t)
{
	struct deadline d = deadline_in(1500, -1);
	struct dns_system system;
	struct fake_server server;
	char text[128];
	struct url url;
	uint64_t since = io_ticks_ms();

	memset(&system, 0, sizeof system);
	memset(t, 0, sizeof *t);
	t->got = -1;
	err_clear(&last);
	if (!ok(fake_server_start(&server, talk, script), "a server"))
		return;
	(void)snprintf(text, sizeof text, "http://127.0.0.1:%u%s",
	    server.port, path);
	if (ok(url_parse(text, &url, &last) == 0, "its URL")) {
		ask->url = &url;
		ask->system = &system;
		t->got = web_fetch(ask, &d, &t->result, &last);
	}
	t->took_ms = io_ticks_ms() - since;
	fake_server_stop(&server);
}

static void
test_fetch(void)
{
	static const struct web_field fields[] = { { "X-Key", "secret" },
	    { "host", "other.test" } };
	struct web_ask ask = { .fields = fields, .field_count = 2 };
	struct buf request = BUF_EMPTY;
	struct tried t;

	try(answer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "/a",
	    &ask, &t);
	ok(t.got == 0 && t.result.reply.status == 200, "a reply");
	is_str(buf_text(&t.result.reply.body), "hello", "its body");
	ok(strncmp(t.result.peer, "127.0.0.1:", 10) == 0, "from whom");
	web_format_request(&ask, &t.result.url, &request);
	ok(strstr(buf_text(&request), "X-Key: secret\r\n") != NULL &&
	    strstr(buf_text(&request), "host: other.test\r\n") != NULL &&
	    strstr(buf_text(&request), "Host: ") == NULL,
	    "headers of one's own take the place of ours");
	web_result_release(&t.result);
	buf_release(&request);
}

static void
test_elsewhere(void)
{
	struct web_ask ask = { .redirects_max = 0 };
	struct deadline d = deadline_in(1500, -1);
	struct fake_server server;
	struct dns_system none;
	struct web_result r;
	struct url url;

	memset(&none, 0, sizeof none);
	if (!ok(fake_server_start(&server, answer,
	    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), "a server") ||
	    !ok(url_parse("http://no-such.test/", &url, &last) == 0, "a URL"))
		return;
	ask.url = &url;
	ask.system = &none;
	ok(web_fetch(&ask, &d, &r, &last) == -1 &&
	    r.cause == NET_NAME_NOBODY && r.step == NET_AT_NAME,
	    "a name that nobody knows");
	web_result_release(&r);
	ask.connect_host = "127.0.0.1";
	ask.connect_port = server.port;
	ok(web_fetch(&ask, &d, &r, &last) == 0 && r.reply.status == 200,
	    "another address under that name");
	web_result_release(&r);
	fake_server_stop(&server);
	ok(web_fetch(&ask, &d, &r, &last) == -1 && r.cause == NET_REFUSED &&
	    r.step == NET_AT_CONNECT, "nobody listens");
	web_result_release(&r);
}

static void
test_redirects(void)
{
	struct web_ask ask = { .redirects_max = 5 };
	struct tried t;

	try(redirect, "", "/go", &ask, &t);
	ok(t.got == 0 && t.result.end == WEB_ANSWERED &&
	    t.result.redirects == 1, "a redirect is followed");
	is_str(t.result.url.path, "/end", "to its end");
	web_result_release(&t.result);
	try(redirect, "", "/loop", &ask, &t);
	ok(t.got == 0 && t.result.end == WEB_LOOP, "a loop");
	web_result_release(&t.result);
	try(redirect, "", "/far?0", &ask, &t);
	ok(t.got == 0 && t.result.end == WEB_LOOP, "to itself");
	web_result_release(&t.result);
	try(redirect, "", "/odd", &ask, &t);
	ok(t.got == 0 && t.result.end == WEB_NOWHERE, "to no web address");
	web_result_release(&t.result);
	ask.redirects_max = 1;
	try(redirect, "", "/loop", &ask, &t);
	ok(t.got == 0 && t.result.redirects == 1, "as far as allowed");
	web_result_release(&t.result);
	ask.redirects_max = 0;
	try(redirect, "", "/go", &ask, &t);
	ok(t.got == 0 && t.result.reply.status == 308, "not followed");
	web_result_release(&t.result);
}

static void
test_harm(void)
{
	struct web_ask ask = { .redirects_max = 5 };
	struct tried t;

	try(endless_headers, "", "/", &ask, &t);
	ok(t.got == -1 && t.result.cause == NET_TOO_MUCH, "endless headers");
	ok(t.took_ms < 1400, "stop early (%u ms)", (unsigned)t.took_ms);
	web_result_release(&t.result);
	try(endless_body, "", "/", &ask, &t);
	ok(t.got == 0 && t.result.reply.is_body_given_up, "an endless body");
	ok(t.result.reply.body.len == WEB_KEEP_MAX, "takes no memory");
	web_result_release(&t.result);
	try(drip, "", "/", &ask, &t);
	ok(t.got == -1 && t.result.cause == NET_TIMED_OUT &&
	    t.result.step == NET_AT_ANSWER, "a byte now and then");
	ok(t.took_ms >= 1400 && t.took_ms < 5000, "ends in time (%u ms)",
	    (unsigned)t.took_ms);
	web_result_release(&t.result);
	try(answer, "\033]0;owned\007\r\n", "/", &ask, &t);
	ok(t.got == -1 && t.result.cause == NET_GARBLED &&
	    strchr(last.text, '\033') == NULL, "escapes are shown as text");
	web_result_release(&t.result);
	try(answer, "", "/", &ask, &t);
	ok(t.got == -1 && t.result.cause == NET_CLOSED, "no answer at all");
	web_result_release(&t.result);
}

int
main(void)
{
	test_replies();
	test_headers();
	test_limits();
	test_fields();
	test_json();
	test_fetch();
	test_elsewhere();
	test_redirects();
	test_harm();
	return done();
}
