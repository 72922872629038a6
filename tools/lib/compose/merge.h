/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compose's rules for one file over another, on trees in canonical form: maps
 * merge, lists append, scalars replace, with the exceptions it has.
 */
#ifndef COMPOSE_MERGE_H
#define COMPOSE_MERGE_H

struct err;
struct yaml_node;
struct yaml_tree;

/*
 * Merge own over base, both maps of the whole document; base is changed and is
 * the result, and takes over own's nodes.  Marks of own act on base and stay
 * in the result: yaml_settle() ends them once nothing below is to come.
 * ERR_DAMAGED: "cannot override services.x.y".
 */
int merge_documents(struct yaml_tree *tree, struct yaml_node *base,
    struct yaml_node *own, struct err *err);

/* The same for one service called name. */
int merge_services(struct yaml_tree *tree, const char *name,
    struct yaml_node *base, struct yaml_node *own, struct err *err);

/*
 * In the lists of each service leave the last of those items that mean the
 * same (a volume's target, a port ...), at the place of the first.
 */
void merge_unique(struct yaml_tree *tree, struct yaml_node *document);

#endif
