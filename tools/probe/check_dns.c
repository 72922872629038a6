/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns://NAME: what this system makes of the name, its hosts file included.
 * dns://SERVER/NAME?TYPE: what that server answers.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "check.h"
#include "net/dns.h"
#include "net_reason.h"
#include "net_talk.h"
#include "outcome.h"

static const struct check_key dns_keys[] = {
	{ "record", CHECK_TEXT, CHECK_EXPECT | CHECK_WARN | CHECK_FAIL_IF,
	    false, true },
	{ .name = NULL },
};

#define RECORD_TEXT (DNS_NAME_TEXT + 24)

/* What was found, as texts. */
struct found {
	char (*texts)[RECORD_TEXT];	/* room for DNS_RECORDS_MAX */
	size_t count;
};

/* ----------------------------------------------------------------- judging */

static bool
has_record(const struct found *found, const char *text)
{
	for (size_t i = 0; i < found->count; i++) {
		if (strcasecmp(found->texts[i], text) == 0)
			return true;
	}
	return false;
}

static void
judge(const struct check *check, const struct found *found,
    struct outcome *o)
{
	const struct check_term *t;
	struct buf all = BUF_EMPTY;

	for (size_t i = 0; i < found->count && all.len < 256; i++)
		buf_printf(&all, "%s%s", i > 0 ? ", " : "", found->texts[i]);
	outcome_fact_u64(o, "records", found->count);
	outcome_fact(o, "answer", buf_text(&all));
	for (t = NULL; (t = check_next(&check->expect, "record", t)); ) {
		if (!has_record(found, t->value))
			outcome_reason(o, REASON_DNS_WRONG_ANSWER, "%s",
			    buf_text(&all));
	}
	for (t = NULL; (t = check_next(&check->warn, "record", t)); ) {
		if (!has_record(found, t->value))
			outcome_reason_as(o, OUTCOME_WARN,
			    REASON_DNS_WRONG_ANSWER, "%s", buf_text(&all));
	}
	for (t = NULL; (t = check_next(&check->fail_if, "record", t)); ) {
		if (has_record(found, t->value))
			outcome_reason(o, REASON_INDICATOR_FOUND, "%s",
			    buf_text(&all));
	}
	outcome_note(o, "%s", buf_text(&all));
	buf_release(&all);
}

/* --------------------------------------------------------------- questions */

static void
put_record(const struct dns_record *record, char text[RECORD_TEXT])
{
	if (record->type == DNS_MX)
		(void)snprintf(text, RECORD_TEXT, "%u %s", record->priority,
		    record->text);
	else if (record->type == DNS_SRV)
		(void)snprintf(text, RECORD_TEXT, "%u %u %u %s",
		    record->priority, record->weight, record->port,
		    record->text);
	else
		(void)snprintf(text, RECORD_TEXT, "%s", record->text);
}

static void
take_answer(const struct check *check, const struct dns_answer *answer,
    enum dns_type type, struct found *found, struct outcome *o)
{
	char code[DNS_CODE_TEXT];

	(void)dns_code_text(answer->code, code);
	outcome_fact(o, "rcode", code);
	if (answer->code == DNS_NXDOMAIN) {
		outcome_reason(o, REASON_DNS_NXDOMAIN, "%s", code);
	} else if (answer->code != DNS_OK) {
		outcome_reason(o, REASON_DNS_FAILED, "%s", code);
	} else if (answer->count == 0) {
		outcome_reason(o, REASON_DNS_NO_RECORD, "no %s",
		    dns_type_name(type));
	} else {
		for (size_t i = 0; i < answer->count; i++)
			put_record(&answer->records[i],
			    found->texts[found->count++]);
		judge(check, found, o);
	}
}

/* Ask the given server, or those of the system, for one type. */
static void
ask(const struct check *check, struct dns_call *call, struct found *found,
    struct outcome *o)
{
	struct dns_answer *answer = mem_alloc(sizeof *answer);
	const struct url *url = &check->url;
	const struct dns_host host = { url->host, url->port, DNS_ANY };
	struct dns_question question = { .name = url->path, .type = DNS_A };
	char peer[SOCK_PEER_MAX];
	struct dns_addrs servers = { .count = 0 };
	struct err err;

	if (url->query[0] != '\0')
		(void)dns_type_parse(url->query, &question.type);
	if (url->host[0] != '\0' &&
	    dns_resolve(call, &host, &servers, &err) == -1) {
		(void)err_context(&err, "the name server");
		net_reason(o, NET_AT_NAME, call->cause, false, &err);
	} else if (dns_ask(call, servers.count > 0 ? &servers.items[0] :
	    NULL, &question, answer, &err) == -1) {
		net_reason(o, NET_AT_ANSWER, call->cause, false, &err);
	} else {
		take_answer(check, answer, question.type, found, o);
	}
	if (servers.count > 0)
		outcome_fact(o, "server",
		    sock_addr_text(&servers.items[0], peer));
	free(answer);
}

/* As every program here would see it. */
static void
resolve(const struct check *check, struct dns_call *call,
    struct found *found, struct outcome *o)
{
	const struct dns_host host = { check->url.path, 0, DNS_ANY };
	struct dns_addrs addrs;
	struct err err;

	if (dns_resolve(call, &host, &addrs, &err) == -1) {
		net_reason(o, NET_AT_NAME, call->cause, false, &err);
		return;
	}
	for (size_t i = 0; i < addrs.count; i++)
		sock_ip_text(&addrs.items[i], found->texts[found->count++]);
	judge(check, found, o);
}

static void
run(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	struct deadline deadline = net_deadline(context);
	struct dns_system system;
	struct dns_call call = { .system = &system, .deadline = &deadline };
	struct found found = { .count = 0 };
	struct err err;

	if (dns_system_load(NULL, NULL, &system, &err) == -1) {
		outcome_reason(o, REASON_CANNOT_TRY, "%s", err.text);
		return;
	}
	found.texts = mem_zero(DNS_RECORDS_MAX, sizeof *found.texts);
	if (check->url.host[0] == '\0' && check->url.query[0] == '\0')
		resolve(check, &call, &found, o);
	else
		ask(check, &call, &found, o);
	free(found.texts);
	dns_system_release(&system);
}

static int
accept_check(const struct check *check, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	enum dns_type type;

	if (check->url.query[0] != '\0' &&
	    !dns_type_parse(check->url.query, &type))
		return err_set(err, ERR_USAGE, 0, "'%s' is no type of record "
		    "that can be asked for: A, AAAA, CNAME, MX, NS, PTR, SRV "
		    "or TXT", escape_name(check->url.query, shown));
	return 0;
}

const struct check_kind check_kind_dns = {
	.keys = dns_keys,
	.limit_ms = 5000,
	.late = REASON_DNS_SILENT,
	.accept = accept_check,
	.run = run,
};
