/* SPDX-License-Identifier: BSD-2-Clause */
/* Containers and the calls under way for them; see crew.h. */
#include "crew.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "compose/graph.h"
#include "docker/engine.h"
#include "docker/engine_call.h"
#include "io/io.h"

/* A stop that takes this much longer than its timeout is lost. */
#define STOP_SLACK_MS 30000

static void
init_result(struct crew *crew)
{
	struct up_result *r = crew->result;
	size_t i;

	memset(r, 0, sizeof *r);
	r->services = mem_zero(crew->g->node_count, sizeof *r->services);
	r->count = crew->g->node_count;
	for (i = 0; i < r->count; i++) {
		r->services[i].name = crew->g->nodes[i].name;
		r->services[i].text = mem_text("");
	}
}

/* Nodes and the list are both in the order of names. */
static void
match_units(struct crew *crew)
{
	const struct engine_project *list = &crew->project;
	struct buf name = BUF_EMPTY;
	size_t i, k = 0;

	crew->units = mem_zero(list->count, sizeof *crew->units);
	crew->first = mem_zero(crew->g->node_count + 1, sizeof *crew->first);
	for (i = 0; i < crew->g->node_count; i++) {
		const char *wanted = crew->g->nodes[i].name;

		crew->first[i] = crew->count;
		while (k < list->count &&
		    strcmp(list->list[k].service, wanted) < 0)
			k++;
		for (; k < list->count &&
		    strcmp(list->list[k].service, wanted) == 0; k++) {
			struct crew_unit *u = &crew->units[crew->count++];

			buf_cut(&name, 0);
			escape_text(&name, list->list[k].name,
			    strlen(list->list[k].name));
			u->node = i;
			u->id = list->list[k].id;
			u->name = mem_text(buf_text(&name));
			u->next_ms = UINT64_MAX;
		}
	}
	crew->first[i] = crew->count;
	buf_release(&name);
}

int
crew_open(struct crew *crew, struct engine *engine, const struct graph *g,
    const struct up_options *options, struct up_result *result,
    struct err *err)
{
	memset(crew, 0, sizeof *crew);
	crew->engine = engine;
	crew->g = g;
	crew->options = options;
	crew->result = result;
	crew->began_ms = io_ticks_ms();
	init_result(crew);
	if (engine_project_list(engine, g->project, &crew->project, err) == -1)
		return -1;
	match_units(crew);
	return 0;
}

void
crew_close(struct crew *crew)
{
	size_t i;

	for (i = 0; i < crew->count; i++) {
		struct crew_unit *u = &crew->units[i];

		engine_call_end(u->call);
		engine_call_end(u->wait);
		engine_state_release(&u->state);
		free(u->name);
		free(u->before);
		free(u->lost);
		free(u->probe_before);
	}
	free(crew->units);
	free(crew->first);
	engine_project_release(&crew->project);
	crew->units = NULL;
	crew->first = NULL;
	crew->count = 0;
}

size_t
crew_units_of(const struct crew *crew, size_t node, size_t *first)
{
	*first = crew->first[node];
	return crew->first[node + 1] - crew->first[node];
}

/* ------------------------------------------------------------------ calls */

const char *
crew_path(const struct crew *crew, const struct crew_unit *unit,
    enum crew_ask what, struct buf *path)
{
	static const char *const rest[] = { "/json", "/start", "/unpause",
		"/stop", "/pause" };

	engine_container_path(path, unit->id, rest[what]);
	if (what == CREW_STOP && crew->options->stop_s != UP_STOP_OWN)
		buf_printf(path, "?t=%llu",
		    (unsigned long long)crew->options->stop_s);
	return what == CREW_LOOK ? "GET" : "POST";
}

static uint64_t
limit_of(const struct crew *crew, const struct crew_unit *unit,
    enum crew_ask what)
{
	uint64_t stop_s = crew->options->stop_s;

	if (what == CREW_LOOK)
		return crew->options->pace.look_ms;
	if (what != CREW_STOP)
		return crew->options->pace.call_ms;
	if (stop_s == UP_STOP_OWN)
		stop_s = unit->state.stop_s;
	return stop_s * 1000 + STOP_SLACK_MS;
}

int
crew_ask(struct crew *crew, struct crew_unit *unit, enum crew_ask what,
    struct err *err)
{
	struct buf path = BUF_EMPTY;
	struct engine_ask ask = { .limit_ms = limit_of(crew, unit, what) };
	int ret;

	ask.method = crew_path(crew, unit, what, &path);
	ask.path = buf_text(&path);
	ret = engine_call_begin(crew->engine, &ask, &unit->call, err);
	buf_release(&path);
	return ret;
}

int
crew_wait(struct crew *crew, struct crew_unit *unit, struct err *err)
{
	struct buf path = BUF_EMPTY;
	struct engine_ask ask = { .method = "POST", .limit_ms = UINT64_MAX };
	int ret;

	/* "not-running" would answer at once for what was never started. */
	engine_container_path(&path, unit->id, "/wait?condition=next-exit");
	ask.path = buf_text(&path);
	ret = engine_call_begin(crew->engine, &ask, &unit->wait, err);
	buf_release(&path);
	return ret;
}

/* Running as it was at the last look: nothing restarted it in between. */
static bool
is_steady(const struct crew_unit *unit, const struct engine_state *now)
{
	return unit->has_state && now->status == ENGINE_RUNNING &&
	    unit->state.status == ENGINE_RUNNING &&
	    now->restarts == unit->state.restarts &&
	    strcmp(now->started_at, unit->state.started_at) == 0;
}

static int
take_state(struct crew_unit *unit, struct err *err)
{
	struct engine_state state;
	const char *body;
	size_t len;

	body = engine_call_body(unit->call, &len);
	if (engine_state_parse(body, len, &state, err) == -1)
		return -1;
	if (!is_steady(unit, &state))
		unit->steady_ms = io_ticks_ms();
	engine_state_release(&unit->state);
	unit->state = state;
	unit->has_state = true;
	return 0;
}

int
crew_step(struct crew *crew, struct crew_unit *unit, unsigned *status,
    struct err *err)
{
	bool is_done = false;
	int ret;

	(void)crew;
	ret = engine_call_step(unit->call, &is_done, err);
	if (ret == 0 && !is_done)
		return 0;
	if (ret == 0) {
		*status = engine_call_status(unit->call);
		if (*status == 200)	/* only a look answers that */
			ret = take_state(unit, err);
		else if (*status >= 300 && *status != 304)
			engine_call_declined(unit->call, err);
	}
	engine_call_end(unit->call);
	unit->call = NULL;
	return ret == -1 ? -1 : 1;
}

int
crew_step_wait(struct crew_unit *unit)
{
	bool is_done = false;
	struct err ignored;
	const char *body;
	int ret;
	size_t len;

	ret = engine_call_step(unit->wait, &is_done, &ignored);
	if (ret == 0 && !is_done)
		return 0;
	if (ret == 0 && engine_call_status(unit->wait) != 200)
		ret = -1;
	if (ret == 0) {
		body = engine_call_body(unit->wait, &len);
		ret = engine_wait_parse(body, len, &unit->ended_with,
		    &ignored);
	}
	engine_call_end(unit->wait);
	unit->wait = NULL;
	unit->has_ended = ret == 0;
	return ret == 0 ? 1 : -1;
}

static void
add_poll(const struct engine_call *call, struct pollfd *p, nfds_t *count,
    uint64_t *until_ms)
{
	if (call == NULL)
		return;
	p[*count].fd = engine_call_fd(call);
	p[*count].events = engine_call_events(call);
	p[*count].revents = 0;
	(*count)++;
	if (engine_call_deadline(call) < *until_ms)
		*until_ms = engine_call_deadline(call);
}

void
crew_poll(struct crew *crew)
{
	struct pollfd *p = mem_zero(2 * crew->count + 1, sizeof *p);
	uint64_t now = io_ticks_ms();
	uint64_t until = now + crew->options->pace.poll_ms;
	nfds_t count = 0;
	size_t i;

	for (i = 0; i < crew->count; i++) {
		struct crew_unit *u = &crew->units[i];

		add_poll(u->call, p, &count, &until);
		add_poll(u->wait, p, &count, &until);
		if (u->call == NULL && u->next_ms < until)
			until = u->next_ms;
	}
	/* An interruption ends it early, which is as good as time. */
	if (!crew->has_moved && until > now)
		(void)poll(p, count, (int)(until - now));
	crew->has_moved = false;
	free(p);
}

/* --------------------------------------------------------- look at them all */

static int
finish_look(struct crew *crew, struct crew_unit *unit, struct err *err)
{
	unsigned status = 0;
	int ret = crew_step(crew, unit, &status, err);

	if (ret != 0)
		unit->is_gone = ret == 1 && status == 404;
	if (ret == 1 && status != 200 && !unit->is_gone)
		ret = -1;
	return ret == -1 ? err_context(err, "container '%s'", unit->name) :
	    ret;
}

int
crew_look_all(struct crew *crew, struct err *err)
{
	size_t begun = 0, done = 0, i;
	int ret = 0;

	while (ret != -1 && done < crew->count) {
		while (begun < crew->count && begun - done < CREW_LOOKS_MAX)
			if (crew_ask(crew, &crew->units[begun++], CREW_LOOK,
			    err) == -1)
				return -1;
		crew_poll(crew);
		for (i = 0; i < begun && ret != -1; i++) {
			if (crew->units[i].call == NULL)
				continue;
			ret = finish_look(crew, &crew->units[i], err);
			done += ret == 1;
		}
		if (ret != -1 && crew->options->watch != NULL)
			ret = watch_step(crew->options->watch, 0, 0, err);
	}
	return ret == -1 ? -1 : 0;
}

/* -------------------------------------------------------------------- news */

void
crew_tell(struct crew *crew, size_t node, const struct crew_news *news)
{
	struct up_service *s = &crew->result->services[node];
	const struct up_calls *calls = &crew->options->calls;
	uint64_t now = io_ticks_ms();
	struct buf name = BUF_EMPTY;
	struct up_event event = { .state = news->state,
		.text = news->text == NULL ? "" : news->text,
		.detail = news->detail == NULL ? "" : news->detail,
		.at_ms = now - crew->began_ms,
		.is_undo = news->is_undo, .is_warning = news->is_warning };

	event.ms = now - (news->since_ms == 0 ? crew->began_ms :
	    news->since_ms);
	s->state = news->state;
	/* What went wrong is worth more than that it was stopped then. */
	if (!news->is_undo && *event.text != '\0') {
		free(s->text);
		s->text = mem_text(event.text);
	}
	escape_text(&name, s->name, strlen(s->name));
	event.service = buf_text(&name);
	if (calls->event != NULL)
		calls->event(calls->ctx, &event);
	buf_release(&name);
}

const char *
crew_service(const struct crew *crew, size_t node, struct buf *buf)
{
	const char *name = crew->g->nodes[node].name;

	buf_cut(buf, 0);
	buf_puts(buf, "service '");
	escape_text(buf, name, strlen(name));
	buf_puts(buf, "'");
	return buf_text(buf);
}
