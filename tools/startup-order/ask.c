/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to a live engine; see ask.h. */
#include "ask.h"

#include <ctype.h>
#include <poll.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "docker/engine.h"
#include "docker/engine_call.h"
#include "io/io.h"

/* Until it is done or its deadline is past; -1: no answer. */
static int
finish(struct engine_call *call)
{
	bool is_done = false;
	struct err err;

	while (engine_call_step(call, &is_done, &err) == 0) {
		struct pollfd wait = { .fd = engine_call_fd(call),
		    .events = engine_call_events(call) };
		uint64_t now = io_ticks_ms();
		uint64_t end = engine_call_deadline(call);

		if (is_done)
			return 0;
		/* A signal only makes us look again. */
		(void)poll(&wait, 1, end > now ? (int)(end - now) : 0);
	}
	return -1;
}

static enum need_state
ask(struct engine *engine, const char *path)
{
	const struct engine_ask question = { .method = "GET", .path = path,
	    .limit_ms = ASK_LIMIT_MS };
	enum need_state state = NEED_UNKNOWN;
	struct engine_call *call = NULL;
	struct err err;

	if (engine_call_begin(engine, &question, &call, &err) == -1)
		return NEED_UNKNOWN;
	if (finish(call) == 0) {
		if (engine_call_status(call) == 200)
			state = NEED_PRESENT;
		else if (engine_call_status(call) == 404)
			state = NEED_MISSING;
	}
	engine_call_end(call);
	return state;
}

/* A name inside a path; an image's slashes stay. */
static void
put_name(struct buf *path, const char *name)
{
	for (; *name != '\0'; name++) {
		unsigned char c = (unsigned char)*name;

		if (isalnum(c) || strchr("/:@._-", c) != NULL)
			buf_byte(path, c);
		else
			buf_printf(path, "%%%02X", c);
	}
}

static enum need_state
ask_about(struct engine *engine, const char *before, const char *name,
    const char *after)
{
	struct buf path = BUF_EMPTY;
	enum need_state state;

	/* The engine would tidy the path and answer another question. */
	if (*name == '\0' || strstr(name, "..") != NULL ||
	    strstr(name, "//") != NULL)
		return NEED_UNKNOWN;
	buf_puts(&path, before);
	put_name(&path, name);
	buf_puts(&path, after);
	state = ask(engine, buf_text(&path));
	buf_release(&path);
	return state;
}

enum need_state
ask_image(struct engine *engine, const char *reference)
{
	return ask_about(engine, "/images/", reference, "/json");
}

enum need_state
ask_network(struct engine *engine, const char *name)
{
	return ask_about(engine, "/networks/", name, "");
}

enum need_state
ask_volume(struct engine *engine, const char *name)
{
	return ask_about(engine, "/volumes/", name, "");
}
