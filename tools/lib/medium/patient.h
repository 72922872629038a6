/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading on past bad sectors.  A read that fails is tried again in smaller
 * and smaller pieces, down to the sector, and there a few times more; what
 * still fails is noted as a range, filled with zeros, and passed over.
 *
 *	patient_init(&p, read, ctx, size, true, watch);
 *	patient_fill(&p, offset, block, len, &got, &err)	aligned
 *	patient_read(&p, offset, data, len, &err)		any place
 *	p.bad						what was not read
 *	patient_release(&p);
 *
 * A failing drive takes seconds for each failing read.  So a range that is
 * known to be bad is not asked for again, and after PATIENT_ERROR_MS spent on
 * errors the rest of the file is given up: it is one more range.  A device
 * that is gone, and one that reads nothing any more, not even what it could
 * read a moment ago, is an error and not a range.
 */
#ifndef MEDIUM_PATIENT_H
#define MEDIUM_PATIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/watch.h"

struct err;

#define PATIENT_ALIGN ((size_t)4096)	/* what O_DIRECT asks of buffers */
#define PATIENT_SECTOR ((size_t)512)	/* the smallest read that is tried */
#define PATIENT_TRIES 3			/* of one sector */
#define PATIENT_RANGES_MAX 1000		/* of one file; the rest is joined */
#define PATIENT_ERROR_MS 120000		/* in failing reads of one file */
#define PATIENT_ROW_MAX 256		/* bad sectors, before asking further */

struct bad_range {
	uint64_t from;
	uint64_t to;
};

/* Ascending, apart from each other. */
struct bad_list {
	struct bad_range *items;
	size_t count;
	uint64_t bytes;		/* of all ranges together */
};

#define BAD_LIST_EMPTY { NULL, 0, 0 }

/*
 * Note a range, joined with those it touches.  Beyond PATIENT_RANGES_MAX the
 * last two become one, with what lies between: rather too much than too
 * little is called bad.
 */
void bad_list_add(struct bad_list *list, uint64_t from, uint64_t to);
/* Does [from, to) touch one? */
bool bad_list_hits(const struct bad_list *list, uint64_t from, uint64_t to);
void bad_list_release(struct bad_list *list);

/* As pread(2) on ctx: -1 with errno, fewer bytes at the end only. */
typedef ssize_t patient_pread(void *ctx, void *data, size_t len,
    uint64_t offset);

struct patient {
	struct bad_list bad;
	uint64_t failures;	/* reads that failed, bad ranges or not */
	bool gave_up;		/* the last range was not tried to its end */
	bool is_gone;		/* why the last call failed */

	patient_pread *pread;	/* private from here */
	void *ctx;
	uint64_t size;
	const struct watch *watch;
	size_t sector;
	int sys;		/* errno of the last failing read */
	uint64_t error_ms;
	unsigned row;		/* bad sectors since the last good read */
	bool has_good;
	uint64_t good_at;	/* a sector that could be read */
	uint8_t *bounce;	/* for patient_read() */
};

/*
 * size: of the file.  sector: PATIENT_SECTOR, or PATIENT_ALIGN where the page
 * cache is between.  watch, which may be NULL, is asked between failing reads
 * whether to stop; moved() is not called.
 */
void patient_init(struct patient *p, patient_pread *pread, void *ctx,
    uint64_t size, size_t sector, const struct watch *watch);
void patient_release(struct patient *p);

/*
 * Read len bytes, fewer at the file's end.  offset, len and data are
 * multiples of PATIENT_ALIGN.  What is unreadable is zeros, and in p->bad.
 * -1: ERR_IO, with is_gone, or ERR_INTERRUPTED.
 */
int patient_fill(struct patient *p, uint64_t offset, void *data, size_t len,
    size_t *got, struct err *err);

/*
 * Exactly len bytes from any place.  ERR_DAMAGED with the place when not all
 * of them can be read; else as patient_fill().
 */
int patient_read(struct patient *p, uint64_t offset, void *data, size_t len,
    struct err *err);

/* "512 bytes from byte 4096", or "1536 bytes in 2 places from byte ..." */
#define BAD_LIST_TEXT 160
const char *bad_list_text(const struct bad_list *list,
    char text[BAD_LIST_TEXT]);

#endif
