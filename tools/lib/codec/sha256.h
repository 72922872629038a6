/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256 (FIPS 180-4) at the machine's speed: the processor's own
 * instructions where it has them (x86 SHA extensions, ARMv8), else BearSSL's
 * portable code.  Chosen at run time; all give the same digests.
 */
#ifndef CODEC_SHA256_H
#define CODEC_SHA256_H

#include <bearssl_hash.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_LEN 32

/* Copyable: a copy goes on from the same place. */
struct sha256 {
	br_sha256_context br;	/* private */
};

void sha256_init(struct sha256 *sha);
void sha256_update(struct sha256 *sha, const void *data, size_t len);
/* The digest of what came so far; the context can go on. */
void sha256_out(const struct sha256 *sha, uint8_t digest[SHA256_LEN]);
/* All at once. */
void sha256_of(const void *data, size_t len, uint8_t digest[SHA256_LEN]);

/* The implementation in use, for BearSSL's HMAC and ECDSA. */
const br_hash_class *sha256_class(void);
/* "sha-ni", "armv8" or "portable". */
const char *sha256_name(void);

/*
 * The implementations this machine can run, for tests: index 0 is always the
 * portable one; NULL past the last.
 */
const br_hash_class *sha256_class_at(unsigned index);

#endif
