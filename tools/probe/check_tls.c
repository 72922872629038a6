/* SPDX-License-Identifier: BSD-2-Clause */
/* tls://HOST[:PORT]: the handshake, and the certificates that come with it. */
#include "base/err.h"
#include "check.h"
#include "net/dial.h"
#include "net/tls.h"
#include "net_reason.h"
#include "outcome.h"

static const struct check_key tls_keys[] = {
	NET_TLS_KEYS,
	{ "name", CHECK_TEXT, CHECK_SET, false, false },
	{ "connect", CHECK_TEXT, CHECK_SET, false, false },
	{ .name = NULL },
};

static void
shake_hands(const struct check *check, const struct probe_context *context,
    struct sock *sock, struct outcome *o)
{
	const char *name = check_text(&check->set, "name");
	const char *host = name != NULL ? name : check->url.host;
	const struct tls_want want = { url_server_name(host), false };
	struct tls *tls = tls_new();
	struct err err;

	if (tls_open(tls, sock, &want, &err) == 0) {
		net_tls_judge(o, check, context, tls, host);
		outcome_note(o, "%s, the certificate is good",
		    tls_version(tls));
	} else if (tls_trouble(tls) == TLS_WIRE) {
		net_reason(o, sock->step, sock->cause, false, &err);
	} else {
		net_tls_failed(o, tls, &err);
	}
	tls_close(tls);
	tls_free(tls);
}

static void
run(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	const char *other = check_text(&check->set, "connect");
	struct deadline deadline = net_deadline(context);
	struct dns_system system = { .server_count = 0 };
	const struct dial to = {
		.system = &system,
		.host = other != NULL ? other : check->url.host,
		.port = check->url.port,
	};
	struct sock sock;
	struct err err;

	sock_init(&sock, &deadline);
	if (dns_system_load(NULL, NULL, &system, &err) == -1)
		outcome_reason(o, REASON_CANNOT_TRY, "%s", err.text);
	else if (dial(&to, &sock, &err) == -1)
		net_reason(o, sock.step, sock.cause, false, &err);
	else
		shake_hands(check, context, &sock, o);
	sock_step(&sock, sock.step);
	net_facts(o, &sock);
	sock_close(&sock);
	dns_system_release(&system);
}

static int
accept_check(const struct check *check, struct err *err)
{
	const char *other = check_text(&check->set, "connect");
	const char *name = check_text(&check->set, "name");

	if ((other != NULL && !url_is_host(other)) ||
	    (name != NULL && !url_is_host(name)))
		return err_set(err, ERR_USAGE, 0,
		    "name: and connect: want a name or an address");
	return 0;
}

const struct check_kind check_kind_tls = {
	.keys = tls_keys,
	.limit_ms = 10000,
	.late = REASON_TIME_LIMIT,
	.accept = accept_check,
	.run = run,
};
