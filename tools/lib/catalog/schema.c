/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables; see schema.h. */
#include "catalog/schema.h"

#include <stddef.h>

/*
 * Times are seconds since 1970 as the clock had it, for people; order is by
 * id.  Verdicts are the words that the tools print.  A file's last_check is
 * the id of its newest row in checks, 0 when it was never read.
 */
const struct schema_item schema_items[] = {
	{ "media",
"CREATE TABLE media(\n"
" id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
" uuid TEXT NOT NULL UNIQUE,\n"
" label TEXT NOT NULL,\n"
" fs TEXT NOT NULL,\n"
" path TEXT NOT NULL,\n"
" first_seen INTEGER NOT NULL,\n"
" last_seen INTEGER NOT NULL\n"
") STRICT" },
	{ "snapshots",
"CREATE TABLE snapshots(\n"
" id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
" medium INTEGER NOT NULL REFERENCES media,\n"
" sequence INTEGER NOT NULL,\n"
" name TEXT NOT NULL,\n"
" sums BLOB NOT NULL,\n"
" started INTEGER NOT NULL,\n"
" finished INTEGER NOT NULL,\n"
" host TEXT NOT NULL,\n"
" version TEXT NOT NULL,\n"
" is_gone INTEGER NOT NULL,\n"
" UNIQUE(medium, name)\n"
") STRICT" },
	{ "sources",
"CREATE TABLE sources(\n"
" id INTEGER PRIMARY KEY,\n"
" snapshot INTEGER NOT NULL REFERENCES snapshots,\n"
" name TEXT NOT NULL,\n"
" kind TEXT NOT NULL,\n"
" bytes INTEGER NOT NULL,\n"
" packed INTEGER NOT NULL,\n"
" files INTEGER NOT NULL,\n"
" entries INTEGER NOT NULL,\n"
" changed INTEGER NOT NULL,\n"
" missed INTEGER NOT NULL,\n"
" consistency TEXT NOT NULL,\n"
" UNIQUE(snapshot, name)\n"
") STRICT" },
	{ "sources_by_name",
"CREATE INDEX sources_by_name ON sources(kind, name)" },
	{ "files",
"CREATE TABLE files(\n"
" id INTEGER PRIMARY KEY,\n"
" snapshot INTEGER NOT NULL REFERENCES snapshots,\n"
" name TEXT NOT NULL,\n"
" source TEXT NOT NULL,\n"
" bytes INTEGER NOT NULL,\n"
" sha256 BLOB NOT NULL,\n"
" last_check INTEGER NOT NULL,\n"
" is_gone INTEGER NOT NULL,\n"
" UNIQUE(snapshot, name)\n"
") STRICT" },
	{ "runs",
"CREATE TABLE runs(\n"
" id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
" uuid TEXT NOT NULL UNIQUE,\n"
" medium INTEGER NOT NULL REFERENCES media,\n"
" kind TEXT NOT NULL,\n"
" scope TEXT NOT NULL,\n"
" host TEXT NOT NULL,\n"
" owner TEXT NOT NULL,\n"
" started INTEGER NOT NULL,\n"
" ended INTEGER NOT NULL,\n"
" state TEXT NOT NULL,\n"
" files INTEGER NOT NULL,\n"
" bad INTEGER NOT NULL,\n"
" bytes INTEGER NOT NULL,\n"
" milliseconds INTEGER NOT NULL,\n"
" status INTEGER NOT NULL\n"
") STRICT" },
	{ "runs_by_medium",
"CREATE INDEX runs_by_medium ON runs(medium)" },
	{ "checks",
"CREATE TABLE checks(\n"
" id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
" run INTEGER NOT NULL REFERENCES runs,\n"
" file INTEGER NOT NULL REFERENCES files,\n"
" at INTEGER NOT NULL,\n"
" verdict TEXT NOT NULL,\n"
" is_bad INTEGER NOT NULL,\n"
" why TEXT NOT NULL,\n"
" bytes INTEGER NOT NULL,\n"
" milliseconds INTEGER NOT NULL,\n"
" retries INTEGER NOT NULL,\n"
" is_direct INTEGER NOT NULL\n"
") STRICT" },
	{ "checks_by_run",
"CREATE INDEX checks_by_run ON checks(run, file)" },
	{ "verdicts",
"CREATE TABLE verdicts(\n"
" id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
" run INTEGER NOT NULL REFERENCES runs,\n"
" snapshot INTEGER NOT NULL REFERENCES snapshots,\n"
" source TEXT NOT NULL,\n"
" checker TEXT NOT NULL,\n"
" root TEXT NOT NULL,\n"
" at INTEGER NOT NULL,\n"
" verdict TEXT NOT NULL,\n"
" is_bad INTEGER NOT NULL,\n"
" summary TEXT NOT NULL,\n"
" items INTEGER NOT NULL,\n"
" affected INTEGER NOT NULL\n"
") STRICT" },
	{ "verdicts_by_run",
"CREATE INDEX verdicts_by_run ON verdicts(run, snapshot, source)" },
	{ "losses",
"CREATE TABLE losses(\n"
" id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
" run INTEGER NOT NULL REFERENCES runs,\n"
" snapshot TEXT NOT NULL,\n"
" source TEXT NOT NULL,\n"
" path TEXT NOT NULL,\n"
" verdict TEXT NOT NULL,\n"
" why TEXT NOT NULL\n"
") STRICT" },
	{ "losses_by_run",
"CREATE INDEX losses_by_run ON losses(run)" },
	{ "places",
"CREATE TABLE places(\n"
" file INTEGER PRIMARY KEY REFERENCES files,\n"
" run INTEGER NOT NULL REFERENCES runs,\n"
" bytes INTEGER NOT NULL,\n"
" state BLOB NOT NULL\n"
") STRICT" },
	{ "takes",
"CREATE TABLE takes(\n"
" id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
" medium INTEGER NOT NULL REFERENCES media,\n"
" snapshot TEXT NOT NULL,\n"
" at INTEGER NOT NULL,\n"
" milliseconds INTEGER NOT NULL,\n"
" bytes INTEGER NOT NULL,\n"
" status INTEGER NOT NULL,\n"
" summary TEXT NOT NULL\n"
") STRICT" },
	{ "restores",
"CREATE TABLE restores(\n"
" id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
" medium TEXT NOT NULL,\n"
" snapshot TEXT NOT NULL,\n"
" source TEXT NOT NULL,\n"
" target TEXT NOT NULL,\n"
" at INTEGER NOT NULL,\n"
" milliseconds INTEGER NOT NULL,\n"
" bytes INTEGER NOT NULL,\n"
" status INTEGER NOT NULL,\n"
" summary TEXT NOT NULL\n"
") STRICT" },
	{ "incidents",
"CREATE TABLE incidents(\n"
" id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
" medium TEXT NOT NULL,\n"
" at INTEGER NOT NULL,\n"
" kind TEXT NOT NULL,\n"
" text TEXT NOT NULL\n"
") STRICT" },
	{ "tool_runs",
"CREATE TABLE tool_runs(\n"
" id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
" tool TEXT NOT NULL,\n"
" kind TEXT NOT NULL,\n"
" started INTEGER NOT NULL,\n"
" ended INTEGER NOT NULL,\n"
" status INTEGER NOT NULL,\n"
" json TEXT NOT NULL\n"
") STRICT" },
	{ NULL, NULL }
};
