/* SPDX-License-Identifier: BSD-2-Clause */
/* Restores, remembered; see remember.h. */
#include "remember.h"

#include <stddef.h>

#include "base/err.h"
#include "base/escape.h"
#include "catalog/catalog.h"
#include "catalog/events.h"
#include "cli/cli.h"
#include "io/io.h"

void
remember_restore(struct cli *cli, const struct remember *what,
    const struct err *why)
{
	char source[ESCAPE_NAME_MAX], target[ESCAPE_NAME_MAX];
	char snapshot[ESCAPE_NAME_MAX];
	const struct catalog_restore restore = {
		.medium = what->medium,
		.snapshot = escape_name(what->snapshot, snapshot),
		.source = escape_name(what->source, source),
		.target = escape_name(what->target, target),
		.at = io_now(), .milliseconds = what->milliseconds,
		.bytes = what->bytes,
		.status = why == NULL ? EXIT_OK : cli_exit_code(why),
		.summary = why == NULL ? "restored" : why->text,
	};
	struct catalog *c = NULL;
	struct err err;

	if (catalog_open(&c, what->catalog, CATALOG_WRITE, &err) == 0 &&
	    catalog_note(c) != NULL)
		cli_say(cli, "%s", catalog_note(c));
	if (c == NULL || catalog_restore_put(c, &restore, &err) == -1)
		cli_say(cli, "history is not recorded: %s", err.text);
	catalog_close(c);
}
