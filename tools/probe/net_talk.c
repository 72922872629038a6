/* SPDX-License-Identifier: BSD-2-Clause */
/* The beginning and the end of checks of the network; see net_talk.h. */
#include "net_talk.h"

#include <stddef.h>

#include "base/err.h"
#include "check.h"
#include "net/dial.h"
#include "net/tls.h"
#include "net_reason.h"
#include "outcome.h"

struct deadline
net_deadline(const struct probe_context *context)
{
	struct deadline d = { .at_ms = context->deadline_ms, .stop_fd = -1 };

	return d;
}

void
net_talk(const struct check *check, const struct probe_context *context,
    const char *unix_path, net_talk_fn *talk, struct outcome *o)
{
	const char *other = check_text(&check->set, "connect");
	struct deadline deadline = net_deadline(context);
	struct dns_system system = { .server_count = 0 };
	const struct dial to = {
		.system = &system,
		.unix_path = unix_path,
		.host = other != NULL ? other : check->url.host,
		.port = check->url.port,
	};
	struct sock sock;
	struct err err;

	sock_init(&sock, &deadline);
	net_step_limits(check, sock.limit_ms);
	if (dns_system_load(NULL, NULL, &system, &err) == -1)
		outcome_reason(o, REASON_CANNOT_TRY, "%s", err.text);
	else if (dial(&to, &sock, &err) == -1)
		net_reason(o, sock.step, sock.cause, unix_path != NULL, &err);
	else
		talk(check, context, &sock, unix_path != NULL, o);
	sock_step(&sock, sock.step);
	net_steps(o, check, sock.peer, sock.step, sock.step_ms);
	sock_close(&sock);
	dns_system_release(&system);
}

int
net_tls_accept(const struct check *check, struct err *err)
{
	if (check_bool(&check->set, "tls", false) ||
	    (check_text(&check->expect, "days") == NULL &&
	    check_text(&check->warn, "days") == NULL &&
	    check_text(&check->set, "ca") == NULL &&
	    check_text(&check->set, "verify") == NULL))
		return 0;
	return err_set(err, ERR_USAGE, 0,
	    "days:, ca: and verify: want tls: true");
}

struct tls *
net_tls_open(const struct check *check, const struct probe_context *context,
    struct sock *sock, const char *host, struct outcome *o)
{
	const struct tls_want want = { url_server_name(host), false };
	struct tls *tls = tls_new();
	struct err err;

	if (tls_open(tls, sock, &want, &err) == 0) {
		net_tls_judge(o, check, context, tls, host);
		return tls;
	}
	if (tls_trouble(tls) == TLS_WIRE)
		net_reason(o, sock->step, sock->cause, false, &err);
	else
		net_tls_failed(o, tls, &err);
	net_tls_end(tls);
	return NULL;
}

void
net_tls_end(struct tls *tls)
{
	if (tls != NULL)
		tls_close(tls);
	tls_free(tls);
}
