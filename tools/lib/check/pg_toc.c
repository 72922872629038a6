/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of contents of pg_dump's archives; see pg_toc.h. */
#include "check/pg_toc.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"

#define MINOR_MIN 12
#define MINOR_MAX 16
#define MINOR_ALGORITHM 15	/* a byte says how data is packed */
#define MINOR_TABLEAM 14
#define MINOR_RELKIND 16
#define DATE_INTS 7
#define DEPENDENCIES_MAX 1000000

static const char magic[] = "PGDMP";

bool
pg_toc_matches(const uint8_t *head, size_t len)
{
	return len >= sizeof magic - 1 &&
	    memcmp(head, magic, sizeof magic - 1) == 0;
}

static int
exact(struct reader *in, void *data, size_t len, struct err *err)
{
	size_t got;

	if (reader_fill(in, data, len, &got, err) == -1)
		return -1;
	if (got != len)
		return err_set(err, ERR_DAMAGED, 0,
		    "the dump is cut off in its table of contents");
	return 0;
}

int
pg_toc_int(const struct pg_toc *toc, struct reader *in, int64_t *value,
    struct err *err)
{
	uint8_t bytes[9];
	uint64_t sum = 0;
	unsigned i;

	if (exact(in, bytes, 1 + toc->int_size, err) == -1)
		return -1;
	for (i = toc->int_size; i > 0; i--)
		sum = sum << 8 | bytes[i];
	if (sum > INT64_MAX || bytes[0] > 1)
		return err_set(err, ERR_DAMAGED, 0,
		    "the dump has a number that cannot be");
	*value = bytes[0] != 0 ? -(int64_t)sum : (int64_t)sum;
	return 0;
}

static int
skip_bytes(struct reader *in, uint64_t len, struct err *err)
{
	char piece[4096];

	while (len > 0) {
		size_t n = len < sizeof piece ? (size_t)len : sizeof piece;

		if (exact(in, piece, n, err) == -1)
			return -1;
		len -= n;
	}
	return 0;
}

/*
 * A string.  kept: the first bytes of it, escaped, or NULL to pass over it.
 * *is_null tells whether there is one at all.
 */
static int
text(const struct pg_toc *toc, struct reader *in, struct buf *kept,
    bool *is_null, struct err *err)
{
	char head[PG_TOC_NAME_MAX];
	int64_t len;
	size_t n = 0;

	if (pg_toc_int(toc, in, &len, err) == -1)
		return -1;
	*is_null = len < 0;
	if (kept != NULL)
		buf_cut(kept, 0);
	if (len <= 0)
		return 0;
	if ((uint64_t)len > PG_TOC_TEXT_MAX)
		return err_set(err, ERR_DAMAGED, 0, "the dump has a text of "
		    "%lld bytes", (long long)len);
	if (kept != NULL) {
		n = (uint64_t)len < sizeof head ? (size_t)len : sizeof head;
		if (exact(in, head, n, err) == -1)
			return -1;
		escape_text(kept, head, n);
	}
	return skip_bytes(in, (uint64_t)len - n, err);
}

static int
skip_texts(const struct pg_toc *toc, struct reader *in, unsigned count,
    struct err *err)
{
	bool ignored;

	for (; count > 0; count--)
		if (text(toc, in, NULL, &ignored, err) == -1)
			return -1;
	return 0;
}

/* ------------------------------------------------------------------- head */

static int
read_packing(struct pg_toc *toc, struct reader *in, struct err *err)
{
	uint8_t algorithm;
	int64_t level;

	if (toc->minor < MINOR_ALGORITHM) {
		if (pg_toc_int(toc, in, &level, err) == -1)
			return -1;
		toc->packing = level == 0 ? PG_PACKING_NONE :
		    PG_PACKING_GZIP;
		return 0;
	}
	if (exact(in, &algorithm, 1, err) == -1)
		return -1;
	if (algorithm > PG_PACKING_ZSTD)
		return err_set(err, ERR_LIMIT, 0, "the dump is packed in a "
		    "way (%u) that is not known", algorithm);
	toc->packing = (enum pg_packing)algorithm;
	return 0;
}

static int
read_head(struct pg_toc *toc, struct reader *in, struct err *err)
{
	uint8_t head[PG_TOC_HEAD_LEN];
	int64_t ignored;
	unsigned i;

	if (exact(in, head, sizeof head, err) == -1)
		return -1;
	if (!pg_toc_matches(head, sizeof head))
		return err_set(err, ERR_DAMAGED, 0, "is no pg_dump archive");
	toc->minor = head[6];
	toc->int_size = head[8];
	toc->offset_size = head[9];
	toc->format = (enum pg_format)head[10];
	if (head[5] != 1 || head[6] < MINOR_MIN || head[6] > MINOR_MAX)
		return err_set(err, ERR_LIMIT, 0, "pg_dump archive version "
		    "%u.%u is not known here", head[5], head[6]);
	if (toc->int_size < 1 || toc->int_size > 8 || toc->offset_size < 1 ||
	    toc->offset_size > 16)
		return err_set(err, ERR_DAMAGED, 0,
		    "the dump's head makes no sense");
	if (read_packing(toc, in, err) == -1)
		return -1;
	for (i = 0; i < DATE_INTS; i++)
		if (pg_toc_int(toc, in, &ignored, err) == -1)
			return -1;
	return 0;
}

static int
keep_text(const struct pg_toc *toc, struct reader *in, char **kept,
    struct err *err)
{
	struct buf name = BUF_EMPTY;
	bool is_null;
	int ret = text(toc, in, &name, &is_null, err);

	if (ret == 0)
		*kept = mem_text(buf_text(&name));
	buf_release(&name);
	return ret;
}

/* ---------------------------------------------------------------- entries */

struct raw_entry {
	int64_t id;
	int64_t had_dumper;
	struct buf tag;
	struct buf namespace;
	struct buf file;
	bool is_copy;
	bool has_data;
};

static int
skip_dependencies(const struct pg_toc *toc, struct reader *in,
    struct err *err)
{
	bool is_null = false;
	unsigned count = 0;

	while (!is_null) {
		if (++count > DEPENDENCIES_MAX)
			return err_set(err, ERR_DAMAGED, 0,
			    "the dump has an endless list");
		if (text(toc, in, NULL, &is_null, err) == -1)
			return -1;
	}
	return 0;
}

/* What the format adds: where the data is. */
static int
read_place(const struct pg_toc *toc, struct reader *in, struct raw_entry *e,
    struct err *err)
{
	uint8_t state;
	bool is_null;

	if (toc->format != PG_FORMAT_CUSTOM) {
		if (text(toc, in, &e->file, &is_null, err) == -1)
			return -1;
		e->has_data = !is_null && e->file.len > 0;
		return 0;
	}
	if (exact(in, &state, 1, err) == -1 ||
	    skip_bytes(in, toc->offset_size, err) == -1)
		return -1;
	e->has_data = state != 3;	/* 1: not known, 2: known, 3: none */
	return 0;
}

static int
read_entry(const struct pg_toc *toc, struct reader *in, struct raw_entry *e,
    struct err *err)
{
	unsigned after = 1 + (toc->minor >= MINOR_TABLEAM ? 1U : 0U);
	int64_t ignored;
	bool is_null;

	/* id, dumper | tableoid, oid | tag | desc | section | defn, drop | */
	if (pg_toc_int(toc, in, &e->id, err) == -1 ||
	    pg_toc_int(toc, in, &e->had_dumper, err) == -1 ||
	    skip_texts(toc, in, 2, err) == -1 ||
	    text(toc, in, &e->tag, &is_null, err) == -1 ||
	    skip_texts(toc, in, 1, err) == -1 ||
	    pg_toc_int(toc, in, &ignored, err) == -1 ||
	    skip_texts(toc, in, 2, err) == -1)
		return -1;
	/* | copy | namespace | tablespace, access method | relation kind | */
	if (text(toc, in, NULL, &is_null, err) == -1)
		return -1;
	e->is_copy = !is_null;
	if (text(toc, in, &e->namespace, &is_null, err) == -1 ||
	    skip_texts(toc, in, after, err) == -1 ||
	    (toc->minor >= MINOR_RELKIND &&
	    pg_toc_int(toc, in, &ignored, err) == -1))
		return -1;
	/* | owner, with oids | dependencies | place */
	if (skip_texts(toc, in, 2, err) == -1 ||
	    skip_dependencies(toc, in, err) == -1)
		return -1;
	return read_place(toc, in, e, err);
}

static int
add_data(struct pg_toc *toc, const struct raw_entry *e, struct err *err)
{
	struct pg_data *d;

	if (toc->data_count == PG_TOC_DATA_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "more than %d tables with data", PG_TOC_DATA_MAX);
	/* In steps of 256. */
	if (toc->data_count % 256 == 0)
		toc->data = mem_resize(toc->data, toc->data_count + 256,
		    sizeof *toc->data);
	d = &toc->data[toc->data_count++];
	memset(d, 0, sizeof *d);
	d->id = e->id;
	d->is_copy = e->is_copy;
	d->has_data = e->has_data;
	d->name = mem_format("%s%s%s", buf_text(&e->namespace),
	    e->namespace.len > 0 ? "." : "", buf_text(&e->tag));
	d->file = e->file.len > 0 ? mem_text(buf_text(&e->file)) : NULL;
	return 0;
}

static int
by_id(const void *a, const void *b)
{
	const struct pg_data *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int
read_entries(struct pg_toc *toc, struct reader *in, struct err *err)
{
	struct raw_entry e = { .tag = BUF_EMPTY, .namespace = BUF_EMPTY,
	    .file = BUF_EMPTY };
	uint64_t i;
	int ret = 0;

	for (i = 0; i < toc->entries && ret == 0; i++) {
		ret = read_entry(toc, in, &e, err);
		if (ret == 0 && e.had_dumper != 0)
			ret = add_data(toc, &e, err);
	}
	buf_release(&e.tag);
	buf_release(&e.namespace);
	buf_release(&e.file);
	if (ret == 0 && toc->data_count > 0)
		qsort(toc->data, toc->data_count, sizeof *toc->data, by_id);
	return ret;
}

int
pg_toc_read(struct pg_toc *toc, struct reader *in, struct err *err)
{
	int64_t entries;
	char *by = NULL;
	int ret;

	memset(toc, 0, sizeof *toc);
	if (read_head(toc, in, err) == -1 ||
	    keep_text(toc, in, &toc->database, err) == -1 ||
	    keep_text(toc, in, &toc->server, err) == -1)
		return -1;
	ret = keep_text(toc, in, &by, err);
	free(by);
	if (ret == -1 || pg_toc_int(toc, in, &entries, err) == -1)
		return -1;
	if (entries < 0 || entries > PG_TOC_ENTRIES_MAX)
		return err_set(err, ERR_DAMAGED, 0, "the dump claims %lld "
		    "entries", (long long)entries);
	toc->entries = (uint64_t)entries;
	return read_entries(toc, in, err);
}

struct pg_data *
pg_toc_find(const struct pg_toc *toc, int64_t id)
{
	const struct pg_data key = { .id = id };

	if (toc->data_count == 0)
		return NULL;
	return bsearch(&key, toc->data, toc->data_count, sizeof key, by_id);
}

void
pg_toc_release(struct pg_toc *toc)
{
	size_t i;

	for (i = 0; i < toc->data_count; i++) {
		free(toc->data[i].name);
		free(toc->data[i].file);
	}
	free(toc->data);
	free(toc->database);
	free(toc->server);
	memset(toc, 0, sizeof *toc);
}
