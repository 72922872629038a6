/* SPDX-License-Identifier: BSD-2-Clause */
/* Distinguished names and alternative names; see x509.h. */
#include <arpa/inet.h>
#include <string.h>

#include "base/escape.h"
#include "codec/x509_private.h"

/* The one kind of string with two bytes a character that is in use. */
#define TAG_BMP_STRING 0x1eu

static const char oid_common_name[] = "\x55\x04\x03";

static const struct {
	const char *oid;
	const char *text;
} parts[] = {
	{ oid_common_name, "CN" },
	{ "\x55\x04\x05", "serialNumber" },
	{ "\x55\x04\x06", "C" },
	{ "\x55\x04\x07", "L" },
	{ "\x55\x04\x08", "ST" },
	{ "\x55\x04\x0a", "O" },
	{ "\x55\x04\x0b", "OU" },
};

bool
x509_part_next(struct der *rest, struct x509_part *part)
{
	struct der_element element;
	struct der in = *rest, pair;

	/* A set holds one attribute, or rarely more: enter it, and go on. */
	if (der_is_next(&in, DER_SET)) {
		if (!der_next(&in, &element))
			return false;
		in.len = rest->len -
		    (size_t)(element.body.data - rest->data);
		in.data = element.body.data;
	}
	if (!der_take(&in, DER_SEQUENCE, &pair) ||
	    !der_take(&pair, DER_OID, &part->oid) || part->oid.len == 0 ||
	    !der_next(&pair, &element) || pair.len != 0)
		return false;
	part->tag = element.tag;
	part->value = element.body;
	*rest = in;
	return true;
}

bool
x509_is_name(struct der name)
{
	struct x509_part part;
	unsigned count = 0;
	struct der set;

	while (name.len > 0) {
		if (!der_take(&name, DER_SET, &set) || set.len == 0)
			return false;
		while (set.len > 0)
			if (++count > X509_NAME_PARTS_MAX ||
			    der_is_next(&set, DER_SET) ||
			    !x509_part_next(&set, &part))
				return false;
	}
	return true;
}

/* BMPString is shown where it is ASCII. */
static void
put_value(struct buf *out, const struct x509_part *part)
{
	struct buf text = BUF_EMPTY;
	size_t i;

	if (part->tag != TAG_BMP_STRING || part->value.len % 2 != 0) {
		escape_text(out, (const char *)part->value.data,
		    part->value.len);
		return;
	}
	for (i = 0; i < part->value.len; i += 2)
		buf_byte(&text, part->value.data[i] == 0 ?
		    part->value.data[i + 1] : '?');
	escape_text(out, buf_text(&text), text.len);
	buf_release(&text);
}

static void
put_part(struct buf *out, const struct x509_part *part)
{
	size_t i;

	for (i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (der_is(&part->oid, parts[i].oid, 3)) {
			buf_printf(out, "%s=", parts[i].text);
			put_value(out, part);
			return;
		}
	buf_puts(out, "?=");
	put_value(out, part);
}

void
x509_name_text(struct buf *out, const struct der *name)
{
	struct der rest = *name;
	struct x509_part part;
	bool is_first = true;

	if (name->len == 0)
		buf_puts(out, "(empty)");
	while (x509_part_next(&rest, &part)) {
		if (!is_first)
			buf_puts(out, ", ");
		put_part(out, &part);
		is_first = false;
	}
}

bool
x509_common_name(struct buf *out, const struct der *name)
{
	struct x509_part part, last = { DER_NONE, 0, DER_NONE };
	struct der rest = *name;

	while (x509_part_next(&rest, &part))
		if (der_is(&part.oid, oid_common_name, 3))
			last = part;
	if (last.oid.len == 0)
		return false;
	put_value(out, &last);
	return true;
}

/* ------------------------------------------------------- alternative names */

bool
x509_alt_next(struct der *rest, struct x509_alt *alt)
{
	struct der_element element;
	bool is_constructed, has_parts;
	unsigned number;

	if (!der_next(rest, &element))
		return false;
	number = element.tag & 0x1fu;
	if ((element.tag & 0xc0u) != 0x80u || number > X509_ALT_ID)
		return false;
	alt->kind = (enum x509_alt_kind)number;
	alt->value = element.body;
	if (alt->kind == X509_ALT_DIRECTORY)
		return element.tag == DER_CONTEXT_OF(4) &&
		    der_take(&element.body, DER_SEQUENCE, &alt->value) &&
		    element.body.len == 0;
	/* OTHER, X400 and EDI are made of parts; the others are not. */
	is_constructed = (element.tag & 0x20u) != 0;
	has_parts = number == X509_ALT_OTHER || number == X509_ALT_X400 ||
	    number == X509_ALT_EDI;
	return is_constructed == has_parts;
}

/* GeneralSubtree: minimum and maximum are not used, so not allowed. */
bool
x509_subtree_next(struct der *rest, struct x509_alt *base)
{
	struct der subtree;

	return der_take(rest, DER_SEQUENCE, &subtree) &&
	    x509_alt_next(&subtree, base) && subtree.len == 0;
}

void
x509_alt_text(struct buf *out, const struct x509_alt *alt)
{
	static const char *const kinds[] = {
		"other", "email", "", "x400", "directory", "edi", "uri", "",
		"id"
	};
	char text[INET6_ADDRSTRLEN];
	bool is_v6 = alt->value.len == 16;

	if (alt->kind == X509_ALT_DIRECTORY) {
		buf_puts(out, "directory:");
		x509_name_text(out, &alt->value);
	} else if (alt->kind == X509_ALT_IP && (is_v6 || alt->value.len == 4)) {
		buf_puts(out, inet_ntop(is_v6 ? AF_INET6 : AF_INET,
		    alt->value.data, text, sizeof text));
	} else if (alt->kind == X509_ALT_DNS) {
		escape_text(out, (const char *)alt->value.data, alt->value.len);
	} else {
		buf_printf(out, "%s:", kinds[alt->kind]);
		escape_text(out, (const char *)alt->value.data, alt->value.len);
	}
}
