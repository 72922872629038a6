/* SPDX-License-Identifier: BSD-2-Clause */
/* What a certificate says; see x509.h. */
#include "codec/x509.h"

#include <string.h>

#include "base/err.h"
#include "codec/x509_private.h"

#define SERIAL_MAX 20	/* RFC 5280, 4.1.2.2 */

/* ------------------------------------------------------------- signatures */

#define OID_PKCS1 "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define OID_ECDSA_SHA2 "\x2a\x86\x48\xce\x3d\x04\x03"

static const struct {
	const char *oid;
	size_t len;
	struct x509_sig_alg alg;
} sig_algs[] = {
	{ OID_ECDSA_SHA2 "\x02", 8,
	    { X509_KEY_EC, X509_HASH_SHA256, "ecdsa-with-SHA256" } },
	{ OID_ECDSA_SHA2 "\x03", 8,
	    { X509_KEY_EC, X509_HASH_SHA384, "ecdsa-with-SHA384" } },
	{ OID_ECDSA_SHA2 "\x04", 8,
	    { X509_KEY_EC, X509_HASH_SHA512, "ecdsa-with-SHA512" } },
	{ OID_ECDSA_SHA2 "\x01", 8,
	    { X509_KEY_EC, X509_HASH_SHA224, "ecdsa-with-SHA224" } },
	{ "\x2a\x86\x48\xce\x3d\x04\x01", 7,
	    { X509_KEY_EC, X509_HASH_SHA1, "ecdsa-with-SHA1" } },
	{ OID_PKCS1 "\x0b", 9,
	    { X509_KEY_RSA, X509_HASH_SHA256, "sha256WithRSAEncryption" } },
	{ OID_PKCS1 "\x0c", 9,
	    { X509_KEY_RSA, X509_HASH_SHA384, "sha384WithRSAEncryption" } },
	{ OID_PKCS1 "\x0d", 9,
	    { X509_KEY_RSA, X509_HASH_SHA512, "sha512WithRSAEncryption" } },
	{ OID_PKCS1 "\x0e", 9,
	    { X509_KEY_RSA, X509_HASH_SHA224, "sha224WithRSAEncryption" } },
	{ OID_PKCS1 "\x05", 9,
	    { X509_KEY_RSA, X509_HASH_SHA1, "sha1WithRSAEncryption" } },
	{ OID_PKCS1 "\x04", 9,
	    { X509_KEY_RSA, X509_HASH_MD5, "md5WithRSAEncryption" } },
	{ OID_PKCS1 "\x03", 9,
	    { X509_KEY_RSA, X509_HASH_MD5, "md4WithRSAEncryption" } },
	{ OID_PKCS1 "\x02", 9,
	    { X509_KEY_RSA, X509_HASH_MD5, "md2WithRSAEncryption" } },
	{ OID_PKCS1 "\x0a", 9,
	    { X509_KEY_RSA_PSS, X509_HASH_NONE, "RSASSA-PSS" } },
	{ "\x2b\x65\x70", 3, { X509_KEY_ED25519, X509_HASH_NONE, "Ed25519" } },
	{ "\x2b\x65\x71", 3, { X509_KEY_ED448, X509_HASH_NONE, "Ed448" } },
};
#define SIG_ALGS (sizeof sig_algs / sizeof sig_algs[0])

/* ECDSA has no parameters; those of PKCS #1 are NULL, or left out. */
static bool
are_parameters(enum x509_key_kind kind, struct der rest)
{
	struct der body;

	if (rest.len == 0)
		return true;
	if (kind == X509_KEY_EC || kind == X509_KEY_ED25519 ||
	    kind == X509_KEY_ED448)
		return false;
	if (kind != X509_KEY_RSA)
		return true;
	return der_take(&rest, DER_NULL, &body) && body.len == 0 &&
	    rest.len == 0;
}

static bool
read_sig_alg(struct der body, struct x509_sig_alg *alg)
{
	static const struct x509_sig_alg unknown = {
		X509_KEY_OTHER, X509_HASH_NONE, "unknown"
	};
	struct der oid;
	size_t i;

	if (!der_take(&body, DER_OID, &oid) || oid.len == 0)
		return false;
	*alg = unknown;
	for (i = 0; i < SIG_ALGS; i++)
		if (der_is(&oid, sig_algs[i].oid, sig_algs[i].len))
			*alg = sig_algs[i].alg;
	return are_parameters(alg->key, body);
}

/* ------------------------------------------------------------ certificates */

static bool
read_version(struct x509 *cert, struct der *tbs)
{
	struct der body, number;
	uint32_t version;

	cert->version = 1;
	if (!der_is_next(tbs, DER_CONTEXT_OF(0)))
		return true;
	/* The default is left out in DER, so 0 may not stand here. */
	if (!der_take(tbs, DER_CONTEXT_OF(0), &body) ||
	    !der_take(&body, DER_INTEGER, &number) || body.len != 0 ||
	    !der_small(&number, 2, &version) || version == 0)
		return false;
	cert->version = version + 1;
	return true;
}

static bool
read_serial(struct x509 *cert, struct der *tbs)
{
	if (!der_take(tbs, DER_INTEGER, &cert->serial) ||
	    !der_is_integer(&cert->serial))
		return false;
	if (cert->serial.data[0] >= 0x80 || cert->serial.len > SERIAL_MAX ||
	    (cert->serial.len == 1 && cert->serial.data[0] == 0))
		cert->flaws |= X509_FLAW_SERIAL;
	return true;
}

static bool
read_validity(struct x509 *cert, struct der *tbs)
{
	struct der_element from, to;
	struct der body;

	return der_take(tbs, DER_SEQUENCE, &body) && der_next(&body, &from) &&
	    der_next(&body, &to) && body.len == 0 &&
	    der_time(from.tag, &from.body, &cert->not_before) &&
	    der_time(to.tag, &to.body, &cert->not_after);
}

static bool
read_name(struct der *tbs, struct der *name)
{
	return der_take(tbs, DER_SEQUENCE, name) && x509_is_name(*name);
}

/* issuerUniqueID and subjectUniqueID, which nobody uses. */
static bool
skip_unique_ids(struct der *tbs)
{
	unsigned n;

	for (n = 1; n <= 2; n++)
		if (der_is_next(tbs, DER_CONTEXT(n)) &&
		    !der_take(tbs, DER_CONTEXT(n), NULL))
			return false;
	return true;
}

static int
malformed(struct err *err, const char *what)
{
	return err_set(err, ERR_DAMAGED, 0,
	    "certificate: its %s is not well-formed", what);
}

static int
read_key(struct x509 *cert, struct der *tbs, struct err *err)
{
	struct der_element spki;

	if (!der_next(tbs, &spki))
		return malformed(err, "public key");
	return x509_key_parse(&cert->key, spki.whole.data, spki.whole.len, err);
}

static int
read_tbs(struct x509 *cert, struct der tbs, struct der *alg, struct err *err)
{
	if (!read_version(cert, &tbs))
		return malformed(err, "version");
	if (!read_serial(cert, &tbs))
		return malformed(err, "serial number");
	if (!der_take(&tbs, DER_SEQUENCE, alg))
		return malformed(err, "signature algorithm");
	if (!read_name(&tbs, &cert->issuer))
		return malformed(err, "issuer");
	if (cert->issuer.len == 0)
		cert->flaws |= X509_FLAW_ISSUER;
	if (!read_validity(cert, &tbs))
		return malformed(err, "validity");
	if (!read_name(&tbs, &cert->subject))
		return malformed(err, "subject");
	if (read_key(cert, &tbs, err) == -1)
		return -1;
	if (!skip_unique_ids(&tbs))
		return malformed(err, "unique identifier");
	if (x509_extensions(cert, &tbs, err) == -1)
		return -1;
	return tbs.len == 0 ? 0 : malformed(err, "end");
}

int
x509_parse(struct x509 *cert, const void *der, size_t len, struct err *err)
{
	struct der in = { der, len };
	struct der_element outer, tbs;
	struct der body, alg, alg_again, bits;
	struct x509 fresh;

	memset(&fresh, 0, sizeof fresh);
	if (len > X509_DER_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "certificate: %zu bytes, more than the %d allowed", len,
		    X509_DER_MAX);
	if (!der_next(&in, &outer) || outer.tag != DER_SEQUENCE || in.len != 0)
		return malformed(err, "frame");
	body = outer.body;
	fresh.whole = outer.whole;
	if (!der_next(&body, &tbs) || tbs.tag != DER_SEQUENCE ||
	    !der_take(&body, DER_SEQUENCE, &alg) ||
	    !der_take(&body, DER_BITS, &bits) || body.len != 0 ||
	    !der_bytes_of_bits(&bits, &fresh.signature))
		return malformed(err, "frame");
	fresh.tbs = tbs.whole;
	if (read_tbs(&fresh, tbs.body, &alg_again, err) == -1)
		return -1;
	/* Signed and unsigned copy have to agree, or the latter could lie. */
	if (!der_equal(&alg, &alg_again) ||
	    !read_sig_alg(alg, &fresh.sig_alg))
		return malformed(err, "signature algorithm");
	*cert = fresh;
	return 0;
}

bool
x509_is_self_issued(const struct x509 *cert)
{
	return der_equal(&cert->issuer, &cert->subject);
}

const char *
x509_flaw_text(unsigned flaw)
{
	switch (flaw) {
	case X509_FLAW_DUPLICATE:
		return "an extension stands in it twice";
	case X509_FLAW_UNKNOWN_CRITICAL:
		return "it has a critical extension that is not known";
	case X509_FLAW_SERIAL:
		return "its serial number is zero, negative or too long";
	case X509_FLAW_VERSION:
		return "it has extensions, but not version 3";
	case X509_FLAW_ISSUER:
		return "its issuer has no name";
	case X509_FLAW_CRITICALITY:
		return "an extension is critical and may not be, or not "
		    "critical and must be";
	case X509_FLAW_NAMES:
		return "one of its alternative names is none";
	default:
		return "a flaw that has no name";
	}
}
