/* SPDX-License-Identifier: BSD-2-Clause */
/* codec/pem: what is a block, and every way in which one is not. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/pem.h"
#include "harness.h"

#define BEGIN_X "-----BEGIN X-----\n"
#define END_X "-----END X-----\n"

/* The first block's content, or what is wrong with it. */
static void
check(const char *text, const char *want, const char *what)
{
	struct pem_block block = PEM_BLOCK_EMPTY;
	struct pem_reader reader;
	struct err err;
	char got[ERR_TEXT_MAX] = "(none)";
	int ret;

	pem_init(&reader, text, strlen(text));
	ret = pem_next(&reader, &block, &err);
	if (ret == 1) {
		memcpy(got, block.der, block.len);
		got[block.len] = '\0';
	} else if (ret == -1) {
		(void)snprintf(got, sizeof got, "%s", err.text);
	}
	is_str(got, want, "%s", what);
	pem_release(&block);
}

static void
test_forms(void)
{
	check(BEGIN_X "aGVsbG8=\n" END_X, "hello", "one padding");
	check(BEGIN_X "aGVsbA==\n" END_X, "hell", "two paddings");
	check(BEGIN_X "aGVs\n" END_X, "hel", "no padding");
	check(BEGIN_X "aG\nVs\n\nbG8=\n" END_X, "hello", "odd lines");
	check(BEGIN_X END_X, "", "nothing inside");
	check("noise\n" BEGIN_X "aGVs\n" END_X "noise", "hel", "text around");
	check("-----BEGIN X-----\r\naGVs \t\r\n-----END X-----\r\n", "hel",
	    "CR LF and blanks");
	check(BEGIN_X "aGVs\n-----END X-----", "hel", "no newline at the end");
	check(BEGIN_X "Proc-Type: 4,CLEAR\nMore: of\n it\n\naGVs\n" END_X,
	    "hel", "headers");
	check("", "(none)", "nothing");
	check("aGVs\n", "(none)", "no block");
	check(" -----BEGIN X-----\n", "(none)", "BEGIN is not at the start");
}

static void
test_damage(void)
{
	check(BEGIN_X "aGVs\n", "line 1: the PEM block has no end", "no END");
	check("\n" BEGIN_X "aGVs\n" BEGIN_X "aGVs\n" END_X,
	    "line 2: the PEM block has no end", "another BEGIN first");
	check(BEGIN_X "aGVs\n-----END Y-----\n",
	    "line 1: the PEM block ends as another kind", "another label");
	check(BEGIN_X "aGVs\n-----END X----\n",
	    "line 1: the PEM block has no end", "a damaged END");
	check("-----BEGIN X----\n", "line 1: a damaged BEGIN line",
	    "a damaged BEGIN");
	check("-----BEGIN \001-----\n", "line 1: a damaged BEGIN line",
	    "a control character in the label");
	check(BEGIN_X "aGV\n" END_X,
	    "line 2: the base64 of the PEM block is cut", "three characters");
	check(BEGIN_X "aG!s\n" END_X, "line 2: not base64", "not base64");
	check(BEGIN_X "aGVs\naGV\300\n" END_X, "line 3: not base64",
	    "not even ASCII");
	check(BEGIN_X "aGVsbA==aGVs\n" END_X, "line 2: not base64",
	    "more behind the padding");
	check(BEGIN_X "a===\n" END_X, "line 2: not base64",
	    "three paddings");
	check(BEGIN_X "aGVsbB==\n" END_X, "line 2: not base64",
	    "bits in the padding");
}

static void
test_all_blocks(void)
{
	static const char text[] = BEGIN_X "aGVs\n" END_X
	    "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"
	    "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
	    "DEK-Info: AES-128-CBC,00\n\naGVs\n-----END EC PRIVATE KEY-----\n"
	    "-----BEGIN ENCRYPTED PRIVATE KEY-----\naGVs\n"
	    "-----END ENCRYPTED PRIVATE KEY-----\n";
	struct pem_block block = PEM_BLOCK_EMPTY;
	struct pem_reader reader;
	struct err err;

	pem_init(&reader, text, strlen(text));
	is_u64((uint64_t)pem_next(&reader, &block, &err), 1, "the first");
	ok(!pem_is_private(&block) && !block.is_encrypted && block.line == 1,
	    "is no key");
	ok(pem_next(&reader, &block, &err) == -1, "the second is damaged");
	ok(pem_next(&reader, &block, &err) == 1, "the third comes all the same");
	ok(pem_is_private(&block) && block.is_encrypted && block.line == 7,
	    "an encrypted key by its header");
	ok(pem_next(&reader, &block, &err) == 1 && pem_is_private(&block) &&
	    block.is_encrypted, "an encrypted key by its label");
	ok(pem_next(&reader, &block, &err) == 0, "and no more");
	ok(pem_next(&reader, &block, &err) == 0, "however often asked");
	pem_release(&block);
}

/* A block that decodes to len bytes, a multiple of 3. */
static int
read_big(size_t len)
{
	struct pem_block block = PEM_BLOCK_EMPTY;
	struct buf text = BUF_EMPTY;
	struct pem_reader reader;
	struct err err;
	size_t i;
	int ret;

	buf_puts(&text, BEGIN_X);
	for (i = 0; i < len; i += 3)
		buf_puts(&text, "aGVs");
	buf_puts(&text, "\n" END_X);
	pem_init(&reader, buf_text(&text), text.len);
	ret = pem_next(&reader, &block, &err);
	if (ret == 1 && block.len != len)
		ret = -2;
	if (ret == -1 && err.class != ERR_LIMIT)
		ret = -3;
	pem_release(&block);
	buf_release(&text);
	return ret;
}

static void
test_limits(void)
{
	const size_t most = PEM_DER_MAX / 3 * 3;
	struct buf text = BUF_EMPTY;
	struct pem_block block = PEM_BLOCK_EMPTY;
	struct pem_reader reader;
	struct err err;
	int len;

	ok(read_big(most - 3) == 1, "below PEM_DER_MAX");
	ok(read_big(most) == 1, "at PEM_DER_MAX");
	ok(read_big(most + 3) == -1, "above PEM_DER_MAX");
	for (len = PEM_LABEL_MAX - 2; len <= PEM_LABEL_MAX; len++) {
		buf_cut(&text, 0);
		buf_printf(&text, "-----BEGIN %0*d-----\naGVs\n"
		    "-----END %0*d-----\n", len, 0, len, 0);
		pem_init(&reader, buf_text(&text), text.len);
		ok(pem_next(&reader, &block, &err) ==
		    (len < PEM_LABEL_MAX ? 1 : -1), "label of %d", len);
	}
	pem_release(&block);
	buf_release(&text);
}

int
main(void)
{
	test_forms();
	test_damage();
	test_all_blocks();
	test_limits();
	return done();
}
