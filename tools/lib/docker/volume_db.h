/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * volumes/metadata.db as a list in memory: a volume's name, and the JSON that
 * the engine recorded for it.  For docker/volume.h only.
 */
#ifndef DOCKER_VOLUME_DB_H
#define DOCKER_VOLUME_DB_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;
struct volume_identity;

struct volume_record {
	char *name;
	char *json;
};

struct volume_db {
	struct volume_record *list;	/* sorted by name */
	size_t count;
	size_t cap;		/* private */
	size_t bytes;		/* private */
	bool has_strangers;	/* other buckets than Docker's */
};

#define VOLUME_DB_EMPTY { NULL, 0, 0, 0, false }

/*
 * Read it, also while a daemon writes to it.  ERR_NOT_FOUND when there is no
 * file; an empty file is an empty list, as it is for the daemon.  db must be
 * empty; the caller releases it.
 */
int volume_db_read(int volumes_fd, struct volume_db *db, struct err *err);

/* The same from bytes in memory. */
int volume_db_parse(const void *data, size_t len, struct volume_db *db,
    struct err *err);

/* The record, or NULL. */
const char *volume_db_get(const struct volume_db *db, const char *name);

/* Add or replace; ERR_LIMIT past VOLUME_COUNT_MAX or VOLUME_DB_MAX. */
int volume_db_put(struct volume_db *db, const char *name, const char *json,
    struct err *err);

/* A complete database file, appended to out. */
int volume_db_format(const struct volume_db *db, struct buf *out,
    struct err *err);

void volume_db_release(struct volume_db *db);

/* A record's driver, labels and options from its JSON, into identity. */
int volume_record_parse(const char *json, struct volume_identity *identity,
    struct err *err);

/* opts.json's bytes, into identity's mount_ fields and quota. */
int volume_opts_parse(const char *data, size_t len,
    struct volume_identity *identity, struct err *err);

/* The reverse of both; the caller frees the text. */
int volume_record_format(const char *name,
    const struct volume_identity *identity, char **json, struct err *err);
int volume_opts_format(const struct volume_identity *identity, char **json,
    struct err *err);

#endif
