/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LZF, as Redis packs long strings: literal runs, and references at most
 * 8,192 bytes back.
 */
#ifndef CHECK_LZF_H
#define CHECK_LZF_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct scan;

/*
 * Unpack packed bytes from s, which must give exactly len bytes, and keep
 * only the first head_cap of them and the last.  ERR_DAMAGED for anything
 * else.
 */
int lzf_read(struct scan *s, uint64_t packed, uint64_t len, uint8_t *head,
    size_t head_cap, uint8_t *last, struct err *err);

#endif
