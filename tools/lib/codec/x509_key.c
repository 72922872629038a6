/* SPDX-License-Identifier: BSD-2-Clause */
/* Public keys of certificates; see x509.h. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "codec/x509_private.h"

static const struct {
	const char *oid;
	size_t len;
	enum x509_key_kind kind;
} kinds[] = {
	{ "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9, X509_KEY_RSA },
	{ "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", 9, X509_KEY_RSA_PSS },
	{ "\x2a\x86\x48\xce\x3d\x02\x01", 7, X509_KEY_EC },
	{ "\x2b\x65\x70", 3, X509_KEY_ED25519 },
	{ "\x2b\x65\x71", 3, X509_KEY_ED448 },
	{ "\x2a\x86\x48\xce\x38\x04\x01", 7, X509_KEY_DSA },
};

static const struct {
	const char *oid;
	size_t len;
	enum x509_curve curve;
	unsigned bits;
	const char *text;
} curves[] = {
	{ "\x2a\x86\x48\xce\x3d\x03\x01\x01", 8, X509_CURVE_P192, 192,
	    "P-192" },
	{ "\x2b\x81\x04\x00\x21", 5, X509_CURVE_P224, 224, "P-224" },
	{ "\x2a\x86\x48\xce\x3d\x03\x01\x07", 8, X509_CURVE_P256, 256,
	    "P-256" },
	{ "\x2b\x81\x04\x00\x22", 5, X509_CURVE_P384, 384, "P-384" },
	{ "\x2b\x81\x04\x00\x23", 5, X509_CURVE_P521, 521, "P-521" },
	{ "\x2b\x81\x04\x00\x0a", 5, X509_CURVE_SECP256K1, 256, "secp256k1" },
};
#define CURVES (sizeof curves / sizeof curves[0])

enum x509_key_kind
x509_key_kind_of(const struct der *oid)
{
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (der_is(oid, kinds[i].oid, kinds[i].len))
			return kinds[i].kind;
	return X509_KEY_OTHER;
}

static unsigned
bits_of(const struct der *number)
{
	unsigned bits = (unsigned)(8 * (number->len - 1));
	uint8_t top = number->data[0];

	for (; top != 0; top >>= 1)
		bits++;
	return bits;
}

/* RSAPublicKey: both numbers positive. */
static bool
read_rsa(struct x509_key *key, struct der bytes)
{
	struct der body, n, e;

	if (!der_take(&bytes, DER_SEQUENCE, &body) || bytes.len != 0 ||
	    !der_take(&body, DER_INTEGER, &n) ||
	    !der_take(&body, DER_INTEGER, &e) || body.len != 0 ||
	    !der_unsigned(&n, &key->modulus) ||
	    !der_unsigned(&e, &key->exponent) ||
	    key->modulus.data[0] == 0 || key->exponent.data[0] == 0)
		return false;
	key->bits = bits_of(&key->modulus);
	return true;
}

/* The point's size fits the curve, compressed or not. */
static bool
is_point(const struct x509_key *key)
{
	size_t half = (key->bits + 7) / 8;

	if (key->point.len == 0)
		return false;
	if (key->bits == 0)
		return true;
	if (key->point.data[0] == 4)
		return key->point.len == 1 + 2 * half;
	return (key->point.data[0] == 2 || key->point.data[0] == 3) &&
	    key->point.len == 1 + half;
}

static bool
read_ec(struct x509_key *key, struct der parameters, struct der bytes)
{
	struct der oid;
	size_t i;

	key->point = bytes;
	if (der_is_next(&parameters, DER_SEQUENCE)) {
		key->curve = X509_CURVE_EXPLICIT;
		return is_point(key);
	}
	if (!der_take(&parameters, DER_OID, &oid) || parameters.len != 0)
		return false;
	key->curve = X509_CURVE_OTHER;
	for (i = 0; i < CURVES; i++)
		if (der_is(&oid, curves[i].oid, curves[i].len)) {
			key->curve = curves[i].curve;
			key->bits = curves[i].bits;
		}
	return is_point(key);
}

static bool
read_key(struct x509_key *key, const void *der, size_t len)
{
	struct der in = { der, len };
	struct der_element spki;
	struct der alg, bits, bytes, oid;

	if (!der_next(&in, &spki) || spki.tag != DER_SEQUENCE || in.len != 0)
		return false;
	key->spki = spki.whole;
	if (!der_take(&spki.body, DER_SEQUENCE, &alg) ||
	    !der_take(&spki.body, DER_BITS, &bits) || spki.body.len != 0 ||
	    !der_take(&alg, DER_OID, &oid) || oid.len == 0 ||
	    !der_bytes_of_bits(&bits, &bytes))
		return false;
	key->kind = x509_key_kind_of(&oid);
	if (key->kind == X509_KEY_RSA)
		return read_rsa(key, bytes);
	return key->kind != X509_KEY_EC || read_ec(key, alg, bytes);
}

int
x509_key_parse(struct x509_key *key, const void *der, size_t len,
    struct err *err)
{
	struct x509_key fresh;

	memset(&fresh, 0, sizeof fresh);
	if (!read_key(&fresh, der, len))
		return err_set(err, ERR_DAMAGED, 0,
		    "public key: not well-formed");
	*key = fresh;
	return 0;
}

static const char *
curve_text(enum x509_curve curve)
{
	size_t i;

	for (i = 0; i < CURVES; i++)
		if (curves[i].curve == curve)
			return curves[i].text;
	return curve == X509_CURVE_EXPLICIT ? "explicit curve" :
	    "unknown curve";
}

const char *
x509_key_text(const struct x509_key *key, char text[X509_KEY_TEXT_MAX])
{
	static const char *const names[] = {
		[X509_KEY_OTHER] = "unknown algorithm",
		[X509_KEY_RSA_PSS] = "RSA-PSS",
		[X509_KEY_ED25519] = "Ed25519",
		[X509_KEY_ED448] = "Ed448",
		[X509_KEY_DSA] = "DSA",
	};

	if (key->kind == X509_KEY_RSA)
		(void)snprintf(text, X509_KEY_TEXT_MAX, "RSA %u", key->bits);
	else if (key->kind == X509_KEY_EC)
		(void)snprintf(text, X509_KEY_TEXT_MAX, "ECDSA %s",
		    curve_text(key->curve));
	else
		(void)snprintf(text, X509_KEY_TEXT_MAX, "%s", names[key->kind]);
	return text;
}
