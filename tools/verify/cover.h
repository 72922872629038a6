/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which files of a folder some line of a list covers: a set of paths, kept as
 * 64 bits of a keyed SHA-256 each, so that a million need 16 MiB.  Two paths
 * taken for one would hide a file; with a key of this run's own that happens
 * once in ten million runs at COVER_MAX paths, and nobody can arrange it.
 */
#ifndef VERIFY_COVER_H
#define VERIFY_COVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define COVER_MAX 1500000

struct cover {
	uint64_t *slots;	/* private; 0: free */
	size_t size;		/* a power of two, or 0 */
	size_t count;
	uint8_t key[16];
};

#define COVER_EMPTY { NULL, 0, 0, { 0 } }

int cover_init(struct cover *c, struct err *err);
/* ERR_LIMIT for a new path beyond COVER_MAX. */
int cover_add(struct cover *c, const char *path, struct err *err);
bool cover_has(const struct cover *c, const char *path);
void cover_release(struct cover *c);

#endif
