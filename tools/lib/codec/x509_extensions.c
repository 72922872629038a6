/* SPDX-License-Identifier: BSD-2-Clause */
/* The extensions of certificates, one reader each; see x509.h. */
#include <string.h>

#include "base/err.h"
#include "codec/x509_host.h"
#include "codec/x509_private.h"

#define OID_PKIX "\x2b\x06\x01\x05\x05\x07"

/* SEQUENCE OF: the body, with at least one element, each with this tag. */
static bool
is_list(struct der in, unsigned tag, struct der *body)
{
	struct der rest;

	if (!der_take(&in, DER_SEQUENCE, body) || in.len != 0 ||
	    body->len == 0)
		return false;
	for (rest = *body; rest.len > 0;)
		if (!der_take(&rest, tag, NULL))
			return false;
	return true;
}

/* --------------------------------------------------- one reader each */

static bool
read_ski(struct x509 *cert, struct der value)
{
	return der_take(&value, DER_OCTETS, &cert->ski) && value.len == 0 &&
	    cert->ski.len > 0;
}

/* The BIT STRING's first 16 bits, its first as bit 0. */
static bool
read_key_usage(struct x509 *cert, struct der value)
{
	struct der bits;
	size_t i;

	if (!der_take(&value, DER_BITS, &bits) || value.len != 0 ||
	    bits.len < 2 || bits.data[0] > 7)
		return false;
	/* Bits that do not count have to be zero. */
	if ((bits.data[bits.len - 1] & ((1u << bits.data[0]) - 1)) != 0)
		return false;
	for (i = 0; i < 16 && i / 8 + 1 < bits.len; i++)
		if (bits.data[1 + i / 8] & 0x80u >> i % 8)
			cert->key_usage |= 1u << i;
	return true;
}

/* What a name has to look like to be one; others cannot match anything. */
static bool
is_alt(const struct x509_alt *alt)
{
	size_t i;

	if (alt->kind == X509_ALT_DNS)
		return x509_is_dns(&alt->value, true);
	if (alt->kind == X509_ALT_IP)
		return alt->value.len == 4 || alt->value.len == 16;
	if (alt->kind == X509_ALT_EMAIL || alt->kind == X509_ALT_URI) {
		for (i = 0; i < alt->value.len; i++)
			if (alt->value.data[i] <= ' ' ||
			    alt->value.data[i] > '~')
				return false;
		return alt->value.len > 0;
	}
	return alt->kind != X509_ALT_DIRECTORY || x509_is_name(alt->value);
}

static bool
read_alts(struct der value, struct der *names, bool *all_good)
{
	struct x509_alt alt;
	struct der rest;

	if (!der_take(&value, DER_SEQUENCE, names) || value.len != 0 ||
	    names->len == 0)
		return false;
	for (rest = *names; rest.len > 0;) {
		if (!x509_alt_next(&rest, &alt))
			return false;
		*all_good = *all_good && is_alt(&alt);
	}
	return true;
}

static bool
read_san(struct x509 *cert, struct der value)
{
	bool all_good = true;

	if (!read_alts(value, &cert->san, &all_good))
		return false;
	if (!all_good)
		cert->flaws |= X509_FLAW_NAMES;
	return true;
}

static bool
read_issuer_alt(struct x509 *cert, struct der value)
{
	bool all_good = true;
	struct der names;

	(void)cert;
	return read_alts(value, &names, &all_good);
}

static bool
read_basic(struct x509 *cert, struct der value)
{
	struct der body, part;

	if (!der_take(&value, DER_SEQUENCE, &body) || value.len != 0)
		return false;
	/* FALSE is the default; it often stands there all the same. */
	if (der_is_next(&body, DER_BOOLEAN) &&
	    (!der_take(&body, DER_BOOLEAN, &part) ||
	    !der_boolean(&part, &cert->is_ca)))
		return false;
	if (body.len == 0)
		return true;
	cert->has_path_len = true;
	return der_take(&body, DER_INTEGER, &part) &&
	    der_small(&part, UINT32_MAX, &cert->path_len) && body.len == 0;
}

static bool
read_subtrees(struct der *body, unsigned n, struct der *list)
{
	struct x509_alt base;
	struct der rest;

	if (!der_is_next(body, DER_CONTEXT_OF(n)))
		return true;
	if (!der_take(body, DER_CONTEXT_OF(n), list) || list->len == 0)
		return false;
	for (rest = *list; rest.len > 0;)
		if (!x509_subtree_next(&rest, &base))
			return false;
	return true;
}

/* At least one of the two lists, and none of them empty. */
static bool
read_name_constraints(struct x509 *cert, struct der value)
{
	struct der body;

	return der_take(&value, DER_SEQUENCE, &body) && value.len == 0 &&
	    body.len > 0 && read_subtrees(&body, 0, &cert->permitted) &&
	    read_subtrees(&body, 1, &cert->excluded) && body.len == 0;
}

static bool
read_aki(struct x509 *cert, struct der value)
{
	struct der body;
	bool has_name, has_serial;

	if (!der_take(&value, DER_SEQUENCE, &body) || value.len != 0)
		return false;
	if (der_is_next(&body, DER_CONTEXT(0)) &&
	    !der_take(&body, DER_CONTEXT(0), &cert->aki))
		return false;
	has_name = der_take(&body, DER_CONTEXT_OF(1), NULL);
	has_serial = der_take(&body, DER_CONTEXT(2), NULL);
	cert->aki_names_issuer = has_name || has_serial;
	return body.len == 0;
}

static bool
read_eku(struct x509 *cert, struct der value)
{
	static const char any[] = "\x55\x1d\x25\x00";
	static const char purpose[] = OID_PKIX "\x03";
	struct der list, oid;

	if (!is_list(value, DER_OID, &list))
		return false;
	while (der_take(&list, DER_OID, &oid)) {
		if (der_is(&oid, any, 4))
			cert->eku |= X509_EKU_ANY;
		else if (oid.len == 8 && memcmp(oid.data, purpose, 7) == 0 &&
		    (oid.data[7] == 1 || oid.data[7] == 2))
			cert->eku |= oid.data[7] == 1 ? X509_EKU_SERVER :
			    X509_EKU_CLIENT;
		else
			cert->eku |= X509_EKU_OTHER;
	}
	return true;
}

/* AccessDescription: a method and where. */
static bool
read_aia(struct x509 *cert, struct der value)
{
	struct der list, one, method;
	struct x509_alt place;

	if (!is_list(value, DER_SEQUENCE, &list))
		return false;
	while (der_take(&list, DER_SEQUENCE, &one)) {
		if (!der_take(&one, DER_OID, &method) ||
		    !x509_alt_next(&one, &place) || one.len != 0)
			return false;
		if (der_is(&method, OID_PKIX "\x30\x02", 8))
			cert->has_ca_issuers = true;
	}
	return true;
}

/* Those whose content is of no use here, but has to be a list. */
static bool
read_list(struct x509 *cert, struct der value)
{
	struct der list;

	(void)cert;
	return is_list(value, DER_SEQUENCE, &list);
}

static bool
read_policy_constraints(struct x509 *cert, struct der value)
{
	struct der body;

	(void)cert;
	return der_take(&value, DER_SEQUENCE, &body) && value.len == 0;
}

static bool
read_inhibit_any(struct x509 *cert, struct der value)
{
	struct der body;
	uint32_t skip;

	(void)cert;
	return der_take(&value, DER_INTEGER, &body) && value.len == 0 &&
	    der_small(&body, UINT32_MAX, &skip);
}

/* ---------------------------------------------------------------- the list */

/* Whether an extension may, must or must not be critical. */
enum criticality { EITHER, MUST, MUST_NOT };

static const struct reader {
	const char *oid;
	size_t len;
	unsigned bit;
	enum criticality criticality;
	bool (*read)(struct x509 *cert, struct der value);
	const char *name;
} readers[] = {
	{ "\x55\x1d\x0e", 3, X509_HAS_SKI, MUST_NOT, read_ski,
	    "subject key identifier" },
	{ "\x55\x1d\x0f", 3, X509_HAS_KEY_USAGE, EITHER, read_key_usage,
	    "key usage" },
	{ "\x55\x1d\x11", 3, X509_HAS_SAN, EITHER, read_san,
	    "list of alternative names" },
	{ "\x55\x1d\x12", 3, X509_HAS_ISSUER_ALT, EITHER, read_issuer_alt,
	    "list of the issuer's alternative names" },
	{ "\x55\x1d\x13", 3, X509_HAS_BASIC, EITHER, read_basic,
	    "basic constraints" },
	{ "\x55\x1d\x1e", 3, X509_HAS_NAME_CONSTRAINTS, EITHER,
	    read_name_constraints, "name constraints" },
	{ "\x55\x1d\x1f", 3, X509_HAS_CRL_POINTS, EITHER, read_list,
	    "list of CRL distribution points" },
	{ "\x55\x1d\x20", 3, X509_HAS_POLICIES, EITHER, read_list,
	    "list of policies" },
	{ "\x55\x1d\x21", 3, X509_HAS_POLICY_MAPPINGS, EITHER, read_list,
	    "policy mappings" },
	{ "\x55\x1d\x23", 3, X509_HAS_AKI, MUST_NOT, read_aki,
	    "authority key identifier" },
	{ "\x55\x1d\x24", 3, X509_HAS_POLICY_CONSTRAINTS, MUST,
	    read_policy_constraints, "policy constraints" },
	{ "\x55\x1d\x25", 3, X509_HAS_EKU, EITHER, read_eku,
	    "extended key usage" },
	{ "\x55\x1d\x36", 3, X509_HAS_INHIBIT_ANY, MUST, read_inhibit_any,
	    "inhibition of any policy" },
	{ OID_PKIX "\x01\x01", 8, X509_HAS_AIA, MUST_NOT, read_aia,
	    "authority information" },
};

struct extension {
	struct der oid, value;
	bool is_critical;
};

static bool
take_extension(struct der *list, struct extension *ext)
{
	struct der body, flag;

	ext->is_critical = false;
	if (!der_take(list, DER_SEQUENCE, &body) ||
	    !der_take(&body, DER_OID, &ext->oid) || ext->oid.len == 0)
		return false;
	if (der_is_next(&body, DER_BOOLEAN) &&
	    (!der_take(&body, DER_BOOLEAN, &flag) ||
	    !der_boolean(&flag, &ext->is_critical)))
		return false;
	return der_take(&body, DER_OCTETS, &ext->value) && body.len == 0;
}

static const struct reader *
reader_of(const struct der *oid)
{
	size_t i;

	for (i = 0; i < sizeof readers / sizeof readers[0]; i++)
		if (der_is(oid, readers[i].oid, readers[i].len))
			return &readers[i];
	return NULL;
}

static int
read_extension(struct x509 *cert, const struct extension *ext,
    struct err *err)
{
	const struct reader *reader = reader_of(&ext->oid);

	if (reader == NULL) {
		if (ext->is_critical)
			cert->flaws |= X509_FLAW_UNKNOWN_CRITICAL;
		return 0;
	}
	if ((reader->criticality == MUST && !ext->is_critical) ||
	    (reader->criticality == MUST_NOT && ext->is_critical))
		cert->flaws |= X509_FLAW_CRITICALITY;
	/* The first of two counts; that there are two is told. */
	if (cert->has & reader->bit)
		return 0;
	cert->has |= reader->bit;
	if (ext->is_critical)
		cert->critical |= reader->bit;
	if (!reader->read(cert, ext->value))
		return err_set(err, ERR_DAMAGED, 0,
		    "certificate: its %s is not well-formed", reader->name);
	return 0;
}

static bool
is_repeated(const struct der *seen, size_t count, const struct der *oid)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (der_equal(&seen[i], oid))
			return true;
	return false;
}

static int
read_extensions(struct x509 *cert, struct der list, struct err *err)
{
	struct der seen[X509_EXTENSIONS_MAX];
	struct extension ext;
	size_t count = 0;

	while (list.len > 0) {
		if (!take_extension(&list, &ext))
			return err_set(err, ERR_DAMAGED, 0, "certificate: "
			    "its list of extensions is not well-formed");
		if (count == X509_EXTENSIONS_MAX)
			return err_set(err, ERR_LIMIT, 0, "certificate: "
			    "more than %d extensions", X509_EXTENSIONS_MAX);
		if (is_repeated(seen, count, &ext.oid))
			cert->flaws |= X509_FLAW_DUPLICATE;
		seen[count++] = ext.oid;
		if (read_extension(cert, &ext, err) == -1)
			return -1;
	}
	return 0;
}

int
x509_extensions(struct x509 *cert, struct der *tbs, struct err *err)
{
	struct der outer, list;

	if (tbs->len == 0)
		return 0;
	if (!der_take(tbs, DER_CONTEXT_OF(3), &outer) ||
	    !der_take(&outer, DER_SEQUENCE, &list) || outer.len != 0 ||
	    list.len == 0)
		return err_set(err, ERR_DAMAGED, 0, "certificate: "
		    "its list of extensions is not well-formed");
	if (cert->version != 3)
		cert->flaws |= X509_FLAW_VERSION;
	return read_extensions(cert, list, err);
}
