/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules for a path to an anchor: RFC 5280's, and those that browsers add.
 * Every rule is put to every certificate, and the worst finding counts.
 */
#include "codec/x509_host.h"
#include "net/trust_private.h"

#define RSA_BITS_MIN 2048

static void
worse(struct trust_finding *worst, const struct trust_link *link,
    enum trust_verdict verdict, const char *why)
{
	if (verdict <= worst->verdict)
		return;
	worst->verdict = verdict;
	worst->cert = link->cert;
	worst->which = link->which;
	worst->why = why;
}

static void
judge_flaws(struct trust_finding *worst, const struct trust_link *link)
{
	unsigned flaws = link->cert->flaws, bit;

	if (flaws & X509_FLAW_UNKNOWN_CRITICAL)
		worse(worst, link, TRUST_CRITICAL_EXTENSION,
		    x509_flaw_text(X509_FLAW_UNKNOWN_CRITICAL));
	flaws &= ~X509_FLAW_UNKNOWN_CRITICAL;
	/* Some well-known anchors have the number zero. */
	if (link->which == TRUST_WHICH_ANCHOR &&
	    der_is(&link->cert->serial, "", 1))
		flaws &= ~X509_FLAW_SERIAL;
	for (bit = 0; bit < X509_FLAWS; bit++)
		if (flaws & 1u << bit)
			worse(worst, link, TRUST_BAD_PROFILE,
			    x509_flaw_text(1u << bit));
}

bool
trust_is_other_key(const struct x509 *cert, const struct x509 *issuer)
{
	return cert->aki.len > 0 && issuer->ski.len > 0 &&
	    !der_equal(&cert->aki, &issuer->ski);
}

static void
judge_profile(struct trust_finding *worst, const struct trust_link *link)
{
	const struct x509 *cert = link->cert;

	judge_flaws(worst, link);
	if (!cert->is_ca && cert->has_path_len)
		worse(worst, link, TRUST_BAD_PROFILE,
		    "it limits paths and is no authority");
	if (!cert->is_ca && (cert->has & X509_HAS_NAME_CONSTRAINTS))
		worse(worst, link, TRUST_BAD_PROFILE,
		    "it constrains names and is no authority");
	if (cert->subject.len == 0 && (cert->has & X509_HAS_SAN) &&
	    !(cert->critical & X509_HAS_SAN))
		worse(worst, link, TRUST_BAD_PROFILE, "it has no subject, "
		    "and its alternative names are not critical");
	if (link->which == TRUST_WHICH_ANCHOR && x509_is_self_issued(cert) &&
	    trust_is_other_key(cert, cert))
		worse(worst, link, TRUST_BAD_PROFILE,
		    "it signed itself, but names another key");
	if (cert->has & X509_HAS_POLICY_CONSTRAINTS)
		worse(worst, link, TRUST_UNSUPPORTED,
		    "it constrains policies, which are not evaluated here");
}

static void
judge_validity(struct trust_finding *worst, const struct trust_link *link, int64_t at)
{
	if (at < link->cert->not_before)
		worse(worst, link, TRUST_NOT_YET_VALID, "it is valid from");
	if (at > link->cert->not_after)
		worse(worst, link, TRUST_EXPIRED, "it was valid until");
}

static void
judge_rsa(struct trust_finding *worst, const struct trust_link *link)
{
	const struct x509_key *key = &link->cert->key;
	const struct der *e = &key->exponent;

	if (key->bits < RSA_BITS_MIN)
		worse(worst, link, TRUST_WEAK_KEY,
		    "its RSA key is shorter than 2048 bits");
	if (key->bits % 8 != 0)
		worse(worst, link, TRUST_WEAK_KEY,
		    "its RSA key has an odd number of bits");
	if (e->data[e->len - 1] % 2 == 0 || (e->len == 1 && e->data[0] < 3))
		worse(worst, link, TRUST_WEAK_KEY,
		    "its RSA key has an exponent that protects nothing");
}

static void
judge_key(struct trust_finding *worst, const struct trust_link *link)
{
	const struct x509_key *key = &link->cert->key;

	if (key->kind == X509_KEY_RSA)
		judge_rsa(worst, link);
	if (key->kind == X509_KEY_DSA)
		worse(worst, link, TRUST_WEAK_KEY, "its key is a DSA key");
	if (key->kind != X509_KEY_EC)
		return;
	if (key->curve == X509_CURVE_EXPLICIT)
		worse(worst, link, TRUST_BAD_PROFILE,
		    "its key describes a curve instead of naming one");
	if (key->curve == X509_CURVE_P192)
		worse(worst, link, TRUST_WEAK_KEY,
		    "its key is on the curve P-192");
}

/* An anchor is believed for what it is, not for who signed it. */
static void
judge_signature(struct trust_finding *worst, const struct trust_link *link)
{
	enum x509_hash hash = link->cert->sig_alg.hash;

	if (link->which == TRUST_WHICH_ANCHOR)
		return;
	if (hash == X509_HASH_MD5 || hash == X509_HASH_SHA1)
		worse(worst, link, TRUST_WEAK_SIGNATURE,
		    hash == X509_HASH_MD5 ? "it is signed with MD5" :
		    "it is signed with SHA-1");
	else if (link->is_unverified)
		worse(worst, link, TRUST_UNSUPPORTED,
		    "its signature cannot be checked here");
}

static void
judge_purpose(struct trust_finding *worst, const struct trust_link *link)
{
	unsigned eku = link->cert->eku;

	/* Any purpose does for an authority, as browsers have it. */
	if (link->cert->is_ca && (eku & X509_EKU_ANY))
		return;
	if ((link->cert->has & X509_HAS_EKU) && !(eku & X509_EKU_SERVER))
		worse(worst, link, TRUST_WRONG_USAGE,
		    "its purposes do not include servers");
}

static void
judge_server(struct trust_finding *worst, const struct trust_path *path)
{
	const struct trust_link *link = &path->links[0];
	const struct x509 *cert = link->cert;
	const unsigned any_use = X509_USE_SIGNATURE | X509_USE_ENCIPHER |
	    X509_USE_AGREE;
	bool has_usage = cert->has & X509_HAS_KEY_USAGE;

	if (cert->is_ca && has_usage &&
	    !(cert->key_usage & X509_USE_CERT_SIGN))
		worse(worst, link, TRUST_BAD_PROFILE,
		    "it is an authority that may not sign certificates");
	if (!cert->is_ca && has_usage && !(cert->key_usage & any_use))
		worse(worst, link, TRUST_WRONG_USAGE,
		    "its key usage does not allow TLS");
	if (path->host != NULL && !x509_covers(cert, path->host))
		worse(worst, link, TRUST_WRONG_NAME, "it is for");
}

/* Certificates below link i that count for its path length. */
static size_t
issued_below(const struct trust_path *path, size_t i)
{
	size_t n, count = 0;

	for (n = 1; n < i; n++)
		count += !x509_is_self_issued(path->links[n].cert);
	return count;
}

static void
judge_names(struct trust_finding *worst, struct trust_path *path,
    const struct trust_link *issuer, const struct trust_link *below)
{
	enum trust_verdict verdict = trust_names(issuer->cert, below->cert,
	    &path->name_work);

	if (verdict == TRUST_BAD_PROFILE)
		worse(worst, issuer, verdict,
		    "its name constraints are not well-formed");
	else if (verdict == TRUST_LIMIT)
		worse(worst, issuer, verdict,
		    "too many name constraints would have to be compared");
	else if (verdict == TRUST_UNSUPPORTED)
		worse(worst, below, verdict, "an issuer constrains names of "
		    "a kind that is not compared here");
	else
		worse(worst, below, verdict,
		    "an issuer's name constraints forbid one of its names");
}

static void
judge_issuer(struct trust_finding *worst, struct trust_path *path, size_t i)
{
	const struct trust_link *link = &path->links[i];
	const struct x509 *cert = link->cert;
	size_t n;

	if (!cert->is_ca)
		worse(worst, link, TRUST_NOT_CA,
		    "it issued a certificate and is no authority");
	if ((cert->has & X509_HAS_KEY_USAGE) &&
	    !(cert->key_usage & X509_USE_CERT_SIGN))
		worse(worst, link, TRUST_WRONG_USAGE,
		    "its key usage does not allow signing certificates");
	if (cert->has_path_len && issued_below(path, i) > cert->path_len)
		worse(worst, link, TRUST_PATH_TOO_LONG,
		    "it allows fewer authorities below it");
	for (n = 0; n < i; n++)
		if (n == 0 || !x509_is_self_issued(path->links[n].cert))
			judge_names(worst, path, link, &path->links[n]);
}

void
trust_rules(struct trust_path *path, struct trust_finding *worst)
{
	const struct trust_finding none = { TRUST_OK, NULL, TRUST_WHICH_NONE,
	    NULL };
	size_t i;

	*worst = none;
	judge_server(worst, path);
	for (i = 0; i < path->len; i++) {
		const struct trust_link *link = &path->links[i];

		judge_profile(worst, link);
		judge_validity(worst, link, path->at);
		judge_key(worst, link);
		judge_signature(worst, link);
		judge_purpose(worst, link);
		if (i > 0)
			judge_issuer(worst, path, i);
	}
}
