/* SPDX-License-Identifier: BSD-2-Clause */
/* A staged tree, proved; see fill.h. */
#include "fill.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/attrs.h"
#include "archive/tar.h"
#include "base/err.h"
#include "base/escape.h"
#include "codec/frames.h"
#include "io/io.h"
#include "pick.h"

struct fill {
	const struct snapshot *s;
	const struct source_info *source;
	const struct fill_options *options;
	struct fill_result *result;
	char first_bad[ESCAPE_NAME_MAX];
	const char *first_verdict;
	int stage_fd;
};

static void
tell(struct fill *f, const char *path, const char *text)
{
	char safe[ESCAPE_NAME_MAX];

	f->result->notes++;
	f->options->note(f->options->ctx,
	    path[0] == '\0' ? "." : escape_name(path, safe), text);
}

static void
on_extract(void *ctx, enum extract_note what, const char *path,
    unsigned kinds)
{
	char names[ATTRS_TEXT_MAX];

	/* compare_tree() lists attributes; each should be told once. */
	if (what == EXTRACT_ATTRS_LOST)
		return;
	(void)attrs_names(kinds, names);
	tell(ctx, path, "came twice in the archive; the later one counts");
}

static void
on_verdict(void *ctx, enum check_verdict verdict, const struct entry *entry,
    const char *what)
{
	struct fill *f = ctx;

	if (f->first_verdict == NULL) {
		f->first_verdict = check_verdict_name(verdict);
		(void)escape_name(buf_text(&entry->path), f->first_bad);
	}
	/* What was not reached is not news: the error says where it broke. */
	if (verdict != CHECK_LOST)
		tell(f, buf_text(&entry->path), what == NULL ?
		    check_verdict_name(verdict) : what);
}

static void
on_difference(void *ctx, const char *path, unsigned kinds, bool is_other)
{
	char names[ATTRS_TEXT_MAX], text[ATTRS_TEXT_MAX + 32];

	(void)snprintf(text, sizeof text, "%s%s", is_other ?
	    "is missing or not the same thing" : "differs: ",
	    is_other ? "" : attrs_names(kinds, names));
	tell(ctx, path, text);
}

static int
open_manifest(const struct fill *f, struct fd_reader *in, int *fd,
    struct manifest_reader **manifest, struct err *err)
{
	*fd = io_open(f->s->fd, f->source->manifest, O_RDONLY, 0);
	if (*fd == -1)
		return err_set(err, ERR_DAMAGED, io_error(), "%s",
		    f->source->manifest);
	return manifest_reader_new(manifest, fd_reader_init(in, *fd), err);
}

static int
judge(const struct fill *f, struct err *err)
{
	const struct check_counts *c = &f->result->checked;
	uint64_t bad = c->bad[CHECK_CONTENT] + c->bad[CHECK_METADATA] +
	    c->bad[CHECK_MISSING] + c->bad[CHECK_EXTRA] + c->bad[CHECK_LOST];

	if (bad == 0)
		return 0;
	return err_set(err, ERR_DAMAGED, 0, "%llu of %llu members are not "
	    "what the manifest says, the first: %s (%s)",
	    (unsigned long long)bad, (unsigned long long)c->entries,
	    f->first_bad, f->first_verdict);
}

/* The returning chain, medium to tree. */
static int
extract(struct fill *f, int stage_fd, struct err *err)
{
	struct frame_options frames = { .threads = f->options->threads };
	struct extract_options how = {
		.watch = f->options->watch, .note = on_extract, .ctx = f,
	};
	struct check_options check = {
		.watch = f->options->watch, .verdict = on_verdict, .ctx = f,
	};
	struct part_source parts;
	struct seek_table table = SEEK_TABLE_EMPTY;
	struct frame_reader *packed = NULL;
	struct manifest_reader *manifest = NULL;
	struct tar_reader *tar = NULL;
	struct extract *x = NULL;
	struct fd_reader in;
	int manifest_fd = -1;
	int ret = -1;

	if (part_source_init(&parts, f->s->fd, &f->source->parts, err) == -1)
		return -1;
	if (seek_table_read(&table, &parts.source, err) == -1 ||
	    frame_reader_new(&packed, &parts.source, &table, 0, &frames,
	    err) == -1 ||
	    tar_reader_new(&tar, frame_reader_output(packed), 0,
	    err) == -1 ||
	    open_manifest(f, &in, &manifest_fd, &manifest, err) == -1 ||
	    extract_new(&x, stage_fd, &how, err) == -1 ||
	    check_archive(tar, manifest, x, &check, &f->result->checked,
	    err) == -1 || judge(f, err) == -1 ||
	    part_source_check(&parts, err) == -1 ||
	    extract_finish(x, err) == -1)
		goto out;
	ret = 0;
out:
	extract_free(x);
	tar_reader_free(tar);
	manifest_reader_free(manifest);
	if (manifest_fd != -1)
		(void)close(manifest_fd);	/* read-only */
	frame_reader_free(packed);
	seek_table_release(&table);
	part_source_release(&parts);
	return ret;
}

/* Single files, and the folders above them. */
static int
extract_picked(struct fill *f, int stage_fd, struct err *err)
{
	struct extract_options how = {
		.watch = f->options->watch, .note = on_extract, .ctx = f,
	};
	struct check_counts *counts = &f->result->checked;

	return pick_extract(f->options->pick, f->s, f->source, stage_fd,
	    &how, &counts->entries, &counts->bytes, err);
}

/* What was picked, and the folders that were made for it. */
static bool
is_picked(void *ctx, const struct entry *entry)
{
	const struct fill *f = ctx;
	const char *path = buf_text(&entry->path);
	struct stat st;

	return pick_wants(f->options->pick, path) ||
	    (entry->type == ENTRY_DIR && fstatat(f->stage_fd,
	    path[0] == '\0' ? "." : path, &st, AT_SYMLINK_NOFOLLOW) == 0);
}

/* Read back every attribute; make what tar could not carry. */
static int
compare(struct fill *f, int stage_fd, struct err *err)
{
	struct compare_options how = {
		.finish = true,
		.wanted = f->options->pick == NULL ? NULL : is_picked,
		.watch = f->options->watch,
		.differs = on_difference, .ctx = f,
	};
	struct manifest_reader *manifest = NULL;
	struct fd_reader in;
	int manifest_fd = -1;
	int ret = -1;

	if (open_manifest(f, &in, &manifest_fd, &manifest, err) == -1 ||
	    compare_tree(stage_fd, manifest, &how, &f->result->compared,
	    err) == -1)
		goto out;
	if (f->result->compared.other > 0) {
		err_set(err, ERR_IO, 0, "%llu entries are missing from the "
		    "restored tree or are something else",
		    (unsigned long long)f->result->compared.other);
		goto out;
	}
	ret = 0;
out:
	manifest_reader_free(manifest);
	if (manifest_fd != -1)
		(void)close(manifest_fd);	/* read-only */
	return ret;
}

int
fill_stage(const struct snapshot *s, const struct source_info *source,
    int stage_fd, const struct fill_options *options,
    struct fill_result *result, struct err *err)
{
	struct fill f = {
		.s = s, .source = source, .options = options,
		.result = result, .stage_fd = stage_fd,
	};

	memset(result, 0, sizeof *result);
	if ((options->pick == NULL ? extract(&f, stage_fd, err) :
	    extract_picked(&f, stage_fd, err)) == -1)
		return -1;
	return compare(&f, stage_fd, err);
}
