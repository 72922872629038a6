/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Labels and driver options: text keys with text values, sorted by key, each
 * key once.
 *
 *	struct pairs labels = PAIRS_EMPTY;
 *	pairs_set(&labels, "com.example.owner", "accounts");
 *	...
 *	pairs_release(&labels);
 */
#ifndef DOCKER_PAIRS_H
#define DOCKER_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

struct pair {
	char *key;
	char *value;
};

struct pairs {
	struct pair *list;	/* sorted by strcmp() of the keys */
	size_t count;
	size_t cap;		/* private */
};

#define PAIRS_EMPTY { NULL, 0, 0 }

/* The most pairs one list from disk or from the engine may have. */
#define PAIRS_MAX 4096

/* Add, or replace the value; both texts are copied. */
void pairs_set(struct pairs *pairs, const char *key, const char *value);

/* The value, or NULL; it lasts until the list changes. */
const char *pairs_get(const struct pairs *pairs, const char *key);

/* True when the key was there and is gone. */
bool pairs_remove(struct pairs *pairs, const char *key);

bool pairs_equal(const struct pairs *a, const struct pairs *b);

/* Replace the content of to by a copy of from. */
void pairs_copy(struct pairs *to, const struct pairs *from);

/* Free; the list is empty and usable afterwards. */
void pairs_release(struct pairs *pairs);

#endif
