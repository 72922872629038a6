/* SPDX-License-Identifier: BSD-2-Clause */
/* What verify says of content; see report.h. */
#include "report.h"

#include "base/escape.h"
#include "base/num.h"

/* Columns of the texts below a heading. */
#define INDENT 13U

static void
say_findings(struct report *r, const struct judgement *j)
{
	struct buf line = BUF_EMPTY;
	uint64_t i, kept = j->finding_count < JUDGEMENT_FINDINGS_MAX ?
	    j->finding_count : JUDGEMENT_FINDINGS_MAX;

	for (i = 0; i < kept; i++) {
		const struct finding *f = &j->findings[i];

		buf_cut(&line, 0);
		if (f->verdict != VERDICT_CLEAN)
			buf_printf(&line, "%s ", verdict_name(f->verdict));
		buf_printf(&line, "%s%s%s", f->path,
		    f->path[0] != '\0' ? ": " : "", f->text);
		cli_paragraph(r->cli, INDENT, buf_text(&line));
	}
	if (j->finding_count > kept)
		cli_out(r->cli, "%*sand %llu more", (int)INDENT, "",
		    (unsigned long long)(j->finding_count - kept));
	buf_release(&line);
}

static void
say_covered(struct report *r, const struct judgement *j)
{
	struct buf line = BUF_EMPTY;

	buf_printf(&line, "checked: %s", j->covered.len == 0 ? "nothing" :
	    buf_text(&j->covered));
	cli_paragraph(r->cli, INDENT, buf_text(&line));
	buf_release(&line);
}

static void
judgement_json(struct report *r, const struct report_place *place,
    const struct judgement *j)
{
	struct cli_json json;
	uint64_t i;

	cli_json_open(&json, "data");
	cli_json_text(&json, "snapshot", place->snapshot);
	cli_json_text(&json, "source", place->source);
	cli_json_text(&json, "checker", j->checker);
	cli_json_text(&json, "root", j->root);
	cli_json_text(&json, "verdict", verdict_name(j->verdict));
	cli_json_text(&json, "said", buf_text(&j->said));
	cli_json_text(&json, "covered", buf_text(&j->covered));
	cli_json_u64(&json, "findings", j->finding_count);
	cli_json_emit(&json, r->cli);
	for (i = 0; i < j->finding_count && i < JUDGEMENT_FINDINGS_MAX; i++) {
		cli_json_open(&json, "finding");
		cli_json_text(&json, "source", place->source);
		cli_json_text(&json, "root", j->root);
		cli_json_text(&json, "verdict",
		    verdict_name(j->findings[i].verdict));
		cli_json_text(&json, "path", j->findings[i].path);
		cli_json_text(&json, "why", j->findings[i].text);
		cli_json_emit(&json, r->cli);
	}
}

void
report_judgement(void *ctx, const struct judgement *j)
{
	const struct report_data *data = ctx;
	struct report *r = data->report;

	r->judged[j->verdict]++;
	if (j->verdict == VERDICT_DAMAGED)
		cli_found(r->cli, EXIT_DAMAGED);
	if (j->verdict == VERDICT_SUSPECT)
		cli_found(r->cli, EXIT_WARNINGS);
	judgement_json(r, data->place, j);
	/* Hundreds of good certificates and archives are one number. */
	if (j->verdict == VERDICT_CLEAN && !r->cli->verbose &&
	    j->said.len == 0)
		return;
	cli_out(r->cli, "  data       %s: %s in %s: %s", data->place->source,
	    j->checker, j->root, verdict_name(j->verdict));
	cli_paragraph(r->cli, INDENT, buf_text(&j->said));
	say_findings(r, j);
	say_covered(r, j);
}

void
report_data(struct report *r, const struct report_place *place,
    const struct content_counts *counts, uint64_t unlisted)
{
	char count[NUM_COUNT_TEXT], size[NUM_BYTES_TEXT];
	struct buf line = BUF_EMPTY;
	struct cli_json json;
	unsigned v;

	r->trees++;
	r->unknown_files += counts->unknown_files;
	cli_json_open(&json, "content");
	cli_json_text(&json, "snapshot", place->snapshot);
	cli_json_text(&json, "source", place->source);
	for (v = 0; v < VERDICTS; v++) {
		if (counts->judged[v] > 0)
			buf_printf(&line, "%s%llu %s",
			    line.len == 0 ? "" : ", ",
			    (unsigned long long)counts->judged[v],
			    verdict_name((enum verdict)v));
		cli_json_u64(&json, verdict_name((enum verdict)v),
		    counts->judged[v]);
	}
	cli_json_u64(&json, "unknown_files", counts->unknown_files);
	cli_json_u64(&json, "unlisted", unlisted);
	cli_json_emit(&json, r->cli);
	cli_out(r->cli, "  data       %s: %s", place->source,
	    line.len == 0 ? "nothing of a kind that is known" :
	    buf_text(&line));
	cli_out(r->cli, "%*sand %s files (%s) searched for runs of zeros "
	    "only", (int)INDENT, "", num_format_count(
	    counts->unknown_files, count),
	    num_format_bytes(counts->unknown_bytes, size));
	if (unlisted > 0)
		cli_warn(r->cli, "%s: %llu folders or files could not be "
		    "listed", place->source, (unsigned long long)unlisted);
	buf_release(&line);
}

void
report_no_data(struct report *r, const struct report_place *place,
    const char *why)
{
	struct cli_json json;

	cli_found(r->cli, EXIT_DAMAGED);
	cli_out(r->cli, "  data       %s: cannot be looked into: %s",
	    place->source, why);
	cli_json_open(&json, "content");
	cli_json_text(&json, "snapshot", place->snapshot);
	cli_json_text(&json, "source", place->source);
	cli_json_text(&json, "error", why);
	cli_json_emit(&json, r->cli);
}

uint64_t
report_judged(const struct report *r)
{
	uint64_t sum = 0;
	unsigned v;

	for (v = 0; v < VERDICTS; v++)
		sum += r->judged[v];
	return sum;
}

void
report_data_end(struct report *r)
{
	uint64_t good = r->judged[VERDICT_CLEAN] +
	    r->judged[VERDICT_RECOVERABLE];
	uint64_t bad = r->judged[VERDICT_DAMAGED] + r->judged[VERDICT_SUSPECT];

	if (report_judged(r) == 0)
		cli_out(r->cli, "data: nothing of a kind that is known");
	else if (bad > 0)
		cli_out(r->cli, "DATA: %llu damaged, %llu suspect, %llu "
		    "unchecked, %llu good",
		    (unsigned long long)r->judged[VERDICT_DAMAGED],
		    (unsigned long long)r->judged[VERDICT_SUSPECT],
		    (unsigned long long)r->judged[VERDICT_UNCHECKED],
		    (unsigned long long)good);
	else
		cli_out(r->cli, "data: %llu good, %llu unchecked, none bad",
		    (unsigned long long)good,
		    (unsigned long long)r->judged[VERDICT_UNCHECKED]);
}
