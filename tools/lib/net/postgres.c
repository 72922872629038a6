/* SPDX-License-Identifier: BSD-2-Clause */
/* PostgreSQL's start-up, protocol 3.0; see postgres.h. */
#include "net/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "net/sock.h"

#define PROTOCOL 196608U	/* 3.0 */
#define TLS_REQUEST 80877103U
#define HEAD_LEN 5		/* type and length */

static void
put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static size_t
put_pair(uint8_t *out, const char *key, const char *value)
{
	size_t key_len = strlen(key) + 1, value_len = strlen(value) + 1;

	memcpy(out, key, key_len);
	memcpy(out + key_len, value, value_len);
	return key_len + value_len;
}

size_t
postgres_startup_format(const char *user, const char *database,
    uint8_t out[POSTGRES_STARTUP_MAX])
{
	size_t used = 8;

	used += put_pair(out + used, "user", user);
	if (database[0] != '\0')
		used += put_pair(out + used, "database", database);
	used += put_pair(out + used, "application_name", "drydock-probe");
	out[used++] = 0;
	put32(out, (uint32_t)used);
	put32(out + 4, PROTOCOL);
	return used;
}

/* ----------------------------------------------------------------- answers */

/* Words of the server's own text, in the languages' common original. */
static enum postgres_state
state_of_57P03(const char *text)
{
	if (strstr(text, "shutting down") != NULL)
		return POSTGRES_STOPPING;
	if (strstr(text, "recover") != NULL ||
	    strstr(text, "not yet accepting") != NULL ||
	    strstr(text, "not accepting") != NULL)
		return POSTGRES_RECOVERING;
	return POSTGRES_STARTING;
}

static enum postgres_state
state_of(const struct postgres_answer *answer)
{
	if (strcmp(answer->code, "57P03") == 0)
		return state_of_57P03(answer->text);
	if (strcmp(answer->code, "57P01") == 0)
		return POSTGRES_STOPPING;
	if (strcmp(answer->code, "53300") == 0)
		return POSTGRES_FULL;
	if (strcmp(answer->code, "3D000") == 0)
		return POSTGRES_NO_DATABASE;
	if (strncmp(answer->code, "28", 2) == 0)
		return POSTGRES_REFUSES;
	return POSTGRES_ERROR;
}

static void
put_text(struct postgres_answer *answer, const char *text, size_t len)
{
	struct buf shown = BUF_EMPTY;
	size_t cut;

	escape_text(&shown, text, len);
	cut = shown.len;
	if (cut >= POSTGRES_TEXT_MAX) {
		cut = POSTGRES_TEXT_MAX - 1;
		/* Not inside a UTF-8 sequence. */
		while (cut > 0 && (shown.data[cut] & 0xc0) == 0x80)
			cut--;
	}
	memcpy(answer->text, buf_text(&shown), cut);
	answer->text[cut] = '\0';
	buf_release(&shown);
}

/* Fields of a letter and a text each; a zero byte ends them. */
static bool
parse_error(const uint8_t *body, size_t len, struct postgres_answer *answer)
{
	const char *at = (const char *)body, *end = at + len;

	while (at < end && *at != '\0') {
		const char *value = at + 1;
		const char *nul = memchr(value, '\0', (size_t)(end - value));

		if (nul == NULL)
			return false;
		if (*at == 'C' && nul - value == 5)
			memcpy(answer->code, value, 6);
		else if (*at == 'M')
			put_text(answer, value, (size_t)(nul - value));
		at = nul + 1;
	}
	for (const char *c = answer->code; *c != '\0'; c++) {
		if ((*c < '0' || *c > '9') && (*c < 'A' || *c > 'Z'))
			return false;
	}
	return at < end && answer->code[0] != '\0';
}

int
postgres_answer_parse(char type, const uint8_t *body, size_t len,
    struct postgres_answer *answer, struct err *err)
{
	struct postgres_answer parsed = { .state = POSTGRES_ALIVE };

	if (type == 'E') {
		if (!parse_error(body, len, &parsed))
			return err_set(err, ERR_DAMAGED, 0,
			    "its error message is malformed");
		parsed.state = state_of(&parsed);
	} else if ((type != 'R' && type != 'v') || len < 4) {
		return err_set(err, ERR_DAMAGED, 0,
		    "the answer is not PostgreSQL's");
	}
	*answer = parsed;
	return 0;
}

/* ------------------------------------------------------------ conversation */

int
postgres_ask_tls(struct sock *sock, bool *has_tls, struct err *err)
{
	uint8_t request[8];
	char answer;

	put32(request, sizeof request);
	put32(request + 4, TLS_REQUEST);
	sock_step(sock, NET_AT_ASK);
	if (sock_write(sock, request, sizeof request, err) == -1 ||
	    sock_read_all(sock, &answer, 1, err) == -1)
		return -1;
	if (answer != 'S' && answer != 'N')
		return sock_fail(sock, NET_GARBLED, 0, err,
		    "the answer is not PostgreSQL's");
	*has_tls = answer == 'S';
	return 0;
}

/* One message, judged; *is_open: it let us in without a password. */
static int
take_message(struct sock *sock, struct postgres_answer *answer,
    bool *is_open, struct err *err)
{
	uint8_t head[HEAD_LEN], *body;
	uint32_t len;
	int ret = -1;

	if (sock_read_all(sock, head, sizeof head, err) == -1)
		return -1;
	len = get_be32(head + 1);
	if (memchr("RESvKNZ", head[0], 7) == NULL || len < 5 ||
	    len > POSTGRES_MESSAGE_MAX)
		return sock_fail(sock, NET_GARBLED, 0, err,
		    "the answer is not PostgreSQL's");
	len -= 4;
	body = mem_alloc(len);
	if (sock_read_all(sock, body, len, err) == -1)
		goto out;
	/* What follows our being let in is only looked at for an error. */
	ret = *is_open && head[0] != 'E' ? 0 : postgres_answer_parse(
	    (char)head[0], body, len, answer, err);
	if (ret == -1)
		sock->cause = NET_GARBLED;
	*is_open = head[0] == 'R' && len == 4 && get_be32(body) == 0;
out:
	free(body);
	return ret;
}

int
postgres_ask(struct sock *sock, const char *user, const char *database,
    struct postgres_answer *answer, struct err *err)
{
	uint8_t startup[POSTGRES_STARTUP_MAX];
	bool is_open = false;

	sock_step(sock, NET_AT_ASK);
	if (sock_write(sock, startup, postgres_startup_format(user, database,
	    startup), err) == -1)
		return -1;
	sock_step(sock, NET_AT_ANSWER);
	if (take_message(sock, answer, &is_open, err) == -1)
		return -1;
	/* Only then is it known whether there is such a database. */
	return is_open ? take_message(sock, answer, &is_open, err) : 0;
}
