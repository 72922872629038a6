/* SPDX-License-Identifier: BSD-2-Clause */
/* RDB files: any bytes are walked to an end, within the file. */
#include <stdlib.h>

#include "base/err.h"
#include "check/rdb.h"
#include "check/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct memory_source m;
	struct rdb_facts f;
	struct scan s;
	struct err err;

	err_clear(&err);
	scan_init(&s, memory_source_init(&m, data, len), 0, len);
	if (rdb_read(&s, 1, &f, &err) == -1) {
		if (err.class != ERR_DAMAGED)
			abort();
	} else if (f.is_partial) {
		if (f.unknown_at >= len)
			abort();
		(void)rdb_sum_rest(&s, &f, &err);
	} else if (f.end > len || f.keys > len || f.expires > f.keys) {
		abort();
	}
	scan_release(&s);
	return 0;
}
