/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which SHA256SUMS to go by when a snapshot's own may be damaged: the one
 * that a key signed, or the snapshot's commit record names; else one that
 * another copy of the same snapshot proves.
 */
#ifndef VERIFY_HEADS_H
#define VERIFY_HEADS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "codec/sha256.h"
#include "manifest/sign.h"
#include "manifest/sums.h"
#include "places.h"

struct err;

struct heads {
	struct sums sums;	/* to go by */
	struct buf sums_text;
	uint8_t digest[SHA256_LEN];	/* of sums_text */
	struct buf complete;	/* the record that names it; empty: none */
	struct buf signature;	/* with a key: a good one; empty: none */
	bool is_own_sums;	/* the folder's own is this one ... */
	bool is_own_complete;	/* ... its own record names it ... */
	bool is_own_signature;	/* ... and its own signature is good */
};

#define HEADS_EMPTY { .sums = SUMS_EMPTY, .sums_text = BUF_EMPTY, \
	.complete = BUF_EMPTY, .signature = BUF_EMPTY }

/*
 * fd: the folder to be mended.  key may be NULL.  False when nothing there is
 * to go by.
 */
bool heads_find(struct heads *h, int fd, const struct places *places,
    const struct sign_public *key);
void heads_release(struct heads *h);

#endif
