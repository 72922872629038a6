/* SPDX-License-Identifier: BSD-2-Clause */
/* codec/digest: published vectors, names and lengths. */
#include "base/hex.h"
#include "codec/digest.h"
#include "harness.h"

/* RFC 1321, FIPS 180-4 and its NIST examples: "", "abc", 1,000,000 "a". */
static const struct vector {
	enum digest_kind kind;
	const char *digests[3];
} vectors[] = {
	{ DIGEST_MD5, {
	    "d41d8cd98f00b204e9800998ecf8427e",
	    "900150983cd24fb0d6963f7d28e17f72",
	    "7707d6ae4e027c70eea2a935c2296f21" } },
	{ DIGEST_SHA1, {
	    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
	    "a9993e364706816aba3e25717850c26c9cd0d89d",
	    "34aa973cd4c4daa4f61eeb2bdbad27316534016f" } },
	{ DIGEST_SHA224, {
	    "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
	    "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
	    "20794655980c91d8bbb4c1ea97618a4bf03f42581948b2ee4ee7ad67" } },
	{ DIGEST_SHA256, {
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
	} },
	{ DIGEST_SHA384, {
	    "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
	    "274edebfe76f65fbd51ad2f14898b95b",
	    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	    "8086072ba1e7cc2358baeca134c825a7",
	    "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b"
	    "07b8b3dc38ecc4ebae97ddd87f3d8985" } },
	{ DIGEST_SHA512, {
	    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	    "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	    "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
	    "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"
	} },
};

static void
test_vectors(const struct vector *v)
{
	static char million[1000000];
	static const size_t lens[] = { 0, 3, sizeof million };
	const char *data[] = { "", "abc", million };
	char text[2 * DIGEST_MAX + 1];
	uint8_t out[DIGEST_MAX];
	struct digest d;
	size_t i, at;

	memset(million, 'a', sizeof million);
	for (i = 0; i < 3; i++) {
		digest_init(&d, v->kind);
		/* In two pieces that end inside a block. */
		at = lens[i] / 3;
		digest_update(&d, data[i], at);
		digest_out(&d, out);
		digest_update(&d, data[i] + at, lens[i] - at);
		digest_out(&d, out);
		is_str(hex_format(out, digest_len(v->kind), text),
		    v->digests[i], "%s of %zu bytes", digest_name(v->kind),
		    lens[i]);
	}
}

static void
test_names(void)
{
	static const struct {
		const char *name;
		int kind;	/* -1: none */
	} names[] = {
		{ "MD5", DIGEST_MD5 }, { "md5", DIGEST_MD5 },
		{ "SHA1", DIGEST_SHA1 }, { "SHA-1", DIGEST_SHA1 },
		{ "SHA224", DIGEST_SHA224 }, { "SHA256", DIGEST_SHA256 },
		{ "SHA2-256", DIGEST_SHA256 }, { "SHA-256", DIGEST_SHA256 },
		{ "SHA384", DIGEST_SHA384 }, { "SHA512", DIGEST_SHA512 },
		{ "sha2-512", DIGEST_SHA512 },
		{ "", -1 }, { "SHA", -1 }, { "SHA25", -1 }, { "SHA2566", -1 },
		{ "SHA512-256", -1 }, { "SHA3-256", -1 }, { "BLAKE2b", -1 },
		{ "RMD160", -1 },
	};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		enum digest_kind kind = DIGEST_MD5;
		bool known = digest_by_name(names[i].name,
		    strlen(names[i].name), &kind);

		ok(known == (names[i].kind >= 0) &&
		    (!known || (int)kind == names[i].kind), "name '%s'",
		    names[i].name);
	}
}

static void
test_lengths(void)
{
	enum digest_kind kind;
	size_t len, known = 0;

	for (len = 0; len <= DIGEST_MAX + 1; len++)
		if (digest_by_len(len, &kind)) {
			is_u64(digest_len(kind), len, "length %zu is %s", len,
			    digest_name(kind));
			known++;
		}
	is_u64(known, DIGEST_KINDS, "every digest is known by its length");
}

/* Carried from one context to another at each step, in text's place. */
static void
test_goes_on_elsewhere(void)
{
	uint8_t data[5 * DIGEST_STEP + 7], want[DIGEST_MAX], out[DIGEST_MAX];
	uint8_t state[DIGEST_STATE_LEN];
	struct digest first, second;
	size_t i, at;

	for (i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 7);
	digest_init(&first, DIGEST_SHA256);
	digest_update(&first, data, sizeof data);
	digest_out(&first, want);
	for (at = 0; at <= 5 * DIGEST_STEP; at += DIGEST_STEP) {
		digest_init(&first, DIGEST_SHA256);
		digest_update(&first, data, at);
		digest_save(&first, state);
		memset(&first, 0xff, sizeof first);
		digest_init(&second, DIGEST_SHA256);
		digest_resume(&second, state, at);
		digest_update(&second, data + at, sizeof data - at);
		digest_out(&second, out);
		ok(memcmp(out, want, digest_len(DIGEST_SHA256)) == 0,
		    "from byte %zu", at);
	}
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
		test_vectors(&vectors[i]);
	test_names();
	test_lengths();
	test_goes_on_elsewhere();
	return done();
}
