/* SPDX-License-Identifier: BSD-2-Clause */
/* Allocation that cannot fail; see mem.h. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *
must(void *p)
{
	static const char text[] = "out of memory; ended as if "
	    "killed: the next run tidies up\n";

	if (p != NULL)
		return p;
	/* stdio may need memory, so this is the one direct message. */
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(1);
	_exit(1);
}

void *
mem_alloc(size_t size)
{
	return must(malloc(size == 0 ? 1 : size));
}

void *
mem_zero(size_t count, size_t size)
{
	return must(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void *
mem_resize(void *old, size_t count, size_t size)
{
	if (count == 0 || size == 0)
		count = size = 1;
	return must(reallocarray(old, count, size));
}

char *
mem_text(const char *text)
{
	return must(strdup(text));
}

char *
mem_format(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	return must(len < 0 ? NULL : text);
}
