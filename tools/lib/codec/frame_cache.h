/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The content of an archive of frames by place: any byte, in any order.  The
 * frame that holds it is decompressed, proved, and kept until
 * FRAME_CACHE_SLOTS others were needed since.  For reading from front to back
 * frame_reader_new() is faster: it has threads.
 */
#ifndef CODEC_FRAME_CACHE_H
#define CODEC_FRAME_CACHE_H

#include "codec/seek_table.h"
#include "io/stream.h"

struct err;

#define FRAME_CACHE_SLOTS 4	/* of SEEK_CONTENT_MAX bytes each */

struct frame_cache;

/*
 * in and table are borrowed.  The source given out reads the content;
 * ERR_DAMAGED names the frame, and other frames can still be read.
 */
int frame_cache_new(struct frame_cache **out, struct source *in,
    const struct seek_table *table, struct err *err);
struct source *frame_cache_content(struct frame_cache *c);
void frame_cache_free(struct frame_cache *c);

#endif
