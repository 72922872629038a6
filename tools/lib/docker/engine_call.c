/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that are polled for; see engine_call.h. */
#include "docker/engine_call.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "docker/engine_private.h"
#include "docker/http.h"
#include "io/io.h"

struct engine_call {
	const struct engine *engine;
	int fd;
	uint64_t deadline_ms;
	struct buf request;
	size_t sent;
	struct buf raw;
	struct http_reply reply;	/* points into raw; valid when done */
};

/* 1: all is sent; 0: later; -1. */
static int
send_some(struct engine_call *call, struct err *err)
{
	while (call->sent < call->request.len) {
		ssize_t n = send(call->fd, call->request.data + call->sent,
		    call->request.len - call->sent, MSG_NOSIGNAL);

		if (n > 0)
			call->sent += (size_t)n;
		else if (n == -1 && errno == EAGAIN)
			return 0;
		else if (n == -1 && errno != EINTR)
			return err_set(err, ERR_IO, errno, "cannot send");
	}
	return 1;
}

int
engine_call_begin(struct engine *engine, const struct engine_ask *ask,
    struct engine_call **call, struct err *err)
{
	struct engine_call *made;
	uint64_t now = io_ticks_ms();
	int fd;

	*call = NULL;
	if (engine_connect(engine->path, &fd, err) == -1)
		return engine_say(engine, err);
	made = mem_zero(1, sizeof *made);
	made->engine = engine;
	made->fd = fd;
	made->deadline_ms = ask->limit_ms < UINT64_MAX - now ?
	    now + ask->limit_ms : UINT64_MAX;
	engine_format_request(engine, ask->method, ask->path, NULL,
	    &made->request);
	if (send_some(made, err) == -1) {
		engine_call_end(made);
		return engine_say(engine, err);
	}
	*call = made;
	return 0;
}

int
engine_call_fd(const struct engine_call *call)
{
	return call->fd;
}

short
engine_call_events(const struct engine_call *call)
{
	return call->sent < call->request.len ? POLLOUT : POLLIN;
}

uint64_t
engine_call_deadline(const struct engine_call *call)
{
	return call->deadline_ms;
}

/* 1: nothing more will come; 0: later; -1. */
static int
receive_some(struct engine_call *call, struct err *err)
{
	const size_t max = ENGINE_HEAD_MAX + ENGINE_REPLY_MAX;

	while (!http_is_complete(call->raw.data, call->raw.len)) {
		ssize_t n = recv(call->fd, buf_reserve(&call->raw, 16384),
		    16384, 0);

		if (n == 0)
			return 1;
		if (n > 0) {
			call->raw.len += (size_t)n;
			if (call->raw.len > max)
				return err_set(err, ERR_LIMIT, 0,
				    "the reply is larger than %zu bytes", max);
		} else if (errno == EAGAIN) {
			return 0;
		} else if (errno != EINTR) {
			return err_set(err, ERR_IO, errno, "cannot receive");
		}
	}
	return 1;
}

int
engine_call_step(struct engine_call *call, bool *is_done, struct err *err)
{
	int got = send_some(call, err);

	if (got == 1)
		got = receive_some(call, err);
	if (got == 1)
		got = http_parse(buf_text(&call->raw), call->raw.len,
		    &call->reply, err) == -1 ? -1 : 1;
	if (got == 0 && io_ticks_ms() >= call->deadline_ms)
		got = err_set(err, ERR_IO, ETIMEDOUT, "no answer "
		    "(is the engine overloaded or half dead?)");
	if (got == -1)
		return engine_say(call->engine, err);
	*is_done = got == 1;
	return 0;
}

bool
engine_call_has_head(const struct engine_call *call)
{
	return call->raw.len > 0 &&
	    memmem(call->raw.data, call->raw.len, "\r\n\r\n", 4) != NULL;
}

unsigned
engine_call_status(const struct engine_call *call)
{
	return call->reply.status;
}

const char *
engine_call_body(const struct engine_call *call, size_t *len)
{
	*len = call->reply.body_len;
	return call->reply.body;
}

int
engine_call_declined(const struct engine_call *call, struct err *err)
{
	return engine_declined(&call->reply,
	    engine_class_of(call->reply.status), err);
}

void
engine_call_end(struct engine_call *call)
{
	if (call == NULL)
		return;
	(void)close(call->fd);	/* the reply is complete, or unwanted */
	buf_release(&call->request);
	buf_release(&call->raw);
	free(call);
}
