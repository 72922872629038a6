/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The append-only file of Redis and Valkey: commands as the protocol writes
 * them ("*2", "$3", three bytes, ...), each line ended by CR LF, with lines of
 * remarks ("#TS:1700000000").  Read as a server reads it at start, so that
 * what is said of its end is what would happen.
 *
 * There is no checksum in it: changed bytes inside of a value are not seen by
 * anybody.
 */
#ifndef CHECK_RESP_H
#define CHECK_RESP_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct scan;

#define RESP_LINE_MAX 1023	/* bytes of one line, as in a server */

#define RESP_NAME_MAX 64	/* no command has a longer name */

enum resp_end {
	RESP_WHOLE,
	RESP_CUT,	/* ends inside of a command */
	RESP_OPEN,	/* ends between MULTI and EXEC */
	RESP_BAD	/* what stands at bad_at is no command */
};

struct resp_facts {
	enum resp_end end;
	uint64_t commands;	/* whole ones */
	uint64_t good_to;	/* a server that cuts it cuts it here */
	uint64_t bad_at;
	const char *why;	/* of RESP_BAD */
	bool has_zero_tail;	/* only zeros from bad_at to the end */
	uint64_t odd;		/* line ends that a server does not look at */
	uint64_t odd_at;	/* the first */
	uint64_t strange;	/* commands that no server is known to have */
	uint64_t strange_at;	/* the first */
	char strange_name[RESP_NAME_MAX + 1];	/* printable ASCII */
	int64_t last_remark;	/* seconds since 1970 of the last "#TS:"; 0 */
};

/* From where s stands to its end.  -1: reading failed. */
int resp_read(struct scan *s, struct resp_facts *facts, struct err *err);

#endif
