/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of Redis and Valkey by themselves; see redis.h. */
#include "check/redis.h"

#include <string.h>

#include "base/err.h"
#include "check/rdb.h"
#include "check/redis_conf.h"
#include "check/redis_file.h"

static const char *
name_of(const struct entry *entry)
{
	const char *path = buf_text(&entry->path);
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* What a save or rewrite that did not come to its end leaves. */
static bool
is_leftover(const char *name)
{
	return strncmp(name, "temp-", 5) == 0 && (ends_with(name, ".rdb") ||
	    ends_with(name, ".aof"));
}

static int
judge_leftover(const struct entry *entry, struct judgement *j)
{
	judge_find(j, VERDICT_CLEAN, buf_text(&entry->path),
	    "left by a save that did not come to its end; the server does not "
	    "read it");
	judge_cover(j, "the name only: nothing needs its content");
	return 0;
}

/* ------------------------------------------------------------- dump.rdb */

static bool
recognise_rdb(const struct entry *entry, const uint8_t *head, size_t len)
{
	const char *name = name_of(entry);

	return rdb_matches(head, len) || strcmp(name, "dump.rdb") == 0;
}

static int
is_there(struct tree *tree, const char *dir, const char *name, bool *found,
    struct err *err)
{
	struct entry entry = ENTRY_EMPTY;
	struct buf path = BUF_EMPTY;
	int ret = tree_find(tree, content_path(&path, dir, name), &entry,
	    found, err);

	entry_release(&entry);
	buf_release(&path);
	return ret;
}

/* With "appendonly yes" a server looks for nothing but the append-only file. */
static int
judge_alone(const struct content *c, const char *path, const char *dir,
    struct judgement *j, struct err *err)
{
	struct redis_conf conf = REDIS_CONF_EMPTY;
	bool has_new, has_old;
	int ret = -1;

	if (is_there(c->tree, dir, "appendonlydir", &has_new, err) == -1 ||
	    is_there(c->tree, dir, "appendonly.aof", &has_old, err) == -1 ||
	    redis_conf_find(c->tree, dir, &conf, err) == -1)
		goto out;
	if (has_new || has_old)
		judge_find(j, VERDICT_CLEAN, path, "there is an append-only "
		    "file too: with appendonly yes the server does not read "
		    "this one");
	else if (conf.appendonly) {
		judge_say(j, "the server starts empty: its settings say "
		    "appendonly yes, and there is no append-only file; start "
		    "it once with appendonly no, then CONFIG SET appendonly "
		    "yes");
		judge_find(j, VERDICT_DAMAGED, buf_text(&conf.path),
		    "appendonly yes, but no append-only file is there");
	} else if (conf.path.len == 0)
		judge_find(j, VERDICT_CLEAN, path, "started with appendonly "
		    "yes, a server would not read it and start empty");
	ret = 0;
out:
	redis_conf_release(&conf);
	return ret == -1 ? judge_failure(j, path, err) : 0;
}

static int
check_rdb(const struct content *c, const struct entry *entry,
    struct source *file, struct judgement *j, struct err *err)
{
	struct redis_file what = { .path = buf_text(&entry->path) };
	const char *name = name_of(entry);
	struct redis_totals totals = { 0 };
	struct buf dir = BUF_EMPTY;
	int ret;

	if (is_leftover(name))
		return judge_leftover(entry, j);
	ret = redis_file_judge(c, &what, file, &totals, j, err);
	redis_totals_say(&totals, j);
	if (ret == 0 && strcmp(name, "dump.rdb") == 0) {
		if (name > what.path)
			buf_append(&dir, what.path,
			    (size_t)(name - what.path - 1));
		ret = judge_alone(c, what.path, buf_text(&dir), j, err);
	}
	buf_release(&dir);
	return ret;
}

const struct file_checker check_redis_rdb = { "redis rdb", recognise_rdb,
	check_rdb };

/* ------------------------------------- append-only files by themselves */

static bool
recognise_log(const struct entry *entry, const uint8_t *head, size_t len)
{
	const char *name = name_of(entry);

	return strcmp(name, "appendonly.aof") == 0 || (ends_with(name, ".aof") &&
	    (rdb_matches(head, len) || (len > 2 && head[0] == '*' &&
	    head[1] >= '1' && head[1] <= '9')));
}

static int
check_log(const struct content *c, const struct entry *entry,
    struct source *file, struct judgement *j, struct err *err)
{
	struct redis_file what = { .path = buf_text(&entry->path),
	    .is_log = true, .is_last = true };
	struct redis_totals totals = { 0 };
	int ret;

	if (is_leftover(name_of(entry)))
		return judge_leftover(entry, j);
	ret = redis_file_judge(c, &what, file, &totals, j, err);
	redis_totals_say(&totals, j);
	if (file->size == 0)
		judge_cover(j, "it is empty, as a server leaves it before the "
		    "first command");
	return ret;
}

const struct file_checker check_redis_log = { "redis aof", recognise_log,
	check_log };
