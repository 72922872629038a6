/* SPDX-License-Identifier: BSD-2-Clause */
/* tls://HOST[:PORT]: the handshake, and the certificates that come with it. */
#include <stddef.h>

#include "base/err.h"
#include "check.h"
#include "net/tls.h"
#include "net_reason.h"
#include "net_talk.h"
#include "outcome.h"

static const struct check_key tls_keys[] = {
	NET_TLS_KEYS,
	{ "name", CHECK_TEXT, CHECK_SET, false, false },
	{ "connect", CHECK_TEXT, CHECK_SET, false, false },
	NET_STEP_KEYS,
	{ .name = NULL },
};

static void
talk(const struct check *check, const struct probe_context *context,
    struct sock *sock, bool is_unix, struct outcome *o)
{
	const char *name = check_text(&check->set, "name");
	struct tls *tls = net_tls_open(check, context, sock,
	    name != NULL ? name : check->url.host, o);

	(void)is_unix;
	if (tls != NULL)
		outcome_note(o, "%s, %s", tls_version(tls),
		    check_bool(&check->set, "verify", true) ?
		    "the certificate is good" :
		    "the certificate was not verified");
	net_tls_end(tls);
}

static void
run(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	net_talk(check, context, NULL, talk, o);
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
