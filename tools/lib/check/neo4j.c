/* SPDX-License-Identifier: BSD-2-Clause */
/* Stores of Neo4j; see neo4j.h. */
#include "check/neo4j.h"

#include <string.h>

#include "base/err.h"
#include "base/num.h"

typedef unsigned long long ull;

static const char databases[] = "databases";
static const char log_name[] = "neostore.transaction.db.";
static const char checkpoint_name[] = "checkpoint.";

/* Everything is found from the folder that holds databases/. */
struct server {
	const struct content *c;
	const char *root;	/* databases/ */
	struct buf logs;	/* transactions/ beside it */
	struct judgement *j;
	bool has_logs;		/* transactions/ is in this tree */
	bool has_system;
	bool has_neo4j;
	uint64_t databases;
	uint64_t bytes;
	uint64_t leftovers;
};

/* What is in one folder of files. */
struct folder {
	size_t skip;		/* of a path, to a name in it */
	uint64_t stores;
	uint64_t empty;		/* stores without a byte */
	uint64_t logs;
	uint64_t checkpoints;
	uint64_t bytes;
};

static bool
is_store(const char *name)
{
	return strcmp(name, "neostore") == 0 ||
	    strncmp(name, "neostore.", 9) == 0 ||
	    strncmp(name, "block.", 6) == 0;
}

/* The files that every database has: of record or of block format. */
static bool
is_first_store(const char *name)
{
	return strcmp(name, "neostore") == 0 ||
	    strncmp(name, "block.", 6) == 0;
}

static bool
recognise(const struct entry *entry, size_t *root_len)
{
	const char *path = buf_text(&entry->path), *end, *above;
	const char *slash = strrchr(path, '/');

	if (entry->type != ENTRY_FILE || slash == NULL ||
	    !is_first_store(slash + 1))
		return false;
	/* .../databases/NAME/neostore */
	for (end = slash; end > path && end[-1] != '/'; end--)
		;
	if (end == path)
		return false;
	for (above = --end; above > path && above[-1] != '/'; above--)
		;
	if ((size_t)(end - above) != sizeof databases - 1 ||
	    memcmp(above, databases, sizeof databases - 1) != 0)
		return false;
	*root_len = (size_t)(end - path);
	return true;
}

/* ------------------------------------------------------------ one database */

static int
note_file(void *ctx, const struct entry *entry, struct err *err)
{
	struct folder *f = ctx;
	const char *name;

	(void)err;
	if (entry->path.len <= f->skip)
		return 0;
	f->bytes += entry->size;
	if (entry->type != ENTRY_FILE)
		return 0;
	name = buf_text(&entry->path) + f->skip;
	if (strncmp(name, log_name, sizeof log_name - 1) == 0)
		f->logs++;
	else if (strncmp(name, checkpoint_name,
	    sizeof checkpoint_name - 1) == 0)
		f->checkpoints++;
	else if (is_store(name)) {
		f->stores++;
		f->empty += is_first_store(name) && entry->size == 0;
	}
	return 0;
}

static int
list(struct server *s, const char *dir, struct folder *f, struct err *err)
{
	memset(f, 0, sizeof *f);
	f->skip = strlen(dir) + 1;
	return tree_walk(s->c->tree, dir, note_file, f, err);
}

static void
judge_logs(struct server *s, const char *dir, const struct folder *logs)
{
	if (logs->logs == 0)
		judge_find(s->j, VERDICT_DAMAGED, dir, "no transaction logs: "
		    "the server does not start this database");
	else if (logs->checkpoints == 0)
		judge_find(s->j, VERDICT_UNCHECKED, dir, "no file of "
		    "checkpoints, which servers from 5 on need");
}

static int
check_database(struct server *s, const char *dir, const char *name,
    struct err *err)
{
	struct folder store, logs;
	struct buf path = BUF_EMPTY;
	int ret = list(s, dir, &store, err);

	s->databases++;
	s->bytes += store.bytes;
	s->has_system |= strcmp(name, "system") == 0;
	s->has_neo4j |= strcmp(name, "neo4j") == 0;
	if (ret == 0 && store.stores == 0)
		judge_find(s->j, VERDICT_DAMAGED, dir,
		    "no store in this database: all that was in it is lost");
	if (store.empty > 0)
		judge_find(s->j, VERDICT_DAMAGED, dir,
		    "%llu of its stores are empty", (ull)store.empty);
	if (ret == 0 && s->has_logs) {
		content_path(&path, buf_text(&s->logs), name);
		ret = list(s, buf_text(&path), &logs, err);
		if (ret == 0)
			judge_logs(s, buf_text(&path), &logs);
		s->bytes += logs.bytes;
	}
	buf_release(&path);
	return ret;
}

/* ------------------------------------------------------------- the server */

static int
visit(void *ctx, const struct entry *entry, struct err *err)
{
	const char *path = buf_text(&entry->path), *name;
	struct server *s = ctx;

	if (entry->path.len <= strlen(s->root))
		return 0;
	name = path + strlen(s->root) + 1;
	if (entry->type == ENTRY_DIR)
		return check_database(s, path, name, err) == -1 ? -1 : 1;
	/* It is always left behind, and means nothing. */
	s->leftovers += strcmp(name, "store_lock") != 0;
	return 0;
}

static int
find_logs(struct server *s, struct err *err)
{
	struct entry entry = ENTRY_EMPTY;
	size_t above = strlen(s->root) - (sizeof databases - 1);
	int ret;

	buf_set(&s->logs, s->root, above);
	buf_puts(&s->logs, "transactions");
	ret = tree_find(s->c->tree, buf_text(&s->logs), &entry, &s->has_logs,
	    err);
	entry_release(&entry);
	return ret;
}

static void
say_totals(struct server *s)
{
	char size[NUM_BYTES_TEXT];

	if (!s->has_logs)
		judge_find(s->j, VERDICT_UNCHECKED, buf_text(&s->logs),
		    "not here: without its transaction logs no database "
		    "starts; see whether another volume holds them");
	if (!s->has_system)
		judge_find(s->j, VERDICT_SUSPECT, s->root, "no database "
		    "'system': users, roles and the list of databases are in "
		    "it");
	if (!s->has_neo4j && s->databases <= s->has_system)
		judge_find(s->j, VERDICT_SUSPECT, s->root,
		    "no database but 'system'");
	if (s->leftovers > 0)
		judge_find(s->j, VERDICT_CLEAN, s->root,
		    "%llu files that belong to no database",
		    (ull)s->leftovers);
	judge_find(s->j, VERDICT_UNCHECKED, s->root, "%s of stores and logs "
	    "were not read: stores have no checksums; neo4j-admin database "
	    "check reads them, and a dump can be proved",
	    num_format_bytes(s->bytes, size));
	judge_cover(s->j, "%llu databases: which files are there",
	    (ull)s->databases);
}

static int
check(const struct content *c, const char *root, struct judgement *j,
    struct err *err)
{
	struct server s = { .c = c, .root = root, .j = j, .logs = BUF_EMPTY };
	int ret = 0;

	if (find_logs(&s, err) == -1 ||
	    tree_walk(c->tree, root, visit, &s, err) == -1)
		ret = judge_failure(j, root, err);
	say_totals(&s);
	buf_release(&s.logs);
	return ret;
}

const struct set_checker check_neo4j = { "neo4j", true, recognise, check };
