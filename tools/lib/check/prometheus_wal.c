/* SPDX-License-Identifier: BSD-2-Clause */
/* The log of Prometheus; see prometheus_wal.h. */
#include "check/prometheus_wal.h"

#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "check/tsdb_log.h"

typedef unsigned long long ull;

/* A run of numbered files: the log's segments, a checkpoint's, the head's. */
struct run {
	const struct content *c;
	struct judgement *j;
	struct buf dir;
	bool is_log;		/* wal/ itself: has checkpoints below it */
	/* From the first pass over the names: */
	bool has_checkpoint;
	uint64_t checkpoint;	/* the newest: covers segments up to this */
	uint64_t last;		/* the highest number */
	/* From the second: */
	uint64_t first;		/* to be replayed */
	uint64_t next;		/* the number that should come */
	uint64_t files;
	uint64_t bytes;
	uint64_t records;
	bool is_broken;		/* what follows is dropped */
	uint64_t dropped;	/* bytes */
	uint64_t dropped_files;	/* whole ones */
};

static bool
number_of(const char *name, uint64_t *number)
{
	return num_parse(name, strlen(name), 10, UINT32_MAX, number);
}

static int
note_name(void *ctx, const struct entry *entry, struct err *err)
{
	static const char checkpoint[] = "checkpoint.";
	struct run *r = ctx;
	const char *name = content_name(buf_text(&r->dir), entry);
	uint64_t number;

	(void)err;
	if (name == NULL)
		return 0;
	if (entry->type == ENTRY_FILE && number_of(name, &number))
		r->last = number;
	if (entry->type != ENTRY_DIR)
		return 0;
	if (r->is_log && strncmp(name, checkpoint, sizeof checkpoint - 1) == 0 &&
	    number_of(name + sizeof checkpoint - 1, &number)) {
		r->has_checkpoint = true;
		r->checkpoint = number;
	}
	return 1;
}

/* ------------------------------------------------------------ segments */

/* false: the server would not come so far. */
static void
check_sequence(struct run *r, const char *path, uint64_t number)
{
	if (r->files == 0)
		r->first = number;
	else if (number != r->next)
		judge_find(r->j, VERDICT_DAMAGED, path, "the segment before "
		    "it is missing: the server refuses to start");
	if (r->files == 0 && r->is_log && r->has_checkpoint &&
	    number != r->checkpoint + 1)
		judge_find(r->j, VERDICT_SUSPECT, path, "the log goes on at "
		    "%llu where its checkpoint ends at %llu: samples between "
		    "are missing", (ull)number, (ull)r->checkpoint);
	r->next = number + 1;
	r->files++;
}

static void
judge_segment(struct run *r, const char *path, uint64_t number,
    uint64_t size, const struct tsdb_log *log)
{
	r->records += log->records;
	if (log->end == TSDB_WHOLE)
		return;
	if (log->end == TSDB_TORN && number == r->last && r->is_log) {
		judge_find(r->j, VERDICT_RECOVERABLE, path, "ends inside of "
		    "a record, as a crash leaves it: the server drops the "
		    "last %llu bytes", (ull)(size - log->good_to));
		return;
	}
	r->is_broken = true;
	r->dropped = size - log->good_to;
	judge_find(r->j, VERDICT_DAMAGED, path, "offset %llu: %s: the server "
	    "repairs that by deleting everything behind it",
	    (ull)(log->end == TSDB_TORN ? log->good_to : log->bad_at),
	    log->end == TSDB_TORN ? "ends inside of a record, and is not the "
	    "last" : log->why);
}

typedef int log_read(struct source *file, struct tsdb_log *log,
    struct err *err);

static int
read_log(struct run *r, const struct entry *entry, log_read *read,
    struct tsdb_log *log, struct err *err)
{
	struct source *file = NULL;
	int ret;

	if (tree_open_file(r->c->tree, entry, &file, err) == -1)
		return -1;
	ret = read(file, log, err);
	tree_close_file(r->c->tree, file);
	return ret;
}

static int
check_segment(void *ctx, const struct entry *entry, struct err *err)
{
	const char *path = buf_text(&entry->path);
	struct run *r = ctx;
	const char *name = content_name(buf_text(&r->dir), entry);
	struct tsdb_log log;
	uint64_t number;

	if (name == NULL)
		return 0;
	if (entry->type == ENTRY_DIR)
		return 1;
	if (!number_of(name, &number) || (r->is_log && r->has_checkpoint &&
	    number <= r->checkpoint))
		return 0;
	check_sequence(r, path, number);
	r->bytes += entry->size;
	if (r->is_broken) {
		r->dropped += entry->size;
		r->dropped_files++;
		return 0;
	}
	if (read_log(r, entry, tsdb_segment_read, &log, err) == -1)
		return judge_failure(r->j, path, err);
	judge_segment(r, path, number, entry->size, &log);
	return 0;
}

static int
run_segments(struct run *r, struct err *err)
{
	const char *dir = buf_text(&r->dir);

	if (tree_walk(r->c->tree, dir, note_name, r, err) == -1 ||
	    tree_walk(r->c->tree, dir, check_segment, r, err) == -1)
		return judge_failure(r->j, dir, err);
	return 0;
}

/* What the log holds that no block has: in checkpoint and segments. */
static int
check_log(const struct content *c, const char *root, struct judgement *j,
    struct err *err)
{
	struct run log = { .c = c, .j = j, .dir = BUF_EMPTY, .is_log = true };
	struct run point = { .c = c, .j = j, .dir = BUF_EMPTY };
	char bytes[NUM_BYTES_TEXT], count[NUM_COUNT_TEXT];
	int ret;

	content_path(&log.dir, root, "wal");
	ret = run_segments(&log, err);
	if (ret == 0 && log.has_checkpoint) {
		buf_printf(&point.dir, "%s/checkpoint.%08llu",
		    buf_text(&log.dir), (ull)log.checkpoint);
		ret = run_segments(&point, err);
	}
	if (log.files + point.files > 0) {
		judge_say(j, "the server replays %s of its log",
		    num_format_bytes(log.bytes + point.bytes, bytes));
		judge_cover(j, "%s records of the log by checksum",
		    num_format_count(log.records + point.records, count));
	}
	if (log.is_broken)
		judge_say(j, "and deletes what is behind the damage: %s, with "
		    "%llu whole segments",
		    num_format_bytes(log.dropped, bytes),
		    (ull)log.dropped_files);
	if (point.is_broken)
		judge_say(j, "the damage is in the checkpoint, so that all "
		    "segments behind it may go");
	buf_release(&log.dir);
	buf_release(&point.dir);
	return ret;
}

/* --------------------------------------------------------------- the head */

static int
check_head_file(void *ctx, const struct entry *entry, struct err *err)
{
	const char *path = buf_text(&entry->path);
	struct run *r = ctx;
	const char *name = content_name(buf_text(&r->dir), entry);
	struct tsdb_log log;
	uint64_t number;

	if (name == NULL || entry->type != ENTRY_FILE ||
	    !number_of(name, &number))
		return 0;
	r->files++;
	if (read_log(r, entry, tsdb_head_read, &log, err) == -1)
		return judge_failure(r->j, path, err);
	r->records += log.records;
	if (log.end != TSDB_WHOLE)
		judge_find(r->j, VERDICT_RECOVERABLE, path, "offset %llu: %s: "
		    "the server drops such files and makes them anew from its "
		    "log", (ull)log.good_to, log.end == TSDB_TORN ?
		    "ends inside of a chunk" : log.why);
	return 0;
}

int
prometheus_wal_judge(const struct content *c, const char *root,
    struct judgement *j, struct err *err)
{
	struct run head = { .c = c, .j = j, .dir = BUF_EMPTY };
	char count[NUM_COUNT_TEXT];
	int ret;

	if (check_log(c, root, j, err) == -1)
		return -1;
	content_path(&head.dir, root, "chunks_head");
	ret = tree_walk(c->tree, buf_text(&head.dir), check_head_file, &head,
	    err);
	if (ret == -1)
		ret = judge_failure(j, buf_text(&head.dir), err);
	if (head.records > 0)
		judge_cover(j, "%s chunks of the head by checksum",
		    num_format_count(head.records, count));
	buf_release(&head.dir);
	return ret;
}
