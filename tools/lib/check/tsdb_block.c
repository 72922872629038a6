/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks of Prometheus; see tsdb_block.h. */
#include "check/tsdb_block.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "check/scan.h"

#define CHUNKS_MAGIC 0x85bd40ddU
#define INDEX_MAGIC 0xbaaad700U
#define TOMBSTONES_MAGIC 0x0130ba30U
#define CHUNKS_HEAD 8		/* magic, version, three of padding */
#define INDEX_HEAD 5		/* magic, version */
#define TOC_LEN 52		/* six offsets and their checksum */
#define SERIES_ALIGN 16
#define LIST_ALIGN 4
#define SUM_LEN 4

void
tsdb_fault(struct tsdb_faults *faults, uint64_t at, const char *what)
{
	if (faults->count++ > 0)
		return;
	faults->at = at;
	faults->what = what;
}

static void
refuse(struct tsdb_faults *faults, uint64_t at, const char *what)
{
	tsdb_fault(faults, at, what);
	faults->refuses = true;
}

/*
 * A length that a file claims for what follows at s, with its checksum.
 * false: it does not fit.
 */
static bool
fits(const struct scan *s, uint64_t len)
{
	return len <= scan_left(s) && scan_left(s) - len >= SUM_LEN;
}

/* Pass len bytes and the checksum behind them. */
static int
pass_summed(struct scan *s, uint64_t len, bool *is_good, struct err *err)
{
	const uint8_t *p;
	uint32_t sum;

	if (scan_skip(s, len, err) == -1)
		return -1;
	sum = (uint32_t)scan_sum(s);
	scan_sum_begin(s, SCAN_SUM_NONE);
	p = scan_next(s, SUM_LEN, err);
	if (p == NULL)
		return -1;
	*is_good = get_be32(p) == sum;
	return 0;
}

/*
 * A uvarint that may be cut or malformed.  1: there it is; 0: not.
 */
static int
try_uvarint(struct scan *s, uint64_t *value, struct err *err)
{
	if (scan_uvarint(s, value, err) == 0)
		return 1;
	if (err->class != ERR_DAMAGED)
		return -1;
	err_clear(err);
	return 0;
}

/* ------------------------------------------------------------------ chunks */

/* Length, encoding, data, checksum over the last two.  0: cannot go on. */
static int
read_chunk(struct scan *s, struct tsdb_chunks *c, struct err *err)
{
	uint64_t at = s->at, len;
	const uint8_t *p;
	bool is_good;
	int ret = try_uvarint(s, &len, err);

	if (ret == -1)
		return -1;
	if (ret == 0 || len < 2 || len == UINT64_MAX || !fits(s, len + 1)) {
		tsdb_fault(&c->faults, at, "a chunk that does not fit, and "
		    "what follows was not checked");
		return 0;
	}
	scan_sum_begin(s, SCAN_SUM_CRC_32C);
	p = scan_peek(s, 3, err);
	if (p == NULL)
		return -1;
	c->chunks++;
	c->samples += get_be16(p + 1);
	if (pass_summed(s, len + 1, &is_good, err) == -1)
		return -1;
	if (!is_good)
		tsdb_fault(&c->faults, at, "a chunk with a wrong checksum");
	return 1;
}

int
tsdb_chunks_read(struct source *file, struct tsdb_chunks *chunks,
    struct err *err)
{
	const uint8_t *p;
	struct scan s;
	int more = -1;

	memset(chunks, 0, sizeof *chunks);
	scan_init(&s, file, 0, file->size);
	if (file->size < CHUNKS_HEAD) {
		refuse(&chunks->faults, 0, "cut before its first chunk");
		more = 0;
		goto out;
	}
	p = scan_next(&s, CHUNKS_HEAD, err);
	if (p == NULL)
		goto out;
	more = 1;
	if (get_be32(p) != CHUNKS_MAGIC || p[4] != 1) {
		refuse(&chunks->faults, 0, "not the head of a chunk file");
		more = 0;
	}
	while (more == 1 && scan_left(&s) > 0)
		more = read_chunk(&s, chunks, err);
out:
	scan_release(&s);
	return more == -1 ? -1 : 0;
}

/* ------------------------------------------------------------------- index */

/* The offsets in the table of contents, in the order they have there. */
enum {
	TOC_SYMBOLS,
	TOC_SERIES,
	TOC_LABEL_LISTS,
	TOC_LABEL_TABLE,
	TOC_POSTINGS,
	TOC_POSTINGS_TABLE,
	TOC_COUNT
};

struct index {
	struct source *file;
	struct tsdb_index *i;
	uint64_t toc[TOC_COUNT];
	uint64_t end;		/* where the table of contents begins */
};

/* Where the section ends that begins at from: at the next one. */
static uint64_t
section_end(const struct index *x, uint64_t from)
{
	uint64_t end = x->end;
	int i;

	for (i = 0; i < TOC_COUNT; i++)
		if (x->toc[i] > from && x->toc[i] < end)
			end = x->toc[i];
	return end;
}

/* One with a length of four bytes: symbols, lists, tables.  0: not on. */
static int
read_framed(struct index *x, struct scan *s, const char *what, bool refuses,
    struct err *err)
{
	uint64_t at = s->at, len;
	const uint8_t *p;
	bool is_good = false;

	if (scan_left(s) >= 4) {
		p = scan_next(s, 4, err);
		if (p == NULL)
			return -1;
		len = get_be32(p);
		if (fits(s, len)) {
			scan_sum_begin(s, SCAN_SUM_CRC_32C);
			if (pass_summed(s, len, &is_good, err) == -1)
				return -1;
			if (!is_good)
				tsdb_fault(&x->i->faults, at, what);
			x->i->faults.refuses |= !is_good && refuses;
			return 1;
		}
	}
	tsdb_fault(&x->i->faults, at, what);
	x->i->faults.refuses |= refuses;
	return 0;
}

static int
read_table(struct index *x, int which, const char *what, bool refuses,
    struct err *err)
{
	struct scan s;
	int ret;

	if (x->toc[which] == 0)
		return 0;
	scan_init(&s, x->file, x->toc[which], x->end);
	ret = read_framed(x, &s, what, refuses, err);
	scan_release(&s);
	return ret == -1 ? -1 : 0;
}

/* Pass what should be zeros up to the next multiple of align. */
static int
pass_padding(struct index *x, struct scan *s, unsigned align, struct err *err)
{
	unsigned more = (unsigned)((align - s->at % align) % align);
	const uint8_t *p;

	if (more > scan_left(s))
		more = (unsigned)scan_left(s);
	for (; more > 0; more--) {
		p = scan_next(s, 1, err);
		if (p == NULL)
			return -1;
		if (*p != 0 && x->i->faults.odd++ == 0)
			x->i->faults.odd_at = s->at - 1;
	}
	return 0;
}

static int
read_lists(struct index *x, int which, const char *what, struct err *err)
{
	uint64_t from = x->toc[which];
	struct scan s;
	int more = 1;

	if (from == 0)
		return 0;
	scan_init(&s, x->file, from, section_end(x, from));
	while (more == 1) {
		if (pass_padding(x, &s, LIST_ALIGN, err) == -1)
			more = -1;
		else if (scan_left(&s) == 0)
			more = 0;
		else
			more = read_framed(x, &s, what, false, err);
	}
	scan_release(&s);
	return more;
}

/*
 * Chunks of a series: behind a count of labels and two numbers for each comes
 * the count.  Each uvarint is at least one byte, so that both are bounded.
 */
static uint64_t
count_chunks(const uint8_t *p, size_t len)
{
	struct memory_source m;
	uint64_t labels, chunks = 0, ignored;
	struct err err;
	struct scan s;

	scan_init(&s, memory_source_init(&m, p, len), 0, len);
	if (scan_uvarint(&s, &labels, &err) == 0 && labels <= len) {
		for (labels *= 2; labels > 0; labels--)
			if (scan_uvarint(&s, &ignored, &err) == -1)
				break;
		if (labels == 0 && scan_uvarint(&s, &chunks, &err) == -1)
			chunks = 0;
	}
	scan_release(&s);
	return chunks <= len ? chunks : 0;
}

static int
read_series_entry(struct index *x, struct scan *s, struct err *err)
{
	uint64_t at = s->at, len;
	const uint8_t *p;
	bool is_good;
	int ret = try_uvarint(s, &len, err);

	if (ret == -1)
		return -1;
	if (ret == 0 || len == 0 || len > SCAN_WINDOW / 2 || !fits(s, len)) {
		tsdb_fault(&x->i->faults, at,
		    "a series that does not fit, and the series behind it "
		    "were not checked");
		return 0;
	}
	scan_sum_begin(s, SCAN_SUM_CRC_32C);
	p = scan_peek(s, (size_t)len, err);
	if (p == NULL)
		return -1;
	x->i->series++;
	x->i->chunks += count_chunks(p, (size_t)len);
	if (pass_summed(s, len, &is_good, err) == -1)
		return -1;
	if (!is_good)
		tsdb_fault(&x->i->faults, at, "a series with a wrong checksum");
	return 1;
}

static int
read_series(struct index *x, struct err *err)
{
	uint64_t from = x->toc[TOC_SERIES];
	struct scan s;
	int more = 1;

	scan_init(&s, x->file, from, section_end(x, from));
	while (more == 1) {
		if (pass_padding(x, &s, SERIES_ALIGN, err) == -1)
			more = -1;
		else if (scan_left(&s) == 0)
			more = 0;
		else
			more = read_series_entry(x, &s, err);
	}
	scan_release(&s);
	return more;
}

/* The last 52 bytes.  0: there is none that could be used. */
static int
read_toc(struct index *x, struct err *err)
{
	uint8_t toc[TOC_LEN];
	struct memory_source m;
	struct scan s;
	bool is_good;
	int ret, i;

	x->end = x->file->size - TOC_LEN;
	if (x->file->read_at(x->file, x->end, toc, sizeof toc, err) == -1)
		return -1;
	scan_init(&s, memory_source_init(&m, toc, sizeof toc), 0, sizeof toc);
	scan_sum_begin(&s, SCAN_SUM_CRC_32C);
	ret = pass_summed(&s, TOC_LEN - SUM_LEN, &is_good, err);
	scan_release(&s);
	if (ret == -1)
		return -1;
	for (i = 0; i < TOC_COUNT; i++) {
		x->toc[i] = get_be64(toc + 8 * i);
		is_good = is_good && x->toc[i] <= x->end &&
		    (x->toc[i] == 0 || x->toc[i] >= INDEX_HEAD);
	}
	is_good = is_good && x->toc[TOC_SYMBOLS] != 0 &&
	    x->toc[TOC_SERIES] != 0;
	if (!is_good)
		refuse(&x->i->faults, x->end, "no table of contents with a "
		    "right checksum at its end: cut, or overwritten");
	return is_good;
}

static int
read_sections(struct index *x, struct err *err)
{
	if (read_table(x, TOC_SYMBOLS, "its symbols", true, err) == -1 ||
	    read_series(x, err) == -1 ||
	    read_lists(x, TOC_LABEL_LISTS, "a list of label values",
	    err) == -1 ||
	    read_lists(x, TOC_POSTINGS, "a list of series", err) == -1 ||
	    read_table(x, TOC_LABEL_TABLE, "its table of label values",
	    false, err) == -1 ||
	    read_table(x, TOC_POSTINGS_TABLE, "its table of series lists",
	    true, err) == -1)
		return -1;
	return 0;
}

int
tsdb_index_read(struct source *file, struct tsdb_index *index,
    struct err *err)
{
	struct index x = { .file = file, .i = index };
	uint8_t head[INDEX_HEAD];
	int ret;

	memset(index, 0, sizeof *index);
	if (file->size < INDEX_HEAD + TOC_LEN) {
		refuse(&index->faults, 0, "cut to almost nothing");
		return 0;
	}
	if (file->read_at(file, 0, head, sizeof head, err) == -1)
		return -1;
	index->version = head[4];
	if (get_be32(head) != INDEX_MAGIC || head[4] < 1 || head[4] > 3) {
		refuse(&index->faults, 0, "not the head of an index");
		return 0;
	}
	ret = read_toc(&x, err);
	return ret == 1 ? read_sections(&x, err) : ret;
}

/* -------------------------------------------------------------- tombstones */

int
tsdb_tombstones_read(struct source *file, struct tsdb_faults *faults,
    struct err *err)
{
	const uint8_t *p;
	bool is_good;
	struct scan s;
	int ret = -1;

	memset(faults, 0, sizeof *faults);
	if (file->size < INDEX_HEAD + SUM_LEN) {
		refuse(faults, 0, "cut to almost nothing");
		return 0;
	}
	scan_init(&s, file, 0, file->size);
	p = scan_next(&s, INDEX_HEAD, err);
	if (p == NULL)
		goto out;
	ret = 0;
	if (get_be32(p) != TOMBSTONES_MAGIC || p[4] != 1) {
		refuse(faults, 0, "not the head of a file of tombstones");
		goto out;
	}
	scan_sum_begin(&s, SCAN_SUM_CRC_32C);
	ret = pass_summed(&s, scan_left(&s) - SUM_LEN, &is_good, err);
	if (ret == 0 && !is_good)
		refuse(faults, INDEX_HEAD, "a wrong checksum");
out:
	scan_release(&s);
	return ret;
}
