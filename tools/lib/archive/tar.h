/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * POSIX pax tar through libarchive, behind struct entry.  Names are bytes
 * (C locale; a header with a name outside ASCII says hdrcharset=BINARY).
 * Attributes go out once, in the SCHILY form that GNU tar reads, with the
 * name's odd bytes as %XX, and come back exact; ACLs are decoded from their
 * extended attributes (system.posix_acl_*) into SCHILY.acl.* and encoded
 * again on reading.  Owners are numbers only, so that no passwd file of a
 * rescue host can change them.
 *
 * Not carried by tar: sockets, file flags.  The manifest has them.  A time
 * within the last second of 1969 loses its fraction, which the manifest has.
 */
#ifndef ARCHIVE_TAR_H
#define ARCHIVE_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/stream.h"
#include "manifest/entry.h"

struct err;

struct tar_writer;
int tar_writer_new(struct tar_writer **out, struct writer *down,
    struct err *err);
/*
 * Start an entry (never a socket).  Sets entry->tar_offset.  A sparse file
 * carries its extents; bytes outside them need not be written.
 */
int tar_writer_entry(struct tar_writer *w, struct entry *entry,
    struct err *err);
/* Content by ascending offset; gaps become zeros (holes where mapped). */
int tar_writer_data(struct tar_writer *w, uint64_t offset, const void *data,
    size_t len, struct err *err);
/* End the entry; content not written is zeros. */
int tar_writer_entry_end(struct tar_writer *w, struct err *err);
/* The end marker. */
int tar_writer_finish(struct tar_writer *w, struct err *err);
void tar_writer_free(struct tar_writer *w);

struct tar_reader;
/*
 * up is borrowed.  offset: what the first byte of up is in the tar stream
 * (not 0 when reading starts in the middle), for entry->tar_offset.
 */
int tar_reader_new(struct tar_reader **out, struct reader *up,
    uint64_t offset, struct err *err);
/*
 * Read "/backup/web/file" as "backup/web/file", hard links alike, as GNU tar
 * does: backup containers write such names.  Ours never have them, and without
 * this they are damage.
 */
void tar_reader_take_absolute(struct tar_reader *r);
/*
 * The next entry (reset first).  *is_end: the end marker was there, and
 * nothing but zeros came after it; a stream that just stops is ERR_DAMAGED.
 * An unclean path, too long a link, a wrong type and the like are ERR_DAMAGED
 * or ERR_LIMIT with the escaped name.
 */
int tar_reader_next(struct tar_reader *r, struct entry *entry, bool *is_end,
    struct err *err);
/*
 * Kinds of attribute (ATTR_*, attrs.h) of the last entry that the archive has
 * but that cannot be known here: an ACL with names instead of numbers, from
 * another tar.
 */
unsigned tar_reader_lost(const struct tar_reader *r);
/*
 * The next run of content of the entry: *len == 0 at its end.  data is the
 * reader's, until the next call.  Runs ascend and do not overlap; between
 * them are holes.
 */
int tar_reader_data(struct tar_reader *r, uint64_t *offset,
    const void **data, size_t *len, struct err *err);
/* Did this reader fail?  It then fails for ever. */
bool tar_reader_has_failed(const struct tar_reader *r);
void tar_reader_free(struct tar_reader *r);

#endif
