/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tablespaces of a PostgreSQL cluster: links out of it, as a rule, so that a
 * copy of the one folder is not all of the data.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "check/pg.h"
#include "check/pg_name.h"

#define FOLDER_MAX 64

/* A server keeps to a folder of its release's: "PG_15_202209061". */
static const char *
folder_name(const struct pg *pg, char out[FOLDER_MAX])
{
	(void)snprintf(out, FOLDER_MAX, "PG_%u%s_%u", pg->control.major,
	    pg->control.major == 9 ? ".6" : "", pg->control.catalog_version);
	return out;
}

static int
find_linked(struct pg *pg, const struct entry *link, struct buf *path,
    struct err *err)
{
	char folder[FOLDER_MAX], shown[ESCAPE_NAME_MAX];

	if (pg_resolve(pg, link, folder_name(pg, folder), path, err) == -1)
		return -1;
	if (path->len == 0)
		judge_find(pg->judgement, VERDICT_UNCHECKED,
		    buf_text(&link->path), "this tablespace is at %s, which "
		    "is not in this tree: the server starts without it, and "
		    "its tables then fail when they are used; keep both "
		    "together", escape_name(buf_text(&link->link), shown));
	return 0;
}

static int
find_folder(struct pg *pg, const struct entry *dir, struct buf *path,
    struct err *err)
{
	char folder[FOLDER_MAX];
	enum entry_type type;
	uint64_t size;
	bool found;

	(void)content_path(path, buf_text(&dir->path),
	    folder_name(pg, folder));
	if (pg_find(pg, buf_text(path), &found, &type, &size, err) == -1)
		return -1;
	if (found)
		buf_cut(path, dir->path.len);
	else
		buf_cut(path, 0);
	if (!found)
		judge_find(pg->judgement, VERDICT_DAMAGED,
		    buf_text(&dir->path), "this tablespace is empty: it lacks "
		    "%s; its tables fail when they are used", folder);
	return 0;
}

static void
add_space(struct pg *pg, uint32_t oid, const struct buf *path)
{
	char folder[FOLDER_MAX];
	struct pg_space *s;

	pg->spaces = mem_resize(pg->spaces, pg->space_count + 1,
	    sizeof(*pg->spaces));
	s = &pg->spaces[pg->space_count++];
	s->oid = oid;
	s->path = path->len == 0 ? NULL : mem_format("%s/%s", buf_text(path),
	    folder_name(pg, folder));
}

static int
see_space(void *ctx, const struct entry *entry, struct err *err)
{
	struct pg *pg = ctx;
	const char *name = strrchr(buf_text(&entry->path), '/');
	struct buf path = BUF_EMPTY;
	uint32_t oid;
	int ret;

	name = name == NULL ? buf_text(&entry->path) : name + 1;
	if (!pg_name_number(name, &oid))
		return 0;
	if (pg->space_count == PG_SPACES_MAX) {
		judge_find(pg->judgement, VERDICT_UNCHECKED,
		    buf_text(&entry->path), "more than %d tablespaces",
		    PG_SPACES_MAX);
		return 1;
	}
	ret = entry->type == ENTRY_SYMLINK ?
	    find_linked(pg, entry, &path, err) :
	    find_folder(pg, entry, &path, err);
	if (ret == 0)
		add_space(pg, oid, &path);
	buf_release(&path);
	return ret == 0 ? 1 : -1;
}

int
pg_spaces_load(struct pg *pg, struct err *err)
{
	char *path = mem_text(pg_path(pg, "pg_tblspc"));
	int ret = tree_walk(pg->tree, path, see_space, pg, err);

	if (ret == -1)
		ret = judge_failure(pg->judgement, path, err);
	free(path);
	return ret;
}

const struct pg_space *
pg_space_find(const struct pg *pg, uint32_t oid)
{
	unsigned i;

	for (i = 0; i < pg->space_count; i++)
		if (pg->spaces[i].oid == oid)
			return &pg->spaces[i];
	return NULL;
}
