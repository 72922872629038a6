/* SPDX-License-Identifier: BSD-2-Clause */
/* The option table: parsing, the environment's mirrors, --help. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"
#include "cli/cli.h"
#include "cli/private.h"

struct parse {
	struct cli *cli;
	struct cli_opt common[CLI_COMMON_ROWS];
	bool help;
	bool version;
};

void
cli_common_rows(struct cli *cli, struct cli_opt rows[CLI_COMMON_ROWS])
{
	const struct cli_opt table[CLI_COMMON_ROWS] = {
		{ CLI_OPT_FLAG, 'n', "dry-run", NULL,
		    "say what would be done and change nothing",
		    { .flag = &cli->dry_run } },
		{ CLI_OPT_FLAG, 'q', "quiet", NULL,
		    "errors and warnings only on stderr",
		    { .flag = &cli->quiet } },
		{ CLI_OPT_FLAG, 'v', "verbose", NULL,
		    "say more", { .flag = &cli->verbose } },
		{ CLI_OPT_FLAG, 0, "json", NULL,
		    "one JSON object a line on stdout",
		    { .flag = &cli->json } },
		{ CLI_OPT_FLAG, 0, "no-progress", NULL,
		    "no progress line", { .flag = &cli->no_progress } },
		{ CLI_OPT_FLAG, 'y', "yes", NULL,
		    "answer yes to every question", { .flag = &cli->yes } },
		{ CLI_OPT_FLAG, 'h', "help", NULL,
		    "print this and exit", { .flag = NULL } },
		{ CLI_OPT_FLAG, 0, "version", NULL,
		    "print the version and exit", { .flag = NULL } },
		{ .kind = CLI_OPT_END },
	};

	memcpy(rows, table, sizeof table);
}

static const struct cli_opt *
find_in(const struct cli_opt *row, char short_name, const char *name,
    size_t len)
{
	for (; row->kind != CLI_OPT_END; row++) {
		if (name == NULL && short_name != 0 &&
		    row->short_name == short_name)
			return row;
		/* The full name only: abbreviations break scripts later. */
		if (name != NULL && strlen(row->long_name) == len &&
		    memcmp(row->long_name, name, len) == 0)
			return row;
	}
	return NULL;
}

static const struct cli_opt *
find(const struct parse *p, char short_name, const char *name, size_t len)
{
	const struct cli_opt *row;

	row = find_in(p->cli->tool->opts, short_name, name, len);
	if (row == NULL)
		row = find_in(p->common, short_name, name, len);
	return row;
}

static void
list_add(struct cli_list *list, const char *item)
{
	list->items = mem_resize(list->items, list->count + 1,
	    sizeof *list->items);
	list->items[list->count++] = item;
}

static int
store(struct parse *p, const struct cli_opt *row, const char *value,
    struct err *err)
{
	char safe[ESCAPE_NAME_MAX];
	bool ok = true;

	switch (row->kind) {
	case CLI_OPT_FLAG:
		if (strcmp(row->long_name, "help") == 0)
			p->help = true;
		else if (strcmp(row->long_name, "version") == 0)
			p->version = true;
		else
			*row->to.flag = true;
		break;
	case CLI_OPT_TEXT:
		*row->to.text = value;
		break;
	case CLI_OPT_U64:
		ok = num_parse(value, strlen(value), 10, UINT64_MAX,
		    row->to.u64);
		break;
	case CLI_OPT_BYTES:
		ok = num_parse_bytes(value, row->to.u64);
		break;
	case CLI_OPT_LIST:
		list_add(row->to.list, value);
		break;
	case CLI_OPT_END:
		break;
	}
	if (!ok)
		return err_set(err, ERR_USAGE, 0, "--%s: '%s' is not a %s",
		    row->long_name, escape_name(value, safe),
		    row->kind == CLI_OPT_U64 ? "number" :
		    "size (as 4000M or 3G)");
	return 0;
}

/* --name, --name=value or --name value; *used: arguments taken. */
static int
parse_long(struct parse *p, const char *arg, const char *next, int *used,
    struct err *err)
{
	const char *equals = strchr(arg, '=');
	size_t len = equals == NULL ? strlen(arg) : (size_t)(equals - arg);
	const struct cli_opt *row = find(p, 0, arg, len);
	char safe[ESCAPE_NAME_MAX];

	if (row == NULL)
		return err_set(err, ERR_USAGE, 0, "no such option: --%s",
		    escape_name(arg, safe));
	*used = 1;
	if (row->arg == NULL) {
		if (equals != NULL)
			return err_set(err, ERR_USAGE, 0,
			    "--%s takes no value", row->long_name);
		return store(p, row, NULL, err);
	}
	if (equals != NULL)
		return store(p, row, equals + 1, err);
	if (next == NULL)
		return err_set(err, ERR_USAGE, 0, "--%s wants %s",
		    row->long_name, row->arg);
	*used = 2;
	return store(p, row, next, err);
}

/* -abc, -oVALUE or -o VALUE */
static int
parse_short(struct parse *p, const char *arg, const char *next, int *used,
    struct err *err)
{
	char safe[ESCAPE_NAME_MAX];

	*used = 1;
	for (; *arg != '\0'; arg++) {
		const struct cli_opt *row = find(p, *arg, NULL, 0);

		if (row == NULL) {
			char one[2] = { *arg, '\0' };

			return err_set(err, ERR_USAGE, 0,
			    "no such option: -%s", escape_name(one, safe));
		}
		if (row->arg == NULL) {
			if (store(p, row, NULL, err) == -1)
				return -1;
			continue;
		}
		if (arg[1] != '\0')
			return store(p, row, arg + 1, err);
		if (next == NULL)
			return err_set(err, ERR_USAGE, 0, "-%c wants %s",
			    *arg, row->arg);
		*used = 2;
		return store(p, row, next, err);
	}
	return 0;
}

static int
parse_args(struct parse *p, int argc, char **argv, struct err *err)
{
	struct cli *cli = p->cli;
	int i = 1, used = 1;

	cli->arg_list = mem_zero((size_t)argc + 1, sizeof *cli->arg_list);
	for (; i < argc; i += used) {
		const char *arg = argv[i];
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;
		int r = 0;

		used = 1;
		if (strcmp(arg, "--") == 0) {
			for (i++; i < argc; i++)
				cli->arg_list[cli->arg_count++] = argv[i];
			break;
		}
		if (strncmp(arg, "--", 2) == 0)
			r = parse_long(p, arg + 2, next, &used, err);
		else if (arg[0] == '-' && arg[1] != '\0')
			r = parse_short(p, arg + 1, next, &used, err);
		else
			cli->arg_list[cli->arg_count++] = arg;
		if (r == -1)
			return -1;
	}
	cli->args = cli->arg_list;
	return 0;
}

/* --part-size is mirrored by DRYDOCK_PART_SIZE. */
static int
parse_environment(struct parse *p, const struct cli_opt *row, struct err *err)
{
	char name[80];
	const char *value;
	size_t i;

	for (; row->kind != CLI_OPT_END; row++) {
		(void)snprintf(name, sizeof name, "DRYDOCK_%s",
		    row->long_name);
		for (i = 0; name[i] != '\0'; i++)
			name[i] = name[i] == '-' ? '_' :
			    (char)toupper((unsigned char)name[i]);
		value = getenv(name);
		if (value == NULL || *value == '\0' ||
		    strcmp(row->long_name, "help") == 0 ||
		    strcmp(row->long_name, "version") == 0)
			continue;
		if (row->kind == CLI_OPT_FLAG) {
			if (strcmp(value, "0") == 0)
				continue;
			if (strcmp(value, "1") != 0)
				return err_set(err, ERR_USAGE, 0,
				    "%s must be 1 or 0", name);
		}
		if (store(p, row, value, err) == -1)
			return err_context(err, "%s", name);
	}
	return 0;
}

static void
print_rows(struct cli *cli, struct buf *out, const struct cli_opt *row)
{
	(void)cli;
	for (; row->kind != CLI_OPT_END; row++) {
		char left[64];

		(void)snprintf(left, sizeof left, "%c%c%c --%s%s%s",
		    row->short_name != 0 ? '-' : ' ',
		    row->short_name != 0 ? row->short_name : ' ',
		    row->short_name != 0 ? ',' : ' ', row->long_name,
		    row->arg != NULL ? "=" : "",
		    row->arg != NULL ? row->arg : "");
		/* A long left side puts its help on a line of its own. */
		if (strlen(left) > 25)
			buf_printf(out, "  %s\n%29s%s\n", left, "", row->help);
		else
			buf_printf(out, "  %-26s %s\n", left, row->help);
	}
}

static void
print_help(struct parse *p)
{
	const struct cli_tool *tool = p->cli->tool;
	struct buf out = BUF_EMPTY;
	const char *const *line;

	for (line = tool->synopsis; *line != NULL; line++)
		buf_printf(&out, "%s %s %s\n",
		    line == tool->synopsis ? "usage:" : "      ", tool->name,
		    *line);
	buf_printf(&out, "\n%s\n\n", tool->about);
	print_rows(p->cli, &out, tool->opts);
	buf_puts(&out, "\n");
	print_rows(p->cli, &out, p->common);
	buf_printf(&out, "\nThe environment can set every option: --a-b is "
	    "DRYDOCK_A_B.\nSee man %s.\n", tool->name);
	cli_stdout(p->cli, out.data, out.len);
	buf_release(&out);
}

/*
 * Started with 0, 1 or 2 closed, the first files opened would take their
 * place, and messages would go into an archive.  The wrong way round, so that
 * using them fails as it did.
 */
static void
guard_standard_streams(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDONLY };
	int fd;

	for (fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
			(void)open("/dev/null", modes[fd]);
}

enum cli_parsed
cli_parse(struct cli *cli, const struct cli_tool *tool, int argc, char **argv,
    struct err *err)
{
	struct parse p = { .cli = cli };
	char text[128];

	guard_standard_streams();
	memset(cli, 0, sizeof *cli);
	err_clear(err);
	cli->tool = tool;
	cli_common_rows(cli, p.common);
	cli_watch_init(cli);
	if (parse_environment(&p, tool->opts, err) == -1 ||
	    parse_environment(&p, p.common, err) == -1 ||
	    parse_args(&p, argc, argv, err) == -1)
		return CLI_FAILED;
	if (p.help) {
		print_help(&p);
		return CLI_DONE;
	}
	if (p.version) {
		(void)snprintf(text, sizeof text, "%s (Drydock) %s\n",
		    tool->name, CLI_VERSION);
		cli_stdout(cli, text, strlen(text));
		return CLI_DONE;
	}
	cli_catch_signals();
	return CLI_RUN;
}

void
cli_release_options(struct cli *cli)
{
	const struct cli_opt *row = cli->tool->opts;

	for (; row->kind != CLI_OPT_END; row++)
		if (row->kind == CLI_OPT_LIST) {
			free(row->to.list->items);
			row->to.list->items = NULL;
			row->to.list->count = 0;
		}
	free(cli->arg_list);
	cli->arg_list = NULL;
}
