/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Archives that others made: tar, plain or in gzip, xz, bzip2 or zstd.  There
 * is no manifest; what the formats themselves can prove is proved (every
 * member decoded to the stream's end, gzip's CRC and length), and no more.
 */
#ifndef RESTORE_FOREIGN_H
#define RESTORE_FOREIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/watch.h"

struct err;

struct foreign_options {
	uint64_t strip_components;
	const struct watch *watch;
	void (*note)(void *ctx, const char *path, const char *text);
	void *ctx;
};

struct foreign_result {
	uint64_t entries;
	uint64_t files;
	uint64_t bytes;
	uint64_t stripped;	/* entries that had fewer components */
	const char *packing;	/* "gzip" ...; a constant */
	bool has_root;		/* the archive had an entry for "./" */
};

int foreign_fill(const char *path, int stage_fd,
    const struct foreign_options *options, struct foreign_result *result,
    struct err *err);

#endif
