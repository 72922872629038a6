/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a PostgreSQL server answers a start-up message: enough to know whether
 * it takes connections.  No password is sent, no query asked.
 *
 * The server logs a failed log-in for this, as it does for pg_isready.
 */
#ifndef NET_POSTGRES_H
#define NET_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct sock;

#define POSTGRES_MESSAGE_MAX 30000	/* bytes of one message of a server */
#define POSTGRES_STARTUP_MAX 256
#define POSTGRES_TEXT_MAX 256

enum postgres_state {
	POSTGRES_ALIVE,		/* wants a password, or lets us in */
	POSTGRES_STARTING,	/* 57P03, the next three */
	POSTGRES_RECOVERING,
	POSTGRES_STOPPING,
	POSTGRES_FULL,		/* 53300: no connection is left */
	POSTGRES_NO_DATABASE,	/* 3D000 */
	POSTGRES_REFUSES,	/* 28xxx: not this user from here; alive */
	POSTGRES_ERROR		/* another error */
};

struct postgres_answer {
	enum postgres_state state;
	char code[6];		/* SQLSTATE; "" when there was no error */
	char text[POSTGRES_TEXT_MAX];	/* its message, escaped */
};

/* A start-up message; user and database have at most 63 bytes each. */
size_t postgres_startup_format(const char *user, const char *database,
    uint8_t out[POSTGRES_STARTUP_MAX]);

/*
 * The first message of the answer: its type and its body; pure.  ERR_DAMAGED
 * when it is not PostgreSQL's.
 */
int postgres_answer_parse(char type, const uint8_t *body, size_t len,
    struct postgres_answer *answer, struct err *err);

/*
 * Ask for TLS on a connected socket: *has_tls says whether the server will
 * now shake hands.
 */
int postgres_ask_tls(struct sock *sock, bool *has_tls, struct err *err);

/* Start up, and take in the answer. */
int postgres_ask(struct sock *sock, const char *user, const char *database,
    struct postgres_answer *answer, struct err *err);

#endif
