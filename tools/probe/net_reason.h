/* SPDX-License-Identifier: BSD-2-Clause */
/* What the network clients found, as reasons. */
#ifndef PROBE_NET_REASON_H
#define PROBE_NET_REASON_H

#include <stdbool.h>
#include <stdint.h>

#include "net/cause.h"
#include "net/trust.h"
#include "reasons.h"

struct check;
struct err;
struct outcome;
struct probe_context;
struct sock;
struct tls;

/* A conversation that failed; err has the evidence, escaped. */
void net_reason(struct outcome *o, enum net_step step, enum net_cause cause,
    bool is_unix, const struct err *err);

/* Rows of a kind's keys that the next two read: "connect-time: 500ms". */
#define NET_STEP_KEYS \
	{ "name-time", CHECK_DURATION, CHECK_EXPECT | CHECK_WARN, false, \
	    false }, \
	{ "connect-time", CHECK_DURATION, CHECK_EXPECT | CHECK_WARN, false, \
	    false }, \
	{ "tls-time", CHECK_DURATION, CHECK_EXPECT | CHECK_WARN, false, \
	    false }, \
	{ "answer-time", CHECK_DURATION, CHECK_EXPECT | CHECK_WARN, false, \
	    false }

/* What each step may take at most, as of struct sock. */
void net_step_limits(const struct check *check, uint64_t limit_ms[]);

/* "address", "connect_ms" and the like, and a warning of slow steps. */
void net_steps(struct outcome *o, const struct check *check,
    const char *peer, enum net_step last, const uint64_t step_ms[]);

/* The reason of a verdict; REASON_OK for TRUST_OK. */
enum reason net_trust_reason(enum trust_verdict verdict);

/*
 * TLS that was opened, or failed to (err): its version, and the server's
 * certificates for that host, by the keys in net_tls_keys.
 */
void net_tls_judge(struct outcome *o, const struct check *check,
    const struct probe_context *context, const struct tls *tls,
    const char *host);
void net_tls_failed(struct outcome *o, const struct tls *tls,
    const struct err *err);

/*
 * A chain of certificates by the same keys; without verify, only the end of
 * the first one's time.
 */
void net_certs_judge(struct outcome *o, const struct check *check,
    const struct trust_question *question, bool verify);

/* Rows of a kind's keys that net_tls_judge() reads. */
#define NET_TLS_KEYS \
	{ "days", CHECK_NUMBER, CHECK_EXPECT | CHECK_WARN, false, false }, \
	{ "ca", CHECK_TEXT, CHECK_SET, false, false }, \
	{ "verify", CHECK_BOOL, CHECK_SET, false, false }

/* Days before its end from which a certificate is warned of. */
#define NET_WARN_DAYS 14

#endif
