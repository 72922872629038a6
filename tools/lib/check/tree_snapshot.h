/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One source of a snapshot as a tree, read in place on its medium.  Damage is
 * met where it lies: a part that is missing or cut costs the files in it.
 */
#ifndef CHECK_TREE_SNAPSHOT_H
#define CHECK_TREE_SNAPSHOT_H

#include "check/content.h"
#include "codec/seek_table.h"
#include "medium/snapshot.h"

struct err;

struct snapshot_tree {
	struct tree *tree;
	struct part_source parts;	/* private from here */
	struct seek_table table;
	int manifest_fd;
};

/*
 * s and source are borrowed.  -1: nothing can be seen of it (the manifest is
 * lost, memory); close it all the same.
 */
int snapshot_tree_open(struct snapshot_tree *t, const struct snapshot *s,
    const struct source_info *source, const struct watch *watch,
    struct err *err);
void snapshot_tree_close(struct snapshot_tree *t);

/* What the snapshot knows of the source. */
void snapshot_tree_facts(struct content_facts *facts,
    const struct snapshot *s, const struct source_info *source);

#endif
