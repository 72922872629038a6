/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing volumes' identities while no daemon runs; see volume.h. */
#include "docker/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/utc.h"
#include "docker/root.h"
#include "docker/volume_db.h"
#include "io/io.h"

/* Files of that name are ours: what a killed run left is removed. */
#define NEW_OPTS ".opts.json.drydock"
#define NEW_DB ".metadata.db.drydock"

/*
 * A new file, 0600, that belongs to whom volumes/ belongs to (root, or the
 * user of a rootless daemon).
 */
static int
create_file(int dir_fd, const char *name, const struct stat *owner, int *fd,
    struct err *err)
{
	if (unlinkat(dir_fd, name, 0) == -1 && errno != ENOENT)
		return err_set(err, ERR_IO, errno, "cannot remove '%s'", name);
	*fd = io_open(dir_fd, name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (*fd == -1)
		return err_set(err, ERR_IO, io_error(), "cannot create '%s'",
		    name);
	if ((owner->st_uid != geteuid() || owner->st_gid != getegid()) &&
	    fchown(*fd, owner->st_uid, owner->st_gid) == -1)
		return err_set(err, ERR_IO, errno, "cannot give '%s' to user "
		    "%u", name, (unsigned)owner->st_uid);
	return 0;
}

/* ------------------------------------------------------------- opts.json */

static int
write_synced(int dir_fd, const char *name, const struct stat *owner,
    const char *text, struct err *err)
{
	int fd = -1, ret = -1;

	if (create_file(dir_fd, name, owner, &fd, err) == -1)
		goto out;
	if (io_write(fd, text, strlen(text)) == -1 || io_sync(fd) == -1) {
		err_set(err, ERR_IO, io_error(), "cannot write '%s'", name);
		goto out;
	}
	ret = io_close(fd);
	fd = -1;
	if (ret == -1)
		err_set(err, ERR_IO, io_error(), "cannot close '%s'", name);
out:
	if (fd != -1)
		(void)io_close(fd);	/* already failed */
	return ret;
}

static int
replace_opts(int dir_fd, const struct stat *owner,
    const struct volume_identity *identity, struct err *err)
{
	char *text;
	int ret;

	if (volume_opts_format(identity, &text, err) == -1)
		return -1;
	ret = write_synced(dir_fd, NEW_OPTS, owner, text, err);
	free(text);
	if (ret == 0 && renameat(dir_fd, NEW_OPTS, dir_fd, "opts.json") == -1)
		ret = err_set(err, ERR_IO, errno, "cannot replace opts.json");
	if (ret == -1)
		(void)unlinkat(dir_fd, NEW_OPTS, 0);	/* litter at worst */
	return ret;
}

static int
write_opts(const struct docker_root *root, const struct volume_entry *entry,
    const struct stat *owner, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	bool is_changed = true;
	int ret = 0, fd;

	fd = io_open(root->volumes_fd, entry->name, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1) {
		err_set(err, io_error() == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    io_error(), "cannot open its folder");
		goto out;
	}
	if (entry->identity->has_opts_json)
		ret = replace_opts(fd, owner, entry->identity, err);
	else if (unlinkat(fd, "opts.json", 0) == -1) {
		/* Nothing there: nothing to flush, for most volumes. */
		is_changed = false;
		if (errno != ENOENT)
			ret = err_set(err, ERR_IO, errno,
			    "cannot remove opts.json");
	}
	if (ret == 0 && is_changed && io_sync(fd) == -1)
		ret = err_set(err, ERR_IO, io_error(), "cannot flush its "
		    "folder");
	(void)io_close(fd);	/* a folder, flushed */
	if (ret == 0)
		return 0;
out:
	return err_context(err, "volume '%s'",
	    escape_name(entry->name, shown));
}

/* ------------------------------------------------------------ metadata.db */

/* What is about to be written must read as what it was made from. */
static int
check_format(const struct volume_db *db, const struct buf *file,
    struct err *err)
{
	struct volume_db back = VOLUME_DB_EMPTY;
	bool is_same;
	size_t i;

	if (volume_db_parse(file->data, file->len, &back, err) == -1)
		return err_context(err, "the new metadata.db");
	is_same = back.count == db->count;
	for (i = 0; is_same && i < db->count; i++)
		is_same = strcmp(back.list[i].name, db->list[i].name) == 0 &&
		    strcmp(back.list[i].json, db->list[i].json) == 0;
	volume_db_release(&back);
	if (!is_same)
		return err_set(err, ERR_DAMAGED, 0,
		    "the new metadata.db does not read back");
	return 0;
}

/* Put the finished file in place, under the lock of old and new. */
static int
put_in_place(const struct docker_root *root, const struct docker_lock *lock,
    struct err *err)
{
	int dir_fd = root->volumes_fd;

	if (lock->state == DOCKER_LOCK_HELD) {
		if (renameat(dir_fd, NEW_DB, dir_fd, "metadata.db") == -1)
			return err_set(err, ERR_IO, errno,
			    "cannot replace it");
	} else if (io_rename_new(dir_fd, NEW_DB, dir_fd, "metadata.db") == -1) {
		if (errno == EEXIST)
			return err_set(err, ERR_BUSY, 0, "a daemon that has "
			    "just started made one; stop it and try again");
		return err_set(err, ERR_IO, errno, "cannot create it");
	}
	return 0;
}

static int
replace_db(const struct docker_root *root, struct docker_lock *lock,
    const struct buf *file, const struct stat *owner, struct err *err)
{
	int fd = -1;

	if (create_file(root->volumes_fd, NEW_DB, owner, &fd, err) == -1)
		goto bad;
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		err_set(err, ERR_IO, errno, "cannot lock the new one");
		goto bad;
	}
	if (io_write(fd, file->data, file->len) == -1 || io_sync(fd) == -1) {
		err_set(err, ERR_IO, io_error(), "cannot write the new one");
		goto bad;
	}
	if (put_in_place(root, lock, err) == -1)
		goto bad;
	docker_lock_replaced(lock, fd);
	if (io_sync(root->volumes_fd) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "metadata.db: cannot flush its folder");
	return 0;
bad:
	if (fd != -1)
		(void)io_close(fd);	/* already failed */
	(void)unlinkat(root->volumes_fd, NEW_DB, 0);	/* litter at worst */
	return err_context(err, "metadata.db");
}

static int
merge(const struct docker_root *root, const struct docker_lock *lock,
    const struct volume_entry *entries, size_t count, struct volume_db *db,
    struct err *err)
{
	size_t i;

	if (lock->state == DOCKER_LOCK_HELD &&
	    volume_db_read(root->volumes_fd, db, err) == -1)
		return -1;
	if (db->has_strangers)
		return err_set(err, ERR_DAMAGED, 0, "metadata.db holds more "
		    "than volumes; it is of an engine that this tool does "
		    "not know, and is left as it is");
	for (i = 0; i < count; i++) {
		char *json;
		int ret;

		if (volume_record_format(entries[i].name, entries[i].identity,
		    &json, err) == -1)
			return -1;
		ret = volume_db_put(db, entries[i].name, json, err);
		free(json);
		if (ret == -1)
			return -1;
	}
	return 0;
}

/* --------------------------------------------------------------- together */

static int
check_names(const struct docker_root *root,
    const struct volume_entry *entries, size_t count, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	struct stat st;
	size_t i;

	for (i = 0; i < count; i++) {
		const char *name = entries[i].name;

		if (*name == '\0' || strchr(name, '/') != NULL ||
		    strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			return err_set(err, ERR_USAGE, 0,
			    "'%s' is no volume name",
			    escape_name(name, shown));
		if (fstatat(root->volumes_fd, name, &st,
		    AT_SYMLINK_NOFOLLOW) == -1 || !S_ISDIR(st.st_mode))
			return err_set(err, ERR_NOT_FOUND, 0,
			    "volume '%s' is not on disk",
			    escape_name(name, shown));
	}
	return 0;
}

static int
check_allowed(const struct docker_root *root, const struct docker_lock *lock,
    struct err *err)
{
	if (root->layout == DOCKER_LAYOUT_PODMAN)
		return err_set(err, ERR_PREFLIGHT, 0, "labels of Podman "
		    "volumes cannot be written from outside; create the "
		    "volume with 'podman volume create --label ...' first");
	if (lock->state == DOCKER_LOCK_DAEMON)
		return err_set(err, ERR_BUSY, 0, "a Docker daemon runs on "
		    "this data-root and keeps labels in memory; stop it, or "
		    "give its socket");
	if (lock->state == DOCKER_LOCK_NONE)
		return err_set(err, ERR_BUSY, 0,
		    "metadata.db is not locked by us");
	return 0;
}

int
volume_identity_write(const struct docker_root *root,
    struct docker_lock *lock, const struct volume_entry *entries,
    size_t count, struct err *err)
{
	struct volume_db db = VOLUME_DB_EMPTY;
	struct buf file = BUF_EMPTY;
	struct stat owner;
	int ret = -1;
	size_t i;

	if (check_allowed(root, lock, err) == -1 ||
	    check_names(root, entries, count, err) == -1 ||
	    merge(root, lock, entries, count, &db, err) == -1 ||
	    volume_db_format(&db, &file, err) == -1 ||
	    check_format(&db, &file, err) == -1)
		goto out;
	if (fstat(root->volumes_fd, &owner) == -1) {
		err_set(err, ERR_IO, errno, "cannot stat the volumes folder");
		goto out;
	}
	for (i = 0; i < count; i++)
		if (write_opts(root, &entries[i], &owner, err) == -1)
			goto out;
	ret = replace_db(root, lock, &file, &owner, err);
out:
	if (ret == -1)
		err_context(err, "recording labels and options");
	volume_db_release(&db);
	buf_release(&file);
	return ret;
}

int
volume_db_discard(const struct docker_root *root, struct docker_lock *lock,
    struct err *err)
{
	char utc[UTC_TEXT_MAX], name[UTC_TEXT_MAX + 32];

	if (check_allowed(root, lock, err) == -1)
		return -1;
	if (lock->state == DOCKER_LOCK_NO_DB)
		return 0;
	(void)snprintf(name, sizeof name, "metadata.db.broken-%s",
	    utc_compact(io_now(), utc));
	if (io_rename_new(root->volumes_fd, "metadata.db", root->volumes_fd,
	    name) == -1)
		return err_set(err, ERR_IO, errno,
		    "cannot rename metadata.db to '%s'", name);
	docker_lock_replaced(lock, -1);
	if (io_sync(root->volumes_fd) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot flush the volumes folder");
	return 0;
}
