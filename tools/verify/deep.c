/* SPDX-License-Identifier: BSD-2-Clause */
/* An archive's members; see deep.h. */
#include "deep.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/tar.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "codec/frames.h"
#include "io/io.h"
#include "manifest/manifest.h"

#define SCAN_BLOCK ((size_t)1 << 20)
#define RANGES_MAX 100000

/* A damaged stretch of the tar stream. */
struct range {
	uint64_t from;
	uint64_t to;
};

struct deep {
	const struct snapshot *s;
	const struct source_info *source;
	const struct deep_options *options;
	struct deep_result *result;
	struct part_source parts;
	struct seek_table table;
	struct frame_reader *frames;
	struct manifest_reader *manifest;
	struct fd_reader manifest_in;
	int manifest_fd;
	struct range *ranges;
	size_t range_count;
};

static void
tell(const struct deep *d, const struct entry *entry,
    enum check_verdict verdict, const char *what)
{
	const struct deep_calls *calls = &d->options->calls;
	struct buf path = BUF_EMPTY;

	escape_text(&path, buf_text(&entry->path), entry->path.len);
	calls->member(calls->ctx, d->source,
	    path.len == 0 ? "." : buf_text(&path), verdict,
	    what == NULL ? "" : what);
	buf_release(&path);
}

static void
on_verdict(void *ctx, enum check_verdict verdict, const struct entry *entry,
    const char *what)
{
	const struct deep *d = ctx;
	const struct deep_tree *tree = d->options->tree;

	tell(d, entry, verdict, what);
	if (tree != NULL)
		tree->bad(tree->ctx, verdict, entry, what);
}

static void
on_good(void *ctx, const struct entry *entry)
{
	const struct deep *d = ctx;
	const struct deep_tree *tree = d->options->tree;

	if (tree != NULL)
		tree->good(tree->ctx, entry);
}

static bool
on_wanted(void *ctx, const struct entry *entry)
{
	const struct deep *d = ctx;
	const struct deep_tree *tree = d->options->tree;

	return tree->wanted(tree->ctx, entry);
}

/* Hold members against the manifest, and put them where they are to go. */
static int
check_members(struct deep *d, struct tar_reader *tar,
    struct check_options *check, struct check_counts *counts,
    struct err *err)
{
	const struct deep_tree *tree = d->options->tree;
	int ret;

	check->watch = d->options->watch;
	check->verdict = on_verdict;
	check->good = on_good;
	check->wanted = on_wanted;
	check->ctx = d;
	ret = check_archive(tar, d->manifest, tree == NULL ? NULL :
	    tree->target, check, counts, err);
	if (ret == -1 && tree != NULL)
		tree->broke(tree->ctx);
	return ret;
}

static int
open_manifest(struct deep *d, struct err *err)
{
	d->manifest_fd = io_open(d->s->fd, d->source->manifest, O_RDONLY, 0);
	if (d->manifest_fd == -1)
		return err_set(err, ERR_DAMAGED, io_error(), "%s",
		    d->source->manifest);
	if (manifest_reader_new(&d->manifest,
	    fd_reader_init(&d->manifest_in, d->manifest_fd), err) == -1)
		return err_context(err, "%s", d->source->manifest);
	return 0;
}

static void
close_manifest(struct deep *d)
{
	manifest_reader_free(d->manifest);
	d->manifest = NULL;
	if (d->manifest_fd != -1)
		(void)close(d->manifest_fd);	/* read-only */
	d->manifest_fd = -1;
}

/* Decode from a place in the tar stream. */
static int
open_frames(struct deep *d, uint64_t from, struct err *err)
{
	struct frame_options frames = { .threads = d->options->threads };

	frame_reader_free(d->frames);
	d->frames = NULL;
	return frame_reader_new(&d->frames, &d->parts.source, &d->table, from,
	    &frames, err);
}

static int
read_table(struct deep *d, struct err *err)
{
	if (seek_table_read(&d->table, &d->parts.source, err) == -1)
		return err_context(err, "seek table");
	return 0;
}

/* The usual case: all bytes are right, so what they say must be right. */
static int
check_whole(struct deep *d, struct err *err)
{
	struct check_options check = { .from = 0 };
	struct tar_reader *tar = NULL;
	int ret = -1;

	if (part_source_init(&d->parts, d->s->fd, &d->source->parts,
	    err) == -1)
		return -1;
	if (open_manifest(d, err) == -1 || read_table(d, err) == -1 ||
	    open_frames(d, 0, err) == -1)
		goto out;
	if (d->table.content_total != d->source->tar_bytes) {
		err_set(err, ERR_DAMAGED, 0, "the seek table speaks of %llu "
		    "bytes, " INFO_FILE " of %llu",
		    (unsigned long long)d->table.content_total,
		    (unsigned long long)d->source->tar_bytes);
		goto out;
	}
	if (tar_reader_new(&tar, frame_reader_output(d->frames), 0,
	    err) == -1 || check_members(d, tar, &check,
	    &d->result->counts, err) == -1)
		goto out;
	ret = 0;
out:
	tar_reader_free(tar);
	return ret;
}

static int
add_range(struct deep *d, uint64_t from, uint64_t to, struct err *err)
{
	d->result->lost_bytes += to - from;
	if (d->range_count > 0 && d->ranges[d->range_count - 1].to == from) {
		d->ranges[d->range_count - 1].to = to;
		return 0;
	}
	if (d->range_count >= RANGES_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "more than %d damaged stretches", RANGES_MAX);
	d->ranges = mem_resize(d->ranges, d->range_count + 1,
	    sizeof *d->ranges);
	d->ranges[d->range_count].from = from;
	d->ranges[d->range_count++].to = to;
	return 0;
}

/* Decode every frame that can be decoded; note the stretches that cannot. */
static int
scan_frames(struct deep *d, struct err *err)
{
	struct reader *in = frame_reader_output(d->frames);
	void *block = mem_alloc(SCAN_BLOCK);
	uint64_t from, to;
	bool is_last;
	size_t got = 0;
	int ret = -1;

	for (;;) {
		if (in->read(in, block, SCAN_BLOCK, &got, err) == 0) {
			if (got == 0)
				break;
			if (watch_step(d->options->watch, got, 0, err) == -1)
				goto out;
			continue;
		}
		if (err->class != ERR_DAMAGED)
			goto out;
		err_clear(err);
		is_last = !frame_reader_skip(d->frames, &from, &to);
		if (add_range(d, from, to, err) == -1)
			goto out;
		if (is_last)
			break;
	}
	ret = 0;
out:
	free(block);
	return ret;
}

/* Does [from, to) touch a damaged stretch?  *at only moves forward. */
static bool
is_hit(const struct deep *d, size_t *at, uint64_t from, uint64_t to)
{
	while (*at < d->range_count && d->ranges[*at].to <= from)
		(*at)++;
	return *at < d->range_count && d->ranges[*at].from < to;
}

static void
judge(struct deep *d, const struct entry *entry, uint64_t to, size_t *at)
{
	struct check_counts *counts = &d->result->counts;

	counts->entries++;
	if (entry->type == ENTRY_FILE)
		counts->files++;
	if (entry->has_tar_offset &&
	    is_hit(d, at, entry->tar_offset, to)) {
		counts->bad[CHECK_LOST]++;
		on_verdict(d, CHECK_LOST, entry, "lies in a damaged frame");
	} else {
		counts->bad[CHECK_OK]++;
	}
}

/*
 * Name what the stretches cost, from the manifest's offsets: an entry
 * reaches from its own offset to the next one's.
 */
static int
name_lost(struct deep *d, struct err *err)
{
	struct entry held = ENTRY_EMPTY, next = ENTRY_EMPTY, swap;
	bool is_end = false, has_held = false;
	size_t at = 0;
	int ret = -1;

	while (!is_end) {
		if (manifest_reader_next(d->manifest, &next, &is_end,
		    err) == -1)
			goto out;
		/* Sockets are in the manifest only; they cannot be lost. */
		if (!is_end && !next.has_tar_offset) {
			judge(d, &next, 0, &at);
			continue;
		}
		if (has_held)
			judge(d, &held, is_end ? d->source->tar_bytes :
			    next.tar_offset, &at);
		has_held = true;
		swap = held;
		held = next;
		next = swap;
	}
	ret = 0;
out:
	entry_release(&held);
	entry_release(&next);
	return ret;
}

/*
 * Hold the members from one place up to the next damage against the
 * manifest.  That it ends in the damage is expected.
 */
static int
check_stretch(struct deep *d, uint64_t from, struct err *err)
{
	struct check_options check = { .from = from, .resumes = true };
	struct check_counts counts;
	struct tar_reader *tar = NULL;
	int ret = -1;

	if (open_manifest(d, err) == -1 || open_frames(d, from, err) == -1 ||
	    tar_reader_new(&tar, frame_reader_output(d->frames), from,
	    err) == -1)
		goto out;
	ret = check_members(d, tar, &check, &counts, err);
	if (ret == -1 && err->class == ERR_DAMAGED) {
		err_clear(err);
		ret = 0;
	}
	d->result->counts.bytes += counts.bytes;
	d->result->counts.bad[CHECK_CONTENT] += counts.bad[CHECK_CONTENT];
	d->result->counts.bad[CHECK_METADATA] += counts.bad[CHECK_METADATA];
	d->result->counts.bad[CHECK_EXTRA] += counts.bad[CHECK_EXTRA];
out:
	tar_reader_free(tar);
	close_manifest(d);
	return ret;
}

/* Where the first member behind a damaged stretch starts. */
static int
next_start(struct deep *d, uint64_t at, uint64_t *from, bool *found,
    struct err *err)
{
	int ret = open_manifest(d, err);

	if (ret == 0)
		ret = check_next(d->manifest, at, from, found, err);
	close_manifest(d);
	return ret;
}

/* Every member that no damage touches is proved as in a whole archive. */
static int
check_rest(struct deep *d, struct err *err)
{
	uint64_t from = 0;
	bool found = true;
	size_t i;

	for (i = 0; i <= d->range_count; i++) {
		if (i > 0 && next_start(d, d->ranges[i - 1].to, &from, &found,
		    err) == -1)
			return -1;
		if (!found)
			return 0;
		/* A member that reaches over several stretches: go on later. */
		if (i < d->range_count && from >= d->ranges[i].from)
			continue;
		if (check_stretch(d, from, err) == -1)
			return -1;
	}
	return 0;
}

static int
check_damaged(struct deep *d, struct err *err)
{
	part_source_init_lenient(&d->parts, d->s->fd, &d->source->parts,
	    d->options->watch);
	if (open_manifest(d, err) == -1 ||
	    seek_table_find_frames(&d->table, &d->parts.source, err) == -1 ||
	    open_frames(d, 0, err) == -1 || scan_frames(d, err) == -1)
		return -1;
	/* Frames behind the last one that could be found are lost as well. */
	if (d->table.content_total < d->source->tar_bytes &&
	    add_range(d, d->table.content_total, d->source->tar_bytes,
	    err) == -1)
		return -1;
	d->result->is_damaged = d->range_count > 0;
	d->result->ranges = d->range_count;
	if (name_lost(d, err) == -1)
		return -1;
	close_manifest(d);
	return check_rest(d, err);
}

int
deep_check(const struct snapshot *s, const struct source_info *source,
    bool is_whole, const struct deep_options *options,
    struct deep_result *result, struct err *err)
{
	struct deep d = {
		.s = s, .source = source, .options = options,
		.result = result, .table = SEEK_TABLE_EMPTY,
		.manifest_fd = -1,
	};
	int ret;

	memset(result, 0, sizeof *result);
	ret = is_whole ? check_whole(&d, err) : check_damaged(&d, err);
	frame_reader_free(d.frames);
	close_manifest(&d);
	part_source_release(&d.parts);
	seek_table_release(&d.table);
	free(d.ranges);
	return ret;
}
