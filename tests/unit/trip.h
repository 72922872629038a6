/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both chains of the archive modules with memory in between: a tree into tar
 * and manifest, and back into a tree.  What was noted on the way is counted
 * and printed as TAP comments.
 */
#ifndef DRYDOCK_TESTS_TRIP_H
#define DRYDOCK_TESTS_TRIP_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "archive/attrs.h"
#include "archive/check.h"
#include "archive/compare.h"
#include "archive/extract.h"
#include "archive/take.h"
#include "base/err.h"
#include "base/escape.h"
#include "harness.h"
#include "scratch.h"

struct trip_writer {
	struct writer writer;
	struct buf out;
};

static inline int
trip_write(struct writer *writer, const void *data, size_t len,
    struct err *err)
{
	struct trip_writer *w = (struct trip_writer *)(void *)writer;

	(void)err;
	buf_append(&w->out, data, len);
	return 0;
}

struct trip {
	struct trip_writer tar;
	struct trip_writer mtree;
	struct take_counts took;
	struct check_counts checked;
	struct compare_counts compared;
	unsigned extract_notes;	/* 1 << enum extract_note */
	unsigned lost;		/* kinds of attribute */
	unsigned kinds;		/* that differ */
	struct buf verdicts;	/* "content a/b\n" for each */
	struct err err;
};

#define TRIP_EMPTY { .tar = { { trip_write }, BUF_EMPTY }, \
	.mtree = { { trip_write }, BUF_EMPTY }, .verdicts = BUF_EMPTY }

static inline void
trip_release(struct trip *t)
{
	buf_release(&t->tar.out);
	buf_release(&t->mtree.out);
	buf_release(&t->verdicts);
}

static inline void
trip_took(void *ctx, enum take_note what, const char *path,
    enum entry_change changed, int sys)
{
	char name[ESCAPE_NAME_MAX];

	(void)ctx;
	printf("# %s %s (%s, %d)\n", escape_name(path, name),
	    take_note_text(what), entry_change_name(changed), sys);
}

static inline int
trip_finish_taking(struct trip *t, struct tar_writer *tar,
    struct manifest_writer *mtree)
{
	if (tar_writer_finish(tar, &t->err) == -1)
		return -1;
	return manifest_writer_finish(mtree, &t->err);
}

/* options->note is replaced. */
static inline int
trip_take(struct trip *t, int root_fd, const struct take_options *options)
{
	struct take_options mine = *options;
	struct tar_writer *tar;
	struct manifest_writer mtree;
	int ret;

	buf_cut(&t->tar.out, 0);
	buf_cut(&t->mtree.out, 0);
	mine.note = trip_took;
	if (tar_writer_new(&tar, &t->tar.writer, &t->err) == -1)
		return -1;
	ret = manifest_writer_init(&mtree, &t->mtree.writer, &t->err);
	if (ret == 0)
		ret = take_tree(root_fd, tar, &mtree, &mine, &t->took,
		    &t->err);
	if (ret == 0)
		ret = trip_finish_taking(t, tar, &mtree);
	tar_writer_free(tar);
	manifest_writer_release(&mtree);
	if (ret == -1)
		printf("# %s\n", t->err.text);
	return ret;
}

static inline void
trip_verdict(void *ctx, enum check_verdict verdict, const struct entry *entry,
    const char *what)
{
	struct trip *t = ctx;
	char name[ESCAPE_NAME_MAX];

	(void)escape_name(buf_text(&entry->path), name);
	buf_printf(&t->verdicts, "%s %s\n", check_verdict_name(verdict), name);
	printf("# %s %s %s\n", check_verdict_name(verdict), name,
	    what == NULL ? "" : what);
}

static inline void
trip_extract_note(void *ctx, enum extract_note what, const char *path,
    unsigned kinds)
{
	struct trip *t = ctx;
	char text[ATTRS_TEXT_MAX], name[ESCAPE_NAME_MAX];

	t->extract_notes |= 1U << what;
	t->lost |= kinds;
	printf("# note %d on %s: %s\n", (int)what, escape_name(path, name),
	    attrs_names(kinds, text));
}

/* Check, and extract below root_fd where that is not -1. */
static inline int
trip_check(struct trip *t, int root_fd, const struct check_options *options)
{
	struct check_options mine = *options;
	struct extract_options into = { .note = trip_extract_note, .ctx = t };
	struct memory_reader tar_in, mtree_in;
	struct tar_reader *tar = NULL;
	struct manifest_reader *mtree = NULL;
	struct extract *x = NULL;
	int ret = -1;

	mine.verdict = trip_verdict;
	mine.ctx = t;
	buf_cut(&t->verdicts, 0);
	if (tar_reader_new(&tar, memory_reader_init(&tar_in,
	    t->tar.out.data + mine.from, t->tar.out.len - mine.from),
	    mine.from, &t->err) == -1 ||
	    manifest_reader_new(&mtree, memory_reader_init(&mtree_in,
	    t->mtree.out.data, t->mtree.out.len), &t->err) == -1)
		goto out;
	if (root_fd != -1 && extract_new(&x, root_fd, &into, &t->err) == -1)
		goto out;
	ret = check_archive(tar, mtree, x, &mine, &t->checked, &t->err);
	if (ret == 0 && x != NULL)
		ret = extract_finish(x, &t->err);
out:
	if (ret == -1)
		printf("# %s\n", t->err.text);
	extract_free(x);
	tar_reader_free(tar);
	manifest_reader_free(mtree);
	return ret;
}

static inline void
trip_differs(void *ctx, const char *path, unsigned kinds, bool is_other)
{
	struct trip *t = ctx;
	char text[ATTRS_TEXT_MAX], name[ESCAPE_NAME_MAX];

	t->kinds |= kinds;
	printf("# %s differs: %s%s\n", escape_name(path, name),
	    attrs_names(kinds, text), is_other ? " (other)" : "");
}

static inline int
trip_compare(struct trip *t, int root_fd, bool finish)
{
	struct compare_options options = { .finish = finish,
		.differs = trip_differs, .ctx = t };
	struct memory_reader in;
	struct manifest_reader *mtree;
	int ret;

	t->kinds = 0;
	if (manifest_reader_new(&mtree, memory_reader_init(&in,
	    t->mtree.out.data, t->mtree.out.len), &t->err) == -1)
		return -1;
	ret = compare_tree(root_fd, mtree, &options, &t->compared, &t->err);
	manifest_reader_free(mtree);
	if (ret == -1)
		printf("# %s\n", t->err.text);
	return ret;
}

/* The scratch folder's sub-folder name, made and opened. */
static inline int
trip_dir(const char *dir, const char *name)
{
	char *path = mem_format("%s/%s", dir, name);
	int fd;

	(void)mkdir(path, 0755);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(path);
	return fd;
}

#endif
