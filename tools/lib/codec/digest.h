/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The digests that lists of checksums use, by name or by length.  SHA-256 is
 * the one of codec/sha256; the others are BearSSL's.  MD5 and SHA-1 tell a
 * rotten file from a good one; they prove nothing against a person.
 */
#ifndef CODEC_DIGEST_H
#define CODEC_DIGEST_H

#include <bearssl_hash.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum digest_kind {
	DIGEST_MD5,
	DIGEST_SHA1,
	DIGEST_SHA224,
	DIGEST_SHA256,
	DIGEST_SHA384,
	DIGEST_SHA512
};
#define DIGEST_KINDS 6
#define DIGEST_MAX 64		/* bytes of the longest */

/* Bytes of a digest. */
size_t digest_len(enum digest_kind kind);
/* "MD5", "SHA-1", "SHA-256" and so on. */
const char *digest_name(enum digest_kind kind);

/*
 * "SHA256" (coreutils and the BSDs), "SHA2-256" (openssl), "SHA-256"; either
 * case.  False for any other name, the truncated SHA512-256 among them.
 */
bool digest_by_name(const char *name, size_t len, enum digest_kind *kind);
/* By the number of bytes; false when no digest has it. */
bool digest_by_len(size_t len, enum digest_kind *kind);

/* Copyable: a copy goes on from the same place. */
struct digest {
	br_hash_compat_context br;	/* private */
};

void digest_init(struct digest *d, enum digest_kind kind);
void digest_update(struct digest *d, const void *data, size_t len);
/* digest_len() bytes, of what came so far; the context can go on. */
void digest_out(const struct digest *d, uint8_t out[DIGEST_MAX]);

/*
 * SHA-256 only, after a multiple of DIGEST_STEP bytes: what it holds, and how
 * to go on from there after digest_init(), in this process or another.
 */
#define DIGEST_STEP 64
#define DIGEST_STATE_LEN 32
void digest_save(const struct digest *d, uint8_t state[DIGEST_STATE_LEN]);
void digest_resume(struct digest *d, const uint8_t state[DIGEST_STATE_LEN],
    uint64_t bytes);

#endif
