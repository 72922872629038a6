/* SPDX-License-Identifier: BSD-2-Clause */
/* What the network clients found, as reasons; see net_reason.h. */
#include "net_reason.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "base/utc.h"
#include "check.h"
#include "net/sock.h"
#include "net/tls.h"
#include "outcome.h"

static enum reason
reason_of(enum net_step step, enum net_cause cause, bool is_unix)
{
	switch (cause) {
	case NET_NO_NAME:
		return REASON_DNS_NXDOMAIN;
	case NET_NO_ADDRESS:
		return REASON_DNS_NO_RECORD;
	case NET_NAME_FAILED:
		return REASON_DNS_FAILED;
	case NET_NAME_SILENT:
		return REASON_DNS_SILENT;
	case NET_NAME_NOBODY:
		return REASON_DNS_UNCONFIGURED;
	case NET_REFUSED:
		return is_unix ? REASON_UNIX_REFUSED : REASON_TCP_REFUSED;
	case NET_TIMED_OUT:
		return step == NET_AT_CONNECT && !is_unix ?
		    REASON_TCP_TIMEOUT : REASON_ANSWER_TIMEOUT;
	case NET_UNREACHABLE:
		return REASON_NET_UNREACHABLE;
	case NET_CLOSED:
		return REASON_HUNG_UP;
	case NET_NO_SOCKET:
		return REASON_UNIX_MISSING;
	case NET_NO_SOCKET_FILE:
		return REASON_UNIX_NOT_SOCKET;
	case NET_DENIED:
		return REASON_NO_PERMISSION;
	case NET_GARBLED:
		return REASON_WRONG_PROTOCOL;
	case NET_TOO_MUCH:
		return REASON_ANSWER_TOO_LARGE;
	case NET_STOPPED:
		return REASON_INTERRUPTED;
	default:
		return REASON_CANNOT_TRY;
	}
}

void
net_reason(struct outcome *o, enum net_step step, enum net_cause cause,
    bool is_unix, const struct err *err)
{
	outcome_reason(o, reason_of(step, cause, is_unix), "%s", err->text);
	outcome_fact(o, "failed_step", net_step_name(step));
}

/* The key of a step's time; NULL: it has none. */
static const char *
step_key(enum net_step step)
{
	static const char *const keys[NET_STEPS] = {
		[NET_AT_NAME] = "name-time",
		[NET_AT_CONNECT] = "connect-time",
		[NET_AT_TLS] = "tls-time",
		[NET_AT_ANSWER] = "answer-time",
	};

	return keys[step];
}

void
net_step_limits(const struct check *check, uint64_t limit_ms[])
{
	for (int step = 0; step < NET_STEPS; step++) {
		const char *key = step_key((enum net_step)step);

		limit_ms[step] = key != NULL ?
		    check_ms(&check->expect, key, 0) : 0;
	}
}

static void
judge_step(struct outcome *o, const struct check *check, enum net_step step,
    uint64_t ms)
{
	const char *key = step_key(step);
	uint64_t most = key != NULL ?
	    check_ms(&check->warn, key, UINT64_MAX) : UINT64_MAX;

	if (ms > most)
		outcome_reason_as(o, OUTCOME_WARN, REASON_SLOW,
		    "%s: %" PRIu64 " ms, %" PRIu64 " expected",
		    net_step_name(step), ms, most);
}

void
net_steps(struct outcome *o, const struct check *check, const char *peer,
    enum net_step last, const uint64_t step_ms[])
{
	if (peer[0] != '\0')
		outcome_fact(o, "address", peer);
	for (int step = 0; step <= (int)last; step++) {
		char key[16];

		(void)snprintf(key, sizeof key, "%s_ms",
		    net_step_name((enum net_step)step));
		outcome_fact_u64(o, key, step_ms[step]);
		judge_step(o, check, (enum net_step)step, step_ms[step]);
	}
}

/* ------------------------------------------------------------ certificates */

enum reason
net_trust_reason(enum trust_verdict verdict)
{
	switch (verdict) {
	case TRUST_OK:
		return REASON_OK;
	case TRUST_UNSUPPORTED:
		return REASON_CERT_UNSUPPORTED;
	case TRUST_WRONG_NAME:
		return REASON_CERT_WRONG_NAME;
	case TRUST_NOT_YET_VALID:
		return REASON_CERT_NOT_YET_VALID;
	case TRUST_EXPIRED:
		return REASON_CERT_EXPIRED;
	case TRUST_INCOMPLETE:
		return REASON_CERT_INCOMPLETE;
	case TRUST_UNKNOWN_ISSUER:
		return REASON_CERT_UNKNOWN_ISSUER;
	case TRUST_SELF_SIGNED:
		return REASON_CERT_SELF_SIGNED;
	case TRUST_WRONG_USAGE: case TRUST_NOT_CA: case TRUST_PATH_TOO_LONG:
	case TRUST_NAME_FORBIDDEN:
		return REASON_CERT_WRONG_USAGE;
	case TRUST_WEAK_KEY: case TRUST_WEAK_SIGNATURE:
		return REASON_CERT_WEAK;
	default:
		return REASON_CERT_BAD;
	}
}

/* The end of its time against the days that it should still have. */
static void
judge_days(struct outcome *o, const struct check *check, int64_t days)
{
	uint64_t want = check_number(&check->expect, "days", 0);
	uint64_t warn = check_number(&check->warn, "days", NET_WARN_DAYS);

	if (want > 0 && days < (int64_t)(want < INT32_MAX ? want : INT32_MAX))
		outcome_reason_as(o, OUTCOME_FAIL, REASON_CERT_EXPIRES_SOON,
		    "in %" PRId64 " days, %" PRIu64 " expected", days, want);
	else if (days < (int64_t)(warn < INT32_MAX ? warn : INT32_MAX))
		outcome_reason(o, REASON_CERT_EXPIRES_SOON,
		    "in %" PRId64 " days", days);
}

static void
put_validity(struct outcome *o, const struct trust_answer *answer,
    int64_t days)
{
	char text[UTC_TEXT_MAX];

	outcome_fact(o, "cert_not_after", utc_rfc3339(answer->ends, text));
	if (days >= 0)
		outcome_fact_u64(o, "cert_days_left", (uint64_t)days);
}

/* True: the store has anchors.  *source says from where. */
static bool
fill_store(struct trust_store *store, const struct check *check,
    struct outcome *o)
{
	const char *ca = check_text(&check->set, "ca"), *path;
	struct err err;

	err_clear(&err);
	if (ca != NULL) {
		if (trust_store_read(store, ca, &err) == 0)
			return true;
		outcome_reason(o, REASON_NO_TRUST_ANCHORS, "%s", err.text);
		return false;
	}
	if (trust_store_read_system(store, &path, &err) == 0)
		return true;
	outcome_reason(o, REASON_NO_TRUST_ANCHORS, "%s; give one with ca: FILE",
	    err.text);
	return false;
}

/*
 * What counts for itself, beside a verdict that said something else or with
 * none at all.
 */
static void
judge_own(struct outcome *o, const struct check *check,
    const struct trust_answer *answer, bool has_anchors, int64_t now)
{
	int64_t days = trust_days_left(answer, now);

	put_validity(o, answer, days);
	if (answer->ends < now &&
	    (!has_anchors || answer->verdict != TRUST_EXPIRED))
		outcome_reason(o, REASON_CERT_EXPIRED, "%s",
		    has_anchors ? "as well" : "not verified further");
	else if (answer->ends >= now)
		judge_days(o, check, days);
	if (answer->starts > now && !has_anchors)
		outcome_reason(o, REASON_CERT_NOT_YET_VALID, "not verified "
		    "further");
}

void
net_certs_judge(struct outcome *o, const struct check *check,
    const struct trust_question *question, bool verify)
{
	struct trust_store *store = trust_store_new();
	struct trust_answer answer;
	bool has_anchors = verify && fill_store(store, check, o);

	outcome_fact_u64(o, "certificates", question->count);
	trust_judge(store, question, &answer);
	outcome_fact(o, "cert_verdict",
	    has_anchors ? trust_name(answer.verdict) : "not-verified");
	/* What could not be read is bad, with anchors or without. */
	if (has_anchors ? answer.verdict != TRUST_OK : !answer.has_validity)
		outcome_reason(o, net_trust_reason(answer.verdict), "%s",
		    answer.text);
	if (verify && answer.has_validity && answer.is_name_checked &&
	    !answer.is_name_good &&
	    (!has_anchors || answer.verdict != TRUST_WRONG_NAME))
		outcome_reason(o, REASON_CERT_WRONG_NAME, "%s",
		    has_anchors ? "as well" : "not verified further");
	if (answer.has_validity)
		judge_own(o, check, &answer, has_anchors, question->at);
	trust_store_free(store);
}

void
net_tls_judge(struct outcome *o, const struct check *check,
    const struct probe_context *context, const struct tls *tls,
    const char *host)
{
	const struct tls_chain *chain = tls_chain(tls);
	const struct trust_question question = { .sent = chain->certs,
	    .count = chain->count, .host = host, .at = context->now };

	outcome_fact(o, "tls_version", tls_version(tls));
	if (tls_is_old(tls))
		outcome_reason(o, REASON_TLS_OLD, "%s", tls_version(tls));
	/* Of a part, only what the server's own says can be told. */
	if (chain->is_cut)
		outcome_reason(o, REASON_CERT_UNSUPPORTED, "more was sent than "
		    "is looked at: %d certificates, %d KiB", TLS_CERTS_MAX,
		    TLS_CHAIN_MAX >> 10);
	if (!chain->is_cut || chain->count > 0)
		net_certs_judge(o, check, &question, !chain->is_cut &&
		    check_bool(&check->set, "verify", true));
}

void
net_tls_failed(struct outcome *o, const struct tls *tls,
    const struct err *err)
{
	static const enum reason reasons[] = {
		[TLS_WELL] = REASON_CANNOT_TRY,
		[TLS_WIRE] = REASON_CANNOT_TRY,
		[TLS_ONLY_13] = REASON_TLS13_ONLY,
		[TLS_NO_COMMON] = REASON_TLS_NO_COMMON,
		[TLS_UNKNOWN_NAME] = REASON_TLS_UNKNOWN_NAME,
		[TLS_ALERT] = REASON_TLS_REFUSED,
		[TLS_PLAIN_HTTP] = REASON_TLS_PLAIN_HTTP,
		[TLS_NOT_TLS] = REASON_WRONG_PROTOCOL,
		[TLS_HUNG_UP] = REASON_HUNG_UP,
		[TLS_CERTIFICATE] = REASON_CERT_UNSUPPORTED,
		[TLS_BROKEN] = REASON_TLS_BROKEN,
	};

	outcome_reason(o, reasons[tls_trouble(tls)], "%s", err->text);
}
