/* SPDX-License-Identifier: BSD-2-Clause */
/* ACL attributes: what a kernel takes is kept to the bit, nothing else is. */
#include "harness.h"

#include "archive/acl.h"

#define HEAD "\2\0\0\0"
#define USER_OBJ "\1\0\6\0\xff\xff\xff\xff"
#define USER_5 "\2\0\4\0\5\0\0\0"
#define USER_MANY "\2\0\7\0\xfe\xff\xff\xff"
#define GROUP_OBJ "\4\0\5\0\xff\xff\xff\xff"
#define GROUP_9 "\10\0\1\0\11\0\0\0"
#define MASK "\20\0\3\0\xff\xff\xff\xff"
#define OTHER "\40\0\0\0\xff\xff\xff\xff"

static void
test_keeps(const char *what, const char *bytes, size_t len, bool is_extended)
{
	struct acl acl = ACL_EMPTY;
	struct buf out = BUF_EMPTY;

	if (!ok(acl_parse(bytes, len, &acl), "%s: taken", what))
		return;
	acl_format(&acl, &out);
	ok(out.len == len && memcmp(out.data, bytes, len) == 0,
	    "%s: the same bytes again", what);
	ok(acl_is_extended(&acl) == is_extended, "%s: %s", what,
	    is_extended ? "extended" : "no more than a mode");
	acl_release(&acl);
	buf_release(&out);
}

#define KEEPS(what, bytes, extended) \
	test_keeps(what, bytes, sizeof(bytes) - 1, extended)

static void
test_refuses(const char *what, const char *bytes, size_t len)
{
	struct acl acl = ACL_EMPTY;

	ok(!acl_parse(bytes, len, &acl) && acl.items == NULL,
	    "refused: %s", what);
}

#define REFUSES(what, bytes) test_refuses(what, bytes, sizeof(bytes) - 1)

static void
test_permissions(void)
{
	struct acl acl = ACL_EMPTY;

	acl_add(&acl, ACL_OTHER, 0, 1);
	acl_add(&acl, ACL_USER, 7, 4);
	acl_add(&acl, ACL_GROUP_OBJ, 0, 5);
	acl_add(&acl, ACL_USER, 3, 2);
	acl_add(&acl, ACL_USER_OBJ, 0, 7);
	ok(!acl_is_valid(&acl), "named entries without a mask are no ACL");
	acl_add(&acl, ACL_MASK, 0, 6);
	ok(acl_is_valid(&acl), "with one they are");
	is_u64(acl.items[0].tag, ACL_USER_OBJ, "tags in the kernel's order");
	ok(acl.items[1].id == 7 && acl.items[2].id == 3,
	    "names in the order they came");
	is_u64(acl_perm(&acl, ACL_MASK, 9), 6, "the mask");
	is_u64(acl_perm(&acl, ACL_GROUP, 9), 9, "what is not there");
	acl_release(&acl);
}

static void
test_limit(void)
{
	struct buf bytes = BUF_EMPTY;
	struct acl acl = ACL_EMPTY;
	int i;

	buf_append(&bytes, HEAD USER_OBJ, 12);
	for (i = 0; i < ACL_ENTRIES_MAX - 4; i++)
		buf_append(&bytes, USER_5, 8);
	buf_append(&bytes, GROUP_OBJ MASK OTHER, 24);
	ok(acl_parse(bytes.data, bytes.len, &acl), "as many as fit");
	is_u64(acl.count, ACL_ENTRIES_MAX, "all of them");
	buf_cut(&bytes, 12);
	for (i = 0; i < ACL_ENTRIES_MAX - 3; i++)
		buf_append(&bytes, USER_5, 8);
	buf_append(&bytes, GROUP_OBJ MASK OTHER, 24);
	test_refuses("one more", bytes.data, bytes.len);
	acl_release(&acl);
	buf_release(&bytes);
}

int
main(void)
{
	KEEPS("the least", HEAD USER_OBJ GROUP_OBJ OTHER, false);
	KEEPS("a mask alone", HEAD USER_OBJ GROUP_OBJ MASK OTHER, true);
	KEEPS("everything", HEAD USER_OBJ USER_MANY USER_5 GROUP_OBJ GROUP_9
	    MASK OTHER, true);
	REFUSES("nothing", "");
	REFUSES("no entries", HEAD);
	REFUSES("another version", "\1\0\0\0" USER_OBJ GROUP_OBJ OTHER);
	REFUSES("half an entry", HEAD USER_OBJ GROUP_OBJ OTHER "\1\0\0\0");
	REFUSES("no owner", HEAD GROUP_OBJ OTHER);
	REFUSES("two owners", HEAD USER_OBJ USER_OBJ GROUP_OBJ OTHER);
	REFUSES("no group", HEAD USER_OBJ OTHER);
	REFUSES("no others", HEAD USER_OBJ GROUP_OBJ);
	REFUSES("no mask", HEAD USER_OBJ USER_5 GROUP_OBJ OTHER);
	REFUSES("two masks", HEAD USER_OBJ GROUP_OBJ MASK MASK OTHER);
	REFUSES("another order", HEAD USER_OBJ OTHER GROUP_OBJ);
	REFUSES("an unknown tag", HEAD USER_OBJ GROUP_OBJ OTHER
	    "\100\0\0\0\0\0\0\0");
	REFUSES("an impossible permission", HEAD USER_OBJ GROUP_OBJ
	    "\40\0\10\0\xff\xff\xff\xff");
	REFUSES("a user without number", HEAD USER_OBJ
	    "\2\0\4\0\xff\xff\xff\xff" GROUP_OBJ MASK OTHER);
	test_permissions();
	test_limit();
	return done();
}
