/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log: first byte, how to take the rest: as one record's body (a checksum
 * keeps those from being guessed), or as a segment's pages.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "check/pg_wal.h"
#include "io/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define SEGMENT (1U << 20)
#define PAGE 1024U

static void
must(bool held)
{
	if (!held)
		abort();
}

static int
open_one(void *ctx, uint64_t number, struct source **file, struct err *err)
{
	(void)err;
	*file = number == 1 ? ctx : NULL;
	return 0;
}

static bool
no_next(void *ctx, uint64_t after, uint64_t *number)
{
	(void)ctx;
	(void)after;
	(void)number;
	return false;
}

static void
walk(const uint8_t *data, size_t len)
{
	struct memory_source source;
	const struct pg_wal_segments segments = {
		memory_source_init(&source, data, len), open_one, no_next
	};
	struct pg_control control;
	const struct pg_wal_plan plan = {
		.control = &control, .from = SEGMENT + 40, .note = true,
	};
	struct pg_wal_walk w;
	struct err err;

	err_clear(&err);
	pg_control_assume(&control, 15);
	control.wal_segment_size = SEGMENT;
	control.wal_block_size = PAGE;
	must(pg_wal_walk(&segments, &plan, &w, &err) == 0);
	must(w.end >= plan.from || w.records == 0);
	must(pg_wal_beyond(&segments, &plan, &w, &err) == 0);
	must(w.later_page == 0 || w.later_page < SEGMENT + len);
	pg_notes_release(&w.notes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pg_notes notes = PG_NOTES_EMPTY;
	struct pg_record r;

	if (len < 4)
		return 0;
	if (data[0] % 2 == 0) {
		walk(data + 1, len - 1);
		return 0;
	}
	r = (struct pg_record){
		.major = 12U + data[1] % 7, .rmid = data[2], .info = data[3],
		.head = data + 4, .head_len = len - 4, .body_len = len - 4,
	};
	pg_record_note(&r, &notes);
	must(notes.blocks.count <= len);
	pg_notes_release(&notes);
	return 0;
}
