/* SPDX-License-Identifier: BSD-2-Clause */
/* A medium and its folders; see medium.h. */
#include "medium/medium.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/utc.h"
#include "medium/parts.h"
#include "medium/put.h"
#include "medium/recover.h"

static int
open_dir(int dir_fd, const char *name)
{
	return io_open(dir_fd, name, O_RDONLY | O_DIRECTORY, 0);
}

static int
make_dir(int dir_fd, const char *name, struct err *err)
{
	if (mkdirat(dir_fd, name, 0755) == -1 && errno != EEXIST)
		return err_set(err, ERR_IO, errno, "cannot make %s", name);
	if (io_sync(dir_fd) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot flush the folder of %s", name);
	return 0;
}

/* Is fd the root of a mounted file system? */
static bool
is_mount_point(int fd)
{
	struct stat here, above;

	if (fstat(fd, &here) == -1 || fstatat(fd, "..", &above, 0) == -1)
		return false;
	return here.st_dev != above.st_dev || here.st_ino == above.st_ino;
}

static int
open_root(struct medium *m, const char *path, struct err *err)
{
	char safe[ESCAPE_NAME_MAX];

	m->path = mem_text(path);
	m->fd = io_open_typed(path, O_RDONLY | O_DIRECTORY, 0);
	if (m->fd == -1)
		return err_set(err,
		    io_error() == ENOENT || io_error() == ENOTDIR ?
		    ERR_NOT_FOUND : ERR_IO, io_error(), "medium %s",
		    escape_name(path, safe));
	m->is_mount_point = is_mount_point(m->fd);
	return io_fs_facts(m->fd, &m->fs, err);
}

static bool
id_is_valid(const char *id)
{
	size_t i;

	if (strlen(id) != MEDIUM_ID_LEN)
		return false;
	for (i = 0; i < MEDIUM_ID_LEN; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? id[i] != '-' :
		    strchr("0123456789abcdef", id[i]) == NULL)
			return false;
	}
	return true;
}

/* It is shown on terminals, and may come from anybody's stick. */
static void
take_label(struct medium *m, const char *label)
{
	char safe[ESCAPE_NAME_MAX];

	(void)snprintf(m->label, sizeof m->label, "%s",
	    escape_name(label, safe));
}

static int
parse_json(struct medium *m, const struct buf *text, struct err *err)
{
	json_error_t jerr;
	json_t *root;
	const char *id, *label;
	json_int_t format;
	int ret = -1;

	/* Out of memory, jansson would read past its buffers. */
	json_set_alloc_funcs(mem_alloc, free);
	root = json_loadb(buf_text(text), text->len, JSON_REJECT_DUPLICATES,
	    &jerr);
	if (root == NULL)
		return err_set(err, ERR_DAMAGED, 0, "line %d: not JSON",
		    jerr.line);
	if (json_unpack_ex(root, &jerr, 0, "{s:I, s:s, s:s}", "format",
	    &format, "id", &id, "label", &label) == -1) {
		err_set(err, ERR_DAMAGED, 0,
		    "format, id or label is missing or of the wrong kind");
		goto out;
	}
	if (format != MEDIUM_FORMAT) {
		err_set(err, ERR_LIMIT, 0,
		    "format %lld; this version knows format %d",
		    (long long)format, MEDIUM_FORMAT);
		goto out;
	}
	if (!id_is_valid(id) || strlen(label) > MEDIUM_LABEL_MAX) {
		err_set(err, ERR_DAMAGED, 0, "bad id or label");
		goto out;
	}
	memcpy(m->id, id, MEDIUM_ID_LEN + 1);
	take_label(m, label);
	ret = 0;
out:
	json_decref(root);
	return ret;
}

static int
read_json(struct medium *m, struct err *err)
{
	struct buf text = BUF_EMPTY;
	int ret = -1;

	if (io_read_file(m->dir_fd, MEDIUM_FILE, MEDIUM_JSON_MAX, &text,
	    err) == 0)
		ret = parse_json(m, &text, err);
	if (ret == -1)
		err_context(err, "%s/" MEDIUM_DIR "/" MEDIUM_FILE, m->path);
	buf_release(&text);
	return ret;
}

static int
open_folders(struct medium *m, struct err *err)
{
	char safe[ESCAPE_NAME_MAX];

	m->dir_fd = open_dir(m->fd, MEDIUM_DIR);
	/* The drydock folder itself may have been named. */
	if (m->dir_fd == -1 &&
	    faccessat(m->fd, MEDIUM_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		m->dir_fd = open_dir(m->fd, ".");
	if (m->dir_fd == -1)
		return err_set(err, ERR_NOT_FOUND, 0,
		    "%s: no drydock folder here; is this the right stick, "
		    "and is it mounted?", escape_name(m->path, safe));
	if (read_json(m, err) == -1)
		return -1;
	m->snapshots_fd = open_dir(m->dir_fd, MEDIUM_SNAPSHOTS);
	if (m->snapshots_fd == -1)
		return err_set(err, ERR_DAMAGED, errno,
		    "%s/" MEDIUM_DIR "/" MEDIUM_SNAPSHOTS, m->path);
	return 0;
}

int
medium_open(struct medium *m, const char *path, struct err *err)
{
	struct medium empty = MEDIUM_EMPTY;

	*m = empty;
	if (open_root(m, path, err) == -1 || open_folders(m, err) == -1) {
		medium_close(m);
		return -1;
	}
	return 0;
}

/* RFC 9562, version 4. */
static int
new_id(char id[MEDIUM_ID_LEN + 1], struct err *err)
{
	uint8_t b[16];

	if (io_random(b, sizeof b, err) == -1)
		return -1;
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	(void)snprintf(id, MEDIUM_ID_LEN + 1, "%02x%02x%02x%02x-%02x%02x-"
	    "%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2],
	    b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
	    b[13], b[14], b[15]);
	return 0;
}

static int
write_json(struct medium *m, const char *label, struct err *err)
{
	char id[MEDIUM_ID_LEN + 1], when[UTC_TEXT_MAX];
	struct buf text = BUF_EMPTY;
	int ret;

	if (new_id(id, err) == -1)
		return -1;
	buf_printf(&text, "{\n  \"format\": %d,\n  \"id\": \"%s\",\n"
	    "  \"label\": \"", MEDIUM_FORMAT, id);
	escape_json(&text, label, strlen(label));
	buf_printf(&text, "\",\n  \"created\": \"%s\"\n}\n",
	    utc_rfc3339(io_now(), when));
	ret = put_file(m->dir_fd, MEDIUM_FILE, text.data, text.len, NULL, err);
	buf_release(&text);
	return ret;
}

/*
 * medium.json comes last but for the folder flush: a folder without it is
 * the litter of a killed first run, which this run completes.
 */
static int
create(struct medium *m, const char *label, struct err *err)
{
	int dir_fd;

	if (make_dir(m->fd, MEDIUM_DIR, err) == -1)
		return -1;
	dir_fd = open_dir(m->fd, MEDIUM_DIR);
	if (dir_fd == -1)
		return err_set(err, ERR_IO, errno, "cannot open " MEDIUM_DIR);
	m->dir_fd = dir_fd;
	if (make_dir(dir_fd, MEDIUM_SNAPSHOTS, err) == -1)
		return -1;
	/* A killed run may have left either file half written. */
	if ((unlinkat(dir_fd, MEDIUM_RECOVER, 0) == -1 && errno != ENOENT) ||
	    (unlinkat(dir_fd, MEDIUM_FILE, 0) == -1 && errno != ENOENT))
		return err_set(err, ERR_IO, errno, "cannot remove litter");
	if (recover_write(dir_fd, err) == -1 ||
	    write_json(m, label, err) == -1)
		return -1;
	if (io_sync(dir_fd) == -1)
		return err_set(err, ERR_IO, io_error(),
		    "cannot flush " MEDIUM_DIR);
	return 0;
}

/*
 * Is there no medium yet, or only what a killed creation left: no complete
 * medium.json and no snapshots?
 */
static bool
is_blank(struct medium *m)
{
	struct medium_list list = MEDIUM_LIST_EMPTY;
	struct err why, ignored;
	bool blank;
	int dir_fd = open_dir(m->fd, MEDIUM_DIR);

	if (dir_fd == -1)
		return errno == ENOENT;
	m->dir_fd = dir_fd;
	m->snapshots_fd = open_dir(dir_fd, MEDIUM_SNAPSHOTS);
	/* Torn or not there; one that cannot be read may be a good one. */
	blank = read_json(m, &why) == -1 &&
	    (why.class == ERR_NOT_FOUND || why.class == ERR_DAMAGED) &&
	    (m->snapshots_fd == -1 ||
	    (medium_list(m, &list, &ignored) == 0 && list.count == 0));
	medium_list_release(&list);
	(void)close(dir_fd);
	if (m->snapshots_fd != -1)
		(void)close(m->snapshots_fd);
	m->dir_fd = m->snapshots_fd = -1;
	return blank;
}

static int
lock(struct medium *m, struct err *err)
{
	/* The lock lives with the descriptor: a killed run leaves none. */
	if (flock(m->fd, LOCK_EX | LOCK_NB) == 0) {
		m->is_locked = true;
		return 0;
	}
	if (errno == EWOULDBLOCK)
		return err_set(err, ERR_BUSY, 0,
		    "%s: another snapshot is being written to this medium",
		    m->path);
	return err_set(err, ERR_IO, errno, "%s: cannot lock", m->path);
}

int
medium_open_write(struct medium *m, const char *path, const char *label,
    bool any_directory, struct err *err)
{
	struct medium empty = MEDIUM_EMPTY;
	char safe[ESCAPE_NAME_MAX];

	*m = empty;
	if (open_root(m, path, err) == -1)
		goto fail;
	if (!m->is_mount_point && !any_directory) {
		err_set(err, ERR_PREFLIGHT, 0,
		    "%s is not a mount point: nothing is mounted there, so "
		    "the snapshot would land on this host's own disk; mount "
		    "the stick, or say --any-directory",
		    escape_name(path, safe));
		goto fail;
	}
	/* Locks and litter are the medium's, not its folder's. */
	if (faccessat(m->fd, MEDIUM_SNAPSHOTS, F_OK, AT_SYMLINK_NOFOLLOW) ==
	    0 && faccessat(m->fd, MEDIUM_FILE, F_OK, AT_SYMLINK_NOFOLLOW) ==
	    0) {
		err_set(err, ERR_USAGE, 0, "%s is the folder of a medium: "
		    "name the one above it", escape_name(path, safe));
		goto fail;
	}
	if (lock(m, err) == -1)
		goto fail;
	if (is_blank(m) && create(m, label, err) == -1) {
		err_context(err, "%s: cannot prepare the medium",
		    escape_name(path, safe));
		goto fail;
	}
	if (m->dir_fd != -1)
		(void)close(m->dir_fd);	/* opened again below */
	m->dir_fd = -1;
	if (open_folders(m, err) == -1)
		goto fail;
	return 0;
fail:
	medium_close(m);
	return -1;
}

int
medium_lock(const struct medium *m, int *fd, struct err *err)
{
	char safe[ESCAPE_NAME_MAX];
	int root = open_dir(m->dir_fd, "..");

	if (root == -1)
		return err_set(err, ERR_IO, errno, "%s: cannot lock",
		    escape_name(m->path, safe));
	if (flock(root, LOCK_EX | LOCK_NB) == 0) {
		*fd = root;
		return 0;
	}
	if (errno == EWOULDBLOCK)
		(void)err_set(err, ERR_BUSY, 0, "%s: another run is writing "
		    "to this medium", escape_name(m->path, safe));
	else
		(void)err_set(err, ERR_IO, errno, "%s: cannot lock",
		    escape_name(m->path, safe));
	(void)close(root);
	return -1;
}

static void
close_fd(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);	/* directories: nothing to lose */
	*fd = -1;
}

void
medium_close(struct medium *m)
{
	close_fd(&m->snapshots_fd);
	close_fd(&m->dir_fd);
	close_fd(&m->fd);	/* and with it the lock */
	free(m->path);
	m->path = NULL;
	m->is_locked = false;
}

uint64_t
medium_file_max(const struct medium *m)
{
	return m->fs.type == IO_FS_MSDOS ? PARTS_SIZE_FAT : 0;
}

const char *
medium_fs_name(const struct medium *m)
{
	static const struct {
		uint64_t type;
		const char *name;
	} names[] = {
		{ IO_FS_MSDOS, "FAT" }, { IO_FS_EXFAT, "exFAT" },
		{ IO_FS_EXT, "ext4" }, { 0x58465342, "xfs" },
		{ 0x9123683e, "btrfs" }, { IO_FS_TMPFS, "tmpfs" },
		{ IO_FS_FUSE, "FUSE" }, { IO_FS_OVERLAY, "overlay" },
		{ 0x6969, "NFS" }, { 0xff534d42, "CIFS" },
		{ 0x5346544e, "NTFS" }, { 0x7366746e, "NTFS" },
	};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].type == m->fs.type)
			return names[i].name;
	return "unknown file system";
}

bool
medium_name_parse(struct medium_name *name, const char *text)
{
	const char *dash = strchr(text, '-');
	struct medium_name n;

	if (dash == NULL || dash - text < 4 || !num_parse(text,
	    (size_t)(dash - text), 10, MEDIUM_SEQUENCE_MAX, &n.sequence) ||
	    strlen(dash + 1) != UTC_COMPACT_LEN ||
	    !utc_parse(dash + 1, &n.seconds))
		return false;
	medium_name_format(&n, n.sequence, n.seconds);
	if (strcmp(n.text, text) != 0)
		return false;
	*name = n;
	return true;
}

void
medium_name_format(struct medium_name *name, uint64_t sequence,
    int64_t seconds)
{
	char when[UTC_TEXT_MAX];

	name->sequence = sequence;
	name->seconds = seconds;
	(void)snprintf(name->text, sizeof name->text, "%04llu-%.16s",
	    (unsigned long long)sequence, utc_compact(seconds, when));
}

static int
by_sequence(const void *a, const void *b)
{
	const struct medium_name *x = a, *y = b;

	if (x->sequence != y->sequence)
		return x->sequence < y->sequence ? -1 : 1;
	return strcmp(x->text, y->text);
}

int
medium_list(const struct medium *m, struct medium_list *list,
    struct err *err)
{
	struct medium_name name;
	struct dirent *d;
	DIR *dir = NULL;
	int fd = open_dir(m->snapshots_fd, ".");

	if (fd != -1)
		dir = fdopendir(fd);
	if (dir == NULL) {
		if (fd != -1)
			(void)close(fd);
		return err_set(err, ERR_IO, errno,
		    "%s: cannot list the snapshots", m->path);
	}
	errno = 0;
	while ((d = readdir(dir)) != NULL) {
		if (!medium_name_parse(&name, d->d_name))
			continue;
		if (list->count == MEDIUM_SNAPSHOTS_MAX) {
			(void)closedir(dir);
			return err_set(err, ERR_LIMIT, 0,
			    "%s: more than %d snapshots", m->path,
			    MEDIUM_SNAPSHOTS_MAX);
		}
		list->items = mem_resize(list->items, list->count + 1,
		    sizeof *list->items);
		list->items[list->count++] = name;
		errno = 0;
	}
	if (d == NULL && errno != 0) {
		(void)err_set(err, ERR_IO, errno,
		    "%s: cannot list the snapshots", m->path);
		(void)closedir(dir);
		return -1;
	}
	(void)closedir(dir);	/* read-only: nothing to lose */
	if (list->count > 1)
		qsort(list->items, list->count, sizeof *list->items,
		    by_sequence);
	return 0;
}

void
medium_list_release(struct medium_list *list)
{
	free(list->items);
	list->items = NULL;
	list->count = 0;
}
