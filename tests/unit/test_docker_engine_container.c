/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * docker/engine_container and docker/engine_call: how a container stands, as
 * the engine tells it, and calls that are polled for.
 */
#include "docker/engine_call.h"
#include "docker/engine_container.h"
#include "fake_engine.h"
#include "scratch.h"

#include <errno.h>

#include "docker/engine.h"

static char base[SCRATCH_MAX];
static char where[SCRATCH_MAX + 16];

static int
parse(const char *text, struct engine_state *s, struct err *err)
{
	err_clear(err);
	memset(s, 0, sizeof *s);
	return engine_state_parse(text, strlen(text), s, err);
}

static void
test_state_is_read(void)
{
	struct engine_state s;
	struct err err;

	ok(parse("{\"RestartCount\":2,\"State\":{\"Status\":\"running\","
	    "\"ExitCode\":3,\"OOMKilled\":true,\"Error\":\"e\","
	    "\"StartedAt\":\"2026-01-02T03:04:05Z\",\"Health\":{\"Status\":"
	    "\"healthy\",\"Log\":[{\"Start\":\"1\",\"ExitCode\":-1,"
	    "\"Output\":\"a\"},{\"Start\":\"2\",\"ExitCode\":0,"
	    "\"Output\":\"b\"}]}},\"Config\":{\"StopTimeout\":3,"
	    "\"Healthcheck\":{\"Test\":[\"CMD\",\"x\"],"
	    "\"Interval\":1500000,\"StartPeriod\":7000000000}},"
	    "\"HostConfig\":{\"RestartPolicy\":{\"Name\":\"on-failure\","
	    "\"MaximumRetryCount\":4}}}", &s, &err) == 0, "read %s", err.text);
	ok(s.status == ENGINE_RUNNING && s.exit_code == 3 &&
	    s.was_oom_killed && s.was_ever_started, "the state");
	is_str(s.error, "e", "its error");
	ok(s.health == ENGINE_HEALTHY && s.probe_count == 2 &&
	    s.probes[0].exit_code == -1 && strcmp(s.probes[1].output, "b") ==
	    0, "the health log, oldest first");
	ok(s.check.is_set && s.check.interval_ms == 2 &&
	    s.check.timeout_ms == 30000 && s.check.start_period_ms == 7000 &&
	    s.check.retries == 3, "a check, with the engine's defaults");
	ok(s.restarts == 2 && s.restarts_max == 4 && s.stop_s == 3 &&
	    strcmp(s.restart_policy, "on-failure") == 0, "restarts");
	engine_state_release(&s);
}

static void
test_state_with_little(void)
{
	static const struct { const char *text; enum engine_status is; } t[] = {
		{ "created", ENGINE_CREATED_ONLY },
		{ "exited", ENGINE_EXITED }, { "paused", ENGINE_PAUSED },
		{ "restarting", ENGINE_RESTARTING },
		{ "removing", ENGINE_GONE }, { "dead", ENGINE_GONE },
		{ "configured", ENGINE_CREATED_ONLY },
		{ "something new", ENGINE_GONE } };
	struct engine_state s;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		char *text = mem_format("{\"State\":{\"Status\":\"%s\","
		    "\"StartedAt\":\"0001-01-01T00:00:00Z\","
		    "\"Health\":{\"Status\":\"\"}},\"Config\":{"
		    "\"Healthcheck\":{\"Test\":[\"NONE\"]}}}", t[i].text);

		ok(parse(text, &s, &err) == 0 && s.status == t[i].is,
		    "%s %s", t[i].text, err.text);
		ok(!s.was_ever_started && s.health == ENGINE_HEALTH_NONE &&
		    !s.check.is_set && s.stop_s == 10, "and nothing more");
		engine_state_release(&s);
		free(text);
	}
}

static void
test_unknown_health(void)
{
	static const struct { const char *text; enum engine_health is; } t[] = {
		{ "starting", ENGINE_HEALTH_STARTING },
		{ "none", ENGINE_HEALTH_NONE },
		{ "something new", ENGINE_UNHEALTHY } };
	struct engine_state s;
	struct err err;

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		char *text = mem_format("{\"State\":{\"Status\":\"running\","
		    "\"Health\":{\"Status\":\"%s\"}}}", t[i].text);

		ok(parse(text, &s, &err) == 0 && s.health == t[i].is, "%s %s",
		    t[i].text, err.text);
		engine_state_release(&s);
		free(text);
	}
}

/* More than Docker keeps: the newest count. */
static void
test_long_health_log(void)
{
	struct buf b = BUF_EMPTY;
	struct engine_state s;
	struct err err;
	int i;

	buf_puts(&b, "{\"State\":{\"Status\":\"running\",\"Health\":{"
	    "\"Status\":\"starting\",\"Log\":[");
	for (i = 1; i <= 9; i++)
		buf_printf(&b, "%s{\"Start\":\"%d\"}", i > 1 ? "," : "", i);
	buf_puts(&b, "]}}}");
	ok(parse(buf_text(&b), &s, &err) == 0, "read %s", err.text);
	ok(s.probe_count == ENGINE_PROBES_MAX &&
	    strcmp(s.probes[0].start, "5") == 0 &&
	    strcmp(s.probes[4].start, "9") == 0, "the newest five");
	engine_state_release(&s);
	buf_release(&b);
}

static void
test_state_refuses(void)
{
	static const char *const bad[] = { "", "[]", "{}", "{\"State\":7}",
		"{\"State\":{\"Status\":7}}", "{\"State\":{\"Error\":[]}}",
		"{\"State\":{\"Health\":7}}",
		"{\"State\":{\"Health\":{\"Log\":[{\"Start\":7}]}}}",
		"{\"State\":{\"Status\":\"a\",\"Status\":\"b\"}}",
		"{\"State\":{},\"Config\":[]}",
		"{\"State\":{},\"HostConfig\":{\"RestartPolicy\":[]}}" };
	struct engine_state s;
	struct err err;
	int64_t code = 0;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(parse(bad[i], &s, &err) == -1 && err.class == ERR_DAMAGED,
		    "'%s': %s", bad[i], err.text);
	ok(engine_wait_parse("{\"StatusCode\":7}", 16, &code, &err) == 0 &&
	    code == 7, "a wait's answer");
	ok(engine_wait_parse("{\"Error\":null}", 14, &code, &err) == -1 &&
	    engine_wait_parse("x", 1, &code, &err) == -1 && code == 7,
	    "and what is none");
}

static const struct fake_script scripts[] = {
	{ .service = "web" }, { .service = "db", .exit_ms = 60,
	    .exit_code = 7 },
	{ .service = "hung", .fault = FAKE_START_HANG },
	{ .service = "bad", .refuses = 409, .message = "no \\u001b[1m" },
};

static void
test_project_list(struct engine *engine)
{
	struct engine_project list;
	struct err err;

	if (!ok(engine_project_list(engine, "p", &list, &err) == 0, "list"))
		return;
	is_u64(list.count, 4, "without the one-off");
	ok(strcmp(list.list[0].service, "bad") == 0 &&
	    strcmp(list.list[3].service, "web") == 0, "in order of names");
	ok(strcmp(list.list[3].id, "id-web") == 0 && list.list[3].number == 1 &&
	    strcmp(list.list[3].name, "p-web-1") == 0, "with its number");
	engine_project_release(&list);
}

/* 1: done; -1. */
static int
finish_call(struct engine_call *call, struct err *err)
{
	bool is_done = false;

	while (!is_done) {
		struct pollfd p = { engine_call_fd(call),
		    engine_call_events(call), 0 };

		(void)poll(&p, 1, 20);
		if (engine_call_step(call, &is_done, err) == -1)
			return -1;
	}
	return 1;
}

static unsigned
post(struct engine *engine, const char *path, uint64_t limit_ms,
    struct err *err)
{
	const struct engine_ask ask = { "POST", path, limit_ms };
	struct engine_call *call;
	unsigned status = 0;

	if (engine_call_begin(engine, &ask, &call, err) == 0 &&
	    finish_call(call, err) == 1) {
		status = engine_call_status(call);
		if (status >= 400)
			engine_call_declined(call, err);
	}
	engine_call_end(call);
	return status;
}

static void
test_calls(struct engine *engine)
{
	const struct engine_ask ask = { "POST",
	    "/containers/id-db/wait?condition=next-exit", UINT64_MAX };
	struct engine_call *wait;
	struct err err;
	const char *body;
	int64_t code = -1;
	size_t len;

	ok(engine_call_begin(engine, &ask, &wait, &err) == 0, "a wait");
	ok(!engine_call_has_head(wait), "not registered yet");
	is_u64(post(engine, "/containers/id-web/start", 5000, &err), 204,
	    "a start beside it");
	is_u64(post(engine, "/containers/id-web/start", 5000, &err), 304,
	    "and again");
	is_u64(post(engine, "/containers/id-db/start", 5000, &err), 204,
	    "what is waited for starts");
	ok(finish_call(wait, &err) == 1 && engine_call_has_head(wait),
	    "the wait ends");
	body = engine_call_body(wait, &len);
	ok(engine_wait_parse(body, len, &code, &err) == 0 && code == 7,
	    "with the status");
	engine_call_end(wait);
	engine_call_end(NULL);
	ok(post(engine, "/containers/id-hung/start", 100, &err) == 0 &&
	    err.class == ERR_IO && err.sys == ETIMEDOUT, "a limit: %s",
	    err.text);
	ok(post(engine, "/containers/id-bad/start", 5000, &err) == 409 &&
	    err.class == ERR_BUSY && strchr(err.text, '\033') == NULL,
	    "declined, harmlessly: %s", err.text);
}

int
main(void)
{
	enum engine_presence presence;
	struct engine *engine;
	struct fake *fake;
	struct err err;
	pid_t pid;

	if (!ok(scratch_make(base), "a folder"))
		return done();
	(void)snprintf(where, sizeof where, "%s/sock", base);
	test_state_is_read();
	test_state_with_little();
	test_unknown_health();
	test_long_health_log();
	test_state_refuses();
	pid = fake_begin(where, scripts, 4, &fake);
	if (ok(engine_open(where, &engine, &presence, &err) == 0,
	    "an engine %s", err.text)) {
		test_project_list(engine);
		test_calls(engine);
	}
	engine_close(engine);
	fake_finish(pid, fake);
	scratch_remove(base);
	return done();
}
