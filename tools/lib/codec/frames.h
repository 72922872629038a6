/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream as independent zstd frames (RFC 8878), closed by a seek table in a
 * skippable frame (the zstd seekable format, version 0.1.0): compressed and
 * decompressed by several threads, in order, readable by any zstd.
 *
 *	struct frame_writer *w;
 *	frame_writer_new(&w, down, &options, &err);
 *	struct writer *in = frame_writer_input(w);	... in->write(...)
 *	frame_writer_finish(w, &err);
 *	frame_writer_free(w);
 *
 * Every write to down is one whole frame (the seek table is one as well),
 * in order, on the caller's thread.
 *
 * Memory: at most FRAME_JOBS_MAX frames are in flight, whatever the number of
 * processors.  Where threads cannot be had, the work is done without them.
 */
#ifndef CODEC_FRAMES_H
#define CODEC_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/seek_table.h"
#include "io/stream.h"

struct err;

#define FRAME_SIZE ((size_t)SEEK_CONTENT_MAX)	/* the last frame holds less */
#define FRAME_JOBS_MAX 4
#define FRAME_LEVEL_DEFAULT 3
#define FRAME_LEVEL_MAX 19

struct frame_options {
	unsigned threads;	/* workers; 0: all on the caller's thread */
	int level;		/* 1 to FRAME_LEVEL_MAX; the writer's only */
};

/* Processors we may run on, at least 1, at most FRAME_JOBS_MAX. */
unsigned frame_threads_default(void);

struct frame_writer;
/* down is borrowed.  ERR_USAGE for a level out of range. */
int frame_writer_new(struct frame_writer **out, struct writer *down,
    const struct frame_options *options, struct err *err);
struct writer *frame_writer_input(struct frame_writer *w);
/* Bytes taken in so far: the place of the next byte in the content. */
uint64_t frame_writer_offset(const struct frame_writer *w);
/* The last frame and the seek table; nothing may be written afterwards. */
int frame_writer_finish(struct frame_writer *w, struct err *err);
void frame_writer_free(struct frame_writer *w);

struct frame_reader;
/*
 * in and table are borrowed; reads in by ascending offset from the first
 * frame that holds byte "from" of the content, and starts at that byte.
 * Every byte of those frames is read, in order, on the caller's thread.
 * A frame that is not exactly what the table says, has no checksum or a wrong
 * one, or needs a dictionary is ERR_DAMAGED, with its number and place; so is
 * from beyond the end.
 */
int frame_reader_new(struct frame_reader **out, struct source *in,
    const struct seek_table *table, uint64_t from,
    const struct frame_options *options, struct err *err);
struct reader *frame_reader_output(struct frame_reader *r);
/*
 * Only after a read failed, with ERR_DAMAGED or because in could not be read:
 * go on with the frame after the bad one.  *from and *to (set in any case)
 * are the content bytes that are lost.  False when none is left; reading then
 * goes on failing, because what ends here was not sound.
 */
bool frame_reader_skip(struct frame_reader *r, uint64_t *from, uint64_t *to);
void frame_reader_free(struct frame_reader *r);

#endif
