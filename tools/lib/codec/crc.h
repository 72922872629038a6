/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cyclic redundancy checks that databases put into their files.  Each goes on
 * from the check of what came before; 0 begins.
 */
#ifndef CODEC_CRC_H
#define CODEC_CRC_H

#include <stddef.h>
#include <stdint.h>

/*
 * CRC-32C (Castagnoli; PostgreSQL, Prometheus, iSCSI): "123456789" gives
 * 0xE3069283.  By the processor's own instruction where x86 has it.
 */
uint32_t crc_32c(uint32_t crc, const void *data, size_t len);
/* The same without that instruction, for tests. */
uint32_t crc_32c_portable(uint32_t crc, const void *data, size_t len);

/*
 * The CRC-64 of Redis ("Jones"): "123456789" gives 0xE9C6D914C4B8D9CA.
 */
uint64_t crc_64_jones(uint64_t crc, const void *data, size_t len);

#endif
