/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an object of a file system is, read and put back: owner, mode, times,
 * extended attributes (capabilities and ACLs among them), file flags.
 */
#ifndef ARCHIVE_ATTRS_H
#define ARCHIVE_ATTRS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "manifest/entry.h"

struct err;
struct object;

/* Which kinds of attribute one could not keep: for reports and pre-flight. */
#define ATTR_OWNER 1U
#define ATTR_MODE 2U
#define ATTR_TIMES 4U
#define ATTR_XATTRS 8U
#define ATTR_ACL 16U
#define ATTR_FLAGS 32U
#define ATTR_CAPABILITY 64U

/* What an extended attribute of this name counts as. */
unsigned attrs_kind_of(const char *name);

/*
 * Fill type, mode, owner, times, size, nlink, device from st, and link,
 * xattrs, attrs_sha256, flags from the object itself.  path is not touched.
 * Left out: security.selinux (hosts label anew), and whatever is beyond the
 * limits of manifest/entry.h (*lost says so).
 * *lost: kinds that could not be read.  -1 only when the object is gone
 * (ERR_NOT_FOUND) or its type is unknown.
 */
int attrs_read(int parent_fd, const char *name, const struct stat *st,
    struct entry *entry, unsigned *lost, struct err *err);

/* As attrs_read, for an object that is held already; see object.h. */
int attrs_read_object(const struct object *object, const struct stat *st,
    struct entry *entry, unsigned *lost, struct err *err);

/*
 * Put owner, mode, xattrs, times onto an existing object of the right type,
 * in the order that keeps set-id bits and capabilities (chown, then xattrs,
 * then chmod, then times).  Attributes that the object has and the entry has
 * not are removed (inherited ACLs).  Flags are not applied here.
 * Where an ACL is refused the mode becomes narrower, never wider: the group
 * keeps what the ACL gave it, not the mask.
 * *lost: kinds the file system or our rights refused; the rest is done.
 * -1 when the file system itself fails (ERR_IO).
 */
int attrs_apply(int parent_fd, const char *name, const struct entry *entry,
    unsigned *lost, struct err *err);

/* As attrs_apply, for an object that is held already; see object.h. */
int attrs_apply_object(const struct object *object,
    const struct entry *entry, unsigned *lost, struct err *err);

/* Put entry->flags on; *lost has ATTR_FLAGS when refused. */
void attrs_apply_flags(int parent_fd, const char *name,
    const struct entry *entry, unsigned *lost);

/*
 * Which kinds differ between what the manifest says and what was read back
 * (link count not included, times to the nanosecond).  Size, type, device,
 * link target are content: see *is_other, true when those differ.
 */
unsigned attrs_compare(const struct entry *want, const struct entry *have,
    bool *is_other);

/* "owner, mode, ACL" into text; "" for 0. */
#define ATTRS_TEXT_MAX 96
const char *attrs_names(unsigned kinds, char text[ATTRS_TEXT_MAX]);

/*
 * Which kinds the file system of dir_fd can hold for us, found by trying them
 * on a nameless file there.  ERR_IO when none can be made.
 */
int attrs_probe(int dir_fd, unsigned *can, struct err *err);

#endif
