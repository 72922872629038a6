/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check/resp, check/aof_manifest and check/redis_conf: what is whole, what a
 * server would cut and where, what it would refuse.
 */
#include "check/resp.h"
#include "check_bytes.h"
#include "harness.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "check/aof_manifest.h"
#include "check/redis_conf.h"
#include "check/scan.h"

#define SELECT_0 "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"
#define SET_A "*3\r\n$3\r\nset\r\n$1\r\na\r\n$2\r\n\r\n\r\n"
#define MULTI "*1\r\n$5\r\nMULTI\r\n"
#define EXEC "*1\r\n$4\r\nexec\r\n"

static void
read_log(const void *data, size_t len, struct resp_facts *f)
{
	struct memory_source m;
	struct scan s;
	struct err err;

	scan_init(&s, memory_source_init(&m, data, len), 0, len);
	ok(resp_read(&s, f, &err) == 0, "read");
	scan_release(&s);
}

static const struct {
	const char *text;
	size_t len;
	enum resp_end end;
	uint64_t commands;
	uint64_t good_to;
	const char *what;
} logs[] = {
#define LOG(text, end, commands, good_to, what) \
	{ text, sizeof(text) - 1, end, commands, good_to, what }
	LOG("", RESP_WHOLE, 0, 0, "nothing"),
	LOG(SELECT_0 SET_A, RESP_WHOLE, 2, 51, "two commands"),
	LOG(SELECT_0 "#TS:1700000000\r\n" SET_A, RESP_WHOLE, 2, 67,
	    "a remark between"),
	LOG(SELECT_0 MULTI SET_A EXEC SET_A, RESP_WHOLE, 5, 108,
	    "a transaction"),
	LOG(SELECT_0 MULTI SET_A, RESP_OPEN, 3, 23, "an open transaction"),
	LOG(SELECT_0 MULTI SET_A "*1\r\n$4", RESP_CUT, 3, 23,
	    "a cut in a transaction"),
	LOG(SELECT_0 MULTI SET_A "#TS:1\r\n", RESP_OPEN, 3, 23,
	    "a remark in a transaction"),
	LOG(SELECT_0 "*", RESP_CUT, 1, 23, "cut after the '*'"),
	LOG(SELECT_0 "*1", RESP_CUT, 1, 23, "cut in a number"),
	LOG(SELECT_0 "*1\r\n", RESP_CUT, 1, 23, "cut behind it"),
	LOG(SELECT_0 "*1\r\n$", RESP_CUT, 1, 23, "cut after the '$'"),
	LOG(SELECT_0 "*1\r\n$4\r\nex", RESP_CUT, 1, 23, "cut in bytes"),
	LOG(SELECT_0 "*1\r\n$4\r\nexec\r", RESP_CUT, 1, 23, "cut in CR LF"),
	LOG(SELECT_0 "\0\0", RESP_BAD, 1, 23, "zeros"),
	LOG(SELECT_0 "x", RESP_BAD, 1, 23, "no '*'"),
	LOG("*0\r\n", RESP_BAD, 0, 0, "no parts"),
	LOG("*x\r\n", RESP_BAD, 0, 0, "no number"),
	LOG("*1048577\r\n", RESP_BAD, 0, 0, "too many parts"),
	LOG("*1048576\r\n", RESP_CUT, 0, 0, "as many as may be"),
	LOG("*1\r\n#\r\n", RESP_BAD, 0, 0, "no '$'"),
	LOG("*1\r\n$-1\r\n", RESP_BAD, 0, 0, "no length"),
	LOG("*1\r\n$536870913\r\n", RESP_BAD, 0, 0, "too long a length"),
	LOG("*1\r\n$536870912\r\n", RESP_CUT, 0, 0, "the longest"),
	LOG("*1\r\n$3\r\ns\1t\r\n", RESP_BAD, 0, 0, "no name"),
	LOG("*1\r\n$0\r\n\r\n", RESP_BAD, 0, 0, "an empty name"),
};

static void
test_logs(void)
{
	struct resp_facts f;
	size_t i;

	for (i = 0; i < sizeof logs / sizeof logs[0]; i++) {
		read_log(logs[i].text, logs[i].len, &f);
		ok(f.end == logs[i].end && f.commands == logs[i].commands &&
		    f.good_to == logs[i].good_to,
		    "%s: end %d, %llu commands, good to %llu", logs[i].what,
		    (int)f.end, (unsigned long long)f.commands,
		    (unsigned long long)f.good_to);
	}
}

static void
test_details(void)
{
	struct resp_facts f;
	struct buf b = BUF_EMPTY;

	read_log(SELECT_0 "#TS:1700000000\r\n", 39, &f);
	is_u64((uint64_t)f.last_remark, 1700000000, "the last time");
	read_log("*1\r\n$4\r\nexecXX*1\n$4\r\nexec\r\n", 27, &f);
	ok(f.end == RESP_WHOLE && f.commands == 2 && f.odd == 2 &&
	    f.odd_at == 12, "line ends that a server does not look at: %llu",
	    (unsigned long long)f.odd);
	read_log("*1\r\n$4\r\nexet\r\n*1\r\n$6\r\nJS.SET\r\n", 30, &f);
	ok(f.strange == 1 && strcmp(f.strange_name, "exet") == 0 &&
	    f.strange_at == 0, "a name that no server has; modules have dots");
	read_log(SELECT_0 "\0\0", 25, &f);
	ok(f.has_zero_tail && f.bad_at == 23, "zeros to the end");
	read_log(SELECT_0 "\0x", 25, &f);
	ok(!f.has_zero_tail, "not only zeros");
	/* A remark as long as a line may be, and one more. */
	buf_byte(&b, '#');
	while (b.len < RESP_LINE_MAX - 1)
		buf_byte(&b, 'x');
	buf_puts(&b, "\n*1\r\n$4\r\nexec\r\n");
	read_log(b.data, b.len, &f);
	ok(f.end == RESP_WHOLE && f.commands == 1, "the longest line");
	buf_cut(&b, RESP_LINE_MAX - 1);
	buf_puts(&b, "xy\n*1\r\n$4\r\nexec\r\n");
	read_log(b.data, b.len, &f);
	ok(f.end == RESP_BAD, "a longer one is two, as in a server");
	buf_release(&b);
}

/* --------------------------------------------------------------- manifest */

static const char good[] =
    "file a.1.base.rdb seq 1 type b\n"
    "# a remark\n"
    "FILE \"a b\\x41\\n.aof\" seq 3 type i later thing\r\n"
    "file old seq 2 type h\n"
    "file c seq 4 type i\n";

static void
test_manifest(void)
{
	struct aof_manifest m = { NULL, 0 };
	struct err err;

	err_clear(&err);
	if (ok(aof_manifest_parse(good, sizeof good - 1, &m, &err) == 0 &&
	    m.count == 4, "a manifest: %s", err.text)) {
		is_str(m.files[0].name, "a.1.base.rdb", "a name");
		is_str(m.files[1].name, "a bA\n.aof", "a quoted one");
		ok(m.files[1].seq == 3 && m.files[1].type == 'i' &&
		    m.files[2].type == 'h', "numbers and kinds");
	}
	aof_manifest_release(&m);
}

static void
test_manifest_refuses(void)
{
	static const char *const bad[] = {
		"",
		"\n",
		"file a seq 1 type b",
		"file a seq 1\n",
		"file a seq 0 type b\n",
		"file a seq x type b\n",
		"file a seq 1 type z\n",
		"file a/b seq 1 type b\n",
		"file \"a seq 1 type b\n",
		"file \"a\"b seq 1 type b\n",
		"file a seq 1 type b odd\n",
		"file a seq 1 type b\nfile b seq 2 type b\n",
		"file a seq 2 type i\nfile b seq 2 type i\n",
	};
	struct err err;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct aof_manifest m = { NULL, 0 };

		ok(aof_manifest_parse(bad[i], strlen(bad[i]), &m,
		    &err) == -1 && err.class == ERR_DAMAGED,
		    "refused: manifest %zu: %s", i, err.text);
		aof_manifest_release(&m);
	}
}

static void
test_manifest_limits(void)
{
	struct buf b = BUF_EMPTY;
	struct err err;
	int n;

	for (n = AOF_LINE_MAX - 1; n <= AOF_LINE_MAX + 1; n++) {
		struct aof_manifest m = { NULL, 0 };

		buf_cut(&b, 0);
		buf_puts(&b, "file a seq 1 type b");
		while (b.len < (size_t)n)
			buf_byte(&b, ' ');
		buf_byte(&b, '\n');
		ok((aof_manifest_parse(b.data, b.len, &m, &err) == 0) ==
		    (n <= AOF_LINE_MAX), "a line of %d bytes", n);
		aof_manifest_release(&m);
	}
	buf_cut(&b, 0);
	for (n = 1; n <= AOF_FILES_MAX + 1; n++) {
		struct aof_manifest m = { NULL, 0 };

		buf_printf(&b, "file a seq %d type h\n", n);
		if (n < AOF_FILES_MAX - 1)
			continue;
		ok((aof_manifest_parse(b.data, b.len, &m, &err) == 0) ==
		    (n <= AOF_FILES_MAX), "%d files", n);
		aof_manifest_release(&m);
	}
	buf_release(&b);
}

static void
test_conf(void)
{
	static const char text[] = "# appendonly yes\nappendonly no\n"
	    "  AppendOnly \"yes\"\r\naof-load-truncated no";
	struct redis_conf conf = REDIS_CONF_EMPTY;

	redis_conf_parse("appendonly yes\nappendonly no\n", 29, &conf);
	ok(!conf.appendonly && !conf.refuses_cut, "the last one counts");
	redis_conf_parse(text, sizeof text - 1, &conf);
	ok(conf.appendonly && conf.refuses_cut, "quotes, case, no line end");
	redis_conf_release(&conf);
}

int
main(void)
{
	test_logs();
	test_details();
	test_manifest();
	test_manifest_refuses();
	test_manifest_limits();
	test_conf();
	return done();
}
