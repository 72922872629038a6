/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec/crc: the check values of the catalogues, and every length and place
 * against one bit at a time.
 */
#include "codec/crc.h"
#include "harness.h"

#include <stdlib.h>

enum { NOISE_LEN = 600 };

static uint64_t
bitwise(uint64_t state, uint64_t polynomial, const uint8_t *data, size_t len)
{
	size_t i;
	int bit;

	for (i = 0; i < len; i++) {
		state ^= data[i];
		for (bit = 0; bit < 8; bit++)
			state = state >> 1 ^ (state & 1 ? polynomial : 0);
	}
	return state;
}

static uint32_t
slow_32c(uint32_t crc, const uint8_t *data, size_t len)
{
	return ~(uint32_t)bitwise(~crc, 0x82F63B78U, data, len);
}

static void
fill(uint8_t *noise)
{
	uint64_t state = 0x9E3779B97F4A7C15U;
	size_t i;

	for (i = 0; i < NOISE_LEN; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		noise[i] = (uint8_t)state;
	}
}

static void
test_known_values(void)
{
	uint8_t zeros[32] = { 0 };

	is_u64(crc_32c(0, "123456789", 9), 0xE3069283U, "32C: check value");
	is_u64(crc_32c_portable(0, "123456789", 9), 0xE3069283U,
	    "32C by tables: check value");
	/* RFC 3720, B.4. */
	is_u64(crc_32c(0, zeros, sizeof zeros), 0x8A9136AAU, "32C: zeros");
	is_u64(crc_64_jones(0, "123456789", 9), 0xE9C6D914C4B8D9CAU,
	    "64 Jones: check value");
	is_u64(crc_32c(7, zeros, 0), 7, "nothing changes nothing");
	is_u64(crc_64_jones(7, zeros, 0), 7, "nothing changes nothing");
}

static void
test_every_length_and_place(void)
{
	uint8_t noise[NOISE_LEN];
	bool same_32 = true, same_portable = true, same_64 = true;
	size_t at, len;

	fill(noise);
	for (at = 0; at < 9; at++) {
		for (len = 0; len + at <= NOISE_LEN; len++) {
			uint32_t want = slow_32c(5, noise + at, len);

			same_32 &= crc_32c(5, noise + at, len) == want;
			same_portable &=
			    crc_32c_portable(5, noise + at, len) == want;
			same_64 &= crc_64_jones(5, noise + at, len) ==
			    bitwise(5, 0x95AC9329AC4BC9B5U, noise + at, len);
		}
	}
	ok(same_32, "32C: every length");
	ok(same_portable, "32C by tables: every length");
	ok(same_64, "64 Jones: every length");
}

static void
test_goes_on(void)
{
	uint8_t noise[NOISE_LEN];
	bool same_32 = true, same_64 = true;
	size_t cut;

	fill(noise);
	for (cut = 0; cut <= NOISE_LEN; cut++) {
		same_32 &= crc_32c(crc_32c(0, noise, cut), noise + cut,
		    NOISE_LEN - cut) == slow_32c(0, noise, NOISE_LEN);
		same_64 &= crc_64_jones(crc_64_jones(0, noise, cut),
		    noise + cut, NOISE_LEN - cut) ==
		    crc_64_jones(0, noise, NOISE_LEN);
	}
	ok(same_32 && same_64, "in two pieces as in one");
}

int
main(void)
{
	test_known_values();
	test_every_length_and_place();
	test_goes_on();
	return done();
}
