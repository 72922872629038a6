/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree: nodes in an arena, maps with an index once they grow. */
#include "compose/yaml.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "compose/yaml_tree.h"

#define CHUNK 65536
#define INDEX_FROM 16		/* items a map may have without an index */

struct yaml_chunk {
	struct yaml_chunk *next;
	size_t used;
	size_t size;
	max_align_t data[];
};

struct yaml_tree {
	struct yaml_chunk *chunks;
	uint64_t nodes;
	const char **files;		/* of nodes: index + 1 */
	uint16_t file_count;
	uint16_t file;
	struct yaml_node null;
	struct yaml_node yes;
	struct yaml_node no;
};

struct yaml_tree *
yaml_tree_new(void)
{
	struct yaml_tree *tree = mem_zero(1, sizeof(*tree));

	tree->null = (struct yaml_node){ .kind = YAML_NULL, .text = "" };
	tree->yes = (struct yaml_node){ .kind = YAML_BOOL, .text = "true" };
	tree->no = (struct yaml_node){ .kind = YAML_BOOL, .text = "false" };
	return tree;
}

void
yaml_tree_free(struct yaml_tree *tree)
{
	struct yaml_chunk *next;

	if (tree == NULL)
		return;
	while (tree->chunks != NULL) {
		next = tree->chunks->next;
		free(tree->chunks);
		tree->chunks = next;
	}
	free(tree->files);
	free(tree);
}

static void *
arena_take(struct yaml_tree *tree, size_t size, size_t align)
{
	struct yaml_chunk *chunk = tree->chunks;
	size_t at = chunk == NULL ? 0 :
	    (chunk->used + align - 1) & ~(align - 1);
	size_t want;

	if (chunk == NULL || at > chunk->size || size > chunk->size - at) {
		want = size > CHUNK / 4 ? size : CHUNK;
		chunk = mem_alloc(sizeof(*chunk) + want);
		chunk->size = want;
		chunk->used = 0;
		chunk->next = tree->chunks;
		/* A large one must not waste what is left of the present. */
		if (want == size && tree->chunks != NULL) {
			chunk->next = tree->chunks->next;
			tree->chunks->next = chunk;
			chunk->used = size;
			return chunk->data;
		}
		tree->chunks = chunk;
		at = 0;
	}
	chunk->used = at + size;
	return (char *)chunk->data + at;
}

void *
yaml_tree_take(struct yaml_tree *tree, size_t count, size_t size)
{
	void *made;

	if (count == 0)
		return NULL;
	/* Both are bounded by what is in the tree already. */
	made = arena_take(tree, count * size, _Alignof(max_align_t));
	memset(made, 0, count * size);
	return made;
}

const char *
yaml_keep(struct yaml_tree *tree, const char *text, size_t len)
{
	char *copy = arena_take(tree, len + 1, 1);

	if (len > 0)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

struct yaml_node *
yaml_tree_node(struct yaml_tree *tree, enum yaml_kind kind, uint32_t line)
{
	struct yaml_node *node = arena_take(tree, sizeof(*node),
	    _Alignof(struct yaml_node));

	memset(node, 0, sizeof(*node));
	node->kind = (uint8_t)kind;
	node->line = line;
	node->file = tree->file;
	tree->nodes++;
	return node;
}

void
yaml_set_file(struct yaml_tree *tree, const char *name)
{
	if (tree->file_count == UINT16_MAX) {
		tree->file = 0;
		return;
	}
	tree->files = mem_resize(tree->files, (size_t)tree->file_count + 1,
	    sizeof(*tree->files));
	tree->files[tree->file_count++] = yaml_keep(tree, name, strlen(name));
	tree->file = tree->file_count;
}

const char *
yaml_file_of(const struct yaml_tree *tree, const struct yaml_node *node)
{
	return node->file == 0 ? "" : tree->files[node->file - 1];
}

uint64_t
yaml_count(const struct yaml_tree *tree)
{
	return tree->nodes;
}

struct yaml_node *
yaml_map(struct yaml_tree *tree)
{
	return yaml_tree_node(tree, YAML_MAP, 0);
}

struct yaml_node *
yaml_list(struct yaml_tree *tree)
{
	return yaml_tree_node(tree, YAML_LIST, 0);
}

struct yaml_node *
yaml_null(struct yaml_tree *tree)
{
	return &tree->null;
}

struct yaml_node *
yaml_bool(struct yaml_tree *tree, bool value)
{
	return value ? &tree->yes : &tree->no;
}

struct yaml_node *
yaml_text(struct yaml_tree *tree, const char *text)
{
	struct yaml_node *node = yaml_tree_node(tree, YAML_TEXT, 0);

	node->text = yaml_keep(tree, text, strlen(text));
	return node;
}

struct yaml_node *
yaml_text_at(struct yaml_tree *tree, const char *text,
    const struct yaml_node *where)
{
	struct yaml_node *node = yaml_text(tree, text);

	node->line = where->line;
	node->file = where->file;
	return node;
}

bool
yaml_is_map(const struct yaml_node *node)
{
	return node != NULL && node->kind == YAML_MAP;
}

bool
yaml_is_list(const struct yaml_node *node)
{
	return node != NULL && node->kind == YAML_LIST;
}

bool
yaml_is_scalar(const struct yaml_node *node)
{
	return yaml_scalar(node) != NULL;
}

const char *
yaml_scalar(const struct yaml_node *node)
{
	if (node == NULL || node->kind == YAML_NULL || node->kind >= YAML_LIST)
		return NULL;
	return node->text;
}

/* ---- lists and maps */

/*
 * Seeded with where the index is, so that no file can be written to make all
 * its keys fall together.  The order of items does not depend on it.
 */
static uint32_t
key_hash(const struct yaml_node *map, const char *key)
{
	uint32_t hash = 2166136261U ^ (uint32_t)((uintptr_t)map->slots >> 4);

	for (; *key != '\0'; key++)
		hash = (hash ^ (uint8_t)*key) * 16777619U;
	return hash ^ hash >> 15;
}

/* Slots are twice the room, a power of two; each holds an index + 1. */
static void
index_item(struct yaml_node *map, uint32_t item)
{
	uint32_t mask = map->room * 2 - 1;
	uint32_t at = key_hash(map, map->items[item].key) & mask;

	while (map->slots[at] != 0)
		at = (at + 1) & mask;
	map->slots[at] = item + 1;
}

static void
index_all(struct yaml_node *map)
{
	uint32_t i;

	memset(map->slots, 0, sizeof(*map->slots) * map->room * 2);
	for (i = 0; i < map->count; i++)
		index_item(map, i);
}

static void
grow(struct yaml_tree *tree, struct yaml_node *node)
{
	uint32_t room = node->room == 0 ? 2 : node->room * 2;
	struct yaml_item *items = arena_take(tree, sizeof(*items) * room,
	    _Alignof(struct yaml_item));

	if (node->count > 0)
		memcpy(items, node->items, sizeof(*items) * node->count);
	node->items = items;
	node->room = room;
	if (node->kind == YAML_MAP && room > INDEX_FROM) {
		node->slots = arena_take(tree, sizeof(uint32_t) * room * 2,
		    _Alignof(uint32_t));
		index_all(node);
	}
}

struct yaml_item *
yaml_tree_item(const struct yaml_node *map, const char *key)
{
	uint32_t mask;
	uint32_t at;
	uint32_t i;

	if (map->slots == NULL) {
		for (i = 0; i < map->count; i++)
			if (strcmp(map->items[i].key, key) == 0)
				return &map->items[i];
		return NULL;
	}
	mask = map->room * 2 - 1;
	for (at = key_hash(map, key) & mask; map->slots[at] != 0;
	    at = (at + 1) & mask) {
		i = map->slots[at] - 1;
		if (strcmp(map->items[i].key, key) == 0)
			return &map->items[i];
	}
	return NULL;
}

struct yaml_node *
yaml_get(const struct yaml_node *map, const char *key)
{
	struct yaml_item *item;

	if (!yaml_is_map(map))
		return NULL;
	item = yaml_tree_item(map, key);
	return item == NULL ? NULL : item->value;
}

struct yaml_node *
yaml_some(const struct yaml_node *map, const char *key)
{
	struct yaml_node *value = yaml_get(map, key);

	return value == NULL || value->kind == YAML_NULL ? NULL : value;
}

void
yaml_put(struct yaml_tree *tree, struct yaml_node *map, const char *key,
    struct yaml_node *value)
{
	struct yaml_item *item = yaml_tree_item(map, key);

	if (item != NULL) {
		item->value = value;
		return;
	}
	if (map->count == map->room)
		grow(tree, map);
	map->items[map->count++] = (struct yaml_item){ key, value, 0 };
	if (map->slots != NULL)
		index_item(map, map->count - 1);
}

bool
yaml_remove(struct yaml_node *map, const char *key)
{
	struct yaml_item *item = yaml_is_map(map) ? yaml_tree_item(map, key) :
	    NULL;
	size_t after;

	if (item == NULL)
		return false;
	after = map->count - (size_t)(item - map->items) - 1;
	memmove(item, item + 1, sizeof(*item) * after);
	map->count--;
	if (map->slots != NULL)
		index_all(map);
	return true;
}

void
yaml_add(struct yaml_tree *tree, struct yaml_node *list,
    struct yaml_node *value)
{
	if (list->count == list->room)
		grow(tree, list);
	list->items[list->count++] = (struct yaml_item){ NULL, value, 0 };
}

struct yaml_node *
yaml_copy(struct yaml_tree *tree, const struct yaml_node *node)
{
	struct yaml_node *copy;
	uint32_t i;

	copy = yaml_tree_node(tree, node->kind, node->line);
	copy->mark = node->mark;
	copy->file = node->file;
	copy->text = node->text;
	for (i = 0; i < node->count; i++) {
		const struct yaml_item *item = &node->items[i];
		struct yaml_node *value = item->value;

		if (value->kind >= YAML_LIST || value->mark != YAML_PLAIN)
			value = yaml_copy(tree, value);
		if (item->key != NULL)
			yaml_put(tree, copy, item->key, value);
		else
			yaml_add(tree, copy, value);
	}
	return copy;
}

struct yaml_node *
yaml_settle(struct yaml_node *node)
{
	uint32_t kept = 0;
	uint32_t i;

	if (node->mark == YAML_RESET)
		return NULL;
	node->mark = YAML_PLAIN;
	for (i = 0; i < node->count; i++) {
		if (yaml_settle(node->items[i].value) != NULL)
			node->items[kept++] = node->items[i];
	}
	if (kept != node->count) {
		node->count = kept;
		if (node->slots != NULL)
			index_all(node);
	}
	return node;
}

bool
yaml_equal(const struct yaml_node *a, const struct yaml_node *b)
{
	const struct yaml_node *other;
	uint32_t i;

	if (a->kind != b->kind || a->count != b->count)
		return false;
	if (a->kind < YAML_LIST)
		return strcmp(a->text, b->text) == 0;
	for (i = 0; i < a->count; i++) {
		other = a->kind == YAML_MAP ? yaml_get(b, a->items[i].key) :
		    b->items[i].value;
		if (other == NULL || !yaml_equal(a->items[i].value, other))
			return false;
	}
	return true;
}
