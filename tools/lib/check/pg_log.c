/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log of a PostgreSQL cluster: is what the server needs at its next start
 * there, and how far does it reach?
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"
#include "check/pg.h"
#include "check/pg_name.h"

#define SEGMENTS_MAX 100000	/* 1.6 TB in segments of 16 MiB */
/*
 * How much of the log a server writes ahead without having flushed it, with
 * room to spare: its writer flushes each 1 MB, every 200 ms.  After a power
 * cut any page of that may be there or not.
 */
#define UNFLUSHED_MAX (UINT64_C(4) << 20)
/*
 * Records that a server may write at start before it takes the word "shut
 * down" out of pg_control: that settings changed.
 */
#define STARTUP_RECORDS_MAX 2

struct segment {
	uint64_t number;
	uint32_t timeline;
	uint32_t is_cut;	/* not of the size it must have */
};

struct log_files {
	struct pg *pg;
	struct buf dir;		/* where the segments are */
	uint32_t size;
	uint32_t timeline_max;
	struct segment *list;	/* by number, the latest timeline of each */
	size_t count;
	bool is_full;
	struct source *open;
	struct buf path;
};

/* ---------------------------------------------------------------- segments */

static int
see_segment(void *ctx, const struct entry *entry, struct err *err)
{
	struct log_files *files = ctx;
	const char *path = buf_text(&entry->path);
	const char *slash = strrchr(path, '/');
	struct segment s = { .is_cut = entry->size != files->size };

	(void)err;
	if (entry->type == ENTRY_DIR)
		return strcmp(path, buf_text(&files->dir)) == 0 ? 0 : 1;
	if (entry->type != ENTRY_FILE ||
	    !pg_name_parse_wal(slash == NULL ? path : slash + 1, files->size,
	    &s.timeline, &s.number) || s.timeline > files->timeline_max)
		return 0;
	if (files->count == SEGMENTS_MAX) {
		files->is_full = true;
		return 0;
	}
	if (files->count % 1024 == 0)
		files->list = mem_resize(files->list, files->count + 1024,
		    sizeof(*files->list));
	files->list[files->count++] = s;
	return 0;
}

static int
compare_segments(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->timeline < y->timeline ? -1 : x->timeline > y->timeline;
}

/* Of each number the latest timeline: the one that recovery follows. */
static void
sort_segments(struct log_files *files)
{
	size_t i, kept = 0;

	if (files->count == 0)
		return;
	qsort(files->list, files->count, sizeof(*files->list),
	    compare_segments);
	for (i = 0; i < files->count; i++) {
		if (i + 1 < files->count &&
		    files->list[i].number == files->list[i + 1].number)
			continue;
		files->list[kept++] = files->list[i];
	}
	files->count = kept;
}

/* The first whose number is at least this; count when there is none. */
static size_t
lower_bound(const struct log_files *files, uint64_t number)
{
	size_t low = 0, high = files->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (files->list[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const char *
segment_path(struct log_files *files, uint64_t number)
{
	size_t at = lower_bound(files, number);
	uint32_t timeline = files->pg->control.timeline;
	char name[PG_WAL_NAME_LEN + 1];

	if (at < files->count && files->list[at].number == number)
		timeline = files->list[at].timeline;
	pg_name_format_wal(timeline, number, files->size, name);
	return content_path(&files->path, buf_text(&files->dir), name);
}

static int
open_segment(void *ctx, uint64_t number, struct source **file,
    struct err *err)
{
	struct log_files *files = ctx;
	size_t at = lower_bound(files, number);
	const char *path;

	tree_close_file(files->pg->tree, files->open);
	files->open = NULL;
	*file = NULL;
	if (at == files->count || files->list[at].number != number)
		return 0;
	path = segment_path(files, number);
	if (tree_open_path(files->pg->tree, path, &files->open, err) == -1)
		return judge_failure(files->pg->judgement, path, err);
	*file = files->open;
	return 0;
}

static bool
next_segment(void *ctx, uint64_t after, uint64_t *number)
{
	const struct log_files *files = ctx;
	size_t at = lower_bound(files, after + 1);

	if (at == files->count)
		return false;
	*number = files->list[at].number;
	return true;
}

/* --------------------------------------------------------------- the folder */

static int
find_linked(struct pg *pg, const struct entry *link, struct buf *dir,
    struct err *err)
{
	char shown[ESCAPE_NAME_MAX];

	if (pg_resolve(pg, link, "archive_status", dir, err) == -1)
		return -1;
	if (dir->len > 0)
		return 0;
	judge_find(pg->judgement, buf_text(&link->link)[0] == '/' ?
	    VERDICT_UNCHECKED : VERDICT_DAMAGED, buf_text(&link->path),
	    "is a link to %s, which is not in this tree; without it the "
	    "server does not start: keep both together",
	    escape_name(buf_text(&link->link), shown));
	return 0;
}

/* dir stays empty when there is no log to look at, and that is judged. */
static int
find_dir(struct pg *pg, struct buf *dir, struct err *err)
{
	const char *path = pg_path(pg, "%s",
	    pg->control.major == 9 ? "pg_xlog" : "pg_wal");
	struct entry entry = ENTRY_EMPTY;
	bool found;
	int ret = tree_find(pg->tree, path, &entry, &found, err);

	if (ret == -1)
		ret = judge_failure(pg->judgement, path, err);
	else if (found && entry.type == ENTRY_SYMLINK)
		ret = find_linked(pg, &entry, dir, err);
	else if (found && entry.type == ENTRY_DIR)
		buf_set(dir, path, strlen(path));
	else
		judge_find(pg->judgement, VERDICT_DAMAGED, path,
		    "is not there: the server refuses to start");
	entry_release(&entry);
	return ret;
}

static int
list_segments(struct log_files *files, struct err *err)
{
	struct pg *pg = files->pg;
	size_t i;

	if (tree_walk(pg->tree, buf_text(&files->dir), see_segment, files,
	    err) == -1)
		return judge_failure(pg->judgement, buf_text(&files->dir),
		    err);
	sort_segments(files);
	if (files->is_full)
		judge_find(pg->judgement, VERDICT_UNCHECKED,
		    buf_text(&files->dir), "more than %d segments",
		    SEGMENTS_MAX);
	for (i = 0; i < files->count; i++)
		if (files->list[i].is_cut)
			judge_find(pg->judgement, VERDICT_DAMAGED,
			    segment_path(files, files->list[i].number),
			    "is not of the size of a segment");
	return 0;
}

/* ------------------------------------------------------------------- rules */

static const char *
why_it_ended(const struct pg_wal_walk *walk)
{
	switch (walk->why) {
	case PG_WAL_END_NO_SEGMENT:
		return "that segment is not there";
	case PG_WAL_END_CUT:
		return "that segment is cut short or cannot be read";
	case PG_WAL_END_BAD_RECORD:
		return "the record there is damaged";
	case PG_WAL_END_EMPTY:
		break;
	}
	return "there is nothing of this log there";
}

static void
judge_reach(struct log_files *files, const struct pg_wal_plan *plan)
{
	struct pg *pg = files->pg;
	const struct pg_wal_walk *walk = &pg->walk;
	const char *path = segment_path(files, walk->end / files->size);
	uint64_t needed = pg->control.min_recovery;
	/* A standby, or a recovery, may get the rest from elsewhere. */
	enum verdict lacking = pg->asks_archive ? VERDICT_UNCHECKED :
	    VERDICT_DAMAGED;
	const char *unless = pg->asks_archive ?
	    " unless an archive has the rest" : "";
	char end[PG_LSN_TEXT], want[PG_LSN_TEXT];

	pg_lsn_format(walk->end, end);
	if (!walk->saw_checkpoint)
		judge_find(pg->judgement, lacking, path,
		    "the checkpoint at %s cannot be read, for the log ends at "
		    "%s: %s; the server refuses to start%s",
		    pg_lsn_format(plan->checkpoint, want), end,
		    why_it_ended(walk), unless);
	else if (pg->label.is_there && !(walk->notes.has_backup_end &&
	    walk->notes.backup_end_of == pg->label.start))
		judge_find(pg->judgement, lacking, path,
		    "the log ends at %s, before the end of the base backup: "
		    "the server refuses to start%s", end, unless);
	else if (!pg->is_clean && walk->end < needed)
		judge_find(pg->judgement, lacking, path,
		    "the log ends at %s, but the data is consistent only "
		    "from %s on: the server refuses to start%s", end,
		    pg_lsn_format(needed, want), unless);
}

static void
judge_beyond(struct log_files *files)
{
	struct pg *pg = files->pg;
	const struct pg_wal_walk *walk = &pg->walk;
	char end[PG_LSN_TEXT], later[PG_LSN_TEXT];
	char name[PG_WAL_NAME_LEN + 1];
	const char *path = segment_path(files, walk->end / files->size);

	pg_lsn_format(walk->end, end);
	if (walk->has_later_segment) {
		pg_name_format_wal(pg->control.timeline, walk->later_segment,
		    files->size, name);
		judge_find(pg->judgement, VERDICT_DAMAGED, path,
		    "the log breaks off at %s (%s), though it goes on in %s: "
		    "the server would start and lose everything since", end,
		    why_it_ended(walk), name);
	} else if (walk->later_page >= walk->end + UNFLUSHED_MAX) {
		judge_find(pg->judgement, VERDICT_SUSPECT, path,
		    "the log breaks off at %s, though pages up to %s were "
		    "written: the server would start and lose what they held",
		    end, pg_lsn_format(walk->later_page, later));
	} else if (walk->later_page != 0) {
		judge_find(pg->judgement, VERDICT_CLEAN, path,
		    "the log ends at %s; pages up to %s are there as well, as "
		    "after a power cut", end,
		    pg_lsn_format(walk->later_page, later));
	}
}

static void
judge_clean_end(struct log_files *files)
{
	struct pg *pg = files->pg;
	char text[PG_LSN_TEXT];

	if (pg->control.state == PG_SHUT_DOWN && !pg->label.is_there &&
	    pg->walk.records > 1 + STARTUP_RECORDS_MAX)
		judge_find(pg->judgement, VERDICT_SUSPECT,
		    segment_path(files, pg->control.checkpoint / files->size),
		    "the log goes on for %llu records after the shutdown at "
		    "%s that pg_control tells of: they are not of one moment",
		    (unsigned long long)(pg->walk.records - 1),
		    pg_lsn_format(pg->control.checkpoint, text));
}

/* No page may be newer than this. */
static void
set_limit(struct pg *pg)
{
	pg->has_limit = pg->walk.saw_checkpoint;
	pg->limit = pg->walk.end;
	if (pg->control.state == PG_SHUT_DOWN && !pg->label.is_there)
		pg->limit = pg->control.checkpoint;
	else if (pg->limit < pg->control.min_recovery)
		pg->limit = pg->control.min_recovery;
}

static void
say_replay(struct pg *pg, const struct pg_wal_plan *plan)
{
	char bytes[NUM_BYTES_TEXT], count[PG_COUNT_TEXT];

	judge_cover(pg->judgement, "%s of the log by checksum",
	    pg_count(pg->walk.records, "record", count));
	if (!pg->walk.saw_checkpoint || pg->is_clean)
		return;
	judge_say(pg->judgement, "%s; the server will replay %s of log",
	    pg->label.is_there ? "base backup" :
	    pg->facts->is_hot ? "hot copy" : "crash image",
	    num_format_bytes(pg->walk.end - plan->from, bytes));
	if (pg->walk.notes.blocks.is_full)
		judge_find(pg->judgement, VERDICT_UNCHECKED, NULL,
		    "the log rewrites more than %d "
		    "blocks: what of the others replay repairs is not known",
		    PG_BLOCKS_MAX);
	if (pg->walk.notes.lost_some)
		judge_find(pg->judgement, VERDICT_UNCHECKED, NULL,
		    "the log drops more at once than is "
		    "kept: missing files would not be noticed");
}

static int
walk_log(struct log_files *files, struct err *err)
{
	struct pg *pg = files->pg;
	const struct pg_wal_segments segments = {
		files, open_segment, next_segment
	};
	struct pg_wal_plan plan = {
		.control = &pg->control,
		.from = pg->control.redo,
		.checkpoint = pg->control.checkpoint,
		.note = pg->control.state != PG_SHUT_DOWN ||
		    pg->label.is_there,
	};

	if (pg->label.is_there) {
		plan.from = pg->label.start;
		plan.checkpoint = pg->label.checkpoint;
	} else if (pg->control.state == PG_SHUT_DOWN) {
		plan.from = pg->control.checkpoint;
	}
	if (pg_wal_walk(&segments, &plan, &pg->walk, err) == -1)
		return -1;
	judge_reach(files, &plan);
	judge_clean_end(files);
	set_limit(pg);
	say_replay(pg, &plan);
	if (!pg->walk.saw_checkpoint)
		return 0;
	if (pg_wal_beyond(&segments, &plan, &pg->walk, err) == -1)
		return -1;
	judge_beyond(files);
	return 0;
}

int
pg_log_check(struct pg *pg, struct err *err)
{
	struct log_files files = {
		.pg = pg,
		.dir = BUF_EMPTY,
		.path = BUF_EMPTY,
		.size = pg->control.wal_segment_size,
	};
	int ret;

	files.timeline_max = pg->control.timeline;
	if (files.timeline_max < pg->control.min_recovery_timeline)
		files.timeline_max = pg->control.min_recovery_timeline;
	if (pg->is_recovering || pg->label.is_there)
		files.timeline_max = UINT32_MAX;
	ret = find_dir(pg, &files.dir, err);
	if (ret == -1 || files.dir.len == 0)
		goto out;
	if (!pg->is_trusted) {
		judge_find(pg->judgement, VERDICT_UNCHECKED,
		    buf_text(&files.dir), "not read: where replay begins "
		    "is not known");
		goto out;
	}
	if (!pg_wal_is_known(pg->control.major)) {
		judge_find(pg->judgement, VERDICT_UNCHECKED,
		    buf_text(&files.dir),
		    "not read: the log of this release is not known");
		goto out;
	}
	ret = list_segments(&files, err);
	if (ret == 0)
		ret = walk_log(&files, err);
out:
	tree_close_file(pg->tree, files.open);
	free(files.list);
	buf_release(&files.dir);
	buf_release(&files.path);
	return ret;
}
