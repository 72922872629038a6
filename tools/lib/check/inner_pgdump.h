/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pg_dump's archives: the custom format as a stream, the directory format as
 * a set.  (The tar format is a tar: its members are looked at, its table of
 * contents is not.)
 */
#ifndef CHECK_INNER_PGDUMP_H
#define CHECK_INNER_PGDUMP_H

#include "check/stream.h"

extern const struct inner_checker inner_pgdump;
extern const struct set_checker check_pgdump_directory;

#endif
