/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever the manifest's reader accepts, the writer writes again byte for
 * byte: the same entries have one form only.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "io/stream.h"
#include "manifest/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct buf_writer {
	struct writer writer;
	struct buf out;
};

static int
buf_write(struct writer *writer, const void *data, size_t len, struct err *err)
{
	(void)err;
	buf_append(&((struct buf_writer *)(void *)writer)->out, data, len);
	return 0;
}

/* True when the reader came to a good end. */
static bool
copy(struct manifest_reader *r, struct manifest_writer *w, struct err *err)
{
	struct entry entry = ENTRY_EMPTY;
	bool is_end = false;
	int ret;

	while ((ret = manifest_reader_next(r, &entry, &is_end, err)) == 0 &&
	    !is_end)
		if (manifest_writer_add(w, &entry, err) == -1)
			abort();
	if (ret == -1 && (err->class != ERR_DAMAGED || err->text[0] == '\0'))
		abort();
	entry_release(&entry);
	return ret == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf_writer again = { { buf_write }, BUF_EMPTY };
	struct manifest_reader *r;
	struct manifest_writer w;
	struct memory_reader up;
	struct err err;

	if (manifest_reader_new(&r, memory_reader_init(&up, data, len), &err)
	    == -1)
		return 0;
	if (manifest_writer_init(&w, &again.writer, &err) == -1)
		abort();
	if (copy(r, &w, &err) && (manifest_writer_finish(&w, &err) == -1 ||
	    again.out.len != len || memcmp(again.out.data, data, len) != 0))
		abort();
	manifest_writer_release(&w);
	manifest_reader_free(r);
	buf_release(&again.out);
	return 0;
}
