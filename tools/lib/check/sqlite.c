/* SPDX-License-Identifier: BSD-2-Clause */
/* SQLite databases; see sqlite.h. */
#include "check/sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"
#include "check/sqlite_files.h"
#include "check/sqlite_header.h"
#include "io/io.h"

#define PROBLEMS_MAX 20		/* that one check lists */
#define PROGRESS_STEPS 100000

/* One database and what stands beside it. */
struct database {
	struct tree *tree;
	const char *path;
	struct judgement *j;
	struct sqlite_header header;
	struct source *db;
	struct source *wal;
	struct source *journal;
	uint64_t frames;	/* of the log, committed */
	uint64_t rollback;	/* pages of a hot journal */
	struct sqlite_files files;
	sqlite3 *handle;
	uint64_t deadline_ms;
	bool is_late;
};

/* ---------------------------------------------------------------- siblings */

/* path with a suffix; NULL when there is no such file or it is empty. */
static int
open_sibling(struct database *d, const char *suffix, struct source **file,
    struct err *err)
{
	char *path = mem_format("%s%s", d->path, suffix);
	int ret = 0;

	*file = NULL;
	if (tree_open_path(d->tree, path, file, err) == -1) {
		if (err->class == ERR_NOT_FOUND)
			err_clear(err);
		else
			ret = judge_failure(d->j, path, err);
	}
	free(path);
	return ret;
}

static bool
has_sibling(struct database *d, const char *suffix)
{
	struct entry entry = ENTRY_EMPTY;
	char *path = mem_format("%s%s", d->path, suffix);
	struct err ignored;
	bool found = false;

	(void)tree_find(d->tree, path, &entry, &found, &ignored);
	entry_release(&entry);
	free(path);
	return found;
}

static int
look_beside(struct database *d, struct err *err)
{
	if (open_sibling(d, "-wal", &d->wal, err) == -1 ||
	    open_sibling(d, "-journal", &d->journal, err) == -1)
		return -1;
	if (d->wal != NULL && sqlite_wal_frames(d->wal, d->header.page_size,
	    &d->frames, err) == -1)
		return judge_failure(d->j, d->path, err);
	if (d->journal != NULL && sqlite_journal_pages(d->journal,
	    &d->rollback, err) == -1)
		return judge_failure(d->j, d->path, err);
	return 0;
}

static void
say_state(struct database *d)
{
	if (d->rollback > 0) {
		judge_find(d->j, VERDICT_RECOVERABLE, d->path, "a hot journal "
		    "stands beside it");
		judge_say(d->j, "a transaction was cut off; the first program "
		    "that opens it rolls %llu pages back",
		    (unsigned long long)d->rollback);
	}
	if (d->frames > 0) {
		judge_find(d->j, VERDICT_RECOVERABLE, d->path, "its write-"
		    "ahead log holds what is not in it yet");
		judge_say(d->j, "it was open, or crashed; %llu frames of its "
		    "log are part of it: keep the -wal file with it",
		    (unsigned long long)d->frames);
	}
	if (d->header.is_wal && d->wal == NULL && has_sibling(d, "-shm"))
		judge_find(d->j, VERDICT_SUSPECT, d->path, "-shm was left "
		    "behind and -wal is not there: the last transactions may "
		    "be missing");
}

static void
check_size(struct database *d)
{
	uint64_t want = (uint64_t)d->header.pages * d->header.page_size;

	/* With a journal or a log the header is not the last word. */
	if (d->rollback > 0 || d->frames > 0 || want <= d->db->size)
		return;
	judge_find(d->j, VERDICT_DAMAGED, d->path, "is cut off: %llu bytes of "
	    "%llu", (unsigned long long)d->db->size,
	    (unsigned long long)want);
}

/* ------------------------------------------------------------------- SQLite */

static int
on_progress(void *ctx)
{
	struct database *d = ctx;

	d->is_late = io_ticks_ms() > d->deadline_ms;
	return d->is_late;
}

static void
guard(struct database *d)
{
	int ignored;

	(void)sqlite3_db_config(d->handle, SQLITE_DBCONFIG_DEFENSIVE, 1,
	    &ignored);
	(void)sqlite3_db_config(d->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
	    &ignored);
	(void)sqlite3_db_config(d->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0,
	    &ignored);
	(void)sqlite3_db_config(d->handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0,
	    &ignored);
	(void)sqlite3_db_config(d->handle,
	    SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &ignored);
	(void)sqlite3_limit(d->handle, SQLITE_LIMIT_LENGTH, 8 << 20);
	(void)sqlite3_limit(d->handle, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_progress_handler(d->handle, PROGRESS_STEPS, on_progress, d);
}

/*
 * What went wrong in SQLite, as a finding.  -1: only when a read was
 * interrupted.
 */
static int
judge_sqlite(struct database *d, const char *what, struct err *err)
{
	char text[ESCAPE_NAME_MAX];

	if (d->files.failure.class != ERR_NONE) {
		*err = d->files.failure;
		return judge_failure(d->j, d->path, err);
	}
	if (d->is_late)
		judge_find(d->j, VERDICT_UNCHECKED, d->path, "%s was given up "
		    "after %d minutes", what, SQLITE_SECONDS_MAX / 60);
	else if (d->files.is_too_much)
		judge_find(d->j, VERDICT_UNCHECKED, d->path, "its journal is "
		    "larger than is rolled back here (%zu MiB)",
		    SQLITE_WRITTEN_MAX >> 20);
	else if (sqlite3_errcode(d->handle) == SQLITE_NOMEM)
		judge_find(d->j, VERDICT_UNCHECKED, d->path,
		    "%s needs more than %d MiB of memory", what,
		    (int)(SQLITE_HEAP_MAX >> 20));
	else
		judge_find(d->j, VERDICT_DAMAGED, d->path, "%s: %s", what,
		    escape_name(sqlite3_errmsg(d->handle), text));
	return 0;
}

/* Rows of a check, each a problem; one that says "ok" is none. */
static int
list_problems(struct database *d, const char *sql, enum verdict verdict,
    const char *what, struct err *err)
{
	sqlite3_stmt *statement = NULL;
	char text[ESCAPE_NAME_MAX];
	unsigned count = 0;
	int step = SQLITE_ERROR;

	if (sqlite3_prepare_v2(d->handle, sql, -1, &statement, NULL) ==
	    SQLITE_OK)
		while ((step = sqlite3_step(statement)) == SQLITE_ROW &&
		    count < PROBLEMS_MAX) {
			const char *row = (const char *)
			    sqlite3_column_text(statement, 0);

			if (row == NULL || strcmp(row, "ok") == 0)
				continue;
			count++;
			judge_find(d->j, verdict, d->path, "%s: %s", what,
			    escape_name(row, text));
		}
	(void)sqlite3_finalize(statement);
	if (step != SQLITE_DONE && step != SQLITE_ROW)
		return judge_sqlite(d, what, err);
	return 0;
}

/* One number; -1 in *value when the table is not there or cannot be read. */
static void
ask(struct database *d, const char *sql, int64_t *value)
{
	sqlite3_stmt *statement = NULL;

	*value = -1;
	if (sqlite3_prepare_v2(d->handle, sql, -1, &statement, NULL) ==
	    SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
		*value = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
}

static void
say_grafana(struct database *d)
{
	int64_t migrations, dashboards, sources, users;

	ask(d, "SELECT count(*) FROM migration_log", &migrations);
	ask(d, "SELECT count(*) FROM dashboard", &dashboards);
	ask(d, "SELECT count(*) FROM data_source", &sources);
	ask(d, "SELECT count(*) FROM user", &users);
	if (migrations < 0 || dashboards < 0)
		return;
	d->j->checker = "Grafana";
	judge_say(d->j, "Grafana: %lld dashboards, %lld data sources, %lld "
	    "users; the passwords in it open only with the secret_key of its "
	    "configuration, which is not in here: save that too",
	    (long long)dashboards, (long long)sources, (long long)users);
}

static int
check_inside(struct database *d, struct err *err)
{
	bool is_full = d->db->size <= SQLITE_FULL_CHECK_MAX;
	char size[NUM_BYTES_TEXT];
	int64_t tables, before = d->j->verdict;

	if (list_problems(d, is_full ? "PRAGMA integrity_check(20)" :
	    "PRAGMA quick_check(20)", VERDICT_DAMAGED, is_full ?
	    "integrity check" : "quick check", err) == -1)
		return -1;
	/* Broken pages make nonsense of the rest. */
	if (d->j->verdict > before && d->j->verdict > VERDICT_RECOVERABLE)
		return 0;
	if (list_problems(d, "SELECT \"table\" || ': row ' || "
	    "coalesce(rowid, '?') || ' refers to what is not in ' || parent "
	    "FROM pragma_foreign_key_check LIMIT 20", VERDICT_SUSPECT,
	    "foreign key", err) == -1)
		return -1;
	ask(d, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'",
	    &tables);
	judge_cover(d->j, "%s of %lld tables by SQLite's %s and foreign keys "
	    "(no checksum covers what is in the rows)",
	    num_format_bytes(d->db->size, size), (long long)tables, is_full ?
	    "integrity_check" : "quick_check: tables, not indices");
	say_grafana(d);
	return 0;
}

static int
open_and_check(struct database *d, struct err *err)
{
	static const char setup[] = "PRAGMA locking_mode=EXCLUSIVE;"
	    "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192;"
	    "PRAGMA mmap_size=0; PRAGMA cell_size_check=ON;";

	if (sqlite3_open_v2("db", &d->handle, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_PRIVATECACHE, d->files.name) != SQLITE_OK)
		return judge_sqlite(d, "opening", err);
	guard(d);
	if (sqlite3_exec(d->handle, setup, NULL, NULL, NULL) != SQLITE_OK)
		return judge_sqlite(d, "opening", err);
	return check_inside(d, err);
}

static int
run_sqlite(struct database *d, struct err *err)
{
	struct source *wal = d->frames > 0 ? d->wal : NULL;
	struct source *journal = d->rollback > 0 ? d->journal : NULL;
	sqlite3_int64 heap;
	int ret;

	if (sqlite_files_init(&d->files, d->db, wal, journal, err) == -1)
		return judge_failure(d->j, d->path, err);
	heap = sqlite3_hard_heap_limit64(SQLITE_HEAP_MAX);
	d->deadline_ms = io_ticks_ms() + SQLITE_SECONDS_MAX * 1000U;
	ret = open_and_check(d, err);
	(void)sqlite3_close(d->handle);
	(void)sqlite3_hard_heap_limit64(heap);
	sqlite_files_release(&d->files);
	return ret;
}

static int
check(const struct content *c, const struct entry *entry,
    struct source *file, struct judgement *j, struct err *err)
{
	struct database d = { .tree = c->tree, .j = j,
	    .path = buf_text(&entry->path), .db = file };
	uint8_t head[SQLITE_HEADER_LEN];
	int ret;

	if (file->size < sizeof head) {
		judge_find(j, VERDICT_DAMAGED, d.path, "is cut off within "
		    "its header");
		return 0;
	}
	if (file->read_at(file, 0, head, sizeof head, err) == -1 ||
	    sqlite_header_parse(&d.header, head, err) == -1)
		return judge_failure(j, d.path, err);
	ret = look_beside(&d, err);
	if (ret == 0) {
		say_state(&d);
		check_size(&d);
		ret = run_sqlite(&d, err);
	}
	tree_close_file(c->tree, d.wal);
	tree_close_file(c->tree, d.journal);
	return ret;
}

static bool
recognise(const struct entry *entry, const uint8_t *head, size_t len)
{
	(void)entry;
	return sqlite_header_matches(head, len);
}

const struct file_checker check_sqlite = { "SQLite", recognise, check };
