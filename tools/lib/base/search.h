/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a name stands, or belongs, in a list that is sorted by its bytes. */
#ifndef BASE_SEARCH_H
#define BASE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * name_of gives the name of the i-th of count items.  The place of the item
 * with that name, and *found is true; or of the first one behind it.
 */
size_t search_name(const void *list, size_t count,
    const char *(*name_of)(const void *list, size_t i), const char *name,
    bool *found);

#endif
