/* SPDX-License-Identifier: BSD-2-Clause */
/* The data-root and its lock; see root.h. */
#include "docker/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "docker/json.h"
#include "docker/mounts.h"
#include "io/io.h"

#define DAEMON_JSON_MAX ((size_t)256 << 10)

/* metadata.db replaced by another tool while we took its lock: try again. */
#define LOCK_TRIES 5

void
docker_places_init(struct docker_places *places, const char *given)
{
	const char *env = getenv("DRYDOCK_DATA_ROOT");

	places->given = given;
	places->env = env != NULL && *env != '\0' ? env : NULL;
	places->mounted = "/volumes";
	places->daemon_json = "/etc/docker/daemon.json";
	places->usual = "/var/lib/docker";
}

const char *
docker_layout_name(enum docker_layout layout)
{
	switch (layout) {
	case DOCKER_LAYOUT_PLAIN: return "Docker";
	case DOCKER_LAYOUT_USERNS: return "Docker with userns-remap";
	case DOCKER_LAYOUT_ROOTLESS: return "rootless Docker";
	case DOCKER_LAYOUT_SNAP: return "Docker from snap";
	case DOCKER_LAYOUT_PODMAN: return "Podman";
	}
	return "unknown";
}

/* ---------------------------------------------------- what a folder holds */

static bool
is_folder(int dir_fd, const char *name)
{
	struct stat st;

	return fstatat(dir_fd, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static bool
is_there(int dir_fd, const char *name)
{
	struct stat st;

	return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* "100000.100000" */
static bool
is_userns_name(const char *name)
{
	size_t first = strspn(name, "0123456789");
	size_t second;

	if (first == 0 || name[first] != '.')
		return false;
	second = strspn(name + first + 1, "0123456789");
	return second > 0 && name[first + 1 + second] == '\0';
}

/* The next entry but "." and "..", or NULL. */
static const char *
next_name(DIR *dir)
{
	struct dirent *d;

	while ((d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			return d->d_name;
	return NULL;
}

static bool
holds_volume(const char *path)
{
	DIR *dir = opendir(path);
	const char *name;
	bool found = false;

	if (dir == NULL)
		return false;
	while (!found && (name = next_name(dir)) != NULL) {
		char *data = mem_format("%s/_data", name);

		found = is_folder(dirfd(dir), data);
		free(data);
	}
	(void)closedir(dir);
	return found;
}

/* Is this a volumes folder, by what is in it? */
static bool
is_volumes(const char *path)
{
	char *db = mem_format("%s/metadata.db", path);
	bool found = is_there(AT_FDCWD, db) || holds_volume(path);

	free(db);
	return found;
}

struct trees {
	char *found;		/* the only one, or the last seen; owned */
	size_t count;
};

/* userns-remap trees with a volumes folder below path. */
static void
find_trees(const char *path, struct trees *trees)
{
	DIR *dir = opendir(path);
	const char *name;

	trees->found = NULL;
	trees->count = 0;
	if (dir == NULL)
		return;
	while ((name = next_name(dir)) != NULL) {
		char *volumes = mem_format("%s/volumes", name);

		if (is_userns_name(name) && is_folder(dirfd(dir), volumes)) {
			free(trees->found);
			trees->found = mem_format("%s/%s", path, name);
			trees->count++;
		}
		free(volumes);
	}
	(void)closedir(dir);
}

static bool
is_podman(const char *path)
{
	static const char *const signs[] = { "libpod", "db.sql",
	    "overlay-containers", "vfs-containers", "btrfs-containers" };
	int fd = io_open_typed(path, O_RDONLY | O_DIRECTORY, 0);
	bool found = false;
	size_t i;

	if (fd == -1)
		return false;
	for (i = 0; i < sizeof signs / sizeof signs[0]; i++)
		found = found || is_there(fd, signs[i]);
	(void)io_close(fd);	/* read-only: nothing to lose */
	return found;
}

static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static char *
parent_path(const char *path)
{
	char *copy = mem_text(path);
	char *slash = strrchr(copy, '/');

	if (slash != NULL)
		slash[slash == copy ? 1 : 0] = '\0';
	return copy;
}

static enum docker_layout
layout_of(const struct docker_root *root)
{
	char *parent = root->is_volumes_only ? parent_path(root->path) :
	    mem_text(root->path);
	bool podman = is_podman(parent);
	struct stat st;

	free(parent);
	if (podman)
		return DOCKER_LAYOUT_PODMAN;
	if (is_userns_name(last_part(root->path)))
		return DOCKER_LAYOUT_USERNS;
	if (strstr(root->path, "/var/snap/docker/") != NULL)
		return DOCKER_LAYOUT_SNAP;
	if (strstr(root->path, "/.local/share/docker") != NULL ||
	    (fstat(root->volumes_fd, &st) == 0 && st.st_uid != 0))
		return DOCKER_LAYOUT_ROOTLESS;
	return DOCKER_LAYOUT_PLAIN;
}

/* ---------------------------------------------------------------- opening */

static int
open_folder(const char *path, int *fd, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];

	*fd = io_open_typed(path, O_RDONLY | O_DIRECTORY, 0);
	if (*fd != -1)
		return 0;
	return err_set(err, io_error() == ENOENT ? ERR_NOT_FOUND : ERR_IO,
	    io_error(), "cannot open '%s'", escape_name(path, shown));
}

/* path: a folder that is known to hold volumes/; becomes root's. */
static int
open_data_root(char *path, struct docker_root *root, struct err *err)
{
	char *volumes = mem_format("%s/volumes", path);
	char *containers = mem_format("%s/containers", path);

	root->path = path;
	/* An administrator may have moved volumes/ behind a link. */
	root->volumes_path = realpath(volumes, NULL);
	if (root->volumes_path == NULL)
		root->volumes_path = mem_text(volumes);
	root->containers_fd = io_open_typed(containers,
	    O_RDONLY | O_DIRECTORY, 0);
	free(volumes);
	free(containers);
	return open_folder(root->volumes_path, &root->volumes_fd, err);
}

static int
open_volumes(char *path, struct docker_root *root, struct err *err)
{
	char *parent = parent_path(path);
	char *containers = mem_format("%s/containers", parent);

	if (strcmp(last_part(path), "volumes") == 0 &&
	    is_folder(AT_FDCWD, containers)) {
		free(containers);
		free(path);
		/* "/volumes" beside "/containers": the image's mounts. */
		if (strcmp(parent, "/") == 0)
			parent[0] = '\0';
		return open_data_root(parent, root, err);
	}
	free(containers);
	free(parent);
	root->path = path;
	root->volumes_path = mem_text(path);
	root->is_volumes_only = true;
	return open_folder(path, &root->volumes_fd, err);
}

static void
note_other_tree(struct docker_root *root, const struct trees *trees,
    bool took_tree)
{
	char shown[ESCAPE_NAME_MAX];

	if (trees->count == 0)
		return;
	if (took_tree)
		root->note = mem_format("%s is used (userns-remap)",
		    escape_name(trees->found, shown));
	else
		root->note = mem_format("%s holds volumes too (userns-remap); "
		    "name it as the data-root if yours are missing",
		    escape_name(trees->found, shown));
}

/* Decide what path is; path is canonical and becomes root's. */
static int
open_canonical(char *path, bool prefers_userns, struct docker_root *root,
    struct err *err)
{
	char *volumes = mem_format("%s/volumes", path);
	bool has_volumes = is_folder(AT_FDCWD, volumes);
	bool has_plain = has_volumes && holds_volume(volumes);
	char shown[ESCAPE_NAME_MAX];
	struct trees trees;
	int ret;

	free(volumes);
	find_trees(path, &trees);
	if (trees.count == 1 && (prefers_userns || !has_plain)) {
		ret = open_data_root(mem_text(trees.found), root, err);
		note_other_tree(root, &trees, true);
		free(path);
	} else if (trees.count > 1 && !has_plain) {
		ret = err_set(err, ERR_USAGE, 0, "'%s' holds %zu userns-remap "
		    "trees; name the one to use, such as '%s', as the "
		    "data-root", escape_name(path, shown), trees.count,
		    last_part(trees.found));
		free(path);
	} else if (has_volumes) {
		ret = open_data_root(path, root, err);
		note_other_tree(root, &trees, false);
	} else if (is_volumes(path) ||
	    strcmp(last_part(path), "volumes") == 0) {
		ret = open_volumes(path, root, err);
	} else {
		ret = err_set(err, ERR_NOT_FOUND, 0, "'%s' is no data-root: it "
		    "neither holds a folder 'volumes' nor is one; name the "
		    "folder that does with --data-root",
		    escape_name(path, shown));
		free(path);
	}
	free(trees.found);
	return ret;
}

static int
open_place(const char *place, bool prefers_userns, struct docker_root *root,
    struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	char *path = realpath(place, NULL);

	if (path == NULL)
		return err_set(err, errno == ENOENT || errno == ENOTDIR ?
		    ERR_NOT_FOUND : ERR_IO, errno, "data-root '%s'",
		    escape_name(place, shown));
	if (open_canonical(path, prefers_userns, root, err) == -1)
		return -1;
	root->layout = layout_of(root);
	/* Podman's folder of that name is something else. */
	if (root->layout == DOCKER_LAYOUT_PODMAN && root->containers_fd != -1) {
		(void)io_close(root->containers_fd);
		root->containers_fd = -1;
	}
	return 0;
}

/* --------------------------------------------------------- where to look */

/* /volumes in the rescue image: mounted, and with volumes in it. */
static bool
is_mounted_volumes(const char *path)
{
	struct mounts mounts = { NULL, 0, NULL };
	struct err ignored;
	int proc_fd;
	bool found = false;

	if (!is_volumes(path))
		return false;
	proc_fd = io_open_typed("/proc", O_RDONLY | O_DIRECTORY, 0);
	if (proc_fd == -1)
		return false;
	if (mounts_read(proc_fd, "self", &mounts, &ignored) == 0)
		found = mounts_at(&mounts, path) != NULL;
	mounts_release(&mounts);
	(void)io_close(proc_fd);	/* read-only: nothing to lose */
	return found;
}

static int
parse_daemon_json(const struct buf *text, char **data_root, bool *is_remapped,
    struct err *err)
{
	json_t *object = docker_json_object(buf_text(text), text->len, err);
	char *path = NULL, *remap = NULL;
	int ret = -1;

	if (object == NULL)
		goto out;
	if (docker_json_text(object, "data-root", &path, err) == -1)
		goto out;
	if (*path == '\0') {
		free(path);
		path = NULL;
		if (docker_json_text(object, "graph", &path, err) == -1)
			goto out;
	}
	if (docker_json_text(object, "userns-remap", &remap, err) == -1)
		goto out;
	*is_remapped = *remap != '\0';
	*data_root = *path == '\0' ? NULL : mem_text(path);
	ret = 0;
out:
	free(path);
	free(remap);
	json_decref(object);
	return ret;
}

/* *data_root is NULL when there is no daemon.json, or nothing in it. */
static int
read_daemon_json(const char *name, char **data_root, bool *is_remapped,
    struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	struct buf text = BUF_EMPTY;
	char *path = NULL;
	int ret = 0;

	*data_root = NULL;
	*is_remapped = false;
	if (name != NULL)
		path = realpath(name, NULL);
	if (path == NULL)
		return 0;
	if (io_read_file(AT_FDCWD, path, DAEMON_JSON_MAX, &text, err) == -1 ||
	    parse_daemon_json(&text, data_root, is_remapped, err) == -1) {
		ret = -1;
		err_context(err, "'%s', which may name the data-root",
		    escape_name(path, shown));
		err_append(err, "name the data-root with --data-root");
	}
	buf_release(&text);
	free(path);
	return ret;
}

static int
open_configured(const struct docker_places *places, struct docker_root *root,
    struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	const char *place = places->usual;
	char *data_root;
	bool is_remapped;
	int ret;

	if (read_daemon_json(places->daemon_json, &data_root, &is_remapped,
	    err) == -1)
		return -1;
	if (data_root != NULL)
		place = data_root;
	if (place == NULL)
		return err_set(err, ERR_NOT_FOUND, 0, "no place for a "
		    "data-root is known; name it with --data-root");
	ret = open_place(place, is_remapped, root, err);
	if (ret == -1 && data_root != NULL)
		err_context(err, "named by '%s'",
		    escape_name(places->daemon_json, shown));
	else if (ret == -1 && err->class == ERR_NOT_FOUND)
		err_append(err, "is the disk with Docker's data mounted? "
		    "name the data-root with --data-root");
	free(data_root);
	return ret;
}

int
docker_root_open(const struct docker_places *places,
    struct docker_root *root, struct err *err)
{
	struct docker_root found = { .volumes_fd = -1, .containers_fd = -1 };
	int ret;

	if (places->given != NULL)
		ret = open_place(places->given, false, &found, err);
	else if (places->env != NULL)
		ret = open_place(places->env, false, &found, err);
	else if (places->mounted != NULL && is_mounted_volumes(places->mounted))
		ret = open_place(places->mounted, false, &found, err);
	else
		ret = open_configured(places, &found, err);
	if (ret == -1)
		docker_root_close(&found);
	else
		*root = found;
	return ret;
}

void
docker_root_close(struct docker_root *root)
{
	/* Folders opened for reading: nothing to lose. */
	if (root->volumes_fd != -1)
		(void)io_close(root->volumes_fd);
	if (root->containers_fd != -1)
		(void)io_close(root->containers_fd);
	free(root->path);
	free(root->volumes_path);
	free(root->note);
	memset(root, 0, sizeof *root);
	root->volumes_fd = -1;
	root->containers_fd = -1;
}

/* --------------------------------------------------------------- the lock */

/* 1: locked; 0: somebody else has it, or the file changed under us. */
static int
try_lock(int volumes_fd, int fd, bool *is_stale, struct err *err)
{
	struct stat mine, now;

	*is_stale = false;
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno == EWOULDBLOCK)
			return 0;
		return err_set(err, ERR_IO, errno, "cannot lock metadata.db "
		    "(whether a daemon runs is unknown)");
	}
	if (fstat(fd, &mine) == -1)
		return err_set(err, ERR_IO, errno, "cannot stat metadata.db");
	*is_stale = fstatat(volumes_fd, "metadata.db", &now,
	    AT_SYMLINK_NOFOLLOW) == -1 || now.st_ino != mine.st_ino ||
	    now.st_dev != mine.st_dev;
	return 1;
}

static int
lock_once(const struct docker_root *root, struct docker_lock *lock,
    bool *is_stale, struct err *err)
{
	int fd = io_open(root->volumes_fd, "metadata.db", O_RDONLY, 0);
	int got;

	*is_stale = false;
	if (fd == -1 && io_error() == ENOENT) {
		lock->state = DOCKER_LOCK_NO_DB;
		return 0;
	}
	if (fd == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot open metadata.db (whether a daemon runs is "
		    "unknown; this needs root)");
	got = try_lock(root->volumes_fd, fd, is_stale, err);
	if (got == 1 && !*is_stale) {
		lock->state = DOCKER_LOCK_HELD;
		lock->fd = fd;
		return 0;
	}
	(void)io_close(fd);	/* read-only: nothing to lose */
	lock->state = got == 0 ? DOCKER_LOCK_DAEMON : DOCKER_LOCK_NONE;
	return got == -1 ? -1 : 0;
}

int
docker_root_lock(const struct docker_root *root, struct docker_lock *lock,
    struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	bool is_stale = true;
	int tries;

	lock->state = DOCKER_LOCK_NONE;
	lock->fd = -1;
	lock->old_fd = -1;
	lock->replaced_ms = 0;
	for (tries = 0; tries < LOCK_TRIES && is_stale; tries++)
		if (lock_once(root, lock, &is_stale, err) == -1)
			return err_context(err, "'%s'",
			    escape_name(root->volumes_path, shown));
	if (is_stale)
		return err_set(err, ERR_BUSY, 0, "'%s/metadata.db' is replaced "
		    "again and again; is another tool at work?",
		    escape_name(root->volumes_path, shown));
	return 0;
}

bool
docker_lock_is_settled(const struct docker_lock *lock)
{
	return lock->old_fd == -1 ||
	    io_ticks_ms() - lock->replaced_ms >= DOCKER_LOCK_LINGER_MS;
}

/* Wait until no daemon can still be waiting for the old file, and close it. */
static void
forget_old(struct docker_lock *lock)
{
	uint64_t since = io_ticks_ms() - lock->replaced_ms;

	if (lock->old_fd == -1)
		return;
	if (since < DOCKER_LOCK_LINGER_MS) {
		uint64_t ms = DOCKER_LOCK_LINGER_MS - since;
		struct timespec rest = { (time_t)(ms / 1000),
		    (long)(ms % 1000) * 1000000 };

		while (nanosleep(&rest, &rest) == -1 && errno == EINTR)
			;
	}
	(void)io_close(lock->old_fd);	/* open for its lock only */
	lock->old_fd = -1;
}

void
docker_lock_replaced(struct docker_lock *lock, int fd)
{
	forget_old(lock);
	lock->old_fd = lock->fd;
	lock->fd = fd;
	lock->replaced_ms = io_ticks_ms();
	lock->state = fd == -1 ? DOCKER_LOCK_NO_DB : DOCKER_LOCK_HELD;
}

void
docker_root_unlock(struct docker_lock *lock)
{
	forget_old(lock);
	if (lock->fd != -1)
		(void)io_close(lock->fd);	/* open for its lock only */
	lock->state = DOCKER_LOCK_NONE;
	lock->fd = -1;
	lock->replaced_ms = 0;
}
