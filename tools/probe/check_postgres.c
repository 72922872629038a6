/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * postgres://[USER@]HOST[:PORT][/DATABASE], postgres:///SOCKET: the server
 * takes connections.  Whether it would let the user in does not matter.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "check.h"
#include "net/postgres.h"
#include "net/sock.h"
#include "net_reason.h"
#include "net_talk.h"
#include "outcome.h"

#define NAME_MAX_PG 63		/* bytes of a name, as PostgreSQL has it */
#define USER "postgres"		/* unless the target says otherwise */

static const struct check_key postgres_keys[] = {
	NET_TLS_KEYS,
	{ "tls", CHECK_BOOL, CHECK_SET, false, false },
	NET_STEP_KEYS,
	{ .name = NULL },
};

static void
judge(const struct postgres_answer *answer, struct outcome *o)
{
	static const enum reason reasons[] = {
		[POSTGRES_ALIVE] = REASON_OK,
		[POSTGRES_STARTING] = REASON_PG_STARTING,
		[POSTGRES_RECOVERING] = REASON_PG_RECOVERING,
		[POSTGRES_STOPPING] = REASON_PG_STOPPING,
		[POSTGRES_FULL] = REASON_PG_FULL,
		[POSTGRES_NO_DATABASE] = REASON_PG_NO_DATABASE,
		[POSTGRES_REFUSES] = REASON_OK,
		[POSTGRES_ERROR] = REASON_PG_ERROR,
	};
	enum reason reason = reasons[answer->state];

	if (answer->code[0] != '\0')
		outcome_fact(o, "sqlstate", answer->code);
	if (reason != REASON_OK)
		outcome_reason(o, reason, "%s: %s", answer->code,
		    answer->text);
	else if (answer->state == POSTGRES_REFUSES)
		outcome_note(o, "it takes connections, though not ours (%s)",
		    answer->code);
	else
		outcome_note(o, "it takes connections");
}

/* TLS over the socket, when the check wants it.  False: that failed. */
static bool
cover(const struct check *check, const struct probe_context *context,
    struct sock *sock, struct tls **tls, struct outcome *o)
{
	bool has_tls;
	struct err err;

	if (!check_bool(&check->set, "tls", false))
		return true;
	if (postgres_ask_tls(sock, &has_tls, &err) == -1) {
		net_reason(o, sock->step, sock->cause, false, &err);
		return false;
	}
	if (!has_tls) {
		outcome_reason(o, REASON_PG_NO_TLS, "%s", "");
		return false;
	}
	*tls = net_tls_open(check, context, sock, check->url.host, o);
	return *tls != NULL;
}

static void
talk(const struct check *check, const struct probe_context *context,
    struct sock *sock, bool is_unix, struct outcome *o)
{
	const struct url *url = &check->url;
	struct postgres_answer answer;
	struct tls *tls = NULL;
	struct err err;

	if (cover(check, context, sock, &tls, o)) {
		if (postgres_ask(sock, url->user[0] != '\0' ? url->user :
		    USER, is_unix ? "" : url->path, &answer, &err) == 0)
			judge(&answer, o);
		else
			net_reason(o, sock->step, sock->cause, is_unix, &err);
	}
	net_tls_end(tls);
}

/* A folder holds a socket by the port's number. */
static char *
socket_path(const struct url *url)
{
	struct stat st;

	if (url->host[0] != '\0')
		return NULL;
	if (stat(url->path, &st) == 0 && S_ISDIR(st.st_mode))
		return mem_format("%s/.s.PGSQL.%u", url->path, url->port);
	return mem_text(url->path);
}

static void
run(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	char *path = socket_path(&check->url);

	net_talk(check, context, path, talk, o);
	free(path);
}

static int
accept_check(const struct check *check, struct err *err)
{
	bool is_unix = check->url.host[0] == '\0';

	if (strlen(check->url.user) > NAME_MAX_PG ||
	    (!is_unix && strlen(check->url.path) > NAME_MAX_PG))
		return err_set(err, ERR_USAGE, 0, "names of users and "
		    "databases have at most %d bytes", NAME_MAX_PG);
	if (is_unix && check_bool(&check->set, "tls", false))
		return err_set(err, ERR_USAGE, 0,
		    "PostgreSQL has no TLS on a unix socket");
	return net_tls_accept(check, err);
}

const struct check_kind check_kind_postgres = {
	.keys = postgres_keys,
	.limit_ms = 5000,
	.late = REASON_TIME_LIMIT,
	.accept = accept_check,
	.run = run,
};
