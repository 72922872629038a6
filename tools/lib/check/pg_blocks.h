/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the log will do to which block, gathered while it is walked: blocks
 * that replay writes anew as a whole, relations that it drops or cuts short.
 *
 * Bounded: when PG_BLOCKS_MAX are kept, is_full is set and further ones are
 * forgotten.  What is then not found is not known, rather than not there.
 */
#ifndef CHECK_PG_BLOCKS_H
#define CHECK_PG_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PG_BLOCKS_MAX 700000	/* 24 MB; 5.5 GB of pages */

/* What the entry says; forks keep their own numbers. */
#define PG_BLOCK_DROPPED 0x80U	/* in place of the fork: relation, block 0 */
#define PG_BLOCK_CUT 0x81U	/* the same */

struct pg_block {
	uint32_t space;		/* tablespace; 1663 is base, 1664 global */
	uint32_t database;	/* 0 for global */
	uint32_t file;		/* never 0 */
	uint32_t fork;
	uint32_t block;
};

struct pg_blocks {
	struct pg_block *slots;	/* private; file 0: free */
	size_t slot_count;
	size_t count;
	bool is_full;
};

#define PG_BLOCKS_EMPTY { NULL, 0, 0, false }

void pg_blocks_add(struct pg_blocks *set, const struct pg_block *block);
bool pg_blocks_has(const struct pg_blocks *set, const struct pg_block *block);
void pg_blocks_release(struct pg_blocks *set);

#endif
