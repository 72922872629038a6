/* SPDX-License-Identifier: BSD-2-Clause */
/* --up, --down and --plan at the terminal; see act.h. */
#include "act.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "cli/cli.h"
#include "compose/graph.h"
#include "docker/engine.h"
#include "down.h"
#include "io/io.h"
#include "plan.h"
#include "record.h"
#include "up.h"

#define COLUMNS 80
#define INDENT 20	/* the time and the word before a text */

/* ------------------------------------------------------------------ lines */

/* How much of text fits into width columns; whole words where it can be. */
static size_t
fitting(const char *text, size_t width)
{
	size_t columns = 0, at = 0, space = 0;

	while (text[at] != '\0' && text[at] != '\n' && columns < width) {
		size_t len = escape_utf8_len(text + at, strlen(text + at));

		if (text[at] == ' ')
			space = at;
		at += len == 0 ? 1 : len;
		columns++;
	}
	if (text[at] == '\0' || text[at] == '\n' || text[at] == ' ' ||
	    space == 0)
		return at;
	return space;
}

/* prefix once, then text in lines that fit beside it. */
static void
say_wrapped(struct cli *cli, const char *prefix, const char *text)
{
	do {
		size_t len = fitting(text, COLUMNS - INDENT);

		cli_say(cli, "%-*s%.*s", INDENT, prefix, (int)len, text);
		text += len;
		while (*text == ' ' || *text == '\n')
			text++;
		prefix = "";
	} while (*text != '\0');
}

static const char *
word_of(const struct up_event *e)
{
	switch (e->state) {
	case UP_UNTOUCHED: return "skip";
	case UP_WAITING: return "wait";
	case UP_STARTING: return "start";
	case UP_ARRIVED: return "up";
	case UP_LEFT_ALONE: return "left";
	case UP_FAILED: return "failed";
	case UP_STOPPING: return "stop";
	case UP_STOPPED: return "stopped";
	case UP_NOT_RUNNING: return "down";
	case UP_NOT_STOPPED: return "RUNS ON";
	}
	return "";
}

static void
say_event(struct cli *cli, const struct up_event *e)
{
	struct buf prefix = BUF_EMPTY, text = BUF_EMPTY;

	buf_printf(&prefix, "%7.1f s  %-8s", (double)e->at_ms / 1000,
	    word_of(e));
	buf_puts(&text, e->service);
	if (*e->text != '\0')
		buf_printf(&text, ": %s", e->text);
	if (e->state == UP_ARRIVED || e->state == UP_STOPPED)
		buf_printf(&text, ", %.1f s", (double)e->ms / 1000);
	if (e->is_undo)
		buf_puts(&text, " (roll-back)");
	say_wrapped(cli, buf_text(&prefix), buf_text(&text));
	if (*e->detail != '\0')
		say_wrapped(cli, "", e->detail);
	buf_release(&prefix);
	buf_release(&text);
}

static void
emit_event(struct cli *cli, const struct up_event *e)
{
	struct cli_json j;

	cli_json_open(&j, "status");
	cli_json_text(&j, "event", up_state_name(e->state));
	cli_json_text(&j, "service", e->service);
	cli_json_text(&j, "text", e->text);
	cli_json_text(&j, "detail", e->detail);
	cli_json_u64(&j, "ms", e->ms);
	cli_json_u64(&j, "at_ms", e->at_ms);
	cli_json_bool(&j, "rollback", e->is_undo);
	cli_json_emit(&j, cli);
}

static void
on_event(void *ctx, const struct up_event *event)
{
	struct cli *cli = ctx;

	if (!(cli->no_progress && (event->state == UP_WAITING ||
	    event->state == UP_STARTING || event->state == UP_STOPPING)))
		say_event(cli, event);
	emit_event(cli, event);
	if (event->is_warning)
		cli_warn(cli, "service '%s' %s; others go on without it",
		    event->service, event->text);
}

/* ------------------------------------------------------------------- plan */

struct plan_lines {
	struct cli *cli;
	size_t layer;		/* of the last line */
};

static void
on_step(void *ctx, const struct plan_step *step)
{
	struct plan_lines *lines = ctx;
	struct cli_json j;

	if (step->layer != lines->layer)
		cli_out(lines->cli, "layer %zu", step->layer);
	lines->layer = step->layer;
	if (*step->method == '\0')
		cli_out(lines->cli, "  %s: %s", step->service, step->note);
	else
		cli_out(lines->cli, "  %s %s\n      %s: %s", step->method,
		    step->path, step->service, step->note);
	cli_json_open(&j, "plan");
	cli_json_u64(&j, "layer", step->layer);
	cli_json_text(&j, "service", step->service);
	cli_json_text(&j, "container", step->container);
	cli_json_text(&j, "method", step->method);
	cli_json_text(&j, "path", step->path);
	cli_json_text(&j, "note", step->note);
	cli_json_emit(&j, lines->cli);
}

/* ------------------------------------------------------------- afterwards */

static void
list_states(struct buf *out, const struct up_result *r, enum up_state state)
{
	bool is_first = true;
	size_t i;

	for (i = 0; i < r->count; i++) {
		if (r->services[i].state != state)
			continue;
		if (!is_first)
			buf_puts(out, ", ");
		escape_text(out, r->services[i].name,
		    strlen(r->services[i].name));
		is_first = false;
	}
}

/* After a failure or an interruption: what is so now. */
static void
append_state(const struct act_options *o, const struct up_result *r,
    struct err *err)
{
	struct buf names = BUF_EMPTY;

	if (r->not_stopped > 0) {
		list_states(&names, r, UP_NOT_STOPPED);
		err_append(err, "NOT stopped, still running: %s",
		    buf_text(&names));
	}
	if (o->down || r->started == 0)
		err_append(err, "%llu services were %s",
		    (unsigned long long)(o->down ? r->stopped : 0),
		    o->down ? "stopped" : "started");
	else if (r->is_rolled_back)
		err_append(err, "rolled back: %llu services stopped again",
		    (unsigned long long)r->stopped);
	else
		err_append(err, "not rolled back: %llu services that this "
		    "run started were left as they are",
		    (unsigned long long)r->started);
	buf_release(&names);
}

static void
report(struct cli *cli, const struct act_options *o,
    const struct up_result *r, const struct err *err)
{
	bool is_done = err->class == ERR_NONE;
	struct cli_json j;

	if (is_done && o->down)
		cli_out(cli, "down: %llu services stopped in %.1f s",
		    (unsigned long long)r->stopped, (double)r->ms / 1000);
	else if (is_done)
		cli_out(cli, "up: %llu services started, %llu ran or had "
		    "ended already, in %.1f s",
		    (unsigned long long)r->started,
		    (unsigned long long)r->left_alone, (double)r->ms / 1000);
	if (r->stay_down > 0)
		cli_say(cli, "%llu containers that were stopped have "
		    "restart: unless-stopped;\nthe engine will not start "
		    "them by itself any more",
		    (unsigned long long)r->stay_down);
	cli_json_open(&j, "summary");
	cli_json_text(&j, "operation", o->down ? "down" : "up");
	cli_json_bool(&j, "done", is_done);
	cli_json_bool(&j, "rolled_back", r->is_rolled_back);
	cli_json_u64(&j, "started", r->started);
	cli_json_u64(&j, "left_alone", r->left_alone);
	cli_json_u64(&j, "stopped", r->stopped);
	cli_json_u64(&j, "not_stopped", r->not_stopped);
	cli_json_u64(&j, "stay_down", r->stay_down);
	cli_json_u64(&j, "ms", r->ms);
	cli_json_emit(&j, cli);
}

static const char *
outcome_of(const struct err *err)
{
	if (err->class == ERR_NONE)
		return "done";
	return err->class == ERR_INTERRUPTED ? "interrupted" : "failed";
}

static void
keep_record(struct cli *cli, const struct act_options *o,
    const struct graph *g, const struct up_result *r,
    struct record *record, const struct err *err)
{
	struct buf object = BUF_EMPTY;
	struct err why;

	record->operation = o->down ? "down" : "up";
	record->outcome = outcome_of(err);
	record->error = err->class == ERR_NONE ? "" : err->text;
	record->exit_code = err->class != ERR_NONE ? cli_exit_code(err) :
	    cli->warnings > 0 ? EXIT_WARNINGS : EXIT_OK;
	record_format(&object, g, record, r);
	if (o->record != NULL &&
	    record_append(o->record, &object, &why) == -1)
		cli_warn(cli, "this run is not recorded: %s", why.text);
	if (record_keep(o->catalog, record, &object, &why) == -1)
		cli_say(cli, "history is not recorded: %s", why.text);
	buf_release(&object);
}

static int
move(struct cli *cli, struct engine *engine, const struct graph *g,
    const struct act_options *o, const struct up_options *options,
    struct err *err)
{
	struct record record = { .engine = engine_path(engine),
	    .began = io_now() };
	struct up_result result = { .count = 0 };
	int ret;

	err_clear(err);
	if (o->down)
		ret = down_run(engine, g, options, &result, err);
	else
		ret = up_run(engine, g, options, &result, err);
	/* Damage is what tools find in data; this is an engine's babble. */
	if (err->class == ERR_DAMAGED || err->class == ERR_LIMIT)
		err->class = ERR_IO;
	if (ret == -1)
		append_state(o, &result, err);
	report(cli, o, &result, err);
	keep_record(cli, o, g, &result, &record, err);
	up_result_release(&result);
	return ret;
}

int
act_run(struct cli *cli, const struct graph *g,
    const struct act_options *o, struct err *err)
{
	const struct up_options options = {
		.timeout_ms = o->timeout_s > UINT64_MAX / 4000 ?
		    UINT64_MAX / 4 : o->timeout_s * 1000,
		.stop_s = o->stop_timeout_s, .keep = o->keep,
		.again = o->again, .pace = UP_PACE_USUAL,
		.watch = &cli->watch, .calls = { cli, on_event } };
	struct plan_lines lines = { .cli = cli };
	const struct plan_calls plan = { &lines, on_step };
	enum engine_presence presence;
	struct engine *engine;
	int ret;

	if (engine_open(o->socket, &engine, &presence, err) == -1) {
		if (presence == ENGINE_ABSENT)
			err_append(err, "containers are started by Docker's "
			    "engine: start that first");
		return -1;
	}
	if (o->plan)
		ret = plan_run(engine, g, &options, o->down, &plan, err);
	else
		ret = move(cli, engine, g, o, &options, err);
	engine_close(engine);
	return ret;
}
