/* SPDX-License-Identifier: BSD-2-Clause */
/* TLS on BearSSL's engine; see tls.h. */
#include "net/tls.h"

#include <bearssl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "io/io.h"
#include "net/sock.h"
#include "net/web_reply.h"

#define ALERT_HANDSHAKE_FAILURE 40
#define ALERT_PROTOCOL_VERSION 70
#define ALERT_INAPPROPRIATE_FALLBACK 86
#define ALERT_UNRECOGNIZED_NAME 112
#define FIRST_MAX 16		/* of what the server sent first */
#define SEED_LEN 32

/* BearSSL calls this with each certificate; its vtable comes first. */
struct keeper {
	const br_x509_class *vtable;
	struct tls_chain chain;	/* pointers are set when all is there */
	struct buf bytes;	/* of all certificates */
	br_x509_decoder_context decoder;	/* of the first one */
	bool is_first, is_kept;
	br_x509_pkey key;	/* its bytes are in the decoder */
	bool has_key;
};

struct tls {
	struct sock *sock;
	struct keeper keeper;
	br_ssl_client_context client;
	br_x509_minimal_context unused;	/* br_ssl_client_init_full wants it */
	unsigned char io[BR_SSL_BUFSIZE_MONO];
	unsigned char first[FIRST_MAX];
	size_t first_len;
	enum tls_trouble trouble;
	bool is_open;
	bool is_ended;		/* the socket has nothing more */
};

/* ----------------------------------------------------------------- keeper */

/* The callbacks get a pointer to the vtable's pointer, the first member. */
static struct keeper *
keeper_of(const br_x509_class **ctx)
{
	return (struct keeper *)(void *)ctx;
}

static void
start_chain(const br_x509_class **ctx, const char *name)
{
	struct keeper *k = keeper_of(ctx);

	(void)name;
	buf_cut(&k->bytes, 0);
	k->chain.count = 0;
	k->chain.is_cut = false;
	k->has_key = false;
}

static void
start_cert(const br_x509_class **ctx, uint32_t len)
{
	struct keeper *k = keeper_of(ctx);

	k->is_first = k->chain.count == 0 && !k->chain.is_cut;
	k->is_kept = k->chain.count < TLS_CERTS_MAX && !k->chain.is_cut &&
	    len <= TLS_CHAIN_MAX - k->bytes.len;
	if (!k->is_kept)
		k->chain.is_cut = true;
	if (k->is_first)
		br_x509_decoder_init(&k->decoder, NULL, NULL);
}

static void
append(const br_x509_class **ctx, const unsigned char *data, size_t len)
{
	struct keeper *k = keeper_of(ctx);

	if (k->is_kept)
		buf_append(&k->bytes, data, len);
	if (k->is_first)
		br_x509_decoder_push(&k->decoder, data, len);
}

static void
end_cert(const br_x509_class **ctx)
{
	struct keeper *k = keeper_of(ctx);

	size_t begins = 0;

	if (!k->is_kept)
		return;
	for (size_t i = 0; i < k->chain.count; i++)
		begins += k->chain.certs[i].len;
	k->chain.certs[k->chain.count++].len = k->bytes.len - begins;
}

/* The decoder's key lives in its context, which nobody else writes to. */
static unsigned
end_chain(const br_x509_class **ctx)
{
	struct keeper *k = keeper_of(ctx);
	const uint8_t *at = (const uint8_t *)k->bytes.data;
	const br_x509_pkey *key;

	for (size_t i = 0; i < k->chain.count; i++) {
		k->chain.certs[i].data = at;
		at += k->chain.certs[i].len;
	}
	if (k->chain.count == 0 && !k->chain.is_cut)
		return BR_ERR_X509_EMPTY_CHAIN;
	key = br_x509_decoder_get_pkey(&k->decoder);
	if (key == NULL)
		return (unsigned)br_x509_decoder_last_error(&k->decoder);
	k->key = *key;
	k->has_key = true;
	return 0;
}

static const br_x509_pkey *
get_pkey(const br_x509_class *const *ctx, unsigned *usages)
{
	const struct keeper *k = (const void *)ctx;

	if (usages != NULL)
		*usages = BR_KEYTYPE_KEYX | BR_KEYTYPE_SIGN;
	return k->has_key ? &k->key : NULL;
}

static const br_x509_class keeper_class = {
	sizeof(struct keeper),
	start_chain,
	start_cert,
	append,
	end_cert,
	end_chain,
	get_pkey,
};

/* --------------------------------------------------------------- failures */

static int
trouble(struct tls *tls, enum tls_trouble what, struct err *err,
    const char *text, unsigned number)
{
	bool is_alert = what != TLS_CERTIFICATE && what != TLS_BROKEN;

	tls->trouble = what;
	return sock_fail(tls->sock, is_alert ? NET_BROKEN : NET_GARBLED, 0,
	    err, "%s (%s %u)", text, is_alert ? "TLS alert" : "BearSSL error",
	    number);
}

/* What it sent is not TLS: is it plain HTTP? */
static int
not_tls(struct tls *tls, struct err *err)
{
	const char *first = (const char *)tls->first;
	const char *guess = web_guess(first, tls->first_len);

	if (tls->first_len >= 5 && memcmp(first, "HTTP/", 5) == 0) {
		tls->trouble = TLS_PLAIN_HTTP;
		return sock_fail(tls->sock, NET_GARBLED, 0, err,
		    "it speaks plain HTTP on this port");
	}
	tls->trouble = TLS_NOT_TLS;
	return sock_fail(tls->sock, NET_GARBLED, 0, err,
	    "what it sends is not TLS%s%s",
	    guess != NULL ? ", as if it were " : "",
	    guess != NULL ? guess : "");
}

static bool
looks_like_tls(const struct tls *tls)
{
	return tls->first_len >= 2 && tls->first[1] == 3 &&
	    tls->first[0] >= 0x14 && tls->first[0] <= 0x17;
}

static int
fail_alert(struct tls *tls, unsigned alert, struct err *err)
{
	switch (alert) {
	case ALERT_PROTOCOL_VERSION: case ALERT_INAPPROPRIATE_FALLBACK:
		return trouble(tls, TLS_ONLY_13, err,
		    "it refuses TLS 1.2, and so speaks only TLS 1.3", alert);
	case ALERT_HANDSHAKE_FAILURE:
		return trouble(tls, TLS_NO_COMMON, err,
		    "it has no cipher suite or kind of key in common with us, "
		    "or wants a client's certificate", alert);
	case ALERT_UNRECOGNIZED_NAME:
		return trouble(tls, TLS_UNKNOWN_NAME, err,
		    "it serves no such name", alert);
	default:
		return trouble(tls, TLS_ALERT, err,
		    "it refuses the handshake", alert);
	}
}

/* The engine has closed: why? */
static int
fail_engine(struct tls *tls, struct err *err)
{
	int code = br_ssl_engine_last_error(&tls->client.eng);

	if (tls->first_len > 0 && !looks_like_tls(tls))
		return not_tls(tls, err);
	if (code >= BR_ERR_RECV_FATAL_ALERT &&
	    code < BR_ERR_SEND_FATAL_ALERT)
		return fail_alert(tls,
		    (unsigned)(code - BR_ERR_RECV_FATAL_ALERT), err);
	if (code == BR_ERR_OK) {
		tls->trouble = TLS_HUNG_UP;
		return sock_fail(tls->sock, NET_CLOSED, 0, err,
		    "it closed in the middle of the handshake");
	}
	if (code > BR_ERR_X509_OK && code < BR_ERR_RECV_FATAL_ALERT)
		return trouble(tls, TLS_CERTIFICATE, err,
		    "its certificate has a key that cannot be used here, or "
		    "is damaged", (unsigned)code);
	if (code == BR_ERR_UNSUPPORTED_VERSION)
		return trouble(tls, TLS_BROKEN, err,
		    "it speaks a version of TLS that is too old to trust",
		    (unsigned)code);
	return trouble(tls, TLS_BROKEN, err,
	    "its TLS is wrong", (unsigned)code);
}

/* ----------------------------------------------------------------- engine */

static int
send_records(struct tls *tls, struct err *err)
{
	size_t len;
	unsigned char *data = br_ssl_engine_sendrec_buf(&tls->client.eng,
	    &len);

	if (sock_write_wire(tls->sock, data, len, err) == -1) {
		tls->trouble = TLS_WIRE;
		return -1;
	}
	br_ssl_engine_sendrec_ack(&tls->client.eng, len);
	return 0;
}

static int
receive_records(struct tls *tls, struct err *err)
{
	size_t len, got;
	unsigned char *data = br_ssl_engine_recvrec_buf(&tls->client.eng,
	    &len);

	if (sock_read_wire(tls->sock, data, len, &got, err) == -1) {
		tls->trouble = TLS_WIRE;
		return -1;
	}
	if (got == 0) {
		tls->is_ended = true;
		return 0;
	}
	if (tls->first_len < FIRST_MAX) {
		size_t more = FIRST_MAX - tls->first_len;

		if (more > got)
			more = got;
		memcpy(tls->first + tls->first_len, data, more);
		tls->first_len += more;
	}
	br_ssl_engine_recvrec_ack(&tls->client.eng, got);
	return 0;
}

/*
 * Move records until the engine has one of the wanted states.  1: it has; 0:
 * the connection has ended; -1.
 */
static int
run_until(struct tls *tls, unsigned wanted, struct err *err)
{
	for (;;) {
		unsigned state = br_ssl_engine_current_state(
		    &tls->client.eng);

		if (state & BR_SSL_CLOSED) {
			if (tls->is_open && br_ssl_engine_last_error(
			    &tls->client.eng) == BR_ERR_OK)
				return 0;
			return fail_engine(tls, err);
		}
		if (state & BR_SSL_SENDREC) {
			if (send_records(tls, err) == -1)
				return -1;
			continue;
		}
		if (state & wanted)
			return 1;
		if (tls->is_ended)
			return 0;
		if (receive_records(tls, err) == -1)
			return -1;
	}
}

/* The cover of the socket. */
static int
cover_read(void *ctx, void *data, size_t len, size_t *got, struct err *err)
{
	struct tls *tls = ctx;
	unsigned char *from;
	size_t have;
	int state = run_until(tls, BR_SSL_RECVAPP, err);

	if (state == -1)
		return -1;
	*got = 0;
	if (state == 0)
		return 0;
	from = br_ssl_engine_recvapp_buf(&tls->client.eng, &have);
	*got = have < len ? have : len;
	memcpy(data, from, *got);
	br_ssl_engine_recvapp_ack(&tls->client.eng, *got);
	return 0;
}

static int
cover_write(void *ctx, const void *data, size_t len, struct err *err)
{
	struct tls *tls = ctx;
	const char *at = data;

	while (len > 0) {
		unsigned char *to;
		size_t room;
		int state = run_until(tls, BR_SSL_SENDAPP, err);

		if (state == 0)
			return sock_fail(tls->sock, NET_CLOSED, 0, err,
			    "it hung up");
		if (state == -1)
			return -1;
		to = br_ssl_engine_sendapp_buf(&tls->client.eng, &room);
		if (room > len)
			room = len;
		memcpy(to, at, room);
		br_ssl_engine_sendapp_ack(&tls->client.eng, room);
		at += room;
		len -= room;
	}
	br_ssl_engine_flush(&tls->client.eng, 0);
	return run_until(tls, BR_SSL_SENDAPP | BR_SSL_RECVAPP, err) == -1 ?
	    -1 : 0;
}

/* ------------------------------------------------------------------- open */

struct tls *
tls_new(void)
{
	return mem_zero(1, sizeof(struct tls));
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	buf_release(&tls->keeper.bytes);
	free(tls);
}

void
tls_close(struct tls *tls)
{
	if (tls->sock != NULL)
		tls->sock->cover = (struct sock_cover){ .ctx = NULL };
	tls->sock = NULL;
}

static int
prepare(struct tls *tls, const struct tls_want *want, struct err *err)
{
	static const char *protocols[] = { "http/1.1" };
	br_ssl_engine_context *engine = &tls->client.eng;
	unsigned char seed[SEED_LEN];

	if (io_random(seed, sizeof seed, err) == -1) {
		tls->trouble = TLS_WIRE;
		tls->sock->cause = NET_BROKEN;
		return -1;
	}
	br_ssl_client_init_full(&tls->client, &tls->unused, NULL, 0);
	tls->keeper.vtable = &keeper_class;
	br_ssl_engine_set_x509(engine, &tls->keeper.vtable);
	br_ssl_engine_set_buffer(engine, tls->io, sizeof tls->io, 0);
	br_ssl_engine_inject_entropy(engine, seed, sizeof seed);
	if (want->is_http)
		br_ssl_engine_set_protocol_names(engine, protocols, 1);
	if (br_ssl_client_reset(&tls->client, want->name, 0) == 0)
		return fail_engine(tls, err);
	return 0;
}

int
tls_open(struct tls *tls, struct sock *sock, const struct tls_want *want,
    struct err *err)
{
	int state;

	sock_step(sock, NET_AT_TLS);
	tls->sock = sock;
	tls->trouble = TLS_WELL;
	if (prepare(tls, want, err) == -1)
		return -1;
	state = run_until(tls, BR_SSL_SENDAPP, err);
	if (state == -1)
		return -1;
	if (state == 0) {
		if (tls->first_len > 0 && !looks_like_tls(tls))
			return not_tls(tls, err);
		return fail_engine(tls, err);
	}
	tls->is_open = true;
	sock->cover = (struct sock_cover){ tls, cover_read, cover_write };
	return 0;
}

enum tls_trouble
tls_trouble(const struct tls *tls)
{
	return tls->trouble;
}

const struct tls_chain *
tls_chain(const struct tls *tls)
{
	return &tls->keeper.chain;
}

bool
tls_is_old(const struct tls *tls)
{
	return tls->is_open && br_ssl_engine_get_version(
	    &tls->client.eng) < BR_TLS12;
}

const char *
tls_version(const struct tls *tls)
{
	if (!tls->is_open)
		return "";
	switch (br_ssl_engine_get_version(&tls->client.eng)) {
	case BR_TLS10:
		return "TLS 1.0";
	case BR_TLS11:
		return "TLS 1.1";
	case BR_TLS12:
		return "TLS 1.2";
	default:
		return "TLS";
	}
}
