/* SPDX-License-Identifier: BSD-2-Clause */
/* URLs; see url.h. */
#include "net/url.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"

/* What a scheme's URL is made of. */
enum {
	HAS_HOST = 1,		/* a host, which may not be missing */
	HAS_PORT = 2,
	NEEDS_PORT = 4,
	HAS_USER = 8,
	HAS_PATH = 16,
	HAS_QUERY = 32,
	IS_FILE = 64,		/* all behind "://" is a path */
	IS_NAME = 128,		/* the host is a name of Docker's */
	MAY_BE_SOCKET = 256	/* no host: the path is a socket */
};

static const struct form {
	const char *name;
	unsigned has;
	uint16_t port;
	const char *expected;
} forms[URL_SCHEMES] = {
	[URL_HTTP] = { "http", HAS_HOST | HAS_PORT | HAS_PATH | HAS_QUERY, 80,
	    "http://HOST[:PORT][/PATH]" },
	[URL_HTTPS] = { "https", HAS_HOST | HAS_PORT | HAS_PATH | HAS_QUERY,
	    443, "https://HOST[:PORT][/PATH]" },
	[URL_TCP] = { "tcp", HAS_HOST | HAS_PORT | NEEDS_PORT, 0,
	    "tcp://HOST:PORT" },
	[URL_UNIX] = { "unix", IS_FILE, 0, "unix:///PATH" },
	[URL_ICMP] = { "icmp", HAS_HOST, 0, "icmp://HOST" },
	[URL_DNS] = { "dns", HAS_HOST | HAS_PORT | HAS_PATH | HAS_QUERY, 53,
	    "dns://NAME[?TYPE] or dns://SERVER[:PORT]/NAME[?TYPE]" },
	[URL_POSTGRES] = { "postgres", HAS_HOST | HAS_PORT | HAS_USER |
	    HAS_PATH | MAY_BE_SOCKET, 5432,
	    "postgres://[USER@]HOST[:PORT][/DATABASE] or postgres:///SOCKET" },
	[URL_REDIS] = { "redis", HAS_HOST | HAS_PORT | HAS_USER | HAS_PATH |
	    MAY_BE_SOCKET, 6379,
	    "redis://[USER@]HOST[:PORT][/NUMBER] or redis:///SOCKET" },
	[URL_TLS] = { "tls", HAS_HOST | HAS_PORT, 443, "tls://HOST[:PORT]" },
	[URL_DOCKER] = { "docker", IS_NAME, 0, "docker://[CONTAINER]" },
	[URL_VOLUME] = { "volume", IS_NAME | HAS_HOST | HAS_PATH, 0,
	    "volume://VOLUME[/PATH]" },
	[URL_PATH] = { "path", IS_FILE, 0, "path:///PATH" },
	[URL_PGDATA] = { "pgdata", IS_FILE, 0, "pgdata:///PATH" },
	[URL_CERT] = { "cert", IS_FILE, 0, "cert:///FILE" },
};

/* A piece of the text that is being parsed. */
struct piece {
	const char *at;
	size_t len;
};

const char *
url_scheme_name(enum url_scheme scheme)
{
	return forms[scheme].name;
}

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

static bool
is_host(const char *text, size_t len)
{
	size_t label = 0;

	if (len == 0 || len > URL_HOST_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (!is_alnum(text[i]) && text[i] != '-' &&
		    text[i] != '_') {
			return false;
		} else if (++label > URL_LABEL_MAX) {
			return false;
		}
	}
	return true;
}

bool
url_is_host(const char *text)
{
	struct in6_addr ip6;

	return is_host(text, strlen(text)) ||
	    inet_pton(AF_INET6, text, &ip6) == 1;
}

const char *
url_server_name(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET, host, &address) == 1 ||
	    inet_pton(AF_INET6, host, &address) == 1 ? NULL : host;
}

/* Docker's rule for names. */
static bool
is_docker_name(const char *text, size_t len)
{
	if (len == 0 || len > URL_HOST_MAX || !is_alnum(text[0]))
		return false;
	for (size_t i = 1; i < len; i++) {
		if (!is_alnum(text[i]) && strchr("_.-", text[i]) == NULL)
			return false;
	}
	return true;
}

/* Copies a piece that fits, with its NUL. */
static bool
put(char *out, size_t max, const char *text, size_t len)
{
	if (len > max || memchr(text, '\0', len) != NULL)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

/* Nothing but visible ASCII: what a request line can carry. */
static bool
is_visible(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return true;
}

static bool
parse_port(const char *text, size_t len, uint16_t *port)
{
	uint64_t value;

	if (len > 5 || !num_parse(text, len, 10, 65535, &value) || value == 0)
		return false;
	*port = (uint16_t)value;
	return true;
}

/* "name", "10.0.0.1", "[::1]", each with ":port" or without. */
static const char *
parse_host(struct piece p, const struct form *form, struct url *url)
{
	const char *end = p.at + p.len, *colon;
	struct in6_addr ip6;

	if (p.len > 0 && p.at[0] == '[') {
		const char *close = memchr(p.at, ']', p.len);

		if (close == NULL || !put(url->host, URL_HOST_MAX, p.at + 1,
		    (size_t)(close - p.at - 1)) ||
		    inet_pton(AF_INET6, url->host, &ip6) != 1)
			return "the brackets hold no IPv6 address";
		url->is_ip6 = true;
		colon = close + 1;
		if (colon < end && *colon != ':')
			return "there is something behind the brackets";
	} else {
		colon = memchr(p.at, ':', p.len);
		if (colon == NULL)
			colon = end;
		else if (memchr(colon + 1, ':', (size_t)(end - colon - 1)))
			return "an IPv6 address stands in brackets";
		if (!is_host(p.at, (size_t)(colon - p.at)))
			return "the host is no name and no address";
		(void)put(url->host, URL_HOST_MAX, p.at,
		    (size_t)(colon - p.at));
	}
	if (colon == end)
		return (form->has & NEEDS_PORT) ? "the port is missing" : NULL;
	if (!(form->has & HAS_PORT))
		return "it has no port";
	if (!parse_port(colon + 1, (size_t)(end - colon - 1), &url->port))
		return "the port is no number from 1 to 65535";
	return NULL;
}

static const char *
parse_user(struct piece *p, const struct form *form, struct url *url)
{
	const char *at = memrchr(p->at, '@', p->len);
	size_t len;

	if (at == NULL)
		return NULL;
	len = (size_t)(at - p->at);
	if (memchr(p->at, ':', len) != NULL)
		return "a password does not belong here: "
		    "everybody sees the command line";
	if (!(form->has & HAS_USER))
		return "it has no user";
	if (len == 0 || !is_visible(p->at, len) ||
	    !put(url->user, URL_USER_MAX, p->at, len))
		return "the user is no name";
	p->at = at + 1;
	p->len -= len + 1;
	return NULL;
}

static const char *
parse_file(const char *rest, struct url *url)
{
	size_t len = strlen(rest);

	if (len == 0)
		return "the path is missing";
	if (!put(url->path, URL_PATH_MAX, rest, len))
		return "the path is too long";
	return NULL;
}

static const char *
parse_name(struct piece p, const struct form *form, struct url *url)
{
	if (p.len == 0)
		return (form->has & HAS_HOST) ? "the name is missing" : NULL;
	if (!is_docker_name(p.at, p.len))
		return "Docker has no such names";
	(void)put(url->host, URL_HOST_MAX, p.at, p.len);
	return NULL;
}

/* dns://NAME has its name where others have their host. */
static const char *
settle_dns(struct url *url, bool has_port)
{
	if (url->path[0] == '\0') {
		if (has_port)
			return "the name to ask for is missing";
		memcpy(url->path, url->host, sizeof url->host);
		url->host[0] = '\0';
		url->is_ip6 = false;
	}
	return url_is_host(url->path) ? NULL : "that is no name to ask for";
}

/* What stands behind the host; p begins with '/' or '?', or is empty. */
static const char *
parse_tail(struct piece p, const struct form *form, struct url *url)
{
	const char *question = memchr(p.at, '?', p.len);
	size_t path_len = question != NULL ?
	    (size_t)(question - p.at) : p.len;
	bool is_http = url->scheme == URL_HTTP || url->scheme == URL_HTTPS;

	if (!(form->has & IS_NAME) && !is_visible(p.at, p.len))
		return "write spaces and other special bytes as %XX";
	if (memchr(p.at, '#', p.len) != NULL && !(form->has & IS_NAME))
		return "a fragment ('#') is never sent";
	if (question != NULL) {
		if (!(form->has & HAS_QUERY))
			return "it has no query ('?')";
		if (!put(url->query, URL_QUERY_MAX, question + 1,
		    p.len - path_len - 1))
			return "the query is too long";
	}
	if (path_len > 1 && !(form->has & HAS_PATH))
		return "it has no path";
	if (path_len > 0 && !is_http) {
		p.at++;
		path_len--;
	}
	if (!put(url->path, URL_PATH_MAX, p.at, path_len))
		return "the path is too long";
	if (is_http && path_len == 0)
		url->path[0] = '/';
	return NULL;
}

/* NULL, or what is wrong. */
static const char *
parse_rest(const char *rest, const struct form *form, struct url *url)
{
	struct piece host = { rest, strcspn(rest, "/?#") };
	struct piece tail = { rest + host.len, strlen(rest + host.len) };
	const char *wrong;

	if (form->has & IS_FILE)
		return parse_file(rest, url);
	if (form->has & IS_NAME) {
		wrong = parse_name(host, form, url);
	} else {
		wrong = parse_user(&host, form, url);
		if (wrong == NULL && host.len == 0 &&
		    (form->has & MAY_BE_SOCKET) && tail.len > 1)
			return parse_file(tail.at, url);
		if (wrong == NULL && host.len == 0 && url->scheme == URL_DNS &&
		    tail.len > 1)
			wrong = NULL;	/* dns:///NAME */
		else if (wrong == NULL && host.len == 0)
			wrong = "the host is missing";
		else if (wrong == NULL)
			wrong = parse_host(host, form, url);
	}
	if (wrong == NULL)
		wrong = parse_tail(tail, form, url);
	if (wrong == NULL && url->scheme == URL_DNS)
		wrong = settle_dns(url, url->port != 0);
	return wrong;
}

/* The scheme of text, and where the rest begins; false: none of ours. */
static bool
find_scheme(const char *text, enum url_scheme *scheme, const char **rest)
{
	const char *colon = strstr(text, "://");
	size_t len;

	if (colon == NULL)
		return false;
	len = (size_t)(colon - text);
	for (size_t i = 0; i < URL_SCHEMES; i++) {
		if (strlen(forms[i].name) == len &&
		    strncasecmp(text, forms[i].name, len) == 0) {
			*scheme = (enum url_scheme)i;
			*rest = colon + 3;
			return true;
		}
	}
	return false;
}

/* The error, with the known schemes. */
static int
refuse_scheme(const char *text, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];

	(void)err_set(err, ERR_USAGE, 0, "'%s': targets begin with",
	    escape_name(text, shown));
	for (size_t i = 0; i < URL_SCHEMES; i++) {
		char word[24];
		size_t len = strlen(forms[i].name);

		memcpy(word, forms[i].name, len);
		memcpy(word + len, "://", 4);
		(void)err_append(err, "%s", word);
	}
	return -1;
}

int
url_parse(const char *text, struct url *url, struct err *err)
{
	struct url made = { .port = 0 };
	char shown[ESCAPE_NAME_MAX];
	const char *rest, *wrong;
	const struct form *form;

	if (!find_scheme(text, &made.scheme, &rest))
		return refuse_scheme(text, err);
	form = &forms[made.scheme];
	wrong = strlen(text) > URL_MAX ? "it is too long" :
	    parse_rest(rest, form, &made);
	if (wrong != NULL)
		return err_set(err, ERR_USAGE, 0, "'%s': %s; expected %s",
		    escape_name(text, shown), wrong, form->expected);
	if (made.port == 0)
		made.port = form->port;
	*url = made;
	return 0;
}

/* ------------------------------------------------------------- references */

/* Take "." and ".." out of a path, in place (RFC 3986, 5.2.4). */
static void
remove_dots(char *path)
{
	char *in = path, *out = path;

	while (*in == '/') {
		size_t len = strcspn(in + 1, "/");

		if (len == 1 && in[1] == '.') {
			in += 2;
			if (*in == '\0')
				*out++ = '/';
		} else if (len == 2 && in[1] == '.' && in[2] == '.') {
			in += 3;
			while (out > path && *--out != '/')
				;
			if (*in == '\0')
				*out++ = '/';
		} else {
			memmove(out, in, len + 1);
			out += len + 1;
			in += len + 1;
		}
	}
	*out = '\0';
}

/* The URL that a reference of at most URL_MAX bytes means, as text. */
static void
join(const struct url *base, const char *location, struct buf *out)
{
	const char *slash = strrchr(base->path, '/');

	if (strncmp(location, "//", 2) == 0) {
		buf_printf(out, "%s:%s", url_scheme_name(base->scheme),
		    location);
		return;
	}
	buf_printf(out, "%s://", url_scheme_name(base->scheme));
	url_format_host(base, out);
	if (location[0] == '/') {
		buf_puts(out, location);
	} else if (location[0] == '?' || location[0] == '\0') {
		buf_printf(out, "%s%s", base->path, location);
	} else {
		buf_append(out, base->path,
		    slash != NULL ? (size_t)(slash - base->path) + 1 : 0);
		buf_puts(out, location);
	}
}

/* Whether it begins with a scheme: letters, then a colon. */
static bool
is_absolute(const char *location)
{
	size_t len = 0;

	while (is_alnum(location[len]) || strchr("+.-", location[len])) {
		if (location[len] == '\0')
			return false;
		len++;
	}
	return len > 0 && location[len] == ':';
}

int
url_resolve(const struct url *base, const char *location, struct url *url,
    struct err *err)
{
	struct buf text = BUF_EMPTY;
	char shown[ESCAPE_NAME_MAX];
	struct err why;
	int ret = -1;

	if (strlen(location) > URL_MAX) {
		err_set(err, ERR_DAMAGED, 0,
		    "a Location of more than %d bytes", URL_MAX);
		goto out;
	}
	if (is_absolute(location))
		buf_puts(&text, location);
	else
		join(base, location, &text);
	buf_cut(&text, strcspn(buf_text(&text), "#"));
	if (url_parse(buf_text(&text), url, &why) == -1 ||
	    (url->scheme != URL_HTTP && url->scheme != URL_HTTPS)) {
		err_set(err, ERR_DAMAGED, 0,
		    "it redirects to '%s', which is no address of the web",
		    escape_name(location, shown));
		goto out;
	}
	remove_dots(url->path);
	ret = 0;
out:
	buf_release(&text);
	return ret;
}

/* ----------------------------------------------------------------- format */

static void
format_host(const struct url *url, bool with_own_port, struct buf *out)
{
	buf_printf(out, url->is_ip6 ? "[%s]" : "%s", url->host);
	if (url->port != 0 && (with_own_port ||
	    url->port != forms[url->scheme].port))
		buf_printf(out, ":%u", url->port);
}

void
url_format_host(const struct url *url, struct buf *out)
{
	format_host(url, true, out);
}

void
url_format(const struct url *url, struct buf *out)
{
	const struct form *form = &forms[url->scheme];
	bool is_http = url->scheme == URL_HTTP || url->scheme == URL_HTTPS;

	buf_printf(out, "%s://", form->name);
	if (url->user[0] != '\0')
		buf_printf(out, "%s@", url->user);
	if (url->host[0] != '\0')
		format_host(url, false, out);
	if (url->path[0] != '\0' && url->host[0] != '\0' && !is_http)
		buf_byte(out, '/');
	buf_puts(out, url->path);
	if (url->query[0] != '\0')
		buf_printf(out, "?%s", url->query);
}
