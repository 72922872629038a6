/* SPDX-License-Identifier: BSD-2-Clause */
/* Signatures and pairs of keys through BearSSL; see x509_signed.h. */
#include "codec/x509_signed.h"

#include <bearssl_ec.h>
#include <bearssl_hash.h>
#include <bearssl_rsa.h>
#include <bearssl_x509.h>
#include <stdbool.h>
#include <string.h>

#include "codec/pem.h"
#include "codec/x509_private.h"

/* What BearSSL's buffers are made for. */
#define RSA_BYTES_MAX 512
#define RSA_FACTOR_MAX (RSA_BYTES_MAX / 2)
#define EXPONENT_MAX 8
#define POINT_MAX 133
#define DIGEST_MAX 64

static int
curve_of(const struct x509_key *key)
{
	switch (key->curve) {
	case X509_CURVE_P256:
		return BR_EC_secp256r1;
	case X509_CURVE_P384:
		return BR_EC_secp384r1;
	case X509_CURVE_P521:
		return BR_EC_secp521r1;
	default:
		return 0;
	}
}

/* -------------------------------------------------------------- signatures */

/* BearSSL's constants, which are casts, do not fit a static table. */
#define OID_SHA2 "\x09\x60\x86\x48\x01\x65\x03\x04\x02"

static const struct hash {
	enum x509_hash hash;
	size_t len;
	const br_hash_class *class;
	const char *oid;	/* as PKCS #1 wants it: with its length */
} hashes[] = {
	{ X509_HASH_SHA1, 20, &br_sha1_vtable, "\x05\x2b\x0e\x03\x02\x1a" },
	{ X509_HASH_SHA224, 28, &br_sha224_vtable, OID_SHA2 "\x04" },
	{ X509_HASH_SHA256, 32, &br_sha256_vtable, OID_SHA2 "\x01" },
	{ X509_HASH_SHA384, 48, &br_sha384_vtable, OID_SHA2 "\x02" },
	{ X509_HASH_SHA512, 64, &br_sha512_vtable, OID_SHA2 "\x03" },
};

static const struct hash *
hash_of(enum x509_hash hash)
{
	size_t i;

	for (i = 0; i < sizeof hashes / sizeof hashes[0]; i++)
		if (hashes[i].hash == hash)
			return &hashes[i];
	return NULL;
}

static enum x509_signed
check_rsa(const struct x509 *cert, const struct x509_key *key,
    const struct hash *hash, const uint8_t digest[DIGEST_MAX])
{
	unsigned char n[RSA_BYTES_MAX], e[EXPONENT_MAX], found[DIGEST_MAX];
	br_rsa_public_key pub = { n, key->modulus.len, e, key->exponent.len };
	bool is_same;

	if (pub.nlen > sizeof n || pub.elen > sizeof e)
		return X509_SIGNED_UNKNOWN;
	memcpy(n, key->modulus.data, pub.nlen);
	memcpy(e, key->exponent.data, pub.elen);
	is_same = br_rsa_pkcs1_vrfy_get_default()(cert->signature.data,
	    cert->signature.len, (const unsigned char *)hash->oid, hash->len,
	    &pub, found) == 1 && memcmp(found, digest, hash->len) == 0;
	return is_same ? X509_SIGNED : X509_NOT_SIGNED;
}

static enum x509_signed
check_ecdsa(const struct x509 *cert, const struct x509_key *key,
    const struct hash *hash, const uint8_t digest[DIGEST_MAX])
{
	unsigned char point[POINT_MAX];
	br_ec_public_key pub = { curve_of(key), point, key->point.len };

	/* Compressed points and other curves. */
	if (pub.curve == 0 || pub.qlen > sizeof point ||
	    key->point.data[0] != 4)
		return X509_SIGNED_UNKNOWN;
	memcpy(point, key->point.data, pub.qlen);
	return br_ecdsa_vrfy_asn1_get_default()(br_ec_get_default(), digest,
	    hash->len, &pub, cert->signature.data, cert->signature.len) == 1 ?
	    X509_SIGNED : X509_NOT_SIGNED;
}

enum x509_signed
x509_signed_by(const struct x509 *cert, const struct x509_key *key)
{
	const struct hash *hash = hash_of(cert->sig_alg.hash);
	br_hash_compat_context ctx;
	uint8_t digest[DIGEST_MAX];

	if (cert->sig_alg.key == X509_KEY_OTHER)
		return X509_SIGNED_UNKNOWN;
	if (cert->sig_alg.key != key->kind &&
	    !(cert->sig_alg.key == X509_KEY_RSA_PSS &&
	    key->kind == X509_KEY_RSA))
		return X509_NOT_SIGNED;
	if (hash == NULL)
		return X509_SIGNED_UNKNOWN;
	hash->class->init(&ctx.vtable);
	hash->class->update(&ctx.vtable, cert->tbs.data, cert->tbs.len);
	hash->class->out(&ctx.vtable, digest);
	return key->kind == X509_KEY_RSA ?
	    check_rsa(cert, key, hash, digest) :
	    check_ecdsa(cert, key, hash, digest);
}

/* ------------------------------------------------------------ private keys */

/* What of a private key's DER is there to compare with. */
struct secret {
	enum x509_key_kind kind;
	struct der inner;	/* RSAPrivateKey or ECPrivateKey */
	struct der modulus;	/* what the file says its public half is; */
	struct der point;	/* empty where it does not say */
};

/* PKCS #8: the kind by its object identifier, and what is inside. */
static bool
open_pkcs8(struct secret *secret, struct der in)
{
	struct der body, alg, oid;

	if (!der_take(&in, DER_SEQUENCE, &body) ||
	    !der_take(&body, DER_INTEGER, NULL) ||
	    !der_take(&body, DER_SEQUENCE, &alg) ||
	    !der_take(&alg, DER_OID, &oid) ||
	    !der_take(&body, DER_OCTETS, &secret->inner))
		return false;
	secret->kind = x509_key_kind_of(&oid);
	return true;
}

static bool
read_rsa(struct secret *secret)
{
	struct der in = secret->inner, body, number;

	return der_take(&in, DER_SEQUENCE, &body) && in.len == 0 &&
	    der_take(&body, DER_INTEGER, NULL) &&
	    der_take(&body, DER_INTEGER, &number) &&
	    der_unsigned(&number, &secret->modulus);
}

static bool
read_ec(struct secret *secret)
{
	struct der in = secret->inner, body, outer, bits;

	if (!der_take(&in, DER_SEQUENCE, &body) || in.len != 0 ||
	    !der_take(&body, DER_INTEGER, NULL) ||
	    !der_take(&body, DER_OCTETS, NULL))
		return false;
	if (der_is_next(&body, DER_CONTEXT_OF(0)) &&
	    !der_take(&body, DER_CONTEXT_OF(0), NULL))
		return false;
	if (body.len == 0)
		return true;
	return der_take(&body, DER_CONTEXT_OF(1), &outer) &&
	    der_take(&outer, DER_BITS, &bits) &&
	    der_bytes_of_bits(&bits, &secret->point);
}

/* False: a private key's block, but its DER is broken. */
static bool
open_secret(struct secret *secret, const struct pem_block *block)
{
	struct der in = { block->der, block->len };

	memset(secret, 0, sizeof *secret);
	secret->inner = in;
	if (strcmp(block->label, "RSA PRIVATE KEY") == 0)
		secret->kind = X509_KEY_RSA;
	else if (strcmp(block->label, "EC PRIVATE KEY") == 0)
		secret->kind = X509_KEY_EC;
	else if (strcmp(block->label, "PRIVATE KEY") != 0)
		return true;
	else if (!open_pkcs8(secret, in))
		return false;
	if (secret->kind == X509_KEY_RSA)
		return read_rsa(secret);
	return secret->kind != X509_KEY_EC || read_ec(secret);
}

static enum x509_pair
pair_of(const struct der *computed, const struct der *stated,
    const struct der *wanted, bool is_kind)
{
	/* A file that contradicts itself is broken, whatever it belongs to. */
	if (stated->len > 0 && !der_equal(computed, stated))
		return X509_PAIR_DAMAGED;
	if (wanted == NULL)
		return X509_PAIR;
	return is_kind && der_equal(computed, wanted) ? X509_PAIR :
	    X509_NO_PAIR;
}

static enum x509_pair
pair_rsa(const struct secret *secret, const br_rsa_private_key *rsa,
    const struct x509_key *pub)
{
	br_rsa_compute_modulus compute = br_rsa_compute_modulus_get_default();
	uint8_t n[2 * RSA_FACTOR_MAX];
	struct der computed = { n, 0 };

	if (rsa->plen > RSA_FACTOR_MAX || rsa->qlen > RSA_FACTOR_MAX)
		return X509_PAIR_UNKNOWN;
	computed.len = compute(NULL, rsa);
	if (computed.len == 0 || computed.len > sizeof n ||
	    compute(n, rsa) != computed.len)
		return X509_PAIR_DAMAGED;
	return pair_of(&computed, &secret->modulus,
	    pub == NULL ? NULL : &pub->modulus,
	    pub != NULL && pub->kind == X509_KEY_RSA);
}

static enum x509_pair
pair_ec(const struct secret *secret, const br_ec_private_key *ec,
    const struct x509_key *pub)
{
	unsigned char point[BR_EC_KBUF_PUB_MAX_SIZE];
	br_ec_public_key made;
	struct der computed = { point, 0 };

	computed.len = br_ec_compute_pub(br_ec_get_default(), &made, point, ec);
	if (computed.len == 0)
		return X509_PAIR_UNKNOWN;
	/* Points in the short form cannot be compared with what is made. */
	if (pub != NULL && pub->kind == X509_KEY_EC && pub->point.data[0] != 4)
		return X509_PAIR_UNKNOWN;
	return pair_of(&computed, &secret->point,
	    pub == NULL ? NULL : &pub->point, pub != NULL &&
	    pub->kind == X509_KEY_EC && curve_of(pub) == ec->curve);
}

static enum x509_pair
pair_decoded(const struct secret *secret, const br_skey_decoder_context *key,
    const struct x509_key *pub)
{
	int error = br_skey_decoder_last_error(key);

	if (error == 0 && br_skey_decoder_key_type(key) == BR_KEYTYPE_RSA)
		return pair_rsa(secret, br_skey_decoder_get_rsa(key), pub);
	if (error == 0)
		return pair_ec(secret, br_skey_decoder_get_ec(key), pub);
	/* Whole, but of a curve or a size that it does not know. */
	return error == BR_ERR_X509_UNSUPPORTED ||
	    error == BR_ERR_X509_LIMIT_EXCEEDED ? X509_PAIR_UNKNOWN :
	    X509_PAIR_DAMAGED;
}

enum x509_pair
x509_pair_check(const struct pem_block *block, const struct x509_key *pub)
{
	br_skey_decoder_context decoder;
	struct secret secret;
	enum x509_pair pair;

	if (!pem_is_private(block))
		return X509_PAIR_DAMAGED;
	if (block->is_encrypted)
		return X509_PAIR_ENCRYPTED;
	if (!open_secret(&secret, block))
		return X509_PAIR_DAMAGED;
	if (secret.kind != X509_KEY_RSA && secret.kind != X509_KEY_EC)
		return X509_PAIR_UNKNOWN;
	br_skey_decoder_init(&decoder);
	br_skey_decoder_push(&decoder, block->der, block->len);
	pair = pair_decoded(&secret, &decoder, pub);
	explicit_bzero(&decoder, sizeof decoder);
	return pair;
}
