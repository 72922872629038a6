/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One request of HTTP/1.1 over TCP, TLS or a unix socket, with the redirects
 * that it leads to.  A connection for each; nothing is kept, no cookie, no
 * compression asked for.
 *
 *	struct web_result result;
 *	got = web_fetch(&ask, &deadline, &result, err);
 *	...		result.step and result.cause say why it is -1
 *	web_result_release(&result);
 *
 * Certificates are not judged here: saw_tls gets those of each connection.
 */
#ifndef NET_WEB_H
#define NET_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/dns.h"
#include "net/sock.h"
#include "net/url.h"
#include "net/web_reply.h"

struct err;
struct tls;

#define WEB_REDIRECTS_MAX 20
#define WEB_FIELDS_MAX 50	/* headers that a request may have of its own */
#define WEB_FIELD_MAX 8192	/* bytes of one value */

struct web_field {
	const char *name;
	const char *value;
};

struct web_ask {
	const struct url *url;
	bool is_head;
	/* Beside our own, or instead of them; to the first host only. */
	const struct web_field *fields;
	size_t field_count;
	const char *unix_path;		/* NULL: by the URL's host */
	const char *connect_host;	/* where to, instead; NULL: the URL's */
	uint16_t connect_port;		/* 0: the URL's */
	unsigned redirects_max;		/* 0: none is followed */
	const uint64_t *limit_ms;	/* as of struct sock; NULL: none */
	const struct dns_system *system;
	/*
	 * Called after each handshake, on the way as well: a redirect must not
	 * hide the certificate of whoever sent it.  May be NULL.
	 */
	void (*saw_tls)(void *ctx, const struct tls *tls,
	    const struct url *url);
	void *ctx;
};

enum web_end {
	WEB_ANSWERED,
	WEB_LOOP,		/* redirected to where it was before */
	WEB_TOO_FAR,		/* more redirects than allowed */
	WEB_NOWHERE		/* redirected to what is no web address */
};

struct web_result {
	enum web_end end;
	struct web_reply reply;		/* the last one */
	struct url url;			/* which gave it */
	unsigned redirects;
	bool left_tls;			/* a redirect from https to http */
	enum net_step step;		/* of the last connection */
	enum net_cause cause;
	uint64_t step_ms[NET_STEPS];
	char peer[SOCK_PEER_MAX];
	struct tls *tls;		/* of the last one; NULL: none */
};

/* Whether it can be sent: a name, and a value without control characters. */
bool web_field_is_good(const char *name, const char *value);

/*
 * 0: a reply came, whatever it says; end says whether redirects led to its
 * place or were given up.  -1: none came.  The caller releases in any case.
 */
int web_fetch(const struct web_ask *ask, const struct deadline *deadline,
    struct web_result *result, struct err *err);

void web_result_release(struct web_result *result);

/* The bytes of a request for that URL. */
void web_format_request(const struct web_ask *ask, const struct url *url,
    struct buf *out);

#endif
