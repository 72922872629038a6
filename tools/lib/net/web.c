/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests of HTTP/1.1 and their redirects; see web.h. */
#include "net/web.h"

#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "net/dial.h"
#include "net/tls.h"

#define READ_LEN 8192

bool
web_field_is_good(const char *name, const char *value)
{
	size_t len = strlen(value);

	if (name[0] == '\0' || strlen(name) > URL_HOST_MAX ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789!#$%&'*+-.^_`|~") != strlen(name) ||
	    len > WEB_FIELD_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* ---------------------------------------------------------------- request */

/* Their field of that name, else ours. */
static void
put_own(const struct web_ask *ask, bool is_theirs, const char *name,
    const char *value, struct buf *out)
{
	for (size_t i = 0; is_theirs && i < ask->field_count; i++) {
		if (strcasecmp(ask->fields[i].name, name) == 0)
			return;
	}
	buf_printf(out, "%s: %s\r\n", name, value);
}

static bool
is_same_host(const struct url *a, const struct url *b)
{
	return strcasecmp(a->host, b->host) == 0 && a->port == b->port &&
	    a->scheme == b->scheme;
}

void
web_format_request(const struct web_ask *ask, const struct url *url,
    struct buf *out)
{
	bool is_theirs = is_same_host(url, ask->url);
	struct buf host = BUF_EMPTY;

	buf_printf(&host, url->is_ip6 ? "[%s]" : "%s", url->host);
	if (url->port != (url->scheme == URL_HTTPS ? 443 : 80))
		buf_printf(&host, ":%u", url->port);
	buf_printf(out, "%s %s%s%s HTTP/1.1\r\n",
	    ask->is_head ? "HEAD" : "GET", url->path,
	    url->query[0] != '\0' ? "?" : "", url->query);
	put_own(ask, is_theirs, "Host", buf_text(&host), out);
	put_own(ask, is_theirs, "User-Agent", "drydock-probe", out);
	put_own(ask, is_theirs, "Accept", "*/*", out);
	put_own(ask, is_theirs, "Accept-Encoding", "identity", out);
	/* Keys and the like are for the host that they were meant for. */
	for (size_t i = 0; is_theirs && i < ask->field_count; i++)
		buf_printf(out, "%s: %s\r\n", ask->fields[i].name,
		    ask->fields[i].value);
	put_own(ask, is_theirs, "Connection", "close", out);
	buf_puts(out, "\r\n");
	buf_release(&host);
}

/* ------------------------------------------------------------- connection */

static int
connect_to(const struct web_ask *ask, const struct url *url,
    struct sock *sock, struct err *err)
{
	bool is_first = is_same_host(url, ask->url);
	const struct dial to = {
		.system = ask->system,
		.unix_path = is_first ? ask->unix_path : NULL,
		.host = is_first && ask->connect_host != NULL ?
		    ask->connect_host : url->host,
		.port = is_first && ask->connect_port != 0 ?
		    ask->connect_port : url->port,
	};

	return dial(&to, sock, err);
}

static int
read_reply(struct sock *sock, struct web_reply *reply, struct err *err)
{
	char data[READ_LEN];
	size_t got;
	int state = 0;

	sock_step(sock, NET_AT_ANSWER);
	while (!reply->is_done && state == 0) {
		if (sock_read(sock, data, sizeof data, &got, err) == -1)
			return -1;
		state = got > 0 ? web_reply_push(reply, data, got, err) :
		    web_reply_end(reply, err);
		if (state == -1)
			sock->cause = got == 0 && (reply->status != 0 ||
			    reply->line.len == 0) ? NET_CLOSED :
			    err->class == ERR_LIMIT ? NET_TOO_MUCH :
			    NET_GARBLED;
	}
	return state;
}

/* One request and its reply. */
static int
fetch_one(const struct web_ask *ask, const struct url *url,
    struct sock *sock, struct web_result *result, struct err *err)
{
	const struct tls_want want = { url_server_name(url->host), true };
	struct buf request = BUF_EMPTY;
	int ret = -1;

	web_reply_release(&result->reply);
	web_reply_init(&result->reply, ask->is_head);
	tls_free(result->tls);
	result->tls = NULL;
	if (connect_to(ask, url, sock, err) == -1)
		goto out;
	if (url->scheme == URL_HTTPS) {
		result->tls = tls_new();
		if (tls_open(result->tls, sock, &want, err) == -1)
			goto out;
		if (ask->saw_tls != NULL)
			ask->saw_tls(ask->ctx, result->tls, url);
	}
	sock_step(sock, NET_AT_ASK);
	web_format_request(ask, url, &request);
	if (sock_write(sock, request.data, request.len, err) == -1)
		goto out;
	ret = read_reply(sock, &result->reply, err);
out:
	sock_step(sock, sock->step);
	buf_release(&request);
	return ret;
}

/* -------------------------------------------------------------- redirects */

static bool
is_redirect(const struct web_reply *reply)
{
	return (reply->status == 301 || reply->status == 302 ||
	    reply->status == 303 || reply->status == 307 ||
	    reply->status == 308) &&
	    web_reply_header(reply, "Location") != NULL;
}

/* Where they were, one line each. */
static bool
was_there(const struct buf *seen, const struct buf *url)
{
	struct buf line = BUF_EMPTY;
	bool was;

	buf_printf(&line, "\n%s\n", buf_text(url));
	was = strstr(buf_text(seen), buf_text(&line)) != NULL;
	buf_release(&line);
	return was;
}

/* True: result->url is where to go next. */
static bool
go_on(const struct web_ask *ask, struct web_result *result,
    struct buf *seen)
{
	const char *location = web_reply_header(&result->reply, "Location");
	struct buf text = BUF_EMPTY;
	struct url next;
	struct err ignored;
	bool goes = false;

	if (url_resolve(&result->url, location, &next, &ignored) == -1) {
		result->end = WEB_NOWHERE;
		return false;
	}
	url_format(&next, &text);
	if (was_there(seen, &text)) {
		result->end = WEB_LOOP;
	} else if (result->redirects >= ask->redirects_max) {
		result->end = WEB_TOO_FAR;
	} else {
		buf_printf(seen, "%s\n", buf_text(&text));
		result->left_tls |= result->url.scheme == URL_HTTPS &&
		    next.scheme == URL_HTTP;
		result->redirects++;
		result->url = next;
		goes = true;
	}
	buf_release(&text);
	return goes;
}

int
web_fetch(const struct web_ask *ask, const struct deadline *deadline,
    struct web_result *result, struct err *err)
{
	struct buf seen = BUF_EMPTY;
	struct sock sock;
	int ret;

	memset(result, 0, sizeof *result);
	result->url = *ask->url;
	buf_byte(&seen, '\n');
	url_format(ask->url, &seen);
	buf_byte(&seen, '\n');
	do {
		sock_init(&sock, deadline);
		if (ask->limit_ms != NULL)
			memcpy(sock.limit_ms, ask->limit_ms,
			    sizeof sock.limit_ms);
		ret = fetch_one(ask, &result->url, &sock, result, err);
		result->step = sock.step;
		result->cause = ret == 0 ? NET_OK : sock.cause;
		memcpy(result->step_ms, sock.step_ms, sizeof sock.step_ms);
		memcpy(result->peer, sock.peer, sizeof sock.peer);
		if (result->tls != NULL)
			tls_close(result->tls);
		sock_close(&sock);
	} while (ret == 0 && ask->redirects_max > 0 &&
	    is_redirect(&result->reply) && go_on(ask, result, &seen));
	buf_release(&seen);
	return ret;
}

void
web_result_release(struct web_result *result)
{
	web_reply_release(&result->reply);
	tls_free(result->tls);
	result->tls = NULL;
}
