/* SPDX-License-Identifier: BSD-2-Clause */
/* GGUF model files: the head is read to its end, within the file. */
#include <stdlib.h>

#include "base/err.h"
#include "check/gguf.h"
#include "check/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct memory_source m;
	struct gguf_facts f;
	struct scan s;
	struct err err;

	err_clear(&err);
	scan_init(&s, memory_source_init(&m, data, len), 0, len);
	if (gguf_read(&s, &f, &err) == -1) {
		if (err.class != ERR_DAMAGED && err.class != ERR_LIMIT)
			abort();
	} else if (f.tensors > len || f.settings > len || f.end < s.at) {
		abort();
	}
	scan_release(&s);
	return 0;
}
