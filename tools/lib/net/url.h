/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What probe is pointed at, as a URL.  Pure: no look-up, no file is touched.
 *
 *	http://HOST[:PORT][/PATH][?QUERY]	and https
 *	tcp://HOST:PORT		tls://HOST[:PORT]	icmp://HOST
 *	unix://PATH
 *	dns://NAME[?TYPE]	dns://SERVER[:PORT]/NAME[?TYPE]
 *	postgres://[USER@]HOST[:PORT][/DATABASE]	postgres:///SOCKET
 *	redis://[USER@]HOST[:PORT][/NUMBER]	redis:///SOCKET
 *	docker://[CONTAINER]	volume://VOLUME[/PATH]
 *	path://PATH		pgdata://PATH		cert://PATH
 *
 * Strict: what has no place in a scheme is refused, not dropped.  A password
 * is refused wherever it stands: everybody sees the command line.
 */
#ifndef NET_URL_H
#define NET_URL_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct err;

#define URL_MAX 4096		/* bytes of a whole URL */
#define URL_HOST_MAX 253	/* bytes of a host, container or volume name */
#define URL_LABEL_MAX 63	/* bytes between two dots of a host name */
#define URL_USER_MAX 63
#define URL_PATH_MAX 2048
#define URL_QUERY_MAX 2048

enum url_scheme {
	URL_HTTP,
	URL_HTTPS,
	URL_TCP,
	URL_UNIX,
	URL_ICMP,
	URL_DNS,
	URL_POSTGRES,
	URL_REDIS,
	URL_TLS,
	URL_DOCKER,
	URL_VOLUME,
	URL_PATH,
	URL_PGDATA,
	URL_CERT,
	URL_SCHEMES		/* how many there are */
};

struct url {
	enum url_scheme scheme;
	char user[URL_USER_MAX + 1];	/* "": none */
	/*
	 * Name or address (IPv6 without brackets); of the container or volume;
	 * of the server for dns.  "": none.
	 */
	char host[URL_HOST_MAX + 1];
	bool is_ip6;
	uint16_t port;		/* the scheme's own where none was given;
				 * 0: the scheme has none */
	/*
	 * http: "/" at least, escapes kept.  File schemes, and a socket: the
	 * bytes as they are, '%' and '?' included.  dns: the name that is asked
	 * for.  Else what stands behind the host's slash.
	 */
	char path[URL_PATH_MAX + 1];
	char query[URL_QUERY_MAX + 1];	/* without '?'; http, dns */
};

/* ERR_USAGE, with the text escaped and what is expected. */
int url_parse(const char *text, struct url *url, struct err *err);

/*
 * A Location header against the http(s) URL that was asked: absolute, without
 * a scheme, a path, a relative path or a query.  A fragment is dropped; "."
 * and ".." are taken out.  Only http and https come back; ERR_DAMAGED.
 */
int url_resolve(const struct url *base, const char *location,
    struct url *url, struct err *err);

/* As url_parse takes it; a port that is the scheme's own is left out. */
void url_format(const struct url *url, struct buf *out);

/* "[::1]:80", "db:5432", "db" without a port. */
void url_format_host(const struct url *url, struct buf *out);

/* The word before "://". */
const char *url_scheme_name(enum url_scheme scheme);

/*
 * Labels of letters, digits, '-' and '_', no empty one but after a last dot:
 * what may be looked up.  Addresses count as names.
 */
bool url_is_host(const char *text);

/* The host when it is a name, which TLS tells the server; NULL: an address. */
const char *url_server_name(const char *host);

#endif
