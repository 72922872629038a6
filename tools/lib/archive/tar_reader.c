/* SPDX-License-Identifier: BSD-2-Clause */
/* pax, ustar and GNU tar in, through libarchive; see tar.h. */
#include "archive/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "archive/acl.h"
#include "archive/attrs.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/num.h"

#define INPUT_SIZE ((size_t)256 << 10)
#define BLOCK 512

struct tar_reader {
	struct archive *a;
	struct reader *up;
	uint64_t base;		/* place of the first byte */
	uint64_t got;		/* bytes read from up */
	uint64_t last_nonzero;	/* one past the last byte that is not 0 */
	uint8_t *input;
	bool takes_absolute;
	bool has_entry;
	uint64_t last_entry;	/* place of its header */
	uint64_t size;		/* of the entry's content */
	uint64_t due;		/* bytes of it that must still come */
	uint64_t at;		/* end of the last run */
	unsigned lost;		/* of the entry's attributes, ATTR_* */
	bool has_failed;
	bool up_failed;
	struct err cause;	/* of the failure above */
};

/* One past the last byte that is not 0. */
static size_t
nonzero_end(const uint8_t *data, size_t len)
{
	/* A long run of zeros is told by its being equal to itself shifted. */
	while (len > BLOCK && data[len - 1] == 0 && memcmp(data + len - BLOCK,
	    data + len - BLOCK + 1, BLOCK - 1) == 0)
		len -= BLOCK;
	while (len > 0 && data[len - 1] == 0)
		len--;
	return len;
}

static la_ssize_t
read_up(struct archive *a, void *ctx, const void **data)
{
	struct tar_reader *r = ctx;
	size_t got = 0, last;

	(void)a;
	if (r->up_failed ||
	    r->up->read(r->up, r->input, INPUT_SIZE, &got, &r->cause) == -1) {
		r->up_failed = true;
		return -1;
	}
	last = nonzero_end(r->input, got);
	if (last > 0)
		r->last_nonzero = r->got + last;
	r->got += got;
	*data = r->input;
	return (la_ssize_t)got;
}

/* Turn what libarchive says into ours; what lies above speaks first. */
static int
fail(struct tar_reader *r, const char *path, struct err *err)
{
	const char *text = archive_error_string(r->a);
	char name[ESCAPE_NAME_MAX], why[ESCAPE_NAME_MAX];

	if (r->up_failed) {
		*err = r->cause;
		return -1;
	}
	if (text == NULL)
		text = "a header that makes no sense";
	(void)escape_name(text, why);
	if (archive_errno(r->a) == ENOMEM)
		return err_set(err, ERR_LIMIT, 0, "tar: %s", why);
	/* Where it failed libarchive will not say any more by now. */
	if (path == NULL && r->has_entry)
		return err_set(err, ERR_DAMAGED, 0,
		    "tar, behind the entry at byte %llu: %s",
		    (unsigned long long)r->last_entry, why);
	if (path == NULL)
		return err_set(err, ERR_DAMAGED, 0, "tar: %s", why);
	return err_set(err, ERR_DAMAGED, 0, "tar: '%s': %s",
	    escape_name(path, name), why);
}

static int
refuse(const char *path, enum err_class class, const char *why,
    struct err *err)
{
	char name[ESCAPE_NAME_MAX];

	return err_set(err, class, 0, "tar: '%s' %s",
	    escape_name(path == NULL ? "" : path, name), why);
}

int
tar_reader_new(struct tar_reader **out, struct reader *up, uint64_t offset,
    struct err *err)
{
	struct tar_reader *r = mem_zero(1, sizeof *r);

	r->up = up;
	r->base = offset;
	r->input = mem_alloc(INPUT_SIZE);
	r->a = archive_read_new();
	if (r->a == NULL) {
		(void)err_set(err, ERR_IO, ENOMEM, "tar");
		goto failed;
	}
	if (archive_read_support_format_tar(r->a) != ARCHIVE_OK ||
	    archive_read_open(r->a, r, NULL, read_up, NULL) != ARCHIVE_OK) {
		(void)fail(r, NULL, err);
		goto failed;
	}
	*out = r;
	return 0;
failed:
	tar_reader_free(r);
	return -1;
}

/* ---------------------------------------------------------- attributes */

/* %XX becomes a byte; false when there was none. */
static bool
decode_name(const char *text, struct buf *out)
{
	bool changed = false;
	uint8_t byte;

	buf_cut(out, 0);
	for (; *text != '\0'; text++) {
		if (*text == '%' && text[1] != '\0' && text[2] != '\0' &&
		    hex_parse(text + 1, 2, &byte, 1) && byte != 0) {
			buf_byte(out, byte);
			changed = true;
			text += 2;
		} else {
			buf_byte(out, (unsigned char)*text);
		}
	}
	return changed;
}

/*
 * Names come out of libarchive encoded when they were SCHILY's, and plain
 * when they were LIBARCHIVE's.  bsdtar writes both: where the decoded name is
 * there as well, it is the plain twin, and right as it stands.
 */
static void
decode_names(const struct xattr_list *raw, struct xattr_list *out)
{
	struct buf name = BUF_EMPTY;
	struct xattr_list plain = { NULL, 0 };
	size_t i;

	for (i = 0; i < raw->count; i++)
		if (decode_name(raw->items[i].name, &name) &&
		    xattr_list_find(raw, buf_text(&name)) != NULL)
			xattr_list_put(&plain, buf_text(&name), "", 0);
	for (i = 0; i < raw->count; i++) {
		const struct xattr *x = &raw->items[i];
		bool changed = decode_name(x->name, &name);

		if (xattr_list_find(&plain, x->name) != NULL)
			xattr_list_put(out, x->name, x->value, x->len);
		else if (!changed ||
		    xattr_list_find(raw, buf_text(&name)) == NULL)
			xattr_list_put(out, buf_text(&name), x->value, x->len);
	}
	xattr_list_release(&plain);
	buf_release(&name);
}

static int
read_xattrs(struct archive_entry *ae, struct entry *entry, struct err *err)
{
	struct xattr_list raw = { NULL, 0 };
	const char *name;
	const void *value;
	size_t len, sum = 0;
	int ret = 0;

	(void)archive_entry_xattr_reset(ae);
	while (ret == 0 && archive_entry_xattr_next(ae, &name, &value,
	    &len) == ARCHIVE_OK) {
		if (strcmp(name, "security.selinux") == 0)
			continue;
		sum += len;
		/* Twice the limits: both forms of each may be there. */
		if (len > ENTRY_XATTR_MAX || sum > 2 * ENTRY_XATTR_BYTES_MAX ||
		    raw.count >= 2 * ENTRY_XATTRS_MAX)
			ret = refuse(buf_text(&entry->path), ERR_LIMIT,
			    "has too many or too large attributes", err);
		else
			xattr_list_put(&raw, name, value, len);
	}
	if (ret == 0)
		decode_names(&raw, &entry->xattrs);
	xattr_list_release(&raw);
	if (entry->xattrs.count > ENTRY_XATTRS_MAX)
		return refuse(buf_text(&entry->path), ERR_LIMIT,
		    "has too many attributes", err);
	return ret;
}

static bool
acl_tag(int tag, enum acl_tag *out)
{
	switch (tag) {
	case ARCHIVE_ENTRY_ACL_USER_OBJ:	*out = ACL_USER_OBJ; break;
	case ARCHIVE_ENTRY_ACL_USER:		*out = ACL_USER; break;
	case ARCHIVE_ENTRY_ACL_GROUP_OBJ:	*out = ACL_GROUP_OBJ; break;
	case ARCHIVE_ENTRY_ACL_GROUP:		*out = ACL_GROUP; break;
	case ARCHIVE_ENTRY_ACL_MASK:		*out = ACL_MASK; break;
	case ARCHIVE_ENTRY_ACL_OTHER:		*out = ACL_OTHER; break;
	default:				return false;
	}
	return true;
}

/*
 * A name that is a number is that number, whatever libarchive's int made of
 * it.  Any other name needs the passwd file of the host that wrote it.
 */
static bool
acl_id(enum acl_tag tag, int qual, const char *name, uint32_t *id)
{
	uint64_t number;

	*id = ACL_NO_ID;
	if (tag != ACL_USER && tag != ACL_GROUP)
		return true;
	if (name != NULL && num_parse(name, strlen(name), 10, ACL_NO_ID - 1,
	    &number))
		*id = (uint32_t)number;
	else if (qual >= 0)
		*id = (uint32_t)qual;
	return *id != ACL_NO_ID;
}

/* -1: names without numbers, or nonsense; 0: acl may be empty. */
static int
collect_acl(struct archive_entry *ae, int type, struct acl *acl)
{
	int found, perm, raw, qual;
	const char *name;

	if ((archive_entry_acl_types(ae) & type) == 0)
		return 0;
	(void)archive_entry_acl_reset(ae, type);
	while (archive_entry_acl_next(ae, type, &found, &perm, &raw, &qual,
	    &name) == ARCHIVE_OK) {
		enum acl_tag tag;
		uint32_t id;

		/* The mode's three come whatever type was asked for. */
		if (found != type)
			continue;
		if (!acl_tag(raw, &tag) || !acl_id(tag, qual, name, &id) ||
		    acl->count >= ACL_ENTRIES_MAX)
			return -1;
		acl_add(acl, tag, id, (uint32_t)perm);
	}
	return acl_is_valid(acl) ? 0 : -1;
}

/*
 * GNU tar can write an ACL twice: as text, perhaps with names, and as the
 * attribute itself, which is exact.  False when neither can be understood.
 */
static bool
read_acl(struct archive_entry *ae, int type, const char *xattr,
    struct entry *entry)
{
	const struct xattr *own = xattr_list_find(&entry->xattrs, xattr);
	struct acl acl = ACL_EMPTY;
	struct buf value = BUF_EMPTY;
	bool ok = own != NULL ? acl_parse(own->value, own->len, &acl) :
	    collect_acl(ae, type, &acl) == 0;

	(void)xattr_list_remove(&entry->xattrs, xattr);
	if (ok && (acl_is_extended(&acl) || (acl.count > 0 &&
	    type == ARCHIVE_ENTRY_ACL_TYPE_DEFAULT))) {
		acl_format(&acl, &value);
		xattr_list_put(&entry->xattrs, xattr, value.data, value.len);
		/* What stat() shows as the group's bits is the mask. */
		if (type == ARCHIVE_ENTRY_ACL_TYPE_ACCESS)
			entry->mode = (entry->mode & ~070U) |
			    acl_perm(&acl, ACL_MASK, 0) << 3;
	}
	buf_release(&value);
	acl_release(&acl);
	return ok;
}

static int
read_attrs(struct tar_reader *r, struct archive_entry *ae,
    struct entry *entry, struct err *err)
{
	bool ok;

	if (read_xattrs(ae, entry, err) == -1)
		return -1;
	ok = read_acl(ae, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, ACL_XATTR_ACCESS,
	    entry);
	ok = read_acl(ae, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, ACL_XATTR_DEFAULT,
	    entry) && ok;
	r->lost = ok ? 0 : ATTR_ACL;
	entry->has_attrs = entry->xattrs.count > 0;
	if (entry->has_attrs)
		xattr_list_sha256(&entry->xattrs, entry->attrs_sha256);
	return 0;
}

unsigned
tar_reader_lost(const struct tar_reader *r)
{
	return r->lost;
}

/* --------------------------------------------------------------- headers */

void
tar_reader_take_absolute(struct tar_reader *r)
{
	r->takes_absolute = true;
}

static int
read_path(const struct tar_reader *r, const char *raw, struct buf *out,
    struct err *err)
{
	const char *why;

	if (raw == NULL || *raw == '\0')
		return refuse("", ERR_DAMAGED, "is a name without letters",
		    err);
	if (r->takes_absolute && *raw == '/') {
		raw += strspn(raw, "/");
		if (*raw == '\0')
			raw = ".";
	}
	if (!entry_path_clean(raw, strlen(raw), out, &why))
		return refuse(raw, ERR_DAMAGED, why, err);
	return 0;
}

/* tar does not say what a hard link is a link to. */
static int
read_hardlink(const struct tar_reader *r, struct archive_entry *ae,
    struct entry *entry, struct err *err)
{
	const char *path = buf_text(&entry->path);

	entry->type = ENTRY_FILE;
	if (read_path(r, archive_entry_hardlink(ae), &entry->hardlink,
	    err) == -1)
		return err_context(err, "hard link");
	if (entry->hardlink.len == 0 || entry->path.len == 0)
		return refuse(path, ERR_DAMAGED, "is a link of the root", err);
	if (strcmp(buf_text(&entry->hardlink), path) == 0)
		return refuse(path, ERR_DAMAGED, "is a link to itself", err);
	if (archive_entry_size(ae) > 0)
		return refuse(path, ERR_DAMAGED,
		    "is a hard link with content of its own", err);
	return 0;
}

static int
read_symlink(struct archive_entry *ae, struct entry *entry, struct err *err)
{
	const char *target = archive_entry_symlink(ae);
	size_t len = target == NULL ? 0 : strlen(target);

	entry->type = ENTRY_SYMLINK;
	if (len == 0)
		return refuse(buf_text(&entry->path), ERR_DAMAGED,
		    "is a link to nothing", err);
	if (len > ENTRY_LINK_MAX)
		return refuse(buf_text(&entry->path), ERR_LIMIT,
		    "has too long a target", err);
	buf_set(&entry->link, target, len);
	return 0;
}

static int
read_device(struct archive_entry *ae, struct entry *entry, struct err *err)
{
	uint64_t major = (uint64_t)archive_entry_rdevmajor(ae);
	uint64_t minor = (uint64_t)archive_entry_rdevminor(ae);

	if (major > UINT32_MAX || minor > UINT32_MAX)
		return refuse(buf_text(&entry->path), ERR_DAMAGED,
		    "has impossible device numbers", err);
	entry->rdev_major = (uint32_t)major;
	entry->rdev_minor = (uint32_t)minor;
	return 0;
}

/* The map of a sparse file; what contradicts it is found with the data. */
static int
read_file(struct tar_reader *r, struct archive_entry *ae,
    struct entry *entry, struct err *err)
{
	la_int64_t offset, len;
	int count = archive_entry_sparse_reset(ae);

	entry->type = ENTRY_FILE;
	entry->size = (uint64_t)archive_entry_size(ae);
	entry->is_sparse = count > 0;
	if (count > ENTRY_EXTENTS_MAX + 1)
		return refuse(buf_text(&entry->path), ERR_LIMIT,
		    "has too many pieces", err);
	while (archive_entry_sparse_next(ae, &offset, &len) == ARCHIVE_OK) {
		if (len == 0)
			continue;
		extent_list_add(&entry->extents, (uint64_t)offset,
		    (uint64_t)len);
		entry->data_bytes += (uint64_t)len;
	}
	r->size = entry->size;
	r->due = entry->is_sparse ? entry->data_bytes : entry->size;
	return 0;
}

static int
read_kind(struct tar_reader *r, struct archive_entry *ae, struct entry *entry,
    struct err *err)
{
	if (archive_entry_hardlink(ae) != NULL)
		return read_hardlink(r, ae, entry, err);
	switch (archive_entry_filetype(ae)) {
	case AE_IFREG:
		return read_file(r, ae, entry, err);
	case AE_IFDIR:
		entry->type = ENTRY_DIR;
		return 0;
	case AE_IFLNK:
		return read_symlink(ae, entry, err);
	case AE_IFIFO:
		entry->type = ENTRY_FIFO;
		return 0;
	case AE_IFCHR:
		entry->type = ENTRY_CHAR;
		return read_device(ae, entry, err);
	case AE_IFBLK:
		entry->type = ENTRY_BLOCK;
		return read_device(ae, entry, err);
	default:
		return refuse(buf_text(&entry->path), ERR_DAMAGED,
		    "is of an unknown type", err);
	}
}

/* The reverse of what tar_writer.c does to times before 1970. */
static void
read_mtime(struct archive_entry *ae, struct entry *entry)
{
	int64_t s = (int64_t)archive_entry_mtime(ae);
	long ns = archive_entry_mtime_nsec(ae);

	if (s < 0 && ns > 0) {
		s = s == INT64_MIN ? s : s - 1;
		ns = 1000000000L - ns;
	}
	entry->mtime_s = s;
	entry->mtime_ns = (uint32_t)ns;
}

static int
read_owner(struct archive_entry *ae, struct entry *entry, struct err *err)
{
	la_int64_t uid = archive_entry_uid(ae), gid = archive_entry_gid(ae);

	/* The last number means "nobody" to chown(2): leave as it is. */
	if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
		return refuse(buf_text(&entry->path), ERR_DAMAGED,
		    "has an impossible owner", err);
	entry->uid = (uint32_t)uid;
	entry->gid = (uint32_t)gid;
	return 0;
}

static int
read_entry(struct tar_reader *r, struct archive_entry *ae,
    struct entry *entry, struct err *err)
{
	r->size = r->due = r->at = 0;
	entry->tar_offset = r->base +
	    (uint64_t)archive_read_header_position(r->a);
	entry->has_tar_offset = true;
	r->has_entry = true;
	r->last_entry = entry->tar_offset;
	if (read_path(r, archive_entry_pathname(ae), &entry->path,
	    err) == -1 ||
	    read_kind(r, ae, entry, err) == -1 ||
	    read_owner(ae, entry, err) == -1)
		return -1;
	if (entry->path.len == 0 && entry->type != ENTRY_DIR)
		return refuse(".", ERR_DAMAGED, "is not a directory", err);
	entry->mode = (uint32_t)archive_entry_perm(ae) & 07777;
	read_mtime(ae, entry);
	return read_attrs(r, ae, entry, err);
}

/* Read what is left, and see that the archive ended as one does. */
static int
check_end(struct tar_reader *r, struct err *err)
{
	uint64_t end = (uint64_t)archive_read_header_position(r->a);
	const void *data;
	la_ssize_t n;

	do {
		n = read_up(r->a, r, &data);
	} while (n > 0);
	if (n < 0)
		return fail(r, NULL, err);
	if (r->last_nonzero > end)
		return err_set(err, ERR_DAMAGED, 0, "tar: something follows "
		    "the end marker at byte %llu",
		    (unsigned long long)(r->base + end));
	if (r->got < end + BLOCK)
		return err_set(err, ERR_DAMAGED, 0, "tar: stops at byte %llu, "
		    "before its end marker",
		    (unsigned long long)(r->base + r->got));
	return 0;
}

static int
next_entry(struct tar_reader *r, struct entry *entry, bool *is_end,
    struct err *err)
{
	struct archive_entry *ae;
	int ret = archive_read_next_header(r->a, &ae);

	if (ret == ARCHIVE_EOF) {
		*is_end = true;
		return check_end(r, err);
	}
	if (ret != ARCHIVE_OK)
		return fail(r, NULL, err);
	*is_end = false;
	return read_entry(r, ae, entry, err);
}

int
tar_reader_next(struct tar_reader *r, struct entry *entry, bool *is_end,
    struct err *err)
{
	int ret = -1;

	entry_reset(entry);
	if (r->has_failed)
		return err_set(err, ERR_DAMAGED, 0,
		    "tar: cannot be read further");
	ret = next_entry(r, entry, is_end, err);
	r->has_failed = ret == -1;
	return ret;
}

static int
next_run(struct tar_reader *r, uint64_t *offset, const void **data,
    size_t *len, struct err *err)
{
	la_int64_t at = 0;
	int ret;

	do {
		ret = archive_read_data_block(r->a, data, len, &at);
	} while (ret == ARCHIVE_OK && *len == 0);
	if (ret != ARCHIVE_OK && ret != ARCHIVE_EOF)
		return fail(r, "content", err);
	if (ret == ARCHIVE_EOF && r->due == 0) {
		*len = 0;
		return 0;
	}
	if (ret == ARCHIVE_EOF || at < 0 || (uint64_t)at < r->at ||
	    (uint64_t)at > r->size || *len > r->size - (uint64_t)at ||
	    *len > r->due)
		return err_set(err, ERR_DAMAGED, 0,
		    "tar: content and size contradict each other");
	*offset = (uint64_t)at;
	r->at = (uint64_t)at + *len;
	r->due -= *len;
	return 0;
}

int
tar_reader_data(struct tar_reader *r, uint64_t *offset, const void **data,
    size_t *len, struct err *err)
{
	if (r->has_failed)
		return err_set(err, ERR_DAMAGED, 0,
		    "tar: cannot be read further");
	if (r->size == 0) {
		*len = 0;
		return 0;
	}
	if (next_run(r, offset, data, len, err) == -1) {
		r->has_failed = true;
		return -1;
	}
	if (*len == 0)
		r->size = 0;
	return 0;
}

bool
tar_reader_has_failed(const struct tar_reader *r)
{
	return r->has_failed;
}

void
tar_reader_free(struct tar_reader *r)
{
	if (r == NULL)
		return;
	if (r->a != NULL)
		(void)archive_read_free(r->a);
	free(r->input);
	free(r);
}
