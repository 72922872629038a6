/* SPDX-License-Identifier: BSD-2-Clause */
/* metadata.db and opts.json; see volume_db.h. */
#include "docker/volume_db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/search.h"
#include "docker/bolt.h"
#include "docker/json.h"
#include "docker/volume.h"
#include "io/io.h"
#include "io/stream.h"

#define BUCKET "volumes"

/* A live daemon commits a few times a second at most. */
#define READ_TRIES 10

/* --------------------------------------------------------------- the list */

static const char *
name_at(const void *list, size_t i)
{
	const struct volume_db *db = list;

	return db->list[i].name;
}

/* Where name is, or would go. */
static size_t
place(const struct volume_db *db, const char *name, bool *is_found)
{
	return search_name(db, db->count, name_at, name, is_found);
}

const char *
volume_db_get(const struct volume_db *db, const char *name)
{
	bool is_found;
	size_t i = place(db, name, &is_found);

	return is_found ? db->list[i].json : NULL;
}

static void
insert(struct volume_db *db, size_t i, const char *name, const char *json)
{
	struct volume_record *record;

	if (db->count == db->cap) {
		db->cap = db->cap == 0 ? 64 : db->cap * 2;
		db->list = mem_resize(db->list, db->cap, sizeof *db->list);
	}
	record = &db->list[i];
	memmove(record + 1, record, (db->count - i) * sizeof *record);
	record->name = mem_text(name);
	record->json = mem_text(json);
	db->count++;
}

int
volume_db_put(struct volume_db *db, const char *name, const char *json,
    struct err *err)
{
	size_t more = strlen(name) + strlen(json);
	bool is_found;
	size_t i = place(db, name, &is_found);

	if (strlen(json) > VOLUME_OPTS_MAX || db->count >= VOLUME_COUNT_MAX ||
	    more > VOLUME_DB_MAX - db->bytes)
		return err_set(err, ERR_LIMIT, 0, "more than %d volumes, or "
		    "%zu bytes of labels, or %zu of one volume",
		    VOLUME_COUNT_MAX, VOLUME_DB_MAX, VOLUME_OPTS_MAX);
	db->bytes += more;
	if (!is_found) {
		insert(db, i, name, json);
		return 0;
	}
	db->bytes -= strlen(name) + strlen(db->list[i].json);
	free(db->list[i].json);
	db->list[i].json = mem_text(json);
	return 0;
}

void
volume_db_release(struct volume_db *db)
{
	size_t i;

	for (i = 0; i < db->count; i++) {
		free(db->list[i].name);
		free(db->list[i].json);
	}
	free(db->list);
	memset(db, 0, sizeof *db);
}

/* ---------------------------------------------------------------- reading */

static int
take_pair(void *ctx, const uint8_t *key, size_t key_len,
    const uint8_t *value, size_t value_len, struct err *err)
{
	struct volume_db *db = ctx;
	char *name, *json;
	int ret;

	if (memchr(key, 0, key_len) != NULL ||
	    (value_len > 0 && memchr(value, 0, value_len) != NULL))
		return err_set(err, ERR_DAMAGED, 0, "a record is not text");
	if (value_len > VOLUME_OPTS_MAX)
		return err_set(err, ERR_LIMIT, 0, "a record of %zu bytes, "
		    "more than the %zu allowed", value_len, VOLUME_OPTS_MAX);
	/* Both are below 300 KiB: keys are limited by the reader. */
	name = mem_format("%.*s", (int)key_len, (const char *)key);
	json = mem_format("%.*s", (int)value_len, (const char *)value);
	ret = volume_db_put(db, name, json, err);
	free(name);
	free(json);
	return ret;
}

struct bucket_seen {
	bool has_ours;
	bool has_others;
};

static int
see_bucket(void *ctx, const uint8_t *key, size_t key_len,
    const uint8_t *value, size_t value_len, struct err *err)
{
	struct bucket_seen *seen = ctx;

	(void)value;
	(void)value_len;
	(void)err;
	if (key_len == strlen(BUCKET) && memcmp(key, BUCKET, key_len) == 0)
		seen->has_ours = true;
	else
		seen->has_others = true;
	return 0;
}

/* *is_torn: a transaction came between; db's content is meaningless. */
static int
read_source(struct source *source, struct volume_db *db, bool *is_torn,
    struct err *err)
{
	struct bucket_seen seen = { false, false };
	const struct bolt_visitor buckets = { &seen, see_bucket };
	const struct bolt_visitor pairs = { db, take_pair };
	struct bolt bolt;
	bool is_same;
	int ret;

	*is_torn = false;
	if (bolt_open(&bolt, source, err) == -1)
		return -1;
	ret = bolt_buckets(&bolt, &buckets, err);
	/* A daemon that never recorded a volume made no bucket yet. */
	if (ret == 0 && seen.has_ours)
		ret = bolt_read(&bolt, BUCKET, &pairs, err);
	db->has_strangers = seen.has_others;
	if (ret == 0 && bolt_is_same(&bolt, &is_same, err) == -1)
		return -1;
	if (ret == -1) {
		struct err ignored;

		/* Damage that a commit made under us is none. */
		*is_torn = bolt_is_same(&bolt, &is_same, &ignored) == 0 &&
		    !is_same;
		return -1;
	}
	*is_torn = !is_same;
	return 0;
}

int
volume_db_parse(const void *data, size_t len, struct volume_db *db,
    struct err *err)
{
	struct memory_source memory;
	bool is_torn;

	if (len == 0)
		return 0;
	if (read_source(memory_source_init(&memory, data, len), db, &is_torn,
	    err) == 0)
		return 0;
	volume_db_release(db);
	return -1;
}

static int
read_once(int fd, struct volume_db *db, bool *is_torn, struct err *err)
{
	struct fd_source from;
	struct stat st;

	*is_torn = false;
	if (fstat(fd, &st) == -1)
		return err_set(err, ERR_IO, io_error(), "cannot stat");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_DAMAGED, 0, "not a regular file");
	if (st.st_size == 0)
		return 0;
	return read_source(fd_source_init(&from, fd, (uint64_t)st.st_size), db,
	    is_torn, err);
}

static int
read_steady(int fd, struct volume_db *db, struct err *err)
{
	bool is_torn = true;
	int tries, ret = 0;

	for (tries = 0; tries < READ_TRIES && is_torn; tries++) {
		volume_db_release(db);
		ret = read_once(fd, db, &is_torn, err);
	}
	if (is_torn)
		return err_set(err, ERR_BUSY, 0, "a daemon writes to it all "
		    "the time; try again, or stop the daemon");
	return ret;
}

int
volume_db_read(int volumes_fd, struct volume_db *db, struct err *err)
{
	/* O_NONBLOCK: a fifo of that name must not hang us. */
	int fd = io_open(volumes_fd, "metadata.db", O_RDONLY | O_NONBLOCK, 0);
	int ret;

	if (fd == -1) {
		err_set(err, io_error() == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    io_error(), "cannot open");
		return err_context(err, "metadata.db");
	}
	ret = read_steady(fd, db, err);
	(void)io_close(fd);	/* read-only: nothing to lose */
	if (ret == -1) {
		volume_db_release(db);
		return err_context(err, "metadata.db");
	}
	return 0;
}

int
volume_db_format(const struct volume_db *db, struct buf *out,
    struct err *err)
{
	struct bolt_pair *pairs = mem_alloc(db->count * sizeof *pairs);
	size_t i;
	int ret;

	for (i = 0; i < db->count; i++) {
		const struct volume_record *record = &db->list[i];

		pairs[i].key = (const uint8_t *)record->name;
		pairs[i].key_len = strlen(record->name);
		pairs[i].value = (const uint8_t *)record->json;
		pairs[i].value_len = strlen(record->json);
	}
	ret = bolt_format(BUCKET, pairs, db->count, out, err);
	free(pairs);
	return ret;
}

/* ------------------------------------------------------------------- JSON */

static void
replace(char **text, char *with)
{
	free(*text);
	*text = with;
}

int
volume_record_parse(const char *json, struct volume_identity *identity,
    struct err *err)
{
	json_t *object = docker_json_object(json, strlen(json), err);
	struct pairs labels = PAIRS_EMPTY, options = PAIRS_EMPTY;
	char *driver = NULL;
	int ret = -1;

	if (object == NULL ||
	    docker_json_text(object, "Driver", &driver, err) == -1 ||
	    docker_json_pairs(object, "Labels", &labels, err) == -1 ||
	    docker_json_pairs(object, "Options", &options, err) == -1)
		goto out;
	if (*driver != '\0')
		replace(&identity->driver, mem_text(driver));
	pairs_copy(&identity->labels, &labels);
	pairs_copy(&identity->options, &options);
	ret = 0;
out:
	free(driver);
	pairs_release(&labels);
	pairs_release(&options);
	json_decref(object);
	return ret;
}

static int
parse_quota(const json_t *object, uint64_t *quota, struct err *err)
{
	const json_t *size;
	json_t *member;

	*quota = 0;
	if (docker_json_member(object, "Quota", &member, err) == -1)
		return -1;
	size = json_object_get(member, "Size");
	if (size == NULL || json_is_null(size))
		return 0;
	if (!json_is_integer(size) || json_integer_value(size) < 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "'Quota.Size' is not a number of bytes");
	*quota = (uint64_t)json_integer_value(size);
	return 0;
}

int
volume_opts_parse(const char *data, size_t len,
    struct volume_identity *identity, struct err *err)
{
	json_t *object = docker_json_object(data, len, err);
	char *type = NULL, *opts = NULL, *device = NULL;
	uint64_t quota;
	int ret = -1;

	if (object == NULL ||
	    docker_json_text(object, "MountType", &type, err) == -1 ||
	    docker_json_text(object, "MountOpts", &opts, err) == -1 ||
	    docker_json_text(object, "MountDevice", &device, err) == -1 ||
	    parse_quota(object, &quota, err) == -1) {
		free(type);
		free(opts);
		free(device);
		goto out;
	}
	replace(&identity->mount_type, type);
	replace(&identity->mount_opts, opts);
	replace(&identity->mount_device, device);
	identity->quota = quota;
	identity->has_opts_json = true;
	ret = 0;
out:
	json_decref(object);
	return ret;
}

/* object is taken over; NULL stands for a member that was not UTF-8. */
static int
dump(json_t *object, char **json, struct err *err)
{
	*json = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (*json == NULL)
		return err_set(err, ERR_USAGE, 0,
		    "a label or option is not valid UTF-8");
	return 0;
}

int
volume_record_format(const char *name,
    const struct volume_identity *identity, char **json, struct err *err)
{
	return dump(json_pack("{s:s, s:s, s:o, s:o}", "Name", name,
	    "Driver", identity->driver,
	    "Labels", docker_json_from_pairs(&identity->labels, true),
	    "Options", docker_json_from_pairs(&identity->options, true)),
	    json, err);
}

int
volume_opts_format(const struct volume_identity *identity, char **json,
    struct err *err)
{
	return dump(json_pack("{s:s, s:s, s:s, s:{s:I}}",
	    "MountType", identity->mount_type,
	    "MountOpts", identity->mount_opts,
	    "MountDevice", identity->mount_device,
	    "Quota", "Size", (json_int_t)identity->quota), json, err);
}
