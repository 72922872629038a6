/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * net/trust: name constraints of each kind, and what a question may cost, on
 * certificates put together by hand.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "codec/pem.h"
#include "harness.h"
#include "net/trust_private.h"
#include "rawcert.h"

#define OID_SAN "\x55\x1d\x11"
#define OID_CONSTRAINTS "\x55\x1d\x1e"

/* A certificate and the bytes that it points into. */
struct made {
	struct buf der;
	struct x509 cert;
};

static void
make(struct made *made, const struct rawcert *raw)
{
	struct buf empty = BUF_EMPTY;
	struct err err;

	made->der = empty;
	rawcert_build(raw, &made->der);
	if (x509_parse(&made->cert, buf_text(&made->der), made->der.len,
	    &err) == -1) {
		printf("# %s\n", err.text);
		abort();
	}
}

/* One name, repeated; the subject has none. */
static void
make_named(struct made *made, unsigned tag, const char *name, size_t len,
    size_t count)
{
	struct buf san = BUF_EMPTY;
	struct rawcert raw;

	rawcert_init(&raw);
	buf_cut(&raw.subject, 0);
	buf_append(&raw.subject, "\x30\x00", 2);
	while (count-- > 0)
		raw_put(&san, tag, name, len);
	raw_wrap(&san, 0x30);
	rawcert_extension(&raw, OID_SAN, 3, true, &san);
	make(made, &raw);
	rawcert_release(&raw);
	buf_release(&san);
}

/* One subtree, in the list of that tag. */
static void
make_issuer(struct made *made, unsigned list, unsigned tag, const char *base,
    size_t len)
{
	struct buf trees = BUF_EMPTY;
	struct rawcert raw;

	rawcert_init(&raw);
	raw_put(&trees, tag, base, len);
	raw_wrap(&trees, 0x30);
	raw_wrap(&trees, list);
	raw_wrap(&trees, 0x30);
	rawcert_extension(&raw, OID_CONSTRAINTS, 3, true, &trees);
	make(made, &raw);
	rawcert_release(&raw);
	buf_release(&trees);
}

enum list { PERMITTED = 0xa0, EXCLUDED = 0xa1 };

static void
check(enum list list, unsigned tag, const char *base, size_t base_len,
    const char *name, size_t name_len, enum trust_verdict want)
{
	unsigned long work = 1000;
	struct made issuer, cert;

	make_issuer(&issuer, list, tag, base, base_len);
	make_named(&cert, tag, name, name_len, 1);
	is_str(trust_name(trust_names(&issuer.cert, &cert.cert, &work)),
	    trust_name(want), "%s %.*s, %.*s",
	    list == PERMITTED ? "permitted" : "excluded", (int)base_len,
	    tag == 0x82 ? base : "", (int)name_len, tag == 0x82 ? name : "");
	buf_release(&issuer.der);
	buf_release(&cert.der);
}

static void
check_dns(enum list list, const char *base, const char *name,
    enum trust_verdict want)
{
	check(list, 0x82, base, strlen(base), name, strlen(name), want);
}

static void
test_dns(void)
{
	check_dns(PERMITTED, "a.example", "a.example", TRUST_OK);
	check_dns(PERMITTED, "a.example", "B.A.EXAMPLE", TRUST_OK);
	check_dns(PERMITTED, "a.example", "ba.example", TRUST_NAME_FORBIDDEN);
	check_dns(PERMITTED, "a.example", "example", TRUST_NAME_FORBIDDEN);
	check_dns(PERMITTED, "a.example", "*.a.example", TRUST_OK);
	check_dns(PERMITTED, "b.a.example", "*.a.example",
	    TRUST_NAME_FORBIDDEN);
	check_dns(PERMITTED, ".a.example", "b.a.example", TRUST_OK);
	check_dns(PERMITTED, ".a.example", "a.example", TRUST_NAME_FORBIDDEN);
	check_dns(PERMITTED, "", "a.example", TRUST_OK);
	check_dns(PERMITTED, "*.example", "a.example", TRUST_BAD_PROFILE);
	check_dns(EXCLUDED, "a.example", "a.example", TRUST_NAME_FORBIDDEN);
	check_dns(EXCLUDED, "a.example", "b.a.example", TRUST_NAME_FORBIDDEN);
	check_dns(EXCLUDED, "a.example", "ba.example", TRUST_OK);
	check_dns(EXCLUDED, "", "a.example", TRUST_NAME_FORBIDDEN);
	/* A star may stand for the label that is excluded. */
	check_dns(EXCLUDED, "b.a.example", "*.a.example",
	    TRUST_NAME_FORBIDDEN);
	check_dns(EXCLUDED, "c.b.a.example", "*.a.example", TRUST_OK);
}

static void
test_ip(void)
{
	static const char net[] = "\xc0\x00\x02\x00\xff\xff\xff\x00";
	static const char holes[] = "\xc0\x00\x02\x00\xff\x00\xff\x00";
	static const char v6[32] = { 0x20, 0x01, [16] = (char)0xff,
	    [17] = (char)0xff };
	static const char host6[16] = { 0x20, 0x01, [15] = 1 };

	check(PERMITTED, 0x87, net, 8, "\xc0\x00\x02\x07", 4, TRUST_OK);
	check(PERMITTED, 0x87, net, 8, "\xc0\x00\x03\x07", 4,
	    TRUST_NAME_FORBIDDEN);
	check(EXCLUDED, 0x87, net, 8, "\xc0\x00\x02\x07", 4,
	    TRUST_NAME_FORBIDDEN);
	check(EXCLUDED, 0x87, net, 8, "\xc0\x00\x03\x07", 4, TRUST_OK);
	check(PERMITTED, 0x87, net, 8, host6, 16, TRUST_NAME_FORBIDDEN);
	check(PERMITTED, 0x87, v6, 32, host6, 16, TRUST_OK);
	check(PERMITTED, 0x87, holes, 8, "\xc0\x00\x02\x07", 4,
	    TRUST_BAD_PROFILE);
	check(PERMITTED, 0x87, net, 4, "\xc0\x00\x02\x07", 4,
	    TRUST_BAD_PROFILE);
}

static void
test_directory(void)
{
	struct buf base = BUF_EMPTY, name = BUF_EMPTY, other = BUF_EMPTY;

	raw_common_name(&base, "Shop");
	raw_common_name(&name, "sHOP");
	raw_common_name(&name, "more");
	raw_common_name(&other, "shop 2");
	raw_wrap(&base, 0x30);
	raw_wrap(&name, 0x30);
	raw_wrap(&other, 0x30);
	check(PERMITTED, 0xa4, base.data, base.len, name.data, name.len,
	    TRUST_OK);
	check(PERMITTED, 0xa4, base.data, base.len, other.data, other.len,
	    TRUST_NAME_FORBIDDEN);
	check(EXCLUDED, 0xa4, base.data, base.len, name.data, name.len,
	    TRUST_NAME_FORBIDDEN);
	check(EXCLUDED, 0xa4, name.data, name.len, base.data, base.len,
	    TRUST_OK);
	buf_release(&base);
	buf_release(&name);
	buf_release(&other);
}

/* Kinds that are not compared: never allowed, and not called bad either. */
static void
test_other_kinds(void)
{
	check(PERMITTED, 0x81, "a.example", 9, "me@a.example", 12,
	    TRUST_UNSUPPORTED);
	check(EXCLUDED, 0x86, "a.example", 9, "http://b.example/", 17,
	    TRUST_UNSUPPORTED);
}

/* ------------------------------------------------------------------- costs */

static void
test_name_work(void)
{
	struct made issuer, cert;
	unsigned long work;
	size_t count;

	make_issuer(&issuer, PERMITTED, 0x82, "a.example", 9);
	for (count = 9; count <= 11; count++) {
		work = 10;
		make_named(&cert, 0x82, "a.example", 9, count);
		is_str(trust_name(trust_names(&issuer.cert, &cert.cert,
		    &work)), count <= 10 ? "ok" : "limit",
		    "%zu comparisons of 10", count);
		buf_release(&cert.der);
	}
	buf_release(&issuer.der);
}

static void
put_pem(struct buf *out, const struct buf *der)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *p = (const uint8_t *)der->data;
	size_t i;

	buf_puts(out, "-----BEGIN CERTIFICATE-----\n");
	for (i = 0; i + 2 < der->len; i += 3) {
		unsigned bits = (unsigned)p[i] << 16 | (unsigned)p[i + 1] << 8 |
		    p[i + 2];

		buf_printf(out, "%c%c%c%c", letters[bits >> 18],
		    letters[bits >> 12 & 63], letters[bits >> 6 & 63],
		    letters[bits & 63]);
	}
	/* The certificates here are made to be of a length that fits. */
	buf_puts(out, "\n-----END CERTIFICATE-----\n");
}

/* An anchor that has the issuer's name and signed nothing. */
static void
add_namesake(struct buf *pem, unsigned number)
{
	struct buf der = BUF_EMPTY;
	struct rawcert raw;
	char serial[4] = { 0x02, 0x02, 0x10, (char)number };

	rawcert_init(&raw);
	buf_cut(&raw.serial, 0);
	buf_append(&raw.serial, serial, sizeof serial);
	buf_cut(&raw.subject, 0);
	buf_append(&raw.subject, raw.issuer.data, raw.issuer.len);
	do {
		buf_byte(&raw.signature, 1);
		raw.signature.data[1]++;
		rawcert_build(&raw, &der);
	} while (der.len % 3 != 0);
	put_pem(pem, &der);
	rawcert_release(&raw);
	buf_release(&der);
}

static void
test_signatures(void)
{
	unsigned count;

	for (count = TRUST_SIGNATURES_MAX - 1;
	    count <= TRUST_SIGNATURES_MAX + 1; count++) {
		struct trust_store *store = trust_store_new();
		struct buf pem = BUF_EMPTY;
		struct trust_answer answer;
		struct rawcert raw;
		struct made leaf;
		struct der sent;
		struct trust_question question = { &sent, 1, NULL,
		    1790000000 };
		struct err err;
		unsigned i;

		for (i = 0; i < count; i++)
			add_namesake(&pem, i);
		ok(trust_store_add(store, pem.data, pem.len, &err) == 0,
		    "%u namesakes", count);
		rawcert_init(&raw);
		make(&leaf, &raw);
		sent = leaf.cert.whole;
		trust_judge(store, &question, &answer);
		is_str(trust_name(answer.verdict),
		    count <= TRUST_SIGNATURES_MAX ? "bad-signature" : "limit",
		    "none of which signed it");
		rawcert_release(&raw);
		buf_release(&leaf.der);
		buf_release(&pem);
		trust_store_free(store);
	}
}

int
main(void)
{
	test_dns();
	test_ip();
	test_directory();
	test_other_kinds();
	test_name_work();
	test_signatures();
	return done();
}
