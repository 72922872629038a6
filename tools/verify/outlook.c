/* SPDX-License-Identifier: BSD-2-Clause */
/* What the catalogue knows, gathered; see outlook.h. */
#include "outlook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utc.h"
#include "catalog/catalog.h"
#include "catalog/events.h"
#include "catalog/status.h"

struct gather {
	struct outlook *o;
	const char *medium;	/* label or id, of the run whose losses come */
};

/* One more row at the end of an array; NULL past its limit. */
static void *
add(struct outlook *o, void *array, size_t *count, size_t max, size_t size)
{
	char **items = array;
	char *row;

	if (*count == max) {
		o->left_out++;
		return NULL;
	}
	*items = mem_resize(*items, *count + 1, size);
	row = *items + *count * size;
	memset(row, 0, size);
	(*count)++;
	return row;
}

static char *
label_or_id(const char *label, const char *id)
{
	return mem_text(label[0] != '\0' ? label : id);
}

static void
on_medium(void *ctx, const struct catalog_medium_state *s)
{
	struct outlook *o = ctx;
	struct outlook_medium *m = add(o, &o->media, &o->medium_count,
	    OUTLOOK_MEDIA_MAX, sizeof *m);

	if (m == NULL)
		return;
	m->row = s->row;
	m->id = mem_text(s->uuid);
	m->label = mem_text(s->label);
	m->fs = mem_text(s->fs);
	m->snapshots = s->snapshots;
	m->files = s->files;
	m->bytes = s->bytes;
	m->never_bytes = s->never_bytes;
	m->never_files = s->never_files;
	m->overdue_bytes = s->overdue_bytes;
	m->overdue_files = s->overdue_files;
	m->bad_files = s->bad_files;
	m->bad_sources = s->bad_sources;
	m->full_at = s->full_at;
	m->last_at = s->last_at;
	m->last_state = mem_text(s->last_state);
	m->last_run = s->last_run;
}

static void
on_volume(void *ctx, const struct catalog_volume *s)
{
	struct outlook *o = ctx;
	struct outlook_volume *v = add(o, &o->volumes, &o->volume_count,
	    OUTLOOK_VOLUMES_MAX, sizeof *v);

	if (v == NULL)
		return;
	v->kind = mem_text(s->kind);
	v->name = mem_text(s->name);
	v->snapshot = mem_text(s->snapshot);
	v->medium = label_or_id(s->label, s->medium);
	v->consistency = mem_text(s->consistency);
	v->started = s->started;
	v->bytes = s->bytes;
	v->is_verified = s->is_verified;
	v->verified_at = s->verified_at;
	v->copies = s->copies;
	v->bad_copies = s->bad_copies;
}

static struct outlook_volume *
find_volume(const struct outlook *o, const char *kind, const char *name)
{
	size_t i;

	for (i = 0; i < o->volume_count; i++)
		if (strcmp(o->volumes[i].name, name) == 0 &&
		    strcmp(o->volumes[i].kind, kind) == 0)
			return &o->volumes[i];
	return NULL;
}

static void
on_copy(void *ctx, const struct catalog_copy *copy)
{
	struct outlook *o = ctx;
	struct outlook_volume *v = find_volume(o, copy->kind, copy->name);

	if (v == NULL)
		return;
	v->seen++;
	if (v->seen == 1) {
		v->newest_bytes = copy->bytes;
		v->newest_files = copy->files;
	} else if (v->seen == 2) {
		v->before_bytes = copy->bytes;
		v->before_files = copy->files;
	}
}

static void
on_run(void *ctx, const struct catalog_run_state *s)
{
	struct outlook *o = ctx;
	struct outlook_run *r = add(o, &o->runs, &o->run_count,
	    OUTLOOK_RUNS_MAX, sizeof *r);

	if (r == NULL)
		return;
	r->medium = mem_text(s->medium);
	r->name = label_or_id(s->label, s->medium);
	r->kind = mem_text(s->kind);
	r->state = mem_text(s->state);
	r->started = s->started;
	r->files = s->files;
	r->bad = s->bad;
	r->bytes = s->bytes;
	r->milliseconds = s->milliseconds;
	r->status = s->status;
}

static void
on_loss(void *ctx, const struct catalog_lost *s)
{
	const struct gather *g = ctx;
	struct outlook *o = g->o;
	struct outlook_loss *l = add(o, &o->losses, &o->loss_count,
	    OUTLOOK_LOSSES_MAX, sizeof *l);

	if (l == NULL)
		return;
	l->medium = mem_text(g->medium);
	l->snapshot = mem_text(s->snapshot);
	l->source = mem_text(s->source);
	l->path = mem_text(s->path);
	l->verdict = mem_text(s->verdict);
	l->why = mem_text(s->why);
}

static int
gather_losses(struct outlook *o, struct catalog *c, struct err *err)
{
	struct gather g = { o, NULL };
	size_t i;

	for (i = 0; i < o->medium_count; i++) {
		const struct outlook_medium *m = &o->media[i];

		g.medium = m->label[0] != '\0' ? m->label : m->id;
		if (m->last_run != 0 && catalog_losses_each(c, m->last_run,
		    on_loss, &g, err) == -1)
			return -1;
	}
	return 0;
}

static void
on_restore(void *ctx, const struct catalog_restore *r)
{
	struct outlook *o = ctx;
	struct outlook_event *e = add(o, &o->events, &o->event_count,
	    2 * OUTLOOK_EVENTS_MAX, sizeof *e);

	if (e == NULL)
		return;
	e->at = r->at;
	e->kind = mem_text("restore");
	e->what = mem_format("%s%s%s to %s: %s", r->source,
	    r->snapshot[0] != '\0' ? " of " : "", r->snapshot, r->target,
	    r->summary);
	/* 3: done, with warnings. */
	e->is_bad = r->status != 0 && r->status != 3;
}

static void
on_incident(void *ctx, const struct catalog_incident *i)
{
	struct outlook *o = ctx;
	struct outlook_event *e = add(o, &o->events, &o->event_count,
	    2 * OUTLOOK_EVENTS_MAX, sizeof *e);

	if (e == NULL)
		return;
	e->at = i->at;
	e->kind = mem_text(i->kind);
	e->what = mem_text(i->text);
	e->is_bad = true;
}

int
outlook_read(struct outlook *o, const struct outlook_terms *terms,
    struct err *err)
{
	const struct catalog_terms media = { terms->now, terms->every };
	struct catalog *c = NULL;
	int ret = -1;

	memset(o, 0, sizeof *o);
	o->now = terms->now;
	o->every = terms->every;
	o->objective = terms->objective;
	if (catalog_open(&c, terms->catalog, CATALOG_READ, err) == -1)
		return -1;
	if (catalog_media_each(c, &media, on_medium, o, err) == -1 ||
	    catalog_volumes_each(c, on_volume, o, err) == -1 ||
	    catalog_copies_each(c, NULL, on_copy, o, err) == -1 ||
	    catalog_history_each(c, 0, OUTLOOK_RUNS_MAX, on_run, o,
	    err) == -1 || gather_losses(o, c, err) == -1 ||
	    catalog_restores_each(c, OUTLOOK_EVENTS_MAX, on_restore, o,
	    err) == -1 || catalog_incidents_each(c, OUTLOOK_EVENTS_MAX,
	    on_incident, o, err) == -1)
		goto out;
	if (o->medium_count == 0) {
		err_set(err, ERR_NOT_FOUND, 0,
		    "the catalogue knows no medium yet");
		goto out;
	}
	outlook_advise(o);
	ret = 0;
out:
	catalog_close(c);
	if (ret == -1)
		outlook_release(o);
	return ret;
}

static void
release_media(struct outlook *o)
{
	size_t i;

	for (i = 0; i < o->medium_count; i++) {
		free(o->media[i].id);
		free(o->media[i].label);
		free(o->media[i].fs);
		free(o->media[i].last_state);
	}
	free(o->media);
}

static void
release_volumes(struct outlook *o)
{
	size_t i;

	for (i = 0; i < o->volume_count; i++) {
		free(o->volumes[i].kind);
		free(o->volumes[i].name);
		free(o->volumes[i].snapshot);
		free(o->volumes[i].medium);
		free(o->volumes[i].consistency);
	}
	free(o->volumes);
}

static void
release_history(struct outlook *o)
{
	size_t i;

	for (i = 0; i < o->run_count; i++) {
		free(o->runs[i].medium);
		free(o->runs[i].name);
		free(o->runs[i].kind);
		free(o->runs[i].state);
	}
	free(o->runs);
	for (i = 0; i < o->loss_count; i++) {
		free(o->losses[i].medium);
		free(o->losses[i].snapshot);
		free(o->losses[i].source);
		free(o->losses[i].path);
		free(o->losses[i].verdict);
		free(o->losses[i].why);
	}
	free(o->losses);
	for (i = 0; i < o->event_count; i++) {
		free(o->events[i].kind);
		free(o->events[i].what);
	}
	free(o->events);
}

void
outlook_release(struct outlook *o)
{
	size_t i;

	release_media(o);
	release_volumes(o);
	release_history(o);
	for (i = 0; i < o->advice_count; i++) {
		free(o->advice[i].what);
		free(o->advice[i].todo);
	}
	free(o->advice);
	memset(o, 0, sizeof *o);
}

const char *
outlook_age(const struct outlook *o, int64_t at, char text[OUTLOOK_AGE_MAX])
{
	int64_t age = o->now - at;
	int64_t span = age < 0 ? -age : age;
	const char *unit = span >= 172800 ? "days" : span >= 7200 ? "hours" :
	    "minutes";
	int64_t count = span >= 172800 ? span / 86400 : span >= 7200 ?
	    span / 3600 : span / 60;
	char when[UTC_TEXT_MAX];

	if (at == 0)
		(void)snprintf(text, OUTLOOK_AGE_MAX, "never");
	else if (age < 0)
		(void)snprintf(text, OUTLOOK_AGE_MAX, "%.10s, %lld %s from "
		    "now: a clock is wrong", utc_rfc3339(at, when),
		    (long long)count, unit);
	else if (age < 120)
		(void)snprintf(text, OUTLOOK_AGE_MAX, "%.10s, just now",
		    utc_rfc3339(at, when));
	else
		(void)snprintf(text, OUTLOOK_AGE_MAX, "%.10s, %lld %s ago",
		    utc_rfc3339(at, when), (long long)count, unit);
	return text;
}
