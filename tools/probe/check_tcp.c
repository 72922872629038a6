/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcp://HOST:PORT and unix://PATH: somebody takes the call, does not hang up
 * at once, and says what is expected, when anything is.
 */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/escape.h"
#include "check.h"
#include "net/sock.h"
#include "net_reason.h"
#include "net_talk.h"
#include "outcome.h"

#define ANSWER_MAX 4096		/* bytes that are searched */
#define SHOWN_MAX 60		/* bytes of an answer that are shown */
/*
 * The engine's proxy takes every call for a published port, and hangs up when
 * it finds nobody in the container: so long is waited for that.
 */
#define HANG_UP_MS 100

static const struct check_key tcp_keys[] = {
	{ "answer", CHECK_TEXT, CHECK_EXPECT | CHECK_WARN | CHECK_FAIL_IF,
	    false, true },
	{ "send", CHECK_TEXT, CHECK_SET, false, false },
	{ "connect", CHECK_TEXT, CHECK_SET, false, false },
	{ "published", CHECK_TEXT, CHECK_SET, false, false },
	NET_STEP_KEYS,
	{ .name = NULL },
};

struct answer {
	char data[ANSWER_MAX];
	size_t len;
};

static bool
holds(const struct answer *answer, const char *value)
{
	return memmem(answer->data, answer->len, value, strlen(value)) !=
	    NULL;
}

/* Whether all that must be there has come: no need to wait on. */
static bool
has_all(const struct check *check, const struct answer *answer)
{
	const struct check_terms *places[] = { &check->expect, &check->warn };
	const struct check_term *t;

	for (size_t i = 0; i < 2; i++) {
		for (t = NULL;
		    (t = check_next(places[i], "answer", t)) != NULL; ) {
			if (!holds(answer, t->value))
				return false;
		}
	}
	return true;
}

/* What must not come may always come later. */
static bool
is_decided(const struct check *check, const struct answer *answer)
{
	const struct check_term *t = NULL;

	if (check_next(&check->fail_if, "answer", NULL) == NULL)
		return has_all(check, answer);
	while ((t = check_next(&check->fail_if, "answer", t)) != NULL) {
		if (holds(answer, t->value))
			return true;
	}
	return false;
}

/*
 * Until that is decided, they hang up, or the time is over.  True: they hung
 * up.
 */
static bool
read_answer(const struct check *check, struct sock *sock,
    struct answer *answer)
{
	struct err ignored;
	size_t got;

	answer->len = 0;
	while (answer->len < ANSWER_MAX &&
	    (answer->len == 0 || !is_decided(check, answer))) {
		if (sock_read(sock, answer->data + answer->len,
		    ANSWER_MAX - answer->len, &got, &ignored) == -1)
			return sock->cause == NET_CLOSED;
		if (got == 0)
			return true;
		answer->len += got;
	}
	return false;
}

static void
judge_answer(const struct check *check, const struct answer *answer,
    struct outcome *o)
{
	struct buf shown = BUF_EMPTY;
	const struct check_term *t;

	escape_text(&shown, answer->data,
	    answer->len < SHOWN_MAX ? answer->len : SHOWN_MAX);
	for (t = NULL; (t = check_next(&check->expect, "answer", t)); ) {
		if (!holds(answer, t->value))
			outcome_reason(o, REASON_BODY_MISMATCH,
			    "it says '%s'", buf_text(&shown));
	}
	for (t = NULL; (t = check_next(&check->warn, "answer", t)); ) {
		if (!holds(answer, t->value))
			outcome_reason_as(o, OUTCOME_WARN,
			    REASON_BODY_MISMATCH, "it says '%s'",
			    buf_text(&shown));
	}
	for (t = NULL; (t = check_next(&check->fail_if, "answer", t)); ) {
		if (holds(answer, t->value))
			outcome_reason(o, REASON_INDICATOR_FOUND,
			    "it says '%s'", buf_text(&shown));
		else if (answer->len == ANSWER_MAX)
			outcome_reason(o, REASON_BODY_CUT,
			    "answer: the first %d bytes", ANSWER_MAX);
	}
	outcome_note(o, "it says '%s'", buf_text(&shown));
	buf_release(&shown);
}

static bool
hangs_up_at_once(const struct sock *sock)
{
	struct deadline d = deadline_sooner(&sock->deadline, HANG_UP_MS);
	char byte;

	return deadline_wait(&d, sock->fd, POLLIN) == 0 &&
	    recv(sock->fd, &byte, 1, MSG_PEEK) <= 0;
}

static void
talk(const struct check *check, const struct probe_context *context,
    struct sock *sock, bool is_unix, struct outcome *o)
{
	const char *text = check_text(&check->set, "send");
	bool has_answer = check_next(&check->expect, "answer", NULL) ||
	    check_next(&check->warn, "answer", NULL) ||
	    check_next(&check->fail_if, "answer", NULL);
	struct answer answer;
	struct err err;

	(void)context;
	sock_step(sock, NET_AT_ASK);
	if (text != NULL &&
	    sock_write(sock, text, strlen(text), &err) == -1) {
		net_reason(o, sock->step, sock->cause, is_unix, &err);
		return;
	}
	if (has_answer) {
		sock_step(sock, NET_AT_ANSWER);
		if (read_answer(check, sock, &answer) && answer.len == 0)
			outcome_reason(o, REASON_HUNG_UP, "without a word");
		else
			judge_answer(check, &answer, o);
	} else if (hangs_up_at_once(sock)) {
		outcome_reason(o, REASON_HUNG_UP, "at once");
	} else {
		outcome_note(o, "%s takes the call", sock->peer);
	}
}

/*
 * Nobody behind a port that a container publishes, which runs, as its need
 * has shown: that is a better reason than the one of the call.
 */
static void
judge_published(const char *published, struct outcome *o)
{
	struct outcome better;

	if (o->reason != REASON_TCP_REFUSED && o->reason != REASON_HUNG_UP &&
	    o->reason != REASON_TCP_TIMEOUT)
		return;
	outcome_init(&better);
	outcome_reason(&better, strcmp(published, "healthy") == 0 ?
	    REASON_HEALTHY_UNREACHABLE : REASON_PORT_DEAD, "%s",
	    reason_code(o->reason));
	better.facts = o->facts;
	o->facts = (struct pairs)PAIRS_EMPTY;
	outcome_move(o, &better);
}

static void
run(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	const char *published = check_text(&check->set, "published");

	net_talk(check, context, check->url.scheme == URL_UNIX ?
	    check->url.path : NULL, talk, o);
	if (published != NULL)
		judge_published(published, o);
}

static int
accept_check(const struct check *check, struct err *err)
{
	const char *other = check_text(&check->set, "connect");
	const char *published = check_text(&check->set, "published");

	if (other != NULL && (check->url.scheme == URL_UNIX ||
	    !url_is_host(other)))
		return err_set(err, ERR_USAGE, 0, "connect: wants a name or "
		    "an address, for tcp only");
	if (published != NULL && strcmp(published, "running") != 0 &&
	    strcmp(published, "healthy") != 0)
		return err_set(err, ERR_USAGE, 0, "published: wants running "
		    "or healthy: how its container is known to be");
	return 0;
}

const struct check_kind check_kind_tcp = {
	.keys = tcp_keys,
	.limit_ms = 5000,
	.late = REASON_TIME_LIMIT,
	.accept = accept_check,
	.run = run,
};
