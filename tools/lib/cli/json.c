/* SPDX-License-Identifier: BSD-2-Clause */
/* One JSON object a line; see cli.h. */
#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/private.h"

static void
key_of(struct cli_json *j, const char *key)
{
	if (j->line.len > 1)
		buf_byte(&j->line, ',');
	buf_printf(&j->line, "\"%s\":", key);
}

void
cli_json_open(struct cli_json *j, const char *message_type)
{
	memset(j, 0, sizeof *j);
	buf_byte(&j->line, '{');
	cli_json_text(j, "message_type", message_type);
}

void
cli_json_text(struct cli_json *j, const char *key, const char *value)
{
	key_of(j, key);
	buf_byte(&j->line, '"');
	escape_json(&j->line, value, strlen(value));
	buf_byte(&j->line, '"');
}

void
cli_json_u64(struct cli_json *j, const char *key, uint64_t value)
{
	key_of(j, key);
	buf_printf(&j->line, "%llu", (unsigned long long)value);
}

void
cli_json_bool(struct cli_json *j, const char *key, bool value)
{
	key_of(j, key);
	buf_puts(&j->line, value ? "true" : "false");
}

void
cli_json_emit(struct cli_json *j, struct cli *cli)
{
	buf_puts(&j->line, "}\n");
	if (cli->json)
		cli_stdout(cli, j->line.data, j->line.len);
	buf_release(&j->line);
}
