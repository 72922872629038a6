/* SPDX-License-Identifier: BSD-2-Clause */
/* Sums that are accepted are written again byte for byte. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "manifest/sums.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check(const struct sums *sums, const uint8_t *data, size_t len)
{
	struct buf again = BUF_EMPTY;
	size_t i;

	if (sums->count == 0 || sums->count > SUMS_FILES_MAX)
		abort();
	for (i = 0; i < sums->count; i++)
		if (!sums_is_plain(sums->items[i].name) ||
		    sums_find(sums, sums->items[i].name) != &sums->items[i])
			abort();
	sums_format(sums, &again);
	if (again.len != len || memcmp(again.data, data, len) != 0)
		abort();
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sums sums = SUMS_EMPTY;
	struct err err;

	if (sums_parse(&sums, (const char *)data, len, &err) == 0)
		check(&sums, data, len);
	else if (sums.count != 0 || err.text[0] == '\0')
		abort();
	sums_release(&sums);
	return 0;
}
