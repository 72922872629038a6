/* SPDX-License-Identifier: BSD-2-Clause */
/* Every file that lists name, read and judged; see lists.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/walk.h"
#include "lists_each.h"
#include "medium/hash_pool.h"

#define FILE_TEXT 32		/* "line 18446744073709551615" */

/* What is known of a file in the pool, by its slot. */
struct entry {
	struct buf list;
	enum digest_kind kind;
	uint8_t digest[DIGEST_MAX];
};

struct checker {
	struct lists *l;
	struct hash_pool *pool;
	bool is_full;		/* l->cover; full says so */
	struct err full;
	struct entry entries[HASH_POOL_SLOTS];
};

static void
tell(struct lists *l, const char *list, const char *file,
    enum list_verdict verdict, const char *why, uint64_t bytes)
{
	const struct lists_calls *calls = &l->options->calls;

	l->verdicts[verdict]++;
	calls->file(calls->ctx, list, file, verdict, why, bytes);
}

static enum list_verdict
judge(const struct entry *e, const struct hash_done *done,
    char bad[BAD_LIST_TEXT], const char **why)
{
	static const char *const differs[DIGEST_KINDS] = {
		"MD5 differs", "SHA-1 differs", "SHA-224 differs",
		"SHA-256 differs", "SHA-384 differs", "SHA-512 differs"
	};

	*why = done->err->text;
	switch (done->err->class) {
	case ERR_NONE: break;
	case ERR_NOT_FOUND: return LIST_MISSING;
	case ERR_DAMAGED: return LIST_REFUSED;
	default: return LIST_UNREADABLE;
	}
	*why = bad_list_text(&done->patient->bad, bad);
	if (done->patient->bad.count > 0)
		return LIST_UNREADABLE;
	*why = "";
	if (memcmp(done->result->digest, e->digest, digest_len(e->kind)) == 0)
		return LIST_OK;
	*why = done->result->bytes == 0 ? "is empty, and should not be" :
	    differs[e->kind];
	return LIST_DAMAGED;
}

static int
take_one(struct checker *c, struct err *err)
{
	struct lists *l = c->l;
	struct hash_done done;
	enum list_verdict verdict;
	char bad[BAD_LIST_TEXT];
	const struct entry *e;
	const char *why;

	if (hash_pool_take(c->pool, &done, err) == -1)
		return -1;
	e = &c->entries[done.slot];
	verdict = judge(e, &done, bad, &why);
	l->bytes += done.result->bytes - done.patient->bad.bytes;
	if (done.err->class == ERR_NONE && !done.result->is_direct)
		l->cached++;
	tell(l, buf_text(&e->list), done.path, verdict, why,
	    done.result->bytes);
	/* Every file to come would take as long to fail. */
	if (done.patient->is_gone)
		return err_set(err, ERR_IO, 0, "the medium is gone");
	return 0;
}

/* So that verdicts come in the order of the lines. */
static int
take_all(struct checker *c, struct err *err)
{
	while (!hash_pool_is_empty(c->pool))
		if (take_one(c, err) == -1)
			return -1;
	return 0;
}

/* Too many to remember is no reason to read fewer of them. */
static void
cover(struct checker *c, const char *path)
{
	if (c->l->options->finds_new && !c->is_full)
		c->is_full = cover_add(&c->l->cover, path, &c->full) == -1;
}

/* A list of this folder, and who signed it, is nothing new there. */
static int
check_list(void *ctx, const char *list, struct err *err)
{
	static const char *const ends[] = { "", ".sig", ".asc", ".gpg" };
	struct checker *c = ctx;
	size_t i;

	(void)err;
	for (i = 0; c->l->is_same_dir && i < sizeof ends / sizeof ends[0];
	    i++) {
		char *name = mem_format("%s%s", list, ends[i]);

		cover(c, name);
		free(name);
	}
	return 0;
}

static int
refuse(struct checker *c, const char *list, const char *file,
    enum list_verdict verdict, const char *why, struct err *err)
{
	if (take_all(c, err) == -1)
		return -1;
	tell(c->l, list, file, verdict, why, 0);
	return watch_step(c->l->options->watch, 0, 0, err);
}

static int
check_line(void *ctx, const char *list, const struct checklist_line *line,
    struct err *err)
{
	struct checker *c = ctx;
	struct lists *l = c->l;
	char file[FILE_TEXT];
	struct entry *e;
	struct err why;

	if (line->fault[0] != '\0') {
		(void)snprintf(file, sizeof file, "line %llu",
		    (unsigned long long)line->number);
		return refuse(c, list, file, LIST_MALFORMED, line->fault, err);
	}
	if (lists_path(l, list, line, &why) == -1)
		return refuse(c, list, line->name, LIST_REFUSED, why.text,
		    err);
	cover(c, buf_text(&l->path));
	if (!hash_pool_has_room(c->pool) && take_one(c, err) == -1)
		return -1;
	e = &c->entries[hash_pool_submit(c->pool, buf_text(&l->path),
	    line->kind, NULL)];
	buf_set(&e->list, list, strlen(list));
	e->kind = line->kind;
	memcpy(e->digest, line->digest, sizeof e->digest);
	return 0;
}

static int
check_trouble(void *ctx, const char *list, enum list_verdict verdict,
    const char *why, struct err *err)
{
	return refuse(ctx, list, LIST_ITSELF, verdict, why, err);
}

static int
check_lines(struct lists *l, struct err *err)
{
	struct checker *c = mem_zero(1, sizeof *c);
	const struct lists_visit visit = { c, check_list, check_line,
	    check_trouble };
	const struct hash_pool_options options = {
		.threads = l->options->threads, .watch = l->options->watch,
		.follows_links = true,
	};
	int ret;
	size_t i;

	c->l = l;
	c->pool = hash_pool_new(l->root_fd, &options);
	ret = lists_each(l, &visit, err);
	if (ret == 0)
		ret = take_all(c, err);
	if (ret == 0 && c->is_full) {
		*err = c->full;
		ret = -1;
	}
	hash_pool_free(c->pool);
	for (i = 0; i < HASH_POOL_SLOTS; i++)
		buf_release(&c->entries[i].list);
	free(c);
	return ret;
}

/* ---- files that no line covers */

static int
look_at(void *ctx, const struct walk_item *item, struct err *err)
{
	struct lists *l = ctx;

	if (S_ISREG(item->st.st_mode) && !cover_has(&l->cover, item->path))
		tell(l, "", item->path, LIST_NEW, "no line covers it", 0);
	return watch_step(l->options->watch, 0, 0, err);
}

static int
look_failed(void *ctx, const char *path, enum walk_trouble what, int sys,
    struct err *err)
{
	struct lists *l = ctx;

	(void)err;
	if (what == WALK_UNREADABLE)
		tell(l, "", path, LIST_UNREADABLE, sys == 0 ?
		    "cannot be listed" : strerror(sys), 0);
	else if (what == WALK_OTHER_MOUNT)
		tell(l, "", path, LIST_NEW, "another mount: not searched", 0);
	else if (what == WALK_TOO_LONG)
		tell(l, "", path, LIST_NEW, "too deep: not searched", 0);
	return 0;
}

int
lists_check(struct lists *l, struct err *err)
{
	const struct walk_calls calls = { l, look_at, look_failed };

	if (check_lines(l, err) == -1)
		return -1;
	if (!l->options->finds_new)
		return 0;
	walk_raise_limits();
	return walk_tree(l->root_fd, &calls, err);
}
