/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As much of HTTP/1.0 as the engine's socket needs: one reply in memory.  No
 * I/O.  A reply with a transfer coding is refused; HTTP/1.0 requests get
 * none.
 */
#ifndef DOCKER_HTTP_H
#define DOCKER_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

struct http_reply {
	unsigned status;	/* 100 to 599 */
	const char *head;	/* the header lines, each with its CRLF */
	size_t head_len;
	const char *body;	/* to the end, or as long as it says it is */
	size_t body_len;
};

/*
 * reply points into data.  ERR_DAMAGED for what is no complete HTTP reply (a
 * body shorter than its Content-Length), ERR_LIMIT for more than
 * ENGINE_HEAD_MAX bytes of headers.
 */
int http_parse(const char *data, size_t len, struct http_reply *reply,
    struct err *err);

/* True when a Content-Length says that nothing more will come. */
bool http_is_complete(const char *data, size_t len);

struct http_header {
	const char *value;	/* without surrounding space */
	size_t value_len;
};

/* The first header of that name, in any case; false when there is none. */
bool http_find(const struct http_reply *reply, const char *name,
    struct http_header *header);

/* All but letters, digits and "-._~" as %XX (RFC 3986). */
void http_escape(struct buf *out, const char *text);

#endif
