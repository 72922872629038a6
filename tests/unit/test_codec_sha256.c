/* SPDX-License-Identifier: BSD-2-Clause */
/* codec/sha256: published vectors, and every class against BearSSL's own. */
#include <bearssl_hmac.h>
#include <bearssl_rand.h>
#include <stdlib.h>

#include "base/hex.h"
#include "codec/sha256.h"
#include "harness.h"

static uint8_t noise[1 << 16];

/* xorshift64: the same numbers on every machine. */
static uint64_t
random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void
class_digest(const br_hash_class *class, const void *data, size_t len,
    uint8_t digest[SHA256_LEN])
{
	br_sha256_context c;

	class->init(&c.vtable);
	class->update(&c.vtable, data, len);
	class->out(&c.vtable, digest);
}

/* FIPS 180-4's examples, and two of the NIST test files' longer kind. */
static const struct vector {
	const char *text;
	unsigned times;
	const char *digest;
} vectors[] = {
	{ "", 1,
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", 1,
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu", 1,
	  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	{ "a", 1000000,
	  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	{ "\xbd", 1,
	  "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b" },
	{ "\xc9\x8c\x8e\x55", 1,
	  "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504" },
};

static void
test_vectors(const br_hash_class *class, unsigned number)
{
	size_t i;
	unsigned n;

	for (i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		const struct vector *v = &vectors[i];
		char text[2 * SHA256_LEN + 1];
		uint8_t digest[SHA256_LEN];
		br_sha256_context c;

		class->init(&c.vtable);
		for (n = 0; n < v->times; n++)
			class->update(&c.vtable, v->text, strlen(v->text));
		class->out(&c.vtable, digest);
		is_str(hex_format(digest, sizeof digest, text), v->digest,
		    "class %u gives vector %zu", number, i);
	}
}

static void
test_every_length(const br_hash_class *class, unsigned number)
{
	unsigned bad = 0;
	size_t len;

	for (len = 0; len <= 1024; len++) {
		uint8_t digest[SHA256_LEN], want[SHA256_LEN];

		class_digest(class, noise + len % 17, len, digest);
		class_digest(&br_sha256_vtable, noise + len % 17, len, want);
		bad += memcmp(digest, want, sizeof want) != 0;
	}
	is_u64(bad, 0, "class %u agrees with BearSSL on lengths 0 to 1024",
	    number);
}

/* The same bytes in random pieces, with copies and digests on the way. */
static void
test_splits(const br_hash_class *class, unsigned number)
{
	uint64_t seed = 0x9e3779b97f4a7c15;
	unsigned bad = 0;
	unsigned round;

	for (round = 0; round < 500; round++) {
		size_t len = (size_t)(random_next(&seed) % sizeof noise);
		uint8_t digest[SHA256_LEN], want[SHA256_LEN];
		br_sha256_context c;
		size_t at = 0;

		class->init(&c.vtable);
		while (at < len) {
			size_t n = (size_t)(random_next(&seed) % 300);
			br_sha256_context copy = c;

			if (n > len - at)
				n = len - at;
			class->update(&copy.vtable, noise + at, n);
			c = copy;
			at += n;
			if (random_next(&seed) % 8 == 0)
				class->out(&c.vtable, digest);
		}
		class->out(&c.vtable, digest);
		class_digest(&br_sha256_vtable, noise, len, want);
		bad += memcmp(digest, want, sizeof want) != 0;
	}
	is_u64(bad, 0, "class %u does not care where the bytes are split",
	    number);
}

/* A state saved by one class goes on in the other, both ways. */
static void
test_state(const br_hash_class *class, unsigned number)
{
	const br_hash_class *from_to[2][2] = {
		{ class, &br_sha256_vtable }, { &br_sha256_vtable, class }
	};
	unsigned i;

	for (i = 0; i < 2; i++) {
		uint8_t state[SHA256_LEN], digest[SHA256_LEN], want[SHA256_LEN];
		br_sha256_context a, b;
		uint64_t count;

		from_to[i][0]->init(&a.vtable);
		from_to[i][0]->update(&a.vtable, noise, 640);
		count = from_to[i][0]->state(&a.vtable, state);
		is_u64(count, 640, "class %u, way %u: state() counts bytes",
		    number, i);
		from_to[i][1]->init(&b.vtable);
		from_to[i][1]->set_state(&b.vtable, state, count);
		from_to[i][1]->update(&b.vtable, noise + 640, 1000);
		from_to[i][1]->out(&b.vtable, digest);
		class_digest(&br_sha256_vtable, noise, 1640, want);
		ok(memcmp(digest, want, sizeof want) == 0,
		    "class %u, way %u: set_state() goes on from there",
		    number, i);
	}
	is_u64(class->desc, br_sha256_vtable.desc,
	    "class %u describes itself as BearSSL's does", number);
	is_u64(class->context_size, br_sha256_vtable.context_size,
	    "class %u has BearSSL's context", number);
}

/* Past 2^32 bits and 2^32 bytes, by set_state(): the length is 64 bits. */
static void
test_long(const br_hash_class *class, unsigned number)
{
	static const uint64_t counts[] = {
		(uint64_t)1 << 29, (uint64_t)1 << 32, (uint64_t)3 << 40
	};
	uint8_t state[SHA256_LEN] = { 1, 2, 3 };
	size_t i;

	for (i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		uint8_t digest[SHA256_LEN], want[SHA256_LEN];
		br_sha256_context c;

		class->init(&c.vtable);
		class->set_state(&c.vtable, state, counts[i]);
		class->update(&c.vtable, noise, 100);
		class->out(&c.vtable, digest);
		br_sha256_init(&c);
		br_sha256_set_state(&c, state, counts[i]);
		br_sha256_update(&c, noise, 100);
		br_sha256_out(&c, want);
		ok(memcmp(digest, want, sizeof want) == 0,
		    "class %u counts past byte %" PRIu64, number, counts[i]);
	}
}

/* RFC 4231, test case 2; and the generator ECDSA draws its numbers from. */
static void
test_in_bearssl(const br_hash_class *class, unsigned number)
{
	static const char key[] = "Jefe";
	static const char text[] = "what do ya want for nothing?";
	uint8_t mac[SHA256_LEN], drawn[100], want[100];
	char hex[2 * SHA256_LEN + 1];
	br_hmac_key_context kc;
	br_hmac_context hc;
	br_hmac_drbg_context rng;

	br_hmac_key_init(&kc, class, key, sizeof key - 1);
	br_hmac_init(&hc, &kc, 0);
	br_hmac_update(&hc, text, sizeof text - 1);
	br_hmac_out(&hc, mac);
	is_str(hex_format(mac, sizeof mac, hex),
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
	    "class %u serves BearSSL's HMAC", number);

	br_hmac_drbg_init(&rng, class, noise, 48);
	br_hmac_drbg_generate(&rng, drawn, sizeof drawn);
	br_hmac_drbg_init(&rng, &br_sha256_vtable, noise, 48);
	br_hmac_drbg_generate(&rng, want, sizeof want);
	ok(memcmp(drawn, want, sizeof want) == 0,
	    "class %u serves BearSSL's HMAC_DRBG", number);
}

static void
test_own_interface(void)
{
	uint8_t digest[SHA256_LEN], again[SHA256_LEN], want[SHA256_LEN];
	struct sha256 sha, copy;

	sha256_init(&sha);
	sha256_update(&sha, NULL, 0);
	sha256_update(&sha, noise, 70);
	copy = sha;
	sha256_out(&sha, digest);
	sha256_of(noise, 70, want);
	ok(memcmp(digest, want, sizeof want) == 0, "parts and whole agree");
	sha256_update(&sha, noise + 70, 30);
	sha256_update(&copy, noise + 70, 30);
	sha256_out(&sha, digest);
	sha256_out(&copy, again);
	sha256_of(noise, 100, want);
	ok(memcmp(digest, want, sizeof want) == 0, "out() changes nothing");
	ok(memcmp(again, want, sizeof want) == 0, "a copy goes on");
	class_digest(&br_sha256_vtable, noise, 100, want);
	ok(memcmp(digest, want, sizeof want) == 0, "the choice is sound");
}

static void
test_choice(void)
{
	const br_hash_class *last = NULL;
	unsigned count = 0;

	ok(sha256_class_at(0) == &br_sha256_vtable,
	    "class 0 is the portable one");
	for (; sha256_class_at(count) != NULL; count++)
		last = sha256_class_at(count);
	ok(last == sha256_class(), "the fastest usable class is chosen");
	ok((count == 1) == (strcmp(sha256_name(), "portable") == 0),
	    "its name is right: %s", sha256_name());
}

int
main(void)
{
	uint64_t seed = 88172645463325252;
	const br_hash_class *class;
	unsigned i;

	for (i = 0; i < sizeof noise; i++)
		noise[i] = (uint8_t)random_next(&seed);
	for (i = 0; (class = sha256_class_at(i)) != NULL; i++) {
		test_vectors(class, i);
		test_every_length(class, i);
		test_splits(class, i);
		test_state(class, i);
		test_long(class, i);
		test_in_bearssl(class, i);
	}
	if (i == 1)
		skip("this processor has no SHA-256 instructions");
	test_own_interface();
	test_choice();
	return done();
}
