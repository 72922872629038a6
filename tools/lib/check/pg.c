/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the PostgreSQL checker share; see pg.h. */
#include "check/pg.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

const char *
pg_path(struct pg *pg, const char *fmt, ...)
{
	char name[256];
	va_list args;

	/* Names that we make: fixed words and numbers, never longer. */
	va_start(args, fmt);
	(void)vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	return content_path(&pg->path, pg->root, name);
}

int
pg_find(struct pg *pg, const char *path, bool *found, enum entry_type *type,
    uint64_t *size, struct err *err)
{
	struct entry entry = ENTRY_EMPTY;
	int ret = tree_find(pg->tree, path, &entry, found, err);

	if (ret == -1) {
		*found = false;
		ret = judge_failure(pg->judgement, path, err);
	} else if (*found) {
		*type = entry.type;
		*size = entry.size;
	}
	entry_release(&entry);
	return ret;
}

/* A relative link says where it leads; only ".." at its start is known. */
static int
resolve_relative(struct pg *pg, const struct entry *link, const char *name,
    struct buf *out, struct err *err)
{
	const char *target = buf_text(&link->link);
	struct buf dir = BUF_EMPTY, probe = BUF_EMPTY;
	enum entry_type type;
	uint64_t size;
	bool found;
	char *slash;
	int ret;

	buf_puts(&dir, buf_text(&link->path));
	for (;;) {
		slash = dir.len == 0 ? NULL : strrchr(dir.data, '/');
		buf_cut(&dir, slash == NULL ? 0 : (size_t)(slash - dir.data));
		if (strncmp(target, "../", 3) != 0)
			break;
		target += 3;
	}
	(void)content_path(&probe, buf_text(&dir), target);
	buf_set(&dir, buf_text(&probe), probe.len);
	ret = pg_find(pg, content_path(&probe, buf_text(&dir), name), &found,
	    &type, &size, err);
	if (ret == 0 && found)
		buf_set(out, buf_text(&dir), dir.len);
	buf_release(&dir);
	buf_release(&probe);
	return ret;
}

int
pg_resolve(struct pg *pg, const struct entry *link, const char *name,
    struct buf *out, struct err *err)
{
	const char *tail = buf_text(&link->link);
	struct buf probe = BUF_EMPTY;
	enum entry_type type;
	uint64_t size;
	bool found = false;
	int ret = 0;

	buf_cut(out, 0);
	if (tail[0] != '/')
		return resolve_relative(pg, link, name, out, err);
	while (ret == 0 && !found && tail != NULL) {
		while (*tail == '/')
			tail++;
		if (*tail == '\0')
			break;
		ret = pg_find(pg, content_path(&probe, tail, name), &found,
		    &type, &size, err);
		if (ret == 0 && found)
			buf_set(out, tail, strlen(tail));
		tail = strchr(tail, '/');
	}
	buf_release(&probe);
	return ret;
}

bool
pg_knows_replay(const struct pg *pg)
{
	return pg->is_clean || (pg->walk.saw_checkpoint &&
	    !pg->walk.has_later_segment);
}

bool
pg_is_in_flux(const struct pg *pg, uint32_t space, uint32_t database,
    uint32_t file)
{
	const struct pg_notes *notes = &pg->walk.notes;
	struct pg_block b = {
		.space = space,
		.database = database,
		.file = file,
		.fork = PG_BLOCK_DROPPED,
	};

	if (!pg_knows_replay(pg))
		return true;
	if (notes->lost_some || notes->blocks.is_full ||
	    pg_blocks_has(&notes->blocks, &b))
		return true;
	b.fork = PG_BLOCK_CUT;
	return pg_blocks_has(&notes->blocks, &b);
}

const char *
pg_count(uint64_t count, const char *noun, char out[PG_COUNT_TEXT])
{
	char digits[NUM_COUNT_TEXT];

	(void)snprintf(out, PG_COUNT_TEXT, "%s %s%s",
	    num_format_count(count, digits), noun, count == 1 ? "" : "s");
	return out;
}
