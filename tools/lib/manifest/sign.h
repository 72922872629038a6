/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Detached ECDSA P-256 signatures (DER) over SHA-256 of a file's bytes, as
 * "openssl dgst -sha256 -verify key.pub -signature file.sig file" checks
 * them.  Private keys: PEM, "EC PRIVATE KEY" (RFC 5915, what openssl
 * ecparam -genkey writes, with or without its parameters block) or "PRIVATE
 * KEY" (RFC 5958), P-256 only, not encrypted.  Public keys: PEM "PUBLIC KEY"
 * (RFC 5480).
 */
#ifndef MANIFEST_SIGN_H
#define MANIFEST_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

#define SIGN_KEY_FILE_MAX 16384
#define SIGN_MAX 80		/* bytes of a DER signature, at most */
#define SIGN_POINT_LEN 65

struct sign_key {
	uint8_t secret[32];
	uint8_t point[SIGN_POINT_LEN];	/* the public half */
};

struct sign_public {
	uint8_t point[SIGN_POINT_LEN];
};

/* random: 32 or more bytes of the system's randomness. */
int sign_key_new(struct sign_key *key, const void *random, size_t len,
    struct err *err);
/* The PEM files of a key; text is appended to out. */
void sign_key_format(const struct sign_key *key, struct buf *out);
void sign_public_format(const struct sign_public *pub, struct buf *out);

/*
 * The first block of the file counts, "EC PARAMETERS" aside; text around it
 * and CR LF are fine.  ERR_USAGE names what cannot be used: an encrypted key,
 * another curve or algorithm, another kind of block.  ERR_DAMAGED: no key in
 * PEM form.  ERR_LIMIT: len is over SIGN_KEY_FILE_MAX.  *key is untouched on
 * failure; wiping it afterwards is the caller's.
 */
int sign_key_parse(struct sign_key *key, const char *pem, size_t len,
    struct err *err);
/* Accepts a public key, or a private one, of which it takes the public half. */
int sign_public_parse(struct sign_public *pub, const char *pem, size_t len,
    struct err *err);

/*
 * The same from the file that --key names, which may be a link; the error
 * says --key and the path.
 */
int sign_key_read(struct sign_key *key, const char *path, struct err *err);
int sign_public_read(struct sign_public *pub, const char *path,
    struct err *err);

/* "SHA256:" and 43 characters of unpadded base64 over the SPKI, with NUL. */
#define SIGN_FINGERPRINT_MAX 52
const char *sign_fingerprint(const struct sign_public *pub,
    char text[SIGN_FINGERPRINT_MAX]);

/* Sign a SHA-256 digest; deterministic (RFC 6979). */
int sign_make(const struct sign_key *key, const uint8_t digest[32],
    uint8_t sig[SIGN_MAX], size_t *sig_len, struct err *err);
/*
 * ERR_SIGNATURE when it is not this key's signature of this digest, in the
 * one encoding that DER allows.  (With a signature (r, s) everybody can write
 * (r, n - s), which is as good; so nothing may be told apart by the bytes of
 * its signature.)
 */
int sign_check(const struct sign_public *pub, const uint8_t digest[32],
    const uint8_t *sig, size_t sig_len, struct err *err);

#endif
