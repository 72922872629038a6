/* SPDX-License-Identifier: BSD-2-Clause */
/* Redis' protocol, version 2, as much as PING needs; see redis.h. */
#include "net/redis.h"

#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "net/sock.h"

#define READ_LEN 4096

/* ----------------------------------------------------------------- replies */

/* A bulk of so many bytes behind its head line. */
static int
parse_bulk(const char *data, size_t len, size_t head, struct redis_reply *r,
    struct err *err)
{
	uint64_t want;

	if (r->len == 2 && memcmp(r->text, "-1", 2) == 0) {
		r->kind = REDIS_NIL;
		r->len = 0;
		r->used = head;
		return 1;
	}
	if (!num_parse(r->text, r->len, 10, UINT64_MAX, &want))
		return err_set(err, ERR_DAMAGED, 0,
		    "the answer is not Redis'");
	if (want > REDIS_BULK_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "an answer of more than %d bytes", REDIS_BULK_MAX);
	if (len - head < want + 2)
		return 0;
	if (memcmp(data + head + want, "\r\n", 2) != 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "the answer is not Redis'");
	r->text = data + head;
	r->len = (size_t)want;
	r->used = head + (size_t)want + 2;
	return 1;
}

int
redis_reply_parse(const char *data, size_t len, struct redis_reply *reply,
    struct err *err)
{
	static const char marks[] = "+-:$";
	const char *mark, *eol;
	size_t most = len < REDIS_LINE_MAX ? len : REDIS_LINE_MAX;
	struct redis_reply r;

	if (len == 0)
		return 0;
	mark = memchr(marks, data[0], sizeof marks - 1);
	if (mark == NULL)
		return err_set(err, ERR_DAMAGED, 0,
		    "the answer is not Redis'");
	eol = memmem(data, most, "\r\n", 2);
	if (eol == NULL) {
		if (most == REDIS_LINE_MAX)
			return err_set(err, ERR_LIMIT, 0,
			    "a line of more than %d bytes", REDIS_LINE_MAX);
		return 0;
	}
	r.kind = (enum redis_kind)(mark - marks);
	r.text = data + 1;
	r.len = (size_t)(eol - data) - 1;
	r.used = (size_t)(eol - data) + 2;
	if (r.kind == REDIS_BULK) {
		int got = parse_bulk(data, len, r.used, &r, err);

		if (got != 1)
			return got;
	}
	*reply = r;
	return 1;
}

enum redis_state
redis_state_of(const char *text, size_t len)
{
	static const struct {
		const char *word;
		enum redis_state state;
	} rows[] = {
		{ "NOAUTH", REDIS_WANTS_PASSWORD },
		{ "WRONGPASS", REDIS_WRONG_PASSWORD },
		{ "ERR invalid password", REDIS_WRONG_PASSWORD },
		{ "LOADING", REDIS_LOADING },
		{ "MASTERDOWN", REDIS_MASTER_DOWN },
		{ "MISCONF", REDIS_CANNOT_SAVE },
		{ "DENIED", REDIS_PROTECTED },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t want = strlen(rows[i].word);

		if (len >= want && memcmp(text, rows[i].word, want) == 0)
			return rows[i].state;
	}
	return REDIS_ERROR;
}

uint64_t
redis_info_number(const char *text, size_t len, const char *key)
{
	const char *at = text, *end = text + len;
	size_t key_len = strlen(key);

	while (at < end) {
		const char *eol = memchr(at, '\n', (size_t)(end - at));
		size_t line = (size_t)((eol != NULL ? eol : end) - at);
		uint64_t value;

		if (line > key_len && at[key_len] == ':' &&
		    memcmp(at, key, key_len) == 0) {
			at += key_len + 1;
			line -= key_len + 1;
			if (line > 0 && at[line - 1] == '\r')
				line--;
			return num_parse(at, line, 10, UINT64_MAX - 1,
			    &value) ? value : REDIS_UNKNOWN;
		}
		at += line + 1;
	}
	return REDIS_UNKNOWN;
}

/* ------------------------------------------------------------ conversation */

struct talk {
	struct sock *sock;
	struct buf data;
	struct redis_reply reply;	/* the last one; points into data */
};

static int
receive(struct talk *talk, struct err *err)
{
	int state;

	buf_cut(&talk->data, 0);
	while ((state = redis_reply_parse(buf_text(&talk->data),
	    talk->data.len, &talk->reply, err)) == 0) {
		size_t got;

		if (sock_read(talk->sock, buf_reserve(&talk->data, READ_LEN),
		    READ_LEN, &got, err) == -1)
			return -1;
		if (got == 0)
			return sock_fail(talk->sock, NET_CLOSED, 0, err,
			    talk->data.len == 0 ?
			    "it hung up without an answer" :
			    "it hung up in the middle of its answer");
		talk->data.len += got;
		talk->data.data[talk->data.len] = '\0';
	}
	if (state == -1)
		talk->sock->cause = err->class == ERR_LIMIT ?
		    NET_TOO_MUCH : NET_GARBLED;
	return state == -1 ? -1 : 0;
}

static void
put_word(struct buf *out, const char *word)
{
	buf_printf(out, "$%zu\r\n%s\r\n", strlen(word), word);
}

/* words ends in NULL. */
static int
ask(struct talk *talk, const char *const *words, struct err *err)
{
	struct buf request = BUF_EMPTY;
	size_t count = 0;
	int ret = -1;

	while (words[count] != NULL)
		count++;
	buf_printf(&request, "*%zu\r\n", count);
	for (size_t i = 0; i < count; i++)
		put_word(&request, words[i]);
	sock_step(talk->sock, NET_AT_ASK);
	if (sock_write(talk->sock, request.data, request.len, err) == 0) {
		sock_step(talk->sock, NET_AT_ANSWER);
		ret = receive(talk, err);
	}
	/* It may hold a password. */
	if (request.data != NULL)
		explicit_bzero(request.data, request.len);
	buf_release(&request);
	return ret;
}

/* True: a failure, now in answer. */
static bool
has_failed(const struct talk *talk, struct redis_answer *answer)
{
	const struct redis_reply *r = &talk->reply;
	char shown[ESCAPE_NAME_MAX];
	char text[REDIS_TEXT_MAX / 4];
	size_t len = r->len < sizeof text - 1 ? r->len : sizeof text - 1;

	if (r->kind != REDIS_FAILURE)
		return false;
	answer->state = redis_state_of(r->text, r->len);
	for (size_t i = 0; i < len; i++)
		text[i] = r->text[i] != '\0' ? r->text[i] : '?';
	text[len] = '\0';
	(void)escape_name(text, shown);
	len = strlen(shown);
	if (len >= REDIS_TEXT_MAX)
		len = REDIS_TEXT_MAX - 1;
	memcpy(answer->text, shown, len);
	answer->text[len] = '\0';
	return true;
}

static int
ask_progress(struct talk *talk, struct redis_answer *answer, struct err *err)
{
	static const char *const info[] = { "INFO", "persistence", NULL };

	if (ask(talk, info, err) == -1)
		return -1;
	if (talk->reply.kind != REDIS_BULK)
		return 0;	/* not told; it is loading all the same */
	answer->eta_s = redis_info_number(talk->reply.text, talk->reply.len,
	    "loading_eta_seconds");
	answer->loaded_bytes = redis_info_number(talk->reply.text,
	    talk->reply.len, "loading_loaded_bytes");
	answer->total_bytes = redis_info_number(talk->reply.text,
	    talk->reply.len, "loading_total_bytes");
	return 0;
}

static int
converse(struct talk *talk, const char *user, const char *password,
    struct redis_answer *answer, struct err *err)
{
	static const char *const ping[] = { "PING", NULL };
	const char *const with_user[] = { "AUTH", user, password, NULL };
	const char *const without[] = { "AUTH", password, NULL };

	if (password != NULL) {
		if (ask(talk, user != NULL ? with_user : without, err) == -1)
			return -1;
		/* One without a password is open to us as well. */
		if (has_failed(talk, answer) && (strstr(answer->text,
		    "no password") != NULL || strstr(answer->text,
		    "without any password") != NULL))
			answer->state = REDIS_ALIVE;
		else if (talk->reply.kind == REDIS_FAILURE &&
		    answer->state != REDIS_LOADING)
			return 0;
	}
	if (ask(talk, ping, err) == -1)
		return -1;
	answer->state = REDIS_ALIVE;
	answer->text[0] = '\0';
	if (!has_failed(talk, answer)) {
		if (talk->reply.kind == REDIS_STATUS &&
		    talk->reply.len == 4 &&
		    memcmp(talk->reply.text, "PONG", 4) == 0)
			return 0;
		return sock_fail(talk->sock, NET_GARBLED, 0, err,
		    "it does not answer PING with PONG");
	}
	return answer->state == REDIS_LOADING ?
	    ask_progress(talk, answer, err) : 0;
}

int
redis_ask(struct sock *sock, const char *user, const char *password,
    struct redis_answer *answer, struct err *err)
{
	struct talk talk = { .sock = sock };
	struct redis_answer got = { .state = REDIS_ALIVE,
	    .eta_s = REDIS_UNKNOWN, .loaded_bytes = REDIS_UNKNOWN,
	    .total_bytes = REDIS_UNKNOWN };
	int ret = converse(&talk, user, password, &got, err);

	buf_release(&talk.data);
	if (ret == 0)
		*answer = got;
	return ret;
}
