/* SPDX-License-Identifier: BSD-2-Clause */
/* Key and value texts; see pairs.h. */
#include "base/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/search.h"

static const char *
name_at(const void *list, size_t i)
{
	const struct pairs *pairs = list;

	return pairs->items[i].key;
}

/* Where key is, or would go. */
static size_t
place(const struct pairs *pairs, const char *key, bool *found)
{
	return search_name(pairs, pairs->count, name_at, key, found);
}

void
pairs_put(struct pairs *pairs, const char *key, const char *value)
{
	bool found;
	size_t i = place(pairs, key, &found);
	struct pair *item;

	if (found) {
		char *copy = mem_text(value);

		free(pairs->items[i].value);
		pairs->items[i].value = copy;
		return;
	}
	pairs->items = mem_resize(pairs->items, pairs->count + 1,
	    sizeof *pairs->items);
	item = &pairs->items[i];
	memmove(item + 1, item, (pairs->count - i) * sizeof *item);
	item->key = mem_text(key);
	item->value = mem_text(value);
	pairs->count++;
}

void
pairs_put_environment(struct pairs *pairs, char *const *environment)
{
	for (; *environment != NULL; environment++) {
		char *name = mem_text(*environment);
		char *equals = strchr(name, '=');

		if (equals != NULL && equals != name) {
			*equals = '\0';
			pairs_put(pairs, name, equals + 1);
		}
		free(name);
	}
}

const char *
pairs_get(const struct pairs *pairs, const char *key)
{
	bool found;
	size_t i = place(pairs, key, &found);

	return found ? pairs->items[i].value : NULL;
}

bool
pairs_remove(struct pairs *pairs, const char *key)
{
	bool found;
	size_t i = place(pairs, key, &found);
	struct pair *item;

	if (!found)
		return false;
	item = &pairs->items[i];
	free(item->key);
	free(item->value);
	pairs->count--;
	memmove(item, item + 1, (pairs->count - i) * sizeof *item);
	return true;
}

bool
pairs_equal(const struct pairs *a, const struct pairs *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->items[i].key, b->items[i].key) != 0 ||
		    strcmp(a->items[i].value, b->items[i].value) != 0)
			return false;
	return true;
}

void
pairs_copy(struct pairs *dst, const struct pairs *src)
{
	struct pairs copy = PAIRS_EMPTY;
	size_t i;

	for (i = 0; i < src->count; i++)
		pairs_put(&copy, src->items[i].key, src->items[i].value);
	pairs_release(dst);
	*dst = copy;
}

void
pairs_release(struct pairs *pairs)
{
	size_t i;

	for (i = 0; i < pairs->count; i++) {
		free(pairs->items[i].key);
		free(pairs->items[i].value);
	}
	free(pairs->items);
	pairs->items = NULL;
	pairs->count = 0;
}
