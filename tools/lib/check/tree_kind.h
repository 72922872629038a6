/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kinds of tree.h are made of; private to tree*.c. */
#ifndef CHECK_TREE_KIND_H
#define CHECK_TREE_KIND_H

#include "check/tree.h"

/* A file that is open; the kind embeds it as its first member. */
struct tree_file {
	struct source source;	/* first: what the checker gets */
	struct tree *tree;
	/* As source.read_at, within the file's size. */
	int (*read)(struct tree_file *file, uint64_t offset, void *data,
	    size_t len, struct err *err);
};

struct tree {
	const struct watch *watch;
	uint64_t unlisted;
	unsigned open_files;
	/* As the functions of tree.h. */
	int (*walk)(struct tree *t, const char *below, tree_visit *visit,
	    void *ctx, struct err *err);
	int (*find)(struct tree *t, const char *path, struct entry *entry,
	    bool *found, struct err *err);
	int (*open)(struct tree *t, const struct entry *entry,
	    struct tree_file **file, struct err *err);
	void (*close)(struct tree_file *file);
	void (*release)(struct tree *t);
};

#endif
