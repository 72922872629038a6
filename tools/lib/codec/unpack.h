/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decompression of archives that others made: gzip (RFC 1952), xz, bzip2,
 * zstd (RFC 8878), or plain, told apart by their first bytes.  Every check
 * the format has is made: gzip's CRC-32 and length of every member, xz's and
 * bzip2's own, zstd's content checksum.  Concatenated members and frames are
 * one stream, with zeros between and after them as padding.  The end is
 * reported only when everything was sound; any other bytes after a member are
 * ERR_DAMAGED.  The text of an error names the format and the place in the
 * compressed input.
 *
 * Memory: at most UNPACK_MEMORY_MAX; input that wants more (an xz dictionary,
 * a zstd window) is ERR_LIMIT.
 */
#ifndef CODEC_UNPACK_H
#define CODEC_UNPACK_H

#include <stdbool.h>

#include "io/stream.h"

struct err;

#define UNPACK_MEMORY_MAX ((uint64_t)160 << 20)

/* Whether the first bytes of a file are those of a packing known here. */
bool unpack_matches(const uint8_t *head, size_t len);

struct unpack;
/* up is borrowed.  Reads the first bytes. */
int unpack_new(struct unpack **out, struct reader *up, struct err *err);
struct reader *unpack_output(struct unpack *u);
/* "gzip", "xz", "bzip2", "zstd" or "none". */
const char *unpack_name(const struct unpack *u);
void unpack_free(struct unpack *u);

#endif
