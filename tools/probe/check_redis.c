/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis://[USER@]HOST[:PORT], redis:///SOCKET: it answers PING; while it is
 * loading, how far it is.
 */
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "check.h"
#include "io/io.h"
#include "net/redis.h"
#include "net/sock.h"
#include "net_reason.h"
#include "net_talk.h"
#include "outcome.h"

static const struct check_key redis_keys[] = {
	NET_TLS_KEYS,
	{ "tls", CHECK_BOOL, CHECK_SET, false, false },
	{ "password-file", CHECK_TEXT, CHECK_SET, false, false },
	NET_STEP_KEYS,
	{ .name = NULL },
};

static void
judge_loading(const struct redis_answer *answer, struct outcome *o)
{
	bool has_eta = answer->eta_s != REDIS_UNKNOWN;
	bool has_bytes = answer->loaded_bytes != REDIS_UNKNOWN &&
	    answer->total_bytes != REDIS_UNKNOWN && answer->total_bytes > 0;

	if (has_eta)
		outcome_fact_u64(o, "eta_s", answer->eta_s);
	if (has_bytes) {
		outcome_fact_u64(o, "loaded_bytes", answer->loaded_bytes);
		outcome_fact_u64(o, "total_bytes", answer->total_bytes);
	}
	if (has_eta && has_bytes)
		outcome_reason(o, REASON_REDIS_LOADING,
		    "about %" PRIu64 " s left, %.0f %% loaded",
		    answer->eta_s, 100.0 * (double)answer->loaded_bytes /
		    (double)answer->total_bytes);
	else
		outcome_reason(o, REASON_REDIS_LOADING, "%s", answer->text);
}

static void
judge(const struct redis_answer *answer, struct outcome *o)
{
	static const enum reason reasons[] = {
		[REDIS_ALIVE] = REASON_OK,
		[REDIS_WANTS_PASSWORD] = REASON_REDIS_NOAUTH,
		[REDIS_WRONG_PASSWORD] = REASON_REDIS_WRONG_PASSWORD,
		[REDIS_LOADING] = REASON_REDIS_LOADING,
		[REDIS_MASTER_DOWN] = REASON_REDIS_MASTER_DOWN,
		[REDIS_CANNOT_SAVE] = REASON_REDIS_MISCONF,
		[REDIS_PROTECTED] = REASON_REDIS_PROTECTED,
		[REDIS_ERROR] = REASON_REDIS_ERROR,
	};

	if (answer->state == REDIS_ALIVE)
		outcome_note(o, "PONG");
	else if (answer->state == REDIS_LOADING)
		judge_loading(answer, o);
	else
		outcome_reason(o, reasons[answer->state], "%s",
		    answer->text);
}

/* The first line of the file; false, with the reason given, when not. */
static bool
read_password(const char *path, struct buf *password, struct outcome *o)
{
	struct err err;

	err_clear(&err);
	if (io_read_typed(path, REDIS_PASSWORD_MAX, password, &err) == -1) {
		outcome_reason(o, REASON_CANNOT_TRY, "password-file: %s",
		    err.text);
		return false;
	}
	buf_cut(password, strcspn(buf_text(password), "\r\n"));
	return true;
}

static void
ask(const struct check *check, struct sock *sock, bool is_unix,
    const char *password, struct outcome *o)
{
	const char *user = check->url.user[0] != '\0' ? check->url.user :
	    NULL;
	struct redis_answer answer;
	struct err err;

	if (redis_ask(sock, user, password, &answer, &err) == 0)
		judge(&answer, o);
	else
		net_reason(o, sock->step, sock->cause, is_unix, &err);
}

static void
talk(const struct check *check, const struct probe_context *context,
    struct sock *sock, bool is_unix, struct outcome *o)
{
	const char *path = check_text(&check->set, "password-file");
	struct buf password = BUF_EMPTY;
	struct tls *tls = NULL;

	if (path != NULL && !read_password(path, &password, o))
		goto out;
	if (check_bool(&check->set, "tls", false)) {
		tls = net_tls_open(check, context, sock, check->url.host, o);
		if (tls == NULL)
			goto out;
	}
	ask(check, sock, is_unix, path != NULL ? buf_text(&password) : NULL,
	    o);
out:
	net_tls_end(tls);
	if (password.data != NULL)
		explicit_bzero(password.data, password.len);
	buf_release(&password);
}

static void
run(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	net_talk(check, context, check->url.host[0] == '\0' ?
	    check->url.path : NULL, talk, o);
}

static int
accept_check(const struct check *check, struct err *err)
{
	const char *path = check->url.path;

	if (check->url.user[0] != '\0' &&
	    check_text(&check->set, "password-file") == NULL)
		return err_set(err, ERR_USAGE, 0,
		    "a user is of no use without password-file");
	if (check->url.host[0] != '\0' &&
	    strspn(path, "0123456789") != strlen(path))
		return err_set(err, ERR_USAGE, 0,
		    "a database of Redis is a number");
	return net_tls_accept(check, err);
}

const struct check_kind check_kind_redis = {
	.keys = redis_keys,
	.limit_ms = 5000,
	.late = REASON_TIME_LIMIT,
	.accept = accept_check,
	.run = run,
};
