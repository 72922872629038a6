/* SPDX-License-Identifier: BSD-2-Clause */
/* POSIX.1e access control lists; see acl.h. */
#include "archive/acl.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"

#define ACL_VERSION 2
#define HEAD_LEN 4
#define ENTRY_LEN 8

static bool
has_id(enum acl_tag tag)
{
	return tag == ACL_USER || tag == ACL_GROUP;
}

void
acl_add(struct acl *acl, enum acl_tag tag, uint32_t id, uint32_t perm)
{
	struct acl_entry *items;
	size_t i = acl->count;

	/* One allocation for up to 8 entries, then doubling. */
	if (acl->count == 0 ||
	    (acl->count >= 8 && (acl->count & (acl->count - 1)) == 0))
		acl->items = mem_resize(acl->items,
		    acl->count == 0 ? 8 : acl->count * 2, sizeof *acl->items);
	items = acl->items;
	while (i > 0 && items[i - 1].tag > tag)
		i--;
	memmove(items + i + 1, items + i, (acl->count - i) * sizeof *items);
	items[i].tag = tag;
	items[i].id = has_id(tag) ? id : ACL_NO_ID;
	items[i].perm = perm & 7;
	acl->count++;
}

bool
acl_is_valid(const struct acl *acl)
{
	unsigned users = 0, groups = 0, masks = 0, others = 0;
	size_t i;

	if (acl->count > ACL_ENTRIES_MAX)
		return false;
	for (i = 0; i < acl->count; i++) {
		const struct acl_entry *e = &acl->items[i];

		users += e->tag == ACL_USER_OBJ;
		groups += e->tag == ACL_GROUP_OBJ;
		masks += e->tag == ACL_MASK;
		others += e->tag == ACL_OTHER;
		if (has_id(e->tag) && e->id == ACL_NO_ID)
			return false;
	}
	if (users != 1 || groups != 1 || others != 1 || masks > 1)
		return false;
	return masks == 1 || acl->count == 3;
}

bool
acl_is_extended(const struct acl *acl)
{
	return acl->count > 3;
}

static bool
is_tag(unsigned tag)
{
	return tag == ACL_USER_OBJ || tag == ACL_USER ||
	    tag == ACL_GROUP_OBJ || tag == ACL_GROUP || tag == ACL_MASK ||
	    tag == ACL_OTHER;
}

bool
acl_parse(const void *value, size_t len, struct acl *acl)
{
	const uint8_t *p = value;
	struct acl found = ACL_EMPTY;
	size_t at;
	unsigned last = 0;
	bool ok = len >= HEAD_LEN && (len - HEAD_LEN) % ENTRY_LEN == 0 &&
	    (len - HEAD_LEN) / ENTRY_LEN <= ACL_ENTRIES_MAX &&
	    get_le32(p) == ACL_VERSION;

	for (at = HEAD_LEN; ok && at < len; at += ENTRY_LEN) {
		unsigned tag = get_le16(p + at);
		unsigned perm = get_le16(p + at + 2);

		ok = is_tag(tag) && tag >= last && perm <= 7;
		last = tag;
		if (ok)
			acl_add(&found, (enum acl_tag)tag,
			    get_le32(p + at + 4), perm);
	}
	if (!ok || !acl_is_valid(&found)) {
		acl_release(&found);
		return false;
	}
	acl_release(acl);
	*acl = found;
	return true;
}

uint32_t
acl_perm(const struct acl *acl, enum acl_tag tag, uint32_t fallback)
{
	size_t i;

	for (i = 0; i < acl->count; i++)
		if (acl->items[i].tag == tag)
			return acl->items[i].perm;
	return fallback;
}

void
acl_format(const struct acl *acl, struct buf *out)
{
	uint8_t bytes[ENTRY_LEN];
	size_t i;

	buf_cut(out, 0);
	put_le32(bytes, ACL_VERSION);
	buf_append(out, bytes, HEAD_LEN);
	for (i = 0; i < acl->count; i++) {
		const struct acl_entry *e = &acl->items[i];

		put_le16(bytes, (uint16_t)e->tag);
		put_le16(bytes + 2, (uint16_t)e->perm);
		put_le32(bytes + 4, e->id);
		buf_append(out, bytes, ENTRY_LEN);
	}
}

void
acl_release(struct acl *acl)
{
	free(acl->items);
	acl->items = NULL;
	acl->count = 0;
}
