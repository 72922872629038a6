/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dumps as SQL text: pg_dump, pg_dumpall, mysqldump, mariadb-dump.  Line by
 * line: each dump that begins is complete, COPY is closed, nothing in it is a
 * program's error or a run of zeros.
 */
#ifndef CHECK_INNER_SQL_H
#define CHECK_INNER_SQL_H

#include "check/stream.h"

extern const struct inner_checker inner_sql;

#endif
