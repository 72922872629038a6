/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Redis (and what speaks like it): PING, and how far it is with loading its
 * data.  A password is sent when there is one; nothing else is asked.
 */
#ifndef NET_REDIS_H
#define NET_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;
struct sock;

#define REDIS_LINE_MAX 4096	/* bytes of one line of an answer */
#define REDIS_BULK_MAX 65536	/* bytes of INFO */
#define REDIS_TEXT_MAX 200
#define REDIS_PASSWORD_MAX 512
#define REDIS_UNKNOWN UINT64_MAX

enum redis_state {
	REDIS_ALIVE,
	REDIS_WANTS_PASSWORD,
	REDIS_WRONG_PASSWORD,
	REDIS_LOADING,
	REDIS_MASTER_DOWN,
	REDIS_CANNOT_SAVE,	/* MISCONF */
	REDIS_PROTECTED,	/* DENIED: protected mode */
	REDIS_ERROR
};

struct redis_answer {
	enum redis_state state;
	char text[REDIS_TEXT_MAX];	/* its error, escaped; "" */
	/* REDIS_LOADING, where it says so: else REDIS_UNKNOWN */
	uint64_t eta_s;
	uint64_t loaded_bytes, total_bytes;
};

/* One reply, as it stands in a run of bytes. */
enum redis_kind {
	REDIS_STATUS,		/* +OK */
	REDIS_FAILURE,		/* -ERR ... */
	REDIS_INTEGER,
	REDIS_BULK,
	REDIS_NIL
};
struct redis_reply {
	enum redis_kind kind;
	const char *text;	/* in the bytes, without marks */
	size_t len;
	size_t used;		/* bytes of all of it */
};

/*
 * 1: reply; 0: it needs more bytes; -1: ERR_DAMAGED, ERR_LIMIT.  Pure.
 * Arrays and maps, which we never ask for, are refused.
 */
int redis_reply_parse(const char *data, size_t len,
    struct redis_reply *reply, struct err *err);

/* What a failure's text means. */
enum redis_state redis_state_of(const char *text, size_t len);

/* A figure of INFO's text, or REDIS_UNKNOWN; pure. */
uint64_t redis_info_number(const char *text, size_t len, const char *key);

/* user and password may be NULL.  sock is connected. */
int redis_ask(struct sock *sock, const char *user, const char *password,
    struct redis_answer *answer, struct err *err);

#endif
