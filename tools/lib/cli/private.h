/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of cli/ only. */
#ifndef CLI_PRIVATE_H
#define CLI_PRIVATE_H

#include <stdarg.h>

#include "cli/cli.h"

/* Rows every tool has, ending with CLI_OPT_END. */
#define CLI_COMMON_ROWS 9
void cli_common_rows(struct cli *cli, struct cli_opt rows[CLI_COMMON_ROWS]);

/* Free what cli_parse() allocated. */
void cli_release_options(struct cli *cli);

/* Print one line to stderr in one write. */
void cli_line(struct cli *cli, const char *prefix, const char *fmt,
    va_list ap) __attribute__((format(printf, 3, 0)));

/* Install the handlers; the flag lives beside them. */
void cli_catch_signals(void);

/* cli->watch, wired. */
void cli_watch_init(struct cli *cli);

/* Write to stdout, remembering failure for cli_finish(). */
void cli_stdout(struct cli *cli, const char *data, size_t len);

#endif
