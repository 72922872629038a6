/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe's checks of the network, against servers that do what a row says: the
 * reason that each failure is given.  Real servers: tests/net.
 */
#include "../../tools/probe/net_reason.h"
#include "../../tools/probe/plan.h"
#include "../../tools/probe/web_terms.h"
#include "fake_server.h"
#include "probe_kit.h"

#include <stdlib.h>
#include <sys/un.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/io.h"

#define LIMIT_MS 600

/*
 * "expect key=value", "expect key:name=value", also warn, fail_if and set, as
 * terms of a check.
 */
static void
add_term(struct draft *d, const char *row)
{
	static const struct {
		const char *word;
		enum check_place place;
	} places[] = {
		{ "expect ", CHECK_EXPECT }, { "warn ", CHECK_WARN },
		{ "fail_if ", CHECK_FAIL_IF }, { "set ", CHECK_SET },
	};
	char *text = mem_text(row);

	for (size_t i = 0; i < 4; i++) {
		size_t len = strlen(places[i].word);
		char *key = text + len, *value, *name;
		struct check_term term = { .line = 0 };

		if (strncmp(text, places[i].word, len) != 0)
			continue;
		value = strchr(key, '=');
		*value = '\0';
		name = strchr(key, ':');
		if (name != NULL)
			*name++ = '\0';
		term.key = key;
		term.name = name;
		term.value = value + 1;
		plan_term(d, places[i].place, &term);
	}
	free(text);
}

#define TERMS(...) (const char *const []){ __VA_ARGS__, NULL }
#define NO_TERMS (const char *const []){ NULL }

static void
look(const char *target, const char *const *terms, struct outcome *o)
{
	struct plan *plan = plan_new();
	struct draft *d = plan_add(plan, "s", "n", target);
	struct probe_context context = { NULL, io_ticks_ms() + LIMIT_MS,
	    io_now() };
	struct err err;

	for (; *terms != NULL; terms++)
		add_term(d, *terms);
	outcome_init(o);
	err_clear(&err);
	if (ok(plan_seal(plan, &err) == 0, "%s %s", target, err.text)) {
		const struct check *c = plan_check(plan, 0);

		check_kind_of(c->url.scheme)->run(c, &context, o);
		ok(io_ticks_ms() < context.deadline_ms + 400, "in time");
	}
	plan_free(plan);
}

/* What it gives, with "%u" for the port of a server of that kind. */
static void
expect(enum reason want, const char *target, const char *const *terms,
    fake_talk_fn *talk, const char *script)
{
	struct fake_server server = { .pid = 0 };
	struct outcome o;
	char *port, *whole;

	if (talk == NULL)
		server.port = fake_free_port();
	else if (!ok(fake_server_start(&server, talk, script), "a server"))
		return;
	port = mem_format("%u", server.port);
	whole = mem_format("%.*s%s%s", (int)strcspn(target, "%"), target,
	    port, target + strcspn(target, "%") + 1);
	look(whole, terms, &o);
	is_code(&o, want, target);
	for (size_t i = 0; i < o.cause.len; i++) {
		if ((unsigned char)o.cause.data[i] < ' ' &&
		    !ok(false, "the cause is one line of text"))
			break;
	}
	outcome_release(&o);
	free(whole);
	free(port);
	fake_server_stop(&server);
}

/* ---------------------------------------------------------------- servers */

static void
answer(int fd, const void *script)
{
	if (fake_hears(fd, "\r\n\r\n"))
		fake_says(fd, script);
}

static void
slow(int fd, const void *script)
{
	if (!fake_hears(fd, "\r\n\r\n"))
		return;
	(void)usleep(150000);
	fake_says(fd, script);
}

static void
greet(int fd, const void *script)
{
	fake_says(fd, script);
	fake_drains(fd);
}

static void
say_nothing(int fd, const void *script)
{
	(void)script;
	fake_drains(fd);
}

static void
hang_up(int fd, const void *script)
{
	(void)fd;
	(void)script;
}

static void
big_body(int fd, const void *script)
{
	static char page[4096];

	(void)script;
	memset(page, 'a', sizeof page);
	if (!fake_hears(fd, "\r\n\r\n"))
		return;
	fake_says(fd, "HTTP/1.1 200 OK\r\n\r\n");
	for (int i = 0; i < 100; i++)
		fake_send(fd, page, sizeof page);
}

/* More than is searched. */
static void
pages(int fd, const void *script)
{
	static char page[100000];

	(void)script;
	memset(page, 'a', sizeof page);
	fake_send(fd, page, sizeof page);
	fake_drains(fd);
}

/* A TLS alert of that number. */
static void
alert(int fd, const void *script)
{
	uint8_t record[] = { 0x15, 3, 3, 0, 2, 2,
	    *(const uint8_t *)script };

	fake_send(fd, record, sizeof record);
	fake_drains(fd);
}

static void
many_headers(int fd, const void *script)
{
	(void)script;
	fake_says(fd, "HTTP/1.1 200 OK\r\n");
	while (send(fd, "a: b\r\n", 6, MSG_NOSIGNAL) == 6)
		;
}

/* ------------------------------------------------------------- tcp, unix */

static void
test_tcp(void)
{
	expect(REASON_OK, "tcp://127.0.0.1:%", NO_TERMS, say_nothing, "");
	expect(REASON_OK, "tcp://127.0.0.1:%", TERMS("expect answer=SSH-2.0"),
	    greet, "SSH-2.0-x\r\n");
	expect(REASON_OK, "tcp://no-such.test:%",
	    TERMS("set connect=127.0.0.1"), say_nothing, "");
	expect(REASON_TCP_REFUSED, "tcp://127.0.0.1:%", NO_TERMS, NULL, "");
	expect(REASON_PORT_DEAD, "tcp://127.0.0.1:%",
	    TERMS("set published=running"), NULL, "");
	expect(REASON_HEALTHY_UNREACHABLE, "tcp://127.0.0.1:%",
	    TERMS("set published=healthy"), NULL, "");
	expect(REASON_HUNG_UP, "tcp://127.0.0.1:%", NO_TERMS, hang_up, "");
	expect(REASON_BODY_MISMATCH, "tcp://127.0.0.1:%",
	    TERMS("expect answer=SSH"), greet, "220 \033[31m mail");
	expect(REASON_INDICATOR_FOUND, "tcp://127.0.0.1:%",
	    TERMS("fail_if answer=error"), greet, "an error\n");
	expect(REASON_OK, "tcp://127.0.0.1:%", TERMS("fail_if answer=error"),
	    greet, "all is well\n");
	expect(REASON_HUNG_UP, "tcp://127.0.0.1:%",
	    TERMS("fail_if answer=error"), hang_up, "");
	expect(REASON_BODY_CUT, "tcp://127.0.0.1:%",
	    TERMS("fail_if answer=error"), pages, "");
}

static void
test_unix(void)
{
	char dir[] = "/tmp/drydock-net-XXXXXX";
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct outcome o;
	char *target;
	int fd;

	if (!ok(mkdtemp(dir) != NULL, "a folder"))
		return;
	(void)snprintf(addr.sun_path, sizeof addr.sun_path, "%s/s", dir);
	target = mem_format("unix://%s", addr.sun_path);
	look(target, NO_TERMS, &o);
	is_code(&o, REASON_UNIX_MISSING, "no socket");
	outcome_release(&o);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ok(bind(fd, (struct sockaddr *)&addr, sizeof addr) == 0 &&
	    listen(fd, 4) == 0, "a socket");
	look(target, NO_TERMS, &o);
	is_code(&o, REASON_OK, "one that takes calls");
	outcome_release(&o);
	(void)close(fd);
	look(target, NO_TERMS, &o);
	is_code(&o, REASON_UNIX_REFUSED, "one whose owner died");
	outcome_release(&o);
	free(target);
	target = mem_format("unix://%s", dir);
	look(target, NO_TERMS, &o);
	is_code(&o, REASON_UNIX_NOT_SOCKET, "a folder in its place");
	outcome_release(&o);
	free(target);
	(void)unlink(addr.sun_path);
	(void)rmdir(dir);
}

/* ------------------------------------------------------------------- http */

static void
test_http_good(void)
{
	static const char json[] = "HTTP/1.1 200 OK\r\n"
	    "Content-Type: application/json\r\nX-Up: yes\r\n\r\n"
	    "{\"database\":\"ok\",\"n\":[1,2]}";

	expect(REASON_OK, "http://127.0.0.1:%/", NO_TERMS, answer, json);
	expect(REASON_OK, "http://127.0.0.1:%/", TERMS("expect status=200",
	    "expect content-type=application/json", "expect body=database",
	    "expect json:$.database=ok", "expect json:$.n[1]=2",
	    "expect header:x-up=yes", "fail_if body=degraded"), answer, json);
	expect(REASON_OK, "http://127.0.0.1:%/", TERMS("expect status=404",
	    "expect status=2xx"), answer, json);
	expect(REASON_OK, "http://127.0.0.1:%/", TERMS("expect status=401"),
	    answer, "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
	expect(REASON_OK, "http://somewhere.test:%/",
	    TERMS("set connect=127.0.0.1"), answer, json);
	expect(REASON_TCP_REFUSED, "http://127.0.0.1:%/",
	    TERMS("set port=1"), answer, json);
}

static void
test_http_status(void)
{
	const char *url = "http://127.0.0.1:%/";

	expect(REASON_HTTP_STATUS, url, NO_TERMS, answer,
	    "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
	expect(REASON_HTTP_STATUS, url, TERMS("expect status=204"), answer,
	    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	expect(REASON_HTTP_BAD_GATEWAY, url, NO_TERMS, answer,
	    "HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n");
	expect(REASON_HTTP_SERVER_ERROR, url, TERMS("expect status=200"),
	    answer, "HTTP/1.1 500 Bad\r\nContent-Length: 0\r\n\r\n");
	expect(REASON_HTTP_AUTH, url, NO_TERMS, answer,
	    "HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n");
	expect(REASON_HTTP_REDIRECT, url, TERMS("set follow=false"), answer,
	    "HTTP/1.1 302 x\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n");
	expect(REASON_HTTP_REDIRECT_LOGIN, url, TERMS("set follow=false"),
	    answer, "HTTP/1.1 302 x\r\nLocation: /login?to=/\r\n"
	    "Content-Length: 0\r\n\r\n");
	expect(REASON_HTTP_REDIRECT_LOOP, url, NO_TERMS, answer,
	    "HTTP/1.1 302 x\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
	expect(REASON_HTTP_REDIRECT_NOWHERE, url, NO_TERMS, answer,
	    "HTTP/1.1 302 x\r\nLocation: \033file:/x\r\n"
	    "Content-Length: 0\r\n\r\n");
}

static void
test_http_content(void)
{
	const char *url = "http://127.0.0.1:%/metrics";
	static const char html[] = "HTTP/1.1 200 OK\r\n"
	    "Content-Type: text/html; charset=utf-8\r\n\r\n<html>";
	static const char text[] = "HTTP/1.1 200 OK\r\n"
	    "Content-Type: text/plain\r\nA: b\r\n\r\nnode_up 1\n\033[2J";

	expect(REASON_OK, url, NO_TERMS, answer, text);
	expect(REASON_HTML_INSTEAD, url, NO_TERMS, answer, html);
	expect(REASON_HTML_INSTEAD, url,
	    TERMS("expect content-type=text/plain"), answer, html);
	expect(REASON_CTYPE_MISMATCH, url,
	    TERMS("expect content-type=application/json"), answer, text);
	expect(REASON_BODY_MISMATCH, url, TERMS("expect body=node_down"),
	    answer, text);
	expect(REASON_BODY_MISMATCH, url, TERMS("warn body=node_down"),
	    answer, text);
	expect(REASON_HEADER_MISMATCH, url, TERMS("expect header:A=c"),
	    answer, text);
	expect(REASON_OK, url, TERMS("expect header:A=c",
	    "expect header:A=b"), answer, "HTTP/1.1 200 OK\r\nA: b\r\n"
	    "X: c\r\na: c\r\n\r\n");
	expect(REASON_INDICATOR_FOUND, url, TERMS("fail_if header:A=c"),
	    answer, "HTTP/1.1 200 OK\r\nA: b\r\nA: c\r\n\r\n");
	expect(REASON_NOT_JSON, url, TERMS("expect json:$.a=1"), answer,
	    text);
	expect(REASON_NOT_JSON, url, TERMS("fail_if json:$.a=1"), answer,
	    text);
	expect(REASON_TLS_PLAIN_HTTP, url, TERMS("expect days=7"), answer,
	    text);
	expect(REASON_TLS_PLAIN_HTTP, url, TERMS("warn days=7"), answer,
	    text);
	expect(REASON_JSON_MISMATCH, url, TERMS("expect json:$.a=1"), answer,
	    "HTTP/1.1 200 OK\r\n\r\n{\"a\":2}");
	expect(REASON_JSON_MISMATCH, url, TERMS("expect json:$.b=1"), answer,
	    "HTTP/1.1 200 OK\r\n\r\n{\"a\":2}");
	expect(REASON_INDICATOR_FOUND, url, TERMS("fail_if body=node_up"),
	    answer, text);
	expect(REASON_BODY_CUT, url, TERMS("expect body=zzz"), big_body, "");
	expect(REASON_BODY_CUT, url, TERMS("fail_if body=zzz"), big_body, "");
	expect(REASON_OK, url, TERMS("expect body=aaa"), big_body, "");
}

static void
test_http_wire(void)
{
	const char *url = "http://127.0.0.1:%/";

	expect(REASON_TCP_REFUSED, url, NO_TERMS, NULL, "");
	expect(REASON_HUNG_UP, url, NO_TERMS, hang_up, "");
	expect(REASON_ANSWER_TIMEOUT, url, NO_TERMS, say_nothing, "");
	expect(REASON_WRONG_PROTOCOL, url, NO_TERMS, greet, "SSH-2.0-x\r\n");
	expect(REASON_ANSWER_TOO_LARGE, url, NO_TERMS, many_headers, "");
	expect(REASON_ANSWER_TIMEOUT, url, TERMS("expect answer-time=50ms"),
	    slow, "HTTP/1.1 200 OK\r\n\r\n");
	expect(REASON_SLOW, url, TERMS("warn answer-time=50ms"), slow,
	    "HTTP/1.1 200 OK\r\n\r\n");
	expect(REASON_OK, url, TERMS("expect connect-time=5s",
	    "warn connect-time=5s", "warn answer-time=5s"), slow,
	    "HTTP/1.1 200 OK\r\n\r\n");
	expect(REASON_TLS_PLAIN_HTTP, "https://127.0.0.1:%/", NO_TERMS, greet,
	    "HTTP/1.1 400 Bad Request\r\n\r\n");
	expect(REASON_WRONG_PROTOCOL, "https://127.0.0.1:%/", NO_TERMS, greet,
	    "220 mail.test ESMTP\r\n");
}

/* -------------------------------------------------------------------- tls */

static void
test_tls(void)
{
	const char *url = "tls://127.0.0.1:%";

	expect(REASON_TLS_PLAIN_HTTP, url, NO_TERMS, greet,
	    "HTTP/1.1 400 Bad Request\r\n\r\n");
	expect(REASON_HUNG_UP, url, NO_TERMS, hang_up, "");
	expect(REASON_ANSWER_TIMEOUT, url, NO_TERMS, say_nothing, "");
	expect(REASON_TLS_UNKNOWN_NAME, url, NO_TERMS, alert, "\x70");
	expect(REASON_TLS13_ONLY, url, NO_TERMS, alert, "\x46");
	expect(REASON_TLS_NO_COMMON, url, NO_TERMS, alert, "\x28");
	expect(REASON_TLS_REFUSED, url, NO_TERMS, alert, "\x50");
	expect(REASON_TLS_BROKEN, url, NO_TERMS, greet,
	    "\x16\x03\x03\1\1\x7f\x7f\x7f\x7f");
}

/* ------------------------------------------------------------------- ping */

static void
test_icmp(void)
{
	struct outcome o;

	look("icmp://127.0.0.1", NO_TERMS, &o);
	if (o.reason == REASON_ICMP_NOT_PERMITTED)
		skip("pings are not permitted here");
	else
		is_code(&o, REASON_OK, "a ping to ourselves");
	outcome_release(&o);
}

/* -------------------------------------------------------------------- dns */

/*
 * One answer of a name server by the first label of the question: what comes
 * is the question, with a code and perhaps a record.
 */
static void
name_server(int fd)
{
	static const uint8_t record[] = "\xc0\x0c\0\1\0\1\0\0\0\1\0\4\x0a\0\0\7";
	struct sockaddr_in from;
	socklen_t from_len = sizeof from;
	uint8_t data[512];
	ssize_t n = recvfrom(fd, data, sizeof data - sizeof record, 0,
	    (struct sockaddr *)&from, &from_len);
	size_t len = n > 0 ? (size_t)n : 0;

	if (len < 20 || memcmp(data + 13, "silent", 6) == 0)
		return;
	data[2] = 0x81;
	data[3] = memcmp(data + 13, "none", 4) == 0 ? 0x83 :
	    memcmp(data + 13, "fail", 4) == 0 ? 0x82 : 0x80;
	if (memcmp(data + 13, "web", 3) == 0) {
		data[7] = 1;
		memcpy(data + len, record, sizeof record - 1);
		len += sizeof record - 1;
	}
	(void)sendto(fd, data, len, 0, (struct sockaddr *)&from, from_len);
}

static void
expect_name(enum reason want, uint16_t port, const char *name,
    const char *const *terms)
{
	char *target = mem_format("dns://127.0.0.1:%u/%s", port, name);
	struct outcome o;

	look(target, terms, &o);
	is_code(&o, want, name);
	outcome_release(&o);
	free(target);
}

static void
test_dns(void)
{
	struct outcome o;
	uint16_t port = 0;
	int fd = fake_bind(SOCK_DGRAM, &port);
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			name_server(fd);
	}
	(void)close(fd);
	expect_name(REASON_OK, port, "web.test?A", NO_TERMS);
	expect_name(REASON_OK, port, "web.test?A",
	    TERMS("expect record=10.0.0.7"));
	expect_name(REASON_DNS_WRONG_ANSWER, port, "web.test?A",
	    TERMS("expect record=10.0.0.8"));
	expect_name(REASON_INDICATOR_FOUND, port, "web.test?A",
	    TERMS("fail_if record=10.0.0.7"));
	expect_name(REASON_DNS_NXDOMAIN, port, "none.test?A", NO_TERMS);
	expect_name(REASON_DNS_NO_RECORD, port, "empty.test?MX", NO_TERMS);
	expect_name(REASON_DNS_FAILED, port, "fail.test?A", NO_TERMS);
	expect_name(REASON_DNS_SILENT, port, "silent.test?A", NO_TERMS);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	look("dns://localhost", TERMS("expect record=127.0.0.1"), &o);
	is_code(&o, REASON_OK, "localhost");
	outcome_release(&o);
}

/* -------------------------------------------------------------- databases */

/* The script is the message's type and its body; its length is put between. */
static void
postgres(int fd, const void *script)
{
	const char *text = script;
	char data[512];
	size_t len = strlen(text + 1) + 5;
	uint8_t head[5] = { (uint8_t)*text, 0, 0, 0, 0 };

	if (recv(fd, data, sizeof data, 0) <= 0)
		return;
	if (*text == 'N') {
		fake_send(fd, "N", 1);
		return;
	}
	/* Fields are told apart by newlines there, by NULs here. */
	(void)snprintf(data, sizeof data, "%s", text + 1);
	for (size_t i = 0; i < len - 4; i++) {
		if (data[i] == '\n')
			data[i] = '\0';
	}
	head[4] = (uint8_t)len;
	fake_send(fd, head, sizeof head);
	fake_send(fd, data, len - 4);
}

static void
test_postgres(void)
{
	const char *url = "postgres://me@127.0.0.1:%/app";

	expect(REASON_OK, url, NO_TERMS, postgres, "RSCRAM-SHA-256");
	expect(REASON_OK, url, NO_TERMS, postgres, "EC28P01\nMno\n");
	expect(REASON_PG_STARTING, url, NO_TERMS, postgres,
	    "EC57P03\nMthe database system is starting up\n");
	expect(REASON_PG_RECOVERING, url, NO_TERMS, postgres,
	    "EC57P03\nMthe database system is in recovery mode\n");
	expect(REASON_PG_STOPPING, url, NO_TERMS, postgres,
	    "EC57P03\nMthe database system is shutting down\n");
	expect(REASON_PG_FULL, url, NO_TERMS, postgres,
	    "EC53300\nMtoo many clients\n");
	expect(REASON_PG_NO_DATABASE, url, NO_TERMS, postgres,
	    "EC3D000\nMno such database\n");
	expect(REASON_PG_ERROR, url, NO_TERMS, postgres,
	    "ECXX000\nM\033[31mbroken\n");
	expect(REASON_PG_NO_TLS, url, TERMS("set tls=true"), postgres, "N");
	expect(REASON_WRONG_PROTOCOL, url, NO_TERMS, greet,
	    "-ERR unknown command\r\n");
	expect(REASON_TCP_REFUSED, url, NO_TERMS, NULL, "");
	expect(REASON_ANSWER_TIMEOUT, url, NO_TERMS, say_nothing, "");
}

static void
redis(int fd, const void *script)
{
	if (!fake_hears(fd, "PING"))
		return;
	fake_says(fd, script);
	if (fake_hears(fd, "INFO"))
		fake_says(fd, "$64\r\nloading:1\r\nloading_eta_seconds:7\r\n"
		    "loading_total_bytes:9\r\nx:000\r\n\r\n");
}

static void
test_redis(void)
{
	const char *url = "redis://127.0.0.1:%/0";

	expect(REASON_OK, url, NO_TERMS, redis, "+PONG\r\n");
	expect(REASON_REDIS_NOAUTH, url, NO_TERMS, redis,
	    "-NOAUTH Authentication required.\r\n");
	expect(REASON_REDIS_LOADING, url, NO_TERMS, redis,
	    "-LOADING Redis is loading\r\n");
	expect(REASON_REDIS_MASTER_DOWN, url, NO_TERMS, redis,
	    "-MASTERDOWN Link with MASTER is down\r\n");
	expect(REASON_REDIS_MISCONF, url, NO_TERMS, redis,
	    "-MISCONF Redis is configured to save\r\n");
	expect(REASON_REDIS_PROTECTED, url, NO_TERMS, redis,
	    "-DENIED Redis is running in protected mode\r\n");
	expect(REASON_REDIS_ERROR, url, NO_TERMS, redis,
	    "-ERR \033[2J\r\n");
	expect(REASON_WRONG_PROTOCOL, url, NO_TERMS, redis, "+HELLO\r\n");
	expect(REASON_WRONG_PROTOCOL, url, NO_TERMS, redis, "HTTP/1.1 400\r\n");
}

/* ------------------------------------------------------ reasons by causes */

/* What cannot be had on every machine is at least told right. */
static void
test_causes(void)
{
	static const struct {
		enum net_cause cause;
		enum net_step step;
		enum reason want;
	} rows[] = {
		{ NET_NO_NAME, NET_AT_NAME, REASON_DNS_NXDOMAIN },
		{ NET_NO_ADDRESS, NET_AT_NAME, REASON_DNS_NO_RECORD },
		{ NET_NAME_FAILED, NET_AT_NAME, REASON_DNS_FAILED },
		{ NET_NAME_SILENT, NET_AT_NAME, REASON_DNS_SILENT },
		{ NET_NAME_NOBODY, NET_AT_NAME, REASON_DNS_UNCONFIGURED },
		{ NET_TIMED_OUT, NET_AT_CONNECT, REASON_TCP_TIMEOUT },
		{ NET_TIMED_OUT, NET_AT_ANSWER, REASON_ANSWER_TIMEOUT },
		{ NET_UNREACHABLE, NET_AT_CONNECT, REASON_NET_UNREACHABLE },
		{ NET_DENIED, NET_AT_CONNECT, REASON_NO_PERMISSION },
		{ NET_STOPPED, NET_AT_CONNECT, REASON_INTERRUPTED },
		{ NET_BROKEN, NET_AT_CONNECT, REASON_CANNOT_TRY },
	};
	struct outcome o;
	struct err err;

	err_clear(&err);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		outcome_init(&o);
		net_reason(&o, rows[i].step, rows[i].cause, false, &err);
		is_code(&o, rows[i].want, "a cause");
		outcome_release(&o);
	}
}

static void
test_verdicts(void)
{
	static const struct {
		enum trust_verdict verdict;
		enum reason want;
	} rows[] = {
		{ TRUST_OK, REASON_OK },
		{ TRUST_UNSUPPORTED, REASON_CERT_UNSUPPORTED },
		{ TRUST_INCOMPLETE, REASON_CERT_INCOMPLETE },
		{ TRUST_NOT_CA, REASON_CERT_WRONG_USAGE },
		{ TRUST_WEAK_SIGNATURE, REASON_CERT_WEAK },
		{ TRUST_BAD_SIGNATURE, REASON_CERT_BAD },
		{ TRUST_NOT_YET_VALID, REASON_CERT_NOT_YET_VALID },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_str(reason_code(net_trust_reason(rows[i].verdict)),
		    reason_code(rows[i].want), "a verdict");
}

static void
test_terms(void)
{
	static const char *const bad[] = { "", "20", "2000", "6xx", "099",
	    "600", "300-200", "200,", "200 201", "2xx;" };
	bool m;

	ok(web_status_matches("2xx", 299, &m) && m, "2xx");
	ok(web_status_matches("200-204, 404", 404, &m) && m, "a list");
	ok(web_status_matches("200-204", 205, &m) && !m, "a range");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!web_status_matches(bad[i], 200, &m), "'%s' is none",
		    bad[i]);
}

int
main(void)
{
	test_tcp();
	test_unix();
	test_http_good();
	test_http_status();
	test_http_content();
	test_http_wire();
	test_tls();
	test_icmp();
	test_dns();
	test_postgres();
	test_redis();
	test_causes();
	test_verdicts();
	test_terms();
	return done();
}
