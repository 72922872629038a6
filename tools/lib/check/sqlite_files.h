/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A SQLite database, its write-ahead log and its rollback journal as a VFS
 * (sqlite.org/vfs.html) over sources: SQLite reads them where they are, and
 * what it would write while it rolls a journal back stays in memory.  Nothing
 * on any disk is written or even touched.
 *
 *	sqlite_files_init(&f, db, wal, journal)
 *	sqlite3_open_v2("db", &handle, ..., f.vfs.zName)
 *	PRAGMA locking_mode=EXCLUSIVE	a log is read without shared memory
 *	sqlite3_close(handle)
 *	sqlite_files_release(&f)
 *
 * A read that fails gives SQLITE_IOERR to SQLite and its cause in failure.
 */
#ifndef CHECK_SQLITE_FILES_H
#define CHECK_SQLITE_FILES_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "io/stream.h"

/* What may be written while a journal is rolled back; then it is too much. */
#define SQLITE_WRITTEN_MAX ((size_t)16 << 20)

struct sqlite_patch;

struct sqlite_files {
	sqlite3_vfs vfs;
	char name[32];
	struct source *db;
	struct source *wal;		/* or NULL */
	struct source *journal;		/* or NULL; until it was rolled back */
	uint64_t db_size;		/* as SQLite sees it */
	struct sqlite_patch *patches;	/* by offset, not overlapping */
	size_t patch_count;
	size_t written;			/* bytes in patches */
	bool is_too_much;		/* SQLITE_WRITTEN_MAX was reached */
	struct err failure;		/* the first; ERR_NONE: none */
};

/* The sources are borrowed.  -1: SQLite cannot take the VFS. */
int sqlite_files_init(struct sqlite_files *f, struct source *db,
    struct source *wal, struct source *journal, struct err *err);
void sqlite_files_release(struct sqlite_files *f);

#endif
