/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * COMPLETE, the commit record of a snapshot, written last.  Text, so that a
 * person can read it:
 *
 *	drydock-complete 1
 *	files 3
 *	bytes 123456
 *	sums <SHA-256 of the file SHA256SUMS>
 *	self <SHA-256 of the lines above>
 */
#ifndef MEDIUM_COMPLETE_H
#define MEDIUM_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

#define COMPLETE_FILE "COMPLETE"
#define COMPLETE_MAX 512	/* bytes of the record */

struct complete {
	uint64_t files;		/* lines of SHA256SUMS */
	uint64_t bytes;		/* of those files together */
	uint8_t sums_sha256[32];
};

void complete_format(const struct complete *c, struct buf *out);
/* Exactly the bytes complete_format would give, else ERR_DAMAGED. */
int complete_parse(struct complete *c, const char *text, size_t len,
    struct err *err);

/*
 * Nothing, or zeros only: what a kill or a power cut leaves of a record that
 * was made but not yet written.  No record, rather than a damaged one.
 */
bool complete_is_blank(const void *data, size_t len);

#endif
