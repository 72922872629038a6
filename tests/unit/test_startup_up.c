/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * startup-order's up and down against an engine that follows a script: order,
 * gates, limits, roll-back, and what an engine does when it is half dead.
 */
#include "../../tools/startup-order/down.h"
#include "../../tools/startup-order/plan.h"
#include "../../tools/startup-order/up.h"
#include "fake_engine.h"
#include "scratch.h"

#include "compose/graph.h"
#include "docker/engine.h"

static char base[SCRATCH_MAX];
static char where[SCRATCH_MAX + 16];

#define QUICK { .poll_ms = 10, .settle_ms = 60, .settle_limit_ms = 600, \
	.one_shot_ms = 800, .slack_ms = 150, .look_ms = 150, .call_ms = 400, \
	.deaf_ms = 200, .notice_ms = 100, .restarts = 3 }

#define COUNT(a) ((int)(sizeof (a) / sizeof (a)[0]))

/* "a" needs "b" by condition; ends with a NULL from. */
struct need {
	const char *from, *to;
	enum graph_condition condition;
	bool is_optional;
};

struct scene {
	const struct fake_script *scripts;
	int count;
	const struct need *needs;
	const char *absent;	/* a service without a container, or NULL */
	struct up_options options;
	bool is_down;
	bool refuses_version;
	int interrupt_after_ms;	/* 0: never */

	/* What came of it. */
	int ret;
	struct err err;
	struct up_result result;
	struct fake *fake;
	pid_t pid;
	struct graph *g;
	char log[FAKE_LOG_MAX];
	char said[FAKE_LOG_MAX];
	uint64_t began_ms;
};

/* ------------------------------------------------------------------ scenes */

static struct graph *
graph_for(const struct scene *s)
{
	struct graph *g = graph_new("p");
	const struct need *n;
	struct err err;
	int i;

	for (i = 0; i < s->count; i++)
		graph_add_service(g, s->scripts[i].service)->replicas = 1;
	if (s->absent != NULL)
		graph_add_service(g, s->absent)->replicas = 1;
	for (n = s->needs; n != NULL && n->from != NULL; n++)
		(void)graph_add_edge(g, &(struct graph_wish){ .from = n->from,
		    .to = n->to, .condition = n->condition,
		    .required = !n->is_optional }, &err);
	if (graph_seal(g, &err) == -1)
		ok(false, "the graph: %s", err.text);
	return g;
}

static void
on_event(void *ctx, const struct up_event *e)
{
	struct scene *s = ctx;
	size_t len = strlen(s->said);

	(void)snprintf(s->said + len, sizeof s->said - len,
	    "%s %s: %s%s [%s]\n", up_state_name(e->state), e->service, e->text,
	    e->is_undo ? " (undo)" : "", e->detail);
}

static void
on_moved(void *ctx, uint64_t bytes, uint64_t entries)
{
	(void)ctx;
	(void)bytes;
	(void)entries;
}

static int
on_check(void *ctx, struct err *err)
{
	struct scene *s = ctx;

	if (s->interrupt_after_ms > 0 && io_ticks_ms() - s->began_ms >=
	    (uint64_t)s->interrupt_after_ms)
		return err_set(err, ERR_INTERRUPTED, SIGINT, "interrupted");
	return 0;
}

/* Play the scene; end_scene() afterwards. */
static void
play(struct scene *s)
{
	const struct watch watch = { s, on_moved, on_check };
	const struct up_pace quick = QUICK;
	enum engine_presence presence;
	struct engine *engine;

	s->g = graph_for(s);
	s->pid = fake_begin(where, s->scripts, s->count, &s->fake);
	s->fake->refuses_version = s->refuses_version;
	s->options.pace = quick;
	s->options.stop_s = s->options.stop_s == 0 ? UP_STOP_OWN :
	    s->options.stop_s;
	s->options.watch = &watch;
	s->options.calls.ctx = s;
	s->options.calls.event = on_event;
	s->began_ms = io_ticks_ms();
	err_clear(&s->err);
	s->ret = -1;
	if (engine_open(where, &engine, &presence, &s->err) == 0) {
		if (s->is_down)
			s->ret = down_run(engine, s->g, &s->options,
			    &s->result, &s->err);
		else
			s->ret = up_run(engine, s->g, &s->options,
			    &s->result, &s->err);
	}
	engine_close(engine);
	memcpy(s->log, s->fake->log, sizeof s->log);
}

static void
end_scene(struct scene *s)
{
	fake_finish(s->pid, s->fake);
	up_result_release(&s->result);
	graph_free(s->g);
}

/* Where a whole line is in a log, or -1. */
static long
line_at(const char *log, const char *line)
{
	size_t len = strlen(line);
	const char *at = log;

	while ((at = strstr(at, line)) != NULL) {
		if ((at == log || at[-1] == '\n') && at[len] == '\n')
			return at - log;
		at++;
	}
	return -1;
}

static bool
in_order(const struct scene *s, const char *first, const char *second)
{
	long a = line_at(s->log, first), b = line_at(s->log, second);

	return ok(a >= 0 && b > a, "'%s' before '%s'", first, second) ||
	    printf("# %ld %ld\n", a, b) < 0;
}

static bool
never(const struct scene *s, const char *line)
{
	return ok(line_at(s->log, line) < 0, "never '%s'", line);
}

static void
states(const struct scene *s, const char *const *want)
{
	struct buf got = BUF_EMPTY, wanted = BUF_EMPTY;
	size_t i;

	for (i = 0; i < s->result.count; i++)
		buf_printf(&got, "%s: %s\n", s->result.services[i].name,
		    up_state_name(s->result.services[i].state));
	for (; *want != NULL; want++)
		buf_printf(&wanted, "%s\n", *want);
	is_str(buf_text(&got), buf_text(&wanted), "how each service stands");
	buf_release(&got);
	buf_release(&wanted);
}

static bool
fails(const struct scene *s, enum err_class class, const char *text)
{
	return ok(s->ret == -1 && s->err.class == class &&
	    strstr(s->err.text, text) != NULL, "fails as '%s': %s", text,
	    s->err.text);
}

#define STATES(s, ...) \
	states((s), (const char *const []){ __VA_ARGS__, NULL })

/* ------------------------------------------------------------------- order */

static void
test_up_follows_gates(void)
{
	static const struct fake_script scripts[] = {
		{ .service = "db", .has_check = true, .healthy_ms = 200 },
		{ .service = "migrate", .exit_ms = 120 },
		{ .service = "cache" },
		{ .service = "api", .has_check = true, .healthy_ms = 60 },
		{ .service = "web" },
	};
	static const struct need needs[] = {
		{ "migrate", "db", GRAPH_HEALTHY, false },
		{ "api", "migrate", GRAPH_COMPLETED, false },
		{ "api", "cache", GRAPH_STARTED, false },
		{ "web", "api", GRAPH_HEALTHY, false },
		{ .from = NULL },
	};
	struct scene s = { .scripts = scripts, .count = COUNT(scripts),
	    .needs = needs };

	play(&s);
	ok(s.ret == 0, "a stack of five comes up: %s", s.err.text);
	in_order(&s, "start cache", "healthy db");
	in_order(&s, "healthy db", "wait migrate");
	in_order(&s, "wait migrate", "start migrate");
	in_order(&s, "ended migrate", "start api");
	in_order(&s, "healthy api", "start web");
	never(&s, "stop db");
	STATES(&s, "api: arrived", "cache: arrived", "db: arrived",
	    "migrate: arrived", "web: arrived");
	is_u64(s.result.started, 5, "five were started");
	end_scene(&s);
}

static void
test_up_leaves_alone(void)
{
	static const struct fake_script scripts[] = {
		{ .service = "db", .at_first = "running", .has_check = true,
		    .healthy_ms = 1 },
		{ .service = "migrate", .at_first = "ended" },
		{ .service = "api", .at_first = "created" },
		{ .service = "cache", .at_first = "running" },
	};
	static const struct need needs[] = {
		{ "migrate", "db", GRAPH_HEALTHY, false },
		{ "api", "migrate", GRAPH_COMPLETED, false },
		{ .from = NULL },
	};
	struct scene s = { .scripts = scripts, .count = COUNT(scripts),
	    .needs = needs };

	play(&s);
	ok(s.ret == 0, "half a stack is completed: %s", s.err.text);
	never(&s, "start db");
	never(&s, "start cache");
	never(&s, "start migrate");
	STATES(&s, "api: arrived", "cache: left alone", "db: left alone",
	    "migrate: left alone");
	ok(strstr(s.said, "left alone migrate: has ended with status 0 "
	    "before") != NULL, "and said so");
	end_scene(&s);
	s = (struct scene){ .scripts = scripts, .count = COUNT(scripts),
	    .needs = needs, .options.again = true };
	play(&s);
	ok(line_at(s.log, "start migrate") >= 0, "again: it is run again");
	end_scene(&s);
}

static void
test_up_unpauses(void)
{
	static const struct fake_script scripts[] = {
		{ .service = "db", .at_first = "paused", .has_check = true,
		    .healthy_ms = 100 },
		{ .service = "api", .refuses = 400, .message = "no" },
	};
	static const struct need needs[] = {
		{ "api", "db", GRAPH_HEALTHY, false }, { .from = NULL },
	};
	struct scene s = { .scripts = scripts, .count = COUNT(scripts),
	    .needs = needs };

	play(&s);
	in_order(&s, "unpause db", "healthy db");
	in_order(&s, "start api", "pause db");
	never(&s, "stop db");
	end_scene(&s);
}

/* ---------------------------------------------------------------- failures */

/* db is well, bad is not, and last waits for bad. */
static void
play_bad(struct scene *s, struct fake_script *bad,
    enum graph_condition condition)
{
	static struct fake_script scripts[3];
	static struct need needs[3];

	scripts[0] = (struct fake_script){ .service = "db" };
	bad->service = "bad";
	scripts[1] = *bad;
	scripts[2] = (struct fake_script){ .service = "last" };
	needs[0] = (struct need){ "bad", "db", GRAPH_STARTED, false };
	needs[1] = (struct need){ "last", "bad", condition, false };
	needs[2] = (struct need){ .from = NULL };
	s->scripts = scripts;
	s->count = 3;
	s->needs = needs;
	play(s);
}

static void
rolls_back(struct fake_script bad, enum graph_condition condition,
    const char *text)
{
	struct scene s = { .count = 0 };

	play_bad(&s, &bad, condition);
	fails(&s, ERR_IO, text);
	in_order(&s, "start bad", "stop db");
	never(&s, "start last");
	ok(!s.fake->live[0].is_up && !s.fake->live[1].is_up,
	    "nothing runs any more");
	ok(s.result.is_rolled_back && s.result.services[0].has_failed,
	    "rolled back, and bad is to blame");
	end_scene(&s);
}

static void
test_up_says_why(void)
{
	rolls_back((struct fake_script){ .has_check = true,
	    .unhealthy_ms = 100 }, GRAPH_HEALTHY,
	    "service 'bad' is unhealthy");
	rolls_back((struct fake_script){ .has_check = true }, GRAPH_HEALTHY,
	    "service 'bad' was not healthy within 0.9 s");
	rolls_back((struct fake_script){ .has_check = true, .exit_ms = 30,
	    .exit_code = 3 }, GRAPH_HEALTHY,
	    "service 'bad' ended with status 3 before it was healthy");
	rolls_back((struct fake_script){ .exit_ms = 30, .exit_code = 137,
	    .was_oom = true }, GRAPH_STARTED,
	    "service 'bad' was killed: out of memory (status 137)");
	rolls_back((struct fake_script){ .exit_ms = 50, .exit_code = 127,
	    }, GRAPH_COMPLETED,
	    "service 'bad' ended with status 127 (its command was not found)");
	rolls_back((struct fake_script){ .exit_ms = 5000 }, GRAPH_COMPLETED,
	    "service 'bad' did not end within 0.8 s");
	rolls_back((struct fake_script){ .exit_ms = 20, .exit_code = 5,
	    .restarts = true }, GRAPH_STARTED,
	    "service 'bad' is in a restart loop");
	rolls_back((struct fake_script){ .refuses = 400, .message =
	    "OCI runtime create failed: exec: \\\"nosuch\\\": executable file "
	    "not found in $PATH: unknown" }, GRAPH_STARTED,
	    "service 'bad' cannot be started: its program is missing from "
	    "the image: exec: \"nosuch\"");
	rolls_back((struct fake_script){ .refuses = 404, .message = "no" },
	    GRAPH_STARTED, "service 'bad' has lost its container");
}

static void
test_up_shows_the_health_log(void)
{
	struct fake_script bad = { .has_check = true, .unhealthy_ms = 100 };
	struct scene s = { .count = 0 };

	play_bad(&s, &bad, GRAPH_HEALTHY);
	ok(strstr(s.said, "probe ended with status 1: said unhealthy") !=
	    NULL, "the last line of the last probes");
	ok(strstr(s.said, "an old word") == NULL &&
	    strstr(s.said, "[\n") == NULL, "three of them");
	end_scene(&s);
}

static void
test_up_keeps_when_told(void)
{
	struct fake_script bad = { .has_check = true, .unhealthy_ms = 60 };
	struct scene s = { .options.keep = true };

	play_bad(&s, &bad, GRAPH_HEALTHY);
	fails(&s, ERR_IO, "unhealthy");
	never(&s, "stop db");
	ok(s.fake->live[0].is_up && s.fake->live[1].is_up, "all runs on");
	STATES(&s, "bad: failed", "db: arrived", "last: untouched");
	end_scene(&s);
}

/* Only what this run started is stopped, the last first. */
static void
test_rollback_is_exact_and_reverse(void)
{
	static const struct fake_script scripts[] = {
		{ .service = "a", .at_first = "running" },
		{ .service = "b" }, { .service = "c" },
		{ .service = "d", .exit_ms = 30, .exit_code = 1 },
	};
	static const struct need needs[] = {
		{ "b", "a", GRAPH_STARTED, false },
		{ "c", "b", GRAPH_STARTED, false },
		{ "d", "c", GRAPH_STARTED, false }, { .from = NULL },
	};
	struct scene s = { .scripts = scripts, .count = COUNT(scripts),
	    .needs = needs };

	play(&s);
	fails(&s, ERR_IO, "service 'd' ended with status 1");
	in_order(&s, "stop c", "ended c");
	in_order(&s, "ended c", "stop b");
	never(&s, "stop a");
	STATES(&s, "a: left alone", "b: stopped", "c: stopped", "d: failed");
	is_u64(s.result.stopped, 2, "two stopped");
	end_scene(&s);
}

static void
test_optional_failure_is_a_warning(void)
{
	static const struct fake_script scripts[] = {
		{ .service = "extra", .exit_ms = 20, .exit_code = 9 },
		{ .service = "web" },
	};
	static const struct need needs[] = {
		{ "web", "extra", GRAPH_STARTED, true }, { .from = NULL },
	};
	struct scene s = { .scripts = scripts, .count = COUNT(scripts),
	    .needs = needs };

	play(&s);
	ok(s.ret == 0, "the rest comes up: %s", s.err.text);
	in_order(&s, "ended extra", "start web");
	is_u64(s.result.warnings, 1, "a warning");
	STATES(&s, "extra: failed", "web: arrived");
	end_scene(&s);
}

/* ---------------------------------------------------------------- preflight */

static void
test_preflight(void)
{
	static const struct fake_script scripts[] = {
		{ .service = "db" }, { .service = "web" },
	};
	static const struct need asks_health[] = {
		{ "web", "db", GRAPH_HEALTHY, false }, { .from = NULL },
	};
	static const struct need pruned[] = {
		{ "web", "gone", GRAPH_COMPLETED, false }, { .from = NULL },
	};
	static const struct need needs_gone[] = {
		{ "web", "gone", GRAPH_STARTED, false }, { .from = NULL },
	};
	struct scene s = { .scripts = scripts, .count = COUNT(scripts),
	    .needs = asks_health };

	play(&s);
	fails(&s, ERR_PREFLIGHT, "service 'db' has no health check");
	never(&s, "start db");
	end_scene(&s);

	s = (struct scene){ .scripts = scripts, .count = COUNT(scripts),
	    .needs = needs_gone, .absent = "gone" };
	play(&s);
	fails(&s, ERR_PREFLIGHT, "service 'gone' has no container");
	never(&s, "start db");
	end_scene(&s);

	s = (struct scene){ .scripts = scripts, .count = COUNT(scripts),
	    .needs = pruned, .absent = "gone" };
	play(&s);
	ok(s.ret == 0 && s.result.warnings == 1,
	    "a one-shot that was pruned is taken as done: %s", s.err.text);
	end_scene(&s);
}

/* ------------------------------------------------------- a half dead engine */

static void
comes_up(struct fake_script odd, enum graph_condition condition,
    const char *name)
{
	struct scene s = { .count = 0 };

	play_bad(&s, &odd, condition);
	ok(s.ret == 0, "%s: %s", name, s.err.text);
	ok(line_at(s.log, "start last") >= 0, "and its dependent is started");
	end_scene(&s);
}

static void
test_faults_that_pass(void)
{
	comes_up((struct fake_script){ .fault = FAKE_LOOK_HALF, .faults = 2 },
	    GRAPH_STARTED, "two answers cut short");
	comes_up((struct fake_script){ .fault = FAKE_LOOK_ERROR, .faults = 2 },
	    GRAPH_STARTED, "two errors");
	comes_up((struct fake_script){ .fault = FAKE_LOOK_BABBLE,
	    .faults = 2 }, GRAPH_STARTED, "two answers that make no sense");
	comes_up((struct fake_script){ .fault = FAKE_START_HALF },
	    GRAPH_STARTED, "it started, and the answer was lost");
	comes_up((struct fake_script){ .fault = FAKE_WAIT_CUT,
	    .exit_ms = 60 }, GRAPH_COMPLETED, "a wait that is cut");
	comes_up((struct fake_script){ .start_ms = 150 }, GRAPH_STARTED,
	    "a slow start");
	comes_up((struct fake_script){ .exit_ms = 60,
	    .removes_itself = true }, GRAPH_COMPLETED,
	    "a one-shot that removes itself");
	comes_up((struct fake_script){ .has_check = true, .healthy_ms = 80,
	    .flap_ms = 3000 }, GRAPH_HEALTHY, "healthy for now");
}

static void
test_faults_that_stay(void)
{
	rolls_back((struct fake_script){ .fault = FAKE_START_CUT },
	    GRAPH_STARTED, "it hung up without an answer");
	rolls_back((struct fake_script){ .fault = FAKE_START_HANG },
	    GRAPH_STARTED, "no answer");
	rolls_back((struct fake_script){ .fault = FAKE_START_LIES,
	    .refuses = 500, .message = "deadline" }, GRAPH_STARTED,
	    "cannot be started: deadline");
	rolls_back((struct fake_script){ .fault = FAKE_LOOK_HANG },
	    GRAPH_STARTED, "cannot be looked at");
	rolls_back((struct fake_script){ .fault = FAKE_LOOK_HALF,
	    .faults = 1000 }, GRAPH_STARTED, "cannot be looked at");
	rolls_back((struct fake_script){ .exit_ms = 60, .exit_code = 4,
	    .removes_itself = true }, GRAPH_COMPLETED,
	    "ended with status 4");
}

/* Nothing can be rolled back then, and that is said. */
static void
test_engine_that_dies(void)
{
	struct fake_script bad = { .fault = FAKE_DIES };
	struct scene s = { .count = 0 };

	play_bad(&s, &bad, GRAPH_STARTED);
	fails(&s, ERR_IO, "service 'bad' cannot be ");
	STATES(&s, "bad: not stopped", "db: not stopped", "last: untouched");
	is_u64(s.result.not_stopped, 2, "two may still run");
	end_scene(&s);
}

static void
test_version_refused(void)
{
	static const struct fake_script scripts[] = {
		{ .service = "db", .has_check = true, .healthy_ms = 40 },
	};
	struct scene s = { .scripts = scripts, .count = 1,
	    .refuses_version = true };

	play(&s);
	ok(s.ret == 0, "paths without a version do as well: %s", s.err.text);
	in_order(&s, "start db", "healthy db");
	end_scene(&s);
}

static void
test_vanished_container(void)
{
	struct fake_script bad = { .fault = FAKE_LOOK_GONE };
	struct scene s = { .count = 0 };

	play_bad(&s, &bad, GRAPH_STARTED);
	fails(&s, ERR_IO, "has lost its container");
	in_order(&s, "started bad", "stop db");
	end_scene(&s);
}

static void
test_flapping_is_caught_at_the_end(void)
{
	static const struct fake_script scripts[] = {
		{ .service = "db", .has_check = true, .healthy_ms = 50,
		    .unhealthy_ms = 150 },
		{ .service = "web", .has_check = true, .healthy_ms = 200 },
	};
	static const struct need needs[] = {
		{ "web", "db", GRAPH_HEALTHY, false }, { .from = NULL },
	};
	struct scene s = { .scripts = scripts, .count = COUNT(scripts),
	    .needs = needs };

	play(&s);
	fails(&s, ERR_IO, "service 'db' was healthy, and is unhealthy now");
	in_order(&s, "stop web", "stop db");
	end_scene(&s);
}

static void
test_stop_that_fails(void)
{
	static const struct fake_script scripts[] = {
		{ .service = "db", .fault = FAKE_STOP_ERROR },
		{ .service = "api", .fault = FAKE_STOP_CUT },
		{ .service = "web", .refuses = 500, .message = "no space" },
	};
	static const struct need needs[] = {
		{ "api", "db", GRAPH_STARTED, false },
		{ "web", "api", GRAPH_STARTED, false }, { .from = NULL },
	};
	struct scene s = { .scripts = scripts, .count = COUNT(scripts),
	    .needs = needs };

	play(&s);
	fails(&s, ERR_IO, "service 'web' cannot be started: no space");
	STATES(&s, "api: stopped", "db: not stopped", "web: failed");
	ok(strstr(s.said, "not stopped db: container 'p-db-1': runs on: "
	    "cannot be killed") != NULL, "in the engine's words");
	is_u64(s.result.not_stopped, 1, "one runs on");
	end_scene(&s);
}

/* ------------------------------------------------------------ interruption */

static void
test_interrupted_run_is_rolled_back(void)
{
	static const struct fake_script scripts[] = {
		{ .service = "db" },
		{ .service = "slow", .start_ms = 150 },
		{ .service = "web" },
	};
	static const struct need needs[] = {
		{ "slow", "db", GRAPH_STARTED, false },
		{ "web", "slow", GRAPH_STARTED, false }, { .from = NULL },
	};
	struct scene s = { .scripts = scripts, .count = COUNT(scripts),
	    .needs = needs, .interrupt_after_ms = 150 };

	play(&s);
	fails(&s, ERR_INTERRUPTED, "interrupted");
	in_order(&s, "start slow", "started slow");
	in_order(&s, "stop slow", "stop db");
	never(&s, "start web");
	ok(!s.fake->live[0].is_up && !s.fake->live[1].is_up,
	    "a start under way is waited for, and undone");
	end_scene(&s);

	s = (struct scene){ .scripts = scripts, .count = COUNT(scripts),
	    .needs = needs, .interrupt_after_ms = 150,
	    .options.keep = true };
	play(&s);
	never(&s, "stop db");
	ok(s.fake->live[0].is_up && s.fake->live[1].is_up,
	    "with keep both run");
	end_scene(&s);
}

/* -------------------------------------------------------------------- down */

static void
test_down(void)
{
	static const struct fake_script scripts[] = {
		{ .service = "db", .at_first = "running" },
		{ .service = "api", .at_first = "running" },
		{ .service = "job", .at_first = "ended" },
		{ .service = "web", .at_first = "paused" },
	};
	static const struct need needs[] = {
		{ "api", "db", GRAPH_STARTED, false },
		{ "job", "db", GRAPH_STARTED, false },
		{ "web", "api", GRAPH_STARTED, false }, { .from = NULL },
	};
	struct scene s = { .scripts = scripts, .count = COUNT(scripts),
	    .needs = needs, .is_down = true };

	play(&s);
	ok(s.ret == 0, "all is stopped: %s", s.err.text);
	in_order(&s, "ended web", "stop api");
	in_order(&s, "ended api", "stop db");
	never(&s, "stop job");
	STATES(&s, "api: stopped", "db: stopped", "job: not running",
	    "web: stopped");
	end_scene(&s);
}

static void
test_down_goes_on_past_a_failure(void)
{
	static const struct fake_script scripts[] = {
		{ .service = "db", .at_first = "running" },
		{ .service = "api", .at_first = "running",
		    .fault = FAKE_STOP_ERROR },
	};
	static const struct need needs[] = {
		{ "api", "db", GRAPH_STARTED, false }, { .from = NULL },
	};
	struct scene s = { .scripts = scripts, .count = COUNT(scripts),
	    .needs = needs, .is_down = true };

	play(&s);
	fails(&s, ERR_IO, "1 of 2 services could not be stopped");
	STATES(&s, "api: not stopped", "db: stopped");
	end_scene(&s);
}

/* -------------------------------------------------------------------- plan */

static void
on_step(void *ctx, const struct plan_step *step)
{
	buf_printf(ctx, "%zu %s %s%s%s\n", step->layer, step->service,
	    step->method, *step->method == '\0' ? "" : " ", step->path);
}

static void
test_plan_changes_nothing(void)
{
	static const struct fake_script scripts[] = {
		{ .service = "db" }, { .service = "job" },
		{ .service = "web", .at_first = "running" },
	};
	struct buf said = BUF_EMPTY;
	const struct plan_calls calls = { &said, on_step };
	struct scene s = { .scripts = scripts, .count = COUNT(scripts),
	    .needs = (const struct need []){
	    { "job", "db", GRAPH_STARTED, false },
	    { "web", "job", GRAPH_COMPLETED, false }, { .from = NULL } },
	    .options = { .stop_s = 7, .again = true, .pace = QUICK } };
	enum engine_presence presence;
	struct engine *engine = NULL;

	s.g = graph_for(&s);
	s.pid = fake_begin(where, s.scripts, s.count, &s.fake);
	ok(engine_open(where, &engine, &presence, &s.err) == 0 &&
	    plan_run(engine, s.g, &s.options, false, &calls, &s.err) == 0,
	    "a plan: %s", s.err.text);
	is_str(buf_text(&said), "1 db POST /containers/p-db-1/start\n"
	    "2 job POST /containers/p-job-1/wait?condition=next-exit\n"
	    "2 job POST /containers/p-job-1/start\n3 web \n", "the calls");
	buf_cut(&said, 0);
	ok(plan_run(engine, s.g, &s.options, true, &calls, &s.err) == 0,
	    "the way down");
	is_str(buf_text(&said), "3 web POST /containers/p-web-1/stop?t=7\n"
	    "2 job \n1 db \n", "the calls");
	is_str(s.fake->log, "", "and none was made");
	engine_close(engine);
	end_scene(&s);
	buf_release(&said);
}

int
main(void)
{
	if (!ok(scratch_make(base), "a folder"))
		return done();
	(void)snprintf(where, sizeof where, "%s/sock", base);
	test_up_follows_gates();
	test_up_leaves_alone();
	test_up_unpauses();
	test_up_says_why();
	test_up_shows_the_health_log();
	test_up_keeps_when_told();
	test_rollback_is_exact_and_reverse();
	test_optional_failure_is_a_warning();
	test_preflight();
	test_faults_that_pass();
	test_faults_that_stay();
	test_engine_that_dies();
	test_version_refused();
	test_vanished_container();
	test_flapping_is_caught_at_the_end();
	test_stop_that_fails();
	test_interrupted_run_is_rolled_back();
	test_down();
	test_down_goes_on_past_a_failure();
	test_plan_changes_nothing();
	scratch_remove(base);
	return done();
}
