/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is this one of our frames, whole?  For telling good copies of the same
 * bytes from bad ones: a frame has a checksum of its own.
 */
#ifndef CODEC_FRAME_PROBE_H
#define CODEC_FRAME_PROBE_H

#include <stdbool.h>
#include <stddef.h>

struct frame_probe;
/* NULL when there is no memory: it takes SEEK_CONTENT_MAX and zstd's own. */
struct frame_probe *frame_probe_new(void);
void frame_probe_free(struct frame_probe *p);

/*
 * How long the frame at data is, at most len; 0 when there is none of ours
 * that ends within len.  Its content is not looked at.
 */
size_t frame_probe_measure(const void *data, size_t len);
/* The same, 0 as well when it cannot be decoded or its checksum differs. */
size_t frame_probe_check(struct frame_probe *p, const void *data, size_t len);

#endif
