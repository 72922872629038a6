/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * YAML as Docker Compose understands it, as a tree.
 *
 * libyaml's events, put together with Compose's rules: keys are texts, a key
 * twice is an error with both lines, "<<" takes a map, an alias of one, or a
 * list of those; aliases are copied out under a budget; plain scalars are
 * typed as Go's YAML 1.1/1.2 mixture does (yes and on are texts, 0440 is 288,
 * 22:22 is a text).  "!reset" and "!override" stay on the nodes as marks; the
 * merge module acts on them.
 *
 * All nodes belong to a tree and are freed with it.  Scalars never change once
 * made, so that copies share them; maps and lists belong to one parent each.
 */
#ifndef COMPOSE_YAML_H
#define COMPOSE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define YAML_DEPTH_MAX 100		/* nesting of maps and lists */
#define YAML_NODES_MAX 4000000		/* in one tree, copies included */
#define YAML_ALIAS_NODES_MAX 100000	/* copied for aliases, per document */
#define YAML_DOCUMENTS_MAX 1000		/* in one file */

enum yaml_kind {
	YAML_NULL,
	YAML_BOOL,
	YAML_INT,
	YAML_FLOAT,
	YAML_TEXT,
	YAML_LIST,
	YAML_MAP
};

enum yaml_mark { YAML_PLAIN, YAML_RESET, YAML_OVERRIDE };

struct yaml_node;

struct yaml_item {
	const char *key;		/* NULL in a list */
	struct yaml_node *value;
	uint32_t line;			/* of the key; 0: made by us */
};

struct yaml_node {
	uint8_t kind;			/* enum yaml_kind */
	uint8_t mark;			/* enum yaml_mark */
	uint16_t file;			/* for yaml_file_of() */
	uint32_t line;			/* from 1; 0: made by us */
	/* Scalars: the value as Compose would print it (true, 288, 1.5). */
	const char *text;
	/* Lists and maps, in the order of the file. */
	struct yaml_item *items;
	uint32_t count;
	uint32_t room;			/* private */
	uint32_t *slots;		/* private: index of a large map */
};

struct yaml_tree;

struct yaml_tree *yaml_tree_new(void);
void yaml_tree_free(struct yaml_tree *tree);	/* NULL is allowed */

/* A copy of text that lives as long as the tree. */
const char *yaml_keep(struct yaml_tree *tree, const char *text, size_t len);

/*
 * Nodes made from now on are of this file, until the next call.  Past
 * UINT16_MAX files they are of none.
 */
void yaml_set_file(struct yaml_tree *tree, const char *name);
/* The file a node was read from, or "". */
const char *yaml_file_of(const struct yaml_tree *tree,
    const struct yaml_node *node);

/*
 * Parse a whole file.  *documents is a list with the root of each document;
 * an empty file has none.  ERR_DAMAGED: not YAML, or not Compose's kind of
 * it, "yaml: line N: ..." or in Compose's words.  ERR_LIMIT: nested too deep,
 * too many nodes, or "excessive aliasing".
 */
int yaml_parse(struct yaml_tree *tree, const char *text, size_t len,
    struct yaml_node **documents, struct err *err);

struct yaml_node *yaml_map(struct yaml_tree *tree);
struct yaml_node *yaml_list(struct yaml_tree *tree);
struct yaml_node *yaml_null(struct yaml_tree *tree);
struct yaml_node *yaml_bool(struct yaml_tree *tree, bool value);
struct yaml_node *yaml_text(struct yaml_tree *tree, const char *text);
/* As yaml_text, at the line of another node. */
struct yaml_node *yaml_text_at(struct yaml_tree *tree, const char *text,
    const struct yaml_node *where);

/* The value of a key, or NULL; also NULL when map is NULL or not a map. */
struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
/* As yaml_get, but a null value is NULL too. */
struct yaml_node *yaml_some(const struct yaml_node *map, const char *key);
/* Add, or replace in its place.  key must live as long as the tree. */
void yaml_put(struct yaml_tree *tree, struct yaml_node *map, const char *key,
    struct yaml_node *value);
/* False when the key was not there. */
bool yaml_remove(struct yaml_node *map, const char *key);
void yaml_add(struct yaml_tree *tree, struct yaml_node *list,
    struct yaml_node *value);

/* A copy whose maps and lists are its own. */
struct yaml_node *yaml_copy(struct yaml_tree *tree,
    const struct yaml_node *node);

/*
 * Take out what is marked "!reset", and the marks of the rest.  Returns node,
 * or NULL when it was itself to be taken out.
 */
struct yaml_node *yaml_settle(struct yaml_node *node);

bool yaml_is_map(const struct yaml_node *node);		/* NULL: false */
bool yaml_is_list(const struct yaml_node *node);
bool yaml_is_scalar(const struct yaml_node *node);	/* null is none */

/* The text of a scalar; NULL for null, lists, maps and NULL. */
const char *yaml_scalar(const struct yaml_node *node);

/* Same kinds, same texts, same keys in any order. */
bool yaml_equal(const struct yaml_node *a, const struct yaml_node *b);

/* Nodes made so far; for the limit and for tests. */
uint64_t yaml_count(const struct yaml_tree *tree);

#endif
