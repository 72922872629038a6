/* SPDX-License-Identifier: BSD-2-Clause */
/* One object of a tree, and the gate for its name; see entry.h. */
#include "manifest/entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/search.h"
#include "codec/sha256.h"

void
entry_reset(struct entry *entry)
{
	struct entry kept = ENTRY_EMPTY;

	kept.path = entry->path;
	kept.link = entry->link;
	kept.hardlink = entry->hardlink;
	buf_cut(&kept.path, 0);
	buf_cut(&kept.link, 0);
	buf_cut(&kept.hardlink, 0);
	xattr_list_release(&entry->xattrs);
	extent_list_release(&entry->extents);
	*entry = kept;
}

void
entry_release(struct entry *entry)
{
	static const struct entry empty = ENTRY_EMPTY;

	buf_release(&entry->path);
	buf_release(&entry->link);
	buf_release(&entry->hardlink);
	xattr_list_release(&entry->xattrs);
	extent_list_release(&entry->extents);
	*entry = empty;
}

static void
xattr_release(struct xattr *xattr)
{
	free(xattr->name);
	free(xattr->value);
}

void
xattr_list_release(struct xattr_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		xattr_release(&list->items[i]);
	free(list->items);
	list->items = NULL;
	list->count = 0;
}

static const char *
name_at(const void *list, size_t i)
{
	const struct xattr_list *xattrs = list;

	return xattrs->items[i].name;
}

/* Where name is, or would go. */
static size_t
xattr_place(const struct xattr_list *list, const char *name, bool *found)
{
	return search_name(list, list->count, name_at, name, found);
}

void
xattr_list_put(struct xattr_list *list, const char *name, const void *value,
    size_t len)
{
	struct xattr fresh = { mem_text(name), mem_alloc(len), len };
	struct xattr *item;
	bool found;
	size_t i = xattr_place(list, name, &found);

	if (len > 0)
		memcpy(fresh.value, value, len);
	if (found) {
		xattr_release(&list->items[i]);
		list->items[i] = fresh;
		return;
	}
	list->items = mem_resize(list->items, list->count + 1,
	    sizeof *list->items);
	item = &list->items[i];
	memmove(item + 1, item, (list->count - i) * sizeof *item);
	*item = fresh;
	list->count++;
}

const struct xattr *
xattr_list_find(const struct xattr_list *list, const char *name)
{
	bool found;
	size_t i = xattr_place(list, name, &found);

	return found ? &list->items[i] : NULL;
}

bool
xattr_list_remove(struct xattr_list *list, const char *name)
{
	bool found;
	size_t i = xattr_place(list, name, &found);
	struct xattr *item;

	if (!found)
		return false;
	item = &list->items[i];
	xattr_release(item);
	list->count--;
	memmove(item, item + 1, (list->count - i) * sizeof *item);
	return true;
}

static void
hash_counted(struct sha256 *sha, const void *data, size_t len)
{
	uint8_t size[4];

	put_le32(size, (uint32_t)len);
	sha256_update(sha, size, sizeof size);
	sha256_update(sha, data, len);
}

void
xattr_list_sha256(const struct xattr_list *list, uint8_t digest[32])
{
	struct sha256 sha;
	size_t i;

	sha256_init(&sha);
	for (i = 0; i < list->count; i++) {
		const struct xattr *x = &list->items[i];

		hash_counted(&sha, x->name, strlen(x->name));
		hash_counted(&sha, x->value, x->len);
	}
	sha256_out(&sha, digest);
}

void
extent_list_add(struct extent_list *list, uint64_t offset, uint64_t len)
{
	if (list->count == list->cap) {
		list->cap = list->cap == 0 ? 8 : list->cap * 2;
		list->items = mem_resize(list->items, list->cap,
		    sizeof *list->items);
	}
	list->items[list->count].offset = offset;
	list->items[list->count].len = len;
	list->count++;
}

void
extent_list_release(struct extent_list *list)
{
	free(list->items);
	list->items = NULL;
	list->count = 0;
	list->cap = 0;
}

const char *
entry_type_name(enum entry_type type)
{
	switch (type) {
	case ENTRY_FILE: return "file";
	case ENTRY_DIR: return "dir";
	case ENTRY_SYMLINK: return "link";
	case ENTRY_FIFO: return "fifo";
	case ENTRY_SOCKET: return "socket";
	case ENTRY_CHAR: return "char";
	case ENTRY_BLOCK: return "block";
	}
	return "unknown";
}

const char *
entry_change_name(enum entry_change change)
{
	switch (change) {
	case CHANGE_NONE: return "none";
	case CHANGE_GREW: return "grew";
	case CHANGE_SHRANK: return "shrank";
	case CHANGE_MODIFIED: return "modified";
	case CHANGE_UNREADABLE: return "unreadable";
	}
	return "unknown";
}

static bool
is_dots(const char *name, size_t len, size_t dots)
{
	return len == dots && memcmp(name, "..", dots) == 0;
}

static size_t
component_len(const char *text, size_t len)
{
	const char *slash = memchr(text, '/', len);

	return slash == NULL ? len : (size_t)(slash - text);
}

static const char *
component_fault(const char *name, size_t len)
{
	if (len == 0)
		return "has an empty component";
	if (is_dots(name, len, 2))
		return "reaches outside with '..'";
	if (len > ENTRY_NAME_MAX)
		return "has a component that is too long";
	return NULL;
}

/* *clean_len: of the path without its '.' components. */
static const char *
raw_fault(const char *raw, size_t len, size_t *clean_len)
{
	size_t clean = 0, from = 0;

	if (len == 0)
		return "is empty";
	if (raw[0] == '/')
		return "is absolute";
	if (memchr(raw, '\0', len) != NULL)
		return "has a NUL byte";
	while (raw[len - 1] == '/')
		len--;
	while (from <= len) {
		size_t n = component_len(raw + from, len - from);
		const char *fault = component_fault(raw + from, n);

		if (fault != NULL)
			return fault;
		if (!is_dots(raw + from, n, 1))
			clean += n + (clean > 0);
		from += n + 1;
	}
	if (clean > ENTRY_PATH_MAX)
		return "is too long";
	*clean_len = clean;
	return NULL;
}

/* Of a path without fault. */
static void
append_clean(struct buf *out, const char *raw, size_t len)
{
	size_t from = 0;

	while (from < len) {
		size_t n = component_len(raw + from, len - from);

		if (n > 0 && !is_dots(raw + from, n, 1)) {
			if (out->len > 0)
				buf_byte(out, '/');
			buf_append(out, raw + from, n);
		}
		from += n + 1;
	}
}

bool
entry_path_clean(const char *raw, size_t len, struct buf *out,
    const char **why)
{
	size_t clean_len;
	const char *fault = raw_fault(raw, len, &clean_len);

	if (fault != NULL) {
		*why = fault;
		return false;
	}
	buf_cut(out, 0);
	if (clean_len == len)
		buf_append(out, raw, len);	/* nothing to take away */
	else
		append_clean(out, raw, len);
	return true;
}

const char *
entry_path_fault(const char *path, size_t len)
{
	size_t clean_len;
	const char *fault = len == 0 ? NULL : raw_fault(path, len, &clean_len);

	if (fault == NULL && len > 0 && clean_len != len)
		fault = "has a '.' component or ends in '/'";
	return fault;
}
