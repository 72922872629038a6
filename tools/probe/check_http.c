/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * http:// and https://: one request, and what its answer must and must not
 * be.  Without a word about the status, 200 to 299 is good.
 *
 * Redirects are followed, unless "follow" says otherwise.  Where one leads to
 * a login page and the answer is not what was expected, that is the reason.
 */
#include <inttypes.h>
#include <strings.h>

#include "base/err.h"
#include "base/escape.h"
#include "check.h"
#include "net/tls.h"
#include "net/web.h"
#include "net_reason.h"
#include "net_talk.h"
#include "outcome.h"
#include "web_terms.h"

#define REDIRECTS 10

#define EVERYWHERE (CHECK_EXPECT | CHECK_WARN | CHECK_FAIL_IF)
static const struct check_key http_keys[] = {
	{ "status", CHECK_TEXT, EVERYWHERE, false, true },
	{ "content-type", CHECK_TEXT, EVERYWHERE, false, true },
	{ "body", CHECK_TEXT, EVERYWHERE, false, true },
	{ "json", CHECK_TEXT, EVERYWHERE, true, false },
	{ "header", CHECK_TEXT, EVERYWHERE, true, false },
	NET_TLS_KEYS,
	NET_STEP_KEYS,
	{ "send-header", CHECK_TEXT, CHECK_SET, true, false },
	{ "head", CHECK_BOOL, CHECK_SET, false, false },
	{ "follow", CHECK_BOOL, CHECK_SET, false, false },
	{ "connect", CHECK_TEXT, CHECK_SET, false, false },
	{ "port", CHECK_NUMBER, CHECK_SET, false, false },
	{ "socket", CHECK_TEXT, CHECK_SET, false, false },
	{ .name = NULL },
};

/* ---------------------------------------------------------------- failures */

static void
judge_no_answer(const struct check *check, const struct web_result *result,
    const struct err *err, struct outcome *o)
{
	if (result->step == NET_AT_TLS && result->tls != NULL &&
	    tls_trouble(result->tls) != TLS_WIRE)
		net_tls_failed(o, result->tls, err);
	else
		net_reason(o, result->step, result->cause,
		    check_text(&check->set, "socket") != NULL, err);
}

static void
judge_redirects(const struct web_result *result, struct outcome *o)
{
	const char *location = web_reply_header(&result->reply, "Location");
	char shown[ESCAPE_NAME_MAX];

	(void)escape_name(location != NULL ? location : "", shown);
	if (result->end == WEB_LOOP)
		outcome_reason(o, REASON_HTTP_REDIRECT_LOOP,
		    "back to '%s'", shown);
	else if (result->end == WEB_TOO_FAR)
		outcome_reason(o, REASON_HTTP_REDIRECT_LOOP,
		    "%u redirects, the next to '%s'", result->redirects,
		    shown);
	else if (result->end == WEB_NOWHERE)
		outcome_reason(o, REASON_HTTP_REDIRECT_NOWHERE, "'%s'",
		    shown);
	if (result->left_tls)
		outcome_reason(o, REASON_HTTP_LEFT_TLS, "%s", "");
}

/* ---------------------------------------------------------------- request */

static size_t
collect_fields(const struct check *check,
    struct web_field fields[WEB_FIELDS_MAX])
{
	const struct check_term *t;
	size_t count = 0;

	for (t = NULL; count < WEB_FIELDS_MAX &&
	    (t = check_next(&check->set, "send-header", t)) != NULL; )
		fields[count++] = (struct web_field){ t->name, t->value };
	return count;
}

static void
put_facts(const struct check *check, const struct web_result *result,
    struct outcome *o)
{
	struct buf url = BUF_EMPTY;
	char type[WEB_TYPE_MAX];

	net_steps(o, check, result->peer, result->step, result->step_ms);
	if (result->reply.status == 0)
		return;
	outcome_fact_u64(o, "status", result->reply.status);
	outcome_fact(o, "content_type", web_reply_type(&result->reply, type));
	outcome_fact_u64(o, "body_bytes", result->reply.body_len);
	if (result->redirects > 0) {
		url_format(&result->url, &url);
		outcome_fact_u64(o, "redirects", result->redirects);
		outcome_fact(o, "url", buf_text(&url));
	}
	buf_release(&url);
}

static void
judge(const struct check *check, const struct web_result *result,
    struct outcome *o)
{
	char type[WEB_TYPE_MAX], shown[ESCAPE_NAME_MAX];

	judge_redirects(result, o);
	if (result->end == WEB_ANSWERED)
		web_terms_judge(check, result, o);
	outcome_note(o, "%u, %" PRIu64 " bytes of %s%s", result->reply.status,
	    result->reply.body_len, escape_name(*web_reply_type(
	    &result->reply, type) != '\0' ? type : "no type", shown),
	    web_is_login(&result->url) && result->redirects > 0 ?
	    ", a login page" : "");
}

/* Whose certificates were judged: each server's once, not at each hop. */
struct judging {
	const struct check *check;
	const struct probe_context *context;
	struct outcome *o;
	struct url last;
	bool has_last;
};

static void
saw_tls(void *ctx, const struct tls *tls, const struct url *url)
{
	struct judging *j = ctx;

	if (j->has_last && j->last.port == url->port &&
	    strcasecmp(j->last.host, url->host) == 0)
		return;
	j->last = *url;
	j->has_last = true;
	net_tls_judge(j->o, j->check, j->context, tls, url->host);
}

/* Days were asked for, and nobody showed a certificate that has any. */
static void
miss_days(const struct check *check, struct outcome *o)
{
	bool must = check_text(&check->expect, "days") != NULL;

	if (must || check_text(&check->warn, "days") != NULL)
		outcome_reason_as(o, must ? OUTCOME_FAIL : OUTCOME_WARN,
		    REASON_TLS_PLAIN_HTTP, "days: no certificate was shown");
}

static void
fetch(const struct check *check, const struct probe_context *context,
    const struct dns_system *system, struct outcome *o)
{
	struct deadline deadline = net_deadline(context);
	struct web_field fields[WEB_FIELDS_MAX];
	uint64_t limit_ms[NET_STEPS];
	struct judging judging = { .check = check, .context = context,
	    .o = o };
	const struct web_ask ask = {
		.url = &check->url,
		.is_head = check_bool(&check->set, "head", false),
		.fields = fields,
		.field_count = collect_fields(check, fields),
		.unix_path = check_text(&check->set, "socket"),
		.connect_host = check_text(&check->set, "connect"),
		.connect_port = (uint16_t)check_number(&check->set, "port",
		    0),
		.redirects_max = check_bool(&check->set, "follow", true) ?
		    REDIRECTS : 0,
		.limit_ms = limit_ms,
		.system = system,
		.saw_tls = saw_tls,
		.ctx = &judging,
	};
	struct web_result result;
	struct err err;

	net_step_limits(check, limit_ms);
	if (web_fetch(&ask, &deadline, &result, &err) == -1) {
		judge_no_answer(check, &result, &err, o);
	} else {
		judge(check, &result, o);
		if (!judging.has_last)
			miss_days(check, o);
	}
	put_facts(check, &result, o);
	web_result_release(&result);
}

static void
run(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	struct dns_system system;
	struct err err;

	if (dns_system_load(NULL, NULL, &system, &err) == -1) {
		outcome_reason(o, REASON_CANNOT_TRY, "%s", err.text);
		return;
	}
	fetch(check, context, &system, o);
	dns_system_release(&system);
}

/* ----------------------------------------------------------------- accept */

static int
accept_fields(const struct check *check, struct err *err)
{
	const struct check_term *t;
	char shown[ESCAPE_NAME_MAX];
	size_t count = 0;

	for (t = NULL;
	    (t = check_next(&check->set, "send-header", t)) != NULL; ) {
		if (!web_field_is_good(t->name, t->value))
			return err_set(err, ERR_USAGE, 0,
			    "send-header: '%s' cannot be sent",
			    escape_name(t->name, shown));
		if (++count > WEB_FIELDS_MAX)
			return err_set(err, ERR_USAGE, 0,
			    "send-header: more than %d", WEB_FIELDS_MAX);
	}
	return 0;
}

static int
accept_check(const struct check *check, struct err *err)
{
	const char *other = check_text(&check->set, "connect");
	const char *socket = check_text(&check->set, "socket");

	if (other != NULL && !url_is_host(other))
		return err_set(err, ERR_USAGE, 0,
		    "connect: wants a name or an address");
	if (check_number(&check->set, "port", 1) - 1 >= 65535)
		return err_set(err, ERR_USAGE, 0,
		    "port: wants a number from 1 to 65535");
	if (socket != NULL && (other != NULL ||
	    check_text(&check->set, "port") != NULL))
		return err_set(err, ERR_USAGE, 0,
		    "socket: takes the place of connect: and port:");
	if (accept_fields(check, err) == -1)
		return -1;
	return web_terms_accept(check, err);
}

const struct check_kind check_kind_http = {
	.keys = http_keys,
	.limit_ms = 10000,
	.late = REASON_TIME_LIMIT,
	.accept = accept_check,
	.run = run,
};
