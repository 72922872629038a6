/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reply of HTTP/1.1, pushed in as it comes; pure.
 *
 *	web_reply_init(&reply, is_head);
 *	while (!reply.is_done) {
 *		receive; at the end of what they send:
 *			web_reply_end(&reply, err), and no more
 *		web_reply_push(&reply, data, len, err)
 *	}
 *	web_reply_release(&reply);
 *
 * Content-Length, chunks and "until they hang up" are understood, interim
 * replies (1xx) passed over.  The body is kept up to WEB_KEEP_MAX and counted
 * up to WEB_BODY_MAX, where it is given up: a gigabyte holds nobody up.
 */
#ifndef NET_WEB_REPLY_H
#define NET_WEB_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

#define WEB_HEAD_MAX (64 << 10)	/* bytes of status line and headers */
#define WEB_HEADERS_MAX 200
#define WEB_INTERIM_MAX 16	/* 1xx replies before the real one */
#define WEB_KEEP_MAX (256 << 10)	/* bytes of the body that are kept */
#define WEB_BODY_MAX (16 << 20)	/* bytes of the body that are waited for */
#define WEB_CHUNK_LINE_MAX 1024

enum web_state {
	WEB_STATUS_LINE,
	WEB_HEADER_LINE,
	WEB_BODY_KNOWN,		/* Content-Length */
	WEB_BODY_OPEN,		/* until they hang up */
	WEB_CHUNK_SIZE,
	WEB_CHUNK_DATA,
	WEB_CHUNK_END,
	WEB_TRAILER,
	WEB_ENDED
};

struct web_reply {
	unsigned status;	/* 100 to 599; 0: not there yet */
	struct buf headers;	/* "name" NUL "value" NUL, as they came */
	size_t header_count;
	struct buf body;	/* what is kept of it */
	uint64_t body_len;	/* what came of it, with what was dropped */
	bool is_done;
	bool is_body_given_up;	/* at WEB_BODY_MAX; is_done then */

	bool is_head;		/* private from here */
	enum web_state state;
	struct buf line;
	size_t head_len;
	unsigned interim;
	uint64_t left;		/* of the body, or of a chunk */
};

/* is_head: the answer to HEAD, which has no body whatever it says. */
void web_reply_init(struct web_reply *reply, bool is_head);
void web_reply_release(struct web_reply *reply);

/*
 * Take in what came; nothing that stands behind the reply is looked at.
 * ERR_DAMAGED: not HTTP, or not well made; ERR_LIMIT.
 */
int web_reply_push(struct web_reply *reply, const char *data, size_t len,
    struct err *err);

/* They hung up: the end of an open body, else ERR_DAMAGED. */
int web_reply_end(struct web_reply *reply, struct err *err);

/* The first header of that name, in any case, or NULL. */
const char *web_reply_header(const struct web_reply *reply,
    const char *name);

/* The next one behind that value; the first one behind NULL. */
const char *web_reply_header_next(const struct web_reply *reply,
    const char *name, const char *value);

/* "text/html" of a Content-Type, in lower case, cut to fit; "" for none. */
#define WEB_TYPE_MAX 100
const char *web_reply_type(const struct web_reply *reply,
    char out[WEB_TYPE_MAX]);

/*
 * What the first bytes of something that is no HTTP look like, for people:
 * "an SSH server"; NULL: no idea.
 */
const char *web_guess(const char *data, size_t len);

#endif
