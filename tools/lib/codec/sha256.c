/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 by the fastest code the machine can run; see sha256.h. */
#include "codec/sha256.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "codec/sha256_blocks.h"

#if defined(SHA256_HAS_SHANI) || defined(SHA256_HAS_ARMV8)

const uint32_t sha256_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

typedef void blocks_fn(uint32_t val[8], const uint8_t *data, size_t count);

/*
 * What every accelerated class does around its blocks.  The context is
 * BearSSL's own, used the way BearSSL uses it, so that its state() and
 * set_state() serve here too.
 */
static br_sha256_context *
context(const br_hash_class **ctx)
{
	return (br_sha256_context *)(void *)ctx;
}

static const br_sha256_context *
context_const(const br_hash_class *const *ctx)
{
	return (const br_sha256_context *)(const void *)ctx;
}

static void
update(br_sha256_context *c, const void *data, size_t len, blocks_fn *blocks)
{
	size_t used = (size_t)(c->count % SHA256_BLOCK);
	const uint8_t *p = data;

	if (len == 0)
		return;		/* data may be NULL */
	c->count += len;
	if (used > 0) {
		size_t n = SHA256_BLOCK - used;

		if (n > len)
			n = len;
		memcpy(c->buf + used, p, n);
		if (used + n < SHA256_BLOCK)
			return;
		blocks(c->val, c->buf, 1);
		p += n;
		len -= n;
	}
	blocks(c->val, p, len / SHA256_BLOCK);
	memcpy(c->buf, p + len - len % SHA256_BLOCK, len % SHA256_BLOCK);
}

static void
put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static void
out(const br_sha256_context *c, uint8_t *digest, blocks_fn *blocks)
{
	size_t used = (size_t)(c->count % SHA256_BLOCK);
	uint8_t tail[2 * SHA256_BLOCK] = { 0 };
	size_t count = used + 1 + 8 <= SHA256_BLOCK ? 1 : 2;
	uint64_t bits = c->count << 3;
	uint32_t val[8];
	unsigned i;

	memcpy(tail, c->buf, used);
	tail[used] = 0x80;
	put_be32(tail + count * SHA256_BLOCK - 8, (uint32_t)(bits >> 32));
	put_be32(tail + count * SHA256_BLOCK - 4, (uint32_t)bits);
	memcpy(val, c->val, sizeof val);
	blocks(val, tail, count);
	for (i = 0; i < 8; i++)
		put_be32(digest + 4 * i, val[i]);
}

static uint64_t
get_state(const br_hash_class *const *ctx, void *state)
{
	return br_sha256_state(context_const(ctx), state);
}

static void
set_state(const br_hash_class **ctx, const void *state, uint64_t count)
{
	br_sha256_set_state(context(ctx), state, count);
}

#define SHA256_DESC (BR_HASHDESC_ID(br_sha256_ID) | \
	BR_HASHDESC_OUT(SHA256_LEN) | BR_HASHDESC_STATE(SHA256_LEN) | \
	BR_HASHDESC_LBLEN(6) | BR_HASHDESC_MD_PADDING | \
	BR_HASHDESC_MD_PADDING_BE)

/* The functions of one class and the class itself, NAME_class. */
#define SHA256_CLASS(NAME) \
static const br_hash_class NAME##_class; \
static void \
NAME##_init(const br_hash_class **ctx) \
{ \
	br_sha256_init(context(ctx)); \
	context(ctx)->vtable = &NAME##_class; \
} \
static void \
NAME##_update(const br_hash_class **ctx, const void *data, size_t len) \
{ \
	update(context(ctx), data, len, sha256_##NAME##_blocks); \
} \
static void \
NAME##_out(const br_hash_class *const *ctx, void *digest) \
{ \
	out(context_const(ctx), digest, sha256_##NAME##_blocks); \
} \
static const br_hash_class NAME##_class = { \
	sizeof(br_sha256_context), SHA256_DESC, NAME##_init, NAME##_update, \
	NAME##_out, get_state, set_state \
};

#endif	/* an accelerated class exists */

#ifdef SHA256_HAS_SHANI
SHA256_CLASS(shani)
#endif
#ifdef SHA256_HAS_ARMV8
SHA256_CLASS(armv8)
#endif

static bool
always(void)
{
	return true;
}

/* Slowest first. */
static const struct implementation {
	const char *name;
	const br_hash_class *class;
	bool (*is_usable)(void);
} implementations[] = {
	{ "portable", &br_sha256_vtable, always },
#ifdef SHA256_HAS_SHANI
	{ "sha-ni", &shani_class, sha256_shani_usable },
#endif
#ifdef SHA256_HAS_ARMV8
	{ "armv8", &armv8_class, sha256_armv8_usable },
#endif
};

#define IMPLEMENTATIONS (sizeof implementations / sizeof implementations[0])

/*
 * The index in implementations[] plus one; 0 until somebody asked.  The one
 * variable of the library that outlives its caller: a volume of small files
 * starts a digest for each, and under a hypervisor each cpuid costs a trap of
 * tens of microseconds.  Every thread would find the same answer.
 */
static atomic_uint chosen;

static const struct implementation *
choose(void)
{
	unsigned choice = atomic_load_explicit(&chosen, memory_order_relaxed);

	if (choice == 0) {
		choice = IMPLEMENTATIONS;
		while (!implementations[choice - 1].is_usable())
			choice--;
		atomic_store_explicit(&chosen, choice, memory_order_relaxed);
	}
	return &implementations[choice - 1];
}

const br_hash_class *
sha256_class(void)
{
	return choose()->class;
}

const char *
sha256_name(void)
{
	return choose()->name;
}

const br_hash_class *
sha256_class_at(unsigned index)
{
	unsigned i;

	for (i = 0; i < IMPLEMENTATIONS; i++)
		if (implementations[i].is_usable() && index-- == 0)
			return implementations[i].class;
	return NULL;
}

void
sha256_init(struct sha256 *sha)
{
	sha256_class()->init(&sha->br.vtable);
}

void
sha256_update(struct sha256 *sha, const void *data, size_t len)
{
	sha->br.vtable->update(&sha->br.vtable, data, len);
}

void
sha256_out(const struct sha256 *sha, uint8_t digest[SHA256_LEN])
{
	sha->br.vtable->out(&sha->br.vtable, digest);
}

void
sha256_of(const void *data, size_t len, uint8_t digest[SHA256_LEN])
{
	struct sha256 sha;

	sha256_init(&sha);
	sha256_update(&sha, data, len);
	sha256_out(&sha, digest);
}
