/* SPDX-License-Identifier: BSD-2-Clause */
/* SQLite's files over sources; see sqlite_files.h. */
#include "check/sqlite_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/io.h"

/* What was written over a stretch of the database. */
struct sqlite_patch {
	uint64_t offset;
	size_t len;
	uint8_t *data;
};

enum kind {
	KIND_DB,
	KIND_WAL,
	KIND_JOURNAL
};

struct file {
	sqlite3_file base;	/* first */
	struct sqlite_files *files;
	enum kind kind;
};

/* ----------------------------------------------------------------- patches */

/* The number of patches that start at or before offset. */
static size_t
patches_before(const struct sqlite_files *f, uint64_t offset)
{
	size_t low = 0, high = f->patch_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (f->patches[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Lay the patches over what was read at offset. */
static void
apply_patches(const struct sqlite_files *f, uint64_t offset, uint8_t *data,
    size_t len)
{
	size_t i = patches_before(f, offset);

	for (i = i == 0 ? 0 : i - 1; i < f->patch_count; i++) {
		const struct sqlite_patch *p = &f->patches[i];
		uint64_t from = p->offset > offset ? p->offset : offset;
		uint64_t to = p->offset + p->len < offset + len ?
		    p->offset + p->len : offset + len;

		if (p->offset >= offset + len)
			break;
		if (from < to)
			memcpy(data + (from - offset),
			    p->data + (from - p->offset), (size_t)(to - from));
	}
}

/*
 * SQLite writes whole pages, so a stretch is written again as a whole or not
 * at all; anything else is refused.
 */
static int
add_patch(struct sqlite_files *f, uint64_t offset, const void *data,
    size_t len)
{
	size_t at = patches_before(f, offset);
	struct sqlite_patch *p;

	if (at > 0 && f->patches[at - 1].offset == offset &&
	    f->patches[at - 1].len == len) {
		memcpy(f->patches[at - 1].data, data, len);
		return SQLITE_OK;
	}
	if ((at > 0 && f->patches[at - 1].offset + f->patches[at - 1].len >
	    offset) || (at < f->patch_count && f->patches[at].offset <
	    offset + len))
		return SQLITE_IOERR_WRITE;
	if (len > SQLITE_WRITTEN_MAX - f->written) {
		f->is_too_much = true;
		return SQLITE_FULL;
	}
	f->patches = mem_resize(f->patches, f->patch_count + 1,
	    sizeof *f->patches);
	memmove(f->patches + at + 1, f->patches + at,
	    (f->patch_count - at) * sizeof *f->patches);
	p = &f->patches[at];
	p->offset = offset;
	p->len = len;
	p->data = mem_alloc(len);
	memcpy(p->data, data, len);
	f->patch_count++;
	f->written += len;
	return SQLITE_OK;
}

/* ------------------------------------------------------------------- files */

static struct source *
source_of(const struct file *file)
{
	switch (file->kind) {
	case KIND_DB: return file->files->db;
	case KIND_WAL: return file->files->wal;
	case KIND_JOURNAL: return file->files->journal;
	}
	return NULL;
}

static uint64_t
size_of(const struct file *file)
{
	const struct source *source = source_of(file);

	if (file->kind == KIND_DB)
		return file->files->db_size;
	return source == NULL ? 0 : source->size;
}

static int
read_source(struct file *file, uint64_t offset, uint8_t *data, size_t len)
{
	struct source *source = source_of(file);
	struct sqlite_files *f = file->files;
	struct err err;

	if (source == NULL || offset >= source->size)
		return SQLITE_OK;	/* written behind its end: patches */
	if (len > source->size - offset)
		len = (size_t)(source->size - offset);
	if (source->read_at(source, offset, data, len, &err) == 0)
		return SQLITE_OK;
	if (f->failure.class == ERR_NONE)
		f->failure = err;
	return SQLITE_IOERR_READ;
}

static int
file_read(sqlite3_file *base, void *data, int len, sqlite3_int64 offset)
{
	struct file *file = (struct file *)(void *)base;
	uint64_t at = (uint64_t)offset, size = size_of(file);
	size_t want = (size_t)len, have;
	int ret;

	memset(data, 0, want);
	have = at >= size ? 0 : size - at < want ? (size_t)(size - at) : want;
	ret = read_source(file, at, data, have);
	if (ret != SQLITE_OK)
		return ret;
	if (file->kind == KIND_DB)
		apply_patches(file->files, at, data, have);
	return have < want ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int
file_write(sqlite3_file *base, const void *data, int len,
    sqlite3_int64 offset)
{
	struct file *file = (struct file *)(void *)base;
	struct sqlite_files *f = file->files;
	int ret;

	/* A journal that was rolled back is overwritten or cut off. */
	if (file->kind == KIND_JOURNAL) {
		f->journal = NULL;
		return SQLITE_OK;
	}
	if (file->kind == KIND_WAL)
		return SQLITE_READONLY;
	ret = add_patch(f, (uint64_t)offset, data, (size_t)len);
	if (ret == SQLITE_OK && (uint64_t)offset + (size_t)len > f->db_size)
		f->db_size = (uint64_t)offset + (size_t)len;
	return ret;
}

static int
file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct file *file = (struct file *)(void *)base;

	if (file->kind == KIND_WAL)
		return SQLITE_READONLY;
	if (file->kind == KIND_JOURNAL)
		file->files->journal = NULL;
	else
		file->files->db_size = (uint64_t)size;
	return SQLITE_OK;
}

static int
file_size(sqlite3_file *base, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)size_of((struct file *)(void *)base);
	return SQLITE_OK;
}

static int
file_close(sqlite3_file *base)
{
	(void)base;
	return SQLITE_OK;
}

static int
file_flags(sqlite3_file *base, int flags)
{
	(void)base;
	(void)flags;
	return SQLITE_OK;	/* sync, lock, unlock: nobody else is here */
}

static int
file_reserved(sqlite3_file *base, int *is_reserved)
{
	(void)base;
	*is_reserved = 0;
	return SQLITE_OK;
}

static int
file_control(sqlite3_file *base, int op, void *arg)
{
	(void)base;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int
file_sector(sqlite3_file *base)
{
	(void)base;
	return 512;
}

static int
file_device(sqlite3_file *base)
{
	(void)base;
	return 0;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1, .xClose = file_close, .xRead = file_read,
	.xWrite = file_write, .xTruncate = file_truncate,
	.xSync = file_flags, .xFileSize = file_size, .xLock = file_flags,
	.xUnlock = file_flags, .xCheckReservedLock = file_reserved,
	.xFileControl = file_control, .xSectorSize = file_sector,
	.xDeviceCharacteristics = file_device,
};

/* --------------------------------------------------------------------- VFS */

static int
vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base,
    int flags, int *out_flags)
{
	struct file *file = (struct file *)(void *)base;

	(void)name;
	memset(file, 0, sizeof *file);
	if ((flags & SQLITE_OPEN_MAIN_DB) != 0)
		file->kind = KIND_DB;
	else if ((flags & SQLITE_OPEN_WAL) != 0)
		file->kind = KIND_WAL;
	else if ((flags & SQLITE_OPEN_MAIN_JOURNAL) != 0)
		file->kind = KIND_JOURNAL;
	else
		return SQLITE_CANTOPEN;
	file->files = vfs->pAppData;
	file->base.pMethods = &methods;
	if (out_flags != NULL)
		*out_flags = flags;
	return SQLITE_OK;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static int
vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	struct sqlite_files *f = vfs->pAppData;

	(void)sync;
	if (ends_with(name, "-journal"))
		f->journal = NULL;
	return SQLITE_OK;
}

static int
vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *exists)
{
	const struct sqlite_files *f = vfs->pAppData;

	(void)flags;
	*exists = ends_with(name, "-journal") ? f->journal != NULL :
	    ends_with(name, "-wal") ? f->wal != NULL : 0;
	return SQLITE_OK;
}

static int
vfs_full_path(sqlite3_vfs *vfs, const char *name, int len, char *out)
{
	(void)vfs;
	(void)sqlite3_snprintf(len, out, "/%s", name);
	return SQLITE_OK;
}

static int
vfs_random(sqlite3_vfs *vfs, int len, char *out)
{
	struct err ignored;

	(void)vfs;
	/* Only names and salts of what is never written depend on it. */
	if (io_random(out, (size_t)len, &ignored) == -1)
		memset(out, 0, (size_t)len);
	return len;
}

static int
vfs_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us;		/* nobody holds a lock for which to wait */
}

static int
vfs_time(sqlite3_vfs *vfs, double *julian_day)
{
	(void)vfs;
	*julian_day = (double)io_now() / 86400.0 + 2440587.5;
	return SQLITE_OK;
}

int
sqlite_files_init(struct sqlite_files *f, struct source *db,
    struct source *wal, struct source *journal, struct err *err)
{
	memset(f, 0, sizeof *f);
	f->db = db;
	f->wal = wal;
	f->journal = journal;
	f->db_size = db->size;
	/* A name of its own: two checks may run at once. */
	(void)snprintf(f->name, sizeof f->name, "source-%p", (void *)f);
	f->vfs.iVersion = 1;
	f->vfs.szOsFile = (int)sizeof(struct file);
	f->vfs.mxPathname = 64;
	f->vfs.zName = f->name;
	f->vfs.pAppData = f;
	f->vfs.xOpen = vfs_open;
	f->vfs.xDelete = vfs_delete;
	f->vfs.xAccess = vfs_access;
	f->vfs.xFullPathname = vfs_full_path;
	f->vfs.xRandomness = vfs_random;
	f->vfs.xSleep = vfs_sleep;
	f->vfs.xCurrentTime = vfs_time;
	if (sqlite3_vfs_register(&f->vfs, 0) != SQLITE_OK)
		return err_set(err, ERR_IO, 0, "SQLite cannot start");
	return 0;
}

void
sqlite_files_release(struct sqlite_files *f)
{
	size_t i;

	(void)sqlite3_vfs_unregister(&f->vfs);
	for (i = 0; i < f->patch_count; i++)
		free(f->patches[i].data);
	free(f->patches);
}
