/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The manifest of one archive: mtree(5) in archive order, one full-path line
 * an entry, each with a "#@" line before it for what mtree has no word for.
 * drydock-manifest(5) fixes it byte by byte.
 *
 *	#mtree
 *	# drydock-manifest 1
 *	#@ offset=0
 *	. type=dir uid=70 gid=70 mode=0700 nlink=19 time=1700000000.123456789
 *	#@ offset=512 attrs=<sha256>
 *	./PG_VERSION type=file uid=70 gid=70 mode=0600 nlink=1 size=3 time=... sha256=<hex>
 *	#@ end entries=2 bytes=3
 *
 * One list of entries has one form: the reader takes exactly the bytes that
 * the writer would write.  An unknown keyword, a repeated one, a missing one, a
 * wrong order, another spelling of a number or name, or a line over
 * MANIFEST_LINE_MAX is ERR_DAMAGED with the line's number.  A file that ends
 * without the "#@ end" line is ERR_DAMAGED.
 */
#ifndef MANIFEST_MANIFEST_H
#define MANIFEST_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "io/stream.h"
#include "manifest/entry.h"

struct err;

#define MANIFEST_VERSION 1
/* Bytes of a line: two paths, each byte as \ooo, and room for the keywords. */
#define MANIFEST_LINE_MAX (2 * 4 * ENTRY_PATH_MAX + 4096)

/* What the entries so far come to; private. */
struct manifest_totals {
	uint64_t entries;
	uint64_t bytes;		/* of files, hard links left out */
	uint64_t next_offset;	/* the least that the next entry may have */
};

struct manifest_writer {
	struct writer *down;	/* private from here */
	struct manifest_totals sum;
	struct buf line;	/* lines that have not gone down yet */
};

/*
 * down is borrowed until finish; it gets 64 KiB or more at once, but for the
 * last time.  The heading goes first.
 */
int manifest_writer_init(struct manifest_writer *w, struct writer *down,
    struct err *err);
/*
 * ERR_DAMAGED, and nothing written, for an entry that the reader would refuse:
 * the first is the root and a directory, no other is the root, offsets rise,
 * paths are clean, and each field is where it belongs (see
 * drydock-manifest(5)).
 */
int manifest_writer_add(struct manifest_writer *w, const struct entry *entry,
    struct err *err);
/* Writes the closing line.  A manifest without entries is ERR_DAMAGED. */
int manifest_writer_finish(struct manifest_writer *w, struct err *err);
void manifest_writer_release(struct manifest_writer *w);

struct manifest_reader;

/* up is borrowed, and read to its very end.  Reads and checks the heading. */
int manifest_reader_new(struct manifest_reader **out, struct reader *up,
    struct err *err);
/*
 * The next entry into *entry (reset first).  *is_end: there is none, and the
 * closing line agreed with what was read.  After a failure *entry is
 * unspecified and every later call fails as well.
 */
int manifest_reader_next(struct manifest_reader *r, struct entry *entry,
    bool *is_end, struct err *err);
/*
 * Where in the manifest's bytes the next entry (or the closing line) starts,
 * for manifest_reader_resume().
 */
uint64_t manifest_reader_place(const struct manifest_reader *r);
/*
 * A reader in the middle: up starts at such a place, not the first.  What
 * only the whole manifest tells (the heading, its first entry, the closing
 * line's numbers) is not checked: somebody has read it from the start before.
 */
void manifest_reader_resume(struct manifest_reader **out, struct reader *up);
void manifest_reader_free(struct manifest_reader *r);

#endif
