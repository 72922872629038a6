/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A growing run of bytes.  Invariant: data is NULL (nothing allocated yet) or
 * data[len] is 0, so that text can be used as a C string through buf_text().
 *
 *	struct buf b = BUF_EMPTY;
 *	buf_append(&b, "x", 1);
 *	...
 *	buf_release(&b);
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

struct buf {
	char *data;
	size_t len;
	size_t cap;	/* private */
};

#define BUF_EMPTY { NULL, 0, 0 }

void buf_append(struct buf *buf, const void *data, size_t len);
void buf_byte(struct buf *buf, unsigned char byte);
void buf_puts(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Make room for len more bytes and return where they go; len is unchanged. */
char *buf_reserve(struct buf *buf, size_t len);

/* Replace the content; data may not point into buf. */
void buf_set(struct buf *buf, const void *data, size_t len);

/* Cut to len bytes (len <= buf->len); memory is kept. */
void buf_cut(struct buf *buf, size_t len);

/* The content as a C string; "" for an empty buf. */
const char *buf_text(const struct buf *buf);

/* Free; the buf is empty and usable afterwards. */
void buf_release(struct buf *buf);

#endif
