/* SPDX-License-Identifier: BSD-2-Clause */
/* What a person should do, from what was gathered; see outlook.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "outlook.h"

#define SENTENCE_MAX 1024

__attribute__((format(printf, 3, 4))) static struct outlook_advice *
advise(struct outlook *o, enum advice_level level, const char *fmt, ...)
{
	char text[SENTENCE_MAX];
	struct outlook_advice *a;
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	o->advice = mem_resize(o->advice, o->advice_count + 1,
	    sizeof *o->advice);
	a = &o->advice[o->advice_count++];
	a->level = level;
	a->what = mem_text(text);
	a->todo = NULL;
	return a;
}

static const char *
name_of(const struct outlook_medium *m)
{
	return m->label[0] != '\0' ? m->label : m->id;
}

static void
advise_damage(struct outlook *o, const struct outlook_medium *m)
{
	if (m->bad_sources > 0)
		advise(o, ADVICE_BAD, "Medium %s: what is inside %llu whole "
		    "archives is damaged.", name_of(m),
		    (unsigned long long)m->bad_sources)->todo = mem_text(
		    "It was taken so: look at the original, and restore from "
		    "an older snapshot. verify --data MEDIUM says more.");
	if (m->bad_files == 0)
		return;
	advise(o, ADVICE_BAD, "Medium %s: %llu of %llu files are bad.",
	    name_of(m), (unsigned long long)m->bad_files,
	    (unsigned long long)m->files)->todo = mem_text(
	    "With a second copy: verify --with OTHER --repair MEDIUM. Else "
	    "take a new snapshot onto another medium, and use this one no "
	    "more.");
}

static void
advise_reading(struct outlook *o, const struct outlook_medium *m)
{
	char size[NUM_BYTES_TEXT], age[OUTLOOK_AGE_MAX];

	if (m->never_files > 0)
		advise(o, ADVICE_WARN, "Medium %s: %s were never read back.",
		    name_of(m), num_format_bytes(m->never_bytes, size))->
		    todo = mem_text("Plug it in: verify MEDIUM.");
	if (m->overdue_files > 0)
		advise(o, ADVICE_WARN, "Medium %s is overdue: %s were read last "
		    "more than %lld days ago (as a whole: %s).", name_of(m),
		    num_format_bytes(m->overdue_bytes, size),
		    (long long)(o->every / 86400), outlook_age(o, m->full_at,
		    age))->todo = mem_text("Plug it in: verify MEDIUM.");
}

/* "Volume db", "Directory certs". */
static const char *
kind_of(const struct outlook_volume *v)
{
	return strcmp(v->kind, "volume") == 0 ? "Volume" : "Directory";
}

static void
advise_copies(struct outlook *o, const struct outlook_volume *v)
{
	if (v->snapshot[0] == '\0')
		advise(o, ADVICE_BAD, "%s %s has no good snapshot: all %llu "
		    "copies are damaged.", kind_of(v), v->name,
		    (unsigned long long)v->copies)->todo = mem_text(
		    "Take one now: snapshot --to MEDIUM, while the data is "
		    "still there.");
	else if (v->bad_copies > 0)
		advise(o, ADVICE_BAD, "%s %s: %llu of %llu copies are "
		    "damaged.", kind_of(v), v->name,
		    (unsigned long long)v->bad_copies,
		    (unsigned long long)v->copies)->todo = mem_text(
		    "Restore from a good one, or mend them: verify --with "
		    "OTHER --repair MEDIUM.");
}

static bool
has_changed_by_half(uint64_t before, uint64_t now)
{
	return before > 0 && (now < before / 2 || now / 3 > before / 2);
}

static void
advise_volume(struct outlook *o, const struct outlook_volume *v)
{
	char age[OUTLOOK_AGE_MAX], now[NUM_BYTES_TEXT], then[NUM_BYTES_TEXT];

	if (v->snapshot[0] != '\0' && (o->now - v->started > o->objective ||
	    v->started > o->now))
		advise(o, ADVICE_WARN, "%s %s: its newest good snapshot is "
		    "from %s.", kind_of(v), v->name, outlook_age(o, v->started,
		    age))->todo = mem_text("Take one: snapshot --to MEDIUM.");
	if (v->snapshot[0] != '\0' && !v->is_verified)
		advise(o, ADVICE_WARN, "%s %s: its newest snapshot was never "
		    "verified.", kind_of(v), v->name)->todo = mem_text(
		    "Plug it in: verify MEDIUM.");
	if (has_changed_by_half(v->before_bytes, v->newest_bytes) ||
	    has_changed_by_half(v->before_files, v->newest_files))
		advise(o, ADVICE_WARN, "%s %s changed by more than half: %s "
		    "now (files: %llu), %s before (%llu).", kind_of(v), v->name,
		    num_format_bytes(v->newest_bytes, now),
		    (unsigned long long)v->newest_files,
		    num_format_bytes(v->before_bytes, then),
		    (unsigned long long)v->before_files)->todo = mem_text(
		    "Look whether it was meant to, before the older copy is "
		    "given up.");
}

void
outlook_advise(struct outlook *o)
{
	size_t i;

	for (i = 0; i < o->volume_count; i++)
		advise_copies(o, &o->volumes[i]);
	for (i = 0; i < o->medium_count; i++)
		advise_damage(o, &o->media[i]);
	for (i = 0; i < o->medium_count; i++)
		advise_reading(o, &o->media[i]);
	for (i = 0; i < o->volume_count; i++)
		advise_volume(o, &o->volumes[i]);
}
