/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The catalogue: what this host remembers of media, runs, snapshots and
 * restores, in one SQLite file.
 *
 *	struct catalog *c = NULL;
 *	if (catalog_open(&c, NULL, CATALOG_WRITE, &err) == -1)
 *		say that history is not recorded, and why, and go on
 *	...
 *	catalog_close(c);
 *
 * It is disposable.  What media hold is read from the media again; only
 * history is lost with it.  So nothing here is ever a reason to fail: a tool
 * that cannot record says so once and does its work.
 *
 * The queries are in the other headers of this folder, each a function with a
 * name, by domain:
 *
 *	media.h		media, their snapshots, sources and files
 *	runs.h		verifications: what was read, with which verdict
 *	status.h	what is overdue, good, lost: the questions people ask
 *	events.h	snapshots taken, restores, incidents, runs of other tools
 *
 * A catalogue that is damaged, or is not built as this version builds it, is
 * never believed: it is put aside under another name and begun anew.  One
 * that a newer version made is left alone.
 *
 * Order is by row number, never by the clock: clocks on rescue hosts lie.
 */
#ifndef CATALOG_CATALOG_H
#define CATALOG_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct catalog;

#define CATALOG_USUAL "/var/lib/drydock/catalog.db"
#define CATALOG_ENV "DRYDOCK_CATALOG"
#define CATALOG_FORMAT 1		/* user_version */
#define CATALOG_ID 0x44724479		/* application_id, "DrDy" */
#define CATALOG_TEXT_MAX 1024		/* bytes; longer text is cut */
#define CATALOG_JSON_MAX ((size_t)1 << 20)
#define CATALOG_BUSY_MS 10000		/* how long another tool may write */

enum catalog_mode {
	CATALOG_READ,	/* must be there; nothing is put aside */
	CATALOG_WRITE	/* made where missing: folder 0700, file 0600 */
};

/*
 * path NULL: $DRYDOCK_CATALOG, else CATALOG_USUAL.  ERR_NOT_FOUND: not there
 * (CATALOG_READ); ERR_LIMIT: made by a newer version; ERR_DAMAGED: damaged
 * (CATALOG_READ), or somebody else's file, which is left alone; ERR_BUSY;
 * ERR_IO.  The caller closes *c.
 */
int catalog_open(struct catalog **c, const char *path, enum catalog_mode mode,
    struct err *err);

/* What happened on opening that a person should know, or NULL. */
const char *catalog_note(const struct catalog *c);
/* Where it is, escaped. */
const char *catalog_path(const struct catalog *c);

/* NULL is allowed.  What was not committed is undone. */
void catalog_close(struct catalog *c);

/*
 * Several changes as one: all of them last, or none.  Keep it short: others
 * wait.  Changes outside of a transaction are one each.
 */
int catalog_begin(struct catalog *c, struct err *err);
int catalog_commit(struct catalog *c, struct err *err);
void catalog_rollback(struct catalog *c);

#endif
