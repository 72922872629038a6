/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a certificate says (RFC 5280), read out of its DER.
 *
 *	struct x509 cert;
 *
 *	if (x509_parse(&cert, der, len, &err) == -1)
 *		... not a certificate ...
 *
 * Nothing is copied: the struct points into the DER, which must outlive it.
 * Nothing is judged either, no clock, no trust: a certificate that breaks the
 * rules but can be read is read, and its flaws are told.  What cannot be read
 * by the letter of DER and of the ASN.1 in RFC 5280 is refused, known
 * extensions included.
 *
 * Names are a stranger's bytes: x509_name_text() and x509_alt_text() escape.
 */
#ifndef CODEC_X509_H
#define CODEC_X509_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "codec/der.h"

struct err;

#define X509_DER_MAX 262144	/* bytes of one certificate */
#define X509_EXTENSIONS_MAX 64
#define X509_NAME_PARTS_MAX 64	/* attributes of one distinguished name */

/* ------------------------------------------------------------------- keys */

enum x509_key_kind {
	X509_KEY_OTHER,
	X509_KEY_RSA,
	X509_KEY_RSA_PSS,
	X509_KEY_EC,
	X509_KEY_ED25519,
	X509_KEY_ED448,
	X509_KEY_DSA
};

enum x509_curve {
	X509_CURVE_OTHER,
	X509_CURVE_EXPLICIT,	/* its equation instead of its name */
	X509_CURVE_P192,
	X509_CURVE_P224,
	X509_CURVE_P256,
	X509_CURVE_P384,
	X509_CURVE_P521,
	X509_CURVE_SECP256K1
};

struct x509_key {
	enum x509_key_kind kind;
	enum x509_curve curve;		/* X509_KEY_EC */
	unsigned bits;			/* RSA, EC of a named curve; else 0 */
	struct der modulus, exponent;	/* RSA, big-endian without zeros */
	struct der point;		/* EC, uncompressed or not */
	struct der spki;		/* the whole SubjectPublicKeyInfo */
};

/* A SubjectPublicKeyInfo, as "PUBLIC KEY" holds it. */
int x509_key_parse(struct x509_key *key, const void *der, size_t len,
    struct err *err);
/* "RSA 2048", "ECDSA P-256", "Ed25519"; text has room for any. */
#define X509_KEY_TEXT_MAX 32
const char *x509_key_text(const struct x509_key *key,
    char text[X509_KEY_TEXT_MAX]);

/* ------------------------------------------------------------- signatures */

enum x509_hash {
	X509_HASH_NONE,
	X509_HASH_MD5,		/* MD2, MD4, MD5 */
	X509_HASH_SHA1,
	X509_HASH_SHA224,
	X509_HASH_SHA256,
	X509_HASH_SHA384,
	X509_HASH_SHA512
};

struct x509_sig_alg {
	enum x509_key_kind key;	/* X509_KEY_OTHER: not known */
	enum x509_hash hash;	/* NONE where the algorithm brings its own */
	const char *name;	/* "ecdsa-with-SHA256"; "unknown" */
};

/* ------------------------------------------------------------ certificates */

/* Bits of x509.has and x509.critical. */
#define X509_HAS_SKI 0x0001u
#define X509_HAS_KEY_USAGE 0x0002u
#define X509_HAS_SAN 0x0004u
#define X509_HAS_ISSUER_ALT 0x0008u
#define X509_HAS_BASIC 0x0010u
#define X509_HAS_NAME_CONSTRAINTS 0x0020u
#define X509_HAS_CRL_POINTS 0x0040u
#define X509_HAS_POLICIES 0x0080u
#define X509_HAS_POLICY_MAPPINGS 0x0100u
#define X509_HAS_AKI 0x0200u
#define X509_HAS_POLICY_CONSTRAINTS 0x0400u
#define X509_HAS_EKU 0x0800u
#define X509_HAS_INHIBIT_ANY 0x1000u
#define X509_HAS_AIA 0x2000u

/* RFC 5280, 4.2.1.3: bit n of the BIT STRING is bit n here. */
#define X509_USE_SIGNATURE 0x0001u
#define X509_USE_ENCIPHER 0x0004u
#define X509_USE_AGREE 0x0010u
#define X509_USE_CERT_SIGN 0x0020u
#define X509_USE_CRL_SIGN 0x0040u

#define X509_EKU_SERVER 0x1u
#define X509_EKU_CLIENT 0x2u
#define X509_EKU_ANY 0x4u
#define X509_EKU_OTHER 0x8u

/* What RFC 5280 forbids and a reader can read all the same. */
#define X509_FLAW_DUPLICATE 0x0001u	/* an extension twice */
#define X509_FLAW_UNKNOWN_CRITICAL 0x0002u
#define X509_FLAW_SERIAL 0x0004u	/* zero, negative, over 20 bytes */
#define X509_FLAW_VERSION 0x0008u	/* extensions, but not version 3 */
#define X509_FLAW_ISSUER 0x0010u	/* empty */
#define X509_FLAW_CRITICALITY 0x0020u	/* critical and may not be, or not
					 * critical and must be */
#define X509_FLAW_NAMES 0x0040u		/* an alternative name that is none */
#define X509_FLAWS 7

struct x509 {
	struct der whole, tbs;
	unsigned version;		/* 1, 2, 3 */
	struct der serial;		/* body of the INTEGER */
	struct x509_sig_alg sig_alg;
	struct der signature;
	struct der issuer, subject;	/* bodies of the SEQUENCEs */
	int64_t not_before, not_after;	/* seconds since 1970, both included */
	struct x509_key key;
	unsigned has, critical;		/* X509_HAS_... */
	unsigned flaws;			/* X509_FLAW_... */
	bool is_ca, has_path_len;
	uint32_t path_len;
	unsigned key_usage;		/* X509_USE_..., 0 without it */
	unsigned eku;			/* X509_EKU_..., 0 without it */
	struct der ski, aki;		/* key ids; empty without them */
	bool aki_names_issuer;		/* by name and serial number */
	bool has_ca_issuers;		/* tells where its issuer is found */
	struct der san;			/* for x509_alt_next() */
	struct der permitted, excluded;	/* for x509_subtree_next() */
};

/* ERR_DAMAGED says which part is not well-formed; ERR_LIMIT. */
int x509_parse(struct x509 *cert, const void *der, size_t len,
    struct err *err);

/* The name of one flaw in words, by its bit. */
const char *x509_flaw_text(unsigned flaw);

/* Subject and issuer are the same name. */
bool x509_is_self_issued(const struct x509 *cert);

/* ------------------------------------------------------------------ names */

/* The choices of GeneralName, by their tag. */
enum x509_alt_kind {
	X509_ALT_OTHER = 0,
	X509_ALT_EMAIL = 1,
	X509_ALT_DNS = 2,
	X509_ALT_X400 = 3,
	X509_ALT_DIRECTORY = 4,
	X509_ALT_EDI = 5,
	X509_ALT_URI = 6,
	X509_ALT_IP = 7,
	X509_ALT_ID = 8
};

struct x509_alt {
	enum x509_alt_kind kind;
	struct der value;	/* DIRECTORY: the body of the Name */
};

/*
 * The next name of cert.san, taken off *rest.  False at the end; what
 * x509_parse() accepted has no other ending.
 */
bool x509_alt_next(struct der *rest, struct x509_alt *alt);
/* The same for cert.permitted and cert.excluded: the base of each subtree. */
bool x509_subtree_next(struct der *rest, struct x509_alt *base);

/* Attributes of a distinguished name, set by set, in order. */
struct x509_part {
	struct der oid;
	unsigned tag;		/* of the value: its string type */
	struct der value;
};
bool x509_part_next(struct der *rest, struct x509_part *part);

/* "CN=a.example, O=Example", escaped; "(empty)". */
void x509_name_text(struct buf *out, const struct der *name);
/* The last common name, escaped; false when there is none. */
bool x509_common_name(struct buf *out, const struct der *name);
/* "a.example", "192.0.2.1": DNS and IP names, others with their kind. */
void x509_alt_text(struct buf *out, const struct x509_alt *alt);

#endif
