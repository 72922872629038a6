/* SPDX-License-Identifier: BSD-2-Clause */
/* A commit record that is accepted is written again byte for byte. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "medium/complete.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf again = BUF_EMPTY;
	struct complete c;
	struct err err;

	if (complete_parse(&c, (const char *)data, len, &err) == -1)
		return 0;
	complete_format(&c, &again);
	if (again.len != len || memcmp(again.data, data, len) != 0)
		abort();
	buf_release(&again);
	return 0;
}
