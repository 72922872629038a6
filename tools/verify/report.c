/* SPDX-License-Identifier: BSD-2-Clause */
/* What verify says; see report.h. */
#include "report.h"

#include "base/num.h"
#include "base/utc.h"

int
report_damage(const struct report *r)
{
	return r->is_pardoned ? EXIT_REPAIRABLE : EXIT_DAMAGED;
}

void
report_file(void *ctx, const struct medium_name *snapshot, const char *file,
    enum file_verdict verdict, const char *why, uint64_t bytes)
{
	struct report *r = ctx;
	char size[NUM_BYTES_TEXT];
	struct cli_json j;

	if (verdict != FILE_OK) {
		r->bad_files++;
		cli_found(r->cli, verdict == FILE_FOREIGN ? EXIT_DAMAGED :
		    report_damage(r));
	}
	if (verdict == FILE_OK && why[0] != '\0')
		cli_warn(r->cli, "%s: %s", file, why);
	if (verdict != FILE_OK)
		cli_out(r->cli, "  %-10s %s: %s", file_verdict_name(verdict),
		    file, why);
	else if (r->cli->verbose)
		cli_out(r->cli, "  %-10s %s (%s)", file_verdict_name(verdict),
		    file, num_format_bytes(bytes, size));
	cli_json_open(&j, "file");
	cli_json_text(&j, "snapshot", snapshot->text);
	cli_json_text(&j, "file", file);
	cli_json_text(&j, "verdict", file_verdict_name(verdict));
	cli_json_text(&j, "why", why);
	cli_json_u64(&j, "bytes", bytes);
	cli_json_emit(&j, r->cli);
}

void
report_range(void *ctx, const struct medium_name *snapshot, const char *file,
    const struct bad_range *range)
{
	struct report *r = ctx;
	struct cli_json j;

	if (r->cli->verbose)
		cli_out(r->cli, "             bytes %llu to %llu",
		    (unsigned long long)range->from,
		    (unsigned long long)range->to - 1);
	cli_json_open(&j, "unreadable");
	cli_json_text(&j, "snapshot", snapshot->text);
	cli_json_text(&j, "file", file);
	cli_json_u64(&j, "from", range->from);
	cli_json_u64(&j, "bytes", range->to - range->from);
	cli_json_emit(&j, r->cli);
}

void
report_unreadable(struct report *r, const struct medium_name *snapshot,
    const char *why)
{
	r->snapshots++;
	report_file(r, snapshot, "the folder", FILE_UNREADABLE, why, 0);
}

static const char *
signature_words(const struct report *r, enum snapshot_signature verdict)
{
	switch (verdict) {
	case SIGNATURE_NONE:
		return r->signature_required ? "MISSING, but required" :
		    "none";
	case SIGNATURE_UNCHECKED: return "NOT CHECKED (no --key was given)";
	case SIGNATURE_GOOD: return "good";
	case SIGNATURE_BAD: return "BAD";
	}
	return "unknown";
}

void
report_signature(void *ctx, const struct medium_name *snapshot,
    enum snapshot_signature verdict, const char *why)
{
	struct report *r = ctx;
	struct cli_json j;

	if (verdict == SIGNATURE_BAD ||
	    (verdict == SIGNATURE_NONE && r->signature_required))
		cli_found(r->cli, EXIT_SIGNATURE);
	cli_out(r->cli, "  signature  %s%s%s", signature_words(r, verdict),
	    why[0] != '\0' ? ": " : "", why);
	cli_json_open(&j, "signature");
	cli_json_text(&j, "snapshot", snapshot->text);
	cli_json_text(&j, "verdict", signature_words(r, verdict));
	cli_json_text(&j, "why", why);
	cli_json_emit(&j, r->cli);
}

void
report_member(void *ctx, const struct source_info *source, const char *path,
    enum check_verdict verdict, const char *what)
{
	struct report *r = ctx;
	struct cli_json j;

	r->bad_members++;
	cli_found(r->cli, report_damage(r));
	cli_out(r->cli, "  %-10s %s: %s%s%s", check_verdict_name(verdict),
	    source->name, path, what[0] != '\0' ? ": " : "", what);
	cli_json_open(&j, "member");
	cli_json_text(&j, "source", source->name);
	cli_json_text(&j, "path", path);
	cli_json_text(&j, "verdict", check_verdict_name(verdict));
	cli_json_text(&j, "why", what);
	cli_json_emit(&j, r->cli);
}

void
report_medium(struct report *r, const struct medium *m, size_t count)
{
	struct cli_json j;

	cli_out(r->cli, "medium %s%s%s (%s at %s), %zu snapshot%s", m->id,
	    m->label[0] != '\0' ? " " : "", m->label, medium_fs_name(m),
	    m->path, count, count == 1 ? "" : "s");
	cli_json_open(&j, "medium");
	cli_json_text(&j, "id", m->id);
	cli_json_text(&j, "label", m->label);
	cli_json_text(&j, "path", m->path);
	cli_json_u64(&j, "snapshots", count);
	cli_json_emit(&j, r->cli);
}

static uint64_t
bad_files(const struct files_result *result)
{
	return result->verdicts[FILE_DAMAGED] +
	    result->verdicts[FILE_UNREADABLE] +
	    result->verdicts[FILE_MISSING] + result->verdicts[FILE_FOREIGN];
}

void
report_snapshot(struct report *r, const struct medium_name *name,
    const struct files_result *result)
{
	char size[NUM_BYTES_TEXT];
	uint64_t bad = bad_files(result);
	uint64_t files = bad + result->verdicts[FILE_OK];
	struct cli_json j;

	if (result->is_interrupted) {
		cli_warn(r->cli, "snapshot %s was interrupted: it has no "
		    "commit record and was not checked; the next snapshot "
		    "to this medium removes it", name->text);
		return;
	}
	r->snapshots++;
	r->files += files;
	r->bytes += result->bytes;
	r->cached += result->cached;
	r->known_files += result->known;
	r->known_bytes += result->known_bytes;
	if (bad == 0 && result->left > 0)
		cli_out(r->cli, "  files      %llu OK, %s; %llu more not read "
		    "in this run", (unsigned long long)files,
		    num_format_bytes(result->bytes, size),
		    (unsigned long long)result->left);
	else if (bad == 0)
		cli_out(r->cli, "  files      all %llu OK, %s",
		    (unsigned long long)files,
		    num_format_bytes(result->bytes, size));
	else
		cli_out(r->cli, "  files      %llu of %llu BAD",
		    (unsigned long long)bad, (unsigned long long)files);
	cli_json_open(&j, "snapshot");
	cli_json_text(&j, "snapshot", name->text);
	cli_json_u64(&j, "files", files);
	cli_json_u64(&j, "bytes", result->bytes);
	cli_json_u64(&j, "bad", bad);
	cli_json_u64(&j, "known", result->known);
	cli_json_u64(&j, "left", result->left);
	cli_json_emit(&j, r->cli);
}

void
report_continued(struct report *r, int64_t since, uint64_t files,
    uint64_t bytes)
{
	char when[UTC_TEXT_MAX], size[NUM_BYTES_TEXT];
	struct cli_json j;

	cli_out(r->cli, "continuing the run of %s: %llu files, %s were read "
	    "then", utc_rfc3339(since, when), (unsigned long long)files,
	    num_format_bytes(bytes, size));
	cli_json_open(&j, "continued");
	cli_json_text(&j, "since", when);
	cli_json_u64(&j, "files", files);
	cli_json_u64(&j, "bytes", bytes);
	cli_json_emit(&j, r->cli);
}

void
report_coverage(struct report *r, const struct report_coverage *c)
{
	char size[NUM_BYTES_TEXT], of[NUM_BYTES_TEXT];
	struct cli_json j;

	r->left_files += c->of_files - c->files;
	r->left_bytes += c->of_bytes - c->bytes;
	if (c->files == c->of_files)
		cli_out(r->cli, "  coverage   all %llu files, %s",
		    (unsigned long long)c->files,
		    num_format_bytes(c->bytes, size));
	else
		cli_out(r->cli, "  coverage   PARTIAL: %llu of %llu files, "
		    "%s of %s; the rest comes first the next time",
		    (unsigned long long)c->files,
		    (unsigned long long)c->of_files,
		    num_format_bytes(c->bytes, size),
		    num_format_bytes(c->of_bytes, of));
	cli_json_open(&j, "coverage");
	cli_json_text(&j, "state", c->files == c->of_files ? "all" :
	    "partial");
	cli_json_u64(&j, "files", c->files);
	cli_json_u64(&j, "of_files", c->of_files);
	cli_json_u64(&j, "bytes", c->bytes);
	cli_json_u64(&j, "of_bytes", c->of_bytes);
	cli_json_emit(&j, r->cli);
}

void
report_no_coverage(struct report *r)
{
	cli_out(r->cli, "  coverage   PARTIAL, and not remembered: the next "
	    "run begins at the same place");
}

static void
say_deep(struct report *r, const struct source_info *source,
    const struct deep_result *result, uint64_t bad)
{
	const struct check_counts *c = &result->counts;
	char count[NUM_COUNT_TEXT], of[NUM_COUNT_TEXT];

	if (bad == 0 && !result->is_damaged)
		cli_out(r->cli, "  deep       %s: all %s members OK",
		    source->name, num_format_count(c->entries, count));
	else
		cli_out(r->cli, "  deep       %s: %s of %s members affected",
		    source->name, num_format_count(bad, count),
		    num_format_count(c->entries, of));
	if (result->is_damaged)
		cli_out(r->cli, "             %llu damaged stretch%s; every "
		    "other member was held against its SHA-256",
		    (unsigned long long)result->ranges,
		    result->ranges == 1 ? "" : "es");
}

void
report_deep(struct report *r, const struct medium_name *name,
    const struct source_info *source, const struct deep_result *result,
    const char *why)
{
	const struct check_counts *c = &result->counts;
	uint64_t bad = c->bad[CHECK_CONTENT] + c->bad[CHECK_METADATA] +
	    c->bad[CHECK_MISSING] + c->bad[CHECK_EXTRA] + c->bad[CHECK_LOST];
	struct cli_json j;

	if (why != NULL || bad > 0 || result->is_damaged) {
		r->bad_archives++;
		cli_found(r->cli, report_damage(r));
	}
	if (why != NULL)
		cli_out(r->cli, "  deep       %s: cannot be read: %s",
		    source->name, why);
	else
		say_deep(r, source, result, bad);
	cli_json_open(&j, "deep");
	cli_json_text(&j, "snapshot", name->text);
	cli_json_text(&j, "source", source->name);
	cli_json_u64(&j, "members", c->entries);
	cli_json_u64(&j, "affected", bad);
	cli_json_text(&j, "error", why == NULL ? "" : why);
	cli_json_emit(&j, r->cli);
}

void
report_known_deep(struct report *r, const struct medium_name *name,
    const struct source_info *source, uint64_t members)
{
	char count[NUM_COUNT_TEXT];
	struct cli_json j;

	cli_out(r->cli, "  deep       %s: all %s members OK (then)",
	    source->name, num_format_count(members, count));
	cli_json_open(&j, "deep");
	cli_json_text(&j, "snapshot", name->text);
	cli_json_text(&j, "source", source->name);
	cli_json_u64(&j, "members", members);
	cli_json_u64(&j, "affected", 0);
	cli_json_text(&j, "error", "");
	cli_json_bool(&j, "known", true);
	cli_json_emit(&j, r->cli);
}

void
report_no_deep(struct report *r, const struct source_info *source)
{
	cli_out(r->cli, "  deep       %s: NOT looked into: not all of its "
	    "files were read in this run", source->name);
}

/* What was read just now; the rest was read by a run before this one. */
static const char *
rate_text(const struct report *r, double seconds, char text[NUM_BYTES_TEXT])
{
	return num_format_bytes((uint64_t)((double)(r->bytes -
	    r->known_bytes) / (seconds > 0.001 ? seconds : 0.001)), text);
}

static void
say_files(struct report *r, double seconds)
{
	char size[NUM_BYTES_TEXT], rate[NUM_BYTES_TEXT];
	const bool is_list = r->snapshots == 0;
	uint64_t count = is_list ? r->lists : r->snapshots;

	cli_out(r->cli, "checked %llu %s%s%s: %llu files, %s, %s/s",
	    (unsigned long long)count, is_list ? "list" : "snapshot",
	    count == 1 ? "" : "s",
	    !is_list && r->lists > 0 ? " and lists of checksums" : "",
	    (unsigned long long)r->files, num_format_bytes(r->bytes, size),
	    rate_text(r, seconds, rate));
	if (r->known_bytes > 0)
		cli_out(r->cli, "%s of these, with %llu whole files, were "
		    "read by the run that was cut off",
		    num_format_bytes(r->known_bytes, size),
		    (unsigned long long)r->known_files);
	if (r->left_files > 0)
		cli_out(r->cli, "NOT read in this run: %llu files, %s",
		    (unsigned long long)r->left_files,
		    num_format_bytes(r->left_bytes, size));
	if (r->cached > 0)
		cli_out(r->cli, "%llu files could not be read past the page "
		    "cache on this file system: unplug the medium and verify "
		    "again to be sure", (unsigned long long)r->cached);
	if (r->bad_files == 0 && r->bad_archives == 0)
		cli_out(r->cli, "no damage found in what was checked");
	else
		cli_out(r->cli, "DAMAGE: %llu files, %llu archives, "
		    "%llu members", (unsigned long long)r->bad_files,
		    (unsigned long long)r->bad_archives,
		    (unsigned long long)r->bad_members);
}

void
report_end(struct report *r, double seconds)
{
	struct cli_json j;

	if (r->snapshots + r->lists > 0)
		say_files(r, seconds);
	if (r->trees > 0)
		report_data_end(r);
	cli_json_open(&j, "summary");
	cli_json_u64(&j, "snapshots", r->snapshots);
	cli_json_u64(&j, "lists", r->lists);
	cli_json_u64(&j, "files", r->files);
	cli_json_u64(&j, "bytes", r->bytes);
	cli_json_u64(&j, "bad_files", r->bad_files);
	cli_json_u64(&j, "bad_archives", r->bad_archives);
	cli_json_u64(&j, "bad_members", r->bad_members);
	cli_json_u64(&j, "through_cache", r->cached);
	cli_json_u64(&j, "known_files", r->known_files);
	cli_json_u64(&j, "known_bytes", r->known_bytes);
	cli_json_u64(&j, "left_files", r->left_files);
	cli_json_u64(&j, "left_bytes", r->left_bytes);
	cli_json_u64(&j, "data_damaged", r->judged[VERDICT_DAMAGED]);
	cli_json_u64(&j, "data_suspect", r->judged[VERDICT_SUSPECT]);
	cli_json_u64(&j, "data_unchecked", r->judged[VERDICT_UNCHECKED]);
	cli_json_emit(&j, r->cli);
}
