/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PostgreSQL cluster under check: what its parts tell each other.  Private
 * to postgresql.c, the one set checker, and the modules it is made of, which
 * run in the order given here.  Each judges what it reads and fails for
 * ERR_INTERRUPTED only.
 *
 *	pg_log_check	pg_wal, from the checkpoint to its end
 *	pg_files_check	each page of each relation, once
 *	pg_catalog_check	what should be there, by the catalog
 *	pg_house_check	all the small files a server needs
 *	pg_backup_check	what came with a base backup
 */
#ifndef CHECK_PG_H
#define CHECK_PG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "check/content.h"
#include "check/pg_control.h"
#include "check/pg_wal.h"

#define PG_SPACES_MAX 1000

/* A tablespace of its own, pg_tblspc/NUMBER. */
struct pg_space {
	uint32_t oid;
	char *path;	/* of its PG_..._... folder; NULL: not in this tree */
};

/* backup_label: the base backup that the cluster was made from. */
struct pg_label {
	bool is_there;
	uint64_t start;		/* LSN where replay begins */
	uint64_t checkpoint;
};

struct pg {
	struct tree *tree;
	const struct content_facts *facts;
	const char *root;
	struct judgement *judgement;
	struct buf path;	/* scratch for pg_path() */

	/* Set at the start. */
	struct pg_control control;
	bool is_trusted;	/* control is what the server would believe */
	bool is_clean;		/* shut down: nothing to replay */
	bool is_recovering;	/* a standby, or on the way from an archive */
	bool empties_unlogged;	/* the start resets unlogged relations */
	bool asks_archive;	/* more of the log may come from elsewhere */
	struct pg_label label;
	struct pg_space *spaces;
	unsigned space_count;

	/* By pg_log_check. */
	struct pg_wal_walk walk;
	bool has_limit;		/* no page may be newer than this */
	uint64_t limit;
};

/* root and name joined, valid until the next call. */
const char *pg_path(struct pg *pg, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * An entry's type by its path: *found and, when it is there, *type and *size.
 */
int pg_find(struct pg *pg, const char *path, bool *found,
    enum entry_type *type, uint64_t *size, struct err *err);

/*
 * Where a symbolic link at path leads within the tree: the longest tail of
 * its target below which name exists.  Volumes are seen from outside, so the
 * start of an absolute target means nothing here.  out is left empty when
 * there is none.
 */
int pg_resolve(struct pg *pg, const struct entry *link, const char *name,
    struct buf *out, struct err *err);

/* List pg->spaces, judging those that cannot be looked into. */
int pg_spaces_load(struct pg *pg, struct err *err);
/* NULL: there is no such space. */
const struct pg_space *pg_space_find(const struct pg *pg, uint32_t oid);

/* There is none, or the log could be read to its end. */
bool pg_knows_replay(const struct pg *pg);

/*
 * Replay may drop a relation's files or cut them short; or it is not known
 * what replay does, because the log cannot be read or drops too much.
 */
bool pg_is_in_flux(const struct pg *pg, uint32_t space, uint32_t database,
    uint32_t file);

/* "1 page", "1,234 pages": a count with its noun, in out. */
#define PG_COUNT_TEXT 64
const char *pg_count(uint64_t count, const char *noun,
    char out[PG_COUNT_TEXT]);

/* backup_label into pg->label; judged when it cannot be read. */
int pg_label_load(struct pg *pg, struct err *err);

int pg_log_check(struct pg *pg, struct err *err);
int pg_files_check(struct pg *pg, struct err *err);
int pg_catalog_check(struct pg *pg, struct err *err);
int pg_house_check(struct pg *pg, struct err *err);
int pg_backup_check(struct pg *pg, struct err *err);

#endif
