/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One object of a tree: what the walk found, what a manifest line says, what
 * an archive entry holds.  Everything below works on this one struct.
 */
#ifndef MANIFEST_ENTRY_H
#define MANIFEST_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum entry_type {
	ENTRY_FILE,
	ENTRY_DIR,
	ENTRY_SYMLINK,
	ENTRY_FIFO,
	ENTRY_SOCKET,	/* in manifests only: tar cannot carry it */
	ENTRY_CHAR,
	ENTRY_BLOCK
};

/* What happened to a file while it was read. */
enum entry_change {
	CHANGE_NONE,
	CHANGE_GREW,		/* longer than at the start; the rest left out */
	CHANGE_SHRANK,		/* shorter; filled with zeros */
	CHANGE_MODIFIED,	/* same size, but written to meanwhile */
	CHANGE_UNREADABLE	/* a read failed; zeros from there on */
};

/* Limits shared by everything that writes or reads entries. */
#define ENTRY_PATH_MAX 32768	/* bytes of a path below the root */
#define ENTRY_NAME_MAX 255	/* bytes of one name */
#define ENTRY_LINK_MAX 4096	/* bytes of a symbolic link's target */
#define ENTRY_XATTR_MAX 65536	/* bytes of one attribute's value */
#define ENTRY_XATTRS_MAX 256	/* attributes of one entry */
#define ENTRY_XATTR_BYTES_MAX 262144	/* values of one entry together */
#define ENTRY_EXTENTS_MAX 100000	/* data extents of one file */

/* File flags (chattr) that we keep, by their kernel value (linux/fs.h). */
#define ENTRY_FLAGS_KEPT 0x000000f8U	/* sync, immutable, append, nodump, noatime */

struct xattr {
	char *name;		/* owned */
	void *value;		/* owned */
	size_t len;
};

struct xattr_list {
	struct xattr *items;	/* sorted by name */
	size_t count;
};

/* A run of data in a sparse file; what lies between runs is a hole. */
struct extent {
	uint64_t offset;
	uint64_t len;
};

struct extent_list {
	struct extent *items;
	size_t count;
	size_t cap;
};

struct entry {
	struct buf path;	/* below the root: "a/b"; "" is the root */
	struct buf link;	/* target of a symbolic link */
	struct buf hardlink;	/* path of the first name; "" when this is it */
	enum entry_type type;
	uint32_t mode;		/* permission bits, 07777 */
	uint32_t uid;
	uint32_t gid;
	int64_t mtime_s;
	uint32_t mtime_ns;
	uint64_t size;		/* regular files only, else 0 */
	uint64_t nlink;
	uint32_t rdev_major;	/* devices only */
	uint32_t rdev_minor;
	uint32_t flags;		/* of ENTRY_FLAGS_KEPT */
	bool has_sha256;	/* regular files that are not hard links */
	uint8_t sha256[32];
	bool has_attrs;		/* attrs_sha256 is set: there are attributes */
	uint8_t attrs_sha256[32];
	uint64_t tar_offset;	/* where its first tar header starts */
	bool has_tar_offset;
	uint64_t data_bytes;	/* bytes inside extents, when is_sparse */
	bool is_sparse;
	enum entry_change changed;

	/* Not in manifests: */
	struct xattr_list xattrs;
	struct extent_list extents;	/* when is_sparse */
};

#define ENTRY_EMPTY { .path = BUF_EMPTY, .link = BUF_EMPTY, \
	.hardlink = BUF_EMPTY }

/* Back to ENTRY_EMPTY; the path buffers keep their memory. */
void entry_reset(struct entry *entry);

/* Free what it owns; it is ENTRY_EMPTY afterwards. */
void entry_release(struct entry *entry);

void xattr_list_release(struct xattr_list *list);
/* Copies; keeps the order; replaces an attribute of the same name. */
void xattr_list_put(struct xattr_list *list, const char *name,
    const void *value, size_t len);
const struct xattr *xattr_list_find(const struct xattr_list *list,
    const char *name);
/* Takes the attribute out and frees it; false when it is not there. */
bool xattr_list_remove(struct xattr_list *list, const char *name);

/*
 * The digest that a manifest records: SHA-256 over, for each attribute in
 * order of name, u32le name length, name, u32le value length, value.
 */
void xattr_list_sha256(const struct xattr_list *list, uint8_t digest[32]);

void extent_list_add(struct extent_list *list, uint64_t offset, uint64_t len);
void extent_list_release(struct extent_list *list);

/* "file", "dir", "link", "fifo", "socket", "char", "block", as mtree says. */
const char *entry_type_name(enum entry_type type);

/* "grew", "shrank", "modified", "unreadable"; "none". */
const char *entry_change_name(enum entry_change change);

/*
 * A path as archives and manifests may give it, made ours: "." components
 * (so a leading "./") and trailing "/" go, "." alone is the root.  False, out
 * untouched and *why a constant phrase such as "reaches outside with '..'",
 * for the empty path, absolute paths, "..", empty components, NUL bytes, and
 * anything over ENTRY_PATH_MAX (after cleaning) or ENTRY_NAME_MAX.  raw may
 * not point into out.
 */
bool entry_path_clean(const char *raw, size_t len, struct buf *out,
    const char **why);

/*
 * What is wrong with a path that should be clean already ("" is the root), as
 * such a phrase; NULL when nothing is.
 */
const char *entry_path_fault(const char *path, size_t len);

#endif
