/* SPDX-License-Identifier: BSD-2-Clause */
/* HTTP/1.0 replies; see http.h. */
#include "docker/http.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "docker/engine.h"

#define STATUS_LEN 12	/* "HTTP/1.0 200" */

/* Where the empty line's CRLF CRLF begins, or NULL. */
static const char *
head_end(const char *data, size_t len)
{
	size_t most = len < ENGINE_HEAD_MAX ? len : ENGINE_HEAD_MAX;

	return memmem(data, most, "\r\n\r\n", 4);
}

static bool
parse_status(const char *data, size_t len, unsigned *status)
{
	uint64_t value;

	if (len < STATUS_LEN || (memcmp(data, "HTTP/1.0 ", 9) != 0 &&
	    memcmp(data, "HTTP/1.1 ", 9) != 0) ||
	    !num_parse(data + 9, 3, 10, 599, &value) || value < 100)
		return false;
	*status = (unsigned)value;
	return true;
}

bool
http_find(const struct http_reply *reply, const char *name,
    struct http_header *header)
{
	const char *at = reply->head, *end = at + reply->head_len;
	size_t name_len = strlen(name);

	while (at < end) {
		const char *eol = memmem(at, (size_t)(end - at), "\r\n", 2);

		if (eol == NULL)
			return false;
		if ((size_t)(eol - at) > name_len && at[name_len] == ':' &&
		    strncasecmp(at, name, name_len) == 0) {
			at += name_len + 1;
			while (at < eol && (*at == ' ' || *at == '\t'))
				at++;
			while (eol > at && (eol[-1] == ' ' || eol[-1] == '\t'))
				eol--;
			header->value = at;
			header->value_len = (size_t)(eol - at);
			return true;
		}
		at = eol + 2;
	}
	return false;
}

/* The head alone.  False when it is not there, or not HTTP. */
static bool
parse_head(const char *data, size_t len, struct http_reply *reply)
{
	const char *end = len == 0 ? NULL : head_end(data, len);
	const char *line;

	if (end == NULL || !parse_status(data, len, &reply->status))
		return false;
	end += 2;	/* the last header keeps its CRLF */
	line = memmem(data, (size_t)(end - data), "\r\n", 2);
	reply->head = line + 2;
	reply->head_len = (size_t)(end - reply->head);
	reply->body = end + 2;
	reply->body_len = len - (size_t)(reply->body - data);
	return true;
}

bool
http_is_complete(const char *data, size_t len)
{
	struct http_reply reply;
	struct http_header h;
	uint64_t want;

	return len > 0 && parse_head(data, len, &reply) &&
	    http_find(&reply, "Content-Length", &h) &&
	    num_parse(h.value, h.value_len, 10, UINT64_MAX, &want) &&
	    reply.body_len >= want;
}

int
http_parse(const char *data, size_t len, struct http_reply *reply,
    struct err *err)
{
	struct http_reply parsed;
	struct http_header h;
	uint64_t want;

	if (len >= ENGINE_HEAD_MAX && head_end(data, len) == NULL)
		return err_set(err, ERR_LIMIT, 0,
		    "more than %d bytes of headers", ENGINE_HEAD_MAX);
	if (!parse_head(data, len, &parsed))
		return err_set(err, ERR_DAMAGED, 0, len == 0 ?
		    "it hung up without an answer" :
		    "the answer is not HTTP; does something else listen?");
	if (http_find(&parsed, "Transfer-Encoding", &h))
		return err_set(err, ERR_DAMAGED, 0,
		    "the answer has a transfer coding, unasked");
	if (http_find(&parsed, "Content-Length", &h)) {
		if (!num_parse(h.value, h.value_len, 10, UINT64_MAX, &want))
			return err_set(err, ERR_DAMAGED, 0,
			    "its Content-Length is no number");
		if (want > parsed.body_len)
			return err_set(err, ERR_DAMAGED, 0,
			    "the answer is cut short");
		parsed.body_len = (size_t)want;
	}
	*reply = parsed;
	return 0;
}

void
http_escape(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		char c = *text;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("-._~", c) != NULL)
			buf_byte(out, (unsigned char)c);
		else
			buf_printf(out, "%%%02X", (unsigned char)c);
	}
}
