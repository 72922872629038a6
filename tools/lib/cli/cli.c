/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages and the exit status; see cli.h. */
#include "cli/cli.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/private.h"
#include "io/io.h"

#define LINE_COLUMNS 80U

void
cli_stdout(struct cli *cli, const char *data, size_t len)
{
	if (cli->out_failed)
		return;
	if (len > 0 && io_write(STDOUT_FILENO, data, len) == -1)
		cli->out_failed = true;
}

static void
close_progress(struct cli *cli)
{
	if (!cli->line_is_open)
		return;
	(void)io_write(STDERR_FILENO, "\r\033[K", 4);
	cli->line_is_open = false;
}

void
cli_line(struct cli *cli, const char *prefix, const char *fmt, va_list ap)
{
	struct buf out = BUF_EMPTY;
	char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	close_progress(cli);
	buf_printf(&out, "%s%s\n", prefix, text);
	/* Nothing can be done when stderr is gone. */
	(void)io_write(STDERR_FILENO, out.data, out.len);
	buf_release(&out);
	free(text);
}

void
cli_out(struct cli *cli, const char *fmt, ...)
{
	struct buf out = BUF_EMPTY;
	char *text = NULL;
	va_list ap;
	int r;

	if (cli->json)
		return;
	va_start(ap, fmt);
	r = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (r < 0)
		return;
	close_progress(cli);
	buf_printf(&out, "%s\n", text);
	cli_stdout(cli, out.data, out.len);
	buf_release(&out);
	free(text);
}

/* How much of text, up to a blank, fits into that many columns. */
static size_t
line_len(const char *text, size_t columns)
{
	size_t len = strlen(text);

	if (len <= columns)
		return len;
	for (len = columns; len > 0 && text[len] != ' '; len--)
		;
	return len > 0 ? len : strcspn(text, " ");
}

void
cli_paragraph(struct cli *cli, unsigned indent, const char *text)
{
	while (*text != '\0') {
		size_t len = line_len(text, LINE_COLUMNS - indent);

		cli_out(cli, "%*s%.*s", (int)indent, "", (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
}

void
cli_say(struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	if (cli->quiet)
		return;
	va_start(ap, fmt);
	cli_line(cli, "", fmt, ap);
	va_end(ap);
}

void
cli_detail(struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	if (cli->quiet || !cli->verbose)
		return;
	va_start(ap, fmt);
	cli_line(cli, "", fmt, ap);
	va_end(ap);
}

void
cli_warn(struct cli *cli, const char *fmt, ...)
{
	struct buf prefix = BUF_EMPTY;
	struct cli_json j;
	char *text = NULL;
	va_list ap;

	cli->warnings++;
	buf_printf(&prefix, "%s: warning: ", cli->tool->name);
	va_start(ap, fmt);
	cli_line(cli, buf_text(&prefix), fmt, ap);
	va_end(ap);
	va_start(ap, fmt);
	if (cli->json && vasprintf(&text, fmt, ap) >= 0) {
		cli_json_open(&j, "warning");
		cli_json_text(&j, "message", text);
		cli_json_emit(&j, cli);
		free(text);
	}
	va_end(ap);
	buf_release(&prefix);
}

int
cli_exit_code(const struct err *err)
{
	switch (err->class) {
	case ERR_NONE: return EXIT_OK;
	case ERR_USAGE: return EXIT_USAGE;
	case ERR_IO: return EXIT_FAILED;
	case ERR_DAMAGED: return EXIT_DAMAGED;
	case ERR_REPAIRABLE: return EXIT_REPAIRABLE;
	case ERR_LIMIT: return EXIT_DAMAGED;
	case ERR_SIGNATURE: return EXIT_SIGNATURE;
	case ERR_NOT_FOUND: return EXIT_NOT_FOUND;
	case ERR_BUSY: return EXIT_BUSY;
	case ERR_PREFLIGHT: return EXIT_PREFLIGHT;
	case ERR_INTERRUPTED: return 128 + err->sys;
	}
	return EXIT_FAILED;
}

static int
rank(int status)
{
	static const int order[] = { 0, 3, 4, 6, 5 };
	size_t i;

	for (i = 0; i < sizeof order / sizeof order[0]; i++)
		if (order[i] == status)
			return (int)i;
	return status + (int)(sizeof order / sizeof order[0]);
}

void
cli_found(struct cli *cli, int status)
{
	if (rank(status) > rank(cli->status))
		cli->status = status;
}

static void
report(struct cli *cli, const struct err *err, int status)
{
	struct buf line = BUF_EMPTY;
	struct cli_json j;

	close_progress(cli);
	buf_printf(&line, "%s: %s\n", cli->tool->name, err->text);
	if (err->class == ERR_USAGE)
		buf_printf(&line, "try '%s --help'\n", cli->tool->name);
	(void)io_write(STDERR_FILENO, line.data, line.len);
	buf_release(&line);
	if (!cli->json)
		return;
	cli_json_open(&j, "error");
	cli_json_text(&j, "class", err_class_name(err->class));
	cli_json_text(&j, "message", err->text);
	cli_json_u64(&j, "exit_code", (uint64_t)status);
	cli_json_emit(&j, cli);
}

int
cli_finish(struct cli *cli, const struct err *err)
{
	int status = cli->status;

	if (err->class != ERR_NONE) {
		status = cli_exit_code(err);
		report(cli, err, status);
	} else if (status == EXIT_OK && cli->warnings > 0) {
		status = EXIT_WARNINGS;
	}
	close_progress(cli);
	if (io_close(STDOUT_FILENO) == -1)
		cli->out_failed = true;
	if (cli->out_failed) {
		static const char text[] =
		    "cannot write the report to standard output\n";

		(void)io_write(STDERR_FILENO, text, sizeof text - 1);
		if (status == EXIT_OK || status == EXIT_WARNINGS)
			status = EXIT_FAILED;
	}
	cli_release_options(cli);
	return status;
}

bool
cli_confirm(struct cli *cli, const char *question)
{
	struct pollfd keys = { .fd = STDIN_FILENO, .events = POLLIN };
	char answer[16];
	ssize_t n;

	if (cli->yes)
		return true;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	close_progress(cli);
	(void)io_write(STDERR_FILENO, question, strlen(question));
	(void)io_write(STDERR_FILENO, " [yes/no] ", 10);
	/* A signal ends the wait; read() would be started again. */
	if (poll(&keys, 1, -1) == -1)
		return false;
	n = read(STDIN_FILENO, answer, sizeof answer - 1);
	if (n <= 0)
		return false;
	answer[n] = '\0';
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcmp(answer, "yes") == 0 || strcmp(answer, "y") == 0;
}
