/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A snapshot.json that is accepted holds only names that media may carry, and
 * reads the same after it was written again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "manifest/sums.h"
#include "medium/info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_names(const struct info *info)
{
	size_t i, k;

	for (i = 0; i < info->count; i++) {
		const struct source_info *s = &info->sources[i];

		if (!sums_is_plain(s->manifest) || s->parts.count == 0)
			abort();
		for (k = 0; k < s->parts.count; k++)
			if (!sums_is_plain(s->parts.items[k].name))
				abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct info info = INFO_EMPTY, again = INFO_EMPTY;
	struct buf text = BUF_EMPTY;
	struct err err;

	if (info_parse(&info, (const char *)data, len, &err) == -1)
		return 0;
	check_names(&info);
	if (info_format(&info, &text, &err) == -1 ||
	    info_parse(&again, text.data, text.len, &err) == -1 ||
	    again.count != info.count || again.sequence != info.sequence)
		abort();
	buf_release(&text);
	info_release(&again);
	info_release(&info);
	return 0;
}
