/* SPDX-License-Identifier: BSD-2-Clause */
/* Data directories of Prometheus; see prometheus.h. */
#include "check/prometheus.h"

#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "check/json_file.h"
#include "check/prometheus_wal.h"
#include "check/tsdb_block.h"

typedef unsigned long long ull;

#define ULID_LEN 26

struct set {
	const struct content *c;
	const char *root;
	struct judgement *j;
	uint64_t blocks;
	uint64_t skipped;	/* blocks that the server leaves out */
	uint64_t chunks;
	uint64_t samples;
	uint64_t series;
	uint64_t strangers;
	bool refuses;
};

/* One block at work. */
struct block {
	struct set *set;
	const char *path;
	uint64_t chunk_files;
	uint64_t chunks;
	uint64_t samples;
	struct tsdb_index index;
	uint64_t faults;
};

static bool
is_ulid(const char *name, size_t len)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	size_t i;

	if (len != ULID_LEN)
		return false;
	for (i = 0; i < len; i++)
		if (memchr(digits, name[i], sizeof digits - 1) == NULL)
			return false;
	return true;
}

static bool
recognise(const struct entry *entry, size_t *root_len)
{
	const char *path = buf_text(&entry->path);
	const char *slash = strrchr(path, '/'), *above;
	const char *name = slash != NULL ? slash + 1 : path;

	if (entry->type == ENTRY_DIR && strcmp(name, "chunks_head") == 0) {
		*root_len = slash != NULL ? (size_t)(slash - path) : 0;
		return true;
	}
	if (slash == NULL || (strcmp(name, "meta.json") != 0 &&
	    strcmp(name, "index") != 0 && strcmp(name, "chunks") != 0))
		return false;
	for (above = slash; above > path && above[-1] != '/'; above--)
		;
	if (!is_ulid(above, (size_t)(slash - above)))
		return false;
	*root_len = above > path ? (size_t)(above - path - 1) : 0;
	return true;
}

/* ------------------------------------------------------------- one block */

/* What is wrong with a file of a block, and what comes of it. */
static void
report(struct block *b, const char *path, const struct tsdb_faults *f)
{
	if (f->odd > 0)
		judge_find(b->set->j, VERDICT_SUSPECT, path, "offset %llu: "
		    "%llu bytes that should be zero are not: nothing reads "
		    "them, but nothing sound wrote them", (ull)f->odd_at,
		    (ull)f->odd);
	if (f->count == 0)
		return;
	b->faults += f->count;
	b->set->refuses |= f->refuses;
	judge_find(b->set->j, VERDICT_DAMAGED, path, f->refuses ?
	    "the server refuses to start: offset %llu: %s (faults: %llu)" :
	    "offset %llu: %s (faults: %llu): the server starts and says "
	    "nothing, queries that touch it fail", (ull)f->at, f->what,
	    (ull)f->count);
}

static void
refuse_missing(struct block *b, const char *path)
{
	b->faults++;
	b->set->refuses = true;
	judge_find(b->set->j, VERDICT_DAMAGED, path,
	    "missing: the server refuses to start");
}

static int
check_chunk_file(void *ctx, const struct entry *entry, struct err *err)
{
	const char *path = buf_text(&entry->path), *name;
	struct source *file = NULL;
	struct tsdb_chunks chunks;
	struct block *b = ctx;
	uint64_t number;
	int ret;

	if (entry->type == ENTRY_DIR)
		return 0;
	name = strrchr(path, '/') + 1;
	if (!num_parse(name, strlen(name), 10, UINT32_MAX, &number))
		return 0;
	if (number != ++b->chunk_files) {
		b->faults++;
		judge_find(b->set->j, VERDICT_DAMAGED, path,
		    "the file of chunks before it is missing: samples are "
		    "lost, and queries fail or give wrong ones");
		b->chunk_files = number;
	}
	if (tree_open_file(b->set->c->tree, entry, &file, err) == -1)
		return judge_failure(b->set->j, path, err);
	ret = tsdb_chunks_read(file, &chunks, err);
	tree_close_file(b->set->c->tree, file);
	if (ret == -1)
		return judge_failure(b->set->j, path, err);
	b->chunks += chunks.chunks;
	b->samples += chunks.samples;
	report(b, path, &chunks.faults);
	return 0;
}

/* Open a file of the block; *file is NULL when there is nothing to read. */
static int
open_part(struct block *b, const char *path, struct source **file,
    struct err *err)
{
	*file = NULL;
	if (tree_open_path(b->set->c->tree, path, file, err) == 0)
		return 0;
	*file = NULL;
	if (err->class != ERR_NOT_FOUND)
		return judge_failure(b->set->j, path, err);
	err_clear(err);
	return 0;
}

static int
check_index(struct block *b, struct err *err)
{
	struct buf path = BUF_EMPTY;
	struct source *file;
	int ret;

	content_path(&path, b->path, "index");
	ret = open_part(b, buf_text(&path), &file, err);
	if (ret == 0 && file == NULL) {
		refuse_missing(b, buf_text(&path));
	} else if (ret == 0) {
		ret = tsdb_index_read(file, &b->index, err) == -1 ?
		    judge_failure(b->set->j, buf_text(&path), err) : 0;
		report(b, buf_text(&path), &b->index.faults);
	}
	tree_close_file(b->set->c->tree, file);
	buf_release(&path);
	return ret;
}

/* There need be none. */
static int
check_tombstones(struct block *b, struct err *err)
{
	struct buf path = BUF_EMPTY;
	struct tsdb_faults faults = { 0 };
	struct source *file;
	int ret;

	content_path(&path, b->path, "tombstones");
	ret = open_part(b, buf_text(&path), &file, err);
	if (ret == 0 && file != NULL) {
		ret = tsdb_tombstones_read(file, &faults, err) == -1 ?
		    judge_failure(b->set->j, buf_text(&path), err) : 0;
		report(b, buf_text(&path), &faults);
	}
	tree_close_file(b->set->c->tree, file);
	buf_release(&path);
	return ret;
}

static void
compare_one(struct block *b, const json_t *stats, const char *key,
    uint64_t have, const char *what)
{
	uint64_t want;

	if (!json_file_u64(stats, key, &want) || want == have)
		return;
	judge_find(b->set->j, VERDICT_SUSPECT, b->path,
	    "%llu %s, where its meta.json says %llu", (ull)have, what,
	    (ull)want);
}

/* Only where all the rest is sound: else the difference is explained. */
static void
compare_stats(struct block *b, const json_t *meta)
{
	const json_t *stats = json_object_get(meta, "stats");

	if (b->faults > 0)
		return;
	compare_one(b, stats, "numSamples", b->samples, "samples");
	compare_one(b, stats, "numChunks", b->chunks, "chunks");
	compare_one(b, stats, "numSeries", b->index.series, "series");
	if (b->index.chunks != b->chunks)
		judge_find(b->set->j, VERDICT_SUSPECT, b->path,
		    "its index names %llu chunks, and %llu are there",
		    (ull)b->index.chunks, (ull)b->chunks);
}

/* NULL, having said so, when the server would leave the block out. */
static json_t *
read_meta(struct block *b, struct err *err)
{
	struct buf path = BUF_EMPTY;
	uint64_t version = 0;
	json_t *meta;

	meta = json_file_read(b->set->c->tree,
	    content_path(&path, b->path, "meta.json"), err);
	if (meta != NULL && (!json_file_u64(meta, "version", &version) ||
	    version != 1)) {
		err_set(err, ERR_DAMAGED, 0, "not of version 1");
		json_decref(meta);
		meta = NULL;
	}
	if (meta == NULL && err->class != ERR_INTERRUPTED) {
		b->set->skipped++;
		judge_find(b->set->j, VERDICT_SUSPECT, buf_text(&path),
		    "%s: the server leaves this block out without a word, "
		    "a hole in the history", err->class == ERR_NOT_FOUND ?
		    "missing" : err->text);
		err_clear(err);
	}
	buf_release(&path);
	return meta;
}

static int
check_block(struct set *set, const char *path, struct err *err)
{
	struct block b = { .set = set, .path = path };
	struct buf chunks = BUF_EMPTY;
	json_t *meta;
	int ret = -1;

	set->blocks++;
	meta = read_meta(&b, err);
	if (meta == NULL && err->class == ERR_INTERRUPTED)
		return -1;
	if (tree_walk(set->c->tree, content_path(&chunks, path, "chunks"),
	    check_chunk_file, &b, err) == -1 ||
	    check_index(&b, err) == -1 || check_tombstones(&b, err) == -1)
		goto out;
	if (meta != NULL) {
		if (b.chunk_files == 0 && b.index.chunks > 0) {
			b.faults++;
			judge_find(set->j, VERDICT_DAMAGED, path, "no file of "
			    "chunks: all its samples are lost");
		}
		compare_stats(&b, meta);
	}
	set->chunks += b.chunks;
	set->samples += b.samples;
	set->series += b.index.series;
	ret = 0;
out:
	json_decref(meta);
	buf_release(&chunks);
	return ret;
}

/* ------------------------------------------------------------ the folder */

static bool
is_ordinary(const char *name)
{
	static const char *const names[] = { "wal", "chunks_head", "wbl",
	    "lock", "queries.active", "snapshots" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static int
visit(void *ctx, const struct entry *entry, struct err *err)
{
	const char *path = buf_text(&entry->path);
	struct set *set = ctx;
	const char *name = content_name(set->root, entry);

	if (name == NULL)
		return 0;
	if (entry->type == ENTRY_DIR && is_ulid(name, strlen(name)))
		return check_block(set, path, err) == -1 ? -1 : 1;
	if (strstr(name, ".tmp-for-") != NULL || strstr(name, ".tmp") != NULL)
		judge_find(set->j, VERDICT_CLEAN, path,
		    "left by a compaction; the server removes it");
	else if (!is_ordinary(name))
		set->strangers++;
	return entry->type == ENTRY_DIR;
}

static void
say_totals(struct set *set)
{
	char series[NUM_COUNT_TEXT], samples[NUM_COUNT_TEXT],
	    chunks[NUM_COUNT_TEXT];

	if (set->blocks > 0)
		judge_cover(set->j, "%llu blocks: %s series, %s samples in %s "
		    "chunks, all by checksum", (ull)set->blocks,
		    num_format_count(set->series, series),
		    num_format_count(set->samples, samples),
		    num_format_count(set->chunks, chunks));
	if (set->strangers > 0)
		judge_find(set->j, VERDICT_CLEAN, set->root, "%llu other "
		    "files and folders beside the data were not looked at",
		    (ull)set->strangers);
}

static int
check(const struct content *c, const char *root, struct judgement *j,
    struct err *err)
{
	struct set set = { .c = c, .root = root, .j = j };

	if (tree_walk(c->tree, root, visit, &set, err) == -1)
		return judge_failure(j, root, err);
	if (set.refuses)
		judge_say(j, "the server refuses to start because of a block; "
		    "moved away, that block is missing and all else is there");
	if (set.skipped > 0)
		judge_say(j, "%llu blocks are left out without a word",
		    (ull)set.skipped);
	say_totals(&set);
	return prometheus_wal_judge(c, root, j, err);
}

const struct set_checker check_prometheus = { "prometheus", true, recognise,
	check };
