/* SPDX-License-Identifier: BSD-2-Clause */
/* Multi-part append-only files of Redis and Valkey; see redis.h. */
#include "check/redis.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "check/aof_manifest.h"
#include "check/redis_conf.h"
#include "check/redis_file.h"

#define DIR_NAME "appendonlydir"	/* unless appenddirname says otherwise */

struct set {
	const struct content *c;
	const char *root;
	struct judgement *j;
	struct redis_conf conf;
	struct redis_totals totals;
	struct aof_manifest manifest;
	char *manifest_path;	/* owned; the first that was found */
	uint64_t manifests;
	uint64_t parts;		/* files named like parts of one */
	uint64_t strangers;	/* of them in no manifest */
};

static bool
ends_with(const char *text, size_t len, const char *end)
{
	size_t end_len = strlen(end);

	return len > end_len && memcmp(text + len - end_len, end,
	    end_len) == 0;
}

/* "appendonly.aof.3.incr.aof" */
static bool
is_part(const char *name, size_t len)
{
	static const char *const ends[] = { ".base.rdb", ".base.aof",
	    ".incr.aof" };
	size_t i;

	for (i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (ends_with(name, len, ends[i])) {
			char before = name[len - strlen(ends[i]) - 1];

			return before >= '0' && before <= '9' &&
			    strncmp(name, "temp-", 5) != 0;
		}
	return false;
}

static bool
is_manifest(const char *name, size_t len)
{
	return ends_with(name, len, ".manifest") &&
	    strncmp(name, "temp", 4) != 0;
}

static bool
recognise(const struct entry *entry, size_t *root_len)
{
	const char *path = buf_text(&entry->path);
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t len = strlen(name);

	if (entry->type == ENTRY_DIR && strcmp(name, DIR_NAME) == 0) {
		*root_len = entry->path.len;
		return true;
	}
	if (entry->type != ENTRY_FILE || !(is_part(name, len) ||
	    ends_with(name, len, ".aof.manifest")))
		return false;
	*root_len = slash != NULL ? (size_t)(slash - path) : 0;
	return true;
}

/* ------------------------------------------------------------- what is there */

static int
note_entry(void *ctx, const struct entry *entry, struct err *err)
{
	struct set *set = ctx;
	const char *name = content_name(set->root, entry);

	(void)err;
	if (name == NULL)
		return 0;
	if (entry->type == ENTRY_DIR)
		return 1;
	if (is_part(name, strlen(name)))
		set->parts++;
	if (!is_manifest(name, strlen(name)))
		return 0;
	if (set->manifests++ == 0)
		set->manifest_path = mem_text(buf_text(&entry->path));
	return 0;
}

static const struct aof_file *
find_in_manifest(const struct set *set, const char *name)
{
	size_t i;

	for (i = 0; i < set->manifest.count; i++)
		if (strcmp(set->manifest.files[i].name, name) == 0)
			return &set->manifest.files[i];
	return NULL;
}

static int
note_stranger(void *ctx, const struct entry *entry, struct err *err)
{
	struct set *set = ctx;
	const char *name = content_name(set->root, entry);

	(void)err;
	if (name == NULL)
		return 0;
	if (entry->type == ENTRY_DIR)
		return 1;
	if (is_part(name, strlen(name)) &&
	    find_in_manifest(set, name) == NULL) {
		set->strangers++;
		judge_find(set->j, VERDICT_CLEAN, buf_text(&entry->path),
		    "not in the manifest: the server does not read it");
	}
	return 0;
}

/* -------------------------------------------------------------- its parts */

static int
check_part(struct set *set, const char *path, bool is_last, struct err *err)
{
	struct redis_file what = { path, true, is_last,
	    set->conf.refuses_cut };
	struct source *file = NULL;
	int ret;

	if (tree_open_path(set->c->tree, path, &file, err) == -1) {
		if (err->class != ERR_NOT_FOUND)
			return judge_failure(set->j, path, err);
		err_clear(err);
		judge_find(set->j, VERDICT_DAMAGED, path,
		    "missing: the server refuses to start");
		return 0;
	}
	ret = redis_file_judge(set->c, &what, file, &set->totals, set->j,
	    err);
	tree_close_file(set->c->tree, file);
	return ret;
}

/* Base and increments in the order in which they are loaded. */
static int
check_type(struct set *set, char type, const struct aof_file *last,
    struct err *err)
{
	struct buf path = BUF_EMPTY;
	int ret = 0;
	size_t i;

	for (i = 0; i < set->manifest.count && ret == 0; i++) {
		const struct aof_file *f = &set->manifest.files[i];

		if (f->type == type)
			ret = check_part(set, content_path(&path, set->root,
			    f->name), f == last, err);
	}
	buf_release(&path);
	return ret;
}

static const struct aof_file *
last_loaded(const struct aof_manifest *m)
{
	const struct aof_file *last = NULL;
	size_t i;

	for (i = 0; i < m->count; i++)
		if (m->files[i].type == 'i' ||
		    (m->files[i].type == 'b' && last == NULL))
			last = &m->files[i];
	return last;
}

static int
check_parts(struct set *set, struct err *err)
{
	const struct aof_file *last = last_loaded(&set->manifest);

	if (check_type(set, 'b', last, err) == -1 ||
	    check_type(set, 'i', last, err) == -1)
		return -1;
	if (last == NULL)
		judge_find(set->j, VERDICT_SUSPECT, set->manifest_path,
		    "names no file: the server starts empty");
	return tree_walk(set->c->tree, set->root, note_stranger, set, err);
}

static int
check_manifest(struct set *set, struct err *err)
{
	struct buf text = BUF_EMPTY;
	int ret = 0;

	if (tree_read_path(set->c->tree, set->manifest_path,
	    AOF_MANIFEST_MAX, &text, err) == -1) {
		ret = judge_failure(set->j, set->manifest_path, err);
	} else if (aof_manifest_parse(buf_text(&text), text.len,
	    &set->manifest, err) == -1) {
		judge_find(set->j, err->class == ERR_LIMIT ?
		    VERDICT_UNCHECKED : VERDICT_DAMAGED, set->manifest_path,
		    "the server refuses to start: %s", err->text);
		err_clear(err);
	} else {
		judge_cover(set->j, "the manifest and its %zu files",
		    set->manifest.count);
		ret = check_parts(set, err);
	}
	buf_release(&text);
	return ret;
}

/* Without a manifest nothing is read, and new files get the old names. */
static void
judge_without_manifest(struct set *set)
{
	if (set->parts > 0) {
		judge_say(set->j, "the server starts empty and writes over "
		    "what is here: the manifest is missing; write one by hand "
		    "first, a line 'file NAME seq N type b' for the base and "
		    "'... type i' for each increment");
		judge_find(set->j, VERDICT_DAMAGED, set->root,
		    "%llu parts of an append-only file and no manifest",
		    (unsigned long long)set->parts);
	} else {
		judge_say(set->j, "the server starts empty");
		judge_find(set->j, VERDICT_SUSPECT, set->root,
		    "a folder for an append-only file, and no file in it");
	}
}

static int
check(const struct content *c, const char *root, struct judgement *j,
    struct err *err)
{
	struct set set = { .c = c, .root = root, .j = j,
	    .conf = REDIS_CONF_EMPTY };
	const char *slash = strrchr(root, '/');
	char *above = mem_format("%.*s",
	    slash != NULL ? (int)(slash - root) : 0, root);
	int ret = -1;

	if (tree_walk(c->tree, root, note_entry, &set, err) == -1 ||
	    redis_conf_find(c->tree, above, &set.conf, err) == -1)
		goto out;
	if (set.manifests > 1)
		judge_find(j, VERDICT_UNCHECKED, root, "%llu manifests; only "
		    "the first was followed",
		    (unsigned long long)set.manifests);
	if (set.manifests == 0)
		judge_without_manifest(&set);
	else if (check_manifest(&set, err) == -1)
		goto out;
	redis_totals_say(&set.totals, j);
	ret = 0;
out:
	free(above);
	free(set.manifest_path);
	aof_manifest_release(&set.manifest);
	redis_conf_release(&set.conf);
	return ret == -1 ? judge_failure(j, root, err) : 0;
}

const struct set_checker check_redis_aof = { "redis", true, recognise,
	check };
