/* SPDX-License-Identifier: BSD-2-Clause */
/* Volumes as they lie on disk; see volume.h. */
#include "docker/volume.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"
#include "docker/mounts.h"
#include "docker/root.h"
#include "docker/volume_db.h"
#include "io/io.h"

#define ANONYMOUS_LABEL "com.docker.volume.anonymous"
#define ANONYMOUS_NAME_LEN 64

struct volume_set {
	const struct docker_root *root;
	char **names;
	size_t count;
	size_t cap;
	struct volume_db db;
	char *problem;
	struct mounts mounts;	/* empty where there is no /proc */
};

/* --------------------------------------------------------------- identity */

void
volume_identity_init(struct volume_identity *identity)
{
	memset(identity, 0, sizeof *identity);
	identity->driver = mem_text("local");
	identity->mount_type = mem_text("");
	identity->mount_opts = mem_text("");
	identity->mount_device = mem_text("");
}

void
volume_identity_release(struct volume_identity *identity)
{
	free(identity->driver);
	free(identity->mount_type);
	free(identity->mount_opts);
	free(identity->mount_device);
	pairs_release(&identity->labels);
	pairs_release(&identity->options);
	memset(identity, 0, sizeof *identity);
}

static void
set_text(char **text, const char *value)
{
	free(*text);
	*text = mem_text(value == NULL ? "" : value);
}

/* "10m" as the engine reads it: powers of 1024, letters of either case. */
static bool
parse_size(const char *text, uint64_t *size)
{
	char *copy = mem_text(text);
	bool is_good;
	char *c;

	for (c = copy; *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z' && *c != 'i')
			*c = (char)(*c - 'a' + 'A');
	is_good = num_parse_bytes(copy, size) && *size <= INT64_MAX;
	free(copy);
	return is_good;
}

int
volume_identity_from_options(struct volume_identity *identity,
    struct err *err)
{
	const struct pairs *options = &identity->options;
	const char *size = pairs_get(options, "size");
	char shown[ESCAPE_NAME_MAX];
	uint64_t quota = 0;

	if (size != NULL && !parse_size(size, &quota))
		return err_set(err, ERR_USAGE, 0, "option size: '%s' is not a "
		    "number of bytes", escape_name(size, shown));
	set_text(&identity->mount_type, pairs_get(options, "type"));
	set_text(&identity->mount_opts, pairs_get(options, "o"));
	set_text(&identity->mount_device, pairs_get(options, "device"));
	identity->quota = quota;
	identity->has_opts_json = options->count > 0;
	return 0;
}

bool
volume_identity_drop_hash(struct volume_identity *identity)
{
	return pairs_remove(&identity->labels, VOLUME_CONFIG_HASH);
}

bool
volume_name_is_valid(const char *name)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	static const char rest[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t len = strlen(name);

	return len >= 2 && len <= 255 && strchr(first, name[0]) != NULL &&
	    strspn(name, rest) == len;
}

/* ---------------------------------------------------------------- the set */

static bool
is_there(int dir_fd, const char *folder, const char *name)
{
	char *path = mem_format("%s/%s", folder, name);
	struct stat st;
	bool found = fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;

	free(path);
	return found;
}

/* A folder that some engine would take for a volume with reason. */
static bool
is_volume(const struct volume_set *set, int dir_fd, const char *name)
{
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISDIR(st.st_mode))
		return false;
	return is_there(dir_fd, name, "_data") ||
	    is_there(dir_fd, name, "opts.json") ||
	    volume_db_get(&set->db, name) != NULL;
}

static int
compare_names(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static int
collect_names(struct volume_set *set, DIR *dir, struct err *err)
{
	struct dirent *d;

	while (errno = 0, (d = readdir(dir)) != NULL) {
		if (!is_volume(set, dirfd(dir), d->d_name))
			continue;
		if (set->count == VOLUME_COUNT_MAX)
			return err_set(err, ERR_LIMIT, 0,
			    "more than %d volumes", VOLUME_COUNT_MAX);
		if (set->count == set->cap) {
			set->cap = set->cap == 0 ? 64 : set->cap * 2;
			set->names = mem_resize(set->names, set->cap,
			    sizeof *set->names);
		}
		set->names[set->count++] = mem_text(d->d_name);
	}
	if (errno != 0)
		return err_set(err, ERR_IO, errno, "cannot read the folder");
	if (set->count > 1)
		qsort(set->names, set->count, sizeof *set->names,
		    compare_names);
	return 0;
}

static int
read_names(struct volume_set *set, struct err *err)
{
	/* A descriptor of its own: fdopendir() takes it over. */
	int fd = io_open(set->root->volumes_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	char shown[ESCAPE_NAME_MAX];
	int ret;

	if (dir == NULL) {
		ret = err_set(err, ERR_IO, errno, "cannot read the folder");
		if (fd != -1)
			(void)io_close(fd);	/* nothing to lose */
	} else {
		ret = collect_names(set, dir, err);
		(void)closedir(dir);
	}
	if (ret == -1)
		err_context(err, "'%s'",
		    escape_name(set->root->volumes_path, shown));
	return ret;
}

static void
read_db(struct volume_set *set)
{
	struct err why;

	/* Podman keeps this elsewhere, and a new host has none. */
	if (volume_db_read(set->root->volumes_fd, &set->db, &why) == -1 &&
	    why.class != ERR_NOT_FOUND)
		set->problem = mem_text(why.text);
	if (set->root->layout == DOCKER_LAYOUT_PODMAN)
		set->problem = mem_text("Podman keeps labels and options in "
		    "its own database, which is not read");
}

static void
read_mounts(struct volume_set *set)
{
	int proc_fd = io_open_typed("/proc", O_RDONLY | O_DIRECTORY, 0);
	struct err ignored;	/* without /proc, device numbers must do */

	if (proc_fd == -1)
		return;
	(void)mounts_read(proc_fd, "self", &set->mounts, &ignored);
	(void)io_close(proc_fd);	/* read-only: nothing to lose */
}

struct volume_set *
volume_set_open(const struct docker_root *root, struct err *err)
{
	struct volume_set *set = mem_zero(1, sizeof *set);

	set->root = root;
	read_db(set);
	read_mounts(set);
	if (read_names(set, err) == -1) {
		volume_set_free(set);
		return NULL;
	}
	return set;
}

void
volume_set_free(struct volume_set *set)
{
	size_t i;

	if (set == NULL)
		return;
	for (i = 0; i < set->count; i++)
		free(set->names[i]);
	free(set->names);
	free(set->problem);
	volume_db_release(&set->db);
	mounts_release(&set->mounts);
	free(set);
}

size_t
volume_set_count(const struct volume_set *set)
{
	return set->count;
}

const char *
volume_set_name(const struct volume_set *set, size_t index)
{
	return set->names[index];
}

bool
volume_set_has(const struct volume_set *set, const char *name)
{
	return set->count > 0 && bsearch(&name, set->names, set->count,
	    sizeof *set->names, compare_names) != NULL;
}

const char *
volume_set_problem(const struct volume_set *set)
{
	return set->problem;
}

/* ------------------------------------------------------------- one volume */

/* One word of "a,b=c,d": what follows "key=", or NULL.  The caller frees. */
static char *
mount_word(const char *opts, const char *key)
{
	size_t key_len = strlen(key);

	while (*opts != '\0') {
		size_t len = strcspn(opts, ",");

		if (len > key_len && strncmp(opts, key, key_len) == 0 &&
		    opts[key_len] == '=')
			return mem_format("%.*s", (int)(len - key_len - 1),
			    opts + key_len + 1);
		opts += len;
		opts += *opts == ',';
	}
	return NULL;
}

static char *
nfs_place(const struct volume_identity *id)
{
	char shown_addr[ESCAPE_NAME_MAX], shown[ESCAPE_NAME_MAX];
	char *addr = mount_word(id->mount_opts, "addr");
	char *text = mem_format("on NFS server %s, export %s",
	    addr == NULL ? "(no address)" : escape_name(addr, shown_addr),
	    escape_name(id->mount_device, shown));

	free(addr);
	return text;
}

/* Never shows mount_opts: they may hold a password. */
static char *
mount_place(const struct volume_identity *id)
{
	char shown[ESCAPE_NAME_MAX], shown_type[ESCAPE_NAME_MAX];
	const char *type = id->mount_type, *device = id->mount_device;

	if (*type == '\0' && *device == '\0')
		return NULL;	/* a quota only */
	if (strncmp(type, "nfs", 3) == 0)
		return nfs_place(id);
	(void)escape_name(device, shown);
	if (strcmp(type, "cifs") == 0 || strncmp(type, "smb", 3) == 0)
		return mem_format("on the SMB share %s", shown);
	if (strcmp(type, "tmpfs") == 0)
		return mem_text("in memory only (tmpfs)");
	if (strcmp(type, "none") == 0 || strcmp(type, "bind") == 0 ||
	    *type == '\0')
		return mem_format("in the folder %s", shown);
	if (strncmp(device, "/dev/", 5) == 0)
		return mem_format("on the block device %s (%s)", shown,
		    escape_name(type, shown_type));
	return mem_format("in a mount of %s (%s)", shown,
	    escape_name(type, shown_type));
}

static char *
link_place(int dir_fd)
{
	char target[4096], shown[ESCAPE_NAME_MAX];
	ssize_t len = readlinkat(dir_fd, "_data", target, sizeof target - 1);

	if (len == -1)
		return mem_text("behind a symbolic link that cannot be read");
	target[len] = '\0';
	return mem_format("behind a symbolic link, in %s",
	    escape_name(target, shown));
}

/* Without mount table: a file system of its own (a bind is missed). */
static bool
is_other_device(int dir_fd)
{
	struct stat folder, data;

	return fstat(dir_fd, &folder) == 0 &&
	    fstatat(dir_fd, "_data", &data, AT_SYMLINK_NOFOLLOW) == 0 &&
	    folder.st_dev != data.st_dev;
}

static bool
is_mount_point(const struct volume_set *set, const struct volume *v,
    int dir_fd)
{
	char *data;
	bool found;

	if (set->mounts.count == 0)
		return is_other_device(dir_fd);
	data = mem_format("%s/_data", v->path);
	found = mounts_at(&set->mounts, data) != NULL;
	free(data);
	return found;
}

static int
read_opts(int dir_fd, struct volume_identity *identity, struct err *err)
{
	struct buf text = BUF_EMPTY;
	int ret;

	ret = io_read_file(dir_fd, "opts.json", VOLUME_OPTS_MAX, &text, err);
	if (ret == 0)
		ret = volume_opts_parse(buf_text(&text), text.len, identity,
		    err);
	else if (err->class == ERR_NOT_FOUND) {
		err_clear(err);
		ret = 0;
	}
	if (ret == -1)
		err_context(err, "opts.json");
	buf_release(&text);
	return ret;
}

static bool
is_anonymous_name(const char *name)
{
	return strlen(name) == ANONYMOUS_NAME_LEN &&
	    strspn(name, "0123456789abcdef") == ANONYMOUS_NAME_LEN;
}

static void
read_data(const struct volume_set *set, int dir_fd, struct volume *v)
{
	struct stat st;
	bool is_link;

	if (fstatat(dir_fd, "_data", &st, AT_SYMLINK_NOFOLLOW) == -1)
		memset(&st, 0, sizeof st);
	is_link = S_ISLNK(st.st_mode);
	v->has_data = S_ISDIR(st.st_mode) || is_link;
	v->is_mounted = S_ISDIR(st.st_mode) && is_mount_point(set, v, dir_fd);
	if (strcmp(v->identity.driver, "local") != 0) {
		char shown[ESCAPE_NAME_MAX];

		v->data_elsewhere = mem_format("in the volume plugin %s",
		    escape_name(v->identity.driver, shown));
	} else if (is_link) {
		v->data_elsewhere = link_place(dir_fd);
	} else {
		v->data_elsewhere = mount_place(&v->identity);
	}
}

static int
fill(const struct volume_set *set, int dir_fd, struct volume *v,
    struct err *err)
{
	const char *record = volume_db_get(&set->db, v->name);

	v->is_recorded = record != NULL;
	if (record != NULL &&
	    volume_record_parse(record, &v->identity, err) == -1)
		return err_context(err, "its record in metadata.db");
	if (read_opts(dir_fd, &v->identity, err) == -1)
		return -1;
	v->is_anonymous = is_anonymous_name(v->name) ||
	    pairs_get(&v->identity.labels, ANONYMOUS_LABEL) != NULL;
	read_data(set, dir_fd, v);
	return 0;
}

int
volume_read(const struct volume_set *set, const char *name,
    struct volume *volume, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	struct volume found;
	int fd, ret;

	if (strchr(name, '/') != NULL || strcmp(name, "..") == 0 ||
	    strcmp(name, ".") == 0 || *name == '\0')
		return err_set(err, ERR_USAGE, 0, "'%s' is no volume name",
		    escape_name(name, shown));
	fd = io_open(set->root->volumes_fd, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1) {
		err_set(err, io_error() == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    io_error(), "cannot open its folder");
		return err_context(err, "volume '%s'",
		    escape_name(name, shown));
	}
	memset(&found, 0, sizeof found);
	volume_identity_init(&found.identity);
	found.name = mem_text(name);
	found.path = mem_format("%s/%s", set->root->volumes_path, name);
	ret = fill(set, fd, &found, err);
	(void)io_close(fd);	/* read-only: nothing to lose */
	if (ret == 0) {
		*volume = found;
		return 0;
	}
	volume_release(&found);
	return err_context(err, "volume '%s'", escape_name(name, shown));
}

void
volume_release(struct volume *volume)
{
	free(volume->name);
	free(volume->path);
	free(volume->data_elsewhere);
	volume_identity_release(&volume->identity);
	memset(volume, 0, sizeof *volume);
}
