/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all tools share at the terminal: options from one table, messages,
 * progress, JSON lines, signals, and the exit status.
 *
 *	struct cli cli;
 *	if (cli_parse(&cli, &tool, argc, argv, &err) != CLI_RUN)
 *		return cli_finish(&cli, &err);
 *	...
 *	return cli_finish(&cli, &err);
 *
 * Results and JSON lines go to stdout, everything else to stderr.  Every
 * option has a mirror in the environment: --part-size is DRYDOCK_PART_SIZE
 * (flags: 1 or 0); the command line wins.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/watch.h"

struct err;

/* Exit status, the same in every tool; manual pages repeat this list. */
enum cli_exit {
	EXIT_OK = 0,
	EXIT_FAILED = 1,	/* target unchanged */
	EXIT_USAGE = 2,
	EXIT_WARNINGS = 3,
	EXIT_REPAIRABLE = 4,
	EXIT_DAMAGED = 5,
	EXIT_SIGNATURE = 6,
	EXIT_NOT_FOUND = 10,
	EXIT_BUSY = 11,
	EXIT_PREFLIGHT = 12,
	EXIT_SIGINT = 130,
	EXIT_SIGTERM = 143
};

enum cli_opt_kind {
	CLI_OPT_END,
	CLI_OPT_FLAG,		/* to.flag */
	CLI_OPT_TEXT,		/* to.text; borrowed from argv or environ */
	CLI_OPT_U64,		/* to.u64, decimal */
	CLI_OPT_BYTES,		/* to.u64, "4000M" and such */
	CLI_OPT_LIST		/* to.list; may be given more than once */
};

struct cli_list {
	const char **items;
	size_t count;
};

struct cli_opt {
	enum cli_opt_kind kind;
	char short_name;	/* 0: none */
	const char *long_name;
	const char *arg;	/* "FILE"; NULL for a flag */
	const char *help;
	union {
		bool *flag;
		const char **text;
		uint64_t *u64;
		struct cli_list *list;
	} to;
};

struct cli_tool {
	const char *name;
	const char *about;		/* one line */
	const char *const *synopsis;	/* NULL-terminated, without the name */
	const struct cli_opt *opts;
};

enum cli_parsed {
	CLI_FAILED = -1,
	CLI_RUN = 0,
	CLI_DONE = 1		/* --help or --version was answered */
};

struct cli {
	const struct cli_tool *tool;
	bool quiet;
	bool verbose;
	bool json;
	bool no_progress;
	bool dry_run;
	bool yes;
	const char *const *args;	/* what is not an option */
	size_t arg_count;
	uint64_t warnings;
	int status;		/* worst finding so far, see cli_found() */
	struct watch watch;	/* hand this to long operations */

	const char **arg_list;	/* private from here */
	uint64_t total_bytes;
	uint64_t done_bytes;
	uint64_t done_entries;
	uint64_t started_ms;
	uint64_t shown_ms;
	const char *stage;
	bool is_terminal;
	bool line_is_open;
	bool out_failed;
};

enum cli_parsed cli_parse(struct cli *cli, const struct cli_tool *tool,
    int argc, char **argv, struct err *err);

/*
 * Report err (when it holds something), flush and check stdout, release.
 * Returns the exit status: the error's, else cli->status, else 3 when there
 * were warnings, else 0.
 */
int cli_finish(struct cli *cli, const struct err *err);

/* The status for an error; ERR_NONE is EXIT_OK. */
int cli_exit_code(const struct err *err);

/*
 * A finding that decides the exit status unless a worse one comes.  Order:
 * 0, 3, 4, 6, 5, others by number.
 */
void cli_found(struct cli *cli, int status);

/* A line of result on stdout; nothing in JSON mode. */
void cli_out(struct cli *cli, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/*
 * Words of result on stdout, broken at 80 columns, each line behind that many
 * blanks; nothing in JSON mode.
 */
void cli_paragraph(struct cli *cli, unsigned indent, const char *text);
/* A line for the person on stderr; nothing with --quiet. */
void cli_say(struct cli *cli, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* As cli_say, with --verbose only. */
void cli_detail(struct cli *cli, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A warning on stderr, counted; JSON mode: a line of type "warning". */
void cli_warn(struct cli *cli, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Progress of the next operation: what is done, and how many bytes it has (0:
 * unknown).  Shown through cli->watch.
 */
void cli_stage(struct cli *cli, const char *what, uint64_t total_bytes);
/* The stage has more bytes than it was begun with. */
void cli_stage_more(struct cli *cli, uint64_t bytes);
/* So many of them need not be done. */
void cli_stage_less(struct cli *cli, uint64_t bytes);
/* Will anybody see it? */
bool cli_shows_progress(const struct cli *cli);
/* Take the progress line away; how many seconds the stage took. */
double cli_stage_end(struct cli *cli);

/*
 * Ask on the terminal; true for "yes" or --yes.  Without a terminal: false.
 */
bool cli_confirm(struct cli *cli, const char *question);

/* One JSON object on one line; nothing is printed unless --json. */
struct cli_json {
	struct buf line;
};
void cli_json_open(struct cli_json *j, const char *message_type);
void cli_json_text(struct cli_json *j, const char *key, const char *value);
void cli_json_u64(struct cli_json *j, const char *key, uint64_t value);
void cli_json_bool(struct cli_json *j, const char *key, bool value);
/* Prints (in JSON mode) and releases. */
void cli_json_emit(struct cli_json *j, struct cli *cli);

/* What --version prints after the tool's name. */
#define CLI_VERSION "0.1"

#endif
