/* SPDX-License-Identifier: BSD-2-Clause */
/* The compressing side of frames.h. */
#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/err.h"
#include "base/mem.h"
#include "codec/frame_pool.h"
#include "codec/frames.h"

#define PACKED_CAP ZSTD_COMPRESSBOUND(FRAME_SIZE)
/*
 * A window as large as the frame: zstd then leaves out the header's window
 * byte, the one that no checksum covers, and packs slightly better.
 */
#define WINDOW_LOG 22

_Static_assert(PACKED_CAP <= SEEK_PACKED_MAX,
    "what we write, our reader must take");
_Static_assert(FRAME_SIZE <= (size_t)1 << WINDOW_LOG,
    "a window holds a frame");

struct job {
	uint8_t *content;
	size_t content_len;
	uint8_t *packed;
	size_t packed_len;
	struct err failure;	/* ERR_NONE: packed is good */
};

struct frame_writer {
	struct writer input;	/* first: what frame_writer_input() gives */
	struct writer *down;
	struct frame_pool *pool;
	struct job jobs[FRAME_JOBS_MAX];
	ZSTD_CCtx *cctx[FRAME_JOBS_MAX];
	struct seek_table table;
	uint64_t offset;
	bool is_finished;
	struct err failure;	/* the first; every later call repeats it */
};

unsigned
frame_threads_default(void)
{
	cpu_set_t set;
	int count;

	/* Fails where there are more processors than a cpu_set_t holds. */
	if (sched_getaffinity(0, sizeof set, &set) == -1)
		return FRAME_JOBS_MAX;
	count = CPU_COUNT(&set);
	if (count < 1)
		return 1;
	return count > FRAME_JOBS_MAX ? FRAME_JOBS_MAX : (unsigned)count;
}

static int
fail(struct frame_writer *w, const struct err *err)
{
	w->failure = *err;
	return -1;
}

/* On a worker's thread. */
static void
compress(void *ctx, unsigned worker, unsigned slot)
{
	struct frame_writer *w = ctx;
	struct job *job = &w->jobs[slot];
	size_t n = ZSTD_compress2(w->cctx[worker], job->packed, PACKED_CAP,
	    job->content, job->content_len);

	if (ZSTD_isError(n))
		err_set(&job->failure, ERR_IO, ENOMEM,
		    "cannot compress (%s)", ZSTD_getErrorName(n));
	else
		job->packed_len = n;
}

/* The oldest frame goes down, and its slot is free. */
static int
write_oldest(struct frame_writer *w, struct err *err)
{
	struct job *job = &w->jobs[frame_pool_oldest(w->pool)];

	if (job->failure.class != ERR_NONE) {
		*err = job->failure;
		return -1;
	}
	if (seek_table_add(&w->table, job->packed_len, job->content_len,
	    err) == -1 ||
	    w->down->write(w->down, job->packed, job->packed_len, err) == -1)
		return -1;
	job->content_len = 0;
	frame_pool_release(w->pool);
	return 0;
}

/* Hand the block over, and write what is ready without waiting for more. */
static int
submit(struct frame_writer *w, struct err *err)
{
	frame_pool_submit(w->pool);
	while (!frame_pool_is_empty(w->pool) && frame_pool_is_ready(w->pool))
		if (write_oldest(w, err) == -1)
			return -1;
	return 0;
}

static int
take(struct frame_writer *w, const uint8_t *data, size_t len, struct err *err)
{
	while (len > 0) {
		struct job *job;
		size_t n;

		if (!frame_pool_has_room(w->pool) &&
		    write_oldest(w, err) == -1)
			return -1;
		job = &w->jobs[frame_pool_slot(w->pool)];
		n = FRAME_SIZE - job->content_len;
		if (n > len)
			n = len;
		memcpy(job->content + job->content_len, data, n);
		job->content_len += n;
		w->offset += n;
		data += n;
		len -= n;
		if (job->content_len == FRAME_SIZE && submit(w, err) == -1)
			return -1;
	}
	return 0;
}

static int
input_write(struct writer *writer, const void *data, size_t len,
    struct err *err)
{
	struct frame_writer *w = (struct frame_writer *)(void *)writer;

	assert(!w->is_finished);
	if (w->failure.class != ERR_NONE) {
		*err = w->failure;
		return -1;
	}
	return take(w, data, len, err) == -1 ? fail(w, err) : 0;
}

static bool
set(ZSTD_CCtx *cctx, ZSTD_cParameter parameter, int value)
{
	return !ZSTD_isError(ZSTD_CCtx_setParameter(cctx, parameter, value));
}

static ZSTD_CCtx *
new_cctx(int level)
{
	ZSTD_CCtx *cctx = ZSTD_createCCtx();

	if (cctx == NULL)
		return NULL;
	if (set(cctx, ZSTD_c_compressionLevel, level) &&
	    set(cctx, ZSTD_c_windowLog, WINDOW_LOG) &&
	    set(cctx, ZSTD_c_checksumFlag, 1))
		return cctx;
	ZSTD_freeCCtx(cctx);
	return NULL;
}

int
frame_writer_new(struct frame_writer **out, struct writer *down,
    const struct frame_options *options, struct err *err)
{
	unsigned threads = options->threads < FRAME_JOBS_MAX ?
	    options->threads : FRAME_JOBS_MAX;
	struct frame_writer *w = NULL;
	int ret = -1;
	unsigned i;

	if (options->level < 1 || options->level > FRAME_LEVEL_MAX) {
		err_set(err, ERR_USAGE, 0, "compression level %d: from 1 to %d",
		    options->level, FRAME_LEVEL_MAX);
		goto out;
	}
	w = mem_zero(1, sizeof *w);
	w->input.write = input_write;
	w->down = down;
	for (i = 0; i == 0 || i < threads; i++) {
		w->cctx[i] = new_cctx(options->level);
		if (w->cctx[i] == NULL) {
			err_set(err, ERR_IO, ENOMEM, "cannot start zstd");
			goto out;
		}
	}
	for (i = 0; i < FRAME_JOBS_MAX; i++) {
		w->jobs[i].content = mem_alloc(FRAME_SIZE);
		w->jobs[i].packed = mem_alloc(PACKED_CAP);
	}
	w->pool = frame_pool_new(threads, compress, w);
	*out = w;
	ret = 0;
out:
	if (ret == -1)
		frame_writer_free(w);
	return ret;
}

struct writer *
frame_writer_input(struct frame_writer *w)
{
	return &w->input;
}

uint64_t
frame_writer_offset(const struct frame_writer *w)
{
	return w->offset;
}

static int
write_rest(struct frame_writer *w, struct err *err)
{
	struct buf table = BUF_EMPTY;
	int ret;

	/* With no room, no block is begun: all slots are under work. */
	if (frame_pool_has_room(w->pool) &&
	    w->jobs[frame_pool_slot(w->pool)].content_len > 0)
		frame_pool_submit(w->pool);
	while (!frame_pool_is_empty(w->pool))
		if (write_oldest(w, err) == -1)
			return -1;
	seek_table_format(&w->table, &table);
	ret = w->down->write(w->down, table.data, table.len, err);
	buf_release(&table);
	return ret;
}

int
frame_writer_finish(struct frame_writer *w, struct err *err)
{
	assert(!w->is_finished);
	if (w->failure.class != ERR_NONE) {
		*err = w->failure;
		return -1;
	}
	if (write_rest(w, err) == -1)
		return fail(w, err);
	w->is_finished = true;
	return 0;
}

void
frame_writer_free(struct frame_writer *w)
{
	unsigned i;

	if (w == NULL)
		return;
	frame_pool_free(w->pool);	/* first: its threads use the rest */
	for (i = 0; i < FRAME_JOBS_MAX; i++) {
		ZSTD_freeCCtx(w->cctx[i]);
		free(w->jobs[i].packed);
		free(w->jobs[i].content);
	}
	seek_table_release(&w->table);
	free(w);
}
