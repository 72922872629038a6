/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MessagePack in memory, read in place: the kinds that MinIO writes.  Each
 * call takes one item and moves on; false is for another kind, or for one that
 * does not fit, and leaves the cursor anywhere.
 */
#ifndef CHECK_MSGPACK_H
#define CHECK_MSGPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct msgpack {
	const uint8_t *at;
	const uint8_t *end;
};

/* Bytes or text, borrowed. */
struct msgpack_bytes {
	const uint8_t *data;
	size_t len;
};

/* How many pairs or items follow; never more than there are bytes. */
bool msgpack_map(struct msgpack *m, uint64_t *pairs);
bool msgpack_array(struct msgpack *m, uint64_t *items);
/* Binary or text. */
bool msgpack_bytes(struct msgpack *m, struct msgpack_bytes *bytes);
/* An integer from 0 on. */
bool msgpack_u64(struct msgpack *m, uint64_t *value);
/* Any item, with all that is in it. */
bool msgpack_skip(struct msgpack *m);

bool msgpack_is(const struct msgpack_bytes *bytes, const char *text);

#endif
