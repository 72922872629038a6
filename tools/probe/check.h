/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One thing to look at, and the function that looks.
 *
 * A kind of check is a row: the keys it knows, and its function.  To add one:
 * write a file with a "const struct check_kind", declare it below, and name
 * it in kinds.c beside its schemes, in build.mk and in drydock-probe(5).  A
 * scheme without a kind is refused on the command line.
 *
 * A function that looks runs in a thread of its own beside others.  It has no
 * state but its arguments, blocks only under context->deadline_ms, and writes
 * only to its outcome.  One that does not come back in time is given up: it
 * may run on, its outcome is thrown away, and what it reads (check, context)
 * stays valid until the program ends.
 */
#ifndef PROBE_CHECK_H
#define PROBE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/url.h"
#include "reasons.h"

struct err;
struct outcome;
struct site;

/* "status: 200"; name is of maps only: "header: { Name: value }". */
struct check_term {
	const char *key;
	const char *name;	/* or NULL */
	const char *value;	/* right for the key's type */
	uint32_t line;		/* 0: not from a file */
};

struct check_terms {
	struct check_term *list;	/* in the order they were given */
	size_t count;
};

/*
 * All texts belong to the plan and live as long as it.  The terms were judged
 * against the kind's keys: a known key, in its place, with a value of its
 * type.
 */
struct check {
	const char *name;
	const char *stage;
	const char *target;	/* as written: "https://example.org/x" */
	struct url url;		/* the same, parsed */
	struct check_terms expect;	/* must hold, else FAIL */
	struct check_terms warn;	/* must hold, else WARN */
	struct check_terms fail_if;	/* must not hold, else FAIL */
	struct check_terms set;		/* how to look: "ca: FILE" */
	uint64_t limit_ms;	/* for all tries together */
	unsigned tries;		/* from 1 */
	bool is_optional;	/* its FAIL counts as WARN */
	uint32_t line;		/* in the file; 0: from elsewhere */
	const size_t *needs;	/* indices of earlier checks */
	size_t need_count;
};

struct probe_context {
	struct site *site;	/* engine and data-root, shared */
	uint64_t deadline_ms;	/* by io_ticks_ms(): be back then */
	int64_t now;		/* seconds since 1970 */
};

enum check_value {
	CHECK_TEXT,
	CHECK_NUMBER,
	CHECK_BYTES,		/* "10G", for num_parse_bytes() */
	CHECK_DURATION,		/* "1m30s", for duration_parse() */
	CHECK_PERCENT,		/* 0 to 100; a "%" may follow */
	CHECK_BOOL		/* "true" or "false" */
};

enum check_place {
	CHECK_EXPECT = 1,
	CHECK_WARN = 2,
	CHECK_FAIL_IF = 4,
	CHECK_SET = 8
};

/* The key "time" (EXPECT, WARN) is known to all kinds; the scheduler judges. */
struct check_key {
	const char *name;	/* "content-type"; NULL ends a table */
	enum check_value value;
	unsigned places;	/* CHECK_EXPECT | CHECK_WARN ... */
	bool is_map;		/* each term has a name */
	bool is_repeated;	/* a list of values is allowed */
};

typedef void check_run_fn(const struct check *check,
    const struct probe_context *context, struct outcome *o);

struct check_kind {
	const struct check_key *keys;
	uint64_t limit_ms;	/* unless the check says otherwise */
	enum reason late;	/* what it means when it is given up */
	/*
	 * Judge target and terms beyond what their types say, before anything
	 * runs: ERR_USAGE.  May be NULL.
	 */
	int (*accept)(const struct check *check, struct err *err);
	check_run_fn *run;
};

extern const struct check_kind check_kind_cert;
extern const struct check_kind check_kind_docker;
extern const struct check_kind check_kind_dns;
extern const struct check_kind check_kind_http;
extern const struct check_kind check_kind_icmp;
extern const struct check_kind check_kind_path;
extern const struct check_kind check_kind_pgdata;
extern const struct check_kind check_kind_postgres;
extern const struct check_kind check_kind_redis;
extern const struct check_kind check_kind_tcp;
extern const struct check_kind check_kind_tls;
extern const struct check_kind check_kind_volume;

/* The kind of a scheme, or NULL. */
const struct check_kind *check_kind_of(enum url_scheme scheme);

/* The key of that name of a kind, or NULL. */
const struct check_key *check_key_of(const struct check_kind *kind,
    const char *name);

/* The value of the first term of that key, or NULL. */
const char *check_text(const struct check_terms *terms, const char *key);

/* The same by the key's type, or fallback; durations in milliseconds. */
uint64_t check_number(const struct check_terms *terms, const char *key,
    uint64_t fallback);
uint64_t check_bytes(const struct check_terms *terms, const char *key,
    uint64_t fallback);
uint64_t check_ms(const struct check_terms *terms, const char *key,
    uint64_t fallback);
bool check_bool(const struct check_terms *terms, const char *key,
    bool fallback);

/*
 * The terms of a key one after the other, all keys for NULL:
 *	for (t = NULL; (t = check_next(terms, "header", t)) != NULL; )
 */
const struct check_term *check_next(const struct check_terms *terms,
    const char *key, const struct check_term *after);

#endif
