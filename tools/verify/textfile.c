/* SPDX-License-Identifier: BSD-2-Clause */
/* Metrics from the catalogue; see textfile.h. */
#include "textfile.h"

#include <stddef.h>

struct metric {
	const char *name;
	const char *help;
	uint64_t (*value)(const void *row);
};

/* A label's value: backslash, quote and newline are escaped. */
static void
put_label(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s=\"", name);
	for (; *value != '\0'; value++) {
		if (*value == '\\' || *value == '"')
			buf_byte(out, '\\');
		if (*value == '\n')
			buf_puts(out, "\\n");
		else
			buf_byte(out, (unsigned char)*value);
	}
	buf_byte(out, '"');
}

static uint64_t
not_negative(int64_t value)
{
	return value < 0 ? 0 : (uint64_t)value;
}

#define MEDIUM_VALUE(function, expression) \
static uint64_t \
function(const void *row) \
{ \
	const struct outlook_medium *m = row; \
	return (expression); \
}
MEDIUM_VALUE(medium_full, not_negative(m->full_at))
MEDIUM_VALUE(medium_last, not_negative(m->last_at))
MEDIUM_VALUE(medium_bytes, m->bytes)
MEDIUM_VALUE(medium_never, m->never_bytes)
MEDIUM_VALUE(medium_overdue, m->overdue_bytes)
MEDIUM_VALUE(medium_bad, m->bad_files)

static const struct metric medium_metrics[] = {
	{ "drydock_medium_last_verified_timestamp_seconds",
	    "When the medium was last read as a whole; 0: never.",
	    medium_full },
	{ "drydock_medium_last_run_timestamp_seconds",
	    "When the last verification of the medium began; 0: never.",
	    medium_last },
	{ "drydock_medium_bytes", "Size of the medium's files.",
	    medium_bytes },
	{ "drydock_medium_never_read_bytes",
	    "Bytes of the medium that no verification ever read.",
	    medium_never },
	{ "drydock_medium_overdue_bytes",
	    "Bytes of the medium that were read too long ago.",
	    medium_overdue },
	{ "drydock_medium_bad_files",
	    "Files of the medium whose last verdict was bad.", medium_bad },
};

#define VOLUME_VALUE(function, expression) \
static uint64_t \
function(const void *row) \
{ \
	const struct outlook_volume *v = row; \
	return (expression); \
}
VOLUME_VALUE(volume_newest, v->snapshot[0] == '\0' ? 0 :
    not_negative(v->started))
VOLUME_VALUE(volume_verified, v->is_verified)
VOLUME_VALUE(volume_copies, v->copies)
VOLUME_VALUE(volume_bad, v->bad_copies)

static const struct metric volume_metrics[] = {
	{ "drydock_volume_newest_good_snapshot_timestamp_seconds",
	    "When the volume's newest good snapshot was taken; 0: none.",
	    volume_newest },
	{ "drydock_volume_newest_is_verified",
	    "1 when all of that snapshot was read back and good.",
	    volume_verified },
	{ "drydock_volume_copies", "Snapshots of the volume on known media.",
	    volume_copies },
	{ "drydock_volume_bad_copies",
	    "Of these, with a file whose last verdict was bad.", volume_bad },
};

static void
put_heading(const struct metric *m, struct buf *out)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", m->name, m->help,
	    m->name);
}

static void
put_media(const struct outlook *o, const struct metric *metric,
    struct buf *out)
{
	size_t i;

	put_heading(metric, out);
	for (i = 0; i < o->medium_count; i++) {
		const struct outlook_medium *m = &o->media[i];

		buf_printf(out, "%s{", metric->name);
		put_label(out, "medium", m->id);
		buf_byte(out, ',');
		put_label(out, "label", m->label);
		buf_printf(out, "} %llu\n",
		    (unsigned long long)metric->value(m));
	}
}

static void
put_volumes(const struct outlook *o, const struct metric *metric,
    struct buf *out)
{
	size_t i;

	put_heading(metric, out);
	for (i = 0; i < o->volume_count; i++) {
		const struct outlook_volume *v = &o->volumes[i];

		buf_printf(out, "%s{", metric->name);
		put_label(out, "kind", v->kind);
		buf_byte(out, ',');
		put_label(out, "name", v->name);
		buf_printf(out, "} %llu\n",
		    (unsigned long long)metric->value(v));
	}
}

void
textfile_format(const struct outlook *o, struct buf *out)
{
	size_t i;

	for (i = 0; i < sizeof medium_metrics / sizeof medium_metrics[0]; i++)
		put_media(o, &medium_metrics[i], out);
	for (i = 0; i < sizeof volume_metrics / sizeof volume_metrics[0]; i++)
		put_volumes(o, &volume_metrics[i], out);
	buf_printf(out, "# HELP drydock_report_timestamp_seconds When these "
	    "numbers were written.\n# TYPE drydock_report_timestamp_seconds "
	    "gauge\ndrydock_report_timestamp_seconds %llu\n",
	    (unsigned long long)not_negative(o->now));
}
