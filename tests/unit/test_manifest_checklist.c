/* SPDX-License-Identifier: BSD-2-Clause */
/* manifest/checklist: the forms of lines, what is refused, limits, names. */
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "harness.h"
#include "io/stream.h"
#include "manifest/checklist.h"

#define MD5 "d41d8cd98f00b204e9800998ecf8427e"
#define SHA1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define SHA224 "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"
#define SHA256 \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA384 "38b060a751ac96384cd9327eb1b1e36a21fdb71114be0743" \
	"4c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b"
#define SHA512 SHA256 SHA256

/* A list in memory, read in pieces of a length of the test's own. */
struct pieces {
	struct reader reader;
	const char *data;
	size_t left;
	size_t piece;
};

static int
pieces_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	struct pieces *p = (struct pieces *)(void *)reader;
	size_t n = p->piece < cap ? p->piece : cap;

	(void)err;
	*got = n < p->left ? n : p->left;
	memcpy(data, p->data, *got);
	p->data += *got;
	p->left -= *got;
	return 0;
}

static struct checklist *
begin(struct pieces *p, const char *text, size_t len, bool is_side)
{
	p->reader.read = pieces_read;
	p->data = text;
	p->left = len;
	p->piece = 7;
	return checklist_new(&p->reader, is_side);
}

struct want {
	const char *text;
	const char *name;	/* NULL: a fault */
	enum digest_kind kind;
};

static const struct want good[] = {
	{ SHA256 "  a", "a", DIGEST_SHA256 },
	{ SHA256 " *a", "a", DIGEST_SHA256 },
	{ SHA256 "  a\r\n", "a", DIGEST_SHA256 },
	{ SHA256 "  a \n", "a ", DIGEST_SHA256 },
	{ SHA256 "   a", " a", DIGEST_SHA256 },
	{ SHA256 "  *a", "*a", DIGEST_SHA256 },
	{ SHA256 "\t a", "a", DIGEST_SHA256 },
	{ " \t" SHA256 "  a", "a", DIGEST_SHA256 },
	{ SHA256 "  -x", "-x", DIGEST_SHA256 },
	{ SHA256 "  -", "-", DIGEST_SHA256 },
	{ SHA256 "  #a", "#a", DIGEST_SHA256 },
	{ SHA256 "  a\\nb", "a\\nb", DIGEST_SHA256 },
	{ "\\" SHA256 "  a\\nb\\\\c\\rd", "a\nb\\c\rd", DIGEST_SHA256 },
	{ SHA256 " a", "a", DIGEST_SHA256 },
	{ SHA256 " abc", "abc", DIGEST_SHA256 },
	{ SHA256 " (a", "(a", DIGEST_SHA256 },
	{ SHA256 "  ", " ", DIGEST_SHA256 },
	{ MD5 "  m", "m", DIGEST_MD5 },
	{ SHA1 "  s", "s", DIGEST_SHA1 },
	{ SHA224 "  s", "s", DIGEST_SHA224 },
	{ SHA384 "  s", "s", DIGEST_SHA384 },
	{ SHA512 "  s", "s", DIGEST_SHA512 },
	{ "SHA256 (a) = " SHA256, "a", DIGEST_SHA256 },
	{ "SHA256 (a) = " SHA256 "\r\n", "a", DIGEST_SHA256 },
	{ "SHA256(a)= " SHA256, "a", DIGEST_SHA256 },
	{ "SHA2-256(a)= " SHA256, "a", DIGEST_SHA256 },
	{ "SHA256 (a)\t=" SHA256, "a", DIGEST_SHA256 },
	{ "SHA256 (a) = b) = " SHA256, "a) = b", DIGEST_SHA256 },
	{ "SHA256 ( a ) = " SHA256, " a ", DIGEST_SHA256 },
	{ "\\SHA256 (a\\nb) = " SHA256, "a\nb", DIGEST_SHA256 },
	{ "MD5 (a) = " MD5, "a", DIGEST_MD5 },
	{ "SHA512 (a) = " SHA512, "a", DIGEST_SHA512 },
	{ "\xef\xbb\xbf" SHA256 "  a", "a", DIGEST_SHA256 },
	{ "# who wrote this\n\n\r\n" SHA256 "  a\n", "a", DIGEST_SHA256 },
	{ "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
	  "  a", "a", DIGEST_SHA256 },
};

static const struct want bad[] = {
	{ "x", NULL, 0 },
	{ " ", NULL, 0 },
	{ " # no comment", NULL, 0 },
	{ SHA256, NULL, 0 },
	{ SHA256 " ", NULL, 0 },
	{ SHA256 "a", NULL, 0 },
	{ SHA256 "*a", NULL, 0 },
	{ SHA256 "-  a", NULL, 0 },
	{ "0" SHA256 "  a", NULL, 0 },
	{ "00" SHA256 "  a", NULL, 0 },
	{ MD5 "0  a", NULL, 0 },
	{ "\\" SHA256 "  a\\", NULL, 0 },
	{ "\\" SHA256 "  a\\t", NULL, 0 },
	{ "\\\\" SHA256 "  a", NULL, 0 },
	{ "SHA256 (a) = ", NULL, 0 },
	{ "SHA256 (a) = " SHA256 " ", NULL, 0 },
	{ "SHA256 (a) = " SHA1, NULL, 0 },
	{ "SHA256 (a) " SHA256, NULL, 0 },
	{ "SHA256 (a = " SHA256, NULL, 0 },
	{ "SHA256 () = " SHA256, NULL, 0 },
	{ "SHA256  (a) = " SHA256, NULL, 0 },
	{ "SHA256 a = " SHA256, NULL, 0 },
	{ "MD5 (a) = " SHA256, NULL, 0 },
	{ "BLAKE2b (a) = " SHA512, NULL, 0 },
	{ "-----BEGIN PGP SIGNED MESSAGE-----", NULL, 0 },
};

static void
test_line(const struct want *w, size_t number)
{
	struct checklist_line line;
	struct checklist *list;
	struct pieces p;
	struct err err;
	uint8_t first;

	list = begin(&p, w->text, strlen(w->text), false);
	if (!ok(checklist_next(list, &line, &err) == 1, "line %zu",
	    number))
		goto out;
	if (w->name == NULL) {
		ok(line.fault[0] != '\0' && line.name == NULL,
		    "refused: %s", line.fault);
		goto out;
	}
	is_str(line.fault, "", "no fault");
	is_str(line.name, w->name, "its name");
	first = w->kind == DIGEST_MD5 ? 0xd4 : w->kind == DIGEST_SHA1 ? 0xda :
	    w->kind == DIGEST_SHA224 ? 0xd1 : w->kind == DIGEST_SHA384 ?
	    0x38 : 0xe3;
	ok(line.kind == w->kind && line.digest[0] == first, "its digest");
	ok(checklist_next(list, &line, &err) == 0, "and no more");
out:
	checklist_free(list);
}

static void
test_styles_do_not_mix(void)
{
	static const char gnu_first[] =
	    MD5 "  a\n" MD5 " b\n" "MD5 (c) = " MD5 "\n" MD5 "  d";
	static const char reversed_first[] = MD5 " a\n" MD5 "  b\n" MD5 " *c";
	struct checklist_line line;
	struct checklist *list;
	struct pieces p;
	struct err err;

	list = begin(&p, gnu_first, sizeof gnu_first - 1, false);
	(void)checklist_next(list, &line, &err);
	is_str(line.name, "a", "two spaces");
	(void)checklist_next(list, &line, &err);
	ok(line.fault[0] != '\0' && line.number == 2,
	    "then one: refused, by its number");
	(void)checklist_next(list, &line, &err);
	is_str(line.name, "c", "a tag among them");
	(void)checklist_next(list, &line, &err);
	is_str(line.name, "d", "and the rest is read");
	checklist_free(list);

	list = begin(&p, reversed_first, sizeof reversed_first - 1, false);
	(void)checklist_next(list, &line, &err);
	is_str(line.name, "a", "one space");
	(void)checklist_next(list, &line, &err);
	is_str(line.name, " b", "then a second belongs to the name");
	(void)checklist_next(list, &line, &err);
	is_str(line.name, "*c", "and so does the star");
	checklist_free(list);
}

static void
test_side_files(void)
{
	static const struct {
		const char *text;
		const char *name;
		bool is_good;
	} sides[] = {
		{ SHA256 "\n", NULL, true },
		{ SHA256 "\r\n", NULL, true },
		{ SHA256 "  -\n", NULL, true },
		{ SHA256 "  a\n", "a", true },
		{ MD5, NULL, true },
		{ "\\" SHA256 "\n", NULL, false },
		{ SHA256 "0\n", NULL, false },
		{ SHA256 " \n", NULL, false },
	};
	size_t i;

	for (i = 0; i < sizeof sides / sizeof sides[0]; i++) {
		struct checklist_line line;
		struct pieces p;
		struct err err;
		struct checklist *list = begin(&p, sides[i].text,
		    strlen(sides[i].text), true);

		ok(checklist_next(list, &line, &err) == 1, "side file %zu",
		    i);
		is_str(line.name, sides[i].name, "its name");
		ok((line.fault[0] == '\0') == sides[i].is_good,
		    "and whether it is good");
		checklist_free(list);
	}
}

/* A line of len bytes, its end not counted. */
static void
test_length(size_t len, const char *end, bool is_good)
{
	struct checklist_line line;
	struct checklist *list;
	char *text = mem_format("%s  %*s%s" MD5 "  next", MD5,
	    (int)(len - 34), "x", end);
	struct pieces p;
	struct err err;

	list = begin(&p, text, strlen(text), false);
	p.piece = SIZE_MAX;
	ok(checklist_next(list, &line, &err) == 1, "a line of %zu bytes", len);
	if (is_good)
		ok(line.fault[0] == '\0' &&
		    strlen(line.name) == len - 34, "is taken");
	else
		is_str(line.fault, "longer than a line may be", "is refused");
	ok(checklist_next(list, &line, &err) == 1 && line.number == 2 &&
	    line.name != NULL && strcmp(line.name, "next") == 0,
	    "and the next one is read");
	checklist_free(list);
	free(text);
}

static void
test_bytes(void)
{
	static const char nul[] = MD5 "  a\0b\n" MD5 "  c";
	struct checklist_line line;
	struct checklist *list;
	struct pieces p;
	struct err err;

	list = begin(&p, nul, sizeof nul - 1, false);
	ok(checklist_next(list, &line, &err) == 1 && line.fault[0] != '\0',
	    "a NUL byte in a line is refused");
	ok(checklist_next(list, &line, &err) == 1 && line.name != NULL &&
	    strcmp(line.name, "c") == 0, "and only there");
	checklist_free(list);
	list = begin(&p, "", 0, false);
	ok(checklist_next(list, &line, &err) == 0, "nothing is the end");
	ok(checklist_next(list, &line, &err) == 0, "and stays it");
	checklist_free(list);
	list = begin(&p, "#a\n\n#b", 6, false);
	ok(checklist_next(list, &line, &err) == 0, "comments alone, too");
	checklist_free(list);
}

static int
broken_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	(void)reader, (void)data, (void)cap, (void)got;
	return err_set(err, ERR_IO, 0, "broken");
}

static void
test_reader_fails(void)
{
	struct reader reader = { .read = broken_read };
	struct checklist *list = checklist_new(&reader, false);
	struct checklist_line line;
	struct err err;

	ok(checklist_next(list, &line, &err) == -1 && err.class == ERR_IO,
	    "a reader's failure is passed on");
	checklist_free(list);
}

static void
test_paths(void)
{
	static const struct {
		const char *name;
		const char *path;	/* NULL: refused */
		const char *absolute;	/* the same, taking absolute ones */
	} paths[] = {
		{ "a", "a", "a" },
		{ "a/b", "a/b", "a/b" },
		{ "./a", "a", "a" },
		{ "a//b/./c", "a/b/c", "a/b/c" },
		{ "..a/b..", "..a/b..", "..a/b.." },
		{ "...", "...", "..." },
		{ "/a/b", NULL, "a/b" },
		{ "//a", NULL, "a" },
		{ "..", NULL, NULL },
		{ "../a", NULL, NULL },
		{ "a/../b", NULL, NULL },
		{ "/../a", NULL, NULL },
		{ "a/..", NULL, NULL },
		{ ".", NULL, NULL },
		{ "/", NULL, NULL },
		{ "a/", NULL, NULL },
		{ "a//", NULL, NULL },
		{ "./", NULL, NULL },
	};
	struct buf path = BUF_EMPTY;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		int r = checklist_path(paths[i].name, false, &path, &err);

		is_str(r == 0 ? buf_text(&path) : NULL, paths[i].path,
		    "path '%s'", paths[i].name);
		r = checklist_path(paths[i].name, true, &path, &err);
		is_str(r == 0 ? buf_text(&path) : NULL, paths[i].absolute,
		    "path '%s', absolute ones taken", paths[i].name);
	}
	buf_release(&path);
}

static void
test_names(void)
{
	static const struct {
		const char *name;
		size_t side_len;
		bool is_list;
	} names[] = {
		{ "SHA256SUMS", 0, true }, { "sha256sums.txt", 0, true },
		{ "MD5SUMS", 0, true }, { "md5sum.txt", 0, true },
		{ "SHA1SUM", 0, true }, { "SHA512SUMS", 0, true },
		{ "checksums.txt", 0, true }, { "CHECKSUM", 0, true },
		{ "tool_1.2_checksums.txt", 0, true },
		{ "SHASUMS256.txt", 0, true },
		{ "a.tar.SHA256SUMS", 5, true },
		{ "a.sha256", 1, true }, { "a.b.MD5", 3, true },
		{ "a.sha512sum", 1, true }, { "a.sha1", 1, true },
		{ ".sha256", 0, false }, { "sha256", 0, false },
		{ "a-sha256", 0, false }, { "a-sha256sums", 0, true },
		{ "xchecksums.txt", 0, false }, { "xsha256sums", 0, false },
		{ "SHA256SUMS.sig", 0, false },
		{ "SHA256SUMS.asc", 0, false },
		{ "SHA256SUMS.gpg", 0, false },
		{ "b2sums", 0, false }, { "", 0, false }, { "sums", 0, false },
		{ "a.txt", 0, false }, { ".txt", 0, false },
	};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		is_u64(checklist_side_len(names[i].name), names[i].side_len,
		    "'%s' as a side file", names[i].name);
		ok(checklist_is_name(names[i].name) == names[i].is_list,
		    "'%s' as a list", names[i].name);
	}
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof good / sizeof good[0]; i++)
		test_line(&good[i], i);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		test_line(&bad[i], i);
	test_styles_do_not_mix();
	test_side_files();
	test_length(CHECKLIST_LINE_MAX - 1, "\n", true);
	test_length(CHECKLIST_LINE_MAX, "\n", true);
	test_length(CHECKLIST_LINE_MAX + 1, "\n", false);
	test_length(10 * CHECKLIST_LINE_MAX, "\n", false);
	test_length(CHECKLIST_LINE_MAX - 1, "\r\n", true);
	test_bytes();
	test_reader_fails();
	test_paths();
	test_names();
	return done();
}
