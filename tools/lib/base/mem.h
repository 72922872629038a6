/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Allocation of small, fixed needs.  These end the program when memory is
 * gone: nothing is lost by that, because every change is staged.  A size that
 * comes from input is checked against a named limit first.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Each returns memory that the caller frees; none returns NULL. */
void *mem_alloc(size_t size);
void *mem_zero(size_t count, size_t size);
void *mem_resize(void *old, size_t count, size_t size);
char *mem_text(const char *text);
char *mem_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
