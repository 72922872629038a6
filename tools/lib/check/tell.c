/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said of content; see tell.h. */
#include "check/tell.h"

#include <string.h>

#include "base/num.h"

struct lines {
	struct cli *cli;
	unsigned indent;
};

static void
say_line(void *ctx, const char *text)
{
	const struct lines *lines = ctx;

	cli_paragraph(lines->cli, lines->indent, text);
}

/* Under the heading's first word, or a little to the right. */
static unsigned
indent_of(const struct tell_place *place)
{
	return place->lead[0] == '\0' ? 2U : (unsigned)strlen(place->lead);
}

static void
json_place(struct cli_json *json, const char *type,
    const struct tell_place *place)
{
	cli_json_open(json, type);
	cli_json_text(json, "snapshot", place->snapshot);
	cli_json_text(json, "source", place->source);
}

static void
judgement_json(struct cli *cli, const struct tell_place *place,
    const struct judgement *j)
{
	struct cli_json json;
	uint64_t i;

	json_place(&json, "data", place);
	cli_json_text(&json, "checker", j->checker);
	cli_json_text(&json, "root", j->root);
	cli_json_text(&json, "verdict", verdict_name(j->verdict));
	cli_json_text(&json, "said", buf_text(&j->said));
	cli_json_text(&json, "covered", buf_text(&j->covered));
	cli_json_u64(&json, "findings", j->finding_count);
	cli_json_emit(&json, cli);
	for (i = 0; i < j->finding_count && i < JUDGEMENT_FINDINGS_MAX; i++) {
		json_place(&json, "finding", place);
		cli_json_text(&json, "root", j->root);
		cli_json_text(&json, "verdict",
		    verdict_name(j->findings[i].verdict));
		cli_json_text(&json, "path", j->findings[i].path);
		cli_json_text(&json, "why", j->findings[i].text);
		cli_json_emit(&json, cli);
	}
}

void
tell_judgement(struct cli *cli, const struct tell_place *place,
    const struct judgement *j)
{
	struct lines lines = { cli, indent_of(place) };

	if (j->verdict == VERDICT_DAMAGED)
		cli_found(cli, EXIT_DAMAGED);
	if (j->verdict == VERDICT_SUSPECT)
		cli_found(cli, EXIT_WARNINGS);
	judgement_json(cli, place, j);
	/* Hundreds of good certificates and archives are one number. */
	if (j->verdict == VERDICT_CLEAN && j->said.len == 0 && !cli->verbose)
		return;
	cli_out(cli, "%s%s: %s in %s: %s", place->lead, place->source,
	    j->checker, j->root, verdict_name(j->verdict));
	judgement_lines(j, say_line, &lines);
}

/* "3 CLEAN, 1 DAMAGED"; "" when nothing was judged. */
static void
list_verdicts(struct buf *line, const struct content_counts *counts)
{
	unsigned v;

	for (v = 0; v < VERDICTS; v++)
		if (counts->judged[v] > 0)
			buf_printf(line, "%s%llu %s",
			    line->len == 0 ? "" : ", ",
			    (unsigned long long)counts->judged[v],
			    verdict_name((enum verdict)v));
}

static void
counts_json(struct cli *cli, const struct tell_place *place,
    const struct content_counts *counts, uint64_t unlisted)
{
	struct cli_json json;
	unsigned v;

	json_place(&json, "content", place);
	for (v = 0; v < VERDICTS; v++)
		cli_json_u64(&json, verdict_name((enum verdict)v),
		    counts->judged[v]);
	cli_json_u64(&json, "unknown_files", counts->unknown_files);
	cli_json_u64(&json, "unlisted", unlisted);
	cli_json_emit(&json, cli);
}

void
tell_counts(struct cli *cli, const struct tell_place *place,
    const struct content_counts *counts, uint64_t unlisted)
{
	char count[NUM_COUNT_TEXT], size[NUM_BYTES_TEXT];
	struct buf line = BUF_EMPTY;

	counts_json(cli, place, counts, unlisted);
	list_verdicts(&line, counts);
	cli_out(cli, "%s%s: %s", place->lead, place->source,
	    line.len == 0 ? "nothing of a kind that is known" :
	    buf_text(&line));
	buf_cut(&line, 0);
	buf_printf(&line, "and %s files (%s) of no known kind, searched for "
	    "zeros and cut text only",
	    num_format_count(counts->unknown_files, count),
	    num_format_bytes(counts->unknown_bytes, size));
	cli_paragraph(cli, indent_of(place), buf_text(&line));
	if (unlisted > 0)
		cli_warn(cli, "%s: %llu folders or files could not be listed",
		    place->source, (unsigned long long)unlisted);
	buf_release(&line);
}

struct teller {
	struct cli *cli;
	const struct tell_place *place;
};

static void
on_judged(void *ctx, const struct judgement *j)
{
	const struct teller *teller = ctx;

	tell_judgement(teller->cli, teller->place, j);
}

int
tell_content(struct cli *cli, const struct tell_place *place,
    struct tree *tree, const struct content_facts *facts,
    struct content_counts *counts, struct err *err)
{
	struct teller teller = { cli, place };

	if (content_check(tree, "", facts, on_judged, &teller, counts,
	    err) == -1)
		return -1;
	tell_counts(cli, place, counts, tree_unlisted(tree));
	return 0;
}
