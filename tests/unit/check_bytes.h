/* SPDX-License-Identifier: BSD-2-Clause */
/* Small files put together byte by byte, for tests of content checkers. */
#ifndef DRYDOCK_TESTS_CHECK_BYTES_H
#define DRYDOCK_TESTS_CHECK_BYTES_H

#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "io/stream.h"

/* A string literal with its NULs. */
#define PUT(b, literal) buf_append((b), (literal), sizeof(literal) - 1)

static inline void
put_be(struct buf *b, uint64_t value, unsigned bytes)
{
	while (bytes-- > 0)
		buf_byte(b, (unsigned char)(value >> 8 * bytes));
}

static inline void
put_le(struct buf *b, uint64_t value, unsigned bytes)
{
	for (; bytes > 0; bytes--, value >>= 8)
		buf_byte(b, (unsigned char)value);
}

static inline struct source *
buf_source(struct memory_source *m, const struct buf *b)
{
	return memory_source_init(m, buf_text(b), b->len);
}

#endif
