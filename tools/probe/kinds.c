/* SPDX-License-Identifier: BSD-2-Clause */
/* The kinds of checks there are; see check.h. */
#include <string.h>

#include "check.h"

static const struct check_kind *const kinds[] = {
	NULL
};

const struct check_kind *const *
check_kinds(size_t *count)
{
	*count = sizeof kinds / sizeof kinds[0] - 1;
	return kinds;
}

const struct check_kind *
check_kind_of(const char *scheme)
{
	const struct check_kind *const *kind;
	const char *const *name;

	for (kind = kinds; *kind != NULL; kind++)
		for (name = (*kind)->schemes; *name != NULL; name++)
			if (strcmp(*name, scheme) == 0)
				return *kind;
	return NULL;
}
