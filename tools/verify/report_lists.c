/* SPDX-License-Identifier: BSD-2-Clause */
/* What verify says of somebody else's lists; see report_lists.h. */
#include "report_lists.h"

#include <string.h>

#include "base/escape.h"
#include "base/num.h"

#define LISTS_SAID 20		/* names of lists on the terminal */

void
report_list(void *ctx, const char *list)
{
	struct report *r = ctx;
	char shown[ESCAPE_NAME_MAX];
	struct cli_json j;

	(void)escape_name(list, shown);
	if (++r->lists <= LISTS_SAID || r->cli->verbose)
		cli_out(r->cli, "list %s", shown);
	else if (r->lists == LISTS_SAID + 1)
		cli_out(r->cli, "list ... and more; --verbose names them");
	cli_json_open(&j, "list");
	cli_json_text(&j, "list", shown);
	cli_json_emit(&j, r->cli);
}

void
report_listed(void *ctx, const char *list, const char *file,
    enum list_verdict verdict, const char *why, uint64_t bytes)
{
	struct report *r = ctx;
	const char *name = list_verdict_name(verdict);
	char shown_list[ESCAPE_NAME_MAX], shown[ESCAPE_NAME_MAX];
	char size[NUM_BYTES_TEXT];
	struct cli_json j;

	/* A million times, mostly. */
	if (verdict == LIST_OK && !r->cli->verbose && !r->cli->json)
		return;
	list = escape_name(list, shown_list);
	file = escape_name(file, shown);
	if (verdict == LIST_NEW) {
		cli_found(r->cli, EXIT_WARNINGS);
	} else if (verdict != LIST_OK) {
		r->bad_files++;
		cli_found(r->cli, EXIT_DAMAGED);
	}
	if (verdict == LIST_OK && r->cli->verbose)
		cli_out(r->cli, "  %-10s %s (%s)", name, file,
		    num_format_bytes(bytes, size));
	else if (verdict == LIST_MALFORMED || strcmp(file, LIST_ITSELF) == 0)
		cli_out(r->cli, "  %-10s %s, %s: %s", name, list, file, why);
	else if (verdict != LIST_OK)
		cli_out(r->cli, "  %-10s %s: %s", name, file, why);
	cli_json_open(&j, "file");
	cli_json_text(&j, "list", list);
	cli_json_text(&j, "file", file);
	cli_json_text(&j, "verdict", name);
	cli_json_text(&j, "why", why);
	cli_json_u64(&j, "bytes", bytes);
	cli_json_emit(&j, r->cli);
}

void
report_lists(struct report *r, const char *path, const struct lists *l)
{
	char size[NUM_BYTES_TEXT];
	uint64_t fresh = l->verdicts[LIST_NEW];
	uint64_t good = l->verdicts[LIST_OK], all = 0;
	struct cli_json j;
	size_t i;

	for (i = 0; i < LIST_VERDICTS; i++)
		all += l->verdicts[i];
	all -= fresh;
	r->files += all;
	r->bytes += l->bytes;
	r->cached += l->cached;
	if (good == all)
		cli_out(r->cli, "  files      all %llu OK, %s",
		    (unsigned long long)all,
		    num_format_bytes(l->bytes, size));
	else
		cli_out(r->cli, "  files      %llu of %llu BAD",
		    (unsigned long long)(all - good),
		    (unsigned long long)all);
	if (fresh > 0)
		cli_out(r->cli, "  new        %llu that no line covers",
		    (unsigned long long)fresh);
	cli_json_open(&j, "lists");
	cli_json_text(&j, "path", path);
	cli_json_u64(&j, "lists", l->lists);
	cli_json_u64(&j, "files", all);
	cli_json_u64(&j, "bytes", l->bytes);
	cli_json_u64(&j, "bad", all - good);
	cli_json_u64(&j, "new", fresh);
	cli_json_emit(&j, r->cli);
}

void
report_tools(struct report *r, const char *folder, uint64_t files,
    uint64_t good)
{
	char shown[ESCAPE_NAME_MAX];
	struct cli_json j;

	(void)escape_name(folder, shown);
	if (good == files)
		cli_out(r->cli, "tools in %s: all %llu OK", shown,
		    (unsigned long long)files);
	else
		cli_out(r->cli, "tools in %s: %llu of %llu BAD", shown,
		    (unsigned long long)(files - good),
		    (unsigned long long)files);
	cli_json_open(&j, "tools");
	cli_json_text(&j, "folder", shown);
	cli_json_u64(&j, "files", files);
	cli_json_u64(&j, "bad", files - good);
	cli_json_emit(&j, r->cli);
}
