/* SPDX-License-Identifier: BSD-2-Clause */
/* manifest/sums: strict SHA256SUMS, and what sha256sum says of ours. */
#include <stdlib.h>

#include "base/err.h"
#include "codec/sha256.h"
#include "harness.h"
#include "manifest/sums.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const uint8_t digest[32] = { 0xab, 0xcd };

static void
test_plain_names(void)
{
	static const char *const good[] = { "a", "A", "0", "_", "a.tar.zst.000",
	    "SHA256SUMS", "my-volume_1.mtree", "con1", "console", "com",
	    "com10.x", "lpt", "aux-1", "a-", "a_", "null" };
	static const char *const bad[] = { "", ".", "..", ".hidden", "a.",
	    "-x", "a b", "a/b", "a\\b", "a:b", "a\nb", "a*", "\xc3\xa9", "con",
	    "CON", "con.txt", "Aux.tar.zst", "prn", "nul.x.y", "com0", "COM1",
	    "lpt9.x", "a\x7f" };
	size_t i;

	for (i = 0; i < sizeof good / sizeof good[0]; i++)
		ok(sums_is_plain(good[i]), "'%s' is plain", good[i]);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!sums_is_plain(bad[i]), "bad name %zu is not", i);
}

static void
test_name_limit(void)
{
	char name[SUMS_NAME_MAX + 2];
	size_t len;

	for (len = SUMS_NAME_MAX - 1; len <= SUMS_NAME_MAX + 1; len++) {
		memset(name, 'n', len);
		name[len] = '\0';
		ok(sums_is_plain(name) == (len <= SUMS_NAME_MAX),
		    "a name of %zu bytes", len);
	}
}

static void
test_add_find_format(void)
{
	struct sums s = SUMS_EMPTY;
	struct buf out = BUF_EMPTY;
	struct err err;
	uint8_t a[32], b[32];

	memset(a, 0xaa, 32);
	memset(b, 0xbb, 32);
	ok(sums_find(&s, "a") == NULL, "nothing in an empty list");
	ok(sums_add(&s, "b.mtree", b, &err) == 0 &&
	    sums_add(&s, "a", a, &err) == 0 &&
	    sums_add(&s, "Z", a, &err) == 0, "added");
	ok(sums_add(&s, "a", b, &err) == -1 && err.class == ERR_DAMAGED,
	    "a name twice is refused");
	ok(sums_add(&s, "../a", b, &err) == -1 && err.class == ERR_DAMAGED,
	    "a path is refused");
	ok(sums_find(&s, "a") != NULL &&
	    sums_find(&s, "a")->sha256[31] == 0xaa, "found");
	sums_format(&s, &out);
	is_str(buf_text(&out), A64 "  Z\n" A64 "  a\n" B64 "  b.mtree\n",
	    "sorted by byte, two spaces, one newline");
	buf_release(&out);
	sums_release(&s);
	ok(s.items == NULL && s.count == 0, "released");
}

static void
test_parse_replaces_only_when_good(void)
{
	static const char text[] = A64 "  a\n" B64 "  b\n";
	struct sums s = SUMS_EMPTY;
	struct err err;

	ok(sums_add(&s, "old", digest, &err) == 0, "an old list");
	ok(sums_parse(&s, "bad", 3, &err) == -1 && s.count == 1 &&
	    sums_find(&s, "old") != NULL, "stays when the text is bad");
	ok(sums_parse(&s, text, sizeof text - 1, &err) == 0 && s.count == 2 &&
	    sums_find(&s, "old") == NULL &&
	    sums_find(&s, "b")->sha256[0] == 0xbb, "is replaced by a good one");
	sums_release(&s);
}

static void
test_bad_texts(void)
{
#define BAD(text, word) { text, sizeof text - 1, word }
	static const struct {
		const char *text;
		size_t len;
		const char *word;	/* in the error */
	} cases[] = {
		BAD("", "no file"),
		BAD("\n", "line 1"),
		BAD(A64 "  a", "line 1: ends"),
		BAD(A64 "  a\n" B64 "  b", "line 2: ends"),
		BAD(A64 "  a\n\n", "line 2"),
		BAD(A64 " a\n", "line 1"),
		BAD(A64 " *a\n", "line 1"),
		BAD(A64 "\t\ta\n", "line 1"),
		BAD(A64 "  \n", "line 1"),
		BAD(A64 "   a\n", "plain"),
		BAD(A64 "  a \n", "plain"),
		BAD(A64 "  a\r\n", "plain"),
		BAD(A64 "  a\0b\n", "plain"),
		BAD(A64 "  ../a\n", "plain"),
		BAD(A64 "  con\n", "plain"),
		BAD("\\" A64 "  a\n", "line 1"),
		BAD("SHA256 (a) = " A64 "\n", "line 1"),
		BAD("A" A64 "  a\n", "line 1"),
		BAD("Abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
		    "bbbbbbbbb  a\n", "lower case"),
		BAD("g" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaa  a\n", "line 1"),
		BAD(A64 "  b\n" A64 "  a\n", "line 2: not in order"),
		BAD(A64 "  a\n" B64 "  a\n", "line 2: 'a' is there twice"),
		BAD("# comment\n" A64 "  a\n", "line 1"),
	};
	struct sums s = SUMS_EMPTY;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ok(sums_parse(&s, cases[i].text, cases[i].len, &err) == -1 &&
		    err.class == ERR_DAMAGED && s.count == 0,
		    "bad text %zu is refused", i);
		ok(strstr(err.text, cases[i].word) != NULL,
		    "and the error says '%s'", cases[i].word);
	}
}

static void
test_file_limit(void)
{
	struct sums s = SUMS_EMPTY, again = SUMS_EMPTY;
	struct buf out = BUF_EMPTY;
	struct err err;
	char name[16];
	unsigned i;

	for (i = 0; i < SUMS_FILES_MAX - 1; i++) {
		(void)snprintf(name, sizeof name, "f%05u", i);
		if (sums_add(&s, name, digest, &err) == -1)
			break;
	}
	is_u64(s.count, SUMS_FILES_MAX - 1, "one less than the limit");
	ok(sums_add(&s, "g", digest, &err) == 0, "the limit");
	sums_format(&s, &out);
	ok(sums_parse(&again, out.data, out.len, &err) == 0 &&
	    again.count == SUMS_FILES_MAX, "read back");
	ok(sums_add(&s, "h", digest, &err) == -1 && err.class == ERR_LIMIT,
	    "one more is refused");
	buf_puts(&out, A64 "  h\n");
	ok(sums_parse(&again, out.data, out.len, &err) == -1 &&
	    err.class == ERR_LIMIT, "and not read");
	buf_release(&out);
	sums_release(&s);
	sums_release(&again);
}

static void
test_byte_limit(void)
{
	char *text = malloc(SUMS_BYTES_MAX + 1);
	struct sums s = SUMS_EMPTY;
	struct err err;

	if (!ok(text != NULL, "memory for the test"))
		return;
	memset(text, 'x', SUMS_BYTES_MAX + 1);
	ok(sums_parse(&s, text, SUMS_BYTES_MAX, &err) == -1 &&
	    err.class == ERR_DAMAGED, "at the limit the text is read");
	ok(sums_parse(&s, text, SUMS_BYTES_MAX + 1, &err) == -1 &&
	    err.class == ERR_LIMIT, "above it is not");
	free(text);
}

static bool
put_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) == EOF)
		return false;
	return fclose(f) == 0;
}

static int
run(const char *dir, const char *command)
{
	char line[512];

	(void)snprintf(line, sizeof line, "cd %s && %s", dir, command);
	return system(line);
}

static void
test_sha256sum_agrees(void)
{
	static const char *const names[] = { "a", "b.tar.zst.000",
	    "snapshot.json" };
	char dir[] = "/tmp/drydock-test-XXXXXX";
	struct sums s = SUMS_EMPTY;
	struct buf out = BUF_EMPTY;
	struct err err;
	uint8_t sum[32];
	size_t i;

	if (system("command -v sha256sum >/dev/null") != 0) {
		skip("no sha256sum here");
		return;
	}
	if (!ok(mkdtemp(dir) != NULL, "a temporary directory"))
		return;
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		sha256_of(names[i], strlen(names[i]), sum);
		if (!put_file(dir, names[i], names[i]) ||
		    sums_add(&s, names[i], sum, &err) == -1)
			ok(false, "test file %zu", i);
	}
	sums_format(&s, &out);
	ok(put_file(dir, "SHA256SUMS", buf_text(&out)) &&
	    run(dir, "sha256sum --strict -c SHA256SUMS >/dev/null") == 0,
	    "sha256sum -c accepts our file");
	ok(put_file(dir, "a", "changed") &&
	    run(dir, "sha256sum -c SHA256SUMS >/dev/null 2>&1") != 0,
	    "and sees a changed file by it");
	ok(run(dir, "rm -rf \"$PWD\"") == 0, "cleaned up");
	sums_release(&s);
	buf_release(&out);
}

int
main(void)
{
	test_plain_names();
	test_name_limit();
	test_add_find_format();
	test_parse_replaces_only_when_good();
	test_bad_texts();
	test_file_limit();
	test_byte_limit();
	test_sha256sum_agrees();
	return done();
}
