/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MinIO's xl.meta: whatever is handed out of it lies inside of it.  The
 * checksum would keep all changes out, so the metadata is read without it too.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "check/xl_meta.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct seen {
	const uint8_t *data;
	size_t len;
};

static int
version(void *ctx, struct xl_version *v, struct err *err)
{
	const struct seen *seen = ctx;
	uint64_t number, size, i;

	(void)err;
	if (v->is_inline && v->type == XL_OBJECT &&
	    (v->data.data < seen->data ||
	    v->data.data + v->data.len > seen->data + seen->len))
		abort();
	if (v->parts > seen->len || v->parts > XL_PARTS_MAX)
		abort();
	for (i = 0; i < v->parts; i++)
		if (!xl_next_part(v, &number, &size))
			break;
	return 0;
}

static void
read_meta(const uint8_t *data, size_t len)
{
	struct seen seen = { data, len };
	const struct xl_visitor visitor = { &seen, version };
	struct err err;
	bool is_summed;

	err_clear(&err);
	if (xl_meta_read(data, len, &visitor, &is_summed, &err) == -1 &&
	    err.class != ERR_DAMAGED && err.class != ERR_LIMIT)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *copy;

	read_meta(data, len);
	if (len < 8)
		return 0;
	copy = malloc(len);
	if (copy == NULL)
		return 0;
	memcpy(copy, data, len);
	copy[6] = 1;
	read_meta(copy, len);
	copy[6] = 0;
	read_meta(copy, len);
	free(copy);
	return 0;
}
