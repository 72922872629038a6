/* SPDX-License-Identifier: BSD-2-Clause */
/* icmp://HOST: the machine answers a ping. */
#include <inttypes.h>

#include "base/err.h"
#include "check.h"
#include "net/dns.h"
#include "net/icmp.h"
#include "net_reason.h"
#include "net_talk.h"
#include "outcome.h"

static const struct check_key icmp_keys[] = {
	{ .name = NULL },
};

static void
ping(const union sock_addr *addr, const struct deadline *deadline,
    struct outcome *o)
{
	struct icmp_answer answer;
	char peer[SOCK_PEER_MAX];
	enum net_cause cause;
	struct err err;

	if (icmp_ping(addr, deadline, &answer, &cause, &err) == 0) {
		outcome_fact_u64(o, "echo_ms", answer.took_ms);
		outcome_fact_u64(o, "pings", answer.sent);
		outcome_note(o, "an echo after %" PRIu64 " ms",
		    answer.took_ms);
	} else if (cause == NET_DENIED) {
		outcome_reason(o, REASON_ICMP_NOT_PERMITTED, "%s", err.text);
	} else if (cause == NET_TIMED_OUT) {
		outcome_reason(o, REASON_ICMP_SILENT, "%s", err.text);
	} else {
		net_reason(o, NET_AT_CONNECT, cause, false, &err);
	}
	outcome_fact(o, "address", sock_addr_text(addr, peer));
}

static void
run(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	struct deadline deadline = net_deadline(context);
	struct dns_system system;
	const struct dns_host host = { check->url.host, 0, DNS_ANY };
	struct dns_call call = { .system = &system, .deadline = &deadline };
	struct dns_addrs addrs;
	struct err err;

	if (dns_system_load(NULL, NULL, &system, &err) == -1) {
		outcome_reason(o, REASON_CANNOT_TRY, "%s", err.text);
		return;
	}
	if (dns_resolve(&call, &host, &addrs, &err) == -1)
		net_reason(o, NET_AT_NAME, call.cause, false, &err);
	else
		ping(&addrs.items[0], &deadline, o);
	dns_system_release(&system);
}

const struct check_kind check_kind_icmp = {
	.keys = icmp_keys,
	.limit_ms = 5000,
	.late = REASON_ICMP_SILENT,
	.run = run,
};
