/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever the tar reader gives out keeps the promises of tar.h: clean paths,
 * limits, runs of data in order and inside the file, a reason for each
 * failure.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "archive/tar.h"
#include "base/err.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
check_path(const struct buf *path, bool may_be_root)
{
	must(path->len > 0 || may_be_root);
	must(path->len == strlen(buf_text(path)));
	must(entry_path_fault(buf_text(path), path->len) == NULL);
}

static void
check_entry(const struct entry *e)
{
	size_t i, sum = 0;

	check_path(&e->path, e->type == ENTRY_DIR);
	if (e->hardlink.len > 0)
		check_path(&e->hardlink, false);
	must(e->link.len <= ENTRY_LINK_MAX);
	must((e->type == ENTRY_SYMLINK) == (e->link.len > 0));
	must(e->mode <= 07777 && e->mtime_ns < 1000000000);
	must(e->uid != UINT32_MAX && e->gid != UINT32_MAX);
	must(e->type == ENTRY_FILE || e->size == 0);
	must(e->xattrs.count <= ENTRY_XATTRS_MAX);
	must(e->has_attrs == (e->xattrs.count > 0));
	for (i = 0; i < e->xattrs.count; i++) {
		must(e->xattrs.items[i].len <= ENTRY_XATTR_MAX);
		sum += e->xattrs.items[i].len;
	}
	must(sum <= 2 * ENTRY_XATTR_BYTES_MAX);
	must(e->is_sparse || e->extents.count == 0);
}

/* The content to its end; false when the reader fails. */
static bool
read_data(struct tar_reader *r, const struct entry *e, struct err *err)
{
	uint64_t at = 0, offset = 0;
	const void *data = NULL;
	size_t len = 0;

	do {
		if (tar_reader_data(r, &offset, &data, &len, err) == -1)
			return false;
		if (len == 0)
			continue;
		must(offset >= at && offset <= e->size &&
		    len <= e->size - offset);
		/* The bytes are there: the sanitizer looks at them. */
		must(memchr(data, 0, len) == NULL || len > 0);
		at = offset + len;
	} while (len > 0);
	return true;
}

static void
read_all(struct tar_reader *r)
{
	struct entry e = ENTRY_EMPTY;
	struct err err = { ERR_NONE, 0, "" };
	bool is_end = false;
	uint64_t last = 0;

	for (;;) {
		if (tar_reader_next(r, &e, &is_end, &err) == -1 || is_end)
			break;
		check_entry(&e);
		must(e.tar_offset >= last);
		last = e.tar_offset;
		/* Every third entry is passed over unread. */
		if (e.path.len % 3 != 0 && !read_data(r, &e, &err))
			break;
	}
	if (!is_end || err.class != ERR_NONE)
		must((err.class == ERR_DAMAGED || err.class == ERR_LIMIT) &&
		    err.text[0] != '\0');
	entry_release(&e);
}

/* A mutated header has a wrong sum and would end the reading: right it. */
static void
sum_again(uint8_t *block)
{
	unsigned sum = 0, i;

	memset(block + 148, ' ', 8);
	for (i = 0; i < 512; i++)
		sum += block[i];
	for (i = 0; i < 6; i++)
		block[153 - i] = (uint8_t)('0' + (sum >> 3 * i & 7));
}

static void
read_bytes(const uint8_t *data, size_t len)
{
	struct memory_reader up;
	struct tar_reader *r;
	struct err err;

	if (tar_reader_new(&r, memory_reader_init(&up, data, len), 0, &err) ==
	    -1)
		return;
	read_all(r);
	tar_reader_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *copy = mem_alloc(len);
	size_t at;

	read_bytes(data, len);
	memcpy(copy, data, len);
	for (at = 0; at + 512 <= len; at += 512)
		if (memcmp(copy + at + 257, "ustar", 5) == 0)
			sum_again(copy + at);
	read_bytes(copy, len);
	free(copy);
	return 0;
}
