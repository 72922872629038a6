/* SPDX-License-Identifier: BSD-2-Clause */
/* HighwayHash with 256 bits, as MinIO guards its files with it. */
#ifndef CODEC_HIGHWAY_H
#define CODEC_HIGHWAY_H

#include <stddef.h>
#include <stdint.h>

#define HIGHWAY_LEN 32
#define HIGHWAY_KEY_LEN 32
#define HIGHWAY_BLOCK 32

struct highway {	/* private */
	uint64_t v0[4];
	uint64_t v1[4];
	uint64_t mul0[4];
	uint64_t mul1[4];
	uint8_t rest[HIGHWAY_BLOCK];
	size_t rest_len;
};

void highway_init(struct highway *h, const uint8_t key[HIGHWAY_KEY_LEN]);
void highway_update(struct highway *h, const void *data, size_t len);
/* The context is used up. */
void highway_out(struct highway *h, uint8_t hash[HIGHWAY_LEN]);

#endif
