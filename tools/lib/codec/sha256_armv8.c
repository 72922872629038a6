/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 blocks with the ARMv8 cryptographic instructions. */
#include "codec/sha256_blocks.h"

#ifdef SHA256_HAS_ARMV8
#include <arm_neon.h>
#include <sys/auxv.h>

#define ARMV8 __attribute__((target("+crypto")))
#define HWCAP_SHA256 (1UL << 6)	/* the kernel's HWCAP_SHA2 */

bool
sha256_armv8_usable(void)
{
	return (getauxval(AT_HWCAP) & HWCAP_SHA256) != 0;
}

struct state {
	uint32x4_t abcd;
	uint32x4_t efgh;
};

ARMV8 static inline uint32x4_t
load_words(const uint8_t *data)
{
	return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data)));
}

/* Four rounds, with words w and constants k[0] to k[3]. */
ARMV8 static inline void
rounds(struct state *s, uint32x4_t w, const uint32_t *k)
{
	uint32x4_t wk = vaddq_u32(w, vld1q_u32(k));
	uint32x4_t abcd = s->abcd;

	s->abcd = vsha256hq_u32(abcd, s->efgh, wk);
	s->efgh = vsha256h2q_u32(s->efgh, abcd, wk);
}

/* The next four words of the schedule after the sixteen in a, b, c, d. */
ARMV8 static inline uint32x4_t
next_words(uint32x4_t a, uint32x4_t b, uint32x4_t c, uint32x4_t d)
{
	return vsha256su1q_u32(vsha256su0q_u32(a, b), c, d);
}

ARMV8 static inline void
block(struct state *s, const uint8_t *data)
{
	uint32x4_t w0 = load_words(data);
	uint32x4_t w1 = load_words(data + 16);
	uint32x4_t w2 = load_words(data + 32);
	uint32x4_t w3 = load_words(data + 48);
	int t;

	rounds(s, w0, sha256_k);
	rounds(s, w1, sha256_k + 4);
	rounds(s, w2, sha256_k + 8);
	rounds(s, w3, sha256_k + 12);
	for (t = 16; t < 64; t += 16) {
		w0 = next_words(w0, w1, w2, w3);
		rounds(s, w0, sha256_k + t);
		w1 = next_words(w1, w2, w3, w0);
		rounds(s, w1, sha256_k + t + 4);
		w2 = next_words(w2, w3, w0, w1);
		rounds(s, w2, sha256_k + t + 8);
		w3 = next_words(w3, w0, w1, w2);
		rounds(s, w3, sha256_k + t + 12);
	}
}

ARMV8 void
sha256_armv8_blocks(uint32_t val[8], const uint8_t *data, size_t count)
{
	struct state s = { vld1q_u32(val), vld1q_u32(val + 4) };

	for (; count > 0; count--, data += SHA256_BLOCK) {
		struct state before = s;

		block(&s, data);
		s.abcd = vaddq_u32(s.abcd, before.abcd);
		s.efgh = vaddq_u32(s.efgh, before.efgh);
	}
	vst1q_u32(val, s.abcd);
	vst1q_u32(val + 4, s.efgh);
}
#endif
