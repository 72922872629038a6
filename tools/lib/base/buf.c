/* SPDX-License-Identifier: BSD-2-Clause */
/* Growing bytes; see buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

char *
buf_reserve(struct buf *buf, size_t len)
{
	size_t need;

	if (len > SIZE_MAX / 2 - buf->len - 1)
		abort();	/* our own callers pass checked sizes only */
	need = buf->len + len + 1;
	if (need > buf->cap) {
		size_t cap = buf->cap < 32 ? 64 : buf->cap * 2;

		if (cap < need)
			cap = need;
		buf->data = mem_resize(buf->data, cap, 1);
		buf->cap = cap;
	}
	buf->data[buf->len] = '\0';
	return buf->data + buf->len;
}

void
buf_append(struct buf *buf, const void *data, size_t len)
{
	char *end = buf_reserve(buf, len);

	if (len > 0)
		memcpy(end, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void
buf_byte(struct buf *buf, unsigned char byte)
{
	buf_append(buf, &byte, 1);
}

void
buf_puts(struct buf *buf, const char *text)
{
	buf_append(buf, text, strlen(text));
}

void
buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		abort();
	(void)buf_reserve(buf, (size_t)len);
	va_start(ap, fmt);
	(void)vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	buf->len += (size_t)len;
}

void
buf_set(struct buf *buf, const void *data, size_t len)
{
	buf->len = 0;
	buf_append(buf, data, len);
}

void
buf_cut(struct buf *buf, size_t len)
{
	if (len >= buf->len)
		return;
	buf->len = len;
	buf->data[len] = '\0';
}

const char *
buf_text(const struct buf *buf)
{
	return buf->data == NULL ? "" : buf->data;
}

void
buf_release(struct buf *buf)
{
	free(buf->data);
	buf->data = NULL;
	buf->len = 0;
	buf->cap = 0;
}
