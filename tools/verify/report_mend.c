/* SPDX-License-Identifier: BSD-2-Clause */
/* What verify says of mending; see report_mend.h. */
#include "report_mend.h"

#include "base/num.h"
#include "salvage.h"

static const char *
outcome_name(enum mend_outcome outcome)
{
	switch (outcome) {
	case MEND_POSSIBLE: return "REPAIRABLE";
	case MEND_DONE: return "REPAIRED";
	case MEND_HOPELESS: return "LOST";
	case MEND_FAILED: return "NOT MENDED";
	}
	return "UNKNOWN";
}

void
report_mend_event(void *ctx, const struct medium_name *snapshot,
    const struct mend_event *event)
{
	struct report *r = ctx;
	const char *name = outcome_name(event->outcome);
	char size[NUM_BYTES_TEXT];
	struct cli_json j;

	if (event->why[0] != '\0')
		cli_out(r->cli, "  %-10s %s: %s", name, event->file,
		    event->why);
	else
		cli_out(r->cli, "  %-10s %s: %s in %llu place%s, from %s%s",
		    name, event->file, num_format_bytes(event->bytes, size),
		    (unsigned long long)event->places,
		    event->places == 1 ? "" : "s", event->from,
		    event->outcome == MEND_DONE ? "; read back, whole" : "");
	cli_json_open(&j, "mend");
	cli_json_text(&j, "snapshot", snapshot->text);
	cli_json_text(&j, "file", event->file);
	cli_json_text(&j, "outcome", name);
	cli_json_u64(&j, "bytes", event->bytes);
	cli_json_u64(&j, "places", event->places);
	cli_json_text(&j, "from", event->from);
	cli_json_text(&j, "why", event->why);
	cli_json_emit(&j, r->cli);
}

void
report_mend(struct report *r, const struct medium_name *snapshot,
    const struct mend_result *result)
{
	const uint64_t *n = result->outcomes;

	if (!result->has_copies)
		cli_warn(r->cli, "%s: --with names no other copy of this "
		    "snapshot", snapshot->text);
	else if (!result->has_sums)
		cli_warn(r->cli, "%s: no copy proves which SHA256SUMS is the "
		    "right one: nothing can be mended by it", snapshot->text);
	if (n[MEND_DONE] > 0)
		cli_warn(r->cli, "%s: damage was found and mended in %llu "
		    "files: this medium is failing, replace it",
		    snapshot->text, (unsigned long long)n[MEND_DONE]);
	else if (n[MEND_POSSIBLE] > 0)
		cli_out(r->cli, "  mend       %llu files can be made whole, "
		    "%llu cannot; --repair does it",
		    (unsigned long long)n[MEND_POSSIBLE],
		    (unsigned long long)(n[MEND_HOPELESS] + n[MEND_FAILED]));
}

void
report_salvage(struct report *r, const struct medium_name *name,
    const struct source_info *source, const struct salvage_counts *counts)
{
	char kept[NUM_COUNT_TEXT], lost[NUM_COUNT_TEXT];
	struct cli_json j;

	cli_out(r->cli, "  salvaged   %s: %s members, %s lost: see LOST.txt",
	    source->name, num_format_count(counts->kept, kept),
	    num_format_count(counts->lost, lost));
	if (counts->attrs_lost > 0)
		cli_warn(r->cli, "%s: %llu members were salvaged without all "
		    "of their attributes", source->name,
		    (unsigned long long)counts->attrs_lost);
	cli_json_open(&j, "salvage");
	cli_json_text(&j, "snapshot", name->text);
	cli_json_text(&j, "source", source->name);
	cli_json_u64(&j, "kept", counts->kept);
	cli_json_u64(&j, "lost", counts->lost);
	cli_json_u64(&j, "attrs_lost", counts->attrs_lost);
	cli_json_emit(&j, r->cli);
}
