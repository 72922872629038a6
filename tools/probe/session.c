/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs and reports; see session.h. */
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/utc.h"
#include "cli/cli.h"
#include "io/io.h"
#include "io/output.h"
#include "plan.h"
#include "remember.h"
#include "run.h"

#define TELL_MS 10000		/* at the latest, while one waits */

/* ---------------------------------------------------------------- reports */

static int
write_report(const char *path, const char *option,
    void (*format)(struct buf *, const struct report *),
    const struct report *r, struct err *err)
{
	struct buf out = BUF_EMPTY;
	int ret;

	if (path == NULL)
		return 0;
	format(&out, r);
	ret = output_write(path, &out, err);
	buf_release(&out);
	return ret == -1 ? err_context(err, "--%s", option) : 0;
}

/* Both files are tried, the first error is told. */
static int
write_files(const struct session *s, const struct report *r, struct err *err)
{
	struct err second;
	int ret = write_report(s->junit, "junit", report_junit, r, err);

	if (write_report(s->prometheus, "prometheus", report_prometheus, r,
	    ret == 0 ? err : &second) == -1)
		ret = -1;
	return ret;
}

static bool
has_color(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return (no == NULL || *no == '\0') && isatty(STDOUT_FILENO) != 0 &&
	    term != NULL && strcmp(term, "dumb") != 0;
}

static void
print(struct cli *cli, const struct session *s, const struct report *r)
{
	struct buf out = BUF_EMPTY;

	if (cli->json) {
		report_json(cli, r);
		return;
	}
	if (s->nagios)
		report_nagios(&out, r);
	else
		report_table(&out, r);
	buf_cut(&out, out.len - 1);	/* cli_out() ends the line */
	cli_out(cli, "%s", buf_text(&out));
	buf_release(&out);
}

/* ------------------------------------------------------------------- wait */

/* All is well but for warnings, and nothing was left out. */
static bool
is_green(const struct run *run)
{
	return run->totals[OUTCOME_FAIL] == 0 &&
	    run->totals[OUTCOME_UNKNOWN] == 0 &&
	    run->totals[OUTCOME_SKIP] == 0;
}

struct patience {
	uint64_t until_ms;
	uint64_t pause_ms;
	uint64_t told_ms;
	struct buf told;
};

/* When the story changes, and now and then when it does not. */
static void
tell(struct cli *cli, const struct report *r, struct patience *p)
{
	uint64_t now = io_ticks_ms();
	struct buf line = BUF_EMPTY;
	char left[UTC_TEXT_MAX];

	report_headline(&line, r);
	if (p->told_ms == 0 || strcmp(buf_text(&line),
	    buf_text(&p->told)) != 0 || now - p->told_ms >= TELL_MS) {
		cli_say(cli, "%zu of %zu ok; %s; %s left",
		    r->run->totals[OUTCOME_OK], r->run->count,
		    buf_text(&line), utc_duration(now < p->until_ms ?
		    (p->until_ms - now) / 1000 : 0, left));
		buf_set(&p->told, line.data, line.len);
		p->told_ms = now;
	}
	buf_release(&line);
}

static int
rest(struct cli *cli, struct patience *p, struct err *err)
{
	uint64_t end = io_ticks_ms() + p->pause_ms;
	const struct timespec step = { 0, 50 * 1000000L };

	if (end > p->until_ms)
		end = p->until_ms;
	while (io_ticks_ms() < end) {
		if (watch_step(&cli->watch, 0, 0, err) == -1)
			return -1;
		(void)nanosleep(&step, NULL);
	}
	p->pause_ms = p->pause_ms * 2 > SESSION_PAUSE_MAX_MS ?
	    SESSION_PAUSE_MAX_MS : p->pause_ms * 2;
	return 0;
}

/* ------------------------------------------------------------------- runs */

/* One run on a fresh look at the host. */
static int
run_once(struct cli *cli, const struct session *s, struct crew *crew,
    struct run *run, struct err *err)
{
	struct site *site = site_new(&s->where);
	const struct run_order order = { s->plan, site, &cli->watch };
	int ret = run_checks(crew, &order, run, err);

	site_free(site);
	return ret;
}

static int
run_until_green(struct cli *cli, struct session *s, struct crew *crew,
    struct report *r, struct run *run, struct err *err)
{
	struct patience p = { io_ticks_ms() + s->wait_ms,
	    SESSION_PAUSE_FIRST_MS, 0, BUF_EMPTY };
	int ret;

	for (;;) {
		ret = run_once(cli, s, crew, run, err);
		if (ret == 0 && is_green(run))
			s->recovery.green_at = run->ended;
		if (ret == -1 || is_green(run) ||
		    io_ticks_ms() + p.pause_ms >= p.until_ms)
			break;
		tell(cli, r, &p);
		if ((ret = rest(cli, &p, err)) == -1)
			break;
		run_release(run);
	}
	buf_release(&p.told);
	return ret;
}

static int
status_of(enum outcome_status verdict, bool nagios)
{
	static const int usual[] = {
		[OUTCOME_OK] = EXIT_OK, [OUTCOME_WARN] = EXIT_WARNINGS,
		[OUTCOME_FAIL] = EXIT_FAILED, [OUTCOME_UNKNOWN] = EXIT_FAILED,
		[OUTCOME_SKIP] = EXIT_FAILED
	};
	static const int of_nagios[] = {
		[OUTCOME_OK] = 0, [OUTCOME_WARN] = 1, [OUTCOME_FAIL] = 2,
		[OUTCOME_UNKNOWN] = 3, [OUTCOME_SKIP] = 3
	};

	return nagios ? of_nagios[verdict] : usual[verdict];
}

int
session_run(struct cli *cli, struct session *s, struct err *err)
{
	struct crew *crew = crew_new(s->parallel);
	struct run run;
	struct report r = { s->plan, &run, &s->recovery, has_color(),
	    cli->verbose };
	struct err later;
	int ret;

	memset(&run, 0, sizeof run);
	ret = run_until_green(cli, s, crew, &r, &run, err);
	if (run.count > 0) {
		print(cli, s, &r);
		cli_found(cli, status_of(report_verdict(&r), s->nagios));
		remember_run(cli, s->catalog, &r);
		if (write_files(s, &r, ret == 0 ? err : &later) == -1)
			ret = -1;
	}
	run_release(&run);
	if (crew_stuck(crew) == 0)
		plan_free(s->plan);
	crew_free(crew);
	return ret;
}
