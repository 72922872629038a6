/* SPDX-License-Identifier: BSD-2-Clause */
/* ECDSA P-256 keys and signatures through BearSSL; see sign.h. */
#include "manifest/sign.h"

#include <bearssl_ec.h>
#include <bearssl_pem.h>
#include <bearssl_rand.h>
#include <bearssl_x509.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "codec/pem.h"
#include "codec/sha256.h"

/* Constant time, and nothing but the one curve. */
#define CURVE (&br_ec_p256_m31)

#define SECRET_LEN 32
#define DIGEST_LEN 32
#define SEED_MIN 32

#define LABEL_SEC1 "EC PRIVATE KEY"
#define LABEL_PKCS8 "PRIVATE KEY"
#define LABEL_PUBLIC "PUBLIC KEY"
#define LABEL_PARAMETERS "EC PARAMETERS"

/* RFC 5480: id-ecPublicKey, prime256v1, a bit string of 65 bytes. */
static const uint8_t spki_prefix[] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
	0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03,
	0x42, 0x00
};
#define SPKI_LEN (sizeof spki_prefix + SIGN_POINT_LEN)

/* ---------------------------------------------------------------- PEM in */

/* The first block that is not a parameters block. */
static int
first_block(struct pem_block *block, const char *text, size_t len,
    struct err *err)
{
	struct pem_reader reader;
	int got;

	pem_init(&reader, text, len);
	do
		got = pem_next(&reader, block, err);
	while (got == 1 && strcmp(block->label, LABEL_PARAMETERS) == 0);
	if (got == -1)
		return err_context(err, "key");
	if (got == 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "key: not a key in PEM form");
	return 0;
}

static int
read_pem(struct pem_block *block, const char *text, size_t len,
    struct err *err)
{
	if (len > SIGN_KEY_FILE_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "key: %zu bytes, more than the %d allowed", len,
		    SIGN_KEY_FILE_MAX);
	if (first_block(block, text, len, err) == -1)
		return -1;
	if (block->is_encrypted)
		return err_set(err, ERR_USAGE, 0, "key: it is encrypted; "
		    "decrypt it first (openssl ec -in KEY -out PLAIN)");
	return 0;
}

/* --------------------------------------------------------------- DER in */

/* A better word than "wrong" for keys that people have. */
static int
wrong_kind(const struct pem_block *block, struct err *err)
{
	static const struct {
		const char *oid;
		size_t len;
		const char *name;
	} kinds[] = {
		{ "\x06\x05\x2b\x81\x04\x00\x22", 7, "a P-384 key" },
		{ "\x06\x05\x2b\x81\x04\x00\x23", 7, "a P-521 key" },
		{ "\x06\x05\x2b\x81\x04\x00\x0a", 7, "a secp256k1 key" },
		{ "\x06\x03\x2b\x65\x70", 5, "an Ed25519 key" },
		{ "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 11,
		    "an RSA key" },
	};
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (memmem(block->der, block->len, kinds[i].oid,
		    kinds[i].len) != NULL)
			return err_set(err, ERR_USAGE, 0,
			    "key: it is %s; only ECDSA P-256 can be used",
			    kinds[i].name);
	return err_set(err, ERR_DAMAGED, 0,
	    "key: not an ECDSA P-256 key, or damaged");
}

static int
wrong_label(const struct pem_block *block, const char *wanted, struct err *err)
{
	char label[ESCAPE_NAME_MAX];

	return err_set(err, ERR_USAGE, 0, "key: the file holds a '%s', not %s",
	    escape_name(block->label, label), wanted);
}

static bool
is_private_label(const char *label)
{
	return strcmp(label, LABEL_SEC1) == 0 ||
	    strcmp(label, LABEL_PKCS8) == 0;
}

/* 1 to the order less 1, both included. */
static bool
is_scalar(const uint8_t scalar[SECRET_LEN])
{
	static const uint8_t zero[SECRET_LEN];
	size_t len;
	const unsigned char *order = CURVE->order(BR_EC_secp256r1, &len);

	return memcmp(scalar, zero, sizeof zero) != 0 &&
	    memcmp(scalar, order, SECRET_LEN) < 0;
}

/* On the curve: multiplying by one decodes the point and says whether. */
static bool
is_point(const uint8_t point[SIGN_POINT_LEN])
{
	static const unsigned char one[1] = { 1 };
	unsigned char copy[SIGN_POINT_LEN];

	memcpy(copy, point, sizeof copy);
	return point[0] == 4 && CURVE->mul(copy, sizeof copy, one, sizeof one,
	    BR_EC_secp256r1) == 1;
}

/* Big-endian, of any length, as exactly SECRET_LEN bytes. */
static bool
take_secret(struct sign_key *key, const br_ec_private_key *from)
{
	const uint8_t *x = from->x;
	size_t len = from->xlen;

	while (len > SECRET_LEN && *x == 0) {
		x++;
		len--;
	}
	if (from->curve != BR_EC_secp256r1 || len > SECRET_LEN)
		return false;
	memset(key->secret, 0, SECRET_LEN);
	memcpy(key->secret + SECRET_LEN - len, x, len);
	return is_scalar(key->secret) && CURVE->mulgen(key->point, key->secret,
	    SECRET_LEN, BR_EC_secp256r1) == SIGN_POINT_LEN;
}

static int
key_from_block(struct sign_key *key, const struct pem_block *block,
    struct err *err)
{
	br_skey_decoder_context decoder;
	const br_ec_private_key *ec;
	struct sign_key fresh;
	bool is_good;

	br_skey_decoder_init(&decoder);
	br_skey_decoder_push(&decoder, block->der, block->len);
	ec = br_skey_decoder_get_ec(&decoder);
	is_good = ec != NULL && take_secret(&fresh, ec);
	if (is_good)
		*key = fresh;
	explicit_bzero(&decoder, sizeof decoder);
	explicit_bzero(&fresh, sizeof fresh);
	return is_good ? 0 : wrong_kind(block, err);
}

static int
public_from_block(struct sign_public *pub, const struct pem_block *block,
    struct err *err)
{
	const uint8_t *point = block->der + sizeof spki_prefix;

	if (block->len != SPKI_LEN ||
	    memcmp(block->der, spki_prefix, sizeof spki_prefix) != 0)
		return wrong_kind(block, err);
	if (!is_point(point))
		return err_set(err, ERR_DAMAGED, 0,
		    "key: not a point of the curve");
	memcpy(pub->point, point, SIGN_POINT_LEN);
	return 0;
}

int
sign_key_parse(struct sign_key *key, const char *pem, size_t len,
    struct err *err)
{
	struct pem_block block = PEM_BLOCK_EMPTY;
	int ret = -1;

	if (read_pem(&block, pem, len, err) == -1)
		goto out;
	if (!is_private_label(block.label))
		(void)wrong_label(&block, "an EC private key", err);
	else
		ret = key_from_block(key, &block, err);
out:
	pem_release(&block);
	return ret;
}

int
sign_public_parse(struct sign_public *pub, const char *pem, size_t len,
    struct err *err)
{
	struct pem_block block = PEM_BLOCK_EMPTY;
	struct sign_key key;
	int ret = -1;

	if (read_pem(&block, pem, len, err) == -1)
		goto out;
	if (strcmp(block.label, LABEL_PUBLIC) == 0) {
		ret = public_from_block(pub, &block, err);
		goto out;
	}
	if (!is_private_label(block.label)) {
		(void)wrong_label(&block, "a public key", err);
		goto out;
	}
	if (key_from_block(&key, &block, err) == -1)
		goto out;
	memcpy(pub->point, key.point, SIGN_POINT_LEN);
	ret = 0;
out:
	pem_release(&block);
	explicit_bzero(&key, sizeof key);
	return ret;
}

/* ----------------------------------------------------------------- out */

int
sign_key_new(struct sign_key *key, const void *random, size_t len,
    struct err *err)
{
	br_hmac_drbg_context drbg;
	struct sign_key fresh;
	br_ec_private_key ec;
	bool is_good;

	if (len < SEED_MIN)
		return err_set(err, ERR_USAGE, 0,
		    "key: %zu random bytes are too few", len);
	br_hmac_drbg_init(&drbg, sha256_class(), random, len);
	is_good = br_ec_keygen(&drbg.vtable, CURVE, &ec, fresh.secret,
	    BR_EC_secp256r1) == SECRET_LEN &&
	    CURVE->mulgen(fresh.point, fresh.secret, SECRET_LEN,
	    BR_EC_secp256r1) == SIGN_POINT_LEN;
	if (is_good)
		*key = fresh;
	explicit_bzero(&drbg, sizeof drbg);
	explicit_bzero(&fresh, sizeof fresh);
	if (!is_good)
		return err_set(err, ERR_IO, 0, "key: cannot be made");
	return 0;
}

static void
put_pem(struct buf *out, const void *der, size_t len, const char *label)
{
	size_t room = br_pem_encode(NULL, NULL, len, label, BR_PEM_LINE64);

	/* It writes a NUL after them, for which the buf has room. */
	(void)br_pem_encode(buf_reserve(out, room), der, len, label,
	    BR_PEM_LINE64);
	out->len += room;
}

void
sign_key_format(const struct sign_key *key, struct buf *out)
{
	struct sign_key copy = *key;
	br_ec_private_key secret = { BR_EC_secp256r1, copy.secret, SECRET_LEN };
	br_ec_public_key pub = { BR_EC_secp256r1, copy.point, SIGN_POINT_LEN };
	uint8_t der[256];	/* 121 are needed */
	size_t len = br_encode_ec_raw_der(der, &secret, &pub);

	put_pem(out, der, len, LABEL_SEC1);
	explicit_bzero(&copy, sizeof copy);
	explicit_bzero(der, sizeof der);
}

static void
make_spki(const struct sign_public *pub, uint8_t spki[SPKI_LEN])
{
	memcpy(spki, spki_prefix, sizeof spki_prefix);
	memcpy(spki + sizeof spki_prefix, pub->point, SIGN_POINT_LEN);
}

void
sign_public_format(const struct sign_public *pub, struct buf *out)
{
	uint8_t spki[SPKI_LEN];

	make_spki(pub, spki);
	put_pem(out, spki, sizeof spki, LABEL_PUBLIC);
}

const char *
sign_fingerprint(const struct sign_public *pub,
    char text[SIGN_FINGERPRINT_MAX])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char head[] = "SHA256:";
	uint8_t spki[SPKI_LEN], digest[DIGEST_LEN + 1];
	size_t bit, out = sizeof head - 1;

	make_spki(pub, spki);
	sha256_of(spki, sizeof spki, digest);
	digest[DIGEST_LEN] = 0;
	memcpy(text, head, sizeof head);
	for (bit = 0; bit < 8 * DIGEST_LEN; bit += 6) {
		unsigned pair = (unsigned)digest[bit / 8] << 8 |
		    digest[bit / 8 + 1];

		text[out++] = letters[pair >> (10 - bit % 8) & 63];
	}
	text[out] = '\0';
	return text;
}

/* ---------------------------------------------------------- signatures */

int
sign_make(const struct sign_key *key, const uint8_t digest[32],
    uint8_t sig[SIGN_MAX], size_t *sig_len, struct err *err)
{
	struct sign_key copy = *key;
	br_ec_private_key secret = { BR_EC_secp256r1, copy.secret, SECRET_LEN };
	size_t len = br_ecdsa_i31_sign_asn1(CURVE, sha256_class(), digest,
	    &secret, sig);

	explicit_bzero(&copy, sizeof copy);
	if (len == 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "this key cannot make a signature");
	*sig_len = len;
	return 0;
}

/*
 * BearSSL's decoder lets other encodings of the same two numbers pass.  The
 * one that DER allows is the one that encoding them again gives.
 */
static bool
is_der(const uint8_t *sig, size_t sig_len)
{
	uint8_t again[SIGN_MAX];
	uint8_t raw[2 * SECRET_LEN];
	size_t half;

	if (sig_len > SIGN_MAX)
		return false;
	memcpy(again, sig, sig_len);
	half = br_ecdsa_asn1_to_raw(again, sig_len) / 2;
	if (half == 0 || half > SECRET_LEN)
		return false;
	memset(raw, 0, sizeof raw);
	memcpy(raw + SECRET_LEN - half, again, half);
	memcpy(raw + 2 * SECRET_LEN - half, again + half, half);
	if (!is_scalar(raw) || !is_scalar(raw + SECRET_LEN))
		return false;
	memcpy(again, raw, sizeof raw);
	return br_ecdsa_raw_to_asn1(again, sizeof raw) == sig_len &&
	    memcmp(again, sig, sig_len) == 0;
}

int
sign_check(const struct sign_public *pub, const uint8_t digest[32],
    const uint8_t *sig, size_t sig_len, struct err *err)
{
	struct sign_public copy = *pub;
	br_ec_public_key ec = { BR_EC_secp256r1, copy.point, SIGN_POINT_LEN };

	if (!is_der(sig, sig_len))
		return err_set(err, ERR_SIGNATURE, 0,
		    "not a well-formed ECDSA P-256 signature");
	if (br_ecdsa_i31_vrfy_asn1(CURVE, digest, DIGEST_LEN, &ec, sig,
	    sig_len) != 1)
		return err_set(err, ERR_SIGNATURE, 0,
		    "not this key's signature of these bytes");
	return 0;
}
