/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A table's data as pg_dump writes it, unpacked and looked at: COPY lines,
 * their end, how many.  Data comes in the pieces that the archive has.
 */
#ifndef CHECK_PG_ROWS_H
#define CHECK_PG_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/pg_toc.h"

struct err;

struct pg_rows {
	uint64_t lines;
	uint64_t bytes;		/* unpacked */
	uint8_t tail[5];	/* the last bytes; private from here */
	enum pg_packing packing;
	void *decoder;		/* NULL: not begun */
	bool is_over;		/* the packed stream has ended */
};

/* ERR_LIMIT for LZ4, which is not unpacked here. */
int pg_rows_begin(struct pg_rows *r, enum pg_packing packing,
    struct err *err);
int pg_rows_take(struct pg_rows *r, const void *data, size_t len,
    struct err *err);
/*
 * All data has come.  is_copy: it must end like COPY's; the rows are then in
 * *rows.
 */
int pg_rows_end(struct pg_rows *r, bool is_copy, uint64_t *rows,
    struct err *err);
void pg_rows_release(struct pg_rows *r);

#endif
