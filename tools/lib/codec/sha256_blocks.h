/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The compression functions behind the classes of sha256.c; private to it.
 * Each runs count blocks of SHA256_BLOCK bytes into val (the eight words a to
 * h of FIPS 180-4, in the machine's byte order), and may be called only where
 * its _usable() is true.  A function exists only on its own kind of machine.
 */
#ifndef CODEC_SHA256_BLOCKS_H
#define CODEC_SHA256_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_BLOCK 64

extern const uint32_t sha256_k[64];	/* FIPS 180-4, 4.2.2 */

#ifdef __x86_64__
#define SHA256_HAS_SHANI
bool sha256_shani_usable(void);
void sha256_shani_blocks(uint32_t val[8], const uint8_t *data, size_t count);
#endif

/* clang's arm_neon.h hides these intrinsics unless the whole file has them. */
#if defined(__AARCH64EL__) && \
    (!defined(__clang__) || defined(__ARM_FEATURE_SHA2))
#define SHA256_HAS_ARMV8
bool sha256_armv8_usable(void);
void sha256_armv8_blocks(uint32_t val[8], const uint8_t *data, size_t count);
#endif

#endif
