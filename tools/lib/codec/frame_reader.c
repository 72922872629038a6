/* SPDX-License-Identifier: BSD-2-Clause */
/* The decompressing side of frames.h. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/err.h"
#include "base/mem.h"
#include "codec/frame_decode.h"
#include "codec/frame_pool.h"
#include "codec/frames.h"

struct job {
	size_t index;		/* of the frame */
	uint64_t packed_at;	/* where it starts in the archive ... */
	uint64_t content_at;	/* ... and in the content */
	struct frame_bytes frame;
	struct err failure;	/* ERR_NONE: content is proved */
};

struct frame_reader {
	struct reader output;	/* first: what frame_reader_output() gives */
	struct source *in;
	const struct seek_table *table;
	uint64_t from;
	struct frame_pool *pool;
	struct job jobs[FRAME_JOBS_MAX];
	ZSTD_DCtx *dctx[FRAME_JOBS_MAX];
	size_t next;		/* the frame to read next ... */
	uint64_t packed_at;	/* ... and where it starts */
	uint64_t content_at;
	struct job *current;	/* what is given out now, or failed; or NULL */
	size_t used;		/* of current's content */
};

/* On a worker's thread. */
static void
decompress(void *ctx, unsigned worker, unsigned slot)
{
	struct frame_reader *r = ctx;
	struct job *job = &r->jobs[slot];

	if (job->failure.class != ERR_NONE)
		return;		/* it could not even be read */
	if (frame_decode(r->dctx[worker], &job->frame, &job->failure) == -1)
		err_context(&job->failure, "frame %zu at byte %llu",
		    job->index, (unsigned long long)job->packed_at);
}

/*
 * Read the next frame for the workers.  A failure waits in the job until its
 * turn comes, so that all content before it is given out first.
 */
static void
read_frame(struct frame_reader *r)
{
	const struct seek_frame *frame = &r->table->frames[r->next];
	struct job *job = &r->jobs[frame_pool_slot(r->pool)];

	job->index = r->next;
	job->packed_at = r->packed_at;
	job->content_at = r->content_at;
	job->frame.packed_len = frame->packed;
	job->frame.content_len = frame->content;
	err_clear(&job->failure);
	if (r->in->read_at(r->in, job->packed_at, job->frame.packed,
	    job->frame.packed_len, &job->failure) == -1)
		err_context(&job->failure, "frame %zu", job->index);
	frame_pool_submit(r->pool);
	r->next++;
	r->packed_at += frame->packed;
	r->content_at += frame->content;
}

/* Where the current frame's content begins for our caller. */
static size_t
skipped_by_from(const struct frame_reader *r, const struct job *job)
{
	if (r->from <= job->content_at)
		return 0;
	return (size_t)(r->from - job->content_at);
}

static void
drop_current(struct frame_reader *r)
{
	r->current = NULL;
	frame_pool_release(r->pool);
}

/* Make the next frame with anything in it current; none at the end. */
static void
advance(struct frame_reader *r)
{
	for (;;) {
		if (r->current != NULL &&
		    r->used == r->current->frame.content_len)
			drop_current(r);
		while (r->next < r->table->count &&
		    frame_pool_has_room(r->pool))
			read_frame(r);
		if (r->current != NULL || frame_pool_is_empty(r->pool))
			return;
		r->current = &r->jobs[frame_pool_oldest(r->pool)];
		r->used = skipped_by_from(r, r->current);
		if (r->current->failure.class != ERR_NONE)
			return;
	}
}

static bool
has_failed(const struct frame_reader *r)
{
	return r->current != NULL && r->current->failure.class != ERR_NONE;
}

static int
output_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	struct frame_reader *r = (struct frame_reader *)(void *)reader;
	size_t n;

	if (!has_failed(r))
		advance(r);
	if (has_failed(r)) {
		*err = r->current->failure;
		return -1;
	}
	if (r->current == NULL) {
		*got = 0;
		return 0;
	}
	n = r->current->frame.content_len - r->used;
	if (n > cap)
		n = cap;
	memcpy(data, r->current->frame.content + r->used, n);
	r->used += n;
	*got = n;
	return 0;
}

/* Room for the largest frame there is; seek_table_add() limits both sizes. */
static void
allocate(struct frame_reader *r)
{
	struct seek_frame most = { 0, 0 };
	size_t i;

	for (i = r->next; i < r->table->count; i++) {
		const struct seek_frame *frame = &r->table->frames[i];

		if (frame->packed > most.packed)
			most.packed = frame->packed;
		if (frame->content > most.content)
			most.content = frame->content;
	}
	for (i = 0; i < FRAME_JOBS_MAX; i++) {
		r->jobs[i].frame.packed = mem_alloc(most.packed);
		r->jobs[i].frame.content = mem_alloc(most.content);
	}
}

int
frame_reader_new(struct frame_reader **out, struct source *in,
    const struct seek_table *table, uint64_t from,
    const struct frame_options *options, struct err *err)
{
	unsigned threads = options->threads < FRAME_JOBS_MAX ?
	    options->threads : FRAME_JOBS_MAX;
	struct frame_reader *r = NULL;
	int ret = -1;
	unsigned i;

	if (from > table->content_total) {
		err_set(err, ERR_DAMAGED, 0,
		    "byte %llu is beyond the end of the content",
		    (unsigned long long)from);
		goto out;
	}
	r = mem_zero(1, sizeof *r);
	r->output.read = output_read;
	r->in = in;
	r->table = table;
	r->from = from;
	/* Frames without content before the first byte are read as well. */
	r->next = from == 0 ? 0 : seek_table_find(table, from);
	seek_table_place(table, r->next, &r->packed_at, &r->content_at);
	for (i = 0; i == 0 || i < threads; i++) {
		r->dctx[i] = ZSTD_createDCtx();
		if (r->dctx[i] == NULL) {
			err_set(err, ERR_IO, ENOMEM, "cannot start zstd");
			goto out;
		}
	}
	allocate(r);
	r->pool = frame_pool_new(threads, decompress, r);
	*out = r;
	ret = 0;
out:
	if (ret == -1)
		frame_reader_free(r);
	return ret;
}

struct reader *
frame_reader_output(struct frame_reader *r)
{
	return &r->output;
}

bool
frame_reader_skip(struct frame_reader *r, uint64_t *from, uint64_t *to)
{
	const struct job *bad = r->current;

	assert(has_failed(r));
	*from = bad->content_at + skipped_by_from(r, bad);
	*to = bad->content_at + bad->frame.content_len;
	if (bad->index + 1 == r->table->count)
		return false;	/* and reads go on failing */
	drop_current(r);
	return true;
}

void
frame_reader_free(struct frame_reader *r)
{
	unsigned i;

	if (r == NULL)
		return;
	frame_pool_free(r->pool);	/* first: its threads use the rest */
	for (i = 0; i < FRAME_JOBS_MAX; i++) {
		ZSTD_freeDCtx(r->dctx[i]);
		free(r->jobs[i].frame.content);
		free(r->jobs[i].frame.packed);
	}
	free(r);
}
