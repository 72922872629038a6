/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as frames.  As an archive when they end in a seek table; and all
 * but the first four as one frame, of the content size that those four say,
 * because few changed archives have a table that adds up.
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/err.h"
#include "codec/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
require(int held)
{
	if (!held)
		abort();
}

/* Read all, over every bad frame; given and lost must make up the content. */
static void
read_all(struct frame_reader *r, uint64_t at, uint64_t end)
{
	struct reader *output = frame_reader_output(r);
	static uint8_t piece[65536];	/* static: too large for a stack */
	struct err err;
	size_t got = 1;

	while (got > 0) {
		uint64_t from, to;

		if (output->read(output, piece, sizeof piece, &got, &err) ==
		    0) {
			at += got;
			continue;
		}
		require(err.class == ERR_DAMAGED);
		if (!frame_reader_skip(r, &from, &to)) {
			require(from == at && to == end);
			return;
		}
		require(from == at && to >= from);
		at = to;
		got = 1;
	}
	require(at == end);
}

static void
read_from(struct source *in, const struct seek_table *t, uint64_t from)
{
	const struct frame_options options = { 0, 0 };
	struct frame_reader *r = NULL;
	struct err err;

	require(frame_reader_new(&r, in, t, from, &options, &err) == 0);
	read_all(r, from, t->content_total);
	frame_reader_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct memory_source m;
	struct err err;

	if (seek_table_read(&t, memory_source_init(&m, data, len), &err) ==
	    0 && t.content_total <= (uint64_t)1 << 24) {
		read_from(&m.source, &t, 0);
		read_from(&m.source, &t, t.content_total / 2);
	}
	seek_table_release(&t);
	if (len > 4 && seek_table_add(&t, len - 4,
	    get_le32(data) % (1 << 16), &err) == 0)
		read_from(memory_source_init(&m, data + 4, len - 4), &t, 0);
	seek_table_release(&t);
	return 0;
}
