/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec/der and codec/x509: certificates put together by hand, each with one
 * part that is odd, and the names that they speak for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "codec/x509.h"
#include "codec/x509_host.h"
#include "harness.h"
#include "rawcert.h"

#define OID_SAN "\x55\x1d\x11"
#define OID_KEY_USAGE "\x55\x1d\x0f"
#define OID_BASIC "\x55\x1d\x13"
#define OID_CONSTRAINTS "\x55\x1d\x1e"
#define OID_EKU "\x55\x1d\x25"
#define OID_AKI "\x55\x1d\x23"
#define OID_SKI "\x55\x1d\x0e"
#define OID_STRANGER "\x55\x1d\x7f"

/* Built into der, which *cert points into afterwards. */
static int
parse(const struct rawcert *raw, struct buf *der, struct x509 *cert,
    struct err *err)
{
	rawcert_build(raw, der);
	return x509_parse(cert, buf_text(der), der->len, err);
}

static void
set(struct buf *part, const char *bytes, size_t len)
{
	buf_cut(part, 0);
	buf_append(part, bytes, len);
}

/* An extension by its bytes. */
static void
extend(struct rawcert *raw, const char *oid, bool is_critical,
    const char *bytes, size_t len)
{
	struct buf value = BUF_EMPTY;

	buf_append(&value, bytes, len);
	rawcert_extension(raw, oid, 3, is_critical, &value);
	buf_release(&value);
}

static void
test_plain(void)
{
	struct buf der = BUF_EMPTY, text = BUF_EMPTY;
	char key[X509_KEY_TEXT_MAX];
	struct rawcert raw;
	struct x509 cert;
	struct err err;

	rawcert_init(&raw);
	if (!ok(parse(&raw, &der, &cert, &err) == 0, "a plain certificate"))
		exit(done());
	is_u64(cert.version, 3, "its version");
	is_u64((uint64_t)cert.not_before, 1767225600, "its begin");
	is_u64((uint64_t)cert.not_after, 2556144000, "its end");
	is_u64(cert.flaws, 0, "no flaws");
	is_str(cert.sig_alg.name, "ecdsa-with-SHA256", "its algorithm");
	is_str(x509_key_text(&cert.key, key), "ECDSA P-256", "its key");
	ok(!x509_is_self_issued(&cert), "not by itself");
	ok(cert.whole.len == der.len, "all of it");
	x509_name_text(&text, &cert.subject);
	is_str(buf_text(&text), "CN=the subject", "its subject");
	buf_cut(&text, 0);
	ok(x509_common_name(&text, &cert.issuer), "its issuer has a name");
	is_str(buf_text(&text), "the issuer", "which is this");
	rawcert_release(&raw);
	buf_release(&der);
	buf_release(&text);
}

/* The same certificate, cut short anywhere, with more behind it, flipped. */
static void
test_cut_and_flipped(void)
{
	struct buf der = BUF_EMPTY;
	struct rawcert raw;
	struct x509 cert;
	struct err err;
	size_t i, accepted = 0;
	unsigned bit;

	rawcert_init(&raw);
	extend(&raw, OID_SAN, false, "\x30\x05\x82\x03" "a.b", 7);
	extend(&raw, OID_BASIC, true, "\x30\x03\x01\x01\xff", 5);
	rawcert_build(&raw, &der);
	for (i = 0; i < der.len; i++)
		accepted += x509_parse(&cert, der.data, i, &err) == 0;
	is_u64(accepted, 0, "no part of a certificate is one");
	buf_byte(&der, 0);
	ok(x509_parse(&cert, der.data, der.len, &err) == -1,
	    "nor with a byte more");
	buf_cut(&der, der.len - 1);
	for (i = 0; i < der.len; i++)
		for (bit = 0; bit < 8; bit++) {
			der.data[i] = (char)(der.data[i] ^ 1 << bit);
			(void)x509_parse(&cert, der.data, der.len, &err);
			der.data[i] = (char)(der.data[i] ^ 1 << bit);
		}
	ok(x509_parse(&cert, der.data, der.len, &err) == 0,
	    "flipped bits do no harm");
	rawcert_release(&raw);
	buf_release(&der);
}

/* One part replaced; NULL: it is fine, else what the error names. */
static void
check_part(size_t part, const char *bytes, size_t len, const char *names,
    unsigned flaws, const char *what)
{
	struct buf der = BUF_EMPTY;
	struct rawcert raw;
	struct x509 cert;
	struct err err;
	int ret;

	rawcert_init(&raw);
	set((struct buf *)(void *)((char *)&raw + part), bytes, len);
	ret = parse(&raw, &der, &cert, &err);
	if (names == NULL)
		ok(ret == 0 && cert.flaws == flaws, "%s", what);
	else if (!ok(ret == -1 && err.class == ERR_DAMAGED &&
	    strstr(err.text, names) != NULL, "%s: refused", what) && ret == -1)
		printf("# %s\n", err.text);
	rawcert_release(&raw);
	buf_release(&der);
}

#define PART(name) offsetof(struct rawcert, name)
#define BYTES(text) text, sizeof(text) - 1

static void
test_parts(void)
{
	check_part(PART(version), BYTES(""), NULL, 0, "version 1");
	check_part(PART(version), BYTES("\xa0\x03\x02\x01\x01"), NULL, 0,
	    "version 2");
	check_part(PART(version), BYTES("\xa0\x03\x02\x01\x00"), "version", 0,
	    "version 1 said");
	check_part(PART(version), BYTES("\xa0\x03\x02\x01\x03"), "version", 0,
	    "version 4");
	check_part(PART(serial), BYTES("\x02\x01\x00"), NULL, X509_FLAW_SERIAL,
	    "serial number zero");
	check_part(PART(serial), BYTES("\x02\x01\xff"), NULL, X509_FLAW_SERIAL,
	    "serial number negative");
	check_part(PART(serial), BYTES("\x02\x14" "12345678901234567890"),
	    NULL, 0, "serial number of 20 bytes");
	check_part(PART(serial), BYTES("\x02\x15" "123456789012345678901"),
	    NULL, X509_FLAW_SERIAL, "serial number of 21 bytes");
	check_part(PART(serial), BYTES("\x02\x02\x00\x01"), "serial", 0,
	    "serial number with a zero in front");
	check_part(PART(serial), BYTES("\x02\x00"), "serial", 0,
	    "serial number of nothing");
	check_part(PART(serial), BYTES("\x02\x81\x01\x01"), "serial", 0,
	    "a long length where a short one does");
	check_part(PART(serial), BYTES("\x02\x80\x01\x00\x00"), "serial", 0,
	    "an indefinite length");
	check_part(PART(serial), BYTES("\x1f\x02\x01\x01"), "serial", 0,
	    "a high tag");
	check_part(PART(issuer), BYTES("\x30\x00"), NULL, X509_FLAW_ISSUER,
	    "an issuer without name");
	check_part(PART(subject), BYTES("\x30\x00"), NULL, 0,
	    "a subject without name");
	check_part(PART(subject), BYTES("\x30\x02\x31\x00"), "subject", 0,
	    "an empty set in a name");
	check_part(PART(outer_alg), BYTES("\x30\x0a\x06\x08\x2a\x86\x48\xce"
	    "\x3d\x04\x03\x03"), "algorithm", 0, "two algorithms");
	check_part(PART(signature), BYTES("\x03\x02\x01\x00"), "frame", 0,
	    "a signature of seven bits");
	check_part(PART(spki), BYTES("\x30\x00"), "key", 0, "no key");
}

static void
check_validity(const char *from, const char *to, const char *names)
{
	struct buf validity = BUF_EMPTY;
	char what[64];

	(void)snprintf(what, sizeof what, "valid %s to %s", from, to);
	raw_validity(&validity, from, to);
	check_part(PART(validity), validity.data, validity.len, names, 0,
	    what);
	buf_release(&validity);
}

static void
test_validity(void)
{
	check_validity("500101000000Z", "491231235959Z", NULL);
	check_validity("260101000000Z", "99991231235959Z", NULL);
	check_validity("260101000000Z", "00000101000000Z", NULL);
	check_validity("260230000000Z", "270101000000Z", "validity");
	check_validity("260101000000Z", "271301000000Z", "validity");
	check_validity("260101000000Z", "270101240000Z", "validity");
	check_validity("260101000000Z", "2701010000Z", "validity");
	check_validity("260101000000Z", "270101000000+0100", "validity");
	check_validity("260101000000Z", "20270101000000.5Z", "validity");
	check_validity("260101000000Z", "2701 1000000Z", "validity");
}

/* ------------------------------------------------------------- extensions */

static void
check_extension(const char *oid, bool is_critical, const char *bytes,
    size_t len, const char *names, unsigned flaws, const char *what)
{
	struct buf der = BUF_EMPTY;
	struct rawcert raw;
	struct x509 cert;
	struct err err;
	int ret;

	rawcert_init(&raw);
	extend(&raw, oid, is_critical, bytes, len);
	ret = parse(&raw, &der, &cert, &err);
	if (names == NULL)
		ok(ret == 0 && cert.flaws == flaws, "%s", what);
	else
		ok(ret == -1 && strstr(err.text, names) != NULL, "%s: refused",
		    what);
	rawcert_release(&raw);
	buf_release(&der);
}

static void
test_extensions(void)
{
	check_extension(OID_STRANGER, false, BYTES("?"), NULL, 0, "unknown");
	check_extension(OID_STRANGER, true, BYTES("?"), NULL,
	    X509_FLAW_UNKNOWN_CRITICAL, "unknown and critical");
	check_extension(OID_SKI, true, BYTES("\x04\x01k"), NULL,
	    X509_FLAW_CRITICALITY, "a key id that is critical");
	check_extension(OID_SKI, false, BYTES("\x04\x00"), "key identifier", 0,
	    "a key id of nothing");
	check_extension(OID_AKI, false, BYTES("\x30\x03\x80\x01k"), NULL, 0,
	    "an authority's key id");
	check_extension(OID_AKI, false, BYTES("\x30\x03\x85\x01k"),
	    "authority key", 0, "an authority's something");
	check_extension(OID_KEY_USAGE, true, BYTES("\x03\x02\x05\xa0"), NULL,
	    0, "key usage");
	check_extension(OID_KEY_USAGE, true, BYTES("\x03\x02\x05\xb0"),
	    "key usage", 0, "key usage with bits that do not count");
	check_extension(OID_KEY_USAGE, true, BYTES("\x03\x01\x00"),
	    "key usage", 0, "key usage without bits");
	check_extension(OID_BASIC, true, BYTES("\x30\x00"), NULL, 0,
	    "basic constraints, empty");
	check_extension(OID_BASIC, true, BYTES("\x30\x03\x01\x01\x01"),
	    "basic", 0, "a truth that is neither 0 nor 255");
	check_extension(OID_BASIC, true,
	    BYTES("\x30\x06\x01\x01\xff\x02\x01\xff"), "basic", 0,
	    "a path length below zero");
	check_extension(OID_EKU, false, BYTES("\x30\x00"), "extended", 0,
	    "no purposes");
	check_extension(OID_CONSTRAINTS, true, BYTES("\x30\x00"),
	    "name constraints", 0, "no constraints");
	check_extension(OID_CONSTRAINTS, true, BYTES("\x30\x02\xa0\x00"),
	    "name constraints", 0, "an empty list of constraints");
	check_extension(OID_CONSTRAINTS, true,
	    BYTES("\x30\x07\xa0\x05\x30\x03\x82\x01" "a"), NULL, 0,
	    "one constraint");
	check_extension(OID_CONSTRAINTS, true,
	    BYTES("\x30\x0a\xa0\x08\x30\x06\x82\x01" "a\x80\x01\x01"),
	    "name constraints", 0, "a constraint with a minimum");
	check_extension(OID_SAN, false, BYTES("\x30\x00"), "names", 0,
	    "no alternative names");
	check_extension(OID_SAN, false, BYTES("\x30\x03\x82\x01\x80"), NULL,
	    X509_FLAW_NAMES, "a name that is not ASCII");
	check_extension(OID_SAN, false, BYTES("\x30\x05\x87\x03" "123"), NULL,
	    X509_FLAW_NAMES, "an address of three bytes");
	check_extension(OID_SAN, false, BYTES("\x30\x03\x89\x01" "a"),
	    "names", 0, "a name of no kind");
}

static void
test_duplicate_and_version(void)
{
	struct buf der = BUF_EMPTY;
	struct rawcert raw;
	struct x509 cert;
	struct err err;

	rawcert_init(&raw);
	extend(&raw, OID_STRANGER, false, "a", 1);
	extend(&raw, OID_SAN, false, "\x30\x03\x82\x01" "a", 5);
	extend(&raw, OID_SAN, false, "\x30\x03\x82\x01" "b", 5);
	ok(parse(&raw, &der, &cert, &err) == 0 &&
	    cert.flaws == X509_FLAW_DUPLICATE, "an extension twice");
	ok(cert.san.len == 3 && cert.san.data[2] == 'a', "the first counts");
	buf_cut(&raw.extensions, 0);
	extend(&raw, OID_STRANGER, false, "a", 1);
	extend(&raw, OID_STRANGER, false, "a", 1);
	ok(parse(&raw, &der, &cert, &err) == 0 &&
	    cert.flaws == X509_FLAW_DUPLICATE, "a stranger's twice");
	buf_cut(&raw.extensions, 0);
	extend(&raw, OID_STRANGER, false, "a", 1);
	buf_cut(&raw.version, 0);
	ok(parse(&raw, &der, &cert, &err) == 0 &&
	    cert.flaws == X509_FLAW_VERSION, "extensions in version 1");
	rawcert_release(&raw);
	buf_release(&der);
}

/* ------------------------------------------------------------------ limits */

static int
parse_with_extensions(unsigned count, enum err_class *class)
{
	struct buf der = BUF_EMPTY;
	struct rawcert raw;
	struct x509 cert;
	struct err err;
	unsigned i;
	int ret;

	rawcert_init(&raw);
	for (i = 0; i < count; i++) {
		char oid[] = { 0x2a, 0x03, (char)i };

		extend(&raw, oid, false, "a", 1);
	}
	ret = parse(&raw, &der, &cert, &err);
	*class = ret == -1 ? err.class : ERR_NONE;
	rawcert_release(&raw);
	buf_release(&der);
	return ret;
}

static int
parse_with_parts(unsigned count)
{
	struct buf der = BUF_EMPTY;
	struct rawcert raw;
	struct x509 cert;
	struct err err;
	unsigned i;
	int ret;

	rawcert_init(&raw);
	buf_cut(&raw.subject, 0);
	for (i = 0; i < count; i++)
		raw_common_name(&raw.subject, "x");
	raw_wrap(&raw.subject, 0x30);
	ret = parse(&raw, &der, &cert, &err);
	rawcert_release(&raw);
	buf_release(&der);
	return ret;
}

/* How large it is in all is settled by the length of a name. */
static int
parse_of_size(size_t size, enum err_class *class)
{
	struct buf der = BUF_EMPTY, filling = BUF_EMPTY;
	struct rawcert raw;
	struct x509 cert;
	struct err err;
	size_t len = size - 300;
	int ret = -2;

	while (der.len != size && len < size) {
		rawcert_init(&raw);
		buf_cut(&filling, 0);
		memset(buf_reserve(&filling, len), 'x', len);
		filling.len = len;
		rawcert_extension(&raw, OID_STRANGER, 3, false, &filling);
		ret = parse(&raw, &der, &cert, &err);
		rawcert_release(&raw);
		len++;
	}
	*class = ret == -1 ? err.class : ERR_NONE;
	buf_release(&der);
	buf_release(&filling);
	return ret;
}

static void
test_limits(void)
{
	enum err_class class;

	ok(parse_with_extensions(X509_EXTENSIONS_MAX - 1, &class) == 0,
	    "one extension less than the limit");
	ok(parse_with_extensions(X509_EXTENSIONS_MAX, &class) == 0,
	    "as many extensions as the limit");
	ok(parse_with_extensions(X509_EXTENSIONS_MAX + 1, &class) == -1 &&
	    class == ERR_LIMIT, "one extension more");
	ok(parse_with_parts(X509_NAME_PARTS_MAX - 1) == 0 &&
	    parse_with_parts(X509_NAME_PARTS_MAX) == 0,
	    "a name of as many parts as the limit");
	ok(parse_with_parts(X509_NAME_PARTS_MAX + 1) == -1, "one part more");
	ok(parse_of_size(X509_DER_MAX - 1, &class) == 0 &&
	    parse_of_size(X509_DER_MAX, &class) == 0,
	    "a certificate as large as the limit");
	ok(parse_of_size(X509_DER_MAX + 1, &class) == -1 &&
	    class == ERR_LIMIT, "one byte more");
}

/* ------------------------------------------------------------------- names */

static void
test_name_text(void)
{
	static const char bmp[] = "\x31\x0f\x30\x0d\x06\x03\x55\x04\x0a\x1e\x06"
	    "\0A\0B\1\7";
	static const char pair[] = "\x31\x10"
	    "\x30\x06\x06\x01\x2a\x0c\x01x" "\x30\x06\x06\x01\x2b\x0c\x01y";
	struct der name = { (const uint8_t *)bmp, sizeof bmp - 1 };
	struct buf text = BUF_EMPTY, raw = BUF_EMPTY;

	x509_name_text(&text, &name);
	is_str(buf_text(&text), "O=AB?", "two bytes a character");
	buf_cut(&text, 0);
	name.data = (const uint8_t *)pair;
	name.len = sizeof pair - 1;
	x509_name_text(&text, &name);
	is_str(buf_text(&text), "?=x, ?=y", "two attributes in a set");
	buf_cut(&text, 0);
	raw_common_name(&raw, "evil\033[31m\n");
	name.data = (const uint8_t *)raw.data;
	name.len = raw.len;
	x509_name_text(&text, &name);
	is_str(buf_text(&text), "CN=evil\\033[31m\\012", "escaped");
	buf_cut(&text, 0);
	name.len = 0;
	x509_name_text(&text, &name);
	is_str(buf_text(&text), "(empty)", "no name");
	ok(!x509_common_name(&text, &name), "and no common name");
	buf_release(&text);
	buf_release(&raw);
}

static bool
covers(unsigned tag, const char *pattern, size_t len, const char *host)
{
	struct buf san = BUF_EMPTY, der = BUF_EMPTY;
	struct x509_host parsed;
	struct rawcert raw;
	struct x509 cert;
	struct err err;
	bool does;

	rawcert_init(&raw);
	raw_put(&san, tag, pattern, len);
	raw_wrap(&san, 0x30);
	rawcert_extension(&raw, OID_SAN, 3, false, &san);
	does = parse(&raw, &der, &cert, &err) == 0 &&
	    x509_host_parse(&parsed, host) && x509_covers(&cert, &parsed);
	rawcert_release(&raw);
	buf_release(&san);
	buf_release(&der);
	return does;
}

static bool
dns(const char *pattern, const char *host)
{
	return covers(0x82, pattern, strlen(pattern), host);
}

static void
test_hosts(void)
{
	ok(dns("a.example", "a.example"), "the name itself");
	ok(dns("A.Example", "a.eXAMPLE"), "in any case");
	ok(dns("a.example", "a.example."), "absolute");
	ok(!dns("a.example", "b.a.example"), "not below it");
	ok(!dns("b.a.example", "a.example"), "not above it");
	ok(dns("*.a.example", "b.a.example"), "a star for one label");
	ok(!dns("*.a.example", "a.example"), "not for none");
	ok(!dns("*.a.example", "c.b.a.example"), "not for two");
	ok(!dns("*.example", "a.example"), "not next to the top");
	ok(!dns("b*.a.example", "bc.a.example"), "not in a label");
	ok(!dns("a.*.example", "a.b.example"), "not in the middle");
	ok(!dns("*", "example"), "not alone");
	ok(dns("localhost", "localhost"), "a single label");
	ok(dns("xn--628h.example", "xn--628h.example"), "an encoded name");
	ok(dns("a_b.example", "a_b.example"), "an underscore");
	ok(!dns("192.0.2.1", "192.0.2.1"), "no address as a DNS name");
	ok(covers(0x87, "\xc0\x00\x02\x01", 4, "192.0.2.1"), "IPv4");
	ok(!covers(0x87, "\xc0\x00\x02\x01", 4, "192.0.2.2"), "another");
	ok(covers(0x87, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16, "::1"),
	    "IPv6");
	ok(covers(0x87, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16,
	    "0:0::0:1"), "written otherwise");
	ok(!covers(0x87, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", 16,
	    "192.0.2.1"), "a mapped address is another one");
}

static void
test_host_limits(void)
{
	struct x509_host host;
	char name[X509_HOST_MAX + 1];
	size_t i;

	for (i = 0; i < sizeof name - 1; i++)
		name[i] = i % 64 == 63 ? '.' : 'a';
	name[X509_HOST_MAX] = '\0';
	ok(!x509_host_parse(&host, name), "a host of 254 bytes");
	name[X509_HOST_MAX - 1] = '\0';
	ok(x509_host_parse(&host, name) && strcmp(host.dns, name) == 0,
	    "a host of 253 bytes");
	name[X509_HOST_MAX - 2] = '\0';
	ok(x509_host_parse(&host, name), "a host of 252 bytes");
	memset(name, 'a', 64);
	name[64] = '\0';
	ok(!x509_host_parse(&host, name), "a label of 64 bytes");
	name[63] = '\0';
	ok(x509_host_parse(&host, name), "a label of 63 bytes");
	name[62] = '\0';
	ok(x509_host_parse(&host, name), "a label of 62 bytes");
	ok(!x509_host_parse(&host, ""), "nothing");
	ok(!x509_host_parse(&host, "."), "the root");
	ok(!x509_host_parse(&host, "a..b"), "an empty label");
	ok(!x509_host_parse(&host, "-a"), "a hyphen in front");
	ok(!x509_host_parse(&host, "*.a.b"), "a star");
	ok(!x509_host_parse(&host, "a b"), "a blank");
	ok(!x509_host_parse(&host, "[::1]"), "brackets");
}

int
main(void)
{
	test_plain();
	test_cut_and_flipped();
	test_parts();
	test_validity();
	test_extensions();
	test_duplicate_and_version();
	test_limits();
	test_name_text();
	test_hosts();
	test_host_limits();
	return done();
}
