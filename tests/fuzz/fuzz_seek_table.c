/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as an archive: its seek table is sound or refused. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/seek_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
require(int held)
{
	if (!held)
		abort();
}

/* What was accepted must add up, and be found again after formatting. */
static void
check(const struct seek_table *t, size_t len)
{
	struct buf bytes = BUF_EMPTY;
	uint64_t packed, content;
	size_t i;

	require(t->count <= SEEK_FRAMES_MAX);
	seek_table_format(t, &bytes);
	require(bytes.len <= len && t->packed_total <= len - bytes.len);
	seek_table_place(t, t->count, &packed, &content);
	require(packed == t->packed_total && content == t->content_total);
	require(seek_table_find(t, t->content_total) == t->count);
	for (i = 0; i < t->count && i < 10; i++) {
		require(t->frames[i].packed > 0 &&
		    t->frames[i].packed <= SEEK_PACKED_MAX &&
		    t->frames[i].content <= SEEK_CONTENT_MAX);
		seek_table_place(t, i, &packed, &content);
		if (t->frames[i].content > 0)
			require(seek_table_find(t, content) == i);
	}
	buf_release(&bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct seek_table t = SEEK_TABLE_EMPTY;
	struct memory_source m;
	struct err err;

	if (seek_table_read(&t, memory_source_init(&m, data, len), &err) == 0)
		check(&t, len);
	else
		require(err.class == ERR_DAMAGED || err.class == ERR_LIMIT);
	seek_table_release(&t);
	seek_table_rebuild(&t, memory_source_init(&m, data, len));
	require(t.packed_total <= len);
	seek_table_release(&t);
	return 0;
}
