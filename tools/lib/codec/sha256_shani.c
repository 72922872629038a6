/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 blocks with the x86 SHA extensions. */
#include "codec/sha256_blocks.h"

#ifdef SHA256_HAS_SHANI
#include <cpuid.h>
#include <immintrin.h>

#define SHANI __attribute__((target("sha,sse4.1,ssse3")))

bool
sha256_shani_usable(void)
{
	unsigned a, b, c, d;

	if (__get_cpuid(1, &a, &b, &c, &d) == 0 ||
	    (c & bit_SSSE3) == 0 || (c & bit_SSE4_1) == 0)
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 &&
	    (b & bit_SHA) != 0;
}

/* The processor wants the state as two vectors: a b e f and c d g h. */
struct state {
	__m128i abef;
	__m128i cdgh;
};

SHANI static inline __m128i
load(const void *p)
{
	return _mm_loadu_si128((const __m128i *)p);
}

SHANI static inline struct state
load_state(const uint32_t val[8])
{
	__m128i dcba = load(val);
	__m128i hgfe = load(val + 4);
	__m128i cdab = _mm_shuffle_epi32(dcba, 0xb1);
	__m128i efgh = _mm_shuffle_epi32(hgfe, 0x1b);
	struct state s;

	s.abef = _mm_alignr_epi8(cdab, efgh, 8);
	s.cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
	return s;
}

SHANI static inline void
store_state(uint32_t val[8], struct state s)
{
	__m128i feba = _mm_shuffle_epi32(s.abef, 0x1b);
	__m128i dchg = _mm_shuffle_epi32(s.cdgh, 0xb1);

	_mm_storeu_si128((__m128i *)(void *)val,
	    _mm_blend_epi16(feba, dchg, 0xf0));
	_mm_storeu_si128((__m128i *)(void *)(val + 4),
	    _mm_alignr_epi8(dchg, feba, 8));
}

SHANI static inline __m128i
load_words(const uint8_t *data)
{
	const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b,
	    0x0405060700010203);

	return _mm_shuffle_epi8(load(data), big_endian);
}

/* Four rounds, with words w and constants k[0] to k[3]. */
SHANI static inline void
rounds(struct state *s, __m128i w, const uint32_t *k)
{
	__m128i wk = _mm_add_epi32(w, load(k));

	s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, wk);
	s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh,
	    _mm_shuffle_epi32(wk, 0x0e));
}

/* The next four words of the schedule after the sixteen in a, b, c, d. */
SHANI static inline __m128i
next_words(__m128i a, __m128i b, __m128i c, __m128i d)
{
	__m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(a, b),
	    _mm_alignr_epi8(d, c, 4));

	return _mm_sha256msg2_epu32(sum, d);
}

SHANI static inline void
block(struct state *s, const uint8_t *data)
{
	__m128i w0 = load_words(data);
	__m128i w1 = load_words(data + 16);
	__m128i w2 = load_words(data + 32);
	__m128i w3 = load_words(data + 48);
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

SHANI void
sha256_shani_blocks(uint32_t val[8], const uint8_t *data, size_t count)
{
	struct state s = load_state(val);

	for (; count > 0; count--, data += SHA256_BLOCK) {
		struct state before = s;

		block(&s, data);
		s.abef = _mm_add_epi32(s.abef, before.abef);
		s.cdgh = _mm_add_epi32(s.cdgh, before.cdgh);
	}
	store_state(val, s);
}
#endif
