/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xl.meta, MinIO's record of an object: "XL2 ", version (u16 major 1, u16
 * minor 0 to 3, little-endian), MessagePack with every version of the object,
 * from minor 2 on the low half of its xxHash64, then small contents inline.
 */
#ifndef CHECK_XL_META_H
#define CHECK_XL_META_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/msgpack.h"

struct err;

#define XL_META_MAX ((size_t)16 << 20)	/* bytes of the file */
#define XL_VERSIONS_MAX 10000
#define XL_PARTS_MAX 10000		/* of one version: MinIO's own limit */
#define XL_ID_LEN 16

enum xl_type {
	XL_OBJECT = 1,
	XL_DELETED = 2,		/* a delete marker: no content */
	XL_LEGACY = 3		/* of before 2020: not followed here */
};

struct xl_version {
	enum xl_type type;
	uint8_t id[XL_ID_LEN];	/* all zero: the null version */
	uint8_t data_dir[XL_ID_LEN];
	uint64_t size;
	uint64_t ec_data;	/* drives that hold data: 1 on a single drive */
	uint64_t ec_parity;
	uint64_t ec_block;	/* bytes that are divided among them */
	bool is_inline;		/* the content follows, in data */
	struct msgpack_bytes data;
	bool is_encrypted;
	bool is_compressed;
	bool is_remote;		/* moved to another tier: no content here */
	uint64_t parts;
	struct msgpack part_numbers;	/* private: xl_next_part() */
	struct msgpack part_sizes;
};

/* Parts in order, as often as there are parts; false when malformed. */
bool xl_next_part(struct xl_version *v, uint64_t *number, uint64_t *size);

/*
 * version is called for each; -1 ends with that error.  -1: ERR_DAMAGED for
 * what is malformed or has a wrong checksum, ERR_LIMIT for what is newer or
 * larger than known here.  *minor and *is_summed tell what was read.
 */
struct xl_visitor {
	void *ctx;
	int (*version)(void *ctx, struct xl_version *v, struct err *err);
};
int xl_meta_read(const void *data, size_t len,
    const struct xl_visitor *visitor, bool *is_summed, struct err *err);

#endif
