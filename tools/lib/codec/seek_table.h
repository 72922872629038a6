/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seek table of the zstd seekable format, version 0.1.0: a skippable
 * frame 0x184D2A5E with one entry a frame (u32le compressed size, u32le
 * content size, u32le checksum when bit 7 of the descriptor is set), closed by
 * u32le count, u8 descriptor, u32le magic 0x8F92EAB1.
 *
 * The reader takes nothing on trust: the count is checked against the size of
 * the archive and SEEK_FRAMES_MAX before anything is allocated, every frame
 * against the limits, and the sum of them must be the archive exactly.  The
 * checksums of entries are not used: each frame must have its own.
 */
#ifndef CODEC_SEEK_TABLE_H
#define CODEC_SEEK_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "io/stream.h"

struct err;

#define SEEK_FRAMES_MAX 1048576		/* 4 TiB of content in one archive */
#define SEEK_CONTENT_MAX ((uint32_t)4 << 20)	/* of one frame */
#define SEEK_PACKED_MAX (SEEK_CONTENT_MAX + 65536) /* zstd's bound is less */

struct seek_frame {
	uint32_t packed;	/* compressed size */
	uint32_t content;	/* size of what it holds */
};

struct seek_table {
	struct seek_frame *frames;
	size_t count;
	uint64_t packed_total;		/* without the table itself */
	uint64_t content_total;
};

#define SEEK_TABLE_EMPTY { NULL, 0, 0, 0 }

/*
 * ERR_LIMIT past SEEK_FRAMES_MAX or for a frame over the limits, ERR_DAMAGED
 * for one of no packed bytes.
 */
int seek_table_add(struct seek_table *t, uint64_t packed, uint64_t content,
    struct err *err);
/* Appends the whole skippable frame. */
void seek_table_format(const struct seek_table *t, struct buf *out);
/*
 * Read it from the end of an archive into an empty t.  ERR_DAMAGED when there
 * is none or it does not add up to the archive's size, ERR_LIMIT when it is
 * sound but over a limit.
 */
int seek_table_read(struct seek_table *t, struct source *archive,
    struct err *err);
/*
 * Where the table itself is lost: find the frames by walking them from the
 * start, up to the first place that is no whole frame of ours.  What comes
 * behind that is not in the table; nothing at all is an empty table.  Needs
 * SEEK_PACKED_MAX bytes of memory.
 */
void seek_table_rebuild(struct seek_table *t, struct source *archive);
/*
 * The table of an archive that may be damaged: read, or rebuilt where it is
 * what was lost.  -1 only for ERR_INTERRUPTED.
 */
int seek_table_find_frames(struct seek_table *t, struct source *archive,
    struct err *err);
/*
 * Where frame number index starts: in the archive and in the content.
 * index == count gives the ends.  Cost: linear in count.
 */
void seek_table_place(const struct seek_table *t, size_t index,
    uint64_t *packed, uint64_t *content);
/* The frame that holds a content byte; count when it is beyond the end. */
size_t seek_table_find(const struct seek_table *t, uint64_t content);
void seek_table_release(struct seek_table *t);

#endif
