/* SPDX-License-Identifier: BSD-2-Clause */
/* One whole file from damaged copies; see weave.h. */
#include "weave.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "codec/frame_probe.h"
#include "codec/seek_table.h"

#define STEP ((size_t)256 << 10)	/* compared and hashed at once */

void
weave_init(struct weave *w, struct patient *const *copies, size_t count,
    uint64_t size, const uint8_t sha256[SHA256_LEN], bool is_archive,
    const struct watch *watch)
{
	memset(w, 0, sizeof *w);
	w->copies = copies;
	w->copy_count = count;
	w->size = size;
	memcpy(w->sha256, sha256, SHA256_LEN);
	w->is_archive = is_archive;
	w->watch = watch;
}

void
weave_release(struct weave *w)
{
	free(w->runs);
	free(w->block);
	w->runs = NULL;
	w->block = NULL;
	w->count = 0;
}

static void *
aligned(size_t len, struct err *err)
{
	void *memory;

	if (posix_memalign(&memory, PATIENT_ALIGN, len) == 0)
		return memory;
	(void)err_set(err, ERR_IO, ENOMEM, "no memory to read into");
	return NULL;
}

/* Length of the file's piece at a place, at most cap. */
static size_t
piece_at(const struct weave *w, uint64_t at, size_t cap)
{
	return w->size - at < cap ? (size_t)(w->size - at) : cap;
}

/* ------------------------------------------------------------ comparing */

/* Which copies agree in one block: same[] as in a run. */
static void
classify(const struct weave *w, uint8_t *const blocks[], const size_t got[],
    uint64_t at, size_t within, uint8_t same[WEAVE_COPIES_MAX])
{
	size_t len = piece_at(w, at + within, WEAVE_BLOCK);
	size_t i, k;

	memset(same, WEAVE_NONE, WEAVE_COPIES_MAX);
	for (i = 0; i < w->copy_count; i++) {
		if (got[i] < within + len || bad_list_hits(
		    &w->copies[i]->bad, at + within, at + within + len))
			continue;
		same[i] = (uint8_t)i;
		for (k = 0; k < i && same[i] == i; k++)
			if (same[k] == k && memcmp(blocks[i] + within,
			    blocks[k] + within, len) == 0)
				same[i] = (uint8_t)k;
	}
}

static bool
is_agreed(const struct weave *w, const uint8_t same[WEAVE_COPIES_MAX])
{
	size_t i;

	for (i = 0; i < w->copy_count; i++)
		if (same[i] != 0)
			return false;
	return true;
}

/* The one version there is; WEAVE_NONE when there are more, or none. */
static uint8_t
only_version(const struct weave *w, const uint8_t same[WEAVE_COPIES_MAX])
{
	uint8_t only = WEAVE_NONE;
	size_t i;

	for (i = 0; i < w->copy_count; i++) {
		if (same[i] == WEAVE_NONE || same[i] == only)
			continue;
		if (only != WEAVE_NONE)
			return WEAVE_NONE;
		only = same[i];
	}
	return only;
}

static int
insert_run(struct weave *w, size_t at, const struct weave_run *run,
    struct err *err)
{
	if (w->count >= WEAVE_RUNS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "the copies differ in more than %d places",
		    WEAVE_RUNS_MAX);
	/* Grown by doubling: there may be many. */
	if ((w->count & (w->count - 1)) == 0)
		w->runs = mem_resize(w->runs, w->count == 0 ? 1 :
		    2 * w->count, sizeof *w->runs);
	memmove(&w->runs[at + 1], &w->runs[at],
	    (w->count - at) * sizeof *w->runs);
	w->runs[at] = *run;
	w->count++;
	return 0;
}

static int
add_block(struct weave *w, uint64_t at, const uint8_t same[WEAVE_COPIES_MAX],
    struct err *err)
{
	struct weave_run *last = w->count == 0 ? NULL :
	    &w->runs[w->count - 1];
	struct weave_run run = { .from = at,
	    .to = at + piece_at(w, at, WEAVE_BLOCK),
	    .chosen = only_version(w, same) };
	size_t i;

	for (i = 0; i < w->copy_count && same[i] == WEAVE_NONE; i++)
		continue;
	if (i == w->copy_count)
		return err_set(err, ERR_DAMAGED, 0, "no copy can be read at "
		    "byte %llu", (unsigned long long)at);
	if (last != NULL && last->to == at &&
	    memcmp(last->same, same, sizeof last->same) == 0) {
		last->to = run.to;
		return 0;
	}
	memcpy(run.same, same, sizeof run.same);
	return insert_run(w, w->count, &run, err);
}

static int
compare_step(struct weave *w, uint64_t at, uint8_t *const blocks[],
    struct err *err)
{
	uint8_t same[WEAVE_COPIES_MAX];
	size_t got[WEAVE_COPIES_MAX];
	size_t len = piece_at(w, at, STEP), within, i;

	for (i = 0; i < w->copy_count; i++)
		if (patient_fill(w->copies[i], at, blocks[i], STEP, &got[i],
		    err) == -1)
			return -1;
	for (within = 0; within < len; within += WEAVE_BLOCK) {
		classify(w, blocks, got, at, within, same);
		if (!is_agreed(w, same) &&
		    add_block(w, at + within, same, err) == -1)
			return -1;
	}
	return watch_step(w->watch, len, 0, err);
}

static int
compare(struct weave *w, struct err *err)
{
	uint8_t *blocks[WEAVE_COPIES_MAX];
	uint8_t *memory = aligned(w->copy_count * STEP, err);
	uint64_t at;
	int ret = 0;
	size_t i;

	if (memory == NULL)
		return -1;
	for (i = 0; i < w->copy_count; i++)
		blocks[i] = memory + i * STEP;
	for (at = 0; at < w->size && ret == 0; at += STEP)
		ret = compare_step(w, at, blocks, err);
	free(memory);
	return ret;
}

/* ------------------------------------------------------------ reading */

/* The first run that ends behind a place. */
static size_t
run_behind(const struct weave *w, uint64_t at)
{
	size_t low = 0, high = w->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (w->runs[middle].to <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first copy that has the run at all. */
static uint8_t
first_version(const struct weave *w, const struct weave_run *run)
{
	uint8_t i = 0;

	while (i + 1U < w->copy_count && run->same[i] == WEAVE_NONE)
		i++;
	return i;
}

static size_t
copy_of(const struct weave *w, const struct weave_run *run)
{
	return run->chosen != WEAVE_NONE ? run->chosen :
	    first_version(w, run);
}

int
weave_read(struct weave *w, uint64_t offset, void *data, size_t len,
    size_t *got, struct err *err)
{
	uint8_t *out = data;
	uint64_t at = offset, end;
	size_t i;

	*got = 0;
	if (offset >= w->size)
		return 0;
	end = offset + piece_at(w, offset, len);
	for (i = run_behind(w, at); at < end; ) {
		const struct weave_run *run = i < w->count ? &w->runs[i] :
		    NULL;
		uint64_t to = end;
		size_t copy = 0;

		if (run != NULL && run->from <= at) {
			copy = copy_of(w, run);
			to = run->to < end ? run->to : end;
			i++;
		} else if (run != NULL && run->from < end) {
			to = run->from;
		}
		if (patient_read(w->copies[copy], at, out + (at - offset),
		    (size_t)(to - at), err) == -1)
			return -1;
		at = to;
	}
	*got = (size_t)(end - offset);
	return 0;
}

/* ------------------------------------------------------------ trying */

static bool
is_open(const struct weave_run *run)
{
	return run->chosen == WEAVE_NONE;
}

/* Hash on from a place to another. */
static int
hash_range(struct weave *w, struct sha256 *sha, uint64_t from, uint64_t to,
    struct err *err)
{
	size_t got;

	while (from < to) {
		size_t len = to - from < STEP ? (size_t)(to - from) : STEP;

		if (weave_read(w, from, w->block, STEP, &got, err) == -1)
			return -1;
		if (got < len)
			len = got;
		sha256_update(sha, w->block, len);
		from += len;
		w->hashed += len;
		if (watch_step(w->watch, 0, 0, err) == -1)
			return -1;
	}
	return 0;
}

/* 1: the whole has the right digest as it is chosen now. */
static int
try_from(struct weave *w, const struct sha256 *before, uint64_t from,
    struct err *err)
{
	struct sha256 sha = *before;
	uint8_t digest[SHA256_LEN];

	if (++w->tries > WEAVE_TRIES_MAX || w->hashed > WEAVE_HASHED_MAX)
		return err_set(err, ERR_LIMIT, 0, "the copies differ in too "
		    "many places to find out which is right");
	if (hash_range(w, &sha, from, w->size, err) == -1)
		return -1;
	sha256_out(&sha, digest);
	return memcmp(digest, w->sha256, SHA256_LEN) == 0;
}

/* All from one copy, where it has them. */
static void
choose_copy(const struct weave *w, struct weave_run *const open[],
    size_t count, size_t copy)
{
	size_t i;

	for (i = 0; i < count; i++)
		open[i]->chosen = open[i]->same[copy] != WEAVE_NONE ?
		    open[i]->same[copy] : first_version(w, open[i]);
}

static void
choose_none(struct weave_run *const open[], size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		open[i]->chosen = WEAVE_NONE;
}

static void
choose_first(const struct weave *w, struct weave_run *const open[],
    size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		open[i]->chosen = first_version(w, open[i]);
}

/*
 * The next way to choose, in the order of an odometer over the versions of
 * each run; false after the last.
 */
static bool
choose_next(const struct weave *w, struct weave_run *const open[],
    size_t count)
{
	size_t i;
	uint8_t k;

	for (i = 0; i < count; i++) {
		struct weave_run *run = open[i];

		for (k = (uint8_t)(run->chosen + 1); k < w->copy_count; k++)
			if (run->same[k] == k)
				break;
		if (k < w->copy_count) {
			run->chosen = k;
			return true;
		}
		run->chosen = first_version(w, run);
	}
	return false;
}

/* Pointers to the open runs in [from, to), at most max of them. */
static size_t
open_runs(struct weave *w, uint64_t from, uint64_t to,
    struct weave_run *open[], size_t max)
{
	size_t i, count = 0;

	for (i = run_behind(w, from); i < w->count && w->runs[i].from < to;
	    i++)
		if (is_open(&w->runs[i]) && count < max)
			open[count++] = &w->runs[i];
	return count;
}

/* All runs of one copy; then every mixture. */
static int
try_all(struct weave *w, struct weave_run *const open[], size_t count,
    struct err *err)
{
	uint64_t from = count == 0 ? 0 : open[0]->from;
	struct sha256 before;
	int r = 0;
	size_t i;

	sha256_init(&before);
	if (hash_range(w, &before, 0, from, err) == -1)
		return -1;
	if (count == 0)
		return try_from(w, &before, from, err);
	for (i = w->copy_count; i > 0 && r == 0; i--) {
		choose_copy(w, open, count, i - 1);
		r = try_from(w, &before, from, err);
	}
	if (r == 0 && count > 1) {
		choose_first(w, open, count);
		do
			r = try_from(w, &before, from, err);
		while (r == 0 && choose_next(w, open, count));
	}
	if (r == 0)
		choose_none(open, count);
	return r;
}

/* ------------------------------------------------------------ frames */

struct window {
	struct frame_probe *probe;
	uint8_t *data;		/* WINDOW bytes of the whole */
	uint64_t at;		/* a frame starts here ... */
	uint64_t base;		/* ... and data here, aligned */
	size_t len;
};

#define WINDOW ((SEEK_PACKED_MAX / PATIENT_ALIGN + 2) * PATIENT_ALIGN)

/* Put what is chosen for a run into the window. */
static int
refresh(struct weave *w, struct window *v, const struct weave_run *run,
    struct err *err)
{
	uint64_t from = run->from < v->base ? v->base : run->from;
	uint64_t to = run->to < v->base + v->len ? run->to :
	    v->base + v->len;

	return from >= to ? 0 : patient_read(w->copies[copy_of(w, run)],
	    from, v->data + (from - v->base), (size_t)(to - from), err);
}

/* 1 when the frame at v->at is whole as chosen; *len is set. */
static int
probe(struct weave *w, struct window *v, struct weave_run *const open[],
    size_t count, size_t *len, struct err *err)
{
	size_t skip = (size_t)(v->at - v->base), i;

	for (i = 0; i < count; i++)
		if (refresh(w, v, open[i], err) == -1)
			return -1;
	if (count == 0) {
		*len = frame_probe_measure(v->data + skip, v->len - skip);
		return *len > 0;
	}
	if (++w->tries > WEAVE_TRIES_MAX)
		return err_set(err, ERR_LIMIT, 0, "the copies differ in too "
		    "many places to find out which is right");
	*len = frame_probe_check(v->probe, v->data + skip, v->len - skip);
	return *len > 0;
}

/* Find how the frame at v->at is whole: all runs of one copy, or a mixture. */
static int
solve_frame(struct weave *w, struct window *v, struct weave_run *open[],
    size_t count, size_t *len, struct err *err)
{
	int r = 0;
	size_t i;

	if (count == 0)
		return probe(w, v, open, count, len, err);
	for (i = w->copy_count; i > 0 && r == 0; i--) {
		choose_copy(w, open, count, i - 1);
		r = probe(w, v, open, count, len, err);
	}
	if (r == 0 && count > 1) {
		choose_first(w, open, count);
		do
			r = probe(w, v, open, count, len, err);
		while (r == 0 && choose_next(w, open, count));
	}
	if (r == 0)
		choose_none(open, count);
	return r;
}

/*
 * What the frame decided stays; runs that reach behind its end are cut there,
 * and open again from there on.  The first "count" runs of more than one
 * version that lie behind "from" are those that were open.
 */
static int
keep_until(struct weave *w, uint64_t from, uint64_t to, size_t count,
    struct err *err)
{
	size_t i;

	for (i = run_behind(w, from); i < w->count && count > 0; i++) {
		struct weave_run *run = &w->runs[i], rest = *run;

		if (only_version(w, run->same) != WEAVE_NONE)
			continue;
		count--;
		if (run->from >= to) {
			run->chosen = WEAVE_NONE;
			continue;
		}
		if (run->to <= to)
			continue;
		run->to = to;
		rest.from = to;
		rest.chosen = WEAVE_NONE;
		if (insert_run(w, ++i, &rest, err) == -1)
			return -1;
	}
	return 0;
}

static int
load_window(struct weave *w, struct window *v, struct err *err)
{
	v->base = v->at / PATIENT_ALIGN * PATIENT_ALIGN;
	return weave_read(w, v->base, v->data, WINDOW, &v->len, err);
}

/* Let the frames decide, one after the other, as far as they go. */
static int
walk_frames(struct weave *w, struct window *v, struct err *err)
{
	struct weave_run *open[WEAVE_FRAME_RUNS_MAX];
	size_t count, len = 0;
	int r;

	while (v->at < w->size) {
		if (load_window(w, v, err) == -1)
			return -1;
		count = open_runs(w, v->at, v->base + v->len, open,
		    WEAVE_FRAME_RUNS_MAX);
		r = solve_frame(w, v, open, count, &len, err);
		if (r != 1)
			return r;	/* 0: the seek table, or no frame */
		if (keep_until(w, v->at, v->at + len, count, err) == -1)
			return -1;
		v->at += len;
		if (watch_step(w->watch, 0, 0, err) == -1)
			return -1;
	}
	return 0;
}

static int
decide_by_frames(struct weave *w, struct err *err)
{
	struct window v = { .at = 0 };
	int ret = -1;

	v.probe = frame_probe_new();
	v.data = aligned(WINDOW, err);
	if (v.probe == NULL)
		err_set(err, ERR_IO, ENOMEM, "no memory to decode with");
	else if (v.data != NULL)
		ret = walk_frames(w, &v, err);
	frame_probe_free(v.probe);
	free(v.data);
	return ret;
}

/* ------------------------------------------------------------ deciding */

#define OPEN_MAX 12	/* runs; more than 2^12 ways are never tried */
#define SPLIT_MAX 8	/* blocks of a run that are worth trying singly */

/* 1: found, 0: not this way. */
static int
attempt(struct weave *w, bool by_frames, struct err *err)
{
	struct weave_run *open[OPEN_MAX + 1];
	size_t count = open_runs(w, 0, w->size, open, OPEN_MAX + 1);

	if (by_frames && count > 0) {
		if (decide_by_frames(w, err) == -1)
			return -1;
		count = open_runs(w, 0, w->size, open, OPEN_MAX + 1);
	}
	if (count > OPEN_MAX)
		return err_set(err, ERR_LIMIT, 0, "the copies differ in too "
		    "many places to find out which is right");
	return try_all(w, open, count, err);
}

/*
 * Two copies damaged in neighbouring blocks look like one run: make short
 * open runs into single blocks.  *found: there were some.
 */
static int
split(struct weave *w, bool *found, struct err *err)
{
	size_t i;

	*found = false;
	for (i = 0; i < w->count; i++) {
		struct weave_run *run = &w->runs[i], rest = *run;
		uint64_t cut = (run->from / WEAVE_BLOCK + 1) * WEAVE_BLOCK;

		if (!is_open(run) || cut >= run->to ||
		    run->to - run->from > SPLIT_MAX * WEAVE_BLOCK)
			continue;
		run->to = cut;
		rest.from = cut;
		if (insert_run(w, i + 1, &rest, err) == -1)
			return -1;
		*found = true;
	}
	return 0;
}

/* Few runs are tried at once; frames take a pass more, and split runs. */
static int
decide(struct weave *w, struct err *err)
{
	struct weave_run *open[2];
	bool again, by_frames = w->is_archive &&
	    open_runs(w, 0, w->size, open, 2) > 1;
	int r = attempt(w, by_frames, err);

	if (r == 0 && w->is_archive && !by_frames)
		r = attempt(w, true, err);
	if (r != 0 || split(w, &again, err) == -1)
		return r == 0 ? -1 : r;
	return again ? attempt(w, w->is_archive, err) : 0;
}

int
weave_find(struct weave *w, struct err *err)
{
	int r;

	w->block = aligned(STEP, err);
	if (w->block == NULL || compare(w, err) == -1)
		return -1;
	r = decide(w, err);
	if (r == 0)
		return err_set(err, ERR_DAMAGED, 0, "the copies together do "
		    "not make the file that the sums name");
	return r == 1 ? 0 : -1;
}

uint64_t
weave_differs(const struct weave *w, size_t copy, uint64_t *places)
{
	uint64_t bytes = 0;
	size_t i;

	*places = 0;
	for (i = 0; i < w->count; i++) {
		const struct weave_run *run = &w->runs[i];

		if (run->same[copy] == run->chosen)
			continue;
		bytes += run->to - run->from;
		(*places)++;
	}
	return bytes;
}

bool
weave_uses(const struct weave *w, size_t copy)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		if (w->runs[i].chosen == copy)
			return true;
	return false;
}
