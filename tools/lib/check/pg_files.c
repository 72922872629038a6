/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of a PostgreSQL cluster's relations: every page read once.
 *
 * What is wrong is judged by what the server would do about it: pages that
 * replay writes anew, and those of relations that are reset or dropped at
 * start, are no loss.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "check/pg.h"
#include "check/pg_heap.h"
#include "check/pg_name.h"
#include "check/pg_page.h"

#define CHUNK (256U << 10)	/* bytes read at a time; whole pages */

/* The segments of one fork, which come one after the other. */
struct fork {
	bool is_open;
	uint32_t space;
	uint32_t database;
	struct pg_name name;	/* segment: of the file at hand */
	struct buf first;	/* path of the file seen first */
	uint64_t count;
	uint32_t last;		/* highest segment */
	bool has_short;
	uint32_t first_short;	/* lowest that is not full */
	uint32_t last_filled;	/* highest that is not empty */
};

/* What is wrong with the file at hand. */
struct tally {
	uint64_t bad;
	uint32_t first_bad;
	enum pg_page fault;
	uint64_t unknown;	/* bad, and whether replay mends it not known */
};

struct files {
	struct pg *pg;
	uint8_t *chunk;
	size_t prefix;		/* length of the path before database/file */
	uint32_t space;
	struct fork fork;
	struct tally tally;
	/* Whether the relation asked about last is unlogged. */
	struct buf asked;
	bool is_unlogged;

	uint64_t pages;
	uint64_t new_pages;
	uint64_t relations;
	uint64_t mended;	/* torn pages that replay writes anew */
	uint64_t harmless;	/* bad pages of maps that are rebuilt */
	uint64_t reset;		/* bad pages of unlogged relations */
	uint64_t newer;		/* pages beyond the limit */
	uint64_t newest;	/* LSN of the newest of them */
	struct buf newest_path;
	uint32_t newest_block;
	uint64_t strays;
	struct buf stray_path;
};

static bool
has_checksums(const struct pg *pg)
{
	return pg->is_trusted && pg->control.checksums == 1;
}

static struct pg_block
block_of(const struct fork *fork, uint32_t block)
{
	return (struct pg_block){
		.space = fork->space,
		.database = fork->database,
		.file = fork->name.file,
		.fork = fork->name.fork,
		.block = block,
	};
}

/* The whole relation's number of a block in this segment. */
static uint32_t
number_of(const struct files *f, uint64_t block)
{
	return (uint32_t)(f->fork.name.segment *
	    (uint64_t)f->pg->control.segment_blocks + block);
}

/* An unlogged relation has an _init fork: what a crash resets it to. */
static int
ask_unlogged(struct files *f, const char *path, bool *is, struct err *err)
{
	size_t folder = (size_t)(strrchr(path, '/') - path) + 1;
	struct buf init = BUF_EMPTY;
	enum entry_type type;
	uint64_t size;
	int ret = 0;

	buf_append(&init, path, folder);
	buf_printf(&init, "%u_init", f->fork.name.file);
	if (strcmp(buf_text(&init), buf_text(&f->asked)) != 0) {
		ret = pg_find(f->pg, buf_text(&init), &f->is_unlogged, &type,
		    &size, err);
		buf_set(&f->asked, buf_text(&init), init.len);
	}
	*is = f->is_unlogged;
	buf_release(&init);
	return ret;
}

/* ------------------------------------------------------------------- pages */

/*
 * Whether replay makes a bad or missing block good.  *known is false when
 * the list of what it writes is not complete.
 */
static bool
is_mended(const struct files *f, uint32_t number, bool *known)
{
	const struct pg_blocks *blocks = &f->pg->walk.notes.blocks;
	struct pg_block b = block_of(&f->fork, number);

	*known = true;
	if (pg_blocks_has(blocks, &b))
		return true;
	b.fork = PG_BLOCK_DROPPED;
	b.block = 0;
	if (pg_blocks_has(blocks, &b))
		return true;
	*known = !blocks->is_full && !f->pg->walk.notes.lost_some;
	return false;
}

static int
see_bad_page(struct files *f, const char *path, uint64_t block,
    enum pg_page fault, struct err *err)
{
	enum pg_fork fork = f->fork.name.fork;
	bool is_unlogged, known;

	if (fork == PG_FORK_FSM || fork == PG_FORK_VM) {
		f->harmless++;
		return 0;
	}
	if (is_mended(f, number_of(f, block), &known)) {
		f->mended++;
		return 0;
	}
	if (ask_unlogged(f, path, &is_unlogged, err) == -1)
		return -1;
	if (is_unlogged && fork == PG_FORK_MAIN &&
	    f->pg->empties_unlogged) {
		f->reset++;
		return 0;
	}
	if (f->tally.bad++ == 0) {
		f->tally.first_bad = (uint32_t)block;
		f->tally.fault = fault;
	}
	f->tally.unknown += known ? 0 : 1;
	return 0;
}

static int
see_newer_page(struct files *f, const char *path, uint64_t block,
    uint64_t lsn, struct err *err)
{
	bool is_unlogged;

	/* Unlogged relations count by a clock of their own. */
	if (ask_unlogged(f, path, &is_unlogged, err) == -1)
		return -1;
	if (is_unlogged)
		return 0;
	f->newer++;
	if (lsn > f->newest) {
		f->newest = lsn;
		f->newest_block = (uint32_t)block;
		buf_set(&f->newest_path, path, strlen(path));
	}
	return 0;
}

static int
see_page(struct files *f, const char *path, uint64_t block,
    const uint8_t *page, struct err *err)
{
	struct pg *pg = f->pg;
	enum pg_page verdict = pg_page_check(page, pg->control.block_size,
	    number_of(f, block), has_checksums(pg));

	f->pages++;
	if (verdict == PG_PAGE_NEW) {
		f->new_pages++;
		return 0;
	}
	if (verdict != PG_PAGE_SOUND)
		return see_bad_page(f, path, block, verdict, err);
	if (pg->has_limit && pg_page_lsn(page) > pg->limit)
		return see_newer_page(f, path, block, pg_page_lsn(page), err);
	return 0;
}

static int
read_pages(struct files *f, const char *path, struct source *file,
    struct err *err)
{
	uint32_t size = f->pg->control.block_size;
	uint64_t end = file->size - file->size % size;
	uint64_t at;
	size_t len, i;

	for (at = 0; at < end; at += len) {
		len = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
		if (file->read_at(file, at, f->chunk, len, err) == -1)
			return -1;
		for (i = 0; i < len; i += size)
			if (see_page(f, path, (at + i) / size, f->chunk + i,
			    err) == -1)
				return -1;
	}
	return 0;
}

static void
judge_tally(struct files *f, const char *path)
{
	const struct tally *t = &f->tally;
	char more[PG_COUNT_TEXT] = "";
	struct buf text = BUF_EMPTY;

	if (t->bad == 0)
		return;
	buf_printf(&text, "block %u: %s", t->first_bad,
	    pg_page_fault(t->fault));
	if (t->bad > 1)
		buf_printf(&text, "; and %s",
		    pg_count(t->bad - 1, "more bad page", more));
	if (t->unknown == t->bad)
		buf_puts(&text, "; whether replay mends it is not known");
	judge_find(f->pg->judgement, t->unknown == t->bad ?
	    VERDICT_UNCHECKED : VERDICT_DAMAGED, path, "%s",
	    buf_text(&text));
	buf_release(&text);
}

/* Part of a page at a file's end: cut, unless replay writes it anew. */
static void
judge_rest(struct files *f, const char *path, uint64_t size)
{
	uint32_t page = f->pg->control.block_size;
	enum pg_fork fork = f->fork.name.fork;
	bool known;

	if (size % page == 0 || fork == PG_FORK_FSM || fork == PG_FORK_VM ||
	    is_mended(f, number_of(f, size / page), &known))
		return;
	judge_find(f->pg->judgement, VERDICT_DAMAGED, path,
	    "is cut in the middle of block %llu",
	    (unsigned long long)(size / page));
}

/* ---------------------------------------------------------------- segments */

static void
close_fork(struct files *f)
{
	struct fork *fork = &f->fork;

	if (!fork->is_open)
		return;
	fork->is_open = false;
	if (fork->name.fork == PG_FORK_MAIN)
		f->relations++;
	if (pg_is_in_flux(f->pg, fork->space, fork->database,
	    fork->name.file))
		return;
	if (fork->count != (uint64_t)fork->last + 1)
		judge_find(f->pg->judgement, VERDICT_DAMAGED,
		    buf_text(&fork->first), "segments of it are missing: "
		    "there are %llu, the last is .%u",
		    (unsigned long long)fork->count, fork->last);
	else if (fork->has_short && fork->last_filled > fork->first_short)
		judge_find(f->pg->judgement, VERDICT_DAMAGED,
		    buf_text(&fork->first), "segment %u of it is cut short, "
		    "for segment %u is there", fork->first_short,
		    fork->last_filled);
}

static void
add_segment(struct files *f, const struct pg_name *name, uint32_t database,
    const struct entry *entry)
{
	struct fork *fork = &f->fork;
	uint64_t full = (uint64_t)f->pg->control.segment_blocks *
	    f->pg->control.block_size;

	if (!fork->is_open || fork->space != f->space ||
	    fork->database != database || fork->name.file != name->file ||
	    fork->name.fork != name->fork) {
		close_fork(f);
		fork->is_open = true;
		fork->space = f->space;
		fork->database = database;
		fork->count = 0;
		fork->last = fork->last_filled = 0;
		fork->has_short = false;
		buf_set(&fork->first, buf_text(&entry->path),
		    entry->path.len);
	}
	fork->name = *name;
	fork->count++;
	if (name->segment > fork->last)
		fork->last = name->segment;
	if (entry->size > 0 && name->segment > fork->last_filled)
		fork->last_filled = name->segment;
	if (entry->size < full && (!fork->has_short ||
	    name->segment < fork->first_short)) {
		fork->has_short = true;
		fork->first_short = name->segment;
	}
}

/* ------------------------------------------------------------------- files */

static bool
starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Files that belong there and hold no pages. */
static bool
is_other(const char *name)
{
	return strcmp(name, "PG_VERSION") == 0 ||
	    strcmp(name, "pg_control") == 0 ||
	    starts_with(name, "pg_filenode.map") ||
	    starts_with(name, "pg_internal.init") ||
	    starts_with(name, "pgsql_tmp") ||
	    /* Of temporary tables: "t3_16384". */
	    (name[0] == 't' && name[1] >= '0' && name[1] <= '9');
}

static int
see_file(struct files *f, const struct entry *entry, const char *name,
    uint32_t database, struct err *err)
{
	const char *path = buf_text(&entry->path);
	struct source *file = NULL;
	struct pg_name parsed;
	int ret;

	if (is_other(name))
		return 0;
	if (entry->type != ENTRY_FILE || !pg_name_parse(name, &parsed)) {
		if (f->strays++ == 0)
			buf_set(&f->stray_path, path, entry->path.len);
		return 0;
	}
	add_segment(f, &parsed, database, entry);
	f->tally = (struct tally){ 0 };
	ret = tree_open_file(f->pg->tree, entry, &file, err);
	if (ret == 0)
		ret = read_pages(f, path, file, err);
	tree_close_file(f->pg->tree, file);
	judge_tally(f, path);
	if (ret == -1)
		return judge_failure(f->pg->judgement, path, err);
	judge_rest(f, path, entry->size);
	return 0;
}

/* The database whose folder's name ends at end; 0: it is not one. */
static uint32_t
database_of(const char *name, const char *end)
{
	uint32_t number = 0;
	char copy[16] = "";

	if ((size_t)(end - name) < sizeof(copy))
		memcpy(copy, name, (size_t)(end - name));
	(void)pg_name_number(copy, &number);
	return number;
}

/* An entry below global/, base/ or a tablespace's own folder. */
static int
visit(void *ctx, const struct entry *entry, struct err *err)
{
	struct files *f = ctx;
	const char *rest = buf_text(&entry->path) + f->prefix;
	uint32_t database;
	const char *slash;

	if (*rest == '\0')
		return 0;
	rest++;
	if (f->space == PG_SPACE_GLOBAL)
		return entry->type == ENTRY_DIR ? 1 :
		    see_file(f, entry, rest, 0, err);
	slash = strchr(rest, '/');
	if (slash == NULL) {
		if (entry->type == ENTRY_DIR)
			return pg_name_number(rest, &database) ? 0 : 1;
		return is_other(rest) ? 0 : see_file(f, entry, "?", 0, err);
	}
	if (entry->type == ENTRY_DIR)
		return 1;
	return see_file(f, entry, slash + 1, database_of(rest, slash), err);
}

static int
walk(struct files *f, uint32_t space, const char *path, struct err *err)
{
	char *copy = mem_text(path);
	int ret;

	f->space = space;
	f->prefix = strlen(copy);
	ret = tree_walk(f->pg->tree, copy, visit, f, err);
	close_fork(f);
	if (ret == -1)
		ret = judge_failure(f->pg->judgement, copy, err);
	free(copy);
	return ret;
}

/* ----------------------------------------------------------------- summary */

static void
remark(struct files *f, uint64_t count, const char *noun, const char *what)
{
	char text[PG_COUNT_TEXT];

	if (count > 0)
		judge_find(f->pg->judgement, VERDICT_CLEAN, NULL, "%s %s",
		    pg_count(count, noun, text), what);
}

static void
judge_newer(struct files *f)
{
	char limit[PG_LSN_TEXT], newest[PG_LSN_TEXT], count[PG_COUNT_TEXT];

	if (f->newer == 0)
		return;
	judge_find(f->pg->judgement, VERDICT_SUSPECT,
	    buf_text(&f->newest_path), "block %u is of %s, newer than the "
	    "end of the log at %s; %s of the kind", f->newest_block,
	    pg_lsn_format(f->newest, newest),
	    pg_lsn_format(f->pg->limit, limit),
	    pg_count(f->newer, "page", count));
	if (!f->pg->walk.has_later_segment)
		judge_say(f->pg->judgement, "hot copy, not atomic: do not "
		    "start it; it would come up without a warning and be "
		    "inconsistent");
}

static void
summarize(struct files *f)
{
	struct judgement *j = f->pg->judgement;
	char relations[PG_COUNT_TEXT], pages[PG_COUNT_TEXT];
	char bytes[NUM_BYTES_TEXT];

	judge_newer(f);
	remark(f, f->mended, "torn page", "that replay writes anew");
	remark(f, f->harmless, "bad page",
	    "of free space or visibility maps: the server clears them");
	remark(f, f->reset, "bad page",
	    "of unlogged relations, which are emptied at start");
	if (f->strays > 0)
		judge_find(j, VERDICT_CLEAN, buf_text(&f->stray_path),
		    "is no file of the server's (%llu of the kind)",
		    (unsigned long long)f->strays);
	if (f->pages == 0)
		return;
	judge_cover(j, "%s in %s (%s) by %s",
	    pg_count(f->pages, "page", pages),
	    pg_count(f->relations, "relation", relations),
	    num_format_bytes(f->pages * f->pg->control.block_size, bytes),
	    has_checksums(f->pg) ? "checksum" : f->pg->is_trusted ?
	    "header only, for the cluster has no checksums: changed rows "
	    "would not be seen" : "header only, for whether there are "
	    "checksums is not known");
	if (f->new_pages > 0)
		judge_cover(j, "%s of them never filled",
		    pg_count(f->new_pages, "page", pages));
	if (f->pg->has_limit)
		judge_cover(j, "every page's age against the log");
}

int
pg_files_check(struct pg *pg, struct err *err)
{
	struct files f = {
		.pg = pg,
		.fork = { .first = BUF_EMPTY },
		.asked = BUF_EMPTY,
		.newest_path = BUF_EMPTY,
		.stray_path = BUF_EMPTY,
		.chunk = mem_alloc(CHUNK),
	};
	unsigned i;
	int ret = walk(&f, PG_SPACE_BASE, pg_path(pg, "base"), err);

	if (ret == 0)
		ret = walk(&f, PG_SPACE_GLOBAL, pg_path(pg, "global"), err);
	for (i = 0; ret == 0 && i < pg->space_count; i++)
		if (pg->spaces[i].path != NULL)
			ret = walk(&f, pg->spaces[i].oid, pg->spaces[i].path,
			    err);
	if (ret == 0)
		summarize(&f);
	free(f.chunk);
	buf_release(&f.fork.first);
	buf_release(&f.asked);
	buf_release(&f.newest_path);
	buf_release(&f.stray_path);
	return ret;
}
