/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Name constraints (RFC 5280, 4.2.1.10): DNS names, IP addresses and
 * directory names are compared; the other kinds are never taken for allowed.
 */
#include <string.h>

#include "codec/x509_host.h"
#include "net/trust_private.h"

static uint8_t
lower(uint8_t c)
{
	return (uint8_t)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool
is_same_text(const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

/* --------------------------------------------------------------- DNS names */

/* Empty is every name; a dot in front is not in the RFC, but in use. */
static bool
is_dns_base(struct der base)
{
	if (base.len == 0)
		return true;
	if (base.data[0] == '.') {
		base.data++;
		base.len--;
	}
	return x509_is_dns(&base, false);
}

/* name ends in base, at a dot. */
static bool
is_dns_below(const struct der *name, const struct der *base)
{
	size_t skip;

	if (base->len == 0)
		return true;
	if (name->len < base->len)
		return false;
	skip = name->len - base->len;
	if (!is_same_text(name->data + skip, base->data, base->len))
		return false;
	return base->data[0] == '.' ? skip > 0 :
	    skip == 0 || name->data[skip - 1] == '.';
}

/*
 * "*.example.com" may stand for what a base below example.com forbids, so
 * it counts as within it: the base is one label and what follows the star.
 */
static bool
may_stand_for(const struct der *name, const struct der *base)
{
	const uint8_t *dot;
	struct der tail;

	if (name->len < 2 || name->data[0] != '*' || base->len == 0)
		return false;
	dot = memchr(base->data, '.', base->len);
	if (dot == NULL)
		return false;
	tail.data = dot;
	tail.len = base->len - (size_t)(dot - base->data);
	return tail.len == name->len - 1 &&
	    is_same_text(tail.data, name->data + 1, tail.len);
}

/* ------------------------------------------------------------ IP addresses */

/* An address and its mask, whose ones come first. */
static bool
is_ip_base(const struct der *base)
{
	size_t half = base->len / 2, bit;
	bool is_over = false;

	if (base->len != 8 && base->len != 32)
		return false;
	for (bit = 0; bit < 8 * half; bit++) {
		bool is_set = base->data[half + bit / 8] & 0x80u >> bit % 8;

		if (is_set && is_over)
			return false;
		is_over = !is_set;
	}
	return true;
}

static bool
is_ip_within(const struct der *ip, const struct der *base)
{
	size_t i;

	if (base->len != 2 * ip->len)
		return false;
	for (i = 0; i < ip->len; i++)
		if ((ip->data[i] ^ base->data[i]) & base->data[ip->len + i])
			return false;
	return true;
}

/* --------------------------------------------------------- directory names */

/*
 * Attribute by attribute, letters of either case alike; the kind of string
 * does not count, or writing a name as another kind would get round it.
 */
static bool
is_dn_below(struct der name, struct der base)
{
	struct x509_part want, got;

	while (base.len > 0) {
		if (!x509_part_next(&base, &want) ||
		    !x509_part_next(&name, &got) ||
		    !der_equal(&want.oid, &got.oid) ||
		    want.value.len != got.value.len ||
		    !is_same_text(want.value.data, got.value.data,
		    want.value.len))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------- constraints */

static bool
is_compared(enum x509_alt_kind kind)
{
	return kind == X509_ALT_DNS || kind == X509_ALT_IP ||
	    kind == X509_ALT_DIRECTORY;
}

static bool
is_base(const struct x509_alt *base)
{
	if (base->kind == X509_ALT_DNS)
		return is_dns_base(base->value);
	return base->kind != X509_ALT_IP || is_ip_base(&base->value);
}

static bool
is_within(const struct x509_alt *name, const struct x509_alt *base,
    bool is_exclusion)
{
	if (name->kind == X509_ALT_IP)
		return is_ip_within(&name->value, &base->value);
	if (name->kind == X509_ALT_DIRECTORY)
		return is_dn_below(name->value, base->value);
	return is_dns_below(&name->value, &base->value) ||
	    (is_exclusion && may_stand_for(&name->value, &base->value));
}

struct scan {
	bool has_kind;		/* a base of the name's kind is there */
	bool is_within;		/* one of them */
	enum trust_verdict verdict;
};

static struct scan
scan_list(struct der list, const struct x509_alt *name, bool is_exclusion,
    unsigned long *work)
{
	struct scan scan = { false, false, TRUST_OK };
	struct x509_alt base;

	while (scan.verdict == TRUST_OK && x509_subtree_next(&list, &base)) {
		if (*work == 0) {
			scan.verdict = TRUST_LIMIT;
			break;
		}
		(*work)--;
		if (!is_base(&base))
			scan.verdict = TRUST_BAD_PROFILE;
		else if (base.kind != name->kind)
			continue;
		else if (!is_compared(base.kind))
			scan.verdict = TRUST_UNSUPPORTED;
		else if (is_within(name, &base, is_exclusion))
			scan.is_within = true;
		scan.has_kind = true;
	}
	return scan;
}

static enum trust_verdict
judge_name(const struct x509 *issuer, const struct x509_alt *name,
    unsigned long *work)
{
	struct scan out = scan_list(issuer->excluded, name, true, work);
	struct scan in = scan_list(issuer->permitted, name, false, work);

	if (out.verdict == TRUST_LIMIT || in.verdict == TRUST_LIMIT)
		return TRUST_LIMIT;
	if (out.verdict == TRUST_BAD_PROFILE || in.verdict == TRUST_BAD_PROFILE)
		return TRUST_BAD_PROFILE;
	if (out.is_within)
		return TRUST_NAME_FORBIDDEN;
	if (out.verdict != TRUST_OK || in.verdict != TRUST_OK)
		return TRUST_UNSUPPORTED;
	return in.has_kind && !in.is_within ? TRUST_NAME_FORBIDDEN : TRUST_OK;
}

enum trust_verdict
trust_names(const struct x509 *issuer, const struct x509 *cert,
    unsigned long *work)
{
	struct x509_alt name = { X509_ALT_DIRECTORY, cert->subject };
	enum trust_verdict worst = TRUST_OK, verdict;
	struct der rest = cert->san;

	if (!(issuer->has & X509_HAS_NAME_CONSTRAINTS))
		return TRUST_OK;
	if (cert->subject.len > 0)
		worst = judge_name(issuer, &name, work);
	while (rest.len > 0 && x509_alt_next(&rest, &name)) {
		verdict = judge_name(issuer, &name, work);
		if (verdict > worst)
			worst = verdict;
		if (worst == TRUST_LIMIT)
			break;
	}
	return worst;
}
