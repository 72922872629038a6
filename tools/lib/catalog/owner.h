/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which process a record belongs to: this boot, its number, its start.  A
 * number alone would be taken for another process after a while, and in a
 * container it is 1 every time.
 */
#ifndef CATALOG_OWNER_H
#define CATALOG_OWNER_H

#include <stdbool.h>

#define OWNER_MAX 128

/* This process; "" when /proc does not tell. */
void owner_self(char owner[OWNER_MAX]);

/* Does it run still, as far as can be seen from here? */
bool owner_is_alive(const char *owner);

#endif
