/* SPDX-License-Identifier: BSD-2-Clause */
/* Every check in a thread, each when its turn has come; see run.h. */
#include "run.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "check.h"
#include "io/io.h"
#include "plan.h"
#include "site.h"

#define LOOK_MS 200		/* between two looks at the watch */
#define PAUSE_FIRST_MS 100	/* before the second try; then it doubles */
#define PAUSE_MAX_MS 2000

struct crew {
	pthread_mutex_t lock;	/* over jobs' flags and stuck */
	pthread_cond_t done;
	unsigned parallel;
	size_t stuck;
};

/* One check under way.  Belongs to its thread once that was given up. */
struct job {
	struct crew *crew;
	const struct check *check;
	struct site *site;	/* held */
	struct outcome outcome;
	uint64_t start_ms;
	bool is_done;
	bool is_given_up;
};

enum turn { TURN_WAITS, TURN_RUNS, TURN_ENDED };

struct seat {
	enum turn turn;
	bool has_failed;	/* what needs it cannot work */
	struct job *job;
};

struct course {
	struct crew *crew;
	const struct run_order *order;
	struct run *run;
	struct seat *seats;
	size_t active;
	size_t left;
};

/* ------------------------------------------------------------------- crew */

struct crew *
crew_new(unsigned parallel)
{
	struct crew *crew = mem_zero(1, sizeof *crew);
	pthread_condattr_t attr;

	/* None of these can fail on Linux. */
	(void)pthread_mutex_init(&crew->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&crew->done, &attr);
	(void)pthread_condattr_destroy(&attr);
	crew->parallel = parallel;
	return crew;
}

size_t
crew_stuck(struct crew *crew)
{
	size_t stuck;

	(void)pthread_mutex_lock(&crew->lock);
	stuck = crew->stuck;
	(void)pthread_mutex_unlock(&crew->lock);
	return stuck;
}

void
crew_free(struct crew *crew)
{
	if (crew == NULL || crew_stuck(crew) > 0)
		return;
	(void)pthread_cond_destroy(&crew->done);
	(void)pthread_mutex_destroy(&crew->lock);
	free(crew);
}

/* -------------------------------------------------------------- a thread's */

static void
job_free(struct job *job)
{
	outcome_release(&job->outcome);
	site_free(job->site);
	free(job);
}

static void
judge_time(const struct check *check, uint64_t took_ms, struct outcome *o)
{
	uint64_t expect = check_ms(&check->expect, "time", UINT64_MAX);
	uint64_t warn = check_ms(&check->warn, "time", UINT64_MAX);

	/* What does not answer is not slow. */
	if (o->status != OUTCOME_OK && o->status != OUTCOME_WARN)
		return;
	if (took_ms > expect)
		outcome_reason_as(o, OUTCOME_FAIL, REASON_SLOW,
		    "%llu ms, expected within %llu",
		    (unsigned long long)took_ms, (unsigned long long)expect);
	else if (took_ms > warn)
		outcome_reason_as(o, OUTCOME_WARN, REASON_SLOW,
		    "%llu ms, warned of past %llu",
		    (unsigned long long)took_ms, (unsigned long long)warn);
}

static void
sleep_ms(uint64_t ms)
{
	const struct timespec rest = { (time_t)(ms / 1000),
	    (long)(ms % 1000) * 1000000L };

	(void)nanosleep(&rest, NULL);
}

static void
try_once(struct job *job, uint64_t deadline_ms)
{
	const struct probe_context context = { job->site, deadline_ms,
	    io_now() };
	uint64_t start = io_ticks_ms();

	outcome_release(&job->outcome);
	check_kind_of(job->check->url.scheme)->run(job->check, &context,
	    &job->outcome);
	judge_time(job->check, io_ticks_ms() - start, &job->outcome);
}

/* Each try has its share of the time; the last one has what is left. */
static void
try_all(struct job *job)
{
	const struct check *c = job->check;
	uint64_t deadline = job->start_ms + c->limit_ms;
	uint64_t share = c->limit_ms / c->tries, pause = PAUSE_FIRST_MS, now;
	unsigned n;

	for (n = 1; ; n++) {
		now = io_ticks_ms();
		try_once(job, n == c->tries || now + share > deadline ?
		    deadline : now + share);
		if (job->outcome.status != OUTCOME_FAIL &&
		    job->outcome.status != OUTCOME_UNKNOWN)
			break;
		if (n == c->tries || io_ticks_ms() + pause >= deadline)
			break;
		sleep_ms(pause);
		pause = pause * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause * 2;
	}
	if (c->tries > 1)
		outcome_fact_u64(&job->outcome, "tries", n);
}

static void *
work(void *arg)
{
	struct job *job = arg;
	struct crew *crew = job->crew;
	bool is_mine;

	try_all(job);
	(void)pthread_mutex_lock(&crew->lock);
	job->outcome.took_ms = io_ticks_ms() - job->start_ms;
	job->is_done = true;
	is_mine = job->is_given_up;
	if (is_mine)
		crew->stuck--;
	else
		(void)pthread_cond_signal(&crew->done);
	(void)pthread_mutex_unlock(&crew->lock);
	if (is_mine)
		job_free(job);
	return NULL;
}

static int
launch(struct job *job)
{
	pthread_attr_t attr;
	pthread_t thread;
	int failed;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	failed = pthread_create(&thread, &attr, work, job);
	(void)pthread_attr_destroy(&attr);
	return failed;
}

/* ----------------------------------------------------------- the scheduler */

static void
end(struct course *c, size_t i)
{
	struct outcome *o = &c->run->results[i].outcome;

	c->seats[i].turn = TURN_ENDED;
	c->left--;
	c->seats[i].has_failed = o->status != OUTCOME_OK &&
	    o->status != OUTCOME_WARN;
	if (o->status == OUTCOME_FAIL &&
	    plan_check(c->order->plan, i)->is_optional)
		o->status = OUTCOME_WARN;
}

static void
skip(struct course *c, size_t i, size_t need)
{
	struct run_result *r = &c->run->results[i];
	char shown[ESCAPE_NAME_MAX];
	const struct check *root;

	r->root = c->run->results[need].root;
	c->run->results[r->root].blocked++;
	root = plan_check(c->order->plan, r->root);
	outcome_reason(&r->outcome, REASON_NEED_FAILED, "%s: %s",
	    escape_name(root->name, shown), reason_code(
	    c->run->results[r->root].outcome.reason));
	outcome_fact(&r->outcome, "root", root->name);
	end(c, i);
}

static void
start(struct course *c, size_t i)
{
	struct job *job = mem_zero(1, sizeof *job);
	int failed;

	job->crew = c->crew;
	job->check = plan_check(c->order->plan, i);
	job->site = site_hold(c->order->site);
	job->start_ms = io_ticks_ms();
	outcome_init(&job->outcome);
	failed = launch(job);
	if (failed != 0) {
		job_free(job);
		outcome_reason(&c->run->results[i].outcome, REASON_NOT_TRIED,
		    "no thread: %s", strerror(failed));
		end(c, i);
		return;
	}
	c->seats[i].job = job;
	c->seats[i].turn = TURN_RUNS;
	c->active++;
}

/*
 * False while one of its needs has not ended.  *failed: of those that failed,
 * the one whose root stands first in the plan, or SIZE_MAX.
 */
static bool
may_go(const struct course *c, const struct check *check, size_t *failed)
{
	size_t i;

	*failed = SIZE_MAX;
	for (i = 0; i < check->need_count; i++) {
		const struct seat *seat = &c->seats[check->needs[i]];

		if (seat->turn != TURN_ENDED)
			return false;
		if (seat->has_failed && (*failed == SIZE_MAX ||
		    c->run->results[check->needs[i]].root <
		    c->run->results[*failed].root))
			*failed = check->needs[i];
	}
	return true;
}

/* Room for another thread?  When all are stuck there never will be. */
static bool
has_room(struct course *c, size_t i)
{
	size_t stuck = crew_stuck(c->crew);

	if (c->active + stuck < c->crew->parallel)
		return true;
	if (c->active == 0) {
		outcome_reason(&c->run->results[i].outcome, REASON_NOT_TRIED,
		    "%zu earlier checks hang and do not come back", stuck);
		end(c, i);
	}
	return false;
}

/* In order, so that one pass is enough for all that is skipped. */
static void
start_ready(struct course *c)
{
	size_t i, failed;

	for (i = 0; i < c->run->count; i++) {
		const struct check *check = plan_check(c->order->plan, i);

		if (c->seats[i].turn != TURN_WAITS ||
		    !may_go(c, check, &failed))
			continue;
		if (failed != SIZE_MAX)
			skip(c, i, failed);
		else if (has_room(c, i))
			start(c, i);
	}
}

/* With the lock held: take what its thread found, or give it up. */
static void
leave(struct course *c, size_t i, enum reason why)
{
	struct run_result *r = &c->run->results[i];
	struct job *job = c->seats[i].job;

	if (job->is_done) {
		outcome_move(&r->outcome, &job->outcome);
		job_free(job);
	} else {
		job->is_given_up = true;
		c->crew->stuck++;
		outcome_reason(&r->outcome, why, "given up after %llu ms",
		    (unsigned long long)(io_ticks_ms() - job->start_ms));
		r->outcome.took_ms = io_ticks_ms() - job->start_ms;
	}
	c->seats[i].job = NULL;
	c->active--;
	end(c, i);
}

/* How many ended; *next_ms: when the next one is to be given up. */
static size_t
collect(struct course *c, uint64_t *next_ms)
{
	uint64_t now = io_ticks_ms();
	size_t i, ended = 0;

	*next_ms = UINT64_MAX;
	for (i = 0; i < c->run->count; i++) {
		const struct job *job = c->seats[i].job;
		uint64_t last;

		if (job == NULL)
			continue;
		last = job->start_ms + job->check->limit_ms + RUN_GRACE_MS;
		if (job->is_done || now >= last) {
			leave(c, i, check_kind_of(
			    job->check->url.scheme)->late);
			ended++;
		} else if (last < *next_ms) {
			*next_ms = last;
		}
	}
	return ended;
}

static struct timespec
moment(uint64_t ms)
{
	const struct timespec t = { (time_t)(ms / 1000),
	    (long)(ms % 1000) * 1000000L };

	return t;
}

/* Until something has ended or the watch is due; how many ended. */
static size_t
await(struct course *c)
{
	uint64_t look = io_ticks_ms() + LOOK_MS, next;
	size_t ended;

	(void)pthread_mutex_lock(&c->crew->lock);
	while ((ended = collect(c, &next)) == 0 && c->active > 0 &&
	    io_ticks_ms() < look) {
		const struct timespec until = moment(next < look ? next :
		    look);

		(void)pthread_cond_timedwait(&c->crew->done, &c->crew->lock,
		    &until);
	}
	(void)pthread_mutex_unlock(&c->crew->lock);
	return ended;
}

static void
break_off(struct course *c)
{
	size_t i;

	(void)pthread_mutex_lock(&c->crew->lock);
	for (i = 0; i < c->run->count; i++) {
		if (c->seats[i].turn == TURN_RUNS) {
			leave(c, i, REASON_INTERRUPTED);
		} else if (c->seats[i].turn == TURN_WAITS) {
			outcome_reason(&c->run->results[i].outcome,
			    REASON_INTERRUPTED, "%s", "");
			end(c, i);
		}
	}
	(void)pthread_mutex_unlock(&c->crew->lock);
}

static int
go(struct course *c, struct err *err)
{
	size_t before;

	while (c->left > 0) {
		before = c->left;
		start_ready(c);
		(void)await(c);
		if (watch_step(c->order->watch, 0, before - c->left, err) ==
		    -1) {
			break_off(c);
			return -1;
		}
	}
	return 0;
}

int
run_checks(struct crew *crew, const struct run_order *order, struct run *run,
    struct err *err)
{
	struct course c = { crew, order, run, NULL, 0, 0 };
	uint64_t start_ms = io_ticks_ms();
	size_t i;
	int ret;

	memset(run, 0, sizeof *run);
	run->count = plan_count(order->plan);
	run->started = io_now();
	run->results = mem_zero(run->count, sizeof *run->results);
	c.seats = mem_zero(run->count, sizeof *c.seats);
	c.left = run->count;
	for (i = 0; i < run->count; i++) {
		outcome_init(&run->results[i].outcome);
		run->results[i].root = i;
	}
	ret = go(&c, err);
	for (i = 0; i < run->count; i++)
		run->totals[run->results[i].outcome.status]++;
	run->ended = io_now();
	run->took_ms = io_ticks_ms() - start_ms;
	free(c.seats);
	return ret;
}

void
run_release(struct run *run)
{
	size_t i;

	for (i = 0; i < run->count; i++)
		outcome_release(&run->results[i].outcome);
	free(run->results);
	memset(run, 0, sizeof *run);
}
