/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file's digest as the medium holds it, not as the page cache remembers
 * it, where that can be had (see direct.h); is_direct tells whether.
 */
#ifndef MEDIUM_HASH_H
#define MEDIUM_HASH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/watch.h"
#include "codec/digest.h"
#include "codec/sha256.h"
#include "medium/patient.h"

struct err;
struct gate;

#define HASH_SMALL_MAX ((size_t)1 << 20)	/* a small file is below */
#define HASH_BLOCKS_MAX ((size_t)8 << 20)	/* memory for a large one */

/*
 * A place in a file, every HASH_PLACE bytes, and the SHA-256 of what lies
 * before it as the hash holds it: a hash that was cut off goes on from there.
 */
#define HASH_PLACE ((uint64_t)256 << 20)
struct hash_place {
	uint64_t bytes;
	uint8_t state[DIGEST_STATE_LEN];
};

struct hash_options {
	enum digest_kind kind;
	bool threads;		/* read the next block while hashing one */
	const struct watch *watch;
	/* Or NULL both; small files wait at neither. */
	struct gate *gate;	/* each read passes it */
	struct gate *large;	/* taken as long as there is memory */
	uint64_t turn;		/* at the gates */
	/*
	 * Read on past bad sectors, see patient.h: what could not be read is
	 * in patient->bad, and the digest is that of the file with zeros
	 * there.  Filled whatever the result, and the caller's to release.
	 * NULL: the first error ends it.
	 */
	struct patient *patient;
	/* SHA-256 only: go on from here; NULL: from the beginning. */
	const struct hash_place *from;
	/*
	 * SHA-256 only: called at each place, or NULL.  Not any more once
	 * some bytes could not be read.
	 */
	void (*placed)(void *ctx, const struct hash_place *place);
	void *placed_ctx;
};

struct hash_result {
	union {
		uint8_t digest[DIGEST_MAX];
		uint8_t sha256[SHA256_LEN];	/* the same, by its kind */
	};
	uint64_t bytes;		/* those before options.from included */
	bool is_direct;
};

/*
 * SHA-256.  ERR_NOT_FOUND when name is not there; ERR_DAMAGED when it is not
 * a regular file; ERR_IO, with the byte's place, when the medium cannot be
 * read.
 * With threads the next block is read while the last one is hashed.
 */
int hash_file(int dir_fd, const char *name, bool threads,
    const struct watch *watch, struct hash_result *result, struct err *err);

/* The same with patience; -1 with patient->is_gone when the medium is. */
int hash_patiently(int dir_fd, const char *name, bool threads,
    const struct watch *watch, struct hash_result *result,
    struct patient *patient, struct err *err);
/* The same with whatever options ask for. */
int hash_with(int dir_fd, const char *name,
    const struct hash_options *options, struct hash_result *result,
    struct err *err);

/*
 * Any digest of a file that is open, borrowed; is_direct: with O_DIRECT, which
 * is taken off where the file system refuses such reads.  Errors as above.
 */
int hash_fd(int fd, bool is_direct, const struct hash_options *options,
    struct hash_result *result, struct err *err);

#endif
