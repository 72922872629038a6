/* SPDX-License-Identifier: BSD-2-Clause */
/* What an answer of the web must be; see web_terms.h. */
#include "web_terms.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "check.h"
#include "net/json_path.h"
#include "net/web.h"
#include "outcome.h"

#define SHOWN_MAX 60		/* bytes of a body or value that are shown */

/* ----------------------------------------------------------------- status */

static bool
parse_range(const char *text, size_t len, unsigned *from, unsigned *to)
{
	uint64_t a, b;

	if (len == 3 && text[0] >= '1' && text[0] <= '5' &&
	    strncasecmp(text + 1, "xx", 2) == 0) {
		*from = (unsigned)(text[0] - '0') * 100;
		*to = *from + 99;
		return true;
	}
	if (len == 3 && num_parse(text, 3, 10, 599, &a)) {
		*from = *to = (unsigned)a;
		return a >= 100;
	}
	if (len != 7 || text[3] != '-' || !num_parse(text, 3, 10, 599, &a) ||
	    !num_parse(text + 4, 3, 10, 599, &b))
		return false;
	*from = (unsigned)a;
	*to = (unsigned)b;
	return a >= 100 && a <= b;
}

bool
web_status_matches(const char *text, unsigned status, bool *matches)
{
	unsigned from, to;

	*matches = false;
	for (;;) {
		size_t len;

		while (*text == ' ')
			text++;
		len = strcspn(text, ", ");
		if (!parse_range(text, len, &from, &to))
			return false;
		*matches |= status >= from && status <= to;
		text += len;
		while (*text == ' ')
			text++;
		if (*text == '\0')
			return true;
		if (*text++ != ',')
			return false;
	}
}

bool
web_is_login(const struct url *url)
{
	static const char *const words[] = { "login", "signin", "sign-in",
	    "sign_in", "logon", "oauth2", "/sso", "/saml", "/auth/",
	    "authorize", "authelia", "authentik", "keycloak" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcasestr(url->path, words[i]) != NULL ||
		    strcasestr(url->host, words[i]) != NULL)
			return true;
	}
	return strncasecmp(url->host, "auth.", 5) == 0 ||
	    strncasecmp(url->host, "sso.", 4) == 0;
}

/* ------------------------------------------------------------------- terms */

/* What a term finds: whether it holds, why not, and what was seen. */
struct seen {
	bool holds;
	bool is_unsure;		/* the body was cut: it may hold beyond */
	enum reason reason;
	struct buf text;
};

static void
show(struct buf *out, const char *data, size_t len)
{
	buf_byte(out, '\'');
	escape_text(out, data, len < SHOWN_MAX ? len : SHOWN_MAX);
	buf_puts(out, len > SHOWN_MAX ? "...'" : "'");
}

static enum reason
status_reason(unsigned status)
{
	if (status == 401 || status == 403 || status == 407)
		return REASON_HTTP_AUTH;
	if (status >= 502 && status <= 504)
		return REASON_HTTP_BAD_GATEWAY;
	if (status >= 500)
		return REASON_HTTP_SERVER_ERROR;
	if (status >= 300 && status < 400)
		return REASON_HTTP_REDIRECT;
	return REASON_HTTP_STATUS;
}

static void
see_type(const struct web_reply *reply, const char *want, struct seen *seen)
{
	char type[WEB_TYPE_MAX];

	(void)web_reply_type(reply, type);
	seen->holds = strcasecmp(type, want) == 0;
	seen->reason = strcmp(type, "text/html") == 0 ?
	    REASON_HTML_INSTEAD : REASON_CTYPE_MISMATCH;
	show(&seen->text, type, strlen(type));
}

static void
see_body(const struct web_reply *reply, const char *want, struct seen *seen)
{
	seen->holds = reply->body.len > 0 && memmem(reply->body.data,
	    reply->body.len, want, strlen(want)) != NULL;
	seen->is_unsure = !seen->holds && reply->body_len > reply->body.len;
	seen->reason = REASON_BODY_MISMATCH;
	show(&seen->text, buf_text(&reply->body), reply->body.len);
}

static void
see_json(const struct web_reply *reply, const struct check_term *t,
    struct seen *seen)
{
	struct buf value = BUF_EMPTY;
	struct err err;

	seen->reason = REASON_JSON_MISMATCH;
	if (reply->body_len > reply->body.len) {
		seen->is_unsure = true;
		return;
	}
	switch (json_path_find(buf_text(&reply->body), reply->body.len,
	    t->name, &value, &err)) {
	case JSON_FOUND:
		seen->holds = strlen(t->value) == value.len && (value.len ==
		    0 || memcmp(t->value, value.data, value.len) == 0);
		buf_printf(&seen->text, "%s is ", t->name);
		show(&seen->text, buf_text(&value), value.len);
		break;
	case JSON_ABSENT:
		buf_printf(&seen->text, "%s is not there", t->name);
		break;
	case JSON_NOT:
		seen->reason = REASON_NOT_JSON;
		buf_puts(&seen->text, err.text);
	}
	buf_release(&value);
}

static void
see_header(const struct web_reply *reply, const struct check_term *t,
    struct seen *seen)
{
	const char *value = web_reply_header(reply, t->name), *each = NULL;

	seen->reason = REASON_HEADER_MISMATCH;
	while (!seen->holds && (each = web_reply_header_next(reply, t->name,
	    each)) != NULL) {
		seen->holds = strstr(each, t->value) != NULL;
		if (seen->holds)
			value = each;
	}
	escape_text(&seen->text, t->name, strlen(t->name));
	if (value == NULL) {
		buf_puts(&seen->text, " is not there");
		return;
	}
	buf_puts(&seen->text, " is ");
	show(&seen->text, value, strlen(value));
}

/* False: no key of ours. */
static bool
see(const struct web_reply *reply, const struct check_term *t,
    struct seen *seen)
{
	*seen = (struct seen){ .reason = status_reason(reply->status) };
	if (strcmp(t->key, "status") == 0) {
		(void)web_status_matches(t->value, reply->status,
		    &seen->holds);
		buf_printf(&seen->text, "%u", reply->status);
	} else if (strcmp(t->key, "content-type") == 0) {
		see_type(reply, t->value, seen);
	} else if (strcmp(t->key, "body") == 0) {
		see_body(reply, t->value, seen);
	} else if (strcmp(t->key, "json") == 0) {
		see_json(reply, t, seen);
	} else if (strcmp(t->key, "header") == 0) {
		see_header(reply, t, seen);
	} else {
		return false;
	}
	return true;
}

/* Of several values of "status" or "content-type" one is enough. */
static bool
is_choice(const struct check_term *t)
{
	return strcmp(t->key, "status") == 0 ||
	    strcmp(t->key, "content-type") == 0;
}

static bool
any_holds(const struct web_reply *reply, const struct check_terms *terms,
    const char *key)
{
	const struct check_term *t;
	bool does = false;

	for (t = NULL; !does && (t = check_next(terms, key, t)) != NULL; ) {
		struct seen seen;

		(void)see(reply, t, &seen);
		does = seen.holds;
		buf_release(&seen.text);
	}
	return does;
}

/* A redirect, or a page for people, where a login page is at work. */
static enum reason
refine(const struct web_result *result, enum reason reason)
{
	const char *location = web_reply_header(&result->reply, "Location");
	struct url to;
	struct err ignored;

	if (result->redirects > 0 && web_is_login(&result->url))
		return REASON_HTTP_REDIRECT_LOGIN;
	if (reason == REASON_HTTP_REDIRECT && location != NULL &&
	    url_resolve(&result->url, location, &to, &ignored) == 0 &&
	    web_is_login(&to))
		return REASON_HTTP_REDIRECT_LOGIN;
	return reason;
}

static void
judge_terms(const struct check_terms *terms, enum outcome_status status,
    const struct web_result *result, struct outcome *o)
{
	const struct check_term *t;
	struct seen seen;

	for (t = NULL; (t = check_next(terms, NULL, t)) != NULL; ) {
		/* A choice is told of once, with its first value. */
		if ((is_choice(t) && check_next(terms, t->key, NULL) != t) ||
		    !see(&result->reply, t, &seen))
			continue;
		if (!seen.holds && seen.is_unsure)
			outcome_reason(o, REASON_BODY_CUT, "%s: %zu bytes of "
			    "%" PRIu64, t->key, result->reply.body.len,
			    result->reply.body_len);
		else if (!seen.holds && !(is_choice(t) &&
		    any_holds(&result->reply, terms, t->key)))
			outcome_reason_as(o, status,
			    refine(result, seen.reason), "%s",
			    buf_text(&seen.text));
		buf_release(&seen.text);
	}
}

static void
judge_indicators(const struct check_terms *terms,
    const struct web_result *result, struct outcome *o)
{
	const struct check_term *t;
	struct seen seen;

	for (t = NULL; (t = check_next(terms, NULL, t)) != NULL; ) {
		if (!see(&result->reply, t, &seen))
			continue;
		if (seen.holds)
			outcome_reason(o, REASON_INDICATOR_FOUND, "%s: %s",
			    t->key, buf_text(&seen.text));
		else if (seen.reason == REASON_NOT_JSON)
			outcome_reason(o, refine(result, seen.reason), "%s",
			    buf_text(&seen.text));
		else if (seen.is_unsure)
			outcome_reason(o, REASON_BODY_CUT, "%s: %zu bytes of "
			    "%" PRIu64, t->key, result->reply.body.len,
			    result->reply.body_len);
		buf_release(&seen.text);
	}
}

/* What Prometheus would refuse. */
static void
judge_metrics(const struct check *check, const struct web_result *result,
    struct outcome *o)
{
	size_t len = strlen(check->url.path);
	char type[WEB_TYPE_MAX];

	if (len >= 8 && strcmp(check->url.path + len - 8, "/metrics") == 0 &&
	    strcmp(web_reply_type(&result->reply, type), "text/html") == 0 &&
	    result->reply.status < 300)
		outcome_reason(o, refine(result, REASON_HTML_INSTEAD),
		    "text/html where metrics were expected");
}

void
web_terms_judge(const struct check *check, const struct web_result *result,
    struct outcome *o)
{
	unsigned status = result->reply.status;
	char shown[ESCAPE_NAME_MAX];
	const char *to = web_reply_header(&result->reply, "Location");

	if (check_next(&check->expect, "status", NULL) == NULL &&
	    (status < 200 || status > 299))
		outcome_reason(o, refine(result, status_reason(status)),
		    "%u%s%s%s", status, to != NULL ? " to '" : "",
		    to != NULL ? escape_name(to, shown) : "",
		    to != NULL ? "'" : "");
	/* Before the body: what is not in a login page follows from it. */
	if (check_next(&check->expect, "content-type", NULL) == NULL)
		judge_metrics(check, result, o);
	judge_terms(&check->expect, OUTCOME_FAIL, result, o);
	judge_terms(&check->warn, OUTCOME_WARN, result, o);
	judge_indicators(&check->fail_if, result, o);
}

/* ----------------------------------------------------------------- accept */

static int
accept_terms(const struct check_terms *terms, bool has_no_body,
    struct err *err)
{
	const struct check_term *t;
	char shown[ESCAPE_NAME_MAX];
	bool ignored;

	for (t = NULL; (t = check_next(terms, NULL, t)) != NULL; ) {
		if (has_no_body && (strcmp(t->key, "body") == 0 ||
		    strcmp(t->key, "json") == 0))
			return err_set(err, ERR_USAGE, 0, "%s: there is no "
			    "body to search with head: true", t->key);
		if (strcmp(t->key, "status") == 0 &&
		    !web_status_matches(t->value, 200, &ignored))
			return err_set(err, ERR_USAGE, 0, "status: '%s' is "
			    "none: 200, 2xx, 200-399, or several with commas",
			    escape_name(t->value, shown));
		if (strcmp(t->key, "json") == 0 &&
		    json_path_check(t->name, err) == -1)
			return err_context(err, "json");
	}
	return 0;
}

int
web_terms_accept(const struct check *check, struct err *err)
{
	bool has_no_body = check_bool(&check->set, "head", false);

	return accept_terms(&check->expect, has_no_body, err) == -1 ||
	    accept_terms(&check->warn, has_no_body, err) == -1 ||
	    accept_terms(&check->fail_if, has_no_body, err) == -1 ? -1 : 0;
}
