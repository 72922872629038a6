/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS 1.0 to 1.2 as a client, over a socket that is connected.
 *
 *	struct tls *tls = tls_new();
 *	if (tls_open(tls, &sock, &want, err) == -1)
 *		... tls_trouble(tls), and what tls_chain() has by then
 *	...			sock_read() and sock_write() now go through it
 *	tls_free(tls);
 *
 * Whatever certificates the server has, the handshake is finished: a bad one
 * is to be looked at, not to end the look.  NOTHING is verified here.  The
 * server's certificates are kept as they came; net/trust judges them.
 *
 * TLS 1.3 is not spoken.  A server that speaks nothing else is recognised,
 * and is alive.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/der.h"

struct err;
struct sock;

#define TLS_CERTS_MAX 32	/* certificates of a server that are kept */
#define TLS_CHAIN_MAX (128 << 10)	/* bytes of all of them */

/* Why there is no TLS, beyond what sock.cause says. */
enum tls_trouble {
	TLS_WELL,
	TLS_WIRE,		/* the socket failed: sock.cause */
	TLS_ONLY_13,		/* it wants TLS 1.3: alive, not inspected */
	TLS_NO_COMMON,		/* no cipher suite or kind of key in common */
	TLS_UNKNOWN_NAME,	/* it serves no such name */
	TLS_ALERT,		/* another refusal: the text has its number */
	TLS_PLAIN_HTTP,		/* it speaks HTTP without TLS */
	TLS_NOT_TLS,		/* it speaks something else */
	TLS_HUNG_UP,		/* closed in the middle of the handshake */
	TLS_CERTIFICATE,	/* its certificate's key is of no use to us */
	TLS_BROKEN		/* its TLS is wrong */
};

struct tls_want {
	const char *name;	/* sent as server name; NULL: an address */
	bool is_http;		/* offer "http/1.1" */
};

/* Certificates as they were sent, the server's own first. */
struct tls_chain {
	struct der certs[TLS_CERTS_MAX];
	size_t count;
	bool is_cut;		/* there were more than the limits allow */
};

struct tls;

struct tls *tls_new(void);
/* Accepts NULL. */
void tls_free(struct tls *tls);

/*
 * Shake hands, and put TLS over the socket, which must outlive it.  One
 * tls_open() for a tls_new().
 */
int tls_open(struct tls *tls, struct sock *sock,
    const struct tls_want *want, struct err *err);

/*
 * Take TLS off the socket, which stays open, before that is closed.  What was
 * found out can still be asked for.
 */
void tls_close(struct tls *tls);

enum tls_trouble tls_trouble(const struct tls *tls);

/*
 * Of a tls_open() that failed, too, when they had come by then.  Valid until
 * tls_free().
 */
const struct tls_chain *tls_chain(const struct tls *tls);

/* "TLS 1.2"; "" before the handshake. */
const char *tls_version(const struct tls *tls);
/* Whether it is older than 1.2. */
bool tls_is_old(const struct tls *tls);

#endif
