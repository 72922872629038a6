/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RDB, the snapshot format of Redis and Valkey: "REDIS" and 4 digits, or
 * "VALKEY" and 3 digits, then opcodes, keys with their values, FF, and from
 * version 5 on a CRC-64 of all before it (8 bytes of zeros: none was made).
 *
 * Everything is walked to the last byte and nothing is kept.  A value of a
 * kind that is not known here ends the walk, for its length is not known
 * either; the checksum still covers the file.
 */
#ifndef CHECK_RDB_H
#define CHECK_RDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct scan;

#define RDB_VERSION_TEXT 32
/* The versions of which every kind of value is known here. */
#define RDB_REDIS_KNOWN 12
#define RDB_VALKEY_KNOWN 80

enum rdb_sum {
	RDB_SUM_GOOD,
	RDB_SUM_BAD,
	RDB_SUM_OFF,	/* made with "rdbchecksum no" */
	RDB_SUM_NONE	/* older than version 5, or not reached */
};

struct rdb_facts {
	bool is_valkey;
	unsigned version;
	char server[RDB_VERSION_TEXT];	/* "7.0.15", harmless; "" */
	int64_t made_at;	/* seconds since 1970; 0: not said */
	uint64_t keys;
	uint64_t databases;	/* with keys or a size hint */
	uint64_t expires;	/* keys that expire */
	uint64_t expired;	/* of them before now */
	uint64_t functions;
	uint64_t mismatched;	/* databases whose size hint is not the count */
	enum rdb_sum sum;
	/* The walk stopped at a kind of this number; what follows is unknown. */
	bool is_partial;
	unsigned unknown;
	uint64_t unknown_at;
	uint64_t end;		/* behind the trailer; not when partial */
};

bool rdb_matches(const uint8_t *head, size_t len);

/*
 * s stands at the magic; now_ms: since 1970, 0 when not known.  When it is
 * partial, s is left where it stopped.  -1 with facts as far as they go:
 * ERR_DAMAGED with the offset for what no server would load.  A wrong sum is
 * no failure.
 */
int rdb_read(struct scan *s, int64_t now_ms, struct rdb_facts *facts,
    struct err *err);
/*
 * After a partial walk of a file that is an RDB to its end: the checksum in
 * its last 8 bytes.
 */
int rdb_sum_rest(struct scan *s, struct rdb_facts *facts, struct err *err);

#endif
