/* SPDX-License-Identifier: BSD-2-Clause */
/* What was taken, remembered; see remember.h. */
#include "remember.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/utc.h"
#include "catalog/catalog.h"
#include "catalog/events.h"
#include "catalog/learn.h"
#include "catalog/media.h"
#include "catalog/status.h"
#include "cli/cli.h"
#include "io/io.h"
#include "run.h"

static struct catalog *
open_or_say(struct cli *cli, const char *path)
{
	struct catalog *c = NULL;
	struct err err;

	if (catalog_open(&c, path, CATALOG_WRITE, &err) == -1) {
		cli_say(cli, "history is not recorded: %s", err.text);
		return NULL;
	}
	if (catalog_note(c) != NULL)
		cli_say(cli, "%s", catalog_note(c));
	return c;
}

bool
remember_whole(const char *catalog, const struct medium *medium,
    const char *name)
{
	struct catalog *c = NULL;
	bool was_whole = false;
	int64_t row;
	struct err err;

	/* A catalogue that cannot be read knows nothing. */
	if (catalog_open(&c, catalog, CATALOG_READ, &err) == -1)
		return false;
	if (catalog_medium_find(c, medium->id, &row, &err) == -1 ||
	    catalog_snapshot_was_whole(c, row, name, &was_whole, &err) == -1)
		was_whole = false;
	catalog_close(c);
	return was_whole;
}

static int
learn(struct catalog *c, const struct medium *medium,
    const struct medium_name *name, int64_t *row, struct err *err)
{
	struct medium_list list = MEDIUM_LIST_EMPTY;
	struct learnt_file *files = NULL;
	struct snapshot s = SNAPSHOT_EMPTY;
	int64_t snapshot;
	int ret = -1;
	size_t i;

	if (medium_list(medium, &list, err) == -1 ||
	    snapshot_open(&s, medium, name, err) == -1)
		goto out;
	files = mem_zero(s.sums.count, sizeof *files);
	for (i = 0; i < s.sums.count; i++)
		files[i].bytes = learn_size(&s, s.sums.items[i].name);
	if (learn_medium(c, medium, &list, row, err) == 0)
		ret = learn_snapshot(c, *row, &s, true, files, &snapshot,
		    err);
out:
	free(files);
	snapshot_close(&s);
	medium_list_release(&list);
	return ret;
}

static int
put_take(struct catalog *c, struct cli *cli, const struct medium *medium,
    const struct run_result *result, uint64_t milliseconds, struct err *err)
{
	struct catalog_take take = {
		.snapshot = result->name.text, .at = io_now(),
		.milliseconds = milliseconds, .bytes = result->packed,
		.status = cli->warnings > 0 ? EXIT_WARNINGS : EXIT_OK,
		.summary = result->problems > 0 ?
		    "some files changed or could not be read whole" : "",
	};

	if (catalog_begin(c, err) == -1)
		return -1;
	if (learn(c, medium, &result->name, &take.medium, err) == 0 &&
	    catalog_take_put(c, &take, err) == 0)
		return catalog_commit(c, err);
	catalog_rollback(c);
	return -1;
}

void
remember_take(struct cli *cli, const char *catalog,
    const struct medium *medium, const struct run_result *result,
    uint64_t milliseconds)
{
	struct catalog *c = open_or_say(cli, catalog);
	struct err err;

	if (c != NULL &&
	    put_take(c, cli, medium, result, milliseconds, &err) == -1)
		cli_say(cli, "history is not recorded: %s", err.text);
	catalog_close(c);
}

void
remember_failure(struct cli *cli, const char *catalog,
    const struct medium *medium, const struct err *why)
{
	const struct catalog_incident incident = {
		.medium = medium->id, .at = io_now(),
		.kind = "snapshot-failed", .text = why->text,
	};
	struct catalog *c = open_or_say(cli, catalog);
	struct err err;

	if (c != NULL && catalog_incident_put(c, &incident, &err) == -1)
		cli_say(cli, "history is not recorded: %s", err.text);
	catalog_close(c);
}

struct listing {
	struct cli *cli;
	char *name;		/* of the volume that was named last */
	uint64_t count;
};

static bool
is_wanted(const struct cli *cli, const char *name)
{
	size_t i;

	for (i = 0; i < cli->arg_count; i++)
		if (strcmp(cli->args[i], name) == 0)
			return true;
	return cli->arg_count == 0;
}

static const char *
state_of(const struct catalog_copy *copy)
{
	if (copy->bad_files > 0)
		return "BAD";
	return copy->never_files > 0 ? "not verified" : "verified";
}

static void
say_copy(struct cli *cli, const struct catalog_copy *copy)
{
	char when[UTC_TEXT_MAX], size[NUM_BYTES_TEXT];
	struct cli_json j;

	cli_out(cli, "  %.16s  %8s  %-12s  %04llu on %s",
	    utc_rfc3339(copy->started, when),
	    num_format_bytes(copy->bytes, size), state_of(copy),
	    (unsigned long long)copy->sequence,
	    copy->label[0] != '\0' ? copy->label : copy->medium);
	cli_json_open(&j, "copy");
	cli_json_text(&j, "kind", copy->kind);
	cli_json_text(&j, "name", copy->name);
	cli_json_text(&j, "snapshot", copy->snapshot);
	cli_json_text(&j, "started", when);
	cli_json_text(&j, "host", copy->host);
	cli_json_text(&j, "medium", copy->medium);
	cli_json_text(&j, "label", copy->label);
	cli_json_text(&j, "path", copy->path);
	cli_json_text(&j, "consistency", copy->consistency);
	cli_json_text(&j, "state", state_of(copy));
	cli_json_u64(&j, "files", copy->files);
	cli_json_u64(&j, "bytes", copy->bytes);
	cli_json_u64(&j, "packed", copy->packed);
	cli_json_emit(&j, cli);
}

static void
on_copy(void *ctx, const struct catalog_copy *copy)
{
	struct listing *l = ctx;

	if (!is_wanted(l->cli, copy->name))
		return;
	if (l->name == NULL || strcmp(l->name, copy->name) != 0) {
		free(l->name);
		l->name = mem_text(copy->name);
		cli_out(l->cli, "%s", copy->name);
	}
	l->count++;
	say_copy(l->cli, copy);
}

int
remember_list(struct cli *cli, const char *catalog, struct err *err)
{
	struct listing listing = { .cli = cli };
	struct catalog *c = NULL;
	int ret;

	if (catalog_open(&c, catalog, CATALOG_READ, err) == -1)
		return err_context(err, "--list without --to: nothing is "
		    "known of any medium");
	ret = catalog_copies_each(c, NULL, on_copy, &listing, err);
	if (ret == 0 && listing.count == 0)
		ret = err_set(err, ERR_NOT_FOUND, 0, "catalogue %s: it knows "
		    "no such snapshot", catalog_path(c));
	free(listing.name);
	catalog_close(c);
	return ret;
}
