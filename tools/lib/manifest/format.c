/* SPDX-License-Identifier: BSD-2-Clause */
/* What an entry of a manifest may say; see format.h. */
#include "manifest/format.h"

#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"

const struct format_flag format_flags[FORMAT_FLAGS] = {
	{ 0x08, "sync" },
	{ 0x10, "immutable" },
	{ 0x20, "append" },
	{ 0x40, "nodump" },
	{ 0x80, "noatime" },
};

bool
format_is_device(const struct entry *e)
{
	return e->type == ENTRY_CHAR || e->type == ENTRY_BLOCK;
}

bool
format_has_content(const struct entry *e)
{
	return e->type == ENTRY_FILE && e->hardlink.len == 0;
}

/* These say what is wrong as what follows an entry's name, NULL: nothing. */
static const char *
link_fault(const struct entry *e)
{
	if ((e->type == ENTRY_SYMLINK) != (e->link.len > 0))
		return "has no link target, or one out of place";
	if (e->link.len > ENTRY_LINK_MAX)
		return "has a link target that is too long";
	if (e->link.len > 0 && memchr(e->link.data, '\0', e->link.len) != NULL)
		return "has a NUL byte in its link target";
	if (e->hardlink.len == 0)
		return NULL;
	if (e->type == ENTRY_DIR)
		return "is a directory and a hard link";
	if (e->hardlink.len == e->path.len &&
	    memcmp(e->hardlink.data, e->path.data, e->path.len) == 0)
		return "is a hard link to itself";
	if (entry_path_fault(e->hardlink.data, e->hardlink.len) != NULL)
		return "is a hard link to an impossible path";
	return NULL;
}

static const char *
content_fault(const struct entry *e)
{
	if (e->has_sha256 != format_has_content(e))
		return "has no digest, or one out of place";
	if (e->size > INT64_MAX)
		return "has a size over the limit";
	if (e->type != ENTRY_FILE &&
	    (e->size != 0 || e->is_sparse || e->changed != CHANGE_NONE))
		return "has what only a file can have";
	if (e->is_sparse && e->data_bytes > e->size)
		return "has more data than it is long";
	return NULL;
}

static const char *
entry_fault(const struct entry *e)
{
	const char *fault = entry_path_fault(buf_text(&e->path), e->path.len);

	if (fault == NULL)
		fault = link_fault(e);
	if (fault == NULL)
		fault = content_fault(e);
	if (fault != NULL)
		return fault;
	if (e->mode > 07777)
		return "has a mode over the limit";
	if (e->mtime_ns > 999999999)
		return "has a time over the limit";
	if ((e->flags & ~ENTRY_FLAGS_KEPT) != 0)
		return "has file flags that are not kept";
	if (!format_is_device(e) && (e->rdev_major != 0 || e->rdev_minor != 0))
		return "has a device number, but is no device";
	return NULL;
}

/* What came before, as far as the next entry must agree with it. */
static const char *
order_fault(const struct manifest_totals *sum, const struct entry *e)
{
	if (sum->entries == 0 && e->path.len > 0)
		return "comes before the root";
	if (sum->entries > 0 && e->path.len == 0)
		return "is the root a second time";
	if (e->path.len == 0 && e->type != ENTRY_DIR)
		return "is the root, but no directory";
	if (!e->has_tar_offset)
		return NULL;
	if (e->tar_offset > INT64_MAX)
		return "has an offset over the limit";
	if (e->tar_offset < sum->next_offset)
		return "has an offset not above the one before";
	return NULL;
}

static const char *
count_fault(struct manifest_totals *sum, const struct entry *e)
{
	const char *fault = entry_fault(e);
	uint64_t bytes = sum->bytes;

	if (fault == NULL)
		fault = order_fault(sum, e);
	if (fault != NULL)
		return fault;
	if (format_has_content(e) && !num_add(bytes, e->size, &bytes))
		return "brings the sizes together over the limit";
	sum->bytes = bytes;
	sum->entries++;
	if (e->has_tar_offset)
		sum->next_offset = e->tar_offset + 1;
	return NULL;
}

int
format_count(struct manifest_totals *sum, const struct entry *e,
    struct err *err)
{
	const char *fault = count_fault(sum, e);
	char name[ESCAPE_NAME_MAX];

	if (fault == NULL)
		return 0;
	return err_set(err, ERR_DAMAGED, 0, "'%s' %s", e->path.len == 0 ? "." :
	    escape_name(buf_text(&e->path), name), fault);
}
