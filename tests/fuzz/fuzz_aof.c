/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Append-only files and their manifests.  What a server would cut the file to
 * is whole by itself.
 */
#include <stdlib.h>

#include "base/err.h"
#include "check/aof_manifest.h"
#include "check/resp.h"
#include "check/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
read_log(const uint8_t *data, size_t len, struct resp_facts *f)
{
	struct memory_source m;
	struct scan s;
	struct err err;

	scan_init(&s, memory_source_init(&m, data, len), 0, len);
	if (resp_read(&s, f, &err) == -1)
		abort();
	scan_release(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct aof_manifest m = { NULL, 0 };
	struct resp_facts f, cut;
	struct err err;

	err_clear(&err);
	if (aof_manifest_parse((const char *)data, len, &m, &err) == -1 &&
	    err.class != ERR_DAMAGED && err.class != ERR_LIMIT)
		abort();
	aof_manifest_release(&m);

	read_log(data, len, &f);
	if (f.good_to > len || (f.end == RESP_WHOLE && f.good_to != len))
		abort();
	read_log(data, (size_t)f.good_to, &cut);
	if (cut.end != RESP_WHOLE || cut.good_to != f.good_to)
		abort();
	return 0;
}
