/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * net/postgres, net/redis and net/icmp: what is sent, what an answer means,
 * and what is no answer.
 */
#include "net/icmp.h"
#include "net/postgres.h"
#include "net/redis.h"
#include "harness.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

static struct err err;

/* -------------------------------------------------------------- PostgreSQL */

static void
test_startup(void)
{
	static const uint8_t want[] = "\0\0\0\x3c\0\3\0\0user\0me\0"
	    "database\0app\0application_name\0drydock-probe\0\0";
	uint8_t out[POSTGRES_STARTUP_MAX];
	char longest[64];
	size_t len = postgres_startup_format("me", "app", out);

	memset(longest, 'a', 63);
	longest[63] = '\0';
	ok(len == out[3] && out[0] == 0 && out[1] == 0 && out[2] == 0,
	    "its length stands in front");
	ok(len == sizeof want - 1 && memcmp(out + 4, want + 4, len - 4) == 0,
	    "a start-up message");
	ok(postgres_startup_format(longest, longest, out) <=
	    POSTGRES_STARTUP_MAX, "the longest names");
}

static int
answer(char type, const char *body, size_t len, struct postgres_answer *a)
{
	uint8_t *copy = mem_alloc(len > 0 ? len : 1);
	int got;

	memcpy(copy, body, len);
	got = postgres_answer_parse(type, copy, len, a, &err);
	free(copy);
	return got;
}

static void
test_postgres(void)
{
	static const struct {
		const char *code, *text;
		enum postgres_state want;
	} rows[] = {
		{ "57P03", "the database system is starting up",
		    POSTGRES_STARTING },
		{ "57P03", "the database system is in recovery mode",
		    POSTGRES_RECOVERING },
		{ "57P03", "the database system is not yet accepting "
		    "connections", POSTGRES_RECOVERING },
		{ "57P03", "the database system is shutting down",
		    POSTGRES_STOPPING },
		{ "57P03", "das Datenbanksystem startet", POSTGRES_STARTING },
		{ "53300", "sorry, too many clients already",
		    POSTGRES_FULL },
		{ "3D000", "database \"x\" does not exist",
		    POSTGRES_NO_DATABASE },
		{ "28000", "no pg_hba.conf entry", POSTGRES_REFUSES },
		{ "28P01", "password authentication failed",
		    POSTGRES_REFUSES },
		{ "0A000", "unsupported frontend protocol", POSTGRES_ERROR },
	};
	struct postgres_answer a;

	ok(answer('R', "\0\0\0\12", 4, &a) == 0 &&
	    a.state == POSTGRES_ALIVE, "it asks for a password");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf body = BUF_EMPTY;

		buf_append(&body, "SFATAL\0", 7);
		buf_printf(&body, "C%s", rows[i].code);
		buf_byte(&body, 0);
		buf_printf(&body, "M%s", rows[i].text);
		buf_append(&body, "\0", 2);
		ok(answer('E', body.data, body.len, &a) == 0 &&
		    a.state == rows[i].want, "%s: %s", rows[i].code,
		    rows[i].text);
		is_str(a.code, rows[i].code, "its code");
		buf_release(&body);
	}
	ok(answer('E', "C57P03\0M\033[31m\0\0", 15, &a) == 0, "escapes");
	is_str(a.text, "\\033[31m", "are shown as text");
	ok(answer('E', "C57P03\0M", 8, &a) == -1, "cut short");
	ok(answer('E', "C57P03\0", 7, &a) == -1, "without an end");
	ok(answer('E', "Mx\0\0", 4, &a) == -1, "without a code");
	ok(answer('E', "C\033[3mx\0\0", 8, &a) == -1, "with an odd code");
	ok(answer('R', "", 0, &a) == -1, "an empty one");
	ok(answer('Z', "abcd", 4, &a) == -1, "another kind");
}

/* ------------------------------------------------------------------- Redis */

static void
test_redis_replies(void)
{
	static const struct {
		const char *text;
		int got;
		enum redis_kind kind;
		const char *value;
	} rows[] = {
		{ "+PONG\r\nrest", 1, REDIS_STATUS, "PONG" },
		{ "-LOADING x\r\n", 1, REDIS_FAILURE, "LOADING x" },
		{ ":12\r\n", 1, REDIS_INTEGER, "12" },
		{ "$5\r\na\r\nbc\r\n", 1, REDIS_BULK, "a\r\nbc" },
		{ "$0\r\n\r\n", 1, REDIS_BULK, "" },
		{ "$-1\r\n", 1, REDIS_NIL, "" },
		{ "", 0, REDIS_NIL, "" },
		{ "+PON", 0, REDIS_NIL, "" },
		{ "$5\r\nabc", 0, REDIS_NIL, "" },
		{ "$5\r\nabcdefgh", -1, REDIS_NIL, "" },
		{ "$-2\r\n", -1, REDIS_NIL, "" },
		{ "$x\r\n", -1, REDIS_NIL, "" },
		{ "*1\r\n+a\r\n", -1, REDIS_NIL, "" },
		{ "HTTP/1.1 400\r\n", -1, REDIS_NIL, "" },
	};
	struct redis_reply r;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t len = strlen(rows[i].text);
		char *copy = mem_alloc(len + 1);
		int got;

		memcpy(copy, rows[i].text, len);
		got = redis_reply_parse(copy, len, &r, &err);
		ok(got == rows[i].got, "reply %zu", i);
		if (got == 1)
			ok(r.kind == rows[i].kind &&
			    r.len == strlen(rows[i].value) &&
			    memcmp(r.text, rows[i].value, r.len) == 0,
			    "its value");
		free(copy);
	}
}

static void
test_redis_limits(void)
{
	char line[REDIS_LINE_MAX + 2], head[32];
	struct redis_reply r;

	memset(line, 'a', sizeof line);
	line[0] = '+';
	memcpy(line + REDIS_LINE_MAX - 3, "\r\n", 2);
	ok(redis_reply_parse(line, REDIS_LINE_MAX - 1, &r, &err) == 1,
	    "a line one below the limit");
	memset(line + REDIS_LINE_MAX - 3, 'a', 2);
	memcpy(line + REDIS_LINE_MAX - 2, "\r\n", 2);
	ok(redis_reply_parse(line, REDIS_LINE_MAX, &r, &err) == 1,
	    "at the limit");
	memset(line + REDIS_LINE_MAX - 2, 'a', 2);
	memcpy(line + REDIS_LINE_MAX - 1, "\r\n", 2);
	ok(redis_reply_parse(line, REDIS_LINE_MAX + 1, &r, &err) == -1 &&
	    err.class == ERR_LIMIT, "beyond it");
	for (int more = -1; more <= 1; more++) {
		(void)snprintf(head, sizeof head, "$%d\r\n",
		    REDIS_BULK_MAX + more);
		ok(redis_reply_parse(head, strlen(head), &r, &err) ==
		    (more <= 0 ? 0 : -1), "a bulk at the limit %+d", more);
	}
}

static void
test_redis_meanings(void)
{
	static const char info[] = "# Persistence\r\nloading:1\r\n"
	    "loading_eta_seconds:12\r\nloading_total_bytes:x\r\n"
	    "loading_loaded_bytes:5";

	ok(redis_state_of("NOAUTH Authentication required.", 31) ==
	    REDIS_WANTS_PASSWORD, "NOAUTH");
	ok(redis_state_of("WRONGPASS x", 11) == REDIS_WRONG_PASSWORD,
	    "WRONGPASS");
	ok(redis_state_of("LOADING x", 9) == REDIS_LOADING, "LOADING");
	ok(redis_state_of("MASTERDOWN x", 12) == REDIS_MASTER_DOWN,
	    "MASTERDOWN");
	ok(redis_state_of("MISCONF x", 9) == REDIS_CANNOT_SAVE, "MISCONF");
	ok(redis_state_of("DENIED x", 8) == REDIS_PROTECTED, "DENIED");
	ok(redis_state_of("", 0) == REDIS_ERROR, "none of them");
	is_u64(redis_info_number(info, sizeof info - 1,
	    "loading_eta_seconds"), 12, "a figure");
	is_u64(redis_info_number(info, sizeof info - 1,
	    "loading_loaded_bytes"), 5, "without a line's end");
	ok(redis_info_number(info, sizeof info - 1, "loading_total_bytes") ==
	    REDIS_UNKNOWN, "no number");
	ok(redis_info_number(info, sizeof info - 1, "nothing") ==
	    REDIS_UNKNOWN, "no such figure");
}

/* -------------------------------------------------------------------- ICMP */

/* The reply to an echo, as it comes through a datagram socket. */
static size_t
reply_to(const struct icmp_echo *echo, uint8_t *out)
{
	size_t head = echo->is_raw && !echo->is_ip6 ? 24 : 0;

	memset(out, 0, head);
	if (head > 0)
		out[0] = 0x46;	/* an IP header of 24 bytes */
	icmp_echo_format(echo, out + head);
	out[head] = echo->is_ip6 ? 129 : 0;
	return head + ICMP_ECHO_LEN;
}

static void
test_icmp(void)
{
	struct icmp_echo e = { .id = 7, .seq = 1, .cookie = "123456789012345" };
	uint8_t data[64];
	uint32_t sum = 0;
	size_t len;

	icmp_echo_format(&e, data);
	for (size_t i = 0; i < ICMP_ECHO_LEN; i += 2)
		sum += (uint32_t)data[i] << 8 | data[i + 1];
	ok(data[0] == 8 && (sum & 0xffff) + (sum >> 16) == 0xffff,
	    "the checksum is right");
	for (int i = 0; i < 4; i++) {
		e.is_raw = (i & 1) != 0;
		e.is_ip6 = (i & 2) != 0;
		len = reply_to(&e, data);
		ok(icmp_is_reply(&e, data, len), "a reply of kind %d", i);
		ok(!icmp_is_reply(&e, data, len - 1), "not cut short");
		data[len - 1] ^= 1;
		ok(!icmp_is_reply(&e, data, len), "nor to another");
		icmp_echo_format(&e, data);
		ok(!icmp_is_reply(&e, data, ICMP_ECHO_LEN),
		    "nor our own request");
	}
	e.is_raw = true;
	e.is_ip6 = false;
	for (len = 0; len < 24; len++)
		ok(!icmp_is_reply(&e, (const uint8_t *)"OOOOOOOOOOOOOOOOOOOOOOOO",
		    len), "%zu bytes", len);
	len = reply_to(&e, data);
	e.id++;
	ok(!icmp_is_reply(&e, data, len), "another's id");
}

int
main(void)
{
	test_startup();
	test_postgres();
	test_redis_replies();
	test_redis_limits();
	test_redis_meanings();
	test_icmp();
	return done();
}
