/* SPDX-License-Identifier: BSD-2-Clause */
/* Names in sorted lists; see search.h. */
#include "base/search.h"

#include <string.h>

size_t
search_name(const void *list, size_t count,
    const char *(*name_of)(const void *list, size_t i), const char *name,
    bool *found)
{
	size_t low = 0, high = count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = strcmp(name_of(list, middle), name);

		if (c == 0) {
			*found = true;
			return middle;
		}
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
