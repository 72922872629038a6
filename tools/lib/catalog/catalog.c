/* SPDX-License-Identifier: BSD-2-Clause */
/* The catalogue's file; see catalog.h. */
#include "catalog/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/utc.h"
#include "catalog/query.h"
#include "catalog/schema.h"
#include "io/io.h"

#define HEADER_LEN 100		/* of an SQLite file */
#define HEADER_PAGES 28		/* offsets in it */
#define HEADER_CHANGES 24
#define HEADER_CHANGES_SEEN 92
#define HEADER_ID 68
#define MAGIC "SQLite format 3"
#define USUAL_NAME "catalog.db"
#define QUICK_CHECK_MAX ((uint64_t)8 << 20)	/* always checked below */
#define OPEN_TRIES 3
#define NAME_TRIES 100

/* What the file looks like before SQLite has it. */
struct look {
	uint64_t device;
	uint64_t inode;
	uint64_t bytes;
	bool is_there;
	bool is_ours;		/* the header has our application_id */
	bool is_odd;		/* worth a check, whatever its size */
};

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static bool
has_journal(const char *path)
{
	char *journal = mem_format("%s-journal", path);
	struct stat st;
	bool has = stat(journal, &st) == 0 && st.st_size > 0;

	free(journal);
	return has;
}

/*
 * Done with a descriptor that is closed again before SQLite opens the file:
 * closing one later would drop SQLite's own locks.
 */
static int
look_at(const char *path, struct look *look, struct err *err)
{
	uint8_t head[HEADER_LEN];
	struct stat st;
	size_t got = 0;
	uint64_t page;
	int fd;

	memset(look, 0, sizeof *look);
	fd = io_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);
	if (fd == -1 && io_error() == ENOENT)
		return 0;
	if (fd == -1 || fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    io_pread(fd, head, sizeof head, 0, &got) == -1) {
		err_set(err, ERR_IO, fd == -1 ? io_error() : 0,
		    "not a file that can be read");
		if (fd != -1)
			(void)close(fd);	/* read-only */
		return -1;
	}
	(void)close(fd);	/* read-only */
	look->is_there = true;
	look->device = st.st_dev;
	look->inode = st.st_ino;
	look->bytes = (uint64_t)st.st_size;
	if (got < sizeof head || memcmp(head, MAGIC, sizeof MAGIC) != 0) {
		look->is_odd = got > 0;
		return 0;
	}
	look->is_ours = get_be32(head + HEADER_ID) == CATALOG_ID;
	page = (uint64_t)head[16] << 8 | head[17];
	page = page == 1 ? 65536 : page;
	look->is_odd = has_journal(path) ||
	    get_be32(head + HEADER_CHANGES) !=
	    get_be32(head + HEADER_CHANGES_SEEN) ||
	    page * get_be32(head + HEADER_PAGES) != look->bytes;
	return 0;
}

/* A folder for root alone, and a file for root alone. */
static int
make_file(const char *path, struct err *err)
{
	char *folder = mem_text(path);
	char *slash = strrchr(folder, '/');
	int fd, ret = -1;

	if (slash != NULL && slash != folder) {
		*slash = '\0';
		if (mkdir(folder, 0700) == -1 && errno != EEXIST) {
			err_set(err, ERR_IO, errno, "cannot make its folder");
			goto out;
		}
	}
	fd = io_open(AT_FDCWD, path, O_RDWR | O_CREAT, 0600);
	if (fd == -1) {
		err_set(err, ERR_IO, io_error(), "cannot make it");
		goto out;
	}
	(void)close(fd);	/* empty; SQLite fills and flushes it */
	ret = 0;
out:
	free(folder);
	return ret;
}

static void
limit(sqlite3 *db)
{
	(void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH,
	    2 * (int)CATALOG_JSON_MAX);
	(void)sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, 10000);
	(void)sqlite3_limit(db, SQLITE_LIMIT_COLUMN, 64);
	(void)sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	(void)sqlite3_limit(db, SQLITE_LIMIT_TRIGGER_DEPTH, 1);
	(void)sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
}

/*
 * DELETE with EXTRA is what kept the last commit in power-cut tests on ext4
 * and FAT; FULL lost it.  No memory map: a read error would be a signal.
 */
static int
set_up(struct catalog *c, enum catalog_mode mode, struct err *err)
{
	static const char *const pragmas[] = {
		"PRAGMA trusted_schema = OFF",
		"PRAGMA cell_size_check = ON",
		"PRAGMA mmap_size = 0",
		"PRAGMA cache_size = -1024",
		"PRAGMA foreign_keys = ON",
		"PRAGMA journal_mode = DELETE",
		"PRAGMA synchronous = EXTRA",
		NULL
	};
	size_t i;
	int off;

	(void)sqlite3_extended_result_codes(c->db, 1);
	(void)sqlite3_busy_timeout(c->db, CATALOG_BUSY_MS);
	(void)sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, &off);
	(void)sqlite3_db_config(c->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0,
	    &off);
	(void)sqlite3_db_config(c->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, &off);
	limit(c->db);
	for (i = 0; pragmas[i] != NULL; i++)
		if (query_exec(c, pragmas[i], err) == -1)
			return -1;
	return mode == CATALOG_READ ?
	    query_exec(c, "PRAGMA query_only = ON", err) : 0;
}

/* Word for word what this version makes, and nothing besides. */
static int
check_schema(struct catalog *c, struct err *err)
{
	const struct schema_item *item;
	int64_t count;
	size_t same = 0;

	if (query_number(c, "SELECT count(*) FROM sqlite_schema "
	    "WHERE sql IS NOT NULL AND name <> 'sqlite_sequence'", &count,
	    err) == -1)
		return -1;
	for (item = schema_items; item->name != NULL; item++) {
		struct query q;

		query_open(&q, c, "SELECT 1 FROM sqlite_schema "
		    "WHERE name = ? AND sql = ?");
		query_bind_text(&q, item->name);
		query_bind_long_text(&q, item->sql, strlen(item->sql));
		if (query_row(&q))
			same++;
		if (query_end(&q, err) == -1)
			return -1;
	}
	if (same == (size_t)(item - schema_items) && (size_t)count == same)
		return 0;
	c->is_damaged = true;
	return err_set(err, ERR_DAMAGED, 0,
	    "catalogue %s: its tables are not those of format %d", c->shown,
	    CATALOG_FORMAT);
}

static int
make_schema(struct catalog *c, struct err *err)
{
	const struct schema_item *item;
	char pragma[64];

	for (item = schema_items; item->name != NULL; item++)
		if (query_exec(c, item->sql, err) == -1)
			return -1;
	(void)snprintf(pragma, sizeof pragma, "PRAGMA application_id = %d",
	    CATALOG_ID);
	if (query_exec(c, pragma, err) == -1)
		return -1;
	(void)snprintf(pragma, sizeof pragma, "PRAGMA user_version = %d",
	    CATALOG_FORMAT);
	return query_exec(c, pragma, err);
}

/* Whose file it is, and of which format; *is_new: nobody's yet. */
static int
check_identity(struct catalog *c, bool *is_new, struct err *err)
{
	int64_t id = 0, format = 0, tables = 0;

	if (query_number(c, "PRAGMA application_id", &id, err) == -1 ||
	    query_number(c, "PRAGMA user_version", &format, err) == -1 ||
	    query_number(c, "SELECT count(*) FROM sqlite_schema", &tables,
	    err) == -1)
		return -1;
	*is_new = id == 0 && format == 0 && tables == 0;
	if (*is_new)
		return 0;
	if (id != CATALOG_ID) {
		c->may_put_aside = false;
		return err_set(err, ERR_DAMAGED, 0,
		    "%s is a database, but not a Drydock catalogue",
		    c->shown);
	}
	if (format > CATALOG_FORMAT)
		return err_set(err, ERR_LIMIT, 0, "catalogue %s: format "
		    "%lld was made by a newer version; this one knows "
		    "format %d", c->shown, (long long)format,
		    CATALOG_FORMAT);
	return 0;
}

/* Two tools may find the same empty file: the second sees the first's work. */
static int
fill_new(struct catalog *c, struct err *err)
{
	bool is_new;

	if (catalog_begin(c, err) == -1)
		return -1;
	if (check_identity(c, &is_new, err) == 0 &&
	    (!is_new || make_schema(c, err) == 0) &&
	    catalog_commit(c, err) == 0)
		return 0;
	catalog_rollback(c);
	return -1;
}

static int
quick_check(struct catalog *c, struct err *err)
{
	struct query q;
	bool is_good = false;

	query_open(&q, c, "PRAGMA quick_check(1)");
	if (query_row(&q))
		is_good = strcmp(query_text(&q, 0), "ok") == 0;
	if (query_end(&q, err) == -1)
		return -1;
	if (is_good)
		return 0;
	c->is_damaged = true;
	return err_set(err, ERR_DAMAGED, 0, "catalogue %s: damaged",
	    c->shown);
}

static int
open_db(struct catalog *c, enum catalog_mode mode, const struct look *look,
    struct err *err)
{
	bool is_new = false;
	int rc;

	rc = sqlite3_open_v2(c->path, &c->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		return query_failed(c, rc, err);
	if (mode == CATALOG_WRITE &&
	    sqlite3_db_readonly(c->db, "main") == 1)
		return err_set(err, ERR_IO, EROFS, "catalogue %s: "
		    "cannot be written to", c->shown);
	if (set_up(c, mode, err) == -1 ||
	    check_identity(c, &is_new, err) == -1)
		return -1;
	if (is_new && mode == CATALOG_READ)
		return err_set(err, ERR_NOT_FOUND, 0,
		    "catalogue %s: nothing was recorded there", c->shown);
	if (is_new && fill_new(c, err) == -1)
		return -1;
	if (check_schema(c, err) == -1)
		return -1;
	if (look->is_odd || look->bytes <= QUICK_CHECK_MAX)
		return quick_check(c, err);
	return 0;
}

static void
move_beside(const char *path, const char *suffix, const char *beside)
{
	char *from = mem_format("%s%s", path, suffix);
	char *to = mem_format("%s%s", beside, suffix);

	(void)io_rename_new(AT_FDCWD, from, AT_FDCWD, to);
	free(from);
	free(to);
}

/* What no file is called yet; two may be damaged within one second. */
static char *
free_name(const char *path)
{
	char when[UTC_TEXT_MAX];
	struct stat st;
	char *name = mem_format("%s.damaged-%s", path,
	    utc_compact(io_now(), when));
	int i;

	for (i = 2; i <= NAME_TRIES && lstat(name, &st) == 0; i++) {
		free(name);
		name = mem_format("%s.damaged-%s-%d", path, when, i);
	}
	return name;
}

/*
 * Another tool may be about to do the same.  The lock is on the damaged file
 * itself, and a name that leads to another file by now is left alone.
 */
static int
put_aside(struct catalog *c, struct err *err)
{
	char safe[ESCAPE_NAME_MAX];
	struct stat st;
	char *beside = NULL;
	int fd, ret = -1;

	(void)sqlite3_close(c->db);
	c->db = NULL;
	fd = io_open(AT_FDCWD, c->path, O_RDONLY, 0);
	if (fd == -1 || flock(fd, LOCK_EX) == -1 ||
	    stat(c->path, &st) == -1) {
		err_set(err, ERR_IO, errno, "catalogue %s: damaged, and "
		    "cannot be put aside", c->shown);
		goto out;
	}
	if (st.st_dev != c->device || st.st_ino != c->inode) {
		ret = 0;
		goto out;
	}
	beside = free_name(c->path);
	if (io_rename_new(AT_FDCWD, c->path, AT_FDCWD, beside) == -1) {
		err_set(err, ERR_IO, io_error(), "catalogue %s: damaged, and "
		    "cannot be put aside", c->shown);
		goto out;
	}
	/* It belongs to that file, and would be taken for the new one's. */
	move_beside(c->path, "-journal", beside);
	free(c->note);
	c->note = mem_format("the catalogue was damaged; it is put aside as "
	    "%s and begun anew: earlier history is lost to it",
	    escape_name(beside, safe));
	ret = 0;
out:
	if (fd != -1)
		(void)close(fd);	/* read-only */
	free(beside);
	return ret;
}

/* One attempt; *again: a damaged one was put out of the way. */
static int
try_open(struct catalog *c, enum catalog_mode mode, bool *again,
    struct err *err)
{
	struct look look;

	*again = false;
	if (look_at(c->path, &look, err) == -1)
		return err_context(err, "catalogue %s", c->shown);
	if (!look.is_there && mode == CATALOG_READ)
		return err_set(err, ERR_NOT_FOUND, 0,
		    "catalogue %s: there is none yet", c->shown);
	if (!look.is_there && (make_file(c->path, err) == -1 ||
	    look_at(c->path, &look, err) == -1))
		return err_context(err, "catalogue %s", c->shown);
	c->device = look.device;
	c->inode = look.inode;
	c->is_damaged = false;
	c->may_put_aside = mode == CATALOG_WRITE && (look.is_ours ||
	    strcmp(base_name(c->path), USUAL_NAME) == 0);
	if (open_db(c, mode, &look, err) == 0)
		return 0;
	if (!c->is_damaged || mode == CATALOG_READ)
		return -1;
	/* A wrong path may lead to any file: not ours to move. */
	if (!c->may_put_aside)
		return err_set(err, ERR_DAMAGED, 0,
		    "%s is not a Drydock catalogue; it is left as it is",
		    c->shown);
	err_clear(err);
	*again = true;
	return put_aside(c, err);
}

int
catalog_open(struct catalog **out, const char *path, enum catalog_mode mode,
    struct err *err)
{
	struct catalog *c = mem_zero(1, sizeof *c);
	char safe[ESCAPE_NAME_MAX];
	bool again = true;
	int tries, ret = -1;

	if (path == NULL)
		path = getenv(CATALOG_ENV);
	if (path == NULL || path[0] == '\0')
		path = CATALOG_USUAL;
	c->path = mem_text(path);
	c->shown = mem_text(escape_name(path, safe));
	for (tries = 0; again && tries < OPEN_TRIES; tries++) {
		ret = try_open(c, mode, &again, err);
		if (ret == -1)
			break;
	}
	if (ret == 0 && again)
		ret = err_set(err, ERR_DAMAGED, 0,
		    "catalogue %s: damaged again and again", c->shown);
	if (ret == 0) {
		*out = c;
		return 0;
	}
	c->is_damaged = false;
	catalog_close(c);
	return -1;
}

const char *
catalog_note(const struct catalog *c)
{
	return c->note;
}

const char *
catalog_path(const struct catalog *c)
{
	return c->shown;
}

void
catalog_close(struct catalog *c)
{
	struct err ignored;

	if (c == NULL)
		return;
	/* Seen while in use: the next run must not believe it either. */
	if (c->is_damaged && c->may_put_aside)
		(void)put_aside(c, &ignored);
	(void)sqlite3_close(c->db);	/* what is open is rolled back */
	free(c->path);
	free(c->shown);
	free(c->note);
	free(c);
}

int
catalog_begin(struct catalog *c, struct err *err)
{
	return query_exec(c, "BEGIN IMMEDIATE", err);
}

int
catalog_commit(struct catalog *c, struct err *err)
{
	return query_exec(c, "COMMIT", err);
}

void
catalog_rollback(struct catalog *c)
{
	struct err ignored;

	if (sqlite3_get_autocommit(c->db) == 0)
		(void)query_exec(c, "ROLLBACK", &ignored);
}
