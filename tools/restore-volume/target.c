/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a restore goes; see target.h. */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "docker/engine.h"
#include "docker/users.h"
#include "io/io.h"

#define DATA "_data"
#define LOCK_TRIES 50		/* of 20 ms each */

/* Is the engine that answers the one of this data-root? */
static bool
is_its_engine(const struct host *host, struct engine *engine)
{
	struct err ignored;
	char *path = NULL;
	bool same;

	if (host->lock.state == DOCKER_LOCK_HELD)
		return false;	/* nobody lives here, so it serves another */
	if (host->root.is_volumes_only)
		return true;	/* in the image: paths cannot be compared */
	if (engine_data_root(engine, &path, &ignored) == -1)
		return false;
	same = strcmp(path, host->root.path) == 0;
	free(path);
	return same;
}

/*
 * The other one's lock may be that of a run that is about to find its
 * daemon, and lets go at once.
 */
static int
lock_host(struct host *host, struct err *err)
{
	const struct timespec rest = { .tv_nsec = 20 * 1000 * 1000 };
	int tries;

	host->lock_fd = io_open(host->root.volumes_fd, ".",
	    O_RDONLY | O_DIRECTORY, 0);
	if (host->lock_fd == -1)
		return err_set(err, ERR_IO, io_error(), "cannot open %s",
		    host->root.volumes_path);
	for (tries = 0; tries < LOCK_TRIES; tries++) {
		if (flock(host->lock_fd, LOCK_EX | LOCK_NB) == 0 ||
		    errno != EWOULDBLOCK)
			return 0;
		(void)nanosleep(&rest, NULL);
	}
	return err_set(err, ERR_BUSY, 0, "another restore-volume works on %s "
	    "without a daemon: wait until it has ended, or name all volumes "
	    "in one run", host->root.volumes_path);
}

static void
unlock_host(struct host *host)
{
	if (host->lock_fd != -1)
		(void)close(host->lock_fd);	/* and with it the lock */
	host->lock_fd = -1;
}

int
host_open(struct host *host, const char *data_root, struct err *err)
{
	struct docker_places places;
	enum engine_presence presence;
	struct err ignored;

	memset(host, 0, sizeof *host);
	host->lock_fd = -1;
	host->lock.fd = -1;
	host->lock.old_fd = -1;
	docker_places_init(&places, data_root);
	if (docker_root_open(&places, &host->root, err) == -1)
		return -1;
	host->has_root = true;
	if (lock_host(host, err) == -1 ||
	    docker_root_lock(&host->root, &host->lock, err) == -1)
		goto fail;
	if (host->lock.state == DOCKER_LOCK_DAEMON)
		unlock_host(host);	/* it keeps restores apart */
	if (engine_open(NULL, &host->engine, &presence, &ignored) == -1)
		host->engine = NULL;
	if (host->engine != NULL && !is_its_engine(host, host->engine)) {
		engine_close(host->engine);
		host->engine = NULL;
	}
	host->volumes = volume_set_open(&host->root, err);
	if (host->volumes != NULL)
		return 0;
fail:
	host_close(host);
	return -1;
}

void
host_close(struct host *host)
{
	if (!host->has_root)
		return;
	volume_set_free(host->volumes);
	engine_close(host->engine);
	docker_root_unlock(&host->lock);
	unlock_host(host);
	docker_root_close(&host->root);
	host->has_root = false;
}

static void
target_init(struct target *t, const char *name)
{
	memset(t, 0, sizeof *t);
	t->holder_fd = -1;
	t->name = mem_text(name);
}

static int
judge_users(const struct volume_users *users,
    const struct target_options *options, struct err *err)
{
	if (users->verdict == VOLUME_FREE)
		return 0;
	if (users->verdict == VOLUME_IN_USE)
		return err_set(err, ERR_BUSY, 0, "in use: %s; stop it first",
		    users->why);
	if (options->assume_unused)
		return 0;
	return err_set(err, ERR_BUSY, 0, "cannot tell whether it is in use: "
	    "%s. If you are sure that it is not, say --assume-unused",
	    users->why);
}

/* An existing volume: is it ours to exchange? */
static int
check_volume(struct target *t, const struct target_options *options,
    struct err *err)
{
	struct volume_users users;
	struct volume v;
	int ret = -1;

	if (volume_read(t->host->volumes, t->name, &v, err) == -1)
		return -1;
	t->exists = v.has_data;
	if (v.data_elsewhere != NULL)
		err_set(err, ERR_PREFLIGHT, 0, "its data is not in the "
		    "data-root but %s; restore there with --to DIR",
		    v.data_elsewhere);
	else if (v.is_mounted)
		err_set(err, ERR_PREFLIGHT, 0, "something is mounted on its "
		    DATA " folder; unmount it, or restore with --to DIR");
	else if (volume_users_find(&t->host->root, t->name, t->host->engine,
	    &users, err) == 0) {
		ret = judge_users(&users, options, err);
		volume_users_release(&users);
	}
	volume_release(&v);
	return ret;
}

int
target_volume(struct target *t, struct host *host, const char *name,
    const struct target_options *options, struct err *err)
{
	char safe[ESCAPE_NAME_MAX];

	target_init(t, name);
	t->host = host;
	t->data = mem_text(DATA);
	if (!volume_name_is_valid(name)) {
		err_set(err, ERR_USAGE, 0, "'%s' is no name for a volume",
		    escape_name(name, safe));
		goto fail;
	}
	if (!volume_set_has(host->volumes, name)) {
		t->is_unseen = host->lock.state == DOCKER_LOCK_DAEMON &&
		    host->engine == NULL;
		return 0;
	}
	if (check_volume(t, options, err) == -1)
		goto fail;
	return 0;
fail:
	target_close(t);
	return -1;
}

static int
check_directory(struct target *t, const char *path,
    const struct target_options *options, struct err *err)
{
	struct volume_users users;
	struct stat here, above;
	char *real;
	int ret;

	if (fstatat(t->holder_fd, t->data, &here, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 :
		    err_set(err, ERR_IO, errno, "cannot stat");
	if (!S_ISDIR(here.st_mode))
		return err_set(err, ERR_PREFLIGHT, 0, "is not a directory");
	t->exists = true;
	if (fstat(t->holder_fd, &above) == -1)
		return err_set(err, ERR_IO, errno, "cannot stat");
	if (above.st_dev != here.st_dev)
		return err_set(err, ERR_PREFLIGHT, 0, "is a mount point, "
		    "which cannot be exchanged; name a folder inside it");
	real = realpath(path, NULL);
	if (real == NULL)
		return err_set(err, ERR_IO, errno, "cannot resolve");
	ret = volume_users_of_folder(real, &users, err);
	free(real);
	if (ret == -1)
		return -1;
	ret = judge_users(&users, options, err);
	volume_users_release(&users);
	return ret;
}

int
target_directory(struct target *t, const char *path,
    const struct target_options *options, struct err *err)
{
	char *above = mem_text(path), *last = mem_text(path);
	char safe[ESCAPE_NAME_MAX];
	int ret = -1;

	target_init(t, path);
	t->data = mem_text(basename(last));
	if (strcmp(t->data, ".") == 0 || strcmp(t->data, "..") == 0 ||
	    strcmp(t->data, "/") == 0) {
		err_set(err, ERR_USAGE, 0, "name the directory itself, "
		    "not as '.', '..' or '/'");
		goto out;
	}
	t->holder_fd = io_open_typed(dirname(above), O_RDONLY | O_DIRECTORY,
	    0);
	if (t->holder_fd == -1) {
		err_set(err, io_error() == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    io_error(), "cannot open the directory above");
		goto out;
	}
	ret = check_directory(t, path, options, err);
out:
	if (ret == -1) {
		err_context(err, "--to %s", escape_name(path, safe));
		target_close(t);
	}
	free(above);
	free(last);
	return ret;
}

/* A new volume by the engine, which then knows it, labels and all. */
static int
create_by_engine(struct target *t, const struct volume_identity *identity,
    struct err *err)
{
	struct pairs none = PAIRS_EMPTY;
	enum engine_created how;

	if (engine_volume_create(t->host->engine, t->name, "local",
	    identity == NULL ? &none : &identity->labels,
	    identity == NULL ? &none : &identity->options, &how, err) == -1)
		return err_context(err, "the engine cannot create it");
	t->made_holder = how == ENGINE_CREATED;
	t->exists = true;
	return 0;
}

static int
create_by_hand(struct target *t, struct err *err)
{
	int volumes_fd = t->host->root.volumes_fd;

	if (mkdirat(volumes_fd, t->name, 0701) == -1) {
		if (errno == EEXIST)
			return 0;	/* left by an interrupted run */
		return err_set(err, ERR_IO, errno, "cannot make the folder");
	}
	t->made_holder = true;
	/* Docker's mode, whatever our umask is. */
	if (fchmodat(volumes_fd, t->name, 0701, 0) == -1)
		return err_set(err, ERR_IO, errno, "cannot chmod the folder");
	if (io_sync(volumes_fd) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot flush the volumes folder");
	return 0;
}

static int
open_holder(struct target *t, struct err *err)
{
	if (t->holder_fd == -1) {
		t->holder_fd = io_open(t->host->root.volumes_fd, t->name,
		    O_RDONLY | O_DIRECTORY, 0);
		if (t->holder_fd == -1 && (io_error() == ENOTDIR ||
		    io_error() == ELOOP))
			return err_set(err, ERR_PREFLIGHT, 0, "%s/%s is a "
			    "link or a file, no folder; restore to where its "
			    "data is with --to DIR",
			    t->host->root.volumes_path, t->name);
		if (t->holder_fd == -1)
			return err_set(err, io_error() == ENOENT ?
			    ERR_NOT_FOUND : ERR_IO, io_error(),
			    "cannot open the volume's folder");
	}
	return 0;
}

int
target_look(struct target *t, struct err *err)
{
	if (open_holder(t, err) == -1)
		return -1;
	swap_look(&t->swap, t->holder_fd, t->data);
	t->has_swap = true;
	return 0;
}

int
target_attach(struct target *t, struct err *err)
{
	if (open_holder(t, err) == -1)
		return -1;
	if (swap_open(&t->swap, t->holder_fd, t->data, err) == -1)
		return -1;
	t->has_swap = true;
	return 0;
}

int
target_prepare(struct target *t, const struct volume_identity *identity,
    struct err *err)
{
	if (t->host != NULL &&
	    !volume_set_has(t->host->volumes, t->name)) {
		if (t->host->engine != NULL) {
			if (create_by_engine(t, identity, err) == -1)
				return -1;
		} else if (create_by_hand(t, err) == -1) {
			return -1;
		}
	}
	return target_attach(t, err);
}

void
target_undo(struct target *t)
{
	struct err ignored;

	if (!t->made_holder)
		return;
	if (t->host->engine != NULL)
		(void)engine_volume_remove(t->host->engine, t->name,
		    &ignored);
	else
		/* Fails when anything is in it, which is what we want. */
		(void)unlinkat(t->host->root.volumes_fd, t->name,
		    AT_REMOVEDIR);
	t->made_holder = false;
}

void
target_close(struct target *t)
{
	if (t->has_swap)
		swap_close(&t->swap);
	t->has_swap = false;
	if (t->holder_fd != -1)
		(void)close(t->holder_fd);	/* a directory */
	t->holder_fd = -1;
	free(t->name);
	free(t->data);
	t->name = t->data = NULL;
}
