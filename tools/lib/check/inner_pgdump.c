/* SPDX-License-Identifier: BSD-2-Clause */
/* Dumps of PostgreSQL; see inner_pgdump.h. */
#include "check/inner_pgdump.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "check/pg_rows.h"
#include "check/pg_toc.h"
#include "codec/unpack.h"

#define CHUNK_MAX ((int64_t)1 << 30)
#define PIECE ((size_t)64 << 10)
#define BLOCK_DATA 1
#define BLOCK_BLOBS 3
#define TABLES_SAID 5

static const char toc_name[] = "toc.dat";

/* ---------------------------------------------------------------- verdicts */

static int
by_rows(const void *a, const void *b)
{
	const struct pg_data *const *x = a, *const *y = b;

	return ((*x)->rows < (*y)->rows) - ((*x)->rows > (*y)->rows);
}

/* The largest tables, by name: "public.orders 9,000,000 rows". */
static void
say_tables(const struct pg_toc *toc, struct judgement *j)
{
	const struct pg_data **order;
	char count[NUM_COUNT_TEXT];
	size_t i;

	if (toc->data_count == 0)
		return;
	order = mem_zero(toc->data_count, sizeof(struct pg_data *));
	for (i = 0; i < toc->data_count; i++)
		order[i] = &toc->data[i];
	qsort(order, toc->data_count, sizeof *order, by_rows);
	for (i = 0; i < toc->data_count && i < TABLES_SAID; i++)
		if (order[i]->rows > 0)
			judge_say(j, "%s %s rows", order[i]->name,
			    num_format_count(order[i]->rows, count));
	free(order);
}

static void
say_dump(const struct pg_toc *toc, struct judgement *j)
{
	char count[NUM_COUNT_TEXT];

	judge_say(j, "dump of database '%s', PostgreSQL %s", toc->database,
	    toc->server);
	judge_cover(j, "%s entries of the table of contents",
	    num_format_count(toc->entries, count));
}

static const char *
packing_words(const struct pg_toc *toc)
{
	switch (toc->packing) {
	case PG_PACKING_NONE:
		return "without a checksum: it was dumped unpacked";
	case PG_PACKING_GZIP:
		return "by zlib's checksum";
	case PG_PACKING_LZ4:
	case PG_PACKING_ZSTD:
		break;
	}
	return "by its form (pg_dump makes no checksum of it)";
}

/* Whether all data is there that the table of contents speaks of. */
static void
judge_missing(const struct pg_toc *toc, struct judgement *j)
{
	size_t i, seen = 0;

	for (i = 0; i < toc->data_count; i++) {
		const struct pg_data *d = &toc->data[i];

		seen += d->is_seen;
		if (d->has_data && !d->is_seen)
			judge_find(j, VERDICT_DAMAGED, NULL,
			    "the data of %s is not in the dump", d->name);
	}
	if (toc->packing == PG_PACKING_LZ4)
		judge_find(j, VERDICT_UNCHECKED, NULL, "its data is packed "
		    "by LZ4, which is not unpacked here");
	judge_cover(j, "data of %zu tables and objects, %s", seen,
	    packing_words(toc));
	say_tables(toc, j);
}

/* ----------------------------------------------------------- custom format */

static int
read_chunk(struct reader *in, uint64_t len, struct pg_rows *rows, void *piece,
    struct err *err)
{
	size_t n, got;

	while (len > 0) {
		n = len < PIECE ? (size_t)len : PIECE;
		if (reader_fill(in, piece, n, &got, err) == -1)
			return -1;
		if (got < n)
			return err_set(err, ERR_DAMAGED, 0,
			    "the dump is cut off");
		if (rows != NULL && pg_rows_take(rows, piece, n, err) == -1)
			return -1;
		len -= n;
	}
	return 0;
}

/* Chunks up to the one of no length. */
static int
read_chunks(const struct pg_toc *toc, struct reader *in,
    struct pg_rows *rows, struct err *err)
{
	void *piece = mem_alloc(PIECE);
	int64_t len;
	int ret;

	do {
		ret = pg_toc_int(toc, in, &len, err);
		if (ret == 0 && (len < 0 || len > CHUNK_MAX))
			ret = err_set(err, ERR_DAMAGED, 0,
			    "the dump has a chunk of %lld bytes",
			    (long long)len);
		if (ret == 0)
			ret = read_chunk(in, (uint64_t)len, rows, piece, err);
	} while (ret == 0 && len > 0);
	free(piece);
	return ret;
}

/* One unpacked stream; LZ4 is passed over as it is. */
static int
read_stream(const struct pg_toc *toc, struct reader *in, bool is_copy,
    uint64_t *rows, struct err *err)
{
	struct pg_rows r;
	int ret;

	*rows = 0;
	if (toc->packing == PG_PACKING_LZ4)
		return read_chunks(toc, in, NULL, err);
	if (pg_rows_begin(&r, toc->packing, err) == -1)
		return -1;
	ret = read_chunks(toc, in, &r, err);
	if (ret == 0)
		ret = pg_rows_end(&r, is_copy, rows, err);
	pg_rows_release(&r);
	return ret;
}

/* Large objects: each its number and a stream, up to number 0. */
static int
read_blobs(const struct pg_toc *toc, struct reader *in, struct err *err)
{
	uint64_t ignored;
	int64_t oid;

	for (;;) {
		if (pg_toc_int(toc, in, &oid, err) == -1)
			return -1;
		if (oid == 0)
			return 0;
		if (read_stream(toc, in, false, &ignored, err) == -1)
			return -1;
	}
}

static int
read_block(const struct pg_toc *toc, struct reader *in, uint8_t type,
    struct err *err)
{
	struct pg_data *d;
	int64_t id;
	int ret;

	if (pg_toc_int(toc, in, &id, err) == -1)
		return -1;
	d = pg_toc_find(toc, id);
	if (d == NULL || (type != BLOCK_DATA && type != BLOCK_BLOBS))
		return err_set(err, ERR_DAMAGED, 0, "there is no data block "
		    "where one should start");
	ret = type == BLOCK_BLOBS ? read_blobs(toc, in, err) :
	    read_stream(toc, in, d->is_copy, &d->rows, err);
	if (ret == -1)
		return err_context(err, "%s", d->name);
	d->is_seen = true;
	return 0;
}

static int
read_blocks(const struct pg_toc *toc, struct reader *in, struct err *err)
{
	uint8_t type;
	size_t got;

	for (;;) {
		if (in->read(in, &type, 1, &got, err) == -1)
			return -1;
		if (got == 0)
			return 0;
		if (read_block(toc, in, type, err) == -1)
			return -1;
	}
}

static int
check_custom(const struct content *c, struct reader *in, struct judgement *j,
    struct err *err)
{
	struct pg_toc toc = PG_TOC_EMPTY;
	int ret;

	(void)c;
	ret = pg_toc_read(&toc, in, err);
	if (ret == 0) {
		say_dump(&toc, j);
		ret = read_blocks(&toc, in, err);
	}
	if (ret == 0)
		judge_missing(&toc, j);
	pg_toc_release(&toc);
	return ret;
}

/* The toc.dat of a directory or a tar begins alike and holds no data. */
static bool
is_custom(const uint8_t *head, size_t len)
{
	return len >= PG_TOC_HEAD_LEN && pg_toc_matches(head, len) &&
	    head[PG_TOC_HEAD_LEN - 1] == PG_FORMAT_CUSTOM;
}

const struct inner_checker inner_pgdump = {
	"pg_dump", is_custom, check_custom
};

/* -------------------------------------------------------- directory format */

/* The data file as the table of contents names it, or packed beside it. */
static int
open_data(struct tree *tree, const char *root, const char *name,
    struct buf *path, struct source **file, struct err *err)
{
	static const char *const ends[] = { "", ".gz", ".zst", ".lz4" };
	char *full;
	size_t i;
	int ret = -1;

	for (i = 0; i < sizeof ends / sizeof ends[0] && ret == -1; i++) {
		full = mem_format("%s%s", name, ends[i]);
		(void)content_path(path, root, full);
		free(full);
		ret = tree_open_path(tree, buf_text(path), file, err);
		if (ret == -1 && err->class != ERR_NOT_FOUND)
			return -1;
	}
	return ret;
}

static int
read_rows(struct reader *in, struct pg_data *d, struct err *err)
{
	void *piece = mem_alloc(PIECE);
	struct pg_rows rows;
	size_t got;
	int ret = pg_rows_begin(&rows, PG_PACKING_NONE, err);

	do {
		ret = in->read(in, piece, PIECE, &got, err);
		if (ret == 0)
			ret = pg_rows_take(&rows, piece, got, err);
	} while (ret == 0 && got > 0);
	if (ret == 0)
		ret = pg_rows_end(&rows, d->is_copy, &d->rows, err);
	pg_rows_release(&rows);
	free(piece);
	return ret;
}

/* -1 only when the whole check must end. */
static int
check_data_file(const struct content *c, const char *root, bool can_unpack,
    struct pg_data *d, struct judgement *j, struct err *err)
{
	struct unpack *u = NULL;
	struct source *file = NULL;
	struct buf path = BUF_EMPTY;
	struct tree_reader in;
	int ret;

	ret = open_data(c->tree, root, d->file, &path, &file, err);
	if (ret == -1 && err->class == ERR_NOT_FOUND) {
		err_clear(err);
		buf_release(&path);
		return 0;		/* judge_missing() tells */
	}
	d->is_seen = true;
	if (ret == 0 && can_unpack)
		ret = unpack_new(&u, tree_reader_init(&in, file, 0), err);
	if (ret == 0 && can_unpack)
		ret = read_rows(unpack_output(u), d, err);
	if (ret == -1) {
		err_context(err, "%s", d->name);
		ret = judge_failure(j, buf_text(&path), err);
	}
	unpack_free(u);
	tree_close_file(c->tree, file);
	buf_release(&path);
	return ret;
}

static int
check_files(const struct content *c, const char *root, struct pg_toc *toc,
    struct judgement *j, struct err *err)
{
	size_t i;

	for (i = 0; i < toc->data_count; i++)
		if (toc->data[i].file != NULL &&
		    strchr(toc->data[i].file, '/') == NULL &&
		    check_data_file(c, root, toc->packing != PG_PACKING_LZ4,
		    &toc->data[i], j, err) == -1)
			return -1;
	judge_missing(toc, j);
	return 0;
}

static int
check_directory(const struct content *c, const char *root,
    struct judgement *j, struct err *err)
{
	struct pg_toc toc = PG_TOC_EMPTY;
	struct source *file = NULL;
	struct buf path = BUF_EMPTY;
	struct tree_reader in;
	int ret;

	(void)content_path(&path, root, toc_name);
	ret = tree_open_path(c->tree, buf_text(&path), &file, err);
	if (ret == 0)
		ret = pg_toc_read(&toc, tree_reader_init(&in, file, 0), err);
	tree_close_file(c->tree, file);
	if (ret == -1)
		ret = judge_failure(j, buf_text(&path), err);
	else {
		say_dump(&toc, j);
		ret = check_files(c, root, &toc, j, err);
	}
	buf_release(&path);
	pg_toc_release(&toc);
	return ret;
}

static bool
recognise_directory(const struct entry *entry, size_t *root_len)
{
	const char *path = buf_text(&entry->path);
	size_t len = entry->path.len, name = sizeof toc_name - 1;

	if (entry->type != ENTRY_FILE || len < name ||
	    strcmp(path + len - name, toc_name) != 0 ||
	    (len > name && path[len - name - 1] != '/'))
		return false;
	*root_len = len > name ? len - name - 1 : 0;
	return true;
}

const struct set_checker check_pgdump_directory = {
	"pg_dump directory", false, recognise_directory, check_directory
};
