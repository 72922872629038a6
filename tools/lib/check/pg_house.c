/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything in a PostgreSQL cluster besides relations and log that decides
 * whether the server starts: folders it expects, owner and mode, the state of
 * transactions, replication slots, signal files, a stale lock.
 */
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "check/pg.h"
#include "check/pg_name.h"
#include "check/pg_small.h"

#define SLRU_FILE_PAGES 32U

/* ----------------------------------------------------------------- folders */

/*
 * The server makes none of these anew.  What it does without each was tried
 * with release 15.
 */
#define REFUSES "the server refuses to start"
#define NO_CHECKPOINTS "the server starts, but no checkpoint succeeds"
#define FAILS "the server starts, but what needs it fails"
static const struct {
	const char *name;
	const char *without;
	enum verdict verdict;
} folders[] = {
	{ "pg_commit_ts", REFUSES, VERDICT_DAMAGED },
	{ "pg_dynshmem", FAILS, VERDICT_SUSPECT },
	{ "pg_logical", NO_CHECKPOINTS, VERDICT_SUSPECT },
	{ "pg_logical/mappings", NO_CHECKPOINTS, VERDICT_SUSPECT },
	{ "pg_logical/snapshots", NO_CHECKPOINTS, VERDICT_SUSPECT },
	{ "pg_multixact", REFUSES, VERDICT_DAMAGED },
	{ "pg_multixact/members", NO_CHECKPOINTS, VERDICT_SUSPECT },
	{ "pg_multixact/offsets", REFUSES, VERDICT_DAMAGED },
	{ "pg_notify", REFUSES, VERDICT_DAMAGED },
	{ "pg_replslot", REFUSES, VERDICT_DAMAGED },
	{ "pg_serial", FAILS, VERDICT_SUSPECT },
	{ "pg_snapshots", FAILS, VERDICT_SUSPECT },
	{ "pg_stat", FAILS, VERDICT_SUSPECT },
	{ "pg_stat_tmp", FAILS, VERDICT_SUSPECT },
	{ "pg_subtrans", NO_CHECKPOINTS, VERDICT_SUSPECT },
	{ "pg_tblspc", FAILS, VERDICT_SUSPECT },
	{ "pg_twophase", REFUSES, VERDICT_DAMAGED },
};

static int
check_folders(struct pg *pg, struct err *err)
{
	enum entry_type type;
	uint64_t size;
	bool found;
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		const char *path = pg_path(pg, "%s", folders[i].name);

		if (pg_find(pg, path, &found, &type, &size, err) == -1)
			return -1;
		if (!found)
			judge_find(pg->judgement, folders[i].verdict, path,
			    "this folder is not there: %s; make it anew, with "
			    "mode 0700", folders[i].without);
	}
	judge_cover(pg->judgement, "the folders a server needs");
	return 0;
}

static int
check_owner(struct pg *pg, struct err *err)
{
	struct entry root = ENTRY_EMPTY, control = ENTRY_EMPTY;
	uint32_t others = pg->control.major >= 11 ? 0027 : 0077;
	bool found, has_control;
	int ret = tree_find(pg->tree, pg->root, &root, &found, err);

	if (ret == 0)
		ret = tree_find(pg->tree, pg_path(pg, "global/pg_control"),
		    &control, &has_control, err);
	if (ret == -1) {
		ret = judge_failure(pg->judgement, pg->root, err);
		goto out;
	}
	if (found && (root.mode & others) != 0)
		judge_find(pg->judgement, VERDICT_DAMAGED, pg->root,
		    "its mode is %04o: the server refuses to start unless it "
		    "is 0700 or 0750", root.mode);
	if (found && has_control && root.uid != control.uid)
		judge_find(pg->judgement, VERDICT_DAMAGED, pg->root,
		    "it belongs to user %u, but its files to user %u: the "
		    "server refuses to start", root.uid, control.uid);
out:
	entry_release(&root);
	entry_release(&control);
	return ret;
}

/* ------------------------------------------------------------- small files */

/*
 * A small file as text; *found is false when it is not there.  What cannot be
 * read is judged, and not found.
 */
static int
read_small(struct pg *pg, const char *path, struct buf *text, bool *found,
    struct err *err)
{
	int ret;

	buf_cut(text, 0);
	*found = true;
	ret = tree_read_path(pg->tree, path, PG_SMALL_MAX, text, err);
	if (ret == 0)
		return 0;
	*found = false;
	if (err->class == ERR_NOT_FOUND) {
		err_clear(err);
		return 0;
	}
	return judge_failure(pg->judgement, path, err);
}

static int
check_version(struct pg *pg, const char *path, const char *without,
    struct err *err)
{
	struct buf text = BUF_EMPTY;
	unsigned major;
	bool found;
	int ret = read_small(pg, path, &text, &found, err);

	major = pg_version_parse(buf_text(&text));
	if (ret == -1)
		goto out;
	if (!found)
		judge_find(pg->judgement, VERDICT_DAMAGED, path,
		    "is not there: %s", without);
	else if (major == 0)
		judge_find(pg->judgement, VERDICT_DAMAGED, path,
		    "does not name a release: %s", without);
	else if (pg->control.major != 0 && major != pg->control.major)
		judge_find(pg->judgement, VERDICT_DAMAGED, path,
		    "is of release %u, pg_control of release %u: %s", major,
		    pg->control.major, without);
out:
	buf_release(&text);
	return ret;
}

static int
see_database(void *ctx, const struct entry *entry, struct err *err)
{
	struct pg *pg = ctx;
	const char *name = strrchr(buf_text(&entry->path), '/');
	struct buf path = BUF_EMPTY;
	uint32_t oid;
	int ret;

	if (strcmp(name == NULL ? buf_text(&entry->path) : name + 1,
	    "base") == 0)
		return 0;
	if (entry->type != ENTRY_DIR || name == NULL ||
	    !pg_name_number(name + 1, &oid))
		return 1;
	ret = check_version(pg, content_path(&path, buf_text(&entry->path),
	    "PG_VERSION"), "the server refuses connections to this database",
	    err);
	buf_release(&path);
	return ret == 0 ? 1 : -1;
}

static int
check_versions(struct pg *pg, struct err *err)
{
	struct buf path = BUF_EMPTY;
	int ret;

	buf_puts(&path, pg_path(pg, "PG_VERSION"));
	ret = check_version(pg, buf_text(&path),
	    "the server refuses to start", err);
	if (ret == 0) {
		buf_cut(&path, 0);
		buf_puts(&path, pg_path(pg, "base"));
		ret = tree_walk(pg->tree, buf_text(&path), see_database, pg,
		    err);
		if (ret == -1)
			ret = judge_failure(pg->judgement, buf_text(&path),
			    err);
	}
	buf_release(&path);
	return ret;
}

static int
check_pid(struct pg *pg, struct err *err)
{
	struct buf text = BUF_EMPTY, path = BUF_EMPTY;
	uint64_t pid;
	bool found;
	int ret;

	buf_puts(&path, pg_path(pg, "postmaster.pid"));
	ret = read_small(pg, buf_text(&path), &text, &found, err);
	if (ret == 0 && found && !pg_pid_parse(buf_text(&text), &pid))
		judge_find(pg->judgement, VERDICT_DAMAGED, buf_text(&path),
		    "names no process: the server refuses to start until "
		    "this file is removed");
	else if (ret == 0 && found)
		judge_find(pg->judgement, VERDICT_CLEAN, buf_text(&path),
		    "a lock left behind: remove it before the start if any "
		    "process of the same user can have the number %llu",
		    (unsigned long long)pid);
	buf_release(&path);
	buf_release(&text);
	return ret;
}

static int
check_signals(struct pg *pg, struct err *err)
{
	static const char *const names[][2] = {
		{ "standby.signal", "the server starts as a standby" },
		{ "recovery.signal", "the server starts with a recovery from "
		    "an archive" },
		{ "recovery.conf", "the server starts with a recovery; since "
		    "release 12 it refuses to start" },
		{ "tablespace_map", "the server makes the links in pg_tblspc "
		    "anew from it" },
	};
	enum entry_type type;
	uint64_t size;
	bool found;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = pg_path(pg, "%s", names[i][0]);

		if (pg_find(pg, path, &found, &type, &size, err) == -1)
			return -1;
		if (found)
			judge_find(pg->judgement, VERDICT_CLEAN, path, "%s",
			    names[i][1]);
	}
	return 0;
}

/* ------------------------------------------------------- transaction states */

/* A table without checksums by number, in files of 32 pages. */
struct slru {
	const char *folder;
	const char *what;	/* the loss, in words */
	uint32_t per_page;
	uint32_t oldest;
	uint32_t last;		/* the highest that must be there */
};

/* Whether one of its files is there and holds so many pages. */
static int
check_slru_file(struct pg *pg, const struct slru *s, uint64_t number,
    uint64_t pages, struct err *err)
{
	const char *path = pg_path(pg, "%s/%04X", s->folder,
	    (unsigned)number);
	enum entry_type type;
	uint64_t size = 0;
	bool found;

	if (pg_find(pg, path, &found, &type, &size, err) == -1)
		return -1;
	if (!found || size < pages * pg->control.block_size)
		judge_find(pg->judgement, VERDICT_DAMAGED, path,
		    "%s: %s from number %llu on is lost, and the server "
		    "fails", found ? "is cut short" : "is not there", s->what,
		    (unsigned long long)(number * s->per_page *
		    SLRU_FILE_PAGES));
	return 0;
}

static int
check_slru(struct pg *pg, const struct slru *s, struct err *err)
{
	uint64_t files = (UINT64_C(1) << 32) / s->per_page / SLRU_FILE_PAGES;
	uint64_t last_page = s->last / s->per_page;
	uint64_t at;

	/* Numbers wrap around; a file may be the first after the last. */
	for (at = s->oldest / s->per_page / SLRU_FILE_PAGES;
	    at != last_page / SLRU_FILE_PAGES; at = (at + 1) % files)
		if (check_slru_file(pg, s, at, SLRU_FILE_PAGES, err) == -1)
			return -1;
	return check_slru_file(pg, s, at, last_page % SLRU_FILE_PAGES + 1,
	    err);
}

static int
check_xacts(struct pg *pg, struct err *err)
{
	struct slru xacts = {
		.folder = pg->control.major == 9 ? "pg_clog" : "pg_xact",
		.what = "which transactions were committed",
		.per_page = pg->control.block_size * 4,
		.oldest = pg->walk.notes.has_oldest_xid ?
		    pg->walk.notes.oldest_xid : pg->control.oldest_xid,
		.last = pg->control.next_xid - 1,
	};
	struct slru multis = {
		.folder = "pg_multixact/offsets",
		.what = "which transactions share a row",
		.per_page = pg->control.block_size /
		    (pg->control.major >= 19 ? 8 : 4),
		.oldest = pg->control.oldest_multi,
		.last = pg->control.next_multi,
	};

	/* The first of a page is there only once it was used. */
	if (multis.last % multis.per_page == 0)
		multis.last--;
	/* Replay may have done away with older files already. */
	if (!pg->is_clean)
		multis.oldest = multis.last;
	if (check_slru(pg, &xacts, err) == -1 ||
	    check_slru(pg, &multis, err) == -1)
		return -1;
	judge_cover(pg->judgement, "that the states of transactions are "
	    "there");
	return 0;
}

/* ------------------------------------------------------- replication slots */

/* Whether the segment with this position is here, where that can be known. */
static int
has_log(struct pg *pg, uint64_t lsn, bool *has, struct err *err)
{
	const char *folder = pg->control.major == 9 ? "pg_xlog" : "pg_wal";
	char segment[PG_WAL_NAME_LEN + 1];
	enum entry_type type = ENTRY_DIR;
	uint64_t size;

	*has = true;
	if (!pg->is_trusted)
		return 0;
	if (pg_find(pg, pg_path(pg, "%s", folder), has, &type, &size,
	    err) == -1)
		return -1;
	if (*has && type != ENTRY_DIR)
		return 0;
	pg_name_format_wal(pg->control.timeline,
	    lsn / pg->control.wal_segment_size, pg->control.wal_segment_size,
	    segment);
	return pg_find(pg, pg_path(pg, "%s/%s", folder, segment), has, &type,
	    &size, err);
}

static int
judge_slot(struct pg *pg, const char *path, const struct pg_slot *slot,
    struct err *err)
{
	char name[ESCAPE_NAME_MAX], lsn[PG_LSN_TEXT];
	bool has;

	if (!slot->is_persistent || slot->restart == 0)
		return 0;
	if (has_log(pg, slot->restart, &has, err) == -1)
		return -1;
	judge_find(pg->judgement, VERDICT_CLEAN, path,
	    "replication slot '%s' holds the log back to %s%s: drop it if "
	    "its consumer is gone, or the log grows without end",
	    escape_name(slot->name, name), pg_lsn_format(slot->restart, lsn),
	    has ? "" : ", which is no longer here");
	return 0;
}

static int
see_slot(void *ctx, const struct entry *entry, struct err *err)
{
	struct pg *pg = ctx;
	const char *name = strrchr(buf_text(&entry->path), '/');
	struct buf path = BUF_EMPTY, data = BUF_EMPTY;
	struct pg_slot slot;
	int ret;

	name = name == NULL ? buf_text(&entry->path) : name + 1;
	if (strcmp(name, "pg_replslot") == 0)
		return 0;
	/* What ends so was being made or dropped: removed at start. */
	if (entry->type != ENTRY_DIR || strstr(name, ".tmp") != NULL)
		return 1;
	(void)content_path(&path, buf_text(&entry->path), "state");
	ret = tree_read_path(pg->tree, buf_text(&path), PG_SMALL_MAX, &data,
	    err);
	if (ret == 0)
		ret = pg_slot_parse((const uint8_t *)buf_text(&data),
		    data.len, &slot, err);
	if (ret == 0) {
		ret = judge_slot(pg, buf_text(&path), &slot, err);
	} else {
		if (err->class != ERR_INTERRUPTED)
			(void)err_append(err, "the server panics at start");
		ret = judge_failure(pg->judgement, buf_text(&path), err);
	}
	buf_release(&path);
	buf_release(&data);
	return ret == 0 ? 1 : -1;
}

static int
check_slots(struct pg *pg, struct err *err)
{
	struct buf path = BUF_EMPTY;
	int ret;

	buf_puts(&path, pg_path(pg, "pg_replslot"));
	ret = tree_walk(pg->tree, buf_text(&path), see_slot, pg, err);
	if (ret == -1)
		ret = judge_failure(pg->judgement, buf_text(&path), err);
	buf_release(&path);
	return ret;
}

int
pg_house_check(struct pg *pg, struct err *err)
{
	if (check_owner(pg, err) == -1 || check_folders(pg, err) == -1 ||
	    check_versions(pg, err) == -1 || check_slots(pg, err) == -1 ||
	    check_signals(pg, err) == -1 || check_pid(pg, err) == -1)
		return -1;
	return pg->is_trusted ? check_xacts(pg, err) : 0;
}
