/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe's plan and scheduler, with a kind of check of our own: what is to
 * happen stands in the path of its target.
 */
#include "../../tools/probe/plan.h"
#include "../../tools/probe/report.h"
#include "../../tools/probe/run.h"
#include "probe_kit.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/io.h"

static atomic_int now_running;
static atomic_int most_running;
static atomic_int flaky_calls;
static atomic_int lets_go;

static void
nap(unsigned ms)
{
	const struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000L };

	(void)nanosleep(&t, NULL);
}

static void
act(const char *path, struct outcome *o)
{
	if (strncmp(path, "/nap/", 5) == 0)
		nap((unsigned)atoi(path + 5));
	else if (strcmp(path, "/fail") == 0)
		outcome_reason(o, REASON_PATH_MISSING, "on purpose");
	else if (strcmp(path, "/warn") == 0)
		outcome_reason(o, REASON_RESTARTED, "on purpose");
	else if (strcmp(path, "/unknown") == 0)
		outcome_reason(o, REASON_NO_PERMISSION, "on purpose");
	else if (strcmp(path, "/flaky") == 0 &&
	    atomic_fetch_add(&flaky_calls, 1) < 2)
		outcome_reason(o, REASON_PATH_MISSING, "not yet");
	while (strcmp(path, "/hang") == 0 && atomic_load(&lets_go) == 0)
		nap(5);
}

static void
run_fake(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	int count = atomic_fetch_add(&now_running, 1) + 1;
	int most = atomic_load(&most_running);

	(void)context;
	while (count > most && !atomic_compare_exchange_weak(&most_running,
	    &most, count))
		;
	act(check->url.path, o);
	(void)atomic_fetch_sub(&now_running, 1);
}

static const struct check_key keys[] = {
	{ "size", CHECK_NUMBER, CHECK_EXPECT | CHECK_WARN, false, false },
	{ "header", CHECK_TEXT, CHECK_EXPECT, true, false },
	{ "many", CHECK_TEXT, CHECK_FAIL_IF, false, true },
	{ "share", CHECK_PERCENT, CHECK_EXPECT, false, false },
	{ "room", CHECK_BYTES, CHECK_EXPECT, false, false },
	{ "quick", CHECK_BOOL, CHECK_SET, false, false },
	{ NULL, CHECK_TEXT, 0, false, false }
};

/* In the place of kinds.c: paths and containers only. */
const struct check_kind *
check_kind_of(enum url_scheme scheme)
{
	static const struct check_kind kind = {
		keys, 2000, REASON_TIME_LIMIT, NULL, run_fake
	};

	return scheme == URL_PATH || scheme == URL_DOCKER ? &kind : NULL;
}

static struct draft *
add(struct plan *plan, const char *stage, const char *name, const char *path)
{
	char *target = mem_format("path://%s", path);
	struct draft *d = plan_add(plan, stage, name, target);

	free(target);
	return d;
}

static void
need(struct draft *d, const char *name)
{
	plan_need(d, name);
}

static size_t
index_of(const struct plan *plan, const char *name)
{
	size_t i = 0;

	while (strcmp(plan_check(plan, i)->name, name) != 0)
		i++;
	return i;
}

static const struct outcome *
outcome_of(const struct plan *plan, const struct run *run, const char *name)
{
	return &run->results[index_of(plan, name)].outcome;
}

static bool
run_plan(struct crew *crew, struct plan *plan, struct run *run)
{
	const struct run_order order = { plan, NULL, NULL };
	struct err err;

	err_clear(&err);
	if (!ok(plan_seal(plan, &err) == 0, "sealed %s", err.text))
		return false;
	return ok(run_checks(crew, &order, run, &err) == 0, "run");
}

/* ------------------------------------------------------------------- runs */

static void
test_run_is_concurrent_and_bounded(void)
{
	struct crew *crew = crew_new(8);
	struct plan *plan = plan_new();
	char name[16];
	struct run run;
	int i;

	atomic_store(&most_running, 0);
	for (i = 0; i < 24; i++) {
		(void)snprintf(name, sizeof name, "n%d", i);
		add(plan, "one", name, "/nap/100");
	}
	if (run_plan(crew, plan, &run)) {
		is_u64(run.totals[OUTCOME_OK], 24, "all are ok");
		ok(run.took_ms >= 300, "three rounds of eight (%llu ms)",
		    (unsigned long long)run.took_ms);
		ok(run.took_ms < 2000, "and not one after the other");
		is_u64((uint64_t)atomic_load(&most_running), 8,
		    "never more than asked for");
		run_release(&run);
	}
	crew_free(crew);
	plan_free(plan);
}

static void
test_skips_name_the_root(void)
{
	struct crew *crew = crew_new(4);
	struct plan *plan = plan_new();
	const struct outcome *o;
	struct run run;

	add(plan, "one", "engine", "/fail");
	add(plan, "one", "disk", "/nap/30");
	need(add(plan, "two", "db", "/ok"), "engine");
	need(add(plan, "two", "files", "/ok"), "disk");
	need(add(plan, "three", "api", "/ok"), "db");
	need(add(plan, "three", "all", "/ok"), "two");
	if (run_plan(crew, plan, &run)) {
		is_code(outcome_of(plan, &run, "engine"), REASON_PATH_MISSING,
		    "the root has failed");
		o = outcome_of(plan, &run, "db");
		is_code(o, REASON_NEED_FAILED, "what needs it is skipped");
		o = outcome_of(plan, &run, "api");
		ok(o->status == OUTCOME_SKIP, "and what needs that");
		ok(strstr(buf_text(&o->cause), "engine: path-missing") != NULL,
		    "with the root's name and reason");
		is_str(pairs_get(&o->facts, "root"), "engine",
		    "as a fact too");
		o = outcome_of(plan, &run, "all");
		ok(o->status == OUTCOME_SKIP,
		    "a stage is needed with all its checks");
		ok(outcome_of(plan, &run, "files")->status == OUTCOME_OK,
		    "what does not need it runs");
		is_u64(run.results[index_of(plan, "engine")].blocked, 3,
		    "three were skipped because of it");
		is_u64(run.results[index_of(plan, "all")].root,
		    index_of(plan, "engine"), "the root as an index");
		run_release(&run);
	}
	crew_free(crew);
	plan_free(plan);
}

static void
test_warnings_do_not_block(void)
{
	struct crew *crew = crew_new(4);
	struct plan *plan = plan_new();
	struct run run;

	add(plan, "one", "warned", "/warn");
	plan_optional(add(plan, "one", "optional", "/fail"));
	add(plan, "one", "unknown", "/unknown");
	need(add(plan, "two", "a", "/ok"), "warned");
	need(add(plan, "two", "b", "/ok"), "optional");
	need(add(plan, "two", "c", "/ok"), "unknown");
	if (run_plan(crew, plan, &run)) {
		ok(outcome_of(plan, &run, "a")->status == OUTCOME_OK,
		    "a warning does not block");
		ok(outcome_of(plan, &run, "optional")->status == OUTCOME_WARN,
		    "an optional failure is a warning");
		ok(outcome_of(plan, &run, "b")->status == OUTCOME_SKIP,
		    "but it blocks");
		ok(outcome_of(plan, &run, "c")->status == OUTCOME_SKIP,
		    "and so does what could not be found out");
		run_release(&run);
	}
	crew_free(crew);
	plan_free(plan);
}

static void
test_slow_one_delays_nobody(void)
{
	struct crew *crew = crew_new(4);
	struct plan *plan = plan_new();
	struct run run;
	int i;

	atomic_store(&lets_go, 0);
	plan_limit(add(plan, "one", "hangs", "/hang"), 200);
	add(plan, "one", "a", "/ok");
	need(add(plan, "two", "b", "/ok"), "a");
	need(add(plan, "two", "c", "/ok"), "hangs");
	if (run_plan(crew, plan, &run)) {
		is_code(outcome_of(plan, &run, "hangs"),
		    REASON_TIME_LIMIT, "given up with its kind's reason");
		ok(run.took_ms >= 200 && run.took_ms < 1500,
		    "soon after its limit (%llu ms)",
		    (unsigned long long)run.took_ms);
		ok(outcome_of(plan, &run, "b")->status == OUTCOME_OK &&
		    outcome_of(plan, &run, "b")->took_ms < 100,
		    "others did not wait");
		ok(outcome_of(plan, &run, "c")->status == OUTCOME_SKIP,
		    "what needs it is skipped");
		run_release(&run);
	}
	is_u64(crew_stuck(crew), 1, "its thread is still away");
	atomic_store(&lets_go, 1);
	for (i = 0; i < 1000 && crew_stuck(crew) > 0; i++)
		nap(5);
	is_u64(crew_stuck(crew), 0, "it comes back, and cleans up");
	crew_free(crew);
	plan_free(plan);
}

static void
test_stuck_threads_are_bounded(void)
{
	struct crew *crew = crew_new(1);
	struct plan *plan = plan_new();
	struct run run;
	int i;

	atomic_store(&lets_go, 0);
	plan_limit(add(plan, "one", "hangs", "/hang"), 50);
	add(plan, "two", "later", "/ok");
	if (run_plan(crew, plan, &run)) {
		is_code(outcome_of(plan, &run, "later"), REASON_NOT_TRIED,
		    "no thread more than asked for, ever");
		run_release(&run);
	}
	atomic_store(&lets_go, 1);
	for (i = 0; i < 1000 && crew_stuck(crew) > 0; i++)
		nap(5);
	crew_free(crew);
	plan_free(plan);
}

static void
test_tries_share_the_time(void)
{
	struct crew *crew = crew_new(4);
	struct plan *plan = plan_new();
	const struct outcome *o;
	struct draft *d;
	struct run run;

	atomic_store(&flaky_calls, 0);
	plan_tries(add(plan, "one", "flaky", "/flaky"), 5);
	d = add(plan, "one", "never", "/fail");
	plan_tries(d, 100);
	plan_limit(d, 400);
	if (run_plan(crew, plan, &run)) {
		o = outcome_of(plan, &run, "flaky");
		ok(o->status == OUTCOME_OK, "ok at the third try");
		is_str(pairs_get(&o->facts, "tries"), "3", "which is told");
		o = outcome_of(plan, &run, "never");
		is_code(o, REASON_PATH_MISSING, "the last try's reason");
		ok(o->took_ms <= 400, "within the limit of all (%llu ms)",
		    (unsigned long long)o->took_ms);
		run_release(&run);
	}
	crew_free(crew);
	plan_free(plan);
}

static void
test_time_is_judged(void)
{
	struct crew *crew = crew_new(4);
	struct plan *plan = plan_new();
	struct run run;

	plan_term(add(plan, "one", "warned", "/nap/60"), CHECK_WARN,
	    &(struct check_term){ "time", NULL, "20ms", 0 });
	plan_term(add(plan, "one", "failed", "/nap/60"), CHECK_EXPECT,
	    &(struct check_term){ "time", NULL, "20ms", 0 });
	plan_term(add(plan, "one", "quick", "/ok"), CHECK_EXPECT,
	    &(struct check_term){ "time", NULL, "1s", 0 });
	if (run_plan(crew, plan, &run)) {
		is_code(outcome_of(plan, &run, "warned"), REASON_SLOW,
		    "slower than warned of");
		ok(outcome_of(plan, &run, "warned")->status == OUTCOME_WARN,
		    "is a warning");
		ok(outcome_of(plan, &run, "failed")->status == OUTCOME_FAIL,
		    "slower than expected has failed");
		ok(outcome_of(plan, &run, "quick")->status == OUTCOME_OK,
		    "quick enough is ok");
		run_release(&run);
	}
	crew_free(crew);
	plan_free(plan);
}

static void
count_entries(void *ctx, uint64_t bytes, uint64_t entries)
{
	(void)bytes;
	*(uint64_t *)ctx += entries;
}

static int
stop(void *ctx, struct err *err)
{
	(void)ctx;
	return err_set(err, ERR_INTERRUPTED, 2, "stop");
}

static void
test_interrupted_run_tells_what_it_has(void)
{
	uint64_t entries = 0;
	const struct watch watch = { &entries, count_entries, stop };
	struct crew *crew = crew_new(4);
	struct plan *plan = plan_new();
	const struct run_order order = { plan, NULL, &watch };
	struct run run;
	struct err err;
	int i;

	atomic_store(&lets_go, 0);
	add(plan, "one", "done", "/ok");
	add(plan, "one", "hangs", "/hang");
	need(add(plan, "two", "later", "/ok"), "one");
	ok(plan_seal(plan, &err) == 0, "sealed");
	ok(run_checks(crew, &order, &run, &err) == -1 &&
	    err.class == ERR_INTERRUPTED, "interrupted");
	is_code(outcome_of(plan, &run, "hangs"), REASON_INTERRUPTED,
	    "what ran is unknown");
	is_code(outcome_of(plan, &run, "later"), REASON_INTERRUPTED,
	    "and what had not begun");
	ok(entries <= 1, "progress was told");
	run_release(&run);
	atomic_store(&lets_go, 1);
	for (i = 0; i < 1000 && crew_stuck(crew) > 0; i++)
		nap(5);
	crew_free(crew);
	plan_free(plan);
}

/* ------------------------------------------------------------------ order */

static void
test_root_cause_comes_first(void)
{
	const struct recovery none = { false, false, 0, 0, 0 };
	struct crew *crew = crew_new(4);
	struct plan *plan = plan_new();
	struct buf line = BUF_EMPTY;
	struct run run;
	size_t *order;

	add(plan, "one", "fine", "/ok");
	add(plan, "one", "lonely", "/fail");
	add(plan, "one", "root", "/fail");
	need(add(plan, "two", "skipped", "/ok"), "root");
	add(plan, "two", "warned", "/warn");
	if (run_plan(crew, plan, &run)) {
		const struct report r = { plan, &run, &none, false, false };

		order = report_order(&r);
		is_str(plan_check(plan, order[0])->name, "root",
		    "what blocks others is first of its stage");
		is_str(plan_check(plan, order[1])->name, "lonely",
		    "then what blocks nothing");
		is_str(plan_check(plan, order[2])->name, "warned",
		    "then warnings");
		is_str(plan_check(plan, order[4])->name, "fine",
		    "what is ok comes last");
		report_headline(&line, &r);
		ok(strncmp(buf_text(&line), "root: path-missing: ", 20) == 0,
		    "and so says the headline");
		ok(report_verdict(&r) == OUTCOME_FAIL, "the verdict");
		free(order);
		run_release(&run);
	}
	buf_release(&line);
	crew_free(crew);
	plan_free(plan);
}

static void
test_clock_of_a_recovery(void)
{
	struct recovery c = { true, true, 1000, 600, 1500 };
	struct run_result result;
	struct run run = { .results = &result, .count = 1, .ended = 5000 };
	const struct report r = { NULL, &run, &c, false, false };

	run.totals[OUTCOME_OK] = 1;
	is_u64(report_elapsed(&r), 500, "until all was well");
	ok(!report_is_late(&r) && report_verdict(&r) == OUTCOME_OK,
	    "in time");
	c.rto_s = 499;
	ok(report_is_late(&r) && report_verdict(&r) == OUTCOME_WARN,
	    "late is a warning");
	c.rto_s = 500;
	ok(!report_is_late(&r), "the target itself is in time");
	c.green_at = 0;
	is_u64(report_elapsed(&r), 4000, "until now while it is not");
	c.since = 9000;
	is_u64(report_elapsed(&r), 0, "a clock that runs backwards");
}

/* ------------------------------------------------------------------ plans */

static int
seal_one(const char *target, enum check_place place, const char *key,
    const char *name, const char *value, struct err *err)
{
	struct plan *plan = plan_new();
	struct draft *d = plan_add(plan, "s", "n", target);
	int ret;

	err_clear(err);
	if (key != NULL)
		plan_term(d, place, &(struct check_term){ key, name, value,
		    7 });
	ret = plan_seal(plan, err);
	plan_free(plan);
	return ret;
}

static void
test_terms_are_judged(void)
{
	static const struct {
		enum check_place place;
		const char *key, *name, *value;
		bool is_good;
	} t[] = {
		{ CHECK_EXPECT, "size", NULL, "12", true },
		{ CHECK_EXPECT, "size", NULL, "-1", false },
		{ CHECK_EXPECT, "size", NULL, "1x", false },
		{ CHECK_EXPECT, "size", "n", "1", false },
		{ CHECK_FAIL_IF, "size", NULL, "1", false },
		{ CHECK_EXPECT, "header", "A", "b", true },
		{ CHECK_EXPECT, "header", NULL, "b", false },
		{ CHECK_EXPECT, "share", NULL, "100%", true },
		{ CHECK_EXPECT, "share", NULL, "101", false },
		{ CHECK_EXPECT, "share", NULL, "5%%", false },
		{ CHECK_EXPECT, "room", NULL, "10G", true },
		{ CHECK_EXPECT, "room", NULL, "ten", false },
		{ CHECK_SET, "quick", NULL, "true", true },
		{ CHECK_SET, "quick", NULL, "yes", false },
		{ CHECK_WARN, "time", NULL, "1m", true },
		{ CHECK_WARN, "time", NULL, "1", false },
		{ CHECK_SET, "time", NULL, "1m", false },
		{ CHECK_EXPECT, "none", NULL, "1", false },
	};
	struct err err;
	size_t i;

	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		int ret = seal_one("path:///x", t[i].place, t[i].key,
		    t[i].name, t[i].value, &err);

		ok(t[i].is_good ? ret == 0 : ret == -1 &&
		    err.class == ERR_USAGE && strstr(err.text, "line 7") !=
		    NULL && strstr(err.text, t[i].key) != NULL,
		    "%s %s: %s", t[i].key, t[i].value, err.text);
	}
	ok(seal_one("tcp://h:1", CHECK_SET, NULL, NULL, NULL, &err) == -1 &&
	    strstr(err.text, "tcp:// cannot be checked") != NULL,
	    "a scheme without a kind is refused: %s", err.text);
	ok(seal_one("/x", CHECK_SET, NULL, NULL, NULL, &err) == -1,
	    "what is no URL is refused: %s", err.text);
}

static void
refused(struct plan *plan, const char *says, const char *name)
{
	struct err err;

	err_clear(&err);
	ok(plan_seal(plan, &err) == -1 && strstr(err.text, says) != NULL,
	    "%s: %s", name, err.text);
	plan_free(plan);
}

static void
test_plans_are_refused(void)
{
	struct plan *plan = plan_new();

	refused(plan, "nothing to check", "an empty plan");
	plan = plan_new();
	need(add(plan, "one", "a", "/x"), "b");
	refused(plan, "neither a check nor a stage", "an unknown need");
	plan = plan_new();
	need(add(plan, "one", "a", "/x"), "b");
	add(plan, "one", "b", "/x");
	refused(plan, "not in an earlier stage", "a need of the same stage");
	plan = plan_new();
	need(add(plan, "one", "a", "/x"), "two");
	add(plan, "two", "b", "/x");
	refused(plan, "not in an earlier stage", "a need of a later one");
	plan = plan_new();
	add(plan, "one", "a", "/x");
	add(plan, "two", "a", "/y");
	refused(plan, "two checks of this name", "a name twice");
	plan = plan_new();
	plan_tries(add(plan, "one", "a", "/x"), PLAN_TRIES_MAX + 1);
	refused(plan, "tries", "too many tries");
	plan = plan_new();
	plan_limit(add(plan, "one", "a", "/x"), PLAN_LIMIT_MS_MAX + 1);
	refused(plan, "time limit", "too long a limit");
	plan = plan_new();
	add(plan, "one", "", "/x");
	refused(plan, "a name has", "no name");
}

static void
test_limits_of_a_plan(void)
{
	struct plan *plan;
	struct err err;
	char name[16];
	int more, i;

	for (more = -1; more <= 1; more++) {
		plan = plan_new();
		for (i = 0; i < PLAN_CHECKS_MAX + more; i++) {
			(void)snprintf(name, sizeof name, "n%d", i);
			add(plan, "s", name, "/x");
		}
		err_clear(&err);
		ok((plan_seal(plan, &err) == 0) == (more <= 0),
		    "%d checks %s", PLAN_CHECKS_MAX + more, err.text);
		plan_free(plan);
	}
	for (more = -1; more <= 1; more++) {
		plan = plan_new();
		for (i = 0; i < PLAN_STAGES_MAX + more; i++) {
			(void)snprintf(name, sizeof name, "n%d", i);
			plan_stage(plan, name);
		}
		add(plan, "n0", "a", "/x");
		err_clear(&err);
		ok((plan_seal(plan, &err) == 0) == (more <= 0),
		    "%d stages %s", PLAN_STAGES_MAX + more, err.text);
		plan_free(plan);
	}
}

static void
test_container_needs_the_engine(void)
{
	struct plan *plan = plan_new();
	struct err err;

	plan_add(plan, "one", "web", "docker://web");
	add(plan, "zero", "file", "/x");
	ok(plan_seal(plan, &err) == 0, "sealed");
	is_u64(plan_count(plan), 3, "the engine is asked as well");
	is_str(plan_check(plan, 0)->target, "docker://", "first");
	is_str(plan_check(plan, 0)->name, "docker-engine", "by its name");
	is_u64(plan_check(plan, 1)->need_count, 1, "the container needs it");
	is_u64(plan_check(plan, 2)->need_count, 0, "the file does not");
	plan_free(plan);

	plan = plan_new();
	plan_add(plan, "first", "docker", "docker://");
	plan_add(plan, "one", "web", "docker://web");
	ok(plan_seal(plan, &err) == 0, "sealed");
	is_u64(plan_count(plan), 2, "one that is asked before is enough");
	is_u64(plan_check(plan, 1)->need_count, 1, "and is needed");
	plan_free(plan);
}

int
main(void)
{
	test_run_is_concurrent_and_bounded();
	test_skips_name_the_root();
	test_warnings_do_not_block();
	test_slow_one_delays_nobody();
	test_stuck_threads_are_bounded();
	test_tries_share_the_time();
	test_time_is_judged();
	test_interrupted_run_tells_what_it_has();
	test_root_cause_comes_first();
	test_clock_of_a_recovery();
	test_terms_are_judged();
	test_plans_are_refused();
	test_limits_of_a_plan();
	test_container_needs_the_engine();
	return done();
}
