/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check/rdb and check/lzf: every kind of value, one file each; what no server
 * would load is refused with its offset; what is not known ends the walk, not
 * the checksum.
 */
#include "check/rdb.h"
#include "check_bytes.h"
#include "harness.h"

#include "base/err.h"
#include "check/lzf.h"
#include "check/scan.h"
#include "codec/crc.h"

static void
begin(struct buf *b, const char *magic)
{
	buf_cut(b, 0);
	buf_puts(b, magic);
}

static void
end(struct buf *b)
{
	buf_byte(b, 0xff);
	put_le(b, crc_64_jones(0, b->data, b->len), 8);
}

static int
read_file(const struct buf *b, struct rdb_facts *f, struct err *err)
{
	struct memory_source m;
	struct scan s;
	int ret;

	err_clear(err);
	scan_init(&s, buf_source(&m, b), 0, b->len);
	ret = rdb_read(&s, 2000000, f, err);
	scan_release(&s);
	return ret;
}

/* ------------------------------------------------------------- every kind */

#define LP "\x07\0\0\0\0\0\xff"			/* an empty listpack */
#define ZL "\x0b\0\0\0\x0a\0\0\0\0\0\xff"	/* an empty ziplist */
#define ID "0123456789abcdef"
#define GROUP_1 "\1\1g\1\2\1" ID "12345678\1\1\1c" "12345678\1" ID

static const struct kind {
	unsigned type;
	const char *value;
	size_t len;
	const char *what;
} kinds[] = {
#define KIND(type, value, what) { type, value, sizeof(value) - 1, what }
	KIND(0, "\5hello", "a string"),
	KIND(0, "\xc0\x7f", "a number of one byte"),
	KIND(0, "\xc1\1\2", "of two"),
	KIND(0, "\xc2\1\2\3\4", "of four"),
	KIND(0, "\x40\3abc", "a length of 14 bits"),
	KIND(0, "\x80\0\0\0\3abc", "of 32"),
	KIND(0, "\x81\0\0\0\0\0\0\0\3abc", "of 64"),
	/* Literal "ab", then 9 bytes from 2 back. */
	KIND(0, "\xc3\6\x0b\1ab\xe0\0\1", "a packed string"),
	KIND(1, "\2\1a\1b", "a list"),
	KIND(2, "\2\1a\1b", "a set"),
	KIND(3, "\2\1a\3" "1.5\1b\xfe", "scores as text"),
	KIND(4, "\1\1a\1b", "a hash"),
	KIND(5, "\1\1a12345678", "scores"),
	KIND(7, "\x81\0\0\0\0\0\0\0\1\1\5\2\6\3" "1234\4" "12345678\5\1x\0",
	    "a module's value"),
	KIND(9, "\2\0\xff", "a zipmap"),
	KIND(10, "\x0b" ZL, "a list in a ziplist"),
	KIND(11, "\x0c\2\0\0\0\2\0\0\0\1\0\2\0", "an intset"),
	KIND(12, "\x0b" ZL, "a sorted set in a ziplist"),
	KIND(13, "\x0b" ZL, "a hash in a ziplist"),
	KIND(14, "\2\x0b" ZL "\x0b" ZL, "a list of ziplists"),
	KIND(15, "\1\x10" ID "\7" LP "\1\1\2\1" GROUP_1, "a stream"),
	KIND(16, "\7" LP, "a hash in a listpack"),
	KIND(17, "\7" LP, "a sorted set in a listpack"),
	KIND(18, "\2\1\3raw\2\7" LP, "a list of listpacks"),
	KIND(19, "\0\1\1\2\1\1\0\0\1\0", "a stream of Redis 7.0"),
	KIND(20, "\7" LP, "a set in a listpack"),
	KIND(21, "\0\1\1\2\1\1\0\0\1\1\1g\1\2\3\0\1\1c" "1234567812345678\0",
	    "a stream of Redis 7.2"),
	KIND(22, "\1\x05\1f\1v", "fields with times, before their release"),
	KIND(23, "\7" LP, "the same in a listpack"),
	KIND(24, "12345678\2\0\1f\1v\1\1g\1w", "fields with times"),
	KIND(25, "12345678\7" LP, "the same in a listpack"),
};

static void
put_key(struct buf *b, const struct kind *k)
{
	buf_byte(b, (unsigned char)k->type);
	PUT(b, "\1k");
	buf_append(b, k->value, k->len);
}

static void
test_every_kind(void)
{
	struct buf b = BUF_EMPTY;
	struct rdb_facts f;
	struct err err;
	size_t i, cut;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		bool refused = true;

		begin(&b, "REDIS0011");
		put_key(&b, &kinds[i]);
		end(&b);
		ok(read_file(&b, &f, &err) == 0 && f.keys == 1 &&
		    f.end == b.len && f.sum == RDB_SUM_GOOD && !f.is_partial,
		    "%s: %s", kinds[i].what, err.text);
		for (cut = b.len - 1; cut > 0; cut--) {
			b.len = cut;
			refused &= read_file(&b, &f, &err) == -1 &&
			    err.class == ERR_DAMAGED;
		}
		ok(refused, "%s: cut anywhere, it is refused", kinds[i].what);
	}
	buf_release(&b);
}

static void
test_valkey_fields(void)
{
	struct buf b = BUF_EMPTY;
	struct rdb_facts f;
	struct err err;

	begin(&b, "VALKEY080");
	PUT(&b, "\x16\1k\1\1f\1v12345678");
	end(&b);
	ok(read_file(&b, &f, &err) == 0 && f.is_valkey && f.version == 80 &&
	    f.keys == 1 && f.sum == RDB_SUM_GOOD,
	    "kind 22 is another one in Valkey: %s", err.text);
	buf_release(&b);
}

/* ---------------------------------------------------------------- opcodes */

static void
test_opcodes(void)
{
	struct buf b = BUF_EMPTY;
	struct rdb_facts f;
	struct err err;

	begin(&b, "REDIS0012");
	PUT(&b, "\xfa\x09redis-ver\x06" "7.2.4\x1b" "\xfa\5ctime\xc2\1\2\3\4");
	PUT(&b, "\xf7\1\2\0\1\5\0" "\xf5\4code");
	PUT(&b, "\xfe\0\xfb\3\2" "\xfc" "\xff\x83\x1e\0\0\0\0\0" "\xf8\5\0\1a\1b");
	PUT(&b, "\xfd" "\xd1\7\0\0" "\xf9\5\0\1c\1d" "\0\1e\1f");
	PUT(&b, "\xfe\7\xfb\2\0\xf4\1\2\0" "\0\1e\1f");
	end(&b);
	ok(read_file(&b, &f, &err) == 0, "every opcode: %s", err.text);
	is_str(f.server, "7.2.4", "the version, up to what is none");
	is_u64((uint64_t)f.made_at, 0x04030201, "when it was made");
	ok(f.keys == 4 && f.expires == 2 && f.databases == 2 &&
	    f.functions == 1, "keys, times, databases, functions");
	is_u64(f.expired, 1, "1,999,999 ms is over, 2,001,000 is not");
	is_u64(f.mismatched, 1, "one database has not the keys announced");
	buf_release(&b);
}

static void
test_sums(void)
{
	struct buf b = BUF_EMPTY;
	struct rdb_facts f;
	struct err err;

	begin(&b, "REDIS0009");
	PUT(&b, "\0\1a\1b");
	end(&b);
	b.data[13] ^= 1;
	ok(read_file(&b, &f, &err) == 0 && f.sum == RDB_SUM_BAD,
	    "a wrong checksum is told, and no failure");
	memset(b.data + b.len - 8, 0, 8);
	ok(read_file(&b, &f, &err) == 0 && f.sum == RDB_SUM_OFF,
	    "zeros: none was made");
	begin(&b, "REDIS0004");
	PUT(&b, "\0\1a\1b\xff");
	ok(read_file(&b, &f, &err) == 0 && f.sum == RDB_SUM_NONE &&
	    f.end == b.len, "version 4 has none");
	buf_release(&b);
}

static void
test_unknown_kind(void)
{
	struct memory_source m;
	struct buf b = BUF_EMPTY;
	struct rdb_facts f;
	struct scan s;
	struct err err;

	begin(&b, "REDIS0013");
	PUT(&b, "\0\1a\1b\x1e\1kwhatever comes");
	end(&b);
	scan_init(&s, buf_source(&m, &b), 0, b.len);
	ok(rdb_read(&s, 0, &f, &err) == 0 && f.is_partial && f.unknown == 30 &&
	    f.unknown_at == 14 && f.keys == 1, "an unknown kind ends the walk");
	ok(rdb_sum_rest(&s, &f, &err) == 0 && f.sum == RDB_SUM_GOOD,
	    "and the checksum covers what follows");
	scan_release(&s);
	b.data[20] ^= 1;
	scan_init(&s, buf_source(&m, &b), 0, b.len);
	ok(rdb_read(&s, 0, &f, &err) == 0 &&
	    rdb_sum_rest(&s, &f, &err) == 0 && f.sum == RDB_SUM_BAD,
	    "and finds what is wrong there");
	scan_release(&s);
	buf_release(&b);
}

static const struct {
	const char *bytes;
	size_t len;
	const char *want;
} wrong[] = {
#define WRONG(bytes, want) { bytes, sizeof(bytes) - 1, want }
	WRONG("\0\1a\xc4" "1234", "no such form of a string"),
	WRONG("\0\1a\x82" "1234", "no such form of a length"),
	WRONG("\0\1a\x81\xff\xff\xff\xff\xff\xff\xff\xff", "bytes where"),
	WRONG("\1\1a\xc0\1", "where a number belongs"),
	WRONG("\0\1a\xc3\2\5\4a", "ends in the middle"),
	WRONG("\0\1a\xc3\x7f\1\0a", "beyond the end"),
	WRONG("\0\1a\xc3\2\2\0a" "12345678", "1 bytes instead of 2"),
	WRONG("\0\1a\xc3\3\1\1ab" "12345678", "more than the 1 bytes"),
	WRONG("\0\1a\xc3\2\3\x20\0" "12345678", "before its start"),
	WRONG("\x10\1a\7\x08\0\0\0\0\0\xff", "head says otherwise"),
	WRONG("\x10\1a\7\x07\0\0\0\0\0\0", "head says otherwise"),
	WRONG("\x10\1a\6\x06\0\0\0\0\xff", "head says otherwise"),
	WRONG("\x0a\1a\x0a\x0a\0\0\0\x0a\0\0\0\0\xff", "head says otherwise"),
	WRONG("\x0b\1a\x08\3\0\0\0\0\0\0\0", "head says otherwise"),
	WRONG("\x0b\1a\x08\2\0\0\0\1\0\0\0", "head says otherwise"),
	WRONG("\x12\1a\1\3\1x", "kind of a list's node"),
	WRONG("\x0f\1a\1\4abcd", "without its ID"),
	WRONG("\7\1a\1\6", "part of a module's value"),
};

static void
test_refuses(void)
{
	struct buf b = BUF_EMPTY;
	struct rdb_facts f;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		begin(&b, "REDIS0011");
		buf_append(&b, wrong[i].bytes, wrong[i].len);
		ok(read_file(&b, &f, &err) == -1 &&
		    err.class == ERR_DAMAGED &&
		    strstr(err.text, wrong[i].want) != NULL &&
		    strstr(err.text, "offset 9") != NULL,
		    "refused, '%s': %s", wrong[i].want, err.text);
	}
	begin(&b, "REDIX0011");
	ok(read_file(&b, &f, &err) == -1 && strstr(err.text, "no RDB header"),
	    "another magic");
	ok(!rdb_matches((const uint8_t *)"REDIS00a1", 9) &&
	    !rdb_matches((const uint8_t *)"REDIS001", 8) &&
	    rdb_matches((const uint8_t *)"VALKEY080", 9), "magic");
	buf_release(&b);
}

/* References at the limit of 8,192 bytes back, across the ring. */
static void
test_lzf_reach(void)
{
	struct memory_source m;
	struct buf b = BUF_EMPTY;
	uint8_t head[4], last;
	struct scan s;
	struct err err;
	unsigned i;

	for (i = 0; i < 256; i++) {
		buf_byte(&b, 31);
		buf_append(&b, "0123456789abcdefghijklmnopqrstuv", 32);
	}
	/* 8,192 bytes are there; the first three of them again, then 'x'. */
	PUT(&b, "\x3f\xff\0x");
	scan_init(&s, buf_source(&m, &b), 0, b.len);
	ok(lzf_read(&s, b.len, 8196, head, sizeof head, &last, &err) == 0 &&
	    memcmp(head, "0123", 4) == 0 && last == 'x',
	    "8,192 bytes back: %s", err.text);
	scan_release(&s);
	scan_init(&s, buf_source(&m, &b), 33, b.len);
	ok(lzf_read(&s, b.len - 33, 8164, head, sizeof head, &last,
	    &err) == -1, "not one more than there are");
	scan_release(&s);
	buf_release(&b);
}

int
main(void)
{
	test_every_kind();
	test_valkey_fields();
	test_opcodes();
	test_sums();
	test_unknown_kind();
	test_refuses();
	test_lzf_reach();
	return done();
}
