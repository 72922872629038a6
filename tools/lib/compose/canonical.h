/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One form for each thing that a Compose file may write in several: short
 * ports, volumes, secrets and dependencies become maps, "K=V" lists become
 * maps, single texts become lists, and host paths become absolute.  Done per
 * document and before merging, so that merging knows only one form.
 *
 * Marks ("!reset", "!override") stay where they were.
 */
#ifndef COMPOSE_CANONICAL_H
#define COMPOSE_CANONICAL_H

struct buf;
struct err;
struct yaml_node;
struct yaml_tree;

struct canonical_paths {
	const char *base;	/* absolute; relative paths start here */
	const char *home;	/* what "~" is; NULL: stays as it is */
};

/*
 * Change root (a map) in place.  ERR_DAMAGED: a value of a kind that Compose
 * does not take there, named by its path in the file and its line.
 */
int canonical_document(struct yaml_tree *tree, struct yaml_node *root,
    const struct canonical_paths *paths, struct err *err);

/* Append path, absolute and without "." and "..". */
void canonical_path(const struct canonical_paths *paths, const char *path,
    struct buf *out);

#endif
