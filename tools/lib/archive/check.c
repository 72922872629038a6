/* SPDX-License-Identifier: BSD-2-Clause */
/* Tar entries held against the manifest; see check.h. */
#include "archive/check.h"

#include <string.h>

#include "archive/attrs.h"
#include "base/err.h"
#include "base/escape.h"

struct check {
	struct tar_reader *tar;
	struct manifest_reader *manifest;
	struct extract *target;
	const struct check_options *options;
	struct check_counts *counts;
	struct entry want;	/* what the manifest says next */
	struct entry have;	/* what the archive says next */
	bool want_end;
	bool have_end;
};

const char *
check_verdict_name(enum check_verdict verdict)
{
	switch (verdict) {
	case CHECK_OK:		return "ok";
	case CHECK_CONTENT:	return "content";
	case CHECK_METADATA:	return "metadata";
	case CHECK_MISSING:	return "missing";
	case CHECK_EXTRA:	return "extra";
	case CHECK_LOST:	return "lost";
	}
	return "";
}

static void
judge(const struct check_options *options, struct check_counts *counts,
    enum check_verdict verdict, const struct entry *entry, const char *what)
{
	counts->entries++;
	counts->files += entry->type == ENTRY_FILE;
	counts->bad[verdict]++;
	if (verdict == CHECK_OK && options->good != NULL)
		options->good(options->ctx, entry);
	if (verdict != CHECK_OK && options->verdict != NULL)
		options->verdict(options->ctx, verdict, entry, what);
}

/* The next line that speaks of something in the archive. */
static int
next_want(struct check *c, struct err *err)
{
	for (;;) {
		if (manifest_reader_next(c->manifest, &c->want, &c->want_end,
		    err) == -1)
			return err_context(err, "manifest");
		if (c->want_end)
			return 0;
		if (c->want.type == ENTRY_SOCKET) {
			/* Seen, and passed over, by whoever came before. */
			if (c->options->from == 0)
				judge(c->options, c->counts, CHECK_OK,
				    &c->want, NULL);
			continue;
		}
		if (c->want.tar_offset >= c->options->from)
			return 0;
	}
}

static int
next_have(struct check *c, struct err *err)
{
	return tar_reader_next(c->tar, &c->have, &c->have_end, err);
}

static bool
is_same_text(const struct buf *a, const struct buf *b)
{
	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/*
 * How the header differs from the manifest; NULL: not at all.  tar does not
 * say what type a hard link is.
 */
static const char *
header_difference(const struct entry *want, struct entry *have)
{
	bool is_other;
	unsigned kinds;

	if (!is_same_text(&want->hardlink, &have->hardlink))
		return "hard link";
	if (want->hardlink.len > 0) {
		have->type = want->type;
		have->size = want->size;
		buf_set(&have->link, buf_text(&want->link), want->link.len);
		have->rdev_major = want->rdev_major;
		have->rdev_minor = want->rdev_minor;
	}
	/* tar has no words for the last second before 1970. */
	if (want->mtime_s == -1 && have->mtime_s == -1 && have->mtime_ns == 0)
		have->mtime_ns = want->mtime_ns;
	have->flags = want->flags;
	if (want->type != have->type)
		return "type";
	kinds = attrs_compare(want, have, &is_other);
	if (is_other)
		return want->type == ENTRY_FILE ? "size" :
		    want->type == ENTRY_SYMLINK ? "link target" :
		    "device numbers";
	if ((kinds & ATTR_OWNER) != 0)
		return "owner";
	if ((kinds & ATTR_MODE) != 0)
		return "mode";
	if ((kinds & ATTR_TIMES) != 0)
		return "modification time";
	if (kinds != 0)
		return "extended attributes";
	return want->tar_offset != have->tar_offset ? "place in the archive" :
	    NULL;
}

/* Read the entry's content, into the tree where it belongs there. */
static int
take_entry(struct check *c, bool is_wanted, uint8_t sha256[32],
    struct err *err)
{
	const struct check_options *o = c->options;
	bool has_content = c->have.type == ENTRY_FILE &&
	    c->have.hardlink.len == 0;

	if (c->target != NULL && is_wanted &&
	    (o->wanted == NULL || o->wanted(o->ctx, &c->want)))
		return extract_entry(c->target, &c->have, c->tar, sha256, err);
	if (!has_content)
		return 0;
	return extract_digest(&c->have, c->tar, o->watch, sha256, err);
}

static int
check_pair(struct check *c, struct err *err)
{
	const char *what = header_difference(&c->want, &c->have);
	enum check_verdict verdict = CHECK_OK;
	uint8_t sha256[32];

	if (take_entry(c, true, sha256, err) == -1)
		return -1;
	if (c->have.type == ENTRY_FILE && c->have.hardlink.len == 0)
		c->counts->bytes += c->have.size;
	if (what != NULL)
		verdict = CHECK_METADATA;
	if (c->want.has_sha256 && c->have.type == ENTRY_FILE &&
	    c->have.hardlink.len == 0 &&
	    memcmp(sha256, c->want.sha256, sizeof sha256) != 0) {
		verdict = CHECK_CONTENT;
		what = NULL;
	}
	judge(c->options, c->counts, verdict, &c->want, what);
	if (watch_step(c->options->watch, 0, 1, err) == -1 ||
	    next_want(c, err) == -1)
		return -1;
	return next_have(c, err);
}

static int
check_missing(struct check *c, struct err *err)
{
	judge(c->options, c->counts, CHECK_MISSING, &c->want, NULL);
	return next_want(c, err);
}

static int
check_extra(struct check *c, struct err *err)
{
	uint8_t sha256[32];

	if (take_entry(c, false, sha256, err) == -1)
		return -1;
	judge(c->options, c->counts, CHECK_EXTRA, &c->have, NULL);
	return next_have(c, err);
}

static int
step(struct check *c, struct err *err)
{
	if (c->have_end)
		return check_missing(c, err);
	if (c->want_end)
		return check_extra(c, err);
	if (is_same_text(&c->want.path, &c->have.path))
		return check_pair(c, err);
	if (c->have.tar_offset > c->want.tar_offset)
		return check_missing(c, err);
	if (c->have.tar_offset < c->want.tar_offset)
		return check_extra(c, err);
	return check_extra(c, err) == -1 ? -1 : check_missing(c, err);
}

/* The archive broke: name what was not reached, the current entry included. */
static void
report_rest(struct check *c)
{
	struct err ignored;	/* the archive's error is the one that counts */

	while (!c->want_end) {
		judge(c->options, c->counts, CHECK_LOST, &c->want, NULL);
		if (next_want(c, &ignored) == -1)
			return;
	}
}

int
check_archive(struct tar_reader *tar, struct manifest_reader *manifest,
    struct extract *target, const struct check_options *options,
    struct check_counts *counts, struct err *err)
{
	static const struct entry empty = ENTRY_EMPTY;
	struct check c;
	int ret = -1;

	memset(&c, 0, sizeof c);
	memset(counts, 0, sizeof *counts);
	c.tar = tar;
	c.manifest = manifest;
	c.target = target;
	c.options = options;
	c.counts = counts;
	c.want = empty;
	c.have = empty;
	ret = next_want(&c, err);
	if (ret == 0)
		ret = next_have(&c, err);
	while (ret == 0 && !(c.want_end && c.have_end))
		ret = step(&c, err);
	if (ret == -1 && tar_reader_has_failed(tar) && !options->resumes)
		report_rest(&c);
	entry_release(&c.want);
	entry_release(&c.have);
	return ret;
}

int
check_next(struct manifest_reader *manifest, uint64_t at, uint64_t *offset,
    bool *found, struct err *err)
{
	struct entry entry = ENTRY_EMPTY;
	bool is_end = false;
	int ret = 0;

	*found = false;
	while (ret == 0 && !is_end && !*found) {
		ret = manifest_reader_next(manifest, &entry, &is_end, err);
		*found = ret == 0 && !is_end && entry.type != ENTRY_SOCKET &&
		    entry.tar_offset >= at;
	}
	if (*found)
		*offset = entry.tar_offset;
	entry_release(&entry);
	return ret;
}
