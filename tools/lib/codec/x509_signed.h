/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mathematics of certificates, through BearSSL's primitives: signatures
 * of certificates, and private keys that belong to them.
 */
#ifndef CODEC_X509_SIGNED_H
#define CODEC_X509_SIGNED_H

#include <stddef.h>

struct pem_block;
struct x509;
struct x509_key;

enum x509_signed {
	X509_SIGNED,		/* by this key */
	X509_NOT_SIGNED,	/* not by this key, or damaged */
	X509_SIGNED_UNKNOWN	/* an algorithm, curve or size not supported */
};

/*
 * RSA PKCS #1 v1.5 up to 4096 bits and ECDSA on P-256, P-384 and P-521, with
 * SHA-1 and the SHA-2 family; other algorithms are UNKNOWN, never "not
 * signed".
 */
enum x509_signed x509_signed_by(const struct x509 *cert,
    const struct x509_key *key);

enum x509_pair {
	X509_PAIR,		/* the private half of this public key */
	X509_NO_PAIR,
	X509_PAIR_ENCRYPTED,	/* cannot be told without its passphrase */
	X509_PAIR_UNKNOWN,	/* a kind of key that is not supported */
	X509_PAIR_DAMAGED	/* no private key, or one that is broken */
};

/*
 * Whether a private key's PEM block and a public key belong together, by
 * computing the public half anew.  pub NULL: PAIR means that the key is whole
 * and has a public half.
 */
enum x509_pair x509_pair_check(const struct pem_block *secret,
    const struct x509_key *pub);

#endif
