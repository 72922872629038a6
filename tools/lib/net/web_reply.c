/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies of HTTP/1.1; see web_reply.h. */
#include "net/web_reply.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"

#define SHOWN_MAX 32	/* bytes of garbage that an error shows */

void
web_reply_init(struct web_reply *reply, bool is_head)
{
	memset(reply, 0, sizeof *reply);
	reply->is_head = is_head;
}

void
web_reply_release(struct web_reply *reply)
{
	buf_release(&reply->headers);
	buf_release(&reply->body);
	buf_release(&reply->line);
}

const char *
web_reply_header_next(const struct web_reply *reply, const char *name,
    const char *value)
{
	const char *at = reply->headers.data;
	bool is_behind = value == NULL;

	for (size_t i = 0; i < reply->header_count; i++) {
		const char *here = at + strlen(at) + 1;

		if (is_behind && strcasecmp(at, name) == 0)
			return here;
		is_behind |= here == value;
		at = here + strlen(here) + 1;
	}
	return NULL;
}

const char *
web_reply_header(const struct web_reply *reply, const char *name)
{
	return web_reply_header_next(reply, name, NULL);
}

const char *
web_reply_type(const struct web_reply *reply, char out[WEB_TYPE_MAX])
{
	const char *value = web_reply_header(reply, "Content-Type");
	size_t len = 0;

	if (value != NULL) {
		size_t whole = strcspn(value, "; \t");

		while (len < whole && len < WEB_TYPE_MAX - 1) {
			out[len] = (char)tolower((unsigned char)value[len]);
			len++;
		}
	}
	out[len] = '\0';
	return out;
}

const char *
web_guess(const char *data, size_t len)
{
	static const struct {
		const char *begins, *what;
	} rows[] = {
		{ "SSH-", "an SSH server" },
		{ "\x15\x03", "TLS: https, not http" },
		{ "\x16\x03", "TLS: https, not http" },
		{ "220 ", "a mail or FTP server" },
		{ "220-", "a mail or FTP server" },
		{ "+OK", "a POP3 server" },
		{ "* OK", "an IMAP server" },
		{ "-ERR", "a Redis server" },
		{ "-DENIED", "a Redis server" },
		{ "RFB ", "a VNC server" },
		{ "PRI ", "HTTP/2 only" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t want = strlen(rows[i].begins);

		if (len >= want && memcmp(data, rows[i].begins, want) == 0)
			return rows[i].what;
	}
	return NULL;
}

static int
not_http(const char *data, size_t len, struct err *err)
{
	const char *guess = web_guess(data, len);
	struct buf shown = BUF_EMPTY;

	escape_text(&shown, data, len < SHOWN_MAX ? len : SHOWN_MAX);
	(void)err_set(err, ERR_DAMAGED, 0,
	    "the answer is not HTTP; it begins with '%s'%s%s",
	    buf_text(&shown), guess != NULL ? ", as if it were " : "",
	    guess != NULL ? guess : "");
	buf_release(&shown);
	return -1;
}

/* ------------------------------------------------------------------- head */

static int
take_status(struct web_reply *reply, const char *line, size_t len,
    struct err *err)
{
	uint64_t status;

	if (len < 12 || memcmp(line, "HTTP/1.", 7) != 0 ||
	    (line[7] != '0' && line[7] != '1') || line[8] != ' ' ||
	    !num_parse(line + 9, 3, 10, 599, &status) || status < 100 ||
	    (len > 12 && line[12] != ' '))
		return not_http(line, len, err);
	reply->status = (unsigned)status;
	buf_cut(&reply->headers, 0);
	reply->header_count = 0;
	reply->state = WEB_HEADER_LINE;
	return 0;
}

/* What may stand in a header's name (RFC 9110, 5.6.2). */
static bool
is_token(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)text[i]) &&
		    (text[i] == '\0' ||
		    strchr("!#$%&'*+-.^_`|~", text[i]) == NULL))
			return false;
	}
	return len > 0;
}

static int
take_header(struct web_reply *reply, const char *line, size_t len,
    struct err *err)
{
	const char *colon = memchr(line, ':', len);
	const char *value, *end = line + len;

	if (colon == NULL || !is_token(line, (size_t)(colon - line)) ||
	    memchr(line, '\0', len) != NULL)
		return err_set(err, ERR_DAMAGED, 0,
		    "a header line is malformed");
	if (reply->header_count == WEB_HEADERS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d headers",
		    WEB_HEADERS_MAX);
	for (value = colon + 1; value < end && strchr(" \t", *value); )
		value++;
	while (end > value && strchr(" \t", end[-1]) != NULL)
		end--;
	buf_append(&reply->headers, line, (size_t)(colon - line));
	buf_byte(&reply->headers, 0);
	buf_append(&reply->headers, value, (size_t)(end - value));
	buf_byte(&reply->headers, 0);
	reply->header_count++;
	return 0;
}

static void
finish(struct web_reply *reply)
{
	reply->state = WEB_ENDED;
	reply->is_done = true;
}

/* Every Content-Length there is must say the same. */
static int
take_lengths(struct web_reply *reply, bool *has_length, struct err *err)
{
	const char *at = reply->headers.data;

	*has_length = false;
	for (size_t i = 0; i < reply->header_count; i++) {
		const char *value = at + strlen(at) + 1;
		uint64_t len;

		if (strcasecmp(at, "Content-Length") == 0) {
			if (!num_parse(value, strlen(value), 10, UINT64_MAX,
			    &len) || (*has_length && len != reply->left))
				return err_set(err, ERR_DAMAGED, 0,
				    "its Content-Length is no number, or "
				    "differs from another one");
			reply->left = len;
			*has_length = true;
		}
		at = value + strlen(value) + 1;
	}
	return 0;
}

/* The head is complete: what follows? */
static int
begin_body(struct web_reply *reply, struct err *err)
{
	const char *coding = web_reply_header(reply, "Transfer-Encoding");
	bool has_length;

	if (reply->status < 200 && reply->status != 101) {
		if (++reply->interim > WEB_INTERIM_MAX)
			return err_set(err, ERR_LIMIT, 0,
			    "more than %d interim replies", WEB_INTERIM_MAX);
		reply->status = 0;
		reply->state = WEB_STATUS_LINE;
		return 0;
	}
	if (take_lengths(reply, &has_length, err) == -1)
		return -1;
	if (reply->is_head || reply->status == 101 || reply->status == 204 ||
	    reply->status == 304) {
		finish(reply);
	} else if (coding != NULL) {
		if (strcasecmp(coding, "chunked") != 0)
			return err_set(err, ERR_DAMAGED, 0,
			    "a transfer coding that nobody asked for");
		reply->state = WEB_CHUNK_SIZE;
	} else if (has_length) {
		reply->state = WEB_BODY_KNOWN;
		if (reply->left == 0)
			finish(reply);
	} else {
		reply->state = WEB_BODY_OPEN;
		reply->left = UINT64_MAX;
	}
	return 0;
}

/* ------------------------------------------------------------------- body */

static int
take_chunk_size(struct web_reply *reply, const char *line, size_t len,
    struct err *err)
{
	size_t digits = 0;

	while (digits < len && isxdigit((unsigned char)line[digits]))
		digits++;
	/* An extension may follow; nobody needs it. */
	if ((digits < len && strchr("; \t", line[digits]) == NULL) ||
	    !num_parse(line, digits, 16, INT64_MAX, &reply->left))
		return err_set(err, ERR_DAMAGED, 0,
		    "the size of a chunk is no number");
	reply->state = reply->left > 0 ? WEB_CHUNK_DATA : WEB_TRAILER;
	return 0;
}

/* How many of len bytes belong to the body; they are kept or counted. */
static size_t
take_body(struct web_reply *reply, const char *data, size_t len)
{
	size_t room = WEB_KEEP_MAX - reply->body.len;

	if (len > reply->left)
		len = (size_t)reply->left;
	if (len > WEB_BODY_MAX - reply->body_len)
		len = (size_t)(WEB_BODY_MAX - reply->body_len);
	buf_append(&reply->body, data, len < room ? len : room);
	reply->body_len += len;
	if (reply->state != WEB_BODY_OPEN)
		reply->left -= len;
	if (reply->left == 0 && reply->state == WEB_BODY_KNOWN) {
		finish(reply);
	} else if (reply->left == 0) {
		reply->state = WEB_CHUNK_END;
	} else if (reply->body_len == WEB_BODY_MAX) {
		reply->is_body_given_up = true;
		finish(reply);
	}
	return len;
}

/* ------------------------------------------------------------------- push */

static int
take_line(struct web_reply *reply, struct err *err)
{
	const char *line = buf_text(&reply->line);
	size_t len = reply->line.len;

	switch (reply->state) {
	case WEB_STATUS_LINE:
		return take_status(reply, line, len, err);
	case WEB_HEADER_LINE:
		return len > 0 ? take_header(reply, line, len, err) :
		    begin_body(reply, err);
	case WEB_CHUNK_SIZE:
		return take_chunk_size(reply, line, len, err);
	case WEB_CHUNK_END:
		if (len > 0)
			return err_set(err, ERR_DAMAGED, 0,
			    "a chunk is longer than it says");
		reply->state = WEB_CHUNK_SIZE;
		return 0;
	default:
		if (len == 0)
			finish(reply);
		return 0;
	}
}

/*
 * Part of a line, up to and with its LF; how many bytes, 0 on failure.  A
 * first line is judged before its end comes, which may be never.
 */
static size_t
push_line(struct web_reply *reply, const char *data, size_t len,
    struct err *err)
{
	const char *lf = memchr(data, '\n', len);
	size_t used = lf != NULL ? (size_t)(lf - data) + 1 : len;
	size_t keep = lf != NULL ? used - 1 : used;
	bool in_head = reply->state != WEB_CHUNK_SIZE &&
	    reply->state != WEB_CHUNK_END;
	size_t most = in_head ? WEB_HEAD_MAX - reply->head_len :
	    WEB_CHUNK_LINE_MAX - reply->line.len;

	if (used > most) {
		(void)err_set(err, ERR_LIMIT, 0, in_head ?
		    "more than %d bytes of headers" :
		    "a chunk's size has more than %d bytes",
		    in_head ? WEB_HEAD_MAX : WEB_CHUNK_LINE_MAX);
		return 0;
	}
	if (in_head)
		reply->head_len += used;
	buf_append(&reply->line, data, keep);
	if (reply->state == WEB_STATUS_LINE && reply->line.len >= 5 &&
	    memcmp(reply->line.data, "HTTP/", 5) != 0) {
		(void)not_http(reply->line.data, reply->line.len, err);
		return 0;
	}
	if (lf == NULL)
		return used;
	if (reply->line.len > 0 &&
	    reply->line.data[reply->line.len - 1] == '\r')
		buf_cut(&reply->line, reply->line.len - 1);
	if (take_line(reply, err) == -1)
		return 0;
	buf_cut(&reply->line, 0);
	return used;
}

int
web_reply_push(struct web_reply *reply, const char *data, size_t len,
    struct err *err)
{
	while (len > 0 && !reply->is_done) {
		size_t used;

		if (reply->state == WEB_BODY_KNOWN ||
		    reply->state == WEB_BODY_OPEN ||
		    reply->state == WEB_CHUNK_DATA)
			used = take_body(reply, data, len);
		else
			used = push_line(reply, data, len, err);
		if (used == 0)
			return -1;
		data += used;
		len -= used;
	}
	return 0;
}

int
web_reply_end(struct web_reply *reply, struct err *err)
{
	if (reply->is_done)
		return 0;
	if (reply->state == WEB_BODY_OPEN) {
		finish(reply);
		return 0;
	}
	if (reply->state == WEB_STATUS_LINE && reply->line.len > 0)
		return not_http(reply->line.data, reply->line.len, err);
	return err_set(err, ERR_DAMAGED, 0,
	    reply->state == WEB_STATUS_LINE ?
	    "it hung up without an answer" :
	    "it hung up in the middle of its answer");
}
