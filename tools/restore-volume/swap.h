/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Old or new, never mixed: a tree is filled beside the one it replaces, in
 * the same folder, and takes its place by one RENAME_EXCHANGE.
 *
 * In the holder (volumes/NAME, or the folder above --to DIR), for a tree
 * called DATA:
 *
 *	DATA				the tree in use
 *	.DATA.drydock-stage		being filled; after the exchange the old one
 *	.DATA.drydock-swap		journal: the stage's inode, the old tree's new name
 *	DATA.before-<seq>-<UTC>		an old tree, kept until --forget
 *
 * <UTC> only ever rises, whatever the clock does: the newest name is the
 * newest old tree.  A name of any other form is somebody else's.
 *
 * Killed at any moment, swap_open() of the next run finds out by the inode of
 * DATA whether the exchange had happened, and finishes or sweeps.  Where the
 * inodes fit neither (a copied file system), the stage is kept as an old tree.
 */
#ifndef RESTORE_SWAP_H
#define RESTORE_SWAP_H

#include <stdbool.h>
#include <stdint.h>

struct err;

struct swap {
	int holder_fd;		/* borrowed */
	char *data;		/* owned, as all names here */
	char *stage;
	char *journal;
	int stage_fd;		/* after swap_begin() */
	int lock_fd;		/* the holder's, locked; -1 after swap_look() */
	bool swept;		/* swap_open() removed an unfinished stage */
	bool finished;		/* swap_open() finished an interrupted swap */
	bool kept;		/* swap_open() kept a stage it could not judge */
};

/*
 * Lock the holder, ERR_BUSY when another restore works in it, and recover
 * what an interrupted run left.  swap_close() releases.
 */
int swap_open(struct swap *s, int holder_fd, const char *data,
    struct err *err);
/* To look only (dry runs): neither locks nor recovers, changes nothing. */
void swap_look(struct swap *s, int holder_fd, const char *data);
void swap_close(struct swap *s);

/* Make the empty stage, 0700, opened as stage_fd. */
int swap_begin(struct swap *s, struct err *err);

/* Remove the stage.  Best effort: the next swap_open() does it again. */
void swap_abort(struct swap *s);

/*
 * Flush the file system, then exchange.  *before is the old tree's name
 * (the caller frees it), NULL when there was none.
 */
int swap_commit(struct swap *s, uint64_t sequence, char **before,
    struct err *err);

/* The newest old tree's name, owned by the caller; ERR_NOT_FOUND for none. */
int swap_newest_before(const struct swap *s, char **before,
    struct err *err);

/* Exchange DATA and an old tree; doing it again undoes it. */
int swap_back(const struct swap *s, const char *before, struct err *err);

/* How many old trees there are. */
int swap_count_before(const struct swap *s, uint64_t *count,
    struct err *err);
/* Remove all old trees; *count says how many. */
int swap_forget(const struct swap *s, uint64_t *count, struct err *err);

#endif
