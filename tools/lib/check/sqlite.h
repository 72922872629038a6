/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SQLite databases, and Grafana's: read through SQLite itself with their
 * write-ahead log or rollback journal, nothing written (see
 * sqlite_files.h).
 */
#ifndef CHECK_SQLITE_H
#define CHECK_SQLITE_H

#include "check/content.h"

/* Up to here the check of indices against tables is made as well. */
#define SQLITE_FULL_CHECK_MAX ((uint64_t)2 << 30)
#define SQLITE_HEAP_MAX ((int64_t)24 << 20)
#define SQLITE_SECONDS_MAX 1800

extern const struct file_checker check_sqlite;

#endif
