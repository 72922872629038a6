/* SPDX-License-Identifier: BSD-2-Clause */
/* Single files out of a source; see pick.h. */
#include "pick.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/tar.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "check/tree.h"
#include "codec/frame_cache.h"
#include "io/io.h"
#include "manifest/manifest.h"

/* ---------------------------------------------------------------- patterns */

int
pick_init(struct pick *p, const char *const *patterns, size_t count,
    struct err *err)
{
	struct buf clean = BUF_EMPTY;
	char safe[ESCAPE_NAME_MAX];
	const char *why;
	size_t i;

	memset(p, 0, sizeof *p);
	p->patterns = mem_zero(count + 1, sizeof *p->patterns);
	p->is_used = mem_zero(count + 1, sizeof *p->is_used);
	for (i = 0; i < count; i++) {
		/* "/conf" is meant as "conf": a path in the volume. */
		const char *raw = patterns[i] + strspn(patterns[i], "/");

		if (!entry_path_clean(raw, strlen(raw), &clean, &why)) {
			err_set(err, ERR_USAGE, 0, "--only '%s' %s",
			    escape_name(patterns[i], safe), why);
			buf_release(&clean);
			pick_release(p);
			return -1;
		}
		p->patterns[p->count++] = mem_text(buf_text(&clean));
	}
	buf_release(&clean);
	return 0;
}

static bool
matches(const char *pattern, const char *path)
{
	size_t len = strlen(pattern);

	return fnmatch(pattern, path, 0) == 0 || len == 0 ||
	    (strncmp(pattern, path, len) == 0 && path[len] == '/');
}

bool
pick_wants(struct pick *p, const char *path)
{
	bool wants = false;
	size_t i;

	for (i = 0; i < p->count; i++)
		if (matches(p->patterns[i], path)) {
			p->is_used[i] = true;
			wants = true;
		}
	return wants;
}

const char *
pick_unused(const struct pick *p)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		if (!p->is_used[i])
			return p->patterns[i];
	return NULL;
}

void
pick_release(struct pick *p)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		free(p->patterns[i]);
	free(p->patterns);
	free(p->is_used);
	memset(p, 0, sizeof *p);
}

/* --------------------------------------------------------------- extracting */

/* A folder above what comes, not made yet or made already. */
struct above {
	char *path;		/* owned */
	uint64_t tar_offset;
	bool is_made;
};

struct extraction {
	struct pick *pick;
	const struct snapshot *s;
	const struct source_info *source;
	int stage_fd;
	struct extract *x;
	struct source *content;	/* of the archive */
	struct above *above;	/* each in the one before */
	size_t depth;
	uint64_t entries;
	uint64_t bytes;
};

/*
 * The member whose headers start at a place, under a name of our own when it
 * is made from its first name's content.
 */
static int
extract_at(struct extraction *e, uint64_t offset, const struct entry *want,
    const struct entry *name, struct err *err)
{
	struct tar_reader *tar = NULL;
	struct entry have = ENTRY_EMPTY;
	struct tree_reader in;
	uint8_t digest[SHA256_LEN];
	bool is_end = false;
	int ret = -1;

	if (tar_reader_new(&tar, tree_reader_init(&in, e->content, offset),
	    offset, err) == -1 ||
	    tar_reader_next(tar, &have, &is_end, err) == -1)
		goto out;
	if (is_end || strcmp(buf_text(&have.path),
	    buf_text(&want->path)) != 0) {
		err_set(err, ERR_DAMAGED, 0,
		    "is not where the manifest says it is");
		goto out;
	}
	buf_set(&have.path, name->path.data, name->path.len);
	if (extract_entry(e->x, &have, tar, digest, err) == -1)
		goto out;
	if (want->has_sha256 &&
	    memcmp(digest, want->sha256, SHA256_LEN) != 0) {
		err_set(err, ERR_DAMAGED, 0,
		    "SHA-256 is not what the manifest says");
		goto out;
	}
	e->entries++;
	e->bytes += want->has_sha256 ? want->size : 0;
	ret = 0;
out:
	entry_release(&have);
	tar_reader_free(tar);
	return ret;
}

static int
open_entries(const struct extraction *e, struct fd_reader *in, int *fd,
    struct manifest_reader **entries, struct err *err)
{
	*fd = io_open(e->s->fd, e->source->manifest, O_RDONLY, 0);
	if (*fd == -1)
		return err_set(err, ERR_DAMAGED, io_error(), "%s",
		    e->source->manifest);
	return manifest_reader_new(entries, fd_reader_init(in, *fd), err);
}

/* A hard link whose first name was not wanted: its content, from there. */
static int
extract_first_name(struct extraction *e, const struct entry *link,
    struct err *err)
{
	struct manifest_reader *entries = NULL;
	struct entry first = ENTRY_EMPTY;
	struct fd_reader in;
	bool is_end = false;
	int fd = -1, ret;

	ret = open_entries(e, &in, &fd, &entries, err);
	while (ret == 0) {
		ret = manifest_reader_next(entries, &first, &is_end, err);
		if (ret == 0 && is_end)
			ret = err_set(err, ERR_DAMAGED, 0,
			    "is a hard link to what is not there");
		if (ret == -1 || strcmp(buf_text(&first.path),
		    buf_text(&link->hardlink)) == 0)
			break;
	}
	if (ret == 0)
		ret = extract_at(e, first.tar_offset, &first, link, err);
	manifest_reader_free(entries);
	entry_release(&first);
	if (fd != -1)
		(void)close(fd);	/* read-only */
	return ret;
}

static bool
is_made(const struct extraction *e, const char *path)
{
	struct stat st;

	return fstatat(e->stage_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int
extract_wanted(struct extraction *e, const struct entry *want,
    struct err *err)
{
	char name[ESCAPE_NAME_MAX];
	int ret;

	/* Sockets are made when the tree is compared. */
	if (!want->has_tar_offset)
		return 0;
	if (want->hardlink.len > 0 &&
	    !is_made(e, buf_text(&want->hardlink)))
		ret = extract_first_name(e, want, err);
	else
		ret = extract_at(e, want->tar_offset, want, want, err);
	return ret == -1 ? err_context(err, "'%s'", escape_name(
	    buf_text(&want->path), name)) : 0;
}

static void
leave_folder(struct extraction *e)
{
	free(e->above[--e->depth].path);
}

static bool
is_in(const struct above *folder, const char *path)
{
	size_t len = strlen(folder->path);

	return len == 0 || (strncmp(folder->path, path, len) == 0 &&
	    path[len] == '/');
}

static void
enter_folder(struct extraction *e, const struct entry *entry, bool is_there)
{
	struct above *a;

	e->above = mem_resize(e->above, e->depth + 1, sizeof *e->above);
	a = &e->above[e->depth++];
	a->path = mem_text(buf_text(&entry->path));
	a->tar_offset = entry->tar_offset;
	a->is_made = is_there;
}

/* The folders above come first, with their own owners and modes. */
static int
make_above(struct extraction *e, struct err *err)
{
	size_t i;

	for (i = 0; i < e->depth; i++) {
		struct entry folder = ENTRY_EMPTY;
		struct above *a = &e->above[i];
		int ret;

		if (a->is_made)
			continue;
		buf_set(&folder.path, a->path, strlen(a->path));
		ret = extract_at(e, a->tar_offset, &folder, &folder, err);
		entry_release(&folder);
		if (ret == -1)
			return err_context(err, "folder '%s'", a->path);
		a->is_made = true;
	}
	return 0;
}

static int
visit(struct extraction *e, const struct entry *entry, struct err *err)
{
	const char *path = buf_text(&entry->path);
	bool wants = pick_wants(e->pick, path);

	while (e->depth > 0 && !is_in(&e->above[e->depth - 1], path))
		leave_folder(e);
	if (wants && (make_above(e, err) == -1 ||
	    extract_wanted(e, entry, err) == -1))
		return -1;
	if (entry->type == ENTRY_DIR)
		enter_folder(e, entry, wants);
	return 0;
}

static int
visit_all(struct extraction *e, const struct watch *watch, struct err *err)
{
	struct manifest_reader *entries = NULL;
	struct entry entry = ENTRY_EMPTY;
	struct fd_reader in;
	bool is_end = false;
	int fd = -1;
	int ret = open_entries(e, &in, &fd, &entries, err);

	while (ret == 0 && !is_end) {
		ret = manifest_reader_next(entries, &entry, &is_end, err);
		if (ret == 0 && !is_end)
			ret = watch_step(watch, 0, 0, err);
		if (ret == 0 && !is_end)
			ret = visit(e, &entry, err);
	}
	while (e->depth > 0)
		leave_folder(e);
	free(e->above);
	manifest_reader_free(entries);
	entry_release(&entry);
	if (fd != -1)
		(void)close(fd);	/* read-only */
	return ret;
}

int
pick_extract(struct pick *p, const struct snapshot *s,
    const struct source_info *source, int stage_fd,
    const struct extract_options *how, uint64_t *entries, uint64_t *bytes,
    struct err *err)
{
	struct extraction e = { .pick = p, .s = s, .source = source,
	    .stage_fd = stage_fd };
	struct seek_table table = SEEK_TABLE_EMPTY;
	struct frame_cache *frames = NULL;
	struct part_source parts;
	int ret = -1;

	/* A part that is lost matters only to what lies in it. */
	part_source_init_lenient(&parts, s->fd, &source->parts, NULL);
	if (seek_table_find_frames(&table, &parts.source, err) == -1 ||
	    frame_cache_new(&frames, &parts.source, &table, err) == -1 ||
	    extract_new(&e.x, stage_fd, how, err) == -1)
		goto out;
	e.content = frame_cache_content(frames);
	if (visit_all(&e, how->watch, err) == -1 ||
	    extract_finish(e.x, err) == -1)
		goto out;
	*entries = e.entries;
	*bytes = e.bytes;
	ret = 0;
out:
	extract_free(e.x);
	frame_cache_free(frames);
	seek_table_release(&table);
	part_source_release(&parts);
	return ret;
}
