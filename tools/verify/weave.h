/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One whole file from several damaged copies of it, proved by its SHA-256.
 *
 * The copies are compared block by block.  Where all can be read and agree
 * there is nothing to decide.  What only some can read is taken from those.
 * Where readable copies differ, the frames of an archive tell by their
 * checksums which one is right; elsewhere each run of differing blocks is
 * taken whole from one copy or another, and the few ways to do that are tried
 * until the SHA-256 agrees.
 *
 *	weave_init(&w, copies, count, size, sha256, is_archive, watch);
 *	weave_find(&w, &err)
 *	weave_read(&w, offset, ...)	the whole file
 *	w.runs				where it differs from which copy
 *	weave_release(&w);
 *
 * Reads through patient.h only: it knows neither files nor media.
 */
#ifndef VERIFY_WEAVE_H
#define VERIFY_WEAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/watch.h"
#include "codec/sha256.h"
#include "medium/patient.h"

struct err;

#define WEAVE_COPIES_MAX 4
#define WEAVE_BLOCK PATIENT_ALIGN
#define WEAVE_RUNS_MAX 65536
#define WEAVE_FRAME_RUNS_MAX 10		/* to be decided in one frame */
#define WEAVE_TRIES_MAX 4096		/* of one file */
#define WEAVE_HASHED_MAX ((uint64_t)16 << 30)	/* bytes, in all tries */

#define WEAVE_NONE 0xff

/* Blocks that not all copies have alike. */
struct weave_run {
	uint64_t from;
	uint64_t to;		/* at most the file's size */
	/*
	 * By copy: the first copy that has the same bytes here, or WEAVE_NONE
	 * when it has none.
	 */
	uint8_t same[WEAVE_COPIES_MAX];
	uint8_t chosen;		/* the copy to read, or WEAVE_NONE */
};

struct weave {
	struct weave_run *runs;		/* ascending, apart */
	size_t count;
	struct patient *const *copies;	/* private from here */
	size_t copy_count;
	uint64_t size;
	uint8_t sha256[SHA256_LEN];
	bool is_archive;
	const struct watch *watch;
	uint8_t *block;
	unsigned tries;
	uint64_t hashed;
};

/* copies, 1 to WEAVE_COPIES_MAX of them, are borrowed. */
void weave_init(struct weave *w, struct patient *const *copies, size_t count,
    uint64_t size, const uint8_t sha256[SHA256_LEN], bool is_archive,
    const struct watch *watch);
void weave_release(struct weave *w);

/*
 * Choose for every run.  ERR_DAMAGED: no way was found, and why; ERR_LIMIT:
 * more ways than may be tried.  A copy whose medium is gone is ERR_IO.
 */
int weave_find(struct weave *w, struct err *err);

/*
 * Bytes of the chosen whole; *got is less at its end.  ERR_DAMAGED when a copy
 * cannot be read any more where it could before.
 */
int weave_read(struct weave *w, uint64_t offset, void *data, size_t len,
    size_t *got, struct err *err);

/* Bytes of the runs in which the whole differs from a copy, and their number. */
uint64_t weave_differs(const struct weave *w, size_t copy, uint64_t *places);
/* Is any run taken from this copy? */
bool weave_uses(const struct weave *w, size_t copy);

#endif
