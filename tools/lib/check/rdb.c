/* SPDX-License-Identifier: BSD-2-Clause */
/* RDB files of Redis and Valkey; see rdb.h. */
#include "check/rdb.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/num.h"
#include "check/lzf.h"
#include "check/scan.h"

enum {
	OP_SLOT_INFO = 0xf4,
	OP_FUNCTION = 0xf5,
	OP_MODULE_AUX = 0xf7,
	OP_IDLE = 0xf8,
	OP_FREQ = 0xf9,
	OP_AUX = 0xfa,
	OP_RESIZE = 0xfb,
	OP_EXPIRE_MS = 0xfc,
	OP_EXPIRE_S = 0xfd,
	OP_SELECT = 0xfe,
	OP_END = 0xff,
	OP_LOWEST = 0xf3	/* below are the kinds of values */
};

enum {
	T_STRING = 0,
	T_LIST = 1,
	T_SET = 2,
	T_ZSET_TEXT = 3,
	T_HASH = 4,
	T_ZSET = 5,
	T_MODULE = 7,
	T_HASH_ZIPMAP = 9,
	T_LIST_ZIPLIST = 10,
	T_SET_INTSET = 11,
	T_ZSET_ZIPLIST = 12,
	T_HASH_ZIPLIST = 13,
	T_LIST_OF_ZIPLISTS = 14,
	T_STREAM = 15,
	T_HASH_LISTPACK = 16,
	T_ZSET_LISTPACK = 17,
	T_LIST_OF_LISTPACKS = 18,
	T_STREAM_2 = 19,
	T_SET_LISTPACK = 20,
	T_STREAM_3 = 21,
	T_HASH_TTL_RC = 22,	/* of Valkey: something else */
	T_HASH_LISTPACK_TTL_RC = 23,
	T_HASH_TTL = 24,
	T_HASH_LISTPACK_TTL = 25
};

#define SUM_SINCE 5		/* the first version with a checksum */
#define STREAM_ID_LEN 16
#define BLOB_HEAD 32

/* A string, of which only so much is kept. */
struct blob {
	uint64_t len;
	bool is_number;
	int64_t number;
	uint8_t head[BLOB_HEAD];
	uint8_t last;
};

struct rdb {
	struct scan *s;
	struct rdb_facts *f;
	int64_t now_ms;
	/* of the database at work */
	bool is_open;
	bool has_hint;
	uint64_t hint_keys;
	uint64_t hint_expires;
	uint64_t keys;
	uint64_t expires;
	/* of the next key */
	bool has_expiry;
	int64_t expires_ms;
};

/* ---------------------------------------------------------------- numbers */

/* *special: one of the encodings of strings, its number in *value. */
static int
read_length(struct rdb *r, uint64_t *value, bool *special, struct err *err)
{
	const uint8_t *p = scan_next(r->s, 1, err);
	uint8_t first;

	if (p == NULL)
		return -1;
	first = *p;
	*special = first >> 6 == 3;
	if (first >> 6 == 0 || *special) {
		*value = first & 63;
		return 0;
	}
	if (first >> 6 == 1) {
		p = scan_next(r->s, 1, err);
		if (p != NULL)
			*value = (first & 63U) << 8 | *p;
		return p != NULL ? 0 : -1;
	}
	if (first != 0x80 && first != 0x81)
		return err_set(err, ERR_DAMAGED, 0,
		    "no such form of a length: %02x", first);
	p = scan_next(r->s, first == 0x80 ? 4 : 8, err);
	if (p == NULL)
		return -1;
	*value = first == 0x80 ? get_be32(p) : get_be64(p);
	return 0;
}

static int
read_count(struct rdb *r, uint64_t *count, struct err *err)
{
	bool special;

	if (read_length(r, count, &special, err) == -1)
		return -1;
	if (special)
		return err_set(err, ERR_DAMAGED, 0,
		    "a string's form where a number belongs");
	return 0;
}

static int
skip_counts(struct rdb *r, unsigned n, struct err *err)
{
	uint64_t ignored;

	for (; n > 0; n--)
		if (read_count(r, &ignored, err) == -1)
			return -1;
	return 0;
}

/* ---------------------------------------------------------------- strings */

static int
read_number_string(struct rdb *r, uint64_t form, struct blob *b,
    struct err *err)
{
	const uint8_t *p = scan_next(r->s, (size_t)1 << form, err);

	if (p == NULL)
		return -1;
	b->is_number = true;
	b->number = form == 0 ? (int8_t)*p :
	    form == 1 ? (int16_t)get_le16(p) : (int32_t)get_le32(p);
	return 0;
}

static int
read_packed_string(struct rdb *r, struct blob *b, struct err *err)
{
	uint64_t packed;

	if (read_count(r, &packed, err) == -1 ||
	    read_count(r, &b->len, err) == -1)
		return -1;
	return lzf_read(r->s, packed, b->len, b->head, sizeof b->head,
	    &b->last, err);
}

static int
read_plain_string(struct rdb *r, struct blob *b, struct err *err)
{
	size_t head = b->len < sizeof b->head ? (size_t)b->len :
	    sizeof b->head;
	const uint8_t *p;

	if (b->len > scan_left(r->s))
		return err_set(err, ERR_DAMAGED, 0,
		    "a string of %llu bytes where %llu are left",
		    (unsigned long long)b->len,
		    (unsigned long long)scan_left(r->s));
	if (b->len == 0)
		return 0;
	p = scan_peek(r->s, head, err);
	if (p == NULL)
		return -1;
	memcpy(b->head, p, head);
	if (scan_skip(r->s, b->len - 1, err) == -1)
		return -1;
	p = scan_next(r->s, 1, err);
	if (p == NULL)
		return -1;
	b->last = *p;
	return 0;
}

static int
read_string(struct rdb *r, struct blob *b, struct err *err)
{
	bool special;

	memset(b, 0, sizeof *b);
	if (read_length(r, &b->len, &special, err) == -1)
		return -1;
	if (!special)
		return read_plain_string(r, b, err);
	if (b->len <= 2) {
		uint64_t form = b->len;

		b->len = 0;
		return read_number_string(r, form, b, err);
	}
	if (b->len == 3)
		return read_packed_string(r, b, err);
	return err_set(err, ERR_DAMAGED, 0, "no such form of a string: %llu",
	    (unsigned long long)b->len);
}

static int
skip_strings(struct rdb *r, uint64_t n, struct err *err)
{
	struct blob b;

	for (; n > 0; n--)
		if (read_string(r, &b, err) == -1)
			return -1;
	return 0;
}

/* ------------------------------------------------------------- small blobs */

enum shape { ZIPLIST, LISTPACK, INTSET, ANY_SHAPE };

/* What a server looks at in any case before it takes such a blob. */
static bool
has_shape(const struct blob *b, enum shape shape)
{
	switch (shape) {
	case ZIPLIST:
		return b->len >= 11 && get_le32(b->head) == b->len &&
		    b->last == 0xff;
	case LISTPACK:
		return b->len >= 7 && get_le32(b->head) == b->len &&
		    b->last == 0xff;
	case INTSET:
		return b->len >= 8 && (get_le32(b->head) == 2 ||
		    get_le32(b->head) == 4 || get_le32(b->head) == 8) &&
		    8 + (uint64_t)get_le32(b->head) * get_le32(b->head + 4) ==
		    b->len;
	case ANY_SHAPE:
		break;
	}
	return true;
}

static int
read_blob(struct rdb *r, enum shape shape, struct err *err)
{
	struct blob b;

	if (read_string(r, &b, err) == -1)
		return -1;
	if (!has_shape(&b, shape))
		return err_set(err, ERR_DAMAGED, 0,
		    "a packed value of %llu bytes whose head says otherwise",
		    (unsigned long long)b.len);
	return 0;
}

/* --------------------------------------------------------- larger values */

static int
read_elements(struct rdb *r, unsigned strings_each, unsigned bytes_each,
    struct err *err)
{
	uint64_t n;

	if (read_count(r, &n, err) == -1)
		return -1;
	for (; n > 0; n--)
		if (skip_strings(r, strings_each, err) == -1 ||
		    scan_skip(r->s, bytes_each, err) == -1)
			return -1;
	return 0;
}

/* Scores as text: a length byte; 253 and more stand for NaN and infinity. */
static int
read_text_scores(struct rdb *r, struct err *err)
{
	uint64_t n;

	if (read_count(r, &n, err) == -1)
		return -1;
	for (; n > 0; n--) {
		const uint8_t *p;

		if (skip_strings(r, 1, err) == -1)
			return -1;
		p = scan_next(r->s, 1, err);
		if (p == NULL)
			return -1;
		if (*p < 253 && scan_skip(r->s, *p, err) == -1)
			return -1;
	}
	return 0;
}

/* List nodes; with containers: 1 is a lone string, 2 a listpack. */
static int
read_nodes(struct rdb *r, bool has_container, struct err *err)
{
	uint64_t n, container = 2;

	if (read_count(r, &n, err) == -1)
		return -1;
	for (; n > 0; n--) {
		if (has_container && read_count(r, &container, err) == -1)
			return -1;
		if (container != 1 && container != 2)
			return err_set(err, ERR_DAMAGED, 0,
			    "no such kind of a list's node: %llu",
			    (unsigned long long)container);
		if (read_blob(r, container == 1 ? ANY_SHAPE :
		    has_container ? LISTPACK : ZIPLIST, err) == -1)
			return -1;
	}
	return 0;
}

/* Fields with a time each, in Redis' order: time, field, value. */
static int
read_timed_fields(struct rdb *r, struct err *err)
{
	uint64_t n;

	if (read_count(r, &n, err) == -1)
		return -1;
	for (; n > 0; n--)
		if (skip_counts(r, 1, err) == -1 ||
		    skip_strings(r, 2, err) == -1)
			return -1;
	return 0;
}

static int
read_consumers(struct rdb *r, unsigned version, struct err *err)
{
	uint64_t n, pending;

	if (read_count(r, &n, err) == -1)
		return -1;
	for (; n > 0; n--) {
		if (skip_strings(r, 1, err) == -1 ||
		    scan_skip(r->s, version >= 3 ? 16 : 8, err) == -1 ||
		    read_count(r, &pending, err) == -1)
			return -1;
		for (; pending > 0; pending--)
			if (scan_skip(r->s, STREAM_ID_LEN, err) == -1)
				return -1;
	}
	return 0;
}

static int
read_group(struct rdb *r, unsigned version, struct err *err)
{
	uint64_t pending;

	/* Name, last ID in two halves, from version 2 on entries read. */
	if (skip_strings(r, 1, err) == -1 ||
	    skip_counts(r, version >= 2 ? 3 : 2, err) == -1 ||
	    read_count(r, &pending, err) == -1)
		return -1;
	for (; pending > 0; pending--)
		/* ID, time of delivery, number of deliveries. */
		if (scan_skip(r->s, STREAM_ID_LEN + 8, err) == -1 ||
		    skip_counts(r, 1, err) == -1)
			return -1;
	return read_consumers(r, version, err);
}

static int
read_stream(struct rdb *r, unsigned version, struct err *err)
{
	uint64_t n;
	struct blob id;

	if (read_count(r, &n, err) == -1)
		return -1;
	for (; n > 0; n--) {
		if (read_string(r, &id, err) == -1)
			return -1;
		if (id.len != STREAM_ID_LEN)
			return err_set(err, ERR_DAMAGED, 0,
			    "a stream's node without its ID");
		if (read_blob(r, LISTPACK, err) == -1)
			return -1;
	}
	/*
	 * Length, last ID; from version 2 on first ID, highest deleted ID,
	 * entries added.
	 */
	if (skip_counts(r, version >= 2 ? 8 : 3, err) == -1 ||
	    read_count(r, &n, err) == -1)
		return -1;
	for (; n > 0; n--)
		if (read_group(r, version, err) == -1)
			return -1;
	return 0;
}

/* What a module wrote: each part says what it is, 0 ends. */
static int
read_module_parts(struct rdb *r, struct err *err)
{
	uint64_t part;

	for (;;) {
		int ret;

		if (read_count(r, &part, err) == -1)
			return -1;
		switch (part) {
		case 0:
			return 0;
		case 1:
		case 2:
			ret = skip_counts(r, 1, err);
			break;
		case 3:
			ret = scan_skip(r->s, 4, err);
			break;
		case 4:
			ret = scan_skip(r->s, 8, err);
			break;
		case 5:
			ret = skip_strings(r, 1, err);
			break;
		default:
			return err_set(err, ERR_DAMAGED, 0,
			    "no such part of a module's value: %llu",
			    (unsigned long long)part);
		}
		if (ret == -1)
			return -1;
	}
}

static int
read_module(struct rdb *r, struct err *err)
{
	return skip_counts(r, 1, err) == -1 ? -1 : read_module_parts(r, err);
}

static void
stop(struct rdb *r, unsigned kind)
{
	r->f->is_partial = true;
	r->f->unknown = kind;
}

/* The kinds from 22 on mean different things to Redis and to Valkey. */
static int
read_late_value(struct rdb *r, unsigned type, struct err *err)
{
	if (r->f->is_valkey) {
		/* Field, value, time. */
		if (type == T_HASH_TTL_RC)
			return read_elements(r, 2, 8, err);
		stop(r, type);
		return 0;
	}
	/* The earliest time of all, in what was released in the end. */
	if ((type == T_HASH_TTL || type == T_HASH_LISTPACK_TTL) &&
	    scan_skip(r->s, 8, err) == -1)
		return -1;
	switch (type) {
	case T_HASH_TTL_RC:
	case T_HASH_TTL:
		return read_timed_fields(r, err);
	case T_HASH_LISTPACK_TTL_RC:
	case T_HASH_LISTPACK_TTL:
		return read_blob(r, LISTPACK, err);
	default:
		stop(r, type);
		return 0;
	}
}

static int
read_value(struct rdb *r, unsigned type, struct err *err)
{
	switch (type) {
	case T_STRING:
		return skip_strings(r, 1, err);
	case T_LIST:
	case T_SET:
		return read_elements(r, 1, 0, err);
	case T_ZSET_TEXT:
		return read_text_scores(r, err);
	case T_HASH:
		return read_elements(r, 2, 0, err);
	case T_ZSET:
		return read_elements(r, 1, 8, err);
	case T_MODULE:
		return read_module(r, err);
	case T_HASH_ZIPMAP:
		return read_blob(r, ANY_SHAPE, err);
	case T_LIST_ZIPLIST:
	case T_ZSET_ZIPLIST:
	case T_HASH_ZIPLIST:
		return read_blob(r, ZIPLIST, err);
	case T_SET_INTSET:
		return read_blob(r, INTSET, err);
	case T_HASH_LISTPACK:
	case T_ZSET_LISTPACK:
	case T_SET_LISTPACK:
		return read_blob(r, LISTPACK, err);
	case T_LIST_OF_ZIPLISTS:
		return read_nodes(r, false, err);
	case T_LIST_OF_LISTPACKS:
		return read_nodes(r, true, err);
	case T_STREAM:
		return read_stream(r, 1, err);
	case T_STREAM_2:
		return read_stream(r, 2, err);
	case T_STREAM_3:
		return read_stream(r, 3, err);
	default:
		return read_late_value(r, type, err);
	}
}

/* ---------------------------------------------------------------- opcodes */

static void
close_database(struct rdb *r)
{
	if (r->has_hint && (r->keys != r->hint_keys ||
	    r->expires != r->hint_expires))
		r->f->mismatched++;
	if (r->is_open && (r->keys > 0 || r->has_hint))
		r->f->databases++;
	r->is_open = false;
	r->has_hint = false;
	r->keys = 0;
	r->expires = 0;
}

static int
read_key(struct rdb *r, unsigned type, struct err *err)
{
	if (skip_strings(r, 1, err) == -1 || read_value(r, type, err) == -1)
		return -1;
	if (r->f->is_partial)
		return 0;
	r->is_open = true;
	r->keys++;
	r->f->keys++;
	if (r->has_expiry) {
		r->expires++;
		r->f->expires++;
		if (r->now_ms != 0 && r->expires_ms < r->now_ms)
			r->f->expired++;
	}
	r->has_expiry = false;
	return 0;
}

static int
read_expiry(struct rdb *r, bool is_ms, struct err *err)
{
	const uint8_t *p = scan_next(r->s, is_ms ? 8 : 4, err);

	if (p == NULL)
		return -1;
	r->has_expiry = true;
	r->expires_ms = is_ms ? (int64_t)get_le64(p) :
	    (int64_t)(int32_t)get_le32(p) * 1000;
	return 0;
}

static bool
blob_is(const struct blob *b, const char *text)
{
	return !b->is_number && b->len == strlen(text) &&
	    memcmp(b->head, text, strlen(text)) == 0;
}

/* The version as it stands there, as far as it looks like one. */
static void
take_server(struct rdb_facts *f, const struct blob *b)
{
	size_t i;

	for (i = 0; i < b->len && i < sizeof f->server - 1; i++) {
		uint8_t c = b->head[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
		    c != '.' && c != '-')
			break;
		f->server[i] = (char)c;
	}
	f->server[i] = '\0';
}

static int
read_aux(struct rdb *r, struct err *err)
{
	struct blob key, value;

	if (read_string(r, &key, err) == -1 ||
	    read_string(r, &value, err) == -1)
		return -1;
	if (blob_is(&key, "redis-ver") || blob_is(&key, "valkey-ver"))
		take_server(r->f, &value);
	else if (blob_is(&key, "ctime") && value.is_number)
		r->f->made_at = value.number;
	return 0;
}

static int
read_select(struct rdb *r, struct err *err)
{
	close_database(r);
	r->is_open = true;
	return skip_counts(r, 1, err);
}

static int
read_hint(struct rdb *r, struct err *err)
{
	r->has_hint = true;
	return read_count(r, &r->hint_keys, err) == -1 ? -1 :
	    read_count(r, &r->hint_expires, err);
}

static int
read_function(struct rdb *r, struct err *err)
{
	r->f->functions++;
	return skip_strings(r, 1, err);
}

/* Module, then when it belongs: as an unsigned part (2). */
static int
read_module_aux(struct rdb *r, struct err *err)
{
	return skip_counts(r, 3, err) == -1 ? -1 : read_module_parts(r, err);
}

static int
read_opcode(struct rdb *r, unsigned op, struct err *err)
{
	switch (op) {
	case OP_SLOT_INFO:
		return skip_counts(r, 3, err);
	case OP_FUNCTION:
		return read_function(r, err);
	case OP_MODULE_AUX:
		return read_module_aux(r, err);
	case OP_IDLE:
		return skip_counts(r, 1, err);
	case OP_FREQ:
		return scan_skip(r->s, 1, err);
	case OP_AUX:
		return read_aux(r, err);
	case OP_RESIZE:
		return read_hint(r, err);
	case OP_EXPIRE_MS:
		return read_expiry(r, true, err);
	case OP_EXPIRE_S:
		return read_expiry(r, false, err);
	case OP_SELECT:
		return read_select(r, err);
	default:
		stop(r, op);
		return 0;
	}
}

/* ------------------------------------------------------------ the whole */

/* Length of the magic and its digits; 0: it is none. */
static size_t
parse_magic(const uint8_t *head, size_t len, struct rdb_facts *f)
{
	uint64_t version;
	size_t name;

	f->is_valkey = len >= 9 && memcmp(head, "VALKEY", 6) == 0;
	name = f->is_valkey ? 6 : 5;
	if (len < 9 || (!f->is_valkey && memcmp(head, "REDIS", 5) != 0) ||
	    !num_parse((const char *)head + name, 9 - name, 10, 9999,
	    &version))
		return 0;
	f->version = (unsigned)version;
	return 9;
}

bool
rdb_matches(const uint8_t *head, size_t len)
{
	struct rdb_facts ignored;

	return parse_magic(head, len, &ignored) > 0;
}

static int
read_trailer(struct scan *s, struct rdb_facts *f, struct err *err)
{
	uint64_t sum = scan_sum(s), said;
	const uint8_t *p;

	scan_sum_begin(s, SCAN_SUM_NONE);
	if (f->version < SUM_SINCE)
		return 0;
	p = scan_next(s, 8, err);
	if (p == NULL)
		return err_context(err, "its checksum");
	said = get_le64(p);
	f->sum = said == 0 ? RDB_SUM_OFF :
	    said == sum ? RDB_SUM_GOOD : RDB_SUM_BAD;
	return 0;
}

static int
walk(struct rdb *r, struct err *err)
{
	for (;;) {
		uint64_t at = r->s->at;
		const uint8_t *p = scan_next(r->s, 1, err);
		unsigned op;
		int ret;

		if (p == NULL)
			return err_context(err, "no end mark");
		op = *p;
		if (op == OP_END)
			return 0;
		ret = op < OP_LOWEST ? read_key(r, op, err) :
		    read_opcode(r, op, err);
		if (r->f->is_partial)
			r->f->unknown_at = at;
		if (ret == -1)
			return err_context(err,
			    "what begins at offset %llu",
			    (unsigned long long)at);
		if (r->f->is_partial)
			return 0;
	}
}

int
rdb_read(struct scan *s, int64_t now_ms, struct rdb_facts *facts,
    struct err *err)
{
	struct rdb r = { .s = s, .f = facts, .now_ms = now_ms };
	const uint8_t *p;

	memset(facts, 0, sizeof *facts);
	facts->sum = RDB_SUM_NONE;
	scan_sum_begin(s, SCAN_SUM_CRC_64_JONES);
	p = scan_next(s, 9, err);
	if (p == NULL)
		return -1;
	if (parse_magic(p, 9, facts) == 0)
		return err_set(err, ERR_DAMAGED, 0, "no RDB header");
	if (walk(&r, err) == -1)
		return -1;
	if (facts->is_partial)
		return 0;
	close_database(&r);
	if (read_trailer(s, facts, err) == -1)
		return -1;
	facts->end = s->at;
	return 0;
}

int
rdb_sum_rest(struct scan *s, struct rdb_facts *facts, struct err *err)
{
	uint64_t left = scan_left(s);

	if (facts->version >= SUM_SINCE && left < 8)
		return err_set(err, ERR_DAMAGED, 0, "no room for its checksum");
	if (scan_skip(s, facts->version >= SUM_SINCE ? left - 8 : left,
	    err) == -1)
		return -1;
	return read_trailer(s, facts, err);
}
