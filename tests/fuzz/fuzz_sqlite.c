/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a SQLite database, alone or with a log or journal cut from
 * their end (the first byte says which): always a judgement, never a crash,
 * and nothing CLEAN without coverage.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "check/sqlite.h"
#include "check/tree_kind.h"

#define INPUT_MAX 262144

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
require(bool held)
{
	if (!held)
		abort();
}

/* A tree of one sibling in memory. */
struct pair_tree {
	struct tree tree;
	const char *name;
	const uint8_t *data;
	size_t len;
};

struct pair_file {
	struct tree_file file;
	struct pair_tree *of;
};

static int
pair_find(struct tree *tree, const char *path, struct entry *entry,
    bool *found, struct err *err)
{
	struct pair_tree *t = (struct pair_tree *)(void *)tree;

	(void)err;
	*found = t->name != NULL && strcmp(path, t->name) == 0;
	entry->type = ENTRY_FILE;
	entry->size = t->len;
	return 0;
}

static int
pair_read(struct tree_file *file, uint64_t offset, void *data, size_t len,
    struct err *err)
{
	struct pair_file *f = (struct pair_file *)(void *)file;

	(void)err;
	memcpy(data, f->of->data + offset, len);
	return 0;
}

static int
pair_open(struct tree *tree, const struct entry *entry,
    struct tree_file **file, struct err *err)
{
	struct pair_file *f = calloc(1, sizeof *f);

	(void)entry;
	(void)err;
	require(f != NULL);
	f->of = (struct pair_tree *)(void *)tree;
	f->file.read = pair_read;
	*file = &f->file;
	return 0;
}

static void
pair_close(struct tree_file *file)
{
	free(file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const names[] = { NULL, "x-wal", "x-journal" };
	struct pair_tree t = { .tree = { .find = pair_find,
	    .open = pair_open, .close = pair_close } };
	struct content_facts facts = { 0 };
	struct content c = { &t.tree, &facts };
	struct entry entry = ENTRY_EMPTY;
	struct memory_source file;
	struct judgement j;
	struct err err;
	size_t db;

	if (len < 3 || len > INPUT_MAX)
		return 0;
	t.name = names[data[0] % 3];
	db = (len - 3) * data[1] / 255;
	if (t.name == NULL)
		db = len - 3;
	t.data = data + 3 + db;
	t.len = len - 3 - db;
	if (!check_sqlite.recognise(&entry, data + 3, db))
		return 0;
	buf_set(&entry.path, "x", 1);
	judgement_init(&j, check_sqlite.name, "x");
	require(check_sqlite.check(&c, &entry, memory_source_init(&file,
	    data + 3, db), &j, &err) == 0);
	judgement_close(&j);
	require(j.verdict != VERDICT_CLEAN || j.covered.len > 0);
	require(t.tree.open_files == 0);
	judgement_release(&j);
	entry_release(&entry);
	return 0;
}
