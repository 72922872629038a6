/* SPDX-License-Identifier: BSD-2-Clause */
/* The error value; see err.h. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 0))) static void
set_text(char *text, const char *fmt, va_list ap)
{
	if (vsnprintf(text, ERR_TEXT_MAX, fmt, ap) < 0)
		text[0] = '\0';
}

int
err_set(struct err *err, enum err_class class, int sys, const char *fmt, ...)
{
	va_list ap;
	size_t len;

	err->class = class;
	err->sys = sys;
	va_start(ap, fmt);
	set_text(err->text, fmt, ap);
	va_end(ap);
	if (sys == 0 || class == ERR_INTERRUPTED)
		return -1;
	len = strlen(err->text);
	(void)snprintf(err->text + len, ERR_TEXT_MAX - len, ": %s",
	    strerror(sys));
	return -1;
}

int
err_context(struct err *err, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	size_t head, tail;
	va_list ap;

	va_start(ap, fmt);
	set_text(text, fmt, ap);
	va_end(ap);
	head = strlen(text);
	tail = strlen(err->text);
	if (head + 2 >= ERR_TEXT_MAX)
		return -1;	/* no room for both: the cause matters more */
	text[head++] = ':';
	text[head++] = ' ';
	if (tail > ERR_TEXT_MAX - 1 - head)
		tail = ERR_TEXT_MAX - 1 - head;
	memmove(err->text + head, err->text, tail);
	memcpy(err->text, text, head);
	err->text[head + tail] = '\0';
	return -1;
}

int
err_append(struct err *err, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	size_t len = strlen(err->text);
	va_list ap;

	va_start(ap, fmt);
	set_text(text, fmt, ap);
	va_end(ap);
	(void)snprintf(err->text + len, ERR_TEXT_MAX - len, "; %.*s",
	    ERR_TEXT_MAX - 3, text);
	return -1;
}

void
err_clear(struct err *err)
{
	err->class = ERR_NONE;
	err->sys = 0;
	err->text[0] = '\0';
}

const char *
err_class_name(enum err_class class)
{
	switch (class) {
	case ERR_NONE: return "none";
	case ERR_USAGE: return "usage";
	case ERR_IO: return "io";
	case ERR_DAMAGED: return "damaged";
	case ERR_REPAIRABLE: return "repairable";
	case ERR_LIMIT: return "limit";
	case ERR_SIGNATURE: return "signature";
	case ERR_NOT_FOUND: return "not-found";
	case ERR_BUSY: return "busy";
	case ERR_PREFLIGHT: return "preflight";
	case ERR_INTERRUPTED: return "interrupted";
	}
	return "unknown";
}
