/* SPDX-License-Identifier: BSD-2-Clause */
/* net/url: what is a target, what is none, and where a Location leads. */
#include "net/url.h"
#include "harness.h"

#include "base/buf.h"
#include "base/err.h"

static void
test_good(void)
{
	static const struct {
		const char *text;
		enum url_scheme scheme;
		const char *user, *host;
		unsigned port;
		const char *path, *query;
	} rows[] = {
		{ "http://web", URL_HTTP, "", "web", 80, "/", "" },
		{ "HTTP://web:8080/a?b=c", URL_HTTP, "", "web", 8080, "/a",
		    "b=c" },
		{ "https://[::1]:9/%20", URL_HTTPS, "", "::1", 9, "/%20", "" },
		{ "https://web?x", URL_HTTPS, "", "web", 443, "/", "x" },
		{ "tcp://10.0.0.1:22", URL_TCP, "", "10.0.0.1", 22, "", "" },
		{ "tcp://a_b.c.:1/", URL_TCP, "", "a_b.c.", 1, "", "" },
		{ "unix:///run/a b?c#d", URL_UNIX, "", "", 0, "/run/a b?c#d",
		    "" },
		{ "icmp://[fe80::1]", URL_ICMP, "", "fe80::1", 0, "", "" },
		{ "dns://example.org", URL_DNS, "", "", 53, "example.org",
		    "" },
		{ "dns:///db?AAAA", URL_DNS, "", "", 53, "db", "AAAA" },
		{ "dns://[::1]:53/db?MX", URL_DNS, "", "::1", 53, "db",
		    "MX" },
		{ "postgres://me@db/app", URL_POSTGRES, "me", "db", 5432,
		    "app", "" },
		{ "postgres:///run/postgresql", URL_POSTGRES, "", "", 5432,
		    "/run/postgresql", "" },
		{ "redis://cache/3", URL_REDIS, "", "cache", 6379, "3", "" },
		{ "redis://me@/r.sock", URL_REDIS, "me", "", 6379, "/r.sock",
		    "" },
		{ "tls://mail:993", URL_TLS, "", "mail", 993, "", "" },
		{ "docker://", URL_DOCKER, "", "", 0, "", "" },
		{ "docker://web-1", URL_DOCKER, "", "web-1", 0, "", "" },
		{ "volume://data/a b", URL_VOLUME, "", "data", 0, "a b", "" },
		{ "path://./a%41", URL_PATH, "", "", 0, "./a%41", "" },
		{ "pgdata:///d", URL_PGDATA, "", "", 0, "/d", "" },
		{ "cert:///c.pem", URL_CERT, "", "", 0, "/c.pem", "" },
	};
	struct url url;
	struct err err;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!ok(url_parse(rows[i].text, &url, &err) == 0,
		    "%s is a target", rows[i].text))
			continue;
		ok(url.scheme == rows[i].scheme, "its scheme");
		is_str(url.user, rows[i].user, "its user");
		is_str(url.host, rows[i].host, "its host");
		is_u64(url.port, rows[i].port, "its port");
		is_str(url.path, rows[i].path, "its path");
		is_str(url.query, rows[i].query, "its query");
	}
}

static void
test_bad(void)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "targets begin with" },
		{ "web:80", "targets begin with" },
		{ "ftp://web", "targets begin with" },
		{ "\033://web", "'\\033://web'" },
		{ "http://", "the host is missing" },
		{ "http:///x", "the host is missing" },
		{ "http://a b/", "no name" },
		{ "http://a..b/", "no name" },
		{ "http://.a/", "no name" },
		{ "http://a/ b", "%XX" },
		{ "http://a/\xc3\xa4", "%XX" },
		{ "http://a/b\r\nX: y", "%XX" },
		{ "http://a/#b", "fragment" },
		{ "http://me:secret@a/", "password" },
		{ "http://me@a/", "no user" },
		{ "redis://:secret@a", "password" },
		{ "redis://@a", "user is no name" },
		{ "http://::1/", "brackets" },
		{ "http://[::1/", "no IPv6" },
		{ "http://[1.2.3.4]/", "no IPv6" },
		{ "http://[::1]x/", "behind the brackets" },
		{ "http://a:0/", "port is no number" },
		{ "http://a:65536/", "port is no number" },
		{ "http://a:/", "port is no number" },
		{ "http://a:+1/", "port is no number" },
		{ "tcp://a", "port is missing" },
		{ "tcp://a:1/b", "no path" },
		{ "tcp://a:1?b", "no query" },
		{ "icmp://a:1", "no port" },
		{ "unix://", "path is missing" },
		{ "dns://", "host is missing" },
		{ "dns://a:53", "to ask for is missing" },
		{ "dns://a/b/c", "no name to ask for" },
		{ "postgres://", "host is missing" },
		{ "volume://", "name is missing" },
		{ "volume://../x", "no such names" },
		{ "docker://a/b", "no path" },
	};
	struct url url;
	struct err err;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		err_clear(&err);
		ok(url_parse(rows[i].text, &url, &err) == -1 &&
		    err.class == ERR_USAGE, "refused: row %zu", i);
		if (!ok(strstr(err.text, rows[i].why) != NULL,
		    "it says '%s'", rows[i].why))
			printf("# got %s\n", err.text);
	}
}

/* A host of labels of 63 bytes, len bytes in all. */
static bool
takes_host(size_t len)
{
	struct buf text = BUF_EMPTY;
	struct url url;
	struct err err;
	bool took;

	buf_puts(&text, "icmp://");
	for (size_t i = 0; i < len; i++)
		buf_byte(&text, i % 64 == 63 ? '.' : 'a');
	took = url_parse(buf_text(&text), &url, &err) == 0;
	buf_release(&text);
	return took;
}

static bool
takes_path(const char *before, size_t len)
{
	struct buf text = BUF_EMPTY;
	struct url url;
	struct err err;
	bool took;

	buf_puts(&text, before);
	for (size_t i = 0; i < len; i++)
		buf_byte(&text, 'a');
	took = url_parse(buf_text(&text), &url, &err) == 0;
	buf_release(&text);
	return took;
}

static void
test_limits(void)
{
	ok(takes_host(URL_HOST_MAX - 1) && takes_host(URL_HOST_MAX) &&
	    !takes_host(URL_HOST_MAX + 1), "the limit of a host");
	ok(takes_path("icmp://", URL_LABEL_MAX - 1) &&
	    takes_path("icmp://", URL_LABEL_MAX) &&
	    !takes_path("icmp://", URL_LABEL_MAX + 1), "of a label");
	ok(takes_path("path://", URL_PATH_MAX - 1) &&
	    takes_path("path://", URL_PATH_MAX) &&
	    !takes_path("path://", URL_PATH_MAX + 1), "of a path");
	ok(takes_path("http://a/", URL_PATH_MAX - 1) &&
	    !takes_path("http://a/", URL_PATH_MAX), "with its slash");
	ok(takes_path("http://a?", URL_QUERY_MAX - 1) &&
	    takes_path("http://a?", URL_QUERY_MAX) &&
	    !takes_path("http://a?", URL_QUERY_MAX + 1), "of a query");
}

static void
test_resolve(void)
{
	static const struct {
		const char *location, *want;
	} rows[] = {
		{ "https://b/c", "https://b/c" },
		{ "http://b", "http://b/" },
		{ "//b:81/c", "http://b:81/c" },
		{ "/x?y#z", "http://a:8080/x?y" },
		{ "x", "http://a:8080/d/x" },
		{ "../x", "http://a:8080/x" },
		{ "../../../x", "http://a:8080/x" },
		{ "./x/./y/..", "http://a:8080/d/x/" },
		{ "?q", "http://a:8080/d/e?q" },
		{ "", "http://a:8080/d/e" },
		{ "http:b", NULL },
		{ "file:///etc/passwd", NULL },
		{ "unix:///run/x", NULL },
		{ "http://u:p@b/", NULL },
		{ "/a b", NULL },
		{ "mailto:x", NULL },
	};
	struct url base, url;
	struct buf text = BUF_EMPTY;
	struct err err;

	ok(url_parse("http://a:8080/d/e?f", &base, &err) == 0, "a base");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int got = url_resolve(&base, rows[i].location, &url, &err);

		buf_cut(&text, 0);
		if (got == 0)
			url_format(&url, &text);
		is_str(got == 0 ? buf_text(&text) : NULL, rows[i].want,
		    "'%s' leads there", rows[i].location);
	}
	buf_release(&text);
}

static void
test_host_text(void)
{
	struct url url;
	struct buf text = BUF_EMPTY;
	struct err err;

	if (ok(url_parse("https://[::1]", &url, &err) == 0, "a URL")) {
		url_format_host(&url, &text);
		is_str(buf_text(&text), "[::1]:443", "its host and port");
	}
	buf_release(&text);
}

int
main(void)
{
	test_good();
	test_bad();
	test_limits();
	test_resolve();
	test_host_text();
	return done();
}
