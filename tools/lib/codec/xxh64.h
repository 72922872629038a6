/* SPDX-License-Identifier: BSD-2-Clause */
/* xxHash64 with seed 0, of bytes in memory. */
#ifndef CODEC_XXH64_H
#define CODEC_XXH64_H

#include <stddef.h>
#include <stdint.h>

uint64_t xxh64(const void *data, size_t len);

#endif
