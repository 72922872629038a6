/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a compressed file.  The first byte says how small the pieces
 * are in which the rest comes in and goes out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "codec/unpack.h"

#define OUTPUT_MAX ((uint64_t)8 << 20)	/* small bombs unpack to gigabytes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
require(int held)
{
	if (!held)
		abort();
}

struct pieces {
	struct reader reader;
	const uint8_t *data;
	size_t len;
	size_t step;
};

static int
pieces_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	struct pieces *p = (struct pieces *)(void *)reader;
	size_t n = p->len < p->step ? p->len : p->step;

	(void)err;
	if (n > cap)
		n = cap;
	memcpy(data, p->data, n);
	p->data += n;
	p->len -= n;
	*got = n;
	return 0;
}

static void
read_all(struct unpack *u, size_t step)
{
	struct reader *r = unpack_output(u);
	static uint8_t piece[65536];	/* static: too large for a stack */
	uint64_t total = 0;
	struct err err;
	size_t got = 1;

	while (got > 0 && total < OUTPUT_MAX) {
		if (r->read(r, piece, step, &got, &err) == -1) {
			require(err.class == ERR_DAMAGED ||
			    err.class == ERR_LIMIT);
			require(r->read(r, piece, step, &got, &err) == -1);
			return;
		}
		require(got <= step);
		total += got;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct unpack *u = NULL;
	struct pieces p;
	struct err err;
	size_t step;

	if (len == 0)
		return 0;
	step = (data[0] & 1) == 0 ? 65536 : 1 + data[0] / 2u;
	p.reader.read = pieces_read;
	p.data = data + 1;
	p.len = len - 1;
	p.step = step;
	require(unpack_new(&u, &p.reader, &err) == 0);
	read_all(u, step);
	unpack_free(u);
	return 0;
}
