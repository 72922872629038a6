/* SPDX-License-Identifier: BSD-2-Clause */
/* check/gguf: where the last tensor ends, and what is refused. */
#include "check/gguf.h"
#include "check_bytes.h"
#include "harness.h"

#include "base/err.h"
#include "check/scan.h"

static void
begin(struct buf *b, uint64_t version, uint64_t tensors, uint64_t settings)
{
	buf_cut(b, 0);
	PUT(b, "GGUF");
	put_le(b, version, 4);
	put_le(b, tensors, 8);
	put_le(b, settings, 8);
}

static void
put_text(struct buf *b, const char *text)
{
	put_le(b, strlen(text), 8);
	buf_puts(b, text);
}

static void
put_tensor(struct buf *b, unsigned kind, unsigned dims, uint64_t dim,
    uint64_t offset)
{
	put_text(b, "t");
	put_le(b, dims, 4);
	for (; dims > 0; dims--)
		put_le(b, dim, 8);
	put_le(b, kind, 4);
	put_le(b, offset, 8);
}

static int
read_head(const struct buf *b, struct gguf_facts *f, struct err *err)
{
	struct memory_source m;
	struct scan s;
	int ret;

	err_clear(err);
	scan_init(&s, buf_source(&m, b), 0, b->len);
	ret = gguf_read(&s, f, err);
	scan_release(&s);
	return ret;
}

static void
test_end(void)
{
	struct buf b = BUF_EMPTY;
	struct gguf_facts f;
	struct err err;
	bool refused = true;
	size_t len;

	begin(&b, 3, 2, 0);
	put_tensor(&b, 0, 2, 4, 64);	/* 16 of 4 bytes */
	put_tensor(&b, 12, 1, 512, 0);	/* 2 blocks of 144 */
	ok(read_head(&b, &f, &err) == 0, "read: %s", err.text);
	is_u64(f.end, (b.len + 31) / 32 * 32 + 288, "the last tensor's end");
	len = b.len;
	for (b.len = 0; b.len < len; b.len++)
		refused &= read_head(&b, &f, &err) == -1 &&
		    err.class == ERR_DAMAGED;
	ok(refused, "cut anywhere, it is refused");
	begin(&b, 2, 1, 1);
	put_text(&b, "general.alignment");
	put_le(&b, 4, 4);
	put_le(&b, 4096, 4);
	put_tensor(&b, 99, 1, 512, 10);
	ok(read_head(&b, &f, &err) == 0 && f.end == 4096 + 10 &&
	    f.unsized == 1, "another alignment, and an unknown kind");
	begin(&b, 3, 0, 0);
	ok(read_head(&b, &f, &err) == 0 && f.end == b.len, "no tensors");
	buf_release(&b);
}

static void
test_refuses(void)
{
	struct buf b = BUF_EMPTY;
	struct gguf_facts f;
	struct err err;
	unsigned n;

	for (n = 1; n <= 4; n++) {
		begin(&b, n, 0, 0);
		ok((read_head(&b, &f, &err) == 0) == (n == 2 || n == 3),
		    "version %u", n);
		ok(n == 2 || n == 3 || err.class == ERR_LIMIT, "no damage");
	}
	for (n = GGUF_DIMS_MAX - 1; n <= GGUF_DIMS_MAX + 1; n++) {
		begin(&b, 3, 1, 0);
		put_tensor(&b, 0, n, 1, 0);
		ok((read_head(&b, &f, &err) == 0) == (n <= GGUF_DIMS_MAX),
		    "%u dimensions", n);
	}
	begin(&b, 3, 1, 0);
	put_tensor(&b, 0, 2, UINT64_MAX / 2, 0);
	ok(read_head(&b, &f, &err) == -1, "elements without end");
	begin(&b, 3, 1, 0);
	put_tensor(&b, 0, 1, 1, UINT64_MAX - 3);
	ok(read_head(&b, &f, &err) == -1, "an offset without end");
	begin(&b, 3, 0, 1);
	put_text(&b, "k");
	put_le(&b, 9, 4);
	put_le(&b, 9, 4);
	put_le(&b, 1, 8);
	ok(read_head(&b, &f, &err) == -1, "an array of arrays");
	begin(&b, 3, 0, 1);
	put_le(&b, UINT64_MAX, 8);
	ok(read_head(&b, &f, &err) == -1, "a name without end");
	buf_release(&b);
}

int
main(void)
{
	test_end();
	test_refuses();
	return done();
}
