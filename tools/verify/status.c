/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of media; see status.h. */
#include "status.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/utc.h"
#include "catalog/catalog.h"
#include "catalog/runs.h"
#include "catalog/status.h"
#include "cli/cli.h"
#include "io/io.h"
#include "medium/medium.h"

#define DAY ((int64_t)24 * 3600)

/* What was asked for on the command line. */
struct wanted {
	const char *text;
	char id[MEDIUM_ID_LEN + 1];	/* of the medium at that path, or "" */
	bool is_found;
};

struct status {
	struct cli *cli;
	const struct catalog_terms *terms;
	struct wanted *wanted;
	size_t count;
	uint64_t media;
	uint64_t overdue;
	uint64_t bad;
};

/* Whether it is there to be read is not asked: only what it is. */
static void
find_wanted(const struct cli *cli, struct wanted *wanted)
{
	struct medium m;
	struct err ignored;
	size_t i;

	for (i = 0; i < cli->arg_count; i++) {
		wanted[i].text = cli->args[i];
		if (medium_open(&m, cli->args[i], &ignored) == -1)
			continue;
		memcpy(wanted[i].id, m.id, sizeof wanted[i].id);
		medium_close(&m);
	}
}

static bool
is_wanted(struct status *s, const struct catalog_medium_state *m)
{
	bool is_wanted = s->count == 0;
	size_t i;

	for (i = 0; i < s->count; i++) {
		struct wanted *w = &s->wanted[i];

		if (strcmp(w->id, m->uuid) != 0 && (w->id[0] != '\0' ||
		    (strcmp(w->text, m->uuid) != 0 &&
		    (m->label[0] == '\0' || strcmp(w->text, m->label) != 0))))
			continue;
		w->is_found = true;
		is_wanted = true;
	}
	return is_wanted;
}

/* "2026-11-25 (12 days ago)" */
static const char *
format_age(struct buf *out, int64_t at, int64_t now)
{
	char when[UTC_TEXT_MAX];

	buf_cut(out, 0);
	if (at == 0) {
		buf_puts(out, "never");
		return buf_text(out);
	}
	buf_printf(out, "%.10s", utc_rfc3339(at, when));
	if (at > now)
		buf_puts(out, " (still to come: is the clock right?)");
	else if (now - at < DAY)
		buf_puts(out, " (today)");
	else
		buf_printf(out, " (%lld day%s ago)",
		    (long long)((now - at) / DAY),
		    (now - at) / DAY == 1 ? "" : "s");
	return buf_text(out);
}

/* "12 files, 3.4 GB" */
static const char *
format_amount(struct buf *out, uint64_t files, uint64_t bytes)
{
	char count[NUM_COUNT_TEXT], size[NUM_BYTES_TEXT];

	buf_cut(out, 0);
	buf_printf(out, "%s file%s, %s", num_format_count(files, count),
	    files == 1 ? "" : "s", num_format_bytes(bytes, size));
	return buf_text(out);
}

static void
say_verdict(const struct status *s, const struct catalog_medium_state *m)
{
	struct buf amount = BUF_EMPTY;
	struct cli *cli = s->cli;
	long long days = (long long)(s->terms->every / DAY);

	if (m->never_files > 0)
		cli_out(cli, "  NEVER READ  %s", format_amount(&amount,
		    m->never_files, m->never_bytes));
	if (m->files == 0)
		cli_out(cli, "  NEVER READ  nothing is known of what it "
		    "holds");
	if (m->overdue_files > 0)
		cli_out(cli, "  OVERDUE     %s: not read in the last %lld "
		    "days", format_amount(&amount, m->overdue_files,
		    m->overdue_bytes), days);
	if (m->bad_files > 0)
		cli_out(cli, "  BAD         %llu file%s, when last read",
		    (unsigned long long)m->bad_files,
		    m->bad_files == 1 ? "" : "s");
	if (m->bad_sources > 0)
		cli_out(cli, "  BAD         inside %llu whole archive%s, when "
		    "last looked into", (unsigned long long)m->bad_sources,
		    m->bad_sources == 1 ? "" : "s");
	buf_release(&amount);
}

static void
say_medium(const struct status *s, const struct catalog_medium_state *m)
{
	struct buf amount = BUF_EMPTY, age = BUF_EMPTY;
	struct cli *cli = s->cli;
	int64_t now = s->terms->now;

	cli_out(cli, "medium %s%s%s", m->uuid,
	    m->label[0] != '\0' ? " " : "", m->label);
	cli_out(cli, "  seen        %s, %s at %s",
	    format_age(&age, m->last_seen, now), m->fs, m->path);
	cli_out(cli, "  holds       %llu snapshot%s, %s",
	    (unsigned long long)m->snapshots, m->snapshots == 1 ? "" : "s",
	    format_amount(&amount, m->files, m->bytes));
	cli_out(cli, "  read        %s", format_amount(&amount,
	    m->files - m->never_files, m->bytes - m->never_bytes));
	if (m->oldest_at != 0) {
		cli_out(cli, "  since       %s",
		    format_age(&age, m->oldest_at, now));
		cli_out(cli, "              %s in %s", m->oldest_file,
		    m->oldest_snapshot);
	}
	cli_out(cli, "  last whole  %s%s%s", format_age(&age, m->full_at,
	    now), m->full_at != 0 ? ", " : "", m->full_kind);
	if (m->last_run != 0)
		cli_out(cli, "  last run    %s, %s",
		    format_age(&age, m->last_at, now), m->last_state);
	say_verdict(s, m);
	buf_release(&amount);
	buf_release(&age);
}

static void
put_when(struct cli_json *j, const char *key, int64_t at)
{
	char when[UTC_TEXT_MAX];

	cli_json_text(j, key, at == 0 ? "" : utc_rfc3339(at, when));
}

static void
say_json(const struct status *s, const struct catalog_medium_state *m,
    const char *verdict)
{
	struct cli_json j;

	cli_json_open(&j, "medium_status");
	cli_json_text(&j, "id", m->uuid);
	cli_json_text(&j, "label", m->label);
	cli_json_text(&j, "path", m->path);
	cli_json_text(&j, "verdict", verdict);
	put_when(&j, "first_seen", m->first_seen);
	put_when(&j, "last_seen", m->last_seen);
	cli_json_u64(&j, "snapshots", m->snapshots);
	cli_json_u64(&j, "files", m->files);
	cli_json_u64(&j, "bytes", m->bytes);
	cli_json_u64(&j, "never_files", m->never_files);
	cli_json_u64(&j, "never_bytes", m->never_bytes);
	cli_json_u64(&j, "overdue_files", m->overdue_files);
	cli_json_u64(&j, "overdue_bytes", m->overdue_bytes);
	cli_json_u64(&j, "bad_files", m->bad_files);
	cli_json_u64(&j, "bad_sources", m->bad_sources);
	put_when(&j, "oldest_at", m->oldest_at);
	cli_json_text(&j, "oldest_snapshot", m->oldest_snapshot);
	cli_json_text(&j, "oldest_file", m->oldest_file);
	put_when(&j, "full_at", m->full_at);
	cli_json_text(&j, "full_kind", m->full_kind);
	put_when(&j, "last_at", m->last_at);
	cli_json_text(&j, "last_state", m->last_state);
	cli_json_emit(&j, s->cli);
}

static void
on_medium(void *ctx, const struct catalog_medium_state *m)
{
	struct status *s = ctx;
	bool is_overdue = m->never_files > 0 || m->overdue_files > 0 ||
	    m->files == 0;
	bool is_bad = m->bad_files > 0 || m->bad_sources > 0;

	if (!is_wanted(s, m))
		return;
	s->media++;
	if (is_overdue) {
		s->overdue++;
		cli_found(s->cli, EXIT_WARNINGS);
	}
	if (is_bad) {
		s->bad++;
		cli_found(s->cli, EXIT_DAMAGED);
	}
	say_medium(s, m);
	say_json(s, m, is_bad ? "bad" : is_overdue ? "overdue" :
	    "verified");
}

/* A medium that nobody verified here is the most overdue of all. */
static void
tell_unknown(struct status *s)
{
	char safe[ESCAPE_NAME_MAX];
	struct cli_json j;
	size_t i;

	for (i = 0; i < s->count; i++) {
		const struct wanted *w = &s->wanted[i];

		if (w->is_found)
			continue;
		cli_found(s->cli, w->id[0] != '\0' ? EXIT_WARNINGS :
		    EXIT_NOT_FOUND);
		cli_out(s->cli, "medium %s\n  NEVER READ  it is not in the "
		    "catalogue", w->id[0] != '\0' ? w->id :
		    escape_name(w->text, safe));
		cli_json_open(&j, "medium_status");
		cli_json_text(&j, "id", w->id);
		cli_json_text(&j, "path", escape_name(w->text, safe));
		cli_json_text(&j, "verdict", "unknown");
		cli_json_emit(&j, s->cli);
	}
}

static void
tell_end(const struct status *s)
{
	struct cli_json j;

	cli_out(s->cli, "%llu %s: %llu overdue, %llu with damage",
	    (unsigned long long)s->media, s->media == 1 ? "medium" : "media",
	    (unsigned long long)s->overdue, (unsigned long long)s->bad);
	cli_json_open(&j, "summary");
	cli_json_u64(&j, "media", s->media);
	cli_json_u64(&j, "overdue", s->overdue);
	cli_json_u64(&j, "bad", s->bad);
	cli_json_emit(&j, s->cli);
}

int
status_run(struct cli *cli, const struct status_options *o, struct err *err)
{
	struct catalog_terms terms = { io_now(), (int64_t)o->every };
	struct status s = { .cli = cli, .terms = &terms,
	    .count = cli->arg_count };
	struct catalog *catalog = NULL;
	int ret = -1;

	if (catalog_open(&catalog, o->catalog, CATALOG_READ, err) == -1)
		return err_context(err, "nothing is known of any medium");
	s.wanted = mem_zero(s.count + 1, sizeof *s.wanted);
	find_wanted(cli, s.wanted);
	if (catalog_media_each(catalog, &terms, on_medium, &s, err) == -1)
		goto out;
	if (s.media == 0 && s.count == 0) {
		err_set(err, ERR_NOT_FOUND, 0, "catalogue %s: it knows no "
		    "medium", catalog_path(catalog));
		goto out;
	}
	tell_unknown(&s);
	tell_end(&s);
	ret = 0;
out:
	catalog_close(catalog);
	free(s.wanted);
	return ret;
}
