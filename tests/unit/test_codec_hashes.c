/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec/highway and codec/xxh64: published values, and in pieces as at once.
 */
#include "codec/highway.h"
#include "codec/xxh64.h"
#include "harness.h"

#include "base/hex.h"

/* MinIO's own key and start-up test: 32 times, the hash of all hashes. */
static const char minio_key[] =
    "4be734fa8e238acd263e83e6bb968552040f935da39f441497e09d1322de36a0";
static const char minio_sum[] =
    "39c0407ed3f01b18d22c85db4aeff11e060ca5f43131b0126731ca197cd42313";

static void
hash(const uint8_t *key, const uint8_t *data, size_t len, size_t piece,
    uint8_t out[HIGHWAY_LEN])
{
	struct highway h;
	size_t at, n;

	highway_init(&h, key);
	for (at = 0; at < len; at += n) {
		n = len - at < piece ? len - at : piece;
		highway_update(&h, data + at, n);
	}
	highway_out(&h, out);
}

static void
test_highway(void)
{
	uint8_t key[HIGHWAY_KEY_LEN], sum[HIGHWAY_LEN], again[HIGHWAY_LEN];
	uint8_t message[32 * HIGHWAY_LEN];
	char text[2 * HIGHWAY_LEN + 1];
	bool same = true;
	size_t i, len;

	ok(hex_parse(minio_key, 64, key, sizeof key), "a key");
	for (i = 0; i < 32; i++) {
		hash(key, message, i * HIGHWAY_LEN, SIZE_MAX, sum);
		memcpy(message + i * HIGHWAY_LEN, sum, HIGHWAY_LEN);
	}
	is_str(hex_format(sum, sizeof sum, text), minio_sum,
	    "the published value");
	for (len = 0; len < 100; len++) {
		hash(key, message, len, SIZE_MAX, sum);
		for (i = 1; i < 40; i++) {
			hash(key, message, len, i, again);
			same &= memcmp(sum, again, sizeof sum) == 0;
		}
	}
	ok(same, "in pieces as at once");
}

/*
 * With the key 00 01 ... 1f over the bytes 00 01 02 ..., as another
 * implementation gives them: the ways in which a last block is filled.
 */
static void
test_highway_lengths(void)
{
	static const struct {
		size_t len;
		const char *want;
	} vectors[] = {
		{ 0, "f574c8c22a4844dd1f35c713730146d9"
		  "ff1487b9ccbeaeb3f41d75453123da41" },
		{ 1, "54825fe4bc41b9ed0fc6ca3def440de2"
		  "474a32cb9b1b657284e475b24c627320" },
		{ 2, "54e4af24dff9df3f73e80a1b1abfc411"
		  "7a592269cc6951112cb4330d59f60812" },
		{ 3, "5cd9d10dd7a00a48d0d111697c5e2289"
		  "5a86bb8b6b42a88e22c7e190c3fb3de2" },
		{ 7, "81ad8709a0b166d6376d8ceb38f8f1a4"
		  "30e063d4076e22e96c522c067dd65457" },
		{ 15, "2e604278700519c146b1018501dbc362"
		  "c10634fa17adf58547c3fed47bf884c8" },
		{ 16, "1fcdb6a189d91af5d97b622ad675f0f7"
		  "068af279f5d5017e9f4d176ac115d41a" },
		{ 17, "8e06a42ca8cff419b975923abd4a9d3b"
		  "c610c0e9ddb000801356214909d58488" },
		{ 18, "5d9fab817f6c6d12ee167709c5a3da4e"
		  "493edda7731512af2dc380aa85ac0190" },
		{ 20, "db9f0735406bfcad656e488e32b787a0"
		  "ea23465a93a9d14644ee3c0d445c89e3" },
		{ 31, "4d641a6076e28068dab70fb1208b72b3"
		  "6ed110060612bdd0f22e4533ef14ef8a" },
		{ 32, "fec3a139908ce3bc8912c1a32663d542"
		  "a9aefc64f79555e3995a47c96b3cb0c9" },
		{ 33, "e5a634f0cb1501f6d046cebf75ea366c"
		  "90597282d3c8173b357a0011eda2da7e" },
		{ 48, "48ec25d335c6f8af0b8d0314a40a2e2c"
		  "6774441a617fd34e8914503be338ec39" },
		{ 51, "842808d82ca9b5c7fbee2e1bb62aa6dd"
		  "2f73aefeec82988ffb4f1fc05cbd386b" },
		{ 63, "67eb3a6a26f8b1f5dd1aec4dbe40b083"
		  "aefb265b63c8e17f9fd7fede47a4a3f4" },
		{ 64, "7524c16affe6d890f2c1da6e192a421a"
		  "02b08e1ffe65379ebecf51c3c4d7bdc1" },
	};
	uint8_t key[HIGHWAY_KEY_LEN], data[64], sum[HIGHWAY_LEN];
	char text[2 * HIGHWAY_LEN + 1];
	size_t i;

	for (i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)i;
	memcpy(key, data, sizeof key);
	for (i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		hash(key, data, vectors[i].len, SIZE_MAX, sum);
		is_str(hex_format(sum, sizeof sum, text), vectors[i].want,
		    "%zu bytes", vectors[i].len);
	}
}

static void
test_xxh64(void)
{
	is_u64(xxh64("", 0), 0xef46db3751d8e999, "nothing");
	is_u64(xxh64("a", 1), 0xd24ec4f1a98c6e5b, "a");
	is_u64(xxh64("abc", 3), 0x44bc2cf5ad770999, "abc");
	is_u64(xxh64("123456789", 9), 0x8cb841db40e6ae83, "123456789");
	is_u64(xxh64("Nobody inspects the spammish repetition", 39),
	    0xfbcea83c8a378bf1, "39 bytes");
}

int
main(void)
{
	test_highway();
	test_highway_lengths();
	test_xxh64();
	return done();
}
