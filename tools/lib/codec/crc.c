/* SPDX-License-Identifier: BSD-2-Clause */
/* Cyclic redundancy checks; see crc.h. */
#include "codec/crc.h"

#include "base/bytes.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <stdbool.h>
#include <string.h>
#endif

/*
 * Eight bytes a step: table k holds what a byte does k places further on.  A
 * CRC is linear, so an entry is the sum of what its bits do, and eight numbers
 * stand for a table of 256.
 */
#define PICK(i, b0, b1, b2, b3, b4, b5, b6, b7) \
	((((i) & 1) ? b0 : 0) ^ (((i) & 2) ? b1 : 0) ^ \
	(((i) & 4) ? b2 : 0) ^ (((i) & 8) ? b3 : 0) ^ \
	(((i) & 16) ? b4 : 0) ^ (((i) & 32) ? b5 : 0) ^ \
	(((i) & 64) ? b6 : 0) ^ (((i) & 128) ? b7 : 0))
#define ROW_4(t, i) t(i), t((i) + 1), t((i) + 2), t((i) + 3)
#define ROW_16(t, i) \
	ROW_4(t, i), ROW_4(t, (i) + 4), ROW_4(t, (i) + 8), ROW_4(t, (i) + 12)
#define ROW_64(t, i) \
	ROW_16(t, i), ROW_16(t, (i) + 16), ROW_16(t, (i) + 32), \
	ROW_16(t, (i) + 48)
#define TABLE(t) \
	{ ROW_64(t, 0), ROW_64(t, 64), ROW_64(t, 128), ROW_64(t, 192) }

/* Polynomial 0x1EDC6F41, its bits reversed: 0x82F63B78. */
#define CASTAGNOLI_0(i) PICK(i, \
	0xf26b8303U, 0xe13b70f7U, 0xc79a971fU, 0x8ad958cfU, \
	0x105ec76fU, 0x20bd8edeU, 0x417b1dbcU, 0x82f63b78U)
#define CASTAGNOLI_1(i) PICK(i, \
	0x13a29877U, 0x274530eeU, 0x4e8a61dcU, 0x9d14c3b8U, \
	0x3fc5f181U, 0x7f8be302U, 0xff17c604U, 0xfbc3faf9U)
#define CASTAGNOLI_2(i) PICK(i, \
	0xa541927eU, 0x4f6f520dU, 0x9edea41aU, 0x38513ec5U, \
	0x70a27d8aU, 0xe144fb14U, 0xc76580d9U, 0x8b277743U)
#define CASTAGNOLI_3(i) PICK(i, \
	0xdd45aab8U, 0xbf672381U, 0x7b2231f3U, 0xf64463e6U, \
	0xe964b13dU, 0xd725148bU, 0xaba65fe7U, 0x52a0c93fU)
#define CASTAGNOLI_4(i) PICK(i, \
	0x38116facU, 0x7022df58U, 0xe045beb0U, 0xc5670b91U, \
	0x8f2261d3U, 0x1ba8b557U, 0x37516aaeU, 0x6ea2d55cU)
#define CASTAGNOLI_5(i) PICK(i, \
	0xef306b19U, 0xdb8ca0c3U, 0xb2f53777U, 0x6006181fU, \
	0xc00c303eU, 0x85f4168dU, 0x0e045bebU, 0x1c08b7d6U)
#define CASTAGNOLI_6(i) PICK(i, \
	0x68032cc8U, 0xd0065990U, 0xa5e0c5d1U, 0x4e2dfd53U, \
	0x9c5bfaa6U, 0x3d5b83bdU, 0x7ab7077aU, 0xf56e0ef4U)
#define CASTAGNOLI_7(i) PICK(i, \
	0x493c7d27U, 0x9278fa4eU, 0x211d826dU, 0x423b04daU, \
	0x847609b4U, 0x0d006599U, 0x1a00cb32U, 0x34019664U)

/* Polynomial 0xAD93D23594C935A9, its bits reversed: 0x95AC9329AC4BC9B5. */
#define JONES_0(i) PICK(i, \
	0x7ad870c830358979U, 0xf5b0e190606b12f2U, 0xc038e5739841b68fU, \
	0xab28ecb46814fe75U, 0x7d08ff3b88be6f81U, 0xfa11fe77117cdf02U, \
	0xdf7adabd7a6e2d6fU, 0x95ac9329ac4bc9b5U)
#define JONES_1(i) PICK(i, \
	0x89e99ffd73bddf69U, 0x388a19a9bfec2db9U, 0x711433537fd85b72U, \
	0xe22866a6ffb0b6e4U, 0xef09eb1ea7f6fea3U, 0xf54af06e177a6e2dU, \
	0xc1ccc68f76634f31U, 0xa8c0ab4db4510d09U)
#define JONES_2(i) PICK(i, \
	0xf4125129ce4038beU, 0xc37d8400c417e217U, 0xada22e52d0b85745U, \
	0x701d7af6f9e73de1U, 0xe03af5edf3ce7bc2U, 0xeb2ccd88bf0b64efU, \
	0xfd00bd4226815ab5U, 0xd1585cd715952601U)
#define JONES_3(i) PICK(i, \
	0x8ce168638c796306U, 0x329bf69440655567U, 0x6537ed2880caaaceU, \
	0xca6fda510195559cU, 0xbf8692f15bbd3853U, 0x545403b1efede3cdU, \
	0xa8a80763dfdbc79aU, 0x7a092894e7201c5fU)
#define JONES_4(i) PICK(i, \
	0x3504e58b9ba6dd1eU, 0x6a09cb17374dba3cU, 0xd413962e6e9b7478U, \
	0x837e0a0f85a17b9bU, 0x2da5324c53d5645dU, 0x5b4a6498a7aac8baU, \
	0xb694c9314f559174U, 0x4670b431c63cb183U)
#define JONES_5(i) PICK(i, \
	0xe39d1389931b9354U, 0xec6301407ea0b5c3U, 0xf39f24d3a5d6f8edU, \
	0xcc676ff4133a62b1U, 0xb397f9bb7ee35609U, 0x4c76d525a5513f79U, \
	0x98edaa4b4aa27ef2U, 0x1a8272c5cdd36e8fU)
#define JONES_6(i) PICK(i, \
	0x62a95de6e302eff2U, 0xc552bbcdc605dfe4U, 0xa1fc51c8d49c2ca3U, \
	0x68a185c2f1afca2dU, 0xd1430b85e35f945aU, 0x89df31589e28bbdfU, \
	0x38e744e264c6e4d5U, 0x71ce89c4c98dc9aaU)
#define JONES_7(i) PICK(i, \
	0x381d0015c96f4444U, 0x703a002b92de8888U, 0xe074005725bd1110U, \
	0xebb126fd13edb14bU, 0xfc3b6ba97f4cf1fdU, 0xd32ff101a60e7091U, \
	0x8d06c450148b7249U, 0x3154aef3718177f9U)

static const uint32_t castagnoli[8][256] = {
	TABLE(CASTAGNOLI_0), TABLE(CASTAGNOLI_1), TABLE(CASTAGNOLI_2),
	TABLE(CASTAGNOLI_3), TABLE(CASTAGNOLI_4), TABLE(CASTAGNOLI_5),
	TABLE(CASTAGNOLI_6), TABLE(CASTAGNOLI_7)
};

static const uint64_t jones[8][256] = {
	TABLE(JONES_0), TABLE(JONES_1), TABLE(JONES_2), TABLE(JONES_3),
	TABLE(JONES_4), TABLE(JONES_5), TABLE(JONES_6), TABLE(JONES_7)
};

static uint32_t
castagnoli_tables(uint32_t state, const uint8_t *p, size_t len)
{
	for (; len >= 8; p += 8, len -= 8) {
		uint32_t low = get_le32(p) ^ state, high = get_le32(p + 4);

		state = castagnoli[7][low & 255] ^
		    castagnoli[6][low >> 8 & 255] ^
		    castagnoli[5][low >> 16 & 255] ^ castagnoli[4][low >> 24] ^
		    castagnoli[3][high & 255] ^ castagnoli[2][high >> 8 & 255] ^
		    castagnoli[1][high >> 16 & 255] ^ castagnoli[0][high >> 24];
	}
	for (; len > 0; p++, len--)
		state = state >> 8 ^ castagnoli[0][(state ^ *p) & 255];
	return state;
}

#if defined(__x86_64__)
static bool
has_sse42(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_SSE4_2) != 0;
}

__attribute__((target("sse4.2"))) static uint32_t
castagnoli_sse42(uint32_t state, const uint8_t *p, size_t len)
{
	uint64_t wide = state, word;

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&word, p, sizeof word);
		wide = _mm_crc32_u64(wide, word);
	}
	state = (uint32_t)wide;
	for (; len > 0; p++, len--)
		state = _mm_crc32_u8(state, *p);
	return state;
}
#endif

uint32_t
crc_32c_portable(uint32_t crc, const void *data, size_t len)
{
	return ~castagnoli_tables(~crc, data, len);
}

uint32_t
crc_32c(uint32_t crc, const void *data, size_t len)
{
#if defined(__x86_64__)
	/* Asking the processor costs as much as some hundred bytes. */
	if (len >= 256 && has_sse42())
		return ~castagnoli_sse42(~crc, data, len);
#endif
	return crc_32c_portable(crc, data, len);
}

uint64_t
crc_64_jones(uint64_t crc, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len >= 8; p += 8, len -= 8) {
		uint64_t word = get_le64(p) ^ crc;

		crc = jones[7][word & 255] ^ jones[6][word >> 8 & 255] ^
		    jones[5][word >> 16 & 255] ^ jones[4][word >> 24 & 255] ^
		    jones[3][word >> 32 & 255] ^ jones[2][word >> 40 & 255] ^
		    jones[1][word >> 48 & 255] ^ jones[0][word >> 56];
	}
	for (; len > 0; p++, len--)
		crc = crc >> 8 ^ jones[0][(crc ^ *p) & 255];
	return crc;
}
