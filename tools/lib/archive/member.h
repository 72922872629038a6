/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The content of one member of a tar stream by place, found from where its
 * headers start, without reading what comes before: for looking into single
 * files of an archive of ours.  Understands the forms that tar_writer makes:
 * pax extended headers (POSIX.1-2017 pax, "pax Header Block"), ustar headers,
 * and GNU's sparse format 1.0 (GNU tar manual, "PAX Format, Version 1.0").
 *
 * Headers are not judged here beyond what is needed to find the content;
 * tar_reader does that.
 */
#ifndef ARCHIVE_MEMBER_H
#define ARCHIVE_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/stream.h"

struct err;

/* Bytes of one extended header: names, and attributes in full. */
#define MEMBER_HEADER_MAX ((size_t)1 << 20)

struct member_run;

struct member {
	uint64_t size;		/* of the file */
	uint64_t stored_at;	/* private from here */
	struct member_run *runs;	/* NULL: stored in one piece */
	size_t run_count;
};

#define MEMBER_EMPTY { 0, 0, NULL, 0 }

/*
 * Find the member whose first header lies at offset.  ERR_DAMAGED when there
 * is no regular file's header or its sparse map makes no sense, ERR_LIMIT
 * past ENTRY_EXTENTS_MAX or MEMBER_HEADER_MAX.
 */
int member_find(struct member *m, struct source *tar, uint64_t offset,
    struct err *err);
/* Exactly len bytes of the file; what lies in holes is zeros. */
int member_read(const struct member *m, struct source *tar, uint64_t offset,
    void *data, size_t len, struct err *err);
void member_release(struct member *m);

#endif
