/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs, remembered; see remember.h. */
#include "remember.h"

#include "base/err.h"
#include "catalog/catalog.h"
#include "catalog/events.h"
#include "cli/cli.h"
#include "report.h"
#include "run.h"

static bool
is_there(void)
{
	struct catalog *c = NULL;
	struct err err;

	/* A damaged one is there as well: opened to be written, it is put
	 * aside. */
	if (catalog_open(&c, NULL, CATALOG_READ, &err) == -1)
		return err.class != ERR_NOT_FOUND;
	catalog_close(c);
	return true;
}

void
remember_run(struct cli *cli, const char *path, const struct report *r)
{
	struct buf json = BUF_EMPTY;
	struct catalog_tool_run run = { .tool = "probe", .kind = "checks",
	    .started = r->run->started, .ended = r->run->ended,
	    .status = cli->status };
	struct catalog *c = NULL;
	struct err err;

	if (path == NULL && !is_there())
		return;
	report_record(&json, r);
	run.json = buf_text(&json);
	run.json_len = json.len;
	if (catalog_open(&c, path, CATALOG_WRITE, &err) == 0 &&
	    catalog_note(c) != NULL)
		cli_say(cli, "%s", catalog_note(c));
	if (c == NULL || catalog_tool_run_put(c, &run, &err) == -1)
		cli_say(cli, "history is not recorded: %s", err.text);
	catalog_close(c);
	buf_release(&json);
}
