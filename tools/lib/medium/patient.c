/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading past bad sectors; see patient.h. */
#include "medium/patient.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/io.h"

#define BOUNCE ((size_t)1 << 20)

/* A failing read costs seconds, a good one nothing: few steps down. */
static const size_t pieces[] = { (size_t)64 << 10, 4096, PATIENT_SECTOR };
#define PIECES (sizeof pieces / sizeof pieces[0])

/* Make one range of those at i and i + 1. */
static void
join(struct bad_list *list, size_t i)
{
	struct bad_range *a = &list->items[i], *b = a + 1;

	if (b->to > a->to)
		a->to = b->to;
	memmove(b, b + 1, (list->count - i - 2) * sizeof *b);
	list->count--;
}

static void
sum_up(struct bad_list *list)
{
	size_t i;

	list->bytes = 0;
	for (i = 0; i < list->count; i++)
		list->bytes += list->items[i].to - list->items[i].from;
}

void
bad_list_add(struct bad_list *list, uint64_t from, uint64_t to)
{
	size_t i = list->count;

	if (from >= to)
		return;
	while (i > 0 && list->items[i - 1].from > from)
		i--;
	list->items = mem_resize(list->items, list->count + 1,
	    sizeof *list->items);
	memmove(&list->items[i + 1], &list->items[i],
	    (list->count - i) * sizeof *list->items);
	list->items[i].from = from;
	list->items[i].to = to;
	list->count++;
	while (i + 1 < list->count &&
	    list->items[i + 1].from <= list->items[i].to)
		join(list, i);
	if (i > 0 && list->items[i - 1].to >= list->items[i].from)
		join(list, i - 1);
	if (list->count > PATIENT_RANGES_MAX)
		join(list, list->count - 2);
	sum_up(list);
}

/* The first range that ends behind a place; count when there is none. */
static size_t
first_behind(const struct bad_list *list, uint64_t at)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->items[middle].to <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
bad_list_hits(const struct bad_list *list, uint64_t from, uint64_t to)
{
	size_t i = first_behind(list, from);

	return i < list->count && list->items[i].from < to;
}

void
bad_list_release(struct bad_list *list)
{
	free(list->items);
	memset(list, 0, sizeof *list);
}

const char *
bad_list_text(const struct bad_list *list, char text[BAD_LIST_TEXT])
{
	unsigned long long bytes = list->bytes, from = 0;

	if (list->count > 0)
		from = list->items[0].from;
	if (list->count == 1)
		(void)snprintf(text, BAD_LIST_TEXT,
		    "%llu bytes from byte %llu", bytes, from);
	else
		(void)snprintf(text, BAD_LIST_TEXT,
		    "%llu bytes in %zu places from byte %llu", bytes,
		    list->count, from);
	return text;
}

void
patient_init(struct patient *p, patient_pread *pread, void *ctx,
    uint64_t size, size_t sector, const struct watch *watch)
{
	memset(p, 0, sizeof *p);
	p->pread = pread;
	p->ctx = ctx;
	p->size = size;
	p->sector = sector;
	p->watch = watch;
}

void
patient_release(struct patient *p)
{
	bad_list_release(&p->bad);
	free(p->bounce);
	p->bounce = NULL;
}

static int
is_gone(struct patient *p, int sys, struct err *err)
{
	p->is_gone = true;
	return err_set(err, ERR_IO, sys,
	    "nothing can be read any more: the medium is gone");
}

/*
 * Read once.  1: all of it, 0: not; -1: no use going on.  At the file's end
 * fewer bytes are all of it.
 */
static int
try_once(struct patient *p, uint64_t at, uint8_t *data, size_t len,
    struct err *err)
{
	uint64_t begun = io_ticks_ms();
	size_t want = p->size - at < len ? (size_t)(p->size - at) : len;
	ssize_t n;

	do {
		n = p->pread(p->ctx, data, len, at);
	} while (n == -1 && errno == EINTR);
	if (n >= 0 && (size_t)n >= want) {
		p->row = 0;
		p->has_good = true;
		p->good_at = at;
		return 1;
	}
	/* Cut off in the middle is what some drivers do at a bad sector. */
	p->sys = n == -1 ? errno : EIO;
	if (p->sys == EINVAL && p->sector < PATIENT_ALIGN) {
		p->sector = PATIENT_ALIGN;	/* no such small reads here */
		return 0;
	}
	p->failures++;
	p->error_ms += io_ticks_ms() - begun;
	if (p->sys == ENODEV || p->sys == ENXIO || p->sys == ENOMEDIUM)
		return is_gone(p, p->sys, err);
	return watch_check(p->watch, err);
}

/* After many bad sectors in a row: does what could be read still read? */
static int
ask_further(struct patient *p, struct err *err)
{
	uint64_t at = p->good_at / PATIENT_ALIGN * PATIENT_ALIGN;
	void *probe;
	int r;

	p->row = 0;
	if (!p->has_good) {
		p->gave_up = true;
		return 0;
	}
	if (posix_memalign(&probe, PATIENT_ALIGN, PATIENT_ALIGN) != 0)
		return err_set(err, ERR_IO, ENOMEM, "no memory to read into");
	r = try_once(p, at, probe, PATIENT_ALIGN, err);
	free(probe);
	return r == 0 ? is_gone(p, p->sys, err) : r == -1 ? -1 : 0;
}

static int
note_bad(struct patient *p, uint64_t at, uint8_t *data, size_t len,
    struct err *err)
{
	uint64_t to = p->size - at < len ? p->size : at + len;

	memset(data, 0, len);
	bad_list_add(&p->bad, at, to);
	if (++p->row >= PATIENT_ROW_MAX && ask_further(p, err) == -1)
		return -1;
	if (p->error_ms >= PATIENT_ERROR_MS)
		p->gave_up = true;
	if (p->gave_up)
		bad_list_add(&p->bad, at, p->size);
	return 0;
}

/*
 * The smallest piece: a few tries, then it is bad.  Nothing is said of one
 * that turns out to be too small to be read at all.
 */
static int
read_sector(struct patient *p, uint64_t at, uint8_t *data, size_t len,
    struct err *err)
{
	unsigned i;

	for (i = 0; i < PATIENT_TRIES; i++) {
		int r = try_once(p, at, data, len, err);

		if (r != 0)
			return r == 1 ? 0 : -1;
		if (len < p->sector)
			return 0;
	}
	return note_bad(p, at, data, len, err);
}

static bool
is_known_bad(const struct patient *p, uint64_t at, size_t len)
{
	size_t i = first_behind(&p->bad, at);

	return i < p->bad.count && p->bad.items[i].from <= at &&
	    p->bad.items[i].to >= (p->size - at < len ? p->size : at + len);
}

static size_t
piece_at(const struct patient *p, size_t step)
{
	return pieces[step] < p->sector ? p->sector : pieces[step];
}

/* In pieces of this step, and each that fails in those of the next. */
static int
read_pieces(struct patient *p, size_t step, uint64_t at, uint8_t *data,
    size_t len, struct err *err)
{
	while (len > 0 && at < p->size) {
		size_t piece = piece_at(p, step);
		int r;

		if (piece > len)
			piece = len;
		if (is_known_bad(p, at, piece)) {
			memset(data, 0, piece);
		} else if (piece <= p->sector) {
			if (read_sector(p, at, data, piece, err) == -1)
				return -1;
			if (piece < p->sector)
				continue;	/* again, as a larger one */
		} else {
			r = try_once(p, at, data, piece, err);
			if (r == 0)
				r = read_pieces(p, step + 1, at, data, piece,
				    err);
			if (r == -1)
				return -1;
		}
		at += piece;
		data += piece;
		len -= piece;
	}
	return 0;
}

int
patient_fill(struct patient *p, uint64_t offset, void *data, size_t len,
    size_t *got, struct err *err)
{
	int r = 0;

	*got = 0;
	if (offset >= p->size)
		return 0;
	if (!bad_list_hits(&p->bad, offset, offset + len))
		r = try_once(p, offset, data, len, err);
	if (r == -1 ||
	    (r == 0 && read_pieces(p, 0, offset, data, len, err) == -1))
		return -1;
	*got = p->size - offset < len ? (size_t)(p->size - offset) : len;
	return 0;
}

static int
need_bounce(struct patient *p, struct err *err)
{
	void *memory;

	if (p->bounce != NULL)
		return 0;
	if (posix_memalign(&memory, PATIENT_ALIGN, BOUNCE) != 0)
		return err_set(err, ERR_IO, ENOMEM, "no memory to read into");
	p->bounce = memory;
	return 0;
}

int
patient_read(struct patient *p, uint64_t offset, void *data, size_t len,
    struct err *err)
{
	if (offset > p->size || len > p->size - offset)
		return err_set(err, ERR_DAMAGED, 0,
		    "ends at byte %llu", (unsigned long long)p->size);
	if (need_bounce(p, err) == -1)
		return -1;
	while (len > 0) {
		size_t skip = (size_t)(offset % PATIENT_ALIGN), got, piece;
		size_t ask = skip + len;

		ask = (ask + PATIENT_ALIGN - 1) / PATIENT_ALIGN * PATIENT_ALIGN;
		if (ask > BOUNCE)
			ask = BOUNCE;
		if (patient_fill(p, offset - skip, p->bounce, ask, &got,
		    err) == -1)
			return -1;
		piece = got - skip < len ? got - skip : len;
		if (bad_list_hits(&p->bad, offset, offset + piece))
			return err_set(err, ERR_DAMAGED, p->sys,
			    "cannot read at byte %llu",
			    (unsigned long long)offset);
		memcpy(data, p->bounce + skip, piece);
		data = (uint8_t *)data + piece;
		offset += piece;
		len -= piece;
	}
	return 0;
}
