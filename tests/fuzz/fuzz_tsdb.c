/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every file of Prometheus' database: any bytes are read to an end, and what
 * is found wrong lies inside of the file.
 */
#include <stdlib.h>

#include "base/err.h"
#include "check/tsdb_block.h"
#include "check/tsdb_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
must_be_inside(const struct tsdb_faults *f, size_t len)
{
	must(f->at <= len && (f->count > 0) == (f->what != NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct memory_source m;
	struct source *file = memory_source_init(&m, data, len);
	struct tsdb_faults tombstones;
	struct tsdb_chunks chunks;
	struct tsdb_index index;
	struct tsdb_log log;
	struct err err;

	must(tsdb_chunks_read(file, &chunks, &err) == 0);
	must_be_inside(&chunks.faults, len);
	must(tsdb_index_read(file, &index, &err) == 0);
	must_be_inside(&index.faults, len);
	must(tsdb_tombstones_read(file, &tombstones, &err) == 0);
	must_be_inside(&tombstones, len);
	must(tsdb_segment_read(file, &log, &err) == 0);
	must(log.good_to <= len && (log.end != TSDB_BAD || log.bad_at < len));
	must(tsdb_head_read(file, &log, &err) == 0);
	must(log.good_to <= len && (log.end == TSDB_BAD) == (log.why != NULL));
	return 0;
}
