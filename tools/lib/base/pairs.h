/* SPDX-License-Identifier: BSD-2-Clause */
/* A small sorted list of key and value texts: labels, driver options. */
#ifndef BASE_PAIRS_H
#define BASE_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

#define PAIRS_MAX 1000		/* keys in one list that comes from input */

struct pair {
	char *key;		/* owned */
	char *value;		/* owned */
};

struct pairs {
	struct pair *items;	/* sorted by key, keys distinct */
	size_t count;
};

#define PAIRS_EMPTY { NULL, 0 }

/* Copies both; replaces the value of a key that is there. */
void pairs_put(struct pairs *pairs, const char *key, const char *value);
/* "NAME=value" of an environ, NULL-terminated. */
void pairs_put_environment(struct pairs *pairs, char *const *environment);
/* The value, or NULL. */
const char *pairs_get(const struct pairs *pairs, const char *key);
/* False when the key was not there. */
bool pairs_remove(struct pairs *pairs, const char *key);
bool pairs_equal(const struct pairs *a, const struct pairs *b);
/* Replaces what dst held. */
void pairs_copy(struct pairs *dst, const struct pairs *src);
void pairs_release(struct pairs *pairs);

#endif
