/* SPDX-License-Identifier: BSD-2-Clause */
/* Mending a snapshot from other copies; see mend.h. */
#include "mend.h"

#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "heads.h"
#include "medium/direct.h"
#include "medium/hash.h"
#include "mend_write.h"
#include "places.h"
#include "weave.h"

struct mend {
	const struct snapshot *s;
	const struct mend_options *options;
	struct mend_result *result;
	struct places places;
	struct heads heads;
};

/* The copies of one file. */
struct copies {
	struct direct_file files[WEAVE_COPIES_MAX];
	struct patient patients[WEAVE_COPIES_MAX];
	struct patient *list[WEAVE_COPIES_MAX];	/* for weave.h */
	const char *labels[WEAVE_COPIES_MAX];
	struct memory_copy {
		const uint8_t *data;
		size_t len;
	} memory;
	size_t count;
	bool has_own;		/* the first is the file to be mended */
};

/* What a file is to become. */
struct wanted {
	const char *name;
	uint8_t sha256[SHA256_LEN];
	const struct buf *content;	/* when it is known; else NULL */
};

static void
tell(struct mend *m, const struct mend_event *event)
{
	m->result->outcomes[event->outcome]++;
	m->options->event(m->options->ctx, &m->s->name, event);
}

static void
tell_why(struct mend *m, const char *file, enum mend_outcome outcome,
    const char *why)
{
	struct mend_event event = { .file = file, .outcome = outcome,
	    .from = "", .why = why };

	tell(m, &event);
}

static ssize_t
memory_pread(void *ctx, void *data, size_t len, uint64_t offset)
{
	const struct memory_copy *c = ctx;

	if (offset >= c->len)
		return 0;
	if (len > c->len - offset)
		len = (size_t)(c->len - offset);
	memcpy(data, c->data + offset, len);
	return (ssize_t)len;
}

static void
add_copy(struct mend *m, struct copies *c, int fd, const char *name,
    const char *label)
{
	struct direct_file *file = &c->files[c->count];
	struct err ignored;

	if (c->count == WEAVE_COPIES_MAX ||
	    direct_open(file, fd, name, &ignored) == -1)
		return;
	patient_init(&c->patients[c->count], direct_pread, file, file->size,
	    file->is_direct ? PATIENT_SECTOR : PATIENT_ALIGN,
	    m->options->watch);
	c->list[c->count] = &c->patients[c->count];
	c->labels[c->count++] = label;
}

static void
open_copies(struct mend *m, struct copies *c, const struct wanted *want)
{
	size_t i;

	memset(c, 0, sizeof *c);
	for (i = 0; i < WEAVE_COPIES_MAX; i++)
		c->files[i].fd = -1;
	add_copy(m, c, m->s->fd, want->name, "");
	c->has_own = c->count == 1;
	if (want->content != NULL) {
		c->memory.data = (const uint8_t *)buf_text(want->content);
		c->memory.len = want->content->len;
		patient_init(&c->patients[c->count], memory_pread, &c->memory,
		    c->memory.len, PATIENT_ALIGN, NULL);
		c->list[c->count] = &c->patients[c->count];
		c->labels[c->count++] = "a copy that proves it";
		return;
	}
	for (i = 0; i < m->places.count; i++)
		add_copy(m, c, m->places.items[i].fd, want->name,
		    m->places.items[i].label);
}

static void
close_copies(struct copies *c)
{
	size_t i;

	for (i = 0; i < WEAVE_COPIES_MAX; i++) {
		patient_release(&c->patients[i]);
		direct_close(&c->files[i]);
	}
}

/* "/media/b, /media/c": whose bytes the whole takes. */
static void
format_from(const struct copies *c, const struct weave *w, struct buf *out)
{
	size_t i;

	for (i = c->has_own ? 1 : 0; i < c->count; i++)
		if (weave_uses(w, i) || (i == 0 && !c->has_own &&
		    w->size > 0))
			buf_printf(out, "%s%s", out->len > 0 ? ", " : "",
			    c->labels[i]);
}

/* How long the part is, by the snapshot's word. */
static bool
size_of_part(const struct snapshot *s, const char *name, uint64_t *size)
{
	size_t i, k;

	for (i = 0; i < s->info.count; i++) {
		const struct parts *parts = &s->info.sources[i].parts;

		for (k = 0; k < parts->count; k++)
			if (strcmp(parts->items[k].name, name) == 0) {
				*size = parts->items[k].bytes;
				return true;
			}
	}
	return false;
}

static int
weave_size(struct mend *m, const struct copies *c, const struct wanted *want,
    uint64_t size, struct weave *w, struct err *err)
{
	bool is_archive = strstr(want->name, ".tar.zst") != NULL;

	weave_init(w, c->list, c->count, size, want->sha256, is_archive,
	    m->options->watch);
	err_clear(err);
	if (weave_find(w, err) == 0)
		return 0;
	weave_release(w);
	return -1;
}

/*
 * Where it is not known, the sizes that copies have are the sizes it may
 * have; those of others first.
 */
static int
weave_copies(struct mend *m, const struct copies *c,
    const struct wanted *want, struct weave *w, struct err *err)
{
	uint64_t size;
	size_t i, k;

	if (size_of_part(m->s, want->name, &size))
		return weave_size(m, c, want, size, w, err);
	for (i = c->count; i > 0; i--) {
		size = c->list[i - 1]->size;
		for (k = i; k < c->count; k++)
			if (c->list[k]->size == size)
				break;
		if (k < c->count)
			continue;
		if (weave_size(m, c, want, size, w, err) == 0)
			return 0;
		if (err->class == ERR_INTERRUPTED)
			return -1;
	}
	return -1;
}

/* Write it if that was asked for, and say what came of it. */
static int
finish(struct mend *m, const struct copies *c, struct weave *w,
    const struct wanted *want, struct err *err)
{
	struct buf from = BUF_EMPTY;
	struct mend_event event = { .file = want->name, .why = "",
	    .outcome = MEND_POSSIBLE, .bytes = w->size, .places = 1 };
	int ret = 0;

	if (c->has_own)
		event.bytes = weave_differs(w, 0, &event.places);
	format_from(c, w, &from);
	event.from = buf_text(&from);
	if (m->options->writes) {
		event.outcome = MEND_DONE;
		ret = mend_write(m->s->fd, want->name, c->has_own ?
		    c->list[0] : NULL, w, m->options->watch, err);
	}
	if (ret == -1 && err->class != ERR_INTERRUPTED) {
		event.outcome = MEND_FAILED;
		event.why = err->text;
		ret = 0;
	}
	if (ret == 0)
		tell(m, &event);
	buf_release(&from);
	return ret;
}

static bool
is_right(const struct copies *c, const struct weave *w)
{
	uint64_t places;

	return c->has_own && c->list[0]->size == w->size &&
	    weave_differs(w, 0, &places) == 0;
}

/* One file: find the whole, and mend it. */
static int
mend_file(struct mend *m, const struct wanted *want, struct err *err)
{
	struct copies c;
	struct weave w;
	int ret = 0;

	open_copies(m, &c, want);
	if (c.count == (c.has_own ? 1 : 0)) {
		tell_why(m, want->name, MEND_HOPELESS,
		    "there is no other copy of it");
	} else if (weave_copies(m, &c, want, &w, err) == 0) {
		if (!is_right(&c, &w))
			ret = finish(m, &c, &w, want, err);
		weave_release(&w);
	} else if (err->class == ERR_INTERRUPTED) {
		ret = -1;
	} else {
		tell_why(m, want->name, MEND_HOPELESS, err->text);
	}
	close_copies(&c);
	if (ret == 0)
		err_clear(err);
	return ret;
}

/* Is the file known, or found, to be what its sum says? */
static int
is_good(struct mend *m, const struct sum *sum, const struct pairs *bad,
    bool *good, struct err *err)
{
	struct hash_result got;
	struct patient p;

	if (bad != NULL) {
		*good = pairs_get(bad, sum->name) == NULL;
		return 0;
	}
	*good = hash_patiently(m->s->fd, sum->name, true, m->options->watch,
	    &got, &p, err) == 0 && p.bad.count == 0 &&
	    memcmp(got.sha256, sum->sha256, SHA256_LEN) == 0;
	patient_release(&p);
	return err->class == ERR_INTERRUPTED ? -1 : 0;
}

static int
mend_files(struct mend *m, const struct pairs *bad, struct err *err)
{
	const struct sums *sums = &m->heads.sums;
	struct wanted want = { .content = NULL };
	bool good;
	size_t i;

	for (i = 0; i < sums->count; i++) {
		err_clear(err);
		if (is_good(m, &sums->items[i], bad, &good, err) == -1)
			return -1;
		if (good)
			continue;
		want.name = sums->items[i].name;
		memcpy(want.sha256, sums->items[i].sha256, SHA256_LEN);
		if (mend_file(m, &want, err) == -1)
			return -1;
	}
	return 0;
}

/* A file whose content is known to the last byte. */
static int
mend_known(struct mend *m, const char *name, const struct buf *content,
    struct err *err)
{
	struct wanted want = { .name = name, .content = content };

	sha256_of(buf_text(content), content->len, want.sha256);
	return mend_file(m, &want, err);
}

/* What vouches for the files; the commit record last. */
static int
mend_heads(struct mend *m, struct err *err)
{
	const struct heads *h = &m->heads;

	if (!h->is_own_sums &&
	    mend_known(m, SNAPSHOT_SUMS, &h->sums_text, err) == -1)
		return -1;
	if (!h->is_own_signature && h->signature.len > 0 &&
	    mend_known(m, SNAPSHOT_SIG, &h->signature, err) == -1)
		return -1;
	if (h->is_own_complete)
		return 0;
	if (h->complete.len > 0)
		return mend_known(m, COMPLETE_FILE, &h->complete, err);
	tell_why(m, COMPLETE_FILE, MEND_HOPELESS,
	    "no copy has a record of these sums");
	return 0;
}

int
mend_snapshot(const struct snapshot *s, const struct pairs *bad,
    const struct mend_options *options, struct mend_result *result,
    struct err *err)
{
	struct mend m = { .s = s, .options = options, .result = result };
	int ret = 0;
	size_t i;

	memset(result, 0, sizeof *result);
	if (places_open(&m.places, options->with, s->name.text, s->fd,
	    err) == -1)
		return -1;
	for (i = 0; i < m.places.count; i++)
		if (m.places.items[i].is_snapshot)
			result->has_copies = true;
	result->has_sums = heads_find(&m.heads, s->fd, &m.places,
	    options->key);
	result->has_signature = m.heads.signature.len > 0;
	result->replaces_sums = result->has_sums && !m.heads.is_own_sums;
	if (result->has_sums) {
		/* Verdicts by other sums than these count for nothing. */
		if (!m.heads.is_own_sums)
			bad = NULL;
		ret = mend_files(&m, bad, err);
		if (ret == 0)
			ret = mend_heads(&m, err);
	}
	heads_release(&m.heads);
	places_close(&m.places);
	return ret;
}

int
mend_lock(const struct medium *m, int *fd, struct err *err)
{
	char safe[ESCAPE_NAME_MAX];

	if (m->fs.is_read_only)
		return err_set(err, ERR_PREFLIGHT, 0, "%s is mounted "
		    "read-only: nothing was read or changed; mount it for "
		    "writing, or leave --repair out",
		    escape_name(m->path, safe));
	return medium_lock(m, fd, err);
}
