/* SPDX-License-Identifier: BSD-2-Clause */
/* xxHash64; see xxh64.h. */
#include "codec/xxh64.h"

#include "base/bytes.h"

#define P1 0x9e3779b185ebca87U
#define P2 0xc2b2ae3d27d4eb4fU
#define P3 0x165667b19e3779f9U
#define P4 0x85ebca77c2b2ae63U
#define P5 0x27d4eb2f165667c5U

static uint64_t
rotate(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static uint64_t
round_of(uint64_t sum, uint64_t word)
{
	return rotate(sum + word * P2, 31) * P1;
}

static uint64_t
merge(uint64_t hash, uint64_t lane)
{
	return (hash ^ round_of(0, lane)) * P1 + P4;
}

/* Whole blocks of 32 bytes in four lanes. */
static uint64_t
blocks(const uint8_t *p, size_t len)
{
	uint64_t lane[4] = { P1 + P2, P2, 0, 0 - P1 };
	uint64_t hash;
	int i;

	for (; len >= 32; len -= 32)
		for (i = 0; i < 4; i++, p += 8)
			lane[i] = round_of(lane[i], get_le64(p));
	hash = rotate(lane[0], 1) + rotate(lane[1], 7) +
	    rotate(lane[2], 12) + rotate(lane[3], 18);
	for (i = 0; i < 4; i++)
		hash = merge(hash, lane[i]);
	return hash;
}

uint64_t
xxh64(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t hash = (len >= 32 ? blocks(p, len) : P5) + len;

	for (p += len - len % 32, len %= 32; len >= 8; p += 8, len -= 8)
		hash = rotate(hash ^ round_of(0, get_le64(p)), 27) * P1 + P4;
	if (len >= 4) {
		hash = rotate(hash ^ get_le32(p) * P1, 23) * P2 + P3;
		p += 4;
		len -= 4;
	}
	for (; len > 0; p++, len--)
		hash = rotate(hash ^ *p * P5, 11) * P1;
	hash = (hash ^ hash >> 33) * P2;
	hash = (hash ^ hash >> 29) * P3;
	return hash ^ hash >> 32;
}
