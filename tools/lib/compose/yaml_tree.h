/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to the yaml module and the loader: what they need of the tree. */
#ifndef COMPOSE_YAML_TREE_H
#define COMPOSE_YAML_TREE_H

#include "compose/yaml.h"

struct yaml_node *yaml_tree_node(struct yaml_tree *tree, enum yaml_kind kind,
    uint32_t line);

/* Zeroed memory that lives as long as the tree. */
void *yaml_tree_take(struct yaml_tree *tree, size_t count, size_t size);

/* The item of a key, or NULL. */
struct yaml_item *yaml_tree_item(const struct yaml_node *map,
    const char *key);

/*
 * The type of a plain scalar, and its text as Compose prints it: *text points
 * into plain, at a constant, or into room.
 */
#define YAML_NUMBER_TEXT 400
enum yaml_kind yaml_resolve(const char *plain, char room[YAML_NUMBER_TEXT],
    const char **text);

#endif
