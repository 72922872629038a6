/* SPDX-License-Identifier: BSD-2-Clause */
/* pax tar out, through libarchive; see tar.h. */
#include "archive/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/acl.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"

#define ZEROS_SIZE ((size_t)64 << 10)

struct tar_writer {
	struct archive *a;
	struct archive_entry *ae;
	struct writer *down;
	uint64_t offset;	/* bytes that went down */
	uint64_t at;		/* place in the content of the entry */
	uint64_t size;		/* of that content */
	void *zeros;
	bool has_failed;
	struct err cause;	/* of the failure below */
};

static la_ssize_t
write_down(struct archive *a, void *ctx, const void *data, size_t len)
{
	struct tar_writer *w = ctx;

	(void)a;
	if (w->down->write(w->down, data, len, &w->cause) == -1) {
		w->has_failed = true;
		return -1;
	}
	w->offset += len;
	return (la_ssize_t)len;
}

/* Turn what libarchive says into ours; what lies below speaks first. */
static int
fail(struct tar_writer *w, const char *path, struct err *err)
{
	const char *text = w->a == NULL ? "out of memory" :
	    archive_error_string(w->a);
	char name[ESCAPE_NAME_MAX], why[ESCAPE_NAME_MAX];

	if (w->has_failed) {
		*err = w->cause;
		return -1;
	}
	return err_set(err, ERR_IO, 0, "tar: '%s': %s",
	    escape_name(path, name),
	    text == NULL ? "cannot be written" : escape_name(text, why));
}

int
tar_writer_new(struct tar_writer **out, struct writer *down, struct err *err)
{
	struct tar_writer *w = mem_zero(1, sizeof *w);

	w->down = down;
	w->zeros = mem_zero(1, ZEROS_SIZE);
	w->a = archive_write_new();
	w->ae = archive_entry_new();
	/*
	 * Unblocked output makes offsets exact.  No hdrcharset here: in the C
	 * locale libarchive marks the headers with names outside ASCII as
	 * BINARY by itself, and GNU tar complains once for each that is
	 * marked.
	 */
	if (w->a == NULL || w->ae == NULL ||
	    archive_write_set_format_pax(w->a) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(w->a, 0) != ARCHIVE_OK ||
	    archive_write_set_format_option(w->a, "pax", "xattrheader",
	    "SCHILY") != ARCHIVE_OK ||
	    archive_write_open(w->a, w, NULL, write_down, NULL) !=
	    ARCHIVE_OK) {
		(void)fail(w, "", err);
		tar_writer_free(w);
		return -1;
	}
	*out = w;
	return 0;
}

static unsigned
file_type(enum entry_type type)
{
	switch (type) {
	case ENTRY_FILE:	return AE_IFREG;
	case ENTRY_DIR:		return AE_IFDIR;
	case ENTRY_SYMLINK:	return AE_IFLNK;
	case ENTRY_FIFO:	return AE_IFIFO;
	case ENTRY_CHAR:	return AE_IFCHR;
	case ENTRY_BLOCK:	return AE_IFBLK;
	case ENTRY_SOCKET:	break;
	}
	return 0;
}

static bool
is_ascii(const struct buf *text)
{
	size_t i;

	for (i = 0; i < text->len; i++)
		if ((unsigned char)text->data[i] >= 0x80)
			return false;
	return true;
}

/*
 * libarchive prints seconds and nanoseconds as they are given, though the
 * minus sign of a pax time covers both: -0.25 s is second -1 and 750000000 ns
 * to us, "-0.25" in pax.  Hand over what makes the text right.  Only a time
 * within the last second of 1969 has no such form: it becomes "-1", and
 * check_archive() takes the exact one from the manifest.
 */
static void
set_mtime(struct archive_entry *ae, int64_t s, uint32_t ns)
{
	if (s < 0 && ns > 0) {
		ns = s == -1 ? 0 : 1000000000U - ns;
		s = s == -1 ? -1 : s + 1;
	}
	archive_entry_set_mtime(ae, (time_t)s, (long)ns);
}

static int
acl_tag(enum acl_tag tag)
{
	switch (tag) {
	case ACL_USER_OBJ:	return ARCHIVE_ENTRY_ACL_USER_OBJ;
	case ACL_USER:		return ARCHIVE_ENTRY_ACL_USER;
	case ACL_GROUP_OBJ:	return ARCHIVE_ENTRY_ACL_GROUP_OBJ;
	case ACL_GROUP:		return ARCHIVE_ENTRY_ACL_GROUP;
	case ACL_MASK:		return ARCHIVE_ENTRY_ACL_MASK;
	case ACL_OTHER:		return ARCHIVE_ENTRY_ACL_OTHER;
	}
	return 0;
}

/*
 * The number goes as the name: libarchive's own id is an int, which numbers
 * from 2^31 on do not fit.
 */
static int
add_acl(struct archive_entry *ae, const struct xattr *x, int type)
{
	struct acl acl = ACL_EMPTY;
	int ret = 0;
	size_t i;

	if (!acl_parse(x->value, x->len, &acl))
		return -1;
	for (i = 0; i < acl.count; i++) {
		const struct acl_entry *e = &acl.items[i];
		bool named = e->tag == ACL_USER || e->tag == ACL_GROUP;
		char id[16];

		(void)snprintf(id, sizeof id, "%u", (unsigned)e->id);
		if (archive_entry_acl_add_entry(ae, type, (int)e->perm,
		    acl_tag(e->tag), -1, named ? id : NULL) != ARCHIVE_OK)
			ret = -1;
	}
	acl_release(&acl);
	return ret;
}

static int
set_xattrs(struct tar_writer *w, const struct entry *entry, struct err *err)
{
	char name[ESCAPE_NAME_MAX];
	size_t i;
	int bad = 0;

	for (i = 0; i < entry->xattrs.count; i++) {
		const struct xattr *x = &entry->xattrs.items[i];

		if (strcmp(x->name, ACL_XATTR_ACCESS) == 0)
			bad |= add_acl(w->ae, x,
			    ARCHIVE_ENTRY_ACL_TYPE_ACCESS);
		else if (strcmp(x->name, ACL_XATTR_DEFAULT) == 0)
			bad |= add_acl(w->ae, x,
			    ARCHIVE_ENTRY_ACL_TYPE_DEFAULT);
		else
			archive_entry_xattr_add_entry(w->ae, x->name,
			    x->value, x->len);
	}
	if (bad)
		return err_set(err, ERR_DAMAGED, 0,
		    "tar: '%s': an ACL that is none",
		    escape_name(buf_text(&entry->path), name));
	return 0;
}

static void
set_path(struct archive_entry *ae, const struct buf *path,
    void (*set)(struct archive_entry *, const char *))
{
	/* "./" keeps names that start with a dash harmless. */
	char *text = mem_format("./%s", buf_text(path));

	set(ae, text);
	free(text);
}

static void
set_sparse(struct archive_entry *ae, const struct entry *entry)
{
	const struct extent_list *list = &entry->extents;
	size_t i;

	for (i = 0; i < list->count; i++)
		archive_entry_sparse_add_entry(ae,
		    (la_int64_t)list->items[i].offset,
		    (la_int64_t)list->items[i].len);
	/* A file that is one hole needs a map all the same. */
	if (list->count == 0)
		archive_entry_sparse_add_entry(ae, (la_int64_t)entry->size, 0);
}

static void
set_kind(struct archive_entry *ae, const struct entry *entry)
{
	archive_entry_set_filetype(ae, file_type(entry->type));
	if (entry->hardlink.len > 0) {
		set_path(ae, &entry->hardlink, archive_entry_set_hardlink);
		return;
	}
	if (entry->type == ENTRY_SYMLINK)
		archive_entry_set_symlink(ae, buf_text(&entry->link));
	if (entry->type == ENTRY_CHAR || entry->type == ENTRY_BLOCK) {
		archive_entry_set_rdevmajor(ae, entry->rdev_major);
		archive_entry_set_rdevminor(ae, entry->rdev_minor);
	}
	if (entry->type != ENTRY_FILE)
		return;
	archive_entry_set_size(ae, (la_int64_t)entry->size);
	if (entry->is_sparse && entry->size > 0)
		set_sparse(ae, entry);
}

/* In the C locale names outside ASCII are worth a warning to libarchive. */
static bool
is_harmless(struct archive *a, const struct entry *entry)
{
	const char *text = archive_error_string(a);

	return text != NULL && strncmp(text, "Can't translate ", 16) == 0 &&
	    (!is_ascii(&entry->path) || !is_ascii(&entry->link) ||
	    !is_ascii(&entry->hardlink));
}

int
tar_writer_entry(struct tar_writer *w, struct entry *entry, struct err *err)
{
	bool has_content = entry->type == ENTRY_FILE &&
	    entry->hardlink.len == 0;
	uint64_t offset = w->offset;
	int r;

	if (entry->type == ENTRY_SOCKET || entry->size > INT64_MAX)
		return err_set(err, ERR_LIMIT, 0, "tar cannot carry that");
	archive_entry_clear(w->ae);
	set_path(w->ae, &entry->path, archive_entry_set_pathname);
	/* The ACL comes after the mode: it replaces bits of it. */
	archive_entry_set_perm(w->ae, (mode_t)entry->mode);
	set_kind(w->ae, entry);
	archive_entry_set_uid(w->ae, entry->uid);
	archive_entry_set_gid(w->ae, entry->gid);
	set_mtime(w->ae, entry->mtime_s, entry->mtime_ns);
	if (set_xattrs(w, entry, err) == -1)
		return -1;
	r = archive_write_header(w->a, w->ae);
	if (r != ARCHIVE_OK && (r != ARCHIVE_WARN ||
	    !is_harmless(w->a, entry)))
		return fail(w, buf_text(&entry->path), err);
	w->at = 0;
	w->size = has_content ? entry->size : 0;
	entry->tar_offset = offset;
	entry->has_tar_offset = true;
	return 0;
}

static int
put(struct tar_writer *w, const void *data, size_t len, struct err *err)
{
	size_t done = 0;

	while (done < len) {
		la_ssize_t n = archive_write_data(w->a,
		    (const char *)data + done, len - done);

		if (n <= 0)
			return fail(w, "content", err);
		done += (size_t)n;
	}
	w->at += len;
	return 0;
}

/* libarchive wants the holes as zeros too; it does not keep them. */
static int
put_zeros(struct tar_writer *w, uint64_t until, struct err *err)
{
	while (w->at < until) {
		uint64_t left = until - w->at;

		if (put(w, w->zeros, left < ZEROS_SIZE ? (size_t)left :
		    ZEROS_SIZE, err) == -1)
			return -1;
	}
	return 0;
}

int
tar_writer_data(struct tar_writer *w, uint64_t offset, const void *data,
    size_t len, struct err *err)
{
	if (offset < w->at || offset > w->size || len > w->size - offset)
		return err_set(err, ERR_LIMIT, 0,
		    "tar: content outside the file");
	if (put_zeros(w, offset, err) == -1)
		return -1;
	return put(w, data, len, err);
}

int
tar_writer_entry_end(struct tar_writer *w, struct err *err)
{
	if (put_zeros(w, w->size, err) == -1)
		return -1;
	if (archive_write_finish_entry(w->a) != ARCHIVE_OK)
		return fail(w, "content", err);
	return 0;
}

int
tar_writer_finish(struct tar_writer *w, struct err *err)
{
	if (archive_write_close(w->a) != ARCHIVE_OK)
		return fail(w, "end", err);
	return 0;
}

void
tar_writer_free(struct tar_writer *w)
{
	if (w == NULL)
		return;
	if (w->a != NULL) {
		/* Unfinished output stays unfinished. */
		(void)archive_write_fail(w->a);
		(void)archive_write_free(w->a);
	}
	archive_entry_free(w->ae);
	free(w->zeros);
	free(w);
}
