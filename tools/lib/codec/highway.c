/* SPDX-License-Identifier: BSD-2-Clause */
/* HighwayHash, 256 bits; see highway.h. */
#include "codec/highway.h"

#include <string.h>

#include "base/bytes.h"

static const uint64_t init0[4] = {
	0xdbe6d5d5fe4cce2f, 0xa4093822299f31d0,
	0x13198a2e03707344, 0x243f6a8885a308d3
};
static const uint64_t init1[4] = {
	0x3bd39e10cb0ef593, 0xc0acf169b5f18a8c,
	0xbe5466cf34e90c6c, 0x452821e638d01377
};

static uint64_t
swap_halves(uint64_t x)
{
	return x >> 32 | x << 32;
}

void
highway_init(struct highway *h, const uint8_t key[HIGHWAY_KEY_LEN])
{
	int i;

	for (i = 0; i < 4; i++) {
		uint64_t k = get_le64(key + 8 * i);

		h->mul0[i] = init0[i];
		h->mul1[i] = init1[i];
		h->v0[i] = init0[i] ^ k;
		h->v1[i] = init1[i] ^ swap_halves(k);
	}
	h->rest_len = 0;
}

/* Byte i of x, moved to byte to. */
static inline uint64_t
byte_to(uint64_t x, int i, int to)
{
	return (x >> 8 * i & 255) << 8 * to;
}

/* The bytes of a pair in an order of their own, added to another pair. */
static inline void
zipper(uint64_t v1, uint64_t v0, uint64_t *add1, uint64_t *add0)
{
	*add0 += byte_to(v0, 3, 0) | byte_to(v1, 4, 1) | byte_to(v0, 2, 2) |
	    byte_to(v0, 5, 3) | byte_to(v1, 6, 4) | byte_to(v0, 1, 5) |
	    byte_to(v1, 7, 6) | byte_to(v0, 0, 7);
	*add1 += byte_to(v1, 3, 0) | byte_to(v0, 4, 1) | byte_to(v1, 2, 2) |
	    byte_to(v1, 5, 3) | byte_to(v1, 1, 4) | byte_to(v0, 6, 5) |
	    byte_to(v1, 0, 6) | byte_to(v0, 7, 7);
}

static void
update_lanes(struct highway *h, const uint64_t lanes[4])
{
	int i;

	for (i = 0; i < 4; i++) {
		h->v1[i] += h->mul0[i] + lanes[i];
		h->mul0[i] ^= (h->v1[i] & 0xffffffff) * (h->v0[i] >> 32);
		h->v0[i] += h->mul1[i];
		h->mul1[i] ^= (h->v0[i] & 0xffffffff) * (h->v1[i] >> 32);
	}
	zipper(h->v1[1], h->v1[0], &h->v0[1], &h->v0[0]);
	zipper(h->v1[3], h->v1[2], &h->v0[3], &h->v0[2]);
	zipper(h->v0[1], h->v0[0], &h->v1[1], &h->v1[0]);
	zipper(h->v0[3], h->v0[2], &h->v1[3], &h->v1[2]);
}

static void
update_block(struct highway *h, const uint8_t *p)
{
	const uint64_t lanes[4] = { get_le64(p), get_le64(p + 8),
	    get_le64(p + 16), get_le64(p + 24) };

	update_lanes(h, lanes);
}

void
highway_update(struct highway *h, const void *data, size_t len)
{
	const uint8_t *p = data;

	if (h->rest_len > 0) {
		size_t more = HIGHWAY_BLOCK - h->rest_len;

		if (more > len)
			more = len;
		memcpy(h->rest + h->rest_len, p, more);
		h->rest_len += more;
		p += more;
		len -= more;
		if (h->rest_len < HIGHWAY_BLOCK)
			return;
		update_block(h, h->rest);
		h->rest_len = 0;
	}
	for (; len >= HIGHWAY_BLOCK; p += HIGHWAY_BLOCK, len -= HIGHWAY_BLOCK)
		update_block(h, p);
	if (len > 0)
		memcpy(h->rest, p, len);
	h->rest_len = len;
}

static uint32_t
rotate(uint32_t x, unsigned by)
{
	return by == 0 ? x : x << by | x >> (32 - by);
}

/* The bytes that fill no block. */
static void
update_rest(struct highway *h)
{
	unsigned len = (unsigned)h->rest_len, odd = len & 3, i;
	const uint8_t *tail = h->rest + (len & ~3U);
	uint8_t block[HIGHWAY_BLOCK] = { 0 };

	for (i = 0; i < 4; i++) {
		h->v0[i] += (uint64_t)len << 32 | len;
		h->v1[i] = (uint64_t)rotate((uint32_t)(h->v1[i] >> 32),
		    len) << 32 | rotate((uint32_t)h->v1[i], len);
	}
	memcpy(block, h->rest, len & ~3U);
	if (len & 16) {
		memcpy(block + 28, tail + odd - 4, 4);
	} else if (odd > 0) {
		block[16] = tail[0];
		block[17] = tail[odd >> 1];
		block[18] = tail[odd - 1];
	}
	update_block(h, block);
}

static void
reduce(uint64_t a3, uint64_t a2, uint64_t a1, uint64_t a0, uint8_t *out)
{
	a3 &= 0x3fffffffffffffff;
	put_le64(out, a0 ^ a2 << 1 ^ a2 << 2);
	put_le64(out + 8, a1 ^ (a3 << 1 | a2 >> 63) ^ (a3 << 2 | a2 >> 62));
}

void
highway_out(struct highway *h, uint8_t hash[HIGHWAY_LEN])
{
	int i;

	if (h->rest_len > 0)
		update_rest(h);
	for (i = 0; i < 10; i++) {
		const uint64_t lanes[4] = { swap_halves(h->v0[2]),
		    swap_halves(h->v0[3]), swap_halves(h->v0[0]),
		    swap_halves(h->v0[1]) };

		update_lanes(h, lanes);
	}
	for (i = 0; i < 4; i += 2)
		reduce(h->v1[i + 1] + h->mul1[i + 1], h->v1[i] + h->mul1[i],
		    h->v0[i + 1] + h->mul0[i + 1], h->v0[i] + h->mul0[i],
		    hash + 8 * i);
}
