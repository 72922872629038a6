/* SPDX-License-Identifier: BSD-2-Clause */
/* The catalogue's file: made, refused, put aside; never believed blindly. */
#include "catalog/catalog.h"

#include <dirent.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "catalog/events.h"
#include "catalog/media.h"
#include "catalog/query.h"
#include "harness.h"
#include "scratch.h"

static char dir[SCRATCH_MAX];

/* A path in the scratch folder; lasts until the next call but one. */
static const char *
at(const char *name)
{
	static char paths[2][2 * SCRATCH_MAX];
	static unsigned turn;
	char *path = paths[turn++ % 2];

	(void)snprintf(path, sizeof paths[0], "%s/%s", dir, name);
	return path;
}

static int64_t
pragma(struct catalog *c, const char *name)
{
	char sql[64];
	struct err err;
	int64_t value = -1;

	(void)snprintf(sql, sizeof sql, "PRAGMA %s", name);
	(void)query_number(c, sql, &value, &err);
	return value;
}

static void
put_incident(struct catalog *c, const char *text)
{
	struct catalog_incident incident = { "", 1, "test", text };
	struct err err;

	ok(catalog_incident_put(c, &incident, &err) == 0, "an incident");
}

static void
count_one(void *ctx, const struct catalog_incident *incident)
{
	(void)incident;
	(*(unsigned *)ctx)++;
}

static unsigned
incidents(struct catalog *c)
{
	unsigned count = 0;
	struct err err;

	if (catalog_incidents_each(c, 100, count_one, &count, &err) == -1)
		return UINT32_MAX;
	return count;
}

/* How many names in the folder start like that. */
static unsigned
names_like(const char *start)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	unsigned count = 0;

	while (d != NULL && (entry = readdir(d)) != NULL)
		if (strncmp(entry->d_name, start, strlen(start)) == 0)
			count++;
	if (d != NULL)
		(void)closedir(d);
	return count;
}

static void
test_made_where_missing(void)
{
	struct catalog *c = NULL;
	struct stat st;
	struct err err;

	ok(catalog_open(&c, at("new/catalog.db"), CATALOG_READ, &err) == -1 &&
	    err.class == ERR_NOT_FOUND, "reading: there is none yet");
	ok(stat(at("new"), &st) == -1, "and none is made");
	if (!ok(catalog_open(&c, at("new/catalog.db"), CATALOG_WRITE,
	    &err) == 0, "writing: made"))
		return;
	ok(stat(at("new"), &st) == 0 && (st.st_mode & 0777) == 0700,
	    "folder 0700");
	ok(stat(at("new/catalog.db"), &st) == 0 &&
	    (st.st_mode & 0777) == 0600, "file 0600");
	ok(catalog_note(c) == NULL, "nothing to tell");
	is_u64((uint64_t)pragma(c, "application_id"), CATALOG_ID, "whose");
	is_u64((uint64_t)pragma(c, "user_version"), CATALOG_FORMAT,
	    "format");
	/* What kept the last commit through a power cut. */
	is_u64((uint64_t)pragma(c, "synchronous"), 3, "synchronous EXTRA");
	is_u64((uint64_t)pragma(c, "trusted_schema"), 0, "schema untrusted");
	is_u64((uint64_t)pragma(c, "cell_size_check"), 1, "cells checked");
	is_u64((uint64_t)pragma(c, "mmap_size"), 0, "no memory map");
	put_incident(c, "first");
	catalog_close(c);
	c = NULL;
	ok(catalog_open(&c, at("new/catalog.db"), CATALOG_READ, &err) == 0,
	    "opened for reading");
	is_u64(incidents(c), 1, "it kept what was recorded");
	ok(catalog_incident_put(c, &(struct catalog_incident){ "", 1, "x",
	    "y" }, &err) == -1, "and takes nothing");
	catalog_close(c);
	catalog_close(NULL);
}

static void
test_journal_is_deleted(void)
{
	struct catalog *c = NULL;
	struct query q;
	struct err err;

	if (!ok(catalog_open(&c, at("journal.db"), CATALOG_WRITE, &err) == 0,
	    "opened"))
		return;
	query_open(&q, c, "PRAGMA journal_mode");
	ok(query_row(&q) && strcmp(query_text(&q, 0), "delete") == 0,
	    "journal DELETE");
	(void)query_end(&q, &err);
	catalog_close(c);
}

static void
test_undone_unless_committed(void)
{
	struct catalog *c = NULL;
	struct err err;

	if (!ok(catalog_open(&c, at("undo.db"), CATALOG_WRITE, &err) == 0,
	    "opened"))
		return;
	ok(catalog_begin(c, &err) == 0, "begun");
	put_incident(c, "rolled back");
	catalog_rollback(c);
	is_u64(incidents(c), 0, "rolled back");
	ok(catalog_begin(c, &err) == 0, "begun");
	put_incident(c, "closed");
	catalog_close(c);
	c = NULL;
	ok(catalog_open(&c, at("undo.db"), CATALOG_WRITE, &err) == 0, "again");
	is_u64(incidents(c), 0, "closed without a commit: undone");
	catalog_close(c);
}

static bool
sql(const char *path, const char *text)
{
	sqlite3 *db = NULL;
	bool done = sqlite3_open(path, &db) == SQLITE_OK &&
	    sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK;

	(void)sqlite3_close(db);
	return done;
}

static void
test_newer_is_left_alone(void)
{
	struct catalog *c = NULL;
	struct err err;

	if (!ok(catalog_open(&c, at("newer/catalog.db"), CATALOG_WRITE,
	    &err) == 0, "opened"))
		return;
	catalog_close(c);
	ok(sql(at("newer/catalog.db"), "PRAGMA user_version = 2"),
	    "a newer format");
	ok(catalog_open(&c, at("newer/catalog.db"), CATALOG_WRITE,
	    &err) == -1 && err.class == ERR_LIMIT, "is refused");
	ok(strstr(err.text, "newer version") != NULL, "by name: %s",
	    err.text);
	ok(sql(at("newer/catalog.db"), "PRAGMA user_version = 1"), "back");
	ok(catalog_open(&c, at("newer/catalog.db"), CATALOG_WRITE,
	    &err) == 0, "and was not touched");
	catalog_close(c);
}

static void
test_strangers_are_left_alone(void)
{
	struct catalog *c = NULL;
	struct buf text = BUF_EMPTY;
	struct err err;

	(void)scratch_put(dir, "notes.txt", "not a database at all\n");
	ok(catalog_open(&c, at("notes.txt"), CATALOG_WRITE, &err) == -1 &&
	    err.class == ERR_DAMAGED, "somebody's text");
	ok(io_read_typed(at("notes.txt"), 100, &text, &err) == 0 &&
	    strcmp(buf_text(&text), "not a database at all\n") == 0,
	    "is as it was");
	buf_release(&text);
	ok(sql(at("other.db"), "CREATE TABLE t(x)"), "somebody's database");
	ok(catalog_open(&c, at("other.db"), CATALOG_WRITE, &err) == -1 &&
	    err.class == ERR_DAMAGED, "is refused");
	ok(sql(at("other.db"), "INSERT INTO t VALUES (1)"), "and intact");
	ok(sql(at("catalog.db"), "CREATE TABLE t(x)"), "the same, by our name");
	ok(catalog_open(&c, at("catalog.db"), CATALOG_WRITE, &err) == -1,
	    "is refused, too");
	ok(sql(at("catalog.db"), "INSERT INTO t VALUES (1)"), "and intact");
	(void)unlink(at("catalog.db"));
	(void)mkdir(at("folder.db"), 0755);
	ok(catalog_open(&c, at("folder.db"), CATALOG_WRITE, &err) == -1,
	    "a folder");
	(void)symlink("undo.db", at("link.db"));
	ok(catalog_open(&c, at("link.db"), CATALOG_WRITE, &err) == -1,
	    "a symbolic link");
	ok(catalog_open(&c, at("notes.txt/catalog.db"), CATALOG_WRITE,
	    &err) == -1 && err.class == ERR_IO,
	    "a folder that cannot be made: %s", err.text);
}

/* Write over some bytes. */
static void
spoil(const char *path, off_t offset, size_t len)
{
	static const char junk[8192] = { 'x', 'y', 'z' };
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ok(fd != -1 && pwrite(fd, junk, len, offset) == (ssize_t)len,
	    "spoilt at %lld", (long long)offset);
	(void)close(fd);
}

static void
test_damaged_is_put_aside(const char *name, off_t offset, size_t len)
{
	struct catalog *c = NULL;
	struct err err;
	unsigned before = names_like("catalog.db.damaged-");

	(void)unlink(at("catalog.db"));
	if (!ok(catalog_open(&c, at("catalog.db"), CATALOG_WRITE,
	    &err) == 0, "%s", name))
		return;
	put_incident(c, "to be lost");
	catalog_close(c);
	if (len > 0)
		spoil(at("catalog.db"), offset, len);
	else
		ok(truncate(at("catalog.db"), offset) == 0, "cut");
	ok(catalog_open(&c, at("catalog.db"), CATALOG_READ, &err) == -1 &&
	    err.class == ERR_DAMAGED, "%s: reading: damaged", name);
	is_u64(names_like("catalog.db.damaged-"), before, "and stays");
	if (!ok(catalog_open(&c, at("catalog.db"), CATALOG_WRITE,
	    &err) == 0, "%s: writing: begun anew", name))
		return;
	ok(catalog_note(c) != NULL &&
	    strstr(catalog_note(c), "damaged-") != NULL, "told: %s",
	    catalog_note(c));
	is_u64(incidents(c), 0, "empty");
	is_u64(names_like("catalog.db.damaged-"), before + 1, "put aside");
	put_incident(c, "new");
	catalog_close(c);
	/* Names have a second in them. */
	(void)rename(at("catalog.db"), at("spent.db"));
}

static void
test_changed_schema_is_not_believed(void)
{
	static const char *const changes[] = {
		"CREATE TABLE more(x)",
		"CREATE TRIGGER t AFTER INSERT ON incidents BEGIN "
		"DELETE FROM runs; END",
		"ALTER TABLE incidents ADD COLUMN x TEXT",
		"DROP TABLE losses",
	};
	struct catalog *c;
	struct err err;
	char name[64];
	size_t i;

	for (i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		(void)snprintf(name, sizeof name, "schema%zu/catalog.db", i);
		c = NULL;
		if (!ok(catalog_open(&c, at(name), CATALOG_WRITE, &err) == 0,
		    "opened"))
			return;
		catalog_close(c);
		ok(sql(at(name), changes[i]), "%s", changes[i]);
		c = NULL;
		ok(catalog_open(&c, at(name), CATALOG_WRITE, &err) == 0 &&
		    catalog_note(c) != NULL, "put aside and begun anew");
		catalog_close(c);
	}
}

static void
test_two_writers(void)
{
	enum { EACH = 100 };
	struct catalog *c = NULL;
	struct err err;
	int i, who, status;
	pid_t pids[2];

	for (who = 0; who < 2; who++) {
		pids[who] = fork();
		if (pids[who] != 0)
			continue;
		/* Both may be the one that makes it. */
		if (catalog_open(&c, at("two/catalog.db"), CATALOG_WRITE,
		    &err) == -1)
			_exit(1);
		for (i = 0; i < EACH; i++) {
			struct catalog_incident one = { "", i, "two", "" };

			if (catalog_begin(c, &err) == -1 ||
			    catalog_incident_put(c, &one, &err) == -1 ||
			    catalog_commit(c, &err) == -1)
				_exit(2);
		}
		catalog_close(c);
		_exit(0);
	}
	for (who = 0; who < 2; who++)
		ok(waitpid(pids[who], &status, 0) == pids[who] &&
		    WIFEXITED(status) && WEXITSTATUS(status) == 0,
		    "writer %d: %d", who, status);
	ok(catalog_open(&c, at("two/catalog.db"), CATALOG_READ, &err) == 0,
	    "opened");
	is_u64(pragma(c, "user_version") == 1 ? (uint64_t)pragma(c,
	    "page_count") > 0 : 0, 1, "sound");
	{
		int64_t count = 0;

		(void)query_number(c, "SELECT count(*) FROM incidents",
		    &count, &err);
		is_u64((uint64_t)count, 2 * EACH, "nothing was lost");
	}
	catalog_close(c);
}

static void
take_text(void *ctx, const struct catalog_incident *incident)
{
	buf_set(ctx, incident->text, strlen(incident->text));
}

static void
take_json(void *ctx, const struct catalog_tool_run *run)
{
	*(size_t *)ctx = run->json_len;
}

static void
test_limits(void)
{
	static const size_t lengths[] = {
		CATALOG_TEXT_MAX - 1, CATALOG_TEXT_MAX, CATALOG_TEXT_MAX + 1
	};
	struct catalog_tool_run run = { "probe", "run", 1, 2, 0, NULL, 0 };
	struct catalog *c = NULL;
	struct buf got = BUF_EMPTY;
	char *text, *json;
	size_t i, len = 0;
	struct err err;

	if (!ok(catalog_open(&c, at("limits.db"), CATALOG_WRITE,
	    &err) == 0, "opened"))
		return;
	for (i = 0; i < 3; i++) {
		text = mem_zero(lengths[i] + 1, 1);
		memset(text, 'a', lengths[i]);
		put_incident(c, text);
		free(text);
		ok(catalog_incidents_each(c, 1, take_text, &got, &err) == 0,
		    "asked");
		is_u64(got.len, lengths[i] > CATALOG_TEXT_MAX ?
		    CATALOG_TEXT_MAX : lengths[i], "text of %zu",
		    lengths[i]);
	}
	json = mem_zero(CATALOG_JSON_MAX + 2, 1);
	memset(json, ' ', CATALOG_JSON_MAX + 1);
	run.json = json;
	for (i = 0; i < 3; i++) {
		run.json_len = CATALOG_JSON_MAX - 1 + i;
		is_u64(catalog_tool_run_put(c, &run, &err) == 0, i < 2,
		    "JSON of %zu", run.json_len);
	}
	ok(err.class == ERR_LIMIT, "as a limit");
	ok(catalog_tool_runs_each(c, "probe", 1, take_json, &len,
	    &err) == 0 && len == CATALOG_JSON_MAX, "comes back whole");
	free(json);
	/* Somebody wrote to the file by another way. */
	ok(query_exec(c, "INSERT INTO incidents (medium, at, kind, text) "
	    "VALUES ('', 1, 'x', 'a\\134b' || char(27) || '[2J')",
	    &err) == 0, "a control character");
	ok(catalog_incidents_each(c, 1, take_text, &got, &err) == 0, "asked");
	is_str(buf_text(&got), "a\\134b\\033[2J", "is harmless");
	buf_release(&got);
	catalog_close(c);
}

int
main(void)
{
	if (!ok(scratch_make(dir), "scratch"))
		return done();
	test_made_where_missing();
	test_journal_is_deleted();
	test_undone_unless_committed();
	test_newer_is_left_alone();
	test_strangers_are_left_alone();
	test_damaged_is_put_aside("its head", 0, 100);
	test_damaged_is_put_aside("its schema", 100, 2000);
	test_damaged_is_put_aside("a page", 8192, 4096);
	test_damaged_is_put_aside("its end", 20000, 0);
	test_changed_schema_is_not_believed();
	test_two_writers();
	test_limits();
	ok(scratch_remove(dir), "scratch removed");
	return done();
}
