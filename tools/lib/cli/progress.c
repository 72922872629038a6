/* SPDX-License-Identifier: BSD-2-Clause */
/* Progress and signals, through the watch that long operations are given. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/num.h"
#include "base/utc.h"
#include "cli/cli.h"
#include "cli/private.h"
#include "io/io.h"

#define SHOW_TERMINAL_MS 200
#define SHOW_LOG_MS 30000
#define LEFT_FROM 1000	/* no guess from less than this part of all */

/* The one thing a handler may touch. */
static volatile sig_atomic_t caught_signal;

static void
on_signal(int number)
{
	caught_signal = number;
}

void
cli_catch_signals(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof sa);
	sa.sa_handler = on_signal;
	sa.sa_flags = SA_RESTART;
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGHUP, &sa, NULL);
	/* A closed pipe and a full file are errors of a write, not death. */
	sa.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &sa, NULL);
	(void)sigaction(SIGXFSZ, &sa, NULL);
}

static int
check(void *ctx, struct err *err)
{
	(void)ctx;
	if (caught_signal == 0)
		return 0;
	return err_set(err, ERR_INTERRUPTED, caught_signal,
	    "interrupted by signal %d", (int)caught_signal);
}

static void
time_left(const struct cli *cli, uint64_t elapsed_ms, struct buf *out)
{
	char text[UTC_TEXT_MAX];
	uint64_t left;

	if (cli->total_bytes == 0 || cli->done_bytes == 0 ||
	    cli->done_bytes < cli->total_bytes / LEFT_FROM ||
	    cli->done_bytes > cli->total_bytes || elapsed_ms < 1000)
		return;
	left = (uint64_t)((double)elapsed_ms / 1000 /
	    (double)cli->done_bytes *
	    (double)(cli->total_bytes - cli->done_bytes));
	buf_printf(out, ", %s left", utc_duration(left, text));
}

static void
format_line(const struct cli *cli, uint64_t now, struct buf *out)
{
	char done[NUM_BYTES_TEXT], total[NUM_BYTES_TEXT];
	char rate[NUM_BYTES_TEXT];
	uint64_t elapsed = now - cli->started_ms;

	buf_printf(out, "%s: %s", cli->stage,
	    num_format_bytes(cli->done_bytes, done));
	/* Damage can make for more work than was known. */
	if (cli->total_bytes >= cli->done_bytes && cli->total_bytes > 0)
		buf_printf(out, " of %s",
		    num_format_bytes(cli->total_bytes, total));
	if (cli->done_entries > 0)
		buf_printf(out, ", %llu file%s",
		    (unsigned long long)cli->done_entries,
		    cli->done_entries == 1 ? "" : "s");
	if (elapsed > 0)
		buf_printf(out, ", %s/s",
		    num_format_bytes((uint64_t)((double)cli->done_bytes *
		    1000 / (double)elapsed), rate));
	time_left(cli, elapsed, out);
}

static void
show_json(struct cli *cli, uint64_t now)
{
	struct cli_json j;

	cli_json_open(&j, "status");
	cli_json_text(&j, "stage", cli->stage);
	cli_json_u64(&j, "bytes_done", cli->done_bytes);
	cli_json_u64(&j, "bytes_total", cli->total_bytes);
	cli_json_u64(&j, "entries_done", cli->done_entries);
	cli_json_u64(&j, "elapsed_ms", now - cli->started_ms);
	cli_json_emit(&j, cli);
}

static void
show(struct cli *cli, uint64_t now)
{
	struct buf out = BUF_EMPTY;

	cli->shown_ms = now;
	if (cli->json) {
		show_json(cli, now);
		return;
	}
	if (cli->is_terminal)
		buf_puts(&out, "\r");
	format_line(cli, now, &out);
	/* A line that wraps cannot be taken back. */
	if (cli->is_terminal)
		buf_cut(&out, 80);
	buf_puts(&out, cli->is_terminal ? "\033[K" : "\n");
	(void)io_write(STDERR_FILENO, out.data, out.len);
	cli->line_is_open = cli->is_terminal;
	buf_release(&out);
}

static void
moved(void *ctx, uint64_t bytes, uint64_t entries)
{
	struct cli *cli = ctx;
	uint64_t now;

	cli->done_bytes += bytes;
	cli->done_entries += entries;
	if (!cli_shows_progress(cli) || cli->stage == NULL)
		return;
	now = io_ticks_ms();
	if (now - cli->shown_ms >=
	    (cli->is_terminal && !cli->json ? SHOW_TERMINAL_MS : SHOW_LOG_MS))
		show(cli, now);
}

void
cli_watch_init(struct cli *cli)
{
	const char *term = getenv("TERM");

	cli->watch.ctx = cli;
	cli->watch.moved = moved;
	cli->watch.check = check;
	cli->is_terminal = isatty(STDERR_FILENO) != 0 &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

void
cli_stage(struct cli *cli, const char *what, uint64_t total_bytes)
{
	cli->stage = what;
	cli->total_bytes = total_bytes;
	cli->done_bytes = 0;
	cli->done_entries = 0;
	cli->started_ms = io_ticks_ms();
	cli->shown_ms = cli->started_ms;
}

void
cli_stage_more(struct cli *cli, uint64_t bytes)
{
	cli->total_bytes += bytes;
}

void
cli_stage_less(struct cli *cli, uint64_t bytes)
{
	cli->total_bytes -= bytes < cli->total_bytes ? bytes :
	    cli->total_bytes;
}

bool
cli_shows_progress(const struct cli *cli)
{
	return !cli->quiet && !cli->no_progress;
}

double
cli_stage_end(struct cli *cli)
{
	uint64_t now = io_ticks_ms();

	if (cli->line_is_open)
		(void)io_write(STDERR_FILENO, "\r\033[K", 4);
	cli->line_is_open = false;
	cli->stage = NULL;
	return (double)(now - cli->started_ms) / 1000;
}
