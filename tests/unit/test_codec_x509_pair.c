/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec/x509_signed: which private key belongs to which public one, with keys
 * of every kind that openssl makes; and who signed a certificate.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/pem.h"
#include "codec/x509.h"
#include "codec/x509_signed.h"
#include "harness.h"
#include "scratch.h"

static char dir[SCRATCH_MAX];

static bool
run(const char *command)
{
	char *line = mem_format("cd %s && (%s) >log 2>&1", dir, command);
	bool done = system(line) == 0;

	free(line);
	return done;
}

/* The first block of a file that is no parameters block. */
static bool
read_block(const char *name, struct pem_block *block)
{
	char *path = mem_format("%s/%s", dir, name);
	struct buf text = BUF_EMPTY;
	struct pem_reader reader;
	struct err err;
	int got = -1;

	if (io_read_typed(path, 65536, &text, &err) == 0) {
		pem_init(&reader, buf_text(&text), text.len);
		do
			got = pem_next(&reader, block, &err);
		while (got == 1 && strstr(block->label, "PARAMETERS") != NULL);
	}
	free(path);
	buf_release(&text);
	return got == 1;
}

static enum x509_pair
pair(const char *secret, const char *public)
{
	struct pem_block block = PEM_BLOCK_EMPTY, pub = PEM_BLOCK_EMPTY;
	enum x509_pair result = X509_PAIR_DAMAGED;
	struct x509_key key;
	struct err err;

	if (read_block(secret, &block) && (public == NULL ||
	    (read_block(public, &pub) &&
	    x509_key_parse(&key, pub.der, pub.len, &err) == 0)))
		result = x509_pair_check(&block, public == NULL ? NULL : &key);
	pem_release(&block);
	pem_release(&pub);
	return result;
}

/* A key made by the command into "key", and its public half. */
static void
check_kind(const char *command, enum x509_pair want)
{
	if (!ok(run(command) && run("openssl pkey -passin pass:x -in key "
	    "-pubout -out pub"), "%s", command))
		return;
	is_u64(pair("key", NULL), want, "by itself");
	is_u64(pair("key", "pub"), want, "with its public half");
	is_u64(pair("key", "stranger"), want == X509_PAIR ? X509_NO_PAIR :
	    want, "with a stranger's");
	is_u64(pair("key", "stranger-rsa"), want == X509_PAIR ? X509_NO_PAIR :
	    want, "with a stranger's RSA key");
}

#define EC(curve) "openssl ecparam -genkey -name " curve " -out key"
#define NEW(what) "openssl genpkey -out key -algorithm " what

static void
test_kinds(void)
{
	check_kind(EC("prime256v1"), X509_PAIR);
	check_kind(EC("prime256v1") " -noout", X509_PAIR);
	check_kind(EC("secp384r1"), X509_PAIR);
	check_kind(EC("secp521r1"), X509_PAIR);
	check_kind(EC("secp256k1"), X509_PAIR_UNKNOWN);
	check_kind(NEW("EC -pkeyopt ec_paramgen_curve:P-256"), X509_PAIR);
	check_kind(NEW("RSA -pkeyopt rsa_keygen_bits:1024"), X509_PAIR);
	check_kind(NEW("RSA -pkeyopt rsa_keygen_bits:2048"), X509_PAIR);
	check_kind("openssl rsa -traditional -in key -out k1 && mv k1 key",
	    X509_PAIR);
	check_kind(NEW("ED25519"), X509_PAIR_UNKNOWN);
	check_kind(NEW("RSA-PSS -pkeyopt rsa_keygen_bits:1024"),
	    X509_PAIR_UNKNOWN);
	check_kind(EC("prime256v1") " && openssl pkcs8 -topk8 -in key -passout "
	    "pass:x -out k2 && mv k2 key", X509_PAIR_ENCRYPTED);
	check_kind(EC("prime256v1") " && openssl ec -aes128 -passout pass:x "
	    "-in key -out k3 && mv k3 key", X509_PAIR_ENCRYPTED);
}

/* No flipped bit makes another whole key of it. */
static void
check_flips(const char *command, const char *what)
{
	struct pem_block block = PEM_BLOCK_EMPTY, pub = PEM_BLOCK_EMPTY;
	size_t i, wrong = 0, noticed = 0;
	struct x509_key key;
	struct err err;

	if (!ok(run(command) && run("openssl pkey -in key -pubout -out pub") &&
	    read_block("key", &block) && read_block("pub", &pub) &&
	    x509_key_parse(&key, pub.der, pub.len, &err) == 0, "%s", what))
		goto out;
	for (i = 0; i < block.len; i++) {
		block.der[i] ^= 0x10;
		wrong += x509_pair_check(&block, NULL) == X509_NO_PAIR;
		noticed += x509_pair_check(&block, &key) != X509_PAIR;
		block.der[i] ^= 0x10;
	}
	is_u64(wrong, 0, "%s: it stays itself or is damaged", what);
	/* The halves are half of it; the rest is of no use here. */
	ok(noticed > block.len / 3, "%s: %zu of %zu flips noticed", what,
	    noticed, block.len);
	ok(x509_pair_check(&block, &key) == X509_PAIR, "%s: whole again", what);
	for (i = 0; i < block.len; i++) {
		size_t len = block.len;

		block.len = i;
		wrong += x509_pair_check(&block, NULL) == X509_PAIR;
		block.len = len;
	}
	is_u64(wrong, 0, "%s: cut anywhere it is none", what);
out:
	pem_release(&block);
	pem_release(&pub);
}

static void
test_damage(void)
{
	struct pem_block block = PEM_BLOCK_EMPTY;

	check_flips(NEW("EC -pkeyopt ec_paramgen_curve:P-256"), "EC, PKCS #8");
	check_flips(EC("prime256v1") " -noout", "EC, SEC 1");
	check_flips(NEW("RSA -pkeyopt rsa_keygen_bits:1024"), "RSA");
	ok(read_block("pub", &block) &&
	    x509_pair_check(&block, NULL) == X509_PAIR_DAMAGED,
	    "a public key is no private one");
	pem_release(&block);
}

/* Who signed it: a certificate by itself, and with a bit of it flipped. */
static void
check_signed(const char *command, enum x509_signed want)
{
	struct pem_block block = PEM_BLOCK_EMPTY;
	struct x509 cert, other;
	struct x509_key key;
	struct err err;

	if (!ok(run(command) && run("openssl req -x509 -key key -subj /CN=x "
	    "-out cert") && read_block("cert", &block) &&
	    x509_parse(&cert, block.der, block.len, &err) == 0, "%s", command))
		goto out;
	is_u64(x509_signed_by(&cert, &cert.key), want, "by itself");
	key = cert.key;
	block.der[block.len - 1] ^= 1;
	if (x509_parse(&other, block.der, block.len, &err) == 0)
		is_u64(x509_signed_by(&other, &key), want == X509_SIGNED ?
		    X509_NOT_SIGNED : want, "not with a bit flipped");
	key.kind = key.kind == X509_KEY_RSA ? X509_KEY_EC : X509_KEY_RSA;
	is_u64(x509_signed_by(&cert, &key), want == X509_SIGNED ?
	    X509_NOT_SIGNED : want == X509_SIGNED_UNKNOWN ? X509_NOT_SIGNED :
	    want, "not by a key of another kind");
out:
	pem_release(&block);
}

static void
test_signatures(void)
{
	check_signed(EC("prime256v1"), X509_SIGNED);
	check_signed(EC("secp384r1"), X509_SIGNED);
	check_signed(EC("secp521r1"), X509_SIGNED);
	check_signed(EC("secp256k1"), X509_SIGNED_UNKNOWN);
	check_signed(NEW("RSA -pkeyopt rsa_keygen_bits:1024"), X509_SIGNED);
	check_signed(NEW("ED25519"), X509_SIGNED_UNKNOWN);
}

int
main(void)
{
	if (system("openssl version >/dev/null 2>&1") != 0) {
		skip("openssl is not here");
		return done();
	}
	if (ok(scratch_make(dir) && run(EC("prime256v1") " && "
	    "openssl pkey -in key -pubout -out stranger && "
	    NEW("RSA -pkeyopt rsa_keygen_bits:1024") " && "
	    "openssl pkey -in key -pubout -out stranger-rsa"), "a folder")) {
		test_kinds();
		test_damage();
		test_signatures();
	}
	ok(scratch_remove(dir), "the folder is gone");
	return done();
}
