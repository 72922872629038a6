/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a PostgreSQL cluster should hold by its own catalog: each database its
 * folder, each relation its files, as long as they were when last counted.
 * Read from the pages as they lie, with the state of transactions from
 * pg_xact; what only replay could decide is counted and left out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "check/pg.h"
#include "check/pg_heap.h"
#include "check/pg_name.h"
#include "check/pg_page.h"

/* pg_xact: two bits for each transaction, 32 pages to a file. */
#define XACTS_PER_BYTE 4U
#define XACT_FILE_PAGES 32U
#define XACT_PAGE_MAX 32768U

#define UNLOGGED_NAMED 5	/* so many are told by name */

struct catalog {
	struct pg *pg;
	/* The page of pg_xact that was looked at last. */
	uint8_t xact[XACT_PAGE_MAX];
	uint64_t xact_page;		/* UINT64_MAX: none */
	bool has_xact;
	bool is_interrupted;		/* while within pg_row_live */
	struct err *err;

	struct pg_map shared;
	uint64_t databases;
	uint64_t relations;
	uint64_t unsure;
	uint64_t elsewhere;		/* in spaces that are not in this tree */
	uint64_t unlogged;
	struct buf unlogged_names;
};

/* The database whose pg_class is being read. */
struct home {
	struct catalog *catalog;
	const struct pg_database *database;
	struct pg_map map;
};

/* ------------------------------------------------------------ transactions */

static int
load_xact(struct catalog *c, uint64_t page)
{
	struct pg *pg = c->pg;
	uint32_t size = pg->control.block_size;
	const char *path = pg_path(pg, "%s/%04X",
	    pg->control.major == 9 ? "pg_clog" : "pg_xact",
	    (unsigned)(page / XACT_FILE_PAGES));
	uint64_t offset = page % XACT_FILE_PAGES * size;
	struct source *file = NULL;
	int ret = -1;

	c->xact_page = page;
	c->has_xact = false;
	if (tree_open_path(pg->tree, path, &file, c->err) == 0 &&
	    (file->size < offset + size ||
	    file->read_at(file, offset, c->xact, size, c->err) == 0)) {
		c->has_xact = file->size >= offset + size;
		ret = 0;
	}
	tree_close_file(pg->tree, file);
	if (ret == -1 && c->err->class != ERR_INTERRUPTED) {
		/* Missing and bad files are judged with the small ones. */
		err_clear(c->err);
		ret = 0;
	}
	return ret;
}

static enum pg_xact
state_of(void *ctx, uint32_t xid)
{
	struct catalog *c = ctx;
	uint32_t per_page = c->pg->control.block_size * XACTS_PER_BYTE;
	uint64_t page = xid / per_page;
	unsigned bits;

	if (c->is_interrupted)
		return PG_XACT_UNKNOWN;
	if (page != c->xact_page && load_xact(c, page) == -1) {
		c->is_interrupted = true;
		return PG_XACT_UNKNOWN;
	}
	if (!c->has_xact)
		return PG_XACT_UNKNOWN;
	bits = c->xact[xid % per_page / XACTS_PER_BYTE] >>
	    xid % XACTS_PER_BYTE * 2 & 3;
	switch (bits) {
	case 0:
		return PG_XACT_OPEN;
	case 1:
		return PG_XACT_COMMITTED;
	case 2:
		return PG_XACT_ABORTED;
	default:
		return PG_XACT_UNKNOWN;	/* as its parent */
	}
}

/* ------------------------------------------------------------------ tables */

typedef int see_row(void *ctx, const struct pg_row *row, struct err *err);

struct table {
	struct catalog *catalog;
	see_row *see;
	void *ctx;
	uint8_t *page;
};

static int
see_rows(struct table *t, struct err *err)
{
	struct catalog *c = t->catalog;
	unsigned item = 0;
	struct pg_row row;

	while (pg_heap_next(t->page, c->pg->control.block_size, &item,
	    &row)) {
		enum pg_live live = pg_row_live(&row, state_of, c,
		    c->pg->is_clean);

		if (c->is_interrupted)
			return -1;	/* err is c->err */
		if (live == PG_LIVE_UNSURE)
			c->unsure++;
		if (live == PG_LIVE && t->see(t->ctx, &row, err) == -1)
			return -1;
	}
	return 0;
}

/* Pages that are not sound were judged when all were read. */
static int
read_segment(struct table *t, struct source *file, struct err *err)
{
	uint32_t size = t->catalog->pg->control.block_size;
	uint64_t at;

	for (at = 0; at + size <= file->size; at += size) {
		if (file->read_at(file, at, t->page, size, err) == -1)
			return -1;
		/* The number counts only for checksums, judged elsewhere. */
		if (pg_page_check(t->page, size, 0, false) == PG_PAGE_SOUND &&
		    see_rows(t, err) == -1)
			return -1;
	}
	return 0;
}

/* All segments of a table; *found: there is a first one. */
static int
read_table(struct table *t, const char *path, bool *found, struct err *err)
{
	struct pg *pg = t->catalog->pg;
	struct buf name = BUF_EMPTY;
	unsigned segment;
	int ret = 0;

	*found = false;
	t->page = mem_alloc(pg->control.block_size);
	for (segment = 0; ret == 0; segment++) {
		struct source *file = NULL;

		buf_set(&name, path, strlen(path));
		if (segment > 0)
			buf_printf(&name, ".%u", segment);
		ret = tree_open_path(pg->tree, buf_text(&name), &file, err);
		if (ret == -1 && err->class == ERR_NOT_FOUND) {
			err_clear(err);
			ret = 0;
			break;
		}
		*found = true;
		if (ret == 0)
			ret = read_segment(t, file, err);
		tree_close_file(pg->tree, file);
		if (ret == -1)
			ret = judge_failure(pg->judgement, buf_text(&name),
			    err);
	}
	free(t->page);
	buf_release(&name);
	return ret;
}

static int
read_map(struct catalog *c, const char *dir, struct pg_map *map,
    bool *is_sound, struct err *err)
{
	struct buf path = BUF_EMPTY, data = BUF_EMPTY;
	int ret;

	*is_sound = false;
	(void)content_path(&path, dir, "pg_filenode.map");
	ret = tree_read_path(c->pg->tree, buf_text(&path), PG_MAP_BYTES_MAX,
	    &data, err);
	if (ret == 0)
		ret = pg_map_parse((const uint8_t *)buf_text(&data), data.len,
		    map, err);
	*is_sound = ret == 0;
	if (ret == -1 && err->class != ERR_INTERRUPTED) {
		(void)err_append(err,
		    "the server starts, but refuses every connection");
		if (err->class == ERR_LIMIT)
			err->class = ERR_DAMAGED;
		ret = judge_failure(c->pg->judgement, buf_text(&path), err);
	}
	buf_release(&path);
	buf_release(&data);
	return ret;
}

/* --------------------------------------------------------------- relations */

/* The folder of a database's files in a space; false: not in this tree. */
static bool
folder_of(struct pg *pg, uint32_t space, uint32_t database, struct buf *out)
{
	const struct pg_space *s;

	if (space == PG_SPACE_GLOBAL) {
		(void)content_path(out, pg->root, "global");
		return true;
	}
	s = pg_space_find(pg, space);
	if (space == PG_SPACE_BASE) {
		(void)content_path(out, pg->root, "base");
	} else if (s == NULL) {
		/* Not even a link: nothing will be found there. */
		(void)content_path(out, pg->root, "pg_tblspc");
		buf_printf(out, "/%u", space);
	} else {
		if (s->path == NULL)
			return false;
		buf_set(out, s->path, strlen(s->path));
	}
	buf_printf(out, "/%u", database);
	return true;
}

/* Pages in all segments; *found: there is a first one. */
static int
count_pages(struct pg *pg, const char *path, uint64_t *pages, bool *found,
    struct err *err)
{
	uint64_t full = (uint64_t)pg->control.segment_blocks *
	    pg->control.block_size;
	struct buf name = BUF_EMPTY;
	enum entry_type type;
	uint64_t size = 0;
	unsigned segment;
	bool more = true;
	int ret = 0;

	*pages = 0;
	*found = false;
	for (segment = 0; ret == 0 && more; segment++) {
		buf_set(&name, path, strlen(path));
		if (segment > 0)
			buf_printf(&name, ".%u", segment);
		ret = pg_find(pg, buf_text(&name), &more, &type, &size, err);
		if (ret == -1 || !more)
			break;
		*found = true;
		*pages += size / pg->control.block_size;
		more = size >= full;
	}
	buf_release(&name);
	return ret;
}

/* Whether replay will put the block there. */
static bool
comes_by_replay(const struct pg *pg, uint32_t space, uint32_t database,
    uint32_t file, uint64_t block)
{
	const struct pg_block b = {
		.space = space,
		.database = database,
		.file = file,
		.fork = PG_FORK_MAIN,
		.block = (uint32_t)block,
	};

	return pg_blocks_has(&pg->walk.notes.blocks, &b);
}

struct place {
	uint32_t space;
	uint32_t database;
	uint32_t file;
};

static int
judge_files(struct home *h, const struct pg_class *class,
    const struct place *at, const char *path, struct err *err)
{
	struct pg *pg = h->catalog->pg;
	char name[ESCAPE_NAME_MAX], database[ESCAPE_NAME_MAX];
	bool found, may_be_short;
	uint64_t pages;

	if (count_pages(pg, path, &pages, &found, err) == -1)
		return -1;
	escape_name(class->name, name);
	escape_name(h->database->name, database);
	if (!found) {
		judge_find(pg->judgement, VERDICT_DAMAGED, path,
		    "%s '%s' of database '%s' has lost its file",
		    pg_class_kind(class->kind), name, database);
		return 0;
	}
	/*
	 * Counts of shared tables are kept by each database for itself; those
	 * of unlogged ones outlive a crash that emptied them.
	 */
	may_be_short = class->is_shared || class->persistence == 'u' ||
	    class->pages == UINT32_MAX;
	if (may_be_short || pages >= class->pages ||
	    comes_by_replay(pg, at->space, at->database, at->file, pages) ||
	    comes_by_replay(pg, at->space, at->database, at->file,
	    (uint64_t)class->pages - 1))
		return 0;
	judge_find(pg->judgement, VERDICT_DAMAGED, path,
	    "%s '%s' of database '%s' has %llu pages here, and had %u "
	    "when the server last counted", pg_class_kind(class->kind), name,
	    database, (unsigned long long)pages, class->pages);
	return 0;
}

static void
note_unlogged(struct home *h, const struct pg_class *class)
{
	struct catalog *c = h->catalog;
	char name[ESCAPE_NAME_MAX], database[ESCAPE_NAME_MAX];

	if (class->persistence != 'u' || class->kind != 'r')
		return;
	if (c->unlogged++ >= UNLOGGED_NAMED)
		return;
	buf_printf(&c->unlogged_names, "%s'%s' of '%s'",
	    c->unlogged == 1 ? "" : ", ", escape_name(class->name, name),
	    escape_name(h->database->name, database));
}

static int
see_class(void *ctx, const struct pg_row *row, struct err *err)
{
	struct home *h = ctx;
	struct catalog *c = h->catalog;
	struct buf path = BUF_EMPTY;
	struct pg_class class;
	struct place at;
	int ret = 0;

	if (!pg_row_class(row, c->pg->control.major, &class) ||
	    pg_class_kind(class.kind) == NULL || class.persistence == 't')
		return 0;
	at.file = class.file != 0 ? class.file :
	    pg_map_file(class.is_shared ? &c->shared : &h->map, class.oid);
	at.space = class.is_shared ? PG_SPACE_GLOBAL :
	    class.space != 0 ? class.space : h->database->space;
	at.database = class.is_shared ? 0 : h->database->oid;
	if (at.file == 0)
		return 0;
	c->relations++;
	note_unlogged(h, &class);
	if (!folder_of(c->pg, at.space, at.database, &path)) {
		c->elsewhere++;
	} else if (!pg_is_in_flux(c->pg, at.space, at.database, at.file)) {
		buf_printf(&path, "/%u", at.file);
		/* Reset at start, from this; base backups lack the rest. */
		if (class.persistence == 'u' && c->pg->empties_unlogged)
			buf_puts(&path, "_init");
		ret = judge_files(h, &class, &at, buf_text(&path), err);
	}
	buf_release(&path);
	return ret;
}

/* --------------------------------------------------------------- databases */

static int
read_classes(struct home *h, const char *dir, struct err *err)
{
	struct table table = {
		.catalog = h->catalog, .see = see_class, .ctx = h,
	};
	struct pg *pg = h->catalog->pg;
	struct buf path = BUF_EMPTY;
	uint32_t file = pg_map_file(&h->map, PG_OID_CLASS);
	bool found = false;
	int ret;

	buf_printf(&path, "%s/%u", dir, file);
	ret = read_table(&table, buf_text(&path), &found, err);
	if (ret == 0 && !found)
		judge_find(pg->judgement, VERDICT_DAMAGED, buf_text(&path),
		    "the list of relations is not there");
	buf_release(&path);
	return ret;
}

static int
judge_database(struct home *h, const char *dir, struct err *err)
{
	struct catalog *c = h->catalog;
	const struct pg_database *d = h->database;
	char name[ESCAPE_NAME_MAX];
	enum entry_type type = ENTRY_DIR;
	uint64_t size;
	bool found, is_sound;

	if (pg_find(c->pg, dir, &found, &type, &size, err) == -1)
		return -1;
	if (!found || type != ENTRY_DIR) {
		if (!d->is_invalid &&
		    !pg_is_in_flux(c->pg, 0, 0, d->oid))
			judge_find(c->pg->judgement, VERDICT_DAMAGED, dir,
			    "database '%s' has lost its folder",
			    escape_name(d->name, name));
		return 0;
	}
	c->databases++;
	if (read_map(c, dir, &h->map, &is_sound, err) == -1)
		return -1;
	return is_sound ? read_classes(h, dir, err) : 0;
}

static int
see_database(void *ctx, const struct pg_row *row, struct err *err)
{
	struct catalog *c = ctx;
	struct pg_database database;
	struct home h = { .catalog = c, .database = &database };
	struct buf dir = BUF_EMPTY;
	char name[ESCAPE_NAME_MAX];
	int ret = 0;

	if (!pg_row_database(row, c->pg->control.major, &database))
		return 0;
	if (folder_of(c->pg, database.space, database.oid, &dir))
		ret = judge_database(&h, buf_text(&dir), err);
	else
		judge_find(c->pg->judgement, VERDICT_UNCHECKED, NULL,
		    "database '%s' lies in tablespace %u, which is not in "
		    "this tree", escape_name(database.name, name),
		    database.space);
	buf_release(&dir);
	return ret;
}

/* ----------------------------------------------------------------- summary */

static void
summarize(struct catalog *c)
{
	struct judgement *j = c->pg->judgement;
	char relations[PG_COUNT_TEXT], databases[PG_COUNT_TEXT];

	if (c->databases > 0 && !pg_knows_replay(c->pg))
		judge_find(j, VERDICT_UNCHECKED, NULL,
		    "without the log it is not known which files must be "
		    "there");
	else if (c->databases > 0)
		judge_cover(j, "the files of %s in %s by the catalog",
		    pg_count(c->relations, "relation", relations),
		    pg_count(c->databases, "database", databases));
	else
		judge_find(j, VERDICT_UNCHECKED, NULL,
		    "no database could be read from the catalog: missing "
		    "files would not be noticed");
	if (c->unsure > 0)
		judge_cover(j, "but for %s that only replay decides on",
		    pg_count(c->unsure, "row", relations));
	if (c->elsewhere > 0)
		judge_find(j, VERDICT_UNCHECKED, NULL,
		    "%s in tablespaces that are not in this tree",
		    pg_count(c->elsewhere, "relation", relations));
	if (c->unlogged > 0 && c->pg->empties_unlogged)
		judge_say(j, "unlogged tables will be empty: %s%s",
		    buf_text(&c->unlogged_names),
		    c->unlogged > UNLOGGED_NAMED ? " ..." : "");
}

static int
read_catalog(struct catalog *c, struct err *err)
{
	struct table table = {
		.catalog = c, .see = see_database, .ctx = c,
	};
	bool is_sound, found;
	struct buf path = BUF_EMPTY;
	int ret = read_map(c, pg_path(c->pg, "global"), &c->shared,
	    &is_sound, err);

	if (ret == -1 || !is_sound)
		return ret;
	buf_puts(&path, pg_path(c->pg, "global/%u",
	    pg_map_file(&c->shared, PG_OID_DATABASE)));
	ret = read_table(&table, buf_text(&path), &found, err);
	if (ret == 0 && !found)
		judge_find(c->pg->judgement, VERDICT_DAMAGED,
		    buf_text(&path), "the list of databases is not there");
	buf_release(&path);
	return ret;
}

int
pg_catalog_check(struct pg *pg, struct err *err)
{
	struct catalog *c;
	int ret;

	if (!pg_heap_is_known(pg->control.major)) {
		judge_find(pg->judgement, VERDICT_UNCHECKED, NULL,
		    "the catalog of this release is not known: missing files "
		    "would not be noticed");
		return 0;
	}
	c = mem_zero(1, sizeof(*c));
	c->pg = pg;
	c->err = err;
	c->xact_page = UINT64_MAX;
	ret = read_catalog(c, err);
	if (ret == 0)
		summarize(c);
	buf_release(&c->unlogged_names);
	free(c);
	return ret;
}
