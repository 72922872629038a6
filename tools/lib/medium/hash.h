/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file's SHA-256 as the medium holds it, not as the page cache remembers
 * it: O_DIRECT where the file system can, else the cached pages are dropped
 * first, which the kernel may refuse; *is_direct tells which it was.
 */
#ifndef MEDIUM_HASH_H
#define MEDIUM_HASH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/watch.h"
#include "codec/sha256.h"

struct err;

struct hash_result {
	uint8_t sha256[SHA256_LEN];
	uint64_t bytes;
	bool is_direct;
};

/*
 * ERR_NOT_FOUND when name is not there; ERR_DAMAGED when it is not a regular
 * file; ERR_IO, with the byte's place, when the medium cannot be read.
 * With threads the next block is read while the last one is hashed.
 */
int hash_file(int dir_fd, const char *name, bool threads,
    const struct watch *watch, struct hash_result *result, struct err *err);

#endif
