/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * POSIX.1e access control lists as Linux keeps them in the extended
 * attributes system.posix_acl_access and system.posix_acl_default: u32le
 * version 2, then for each entry u16le tag, u16le permissions, u32le id
 * (0xffffffff where the tag has none).
 */
#ifndef ARCHIVE_ACL_H
#define ARCHIVE_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define ACL_XATTR_ACCESS "system.posix_acl_access"
#define ACL_XATTR_DEFAULT "system.posix_acl_default"

#define ACL_ENTRIES_MAX 8191	/* what fits into one attribute of 64 KiB */
#define ACL_NO_ID 0xffffffffU

enum acl_tag {
	ACL_USER_OBJ = 0x01,
	ACL_USER = 0x02,
	ACL_GROUP_OBJ = 0x04,
	ACL_GROUP = 0x08,
	ACL_MASK = 0x10,
	ACL_OTHER = 0x20
};

struct acl_entry {
	enum acl_tag tag;
	uint32_t id;		/* of ACL_USER and ACL_GROUP */
	uint32_t perm;		/* 0 to 7 */
};

struct acl {
	struct acl_entry *items;	/* owned; in the kernel's order of tags */
	size_t count;
};

#define ACL_EMPTY { NULL, 0 }

/* Keeps the order of tags, and within a tag that of the calls. */
void acl_add(struct acl *acl, enum acl_tag tag, uint32_t id, uint32_t perm);

/*
 * False, and nothing changed, unless it is a version 2 list with one each of
 * user::, group:: and other::, at most one mask (and one where there are
 * named entries), in the kernel's order.
 */
bool acl_parse(const void *value, size_t len, struct acl *acl);

/* Is it one that a kernel would take?  As acl_parse, for a list built here. */
bool acl_is_valid(const struct acl *acl);

/* Says it more than the mode can: named entries or a mask. */
bool acl_is_extended(const struct acl *acl);

/* Permissions of the first entry with that tag; fallback when there is none. */
uint32_t acl_perm(const struct acl *acl, enum acl_tag tag, uint32_t fallback);

/* Replaces what out held. */
void acl_format(const struct acl *acl, struct buf *out);
void acl_release(struct acl *acl);

#endif
