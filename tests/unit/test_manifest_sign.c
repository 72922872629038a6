/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manifest/sign: RFC 6979's own vector, every wrong signature and key, and
 * openssl in both directions.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/hex.h"
#include "codec/sha256.h"
#include "harness.h"
#include "io/io.h"
#include "manifest/sign.h"

/* The order of the group. */
#define ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define ORDER_LESS_1 \
	"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"

/* RFC 6979, A.2.5: the key, and the signature of "sample" with SHA-256. */
#define RFC_X "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
#define RFC_UX "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
#define RFC_UY "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
#define RFC_R "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
#define RFC_S "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"

static void
unhex(const char *text, uint8_t *data, size_t len)
{
	if (!hex_parse(text, strlen(text), data, len))
		abort();
}

/* A key by its secret, through the PEM that our own code does not write. */
static void
key_from_secret(struct sign_key *key, const char *secret)
{
	struct buf pem = BUF_EMPTY;
	struct sign_key raw;
	struct err err;

	memset(&raw, 0, sizeof raw);
	unhex(secret, raw.secret, 32);
	sign_key_format(&raw, &pem);
	if (sign_key_parse(key, pem.data, pem.len, &err) == -1)
		memset(key, 0, sizeof *key);
	buf_release(&pem);
}

static struct sign_public
public_of(const struct sign_key *key)
{
	struct sign_public pub;

	memcpy(pub.point, key->point, sizeof pub.point);
	return pub;
}

/* ------------------------------------------------- signatures by hand */

struct der {
	uint8_t bytes[SIGN_MAX + 16];
	size_t len;
};

static void
der_integer(struct der *der, const char *hex)
{
	uint8_t value[33] = { 0 };
	size_t skipped = 0, n;

	unhex(hex, value + 1, 32);
	while (skipped < 32 && value[skipped] == 0 &&
	    (value[skipped + 1] & 0x80) == 0)
		skipped++;
	n = sizeof value - skipped;
	der->bytes[der->len++] = 0x02;
	der->bytes[der->len++] = (uint8_t)n;
	memcpy(der->bytes + der->len, value + skipped, n);
	der->len += n;
}

/* The DER form of two numbers. */
static struct der
der_of(const char *r, const char *s)
{
	struct der der = { { 0x30, 0 }, 2 };

	der_integer(&der, r);
	der_integer(&der, s);
	der.bytes[1] = (uint8_t)(der.len - 2);
	return der;
}

static void
test_rfc6979_vector(void)
{
	struct der want = der_of(RFC_R, RFC_S);
	struct sign_public pub;
	struct sign_key key;
	uint8_t digest[32], point[65], sig[SIGN_MAX];
	struct err err;
	size_t len = 0;

	key_from_secret(&key, RFC_X);
	point[0] = 4;
	unhex(RFC_UX, point + 1, 32);
	unhex(RFC_UY, point + 33, 32);
	ok(memcmp(key.point, point, sizeof point) == 0, "rfc6979: public key");
	sha256_of("sample", 6, digest);
	ok(sign_make(&key, digest, sig, &len, &err) == 0 && len == want.len &&
	    memcmp(sig, want.bytes, len) == 0, "rfc6979: signature");
	pub = public_of(&key);
	ok(sign_check(&pub, digest, sig, len, &err) == 0, "rfc6979: checks");
}

static bool
is_refused(const struct sign_public *pub, const uint8_t digest[32],
    const uint8_t *sig, size_t len)
{
	struct err err;

	err_clear(&err);
	return sign_check(pub, digest, sig, len, &err) == -1 &&
	    err.class == ERR_SIGNATURE;
}

static void
test_any_change_is_refused(void)
{
	struct sign_key key, other;
	struct sign_public pub, stranger;
	uint8_t digest[32], sig[SIGN_MAX + 1];
	size_t len = 0, i, accepted = 0;
	struct err err;

	key_from_secret(&key, RFC_X);
	key_from_secret(&other, RFC_R);
	pub = public_of(&key);
	stranger = public_of(&other);
	sha256_of("file", 4, digest);
	ok(sign_make(&key, digest, sig, &len, &err) == 0 &&
	    sign_check(&pub, digest, sig, len, &err) == 0, "a good signature");
	ok(is_refused(&stranger, digest, sig, len), "another key");
	for (i = 0; i < 8 * 32; i++) {
		digest[i / 8] ^= (uint8_t)(1 << i % 8);
		accepted += !is_refused(&pub, digest, sig, len);
		digest[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	is_u64(accepted, 0, "each bit of the digest changed");
	for (i = 0; i < 8 * len; i++) {
		sig[i / 8] ^= (uint8_t)(1 << i % 8);
		accepted += !is_refused(&pub, digest, sig, len);
		sig[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	is_u64(accepted, 0, "each bit of the signature changed");
	for (i = 0; i < len; i++)
		accepted += !is_refused(&pub, digest, sig, i);
	is_u64(accepted, 0, "cut to each shorter length");
	sig[len] = 0;
	ok(is_refused(&pub, digest, sig, len + 1), "a byte behind it");
	for (i = 1; i < SIGN_POINT_LEN; i++) {
		stranger = pub;
		stranger.point[i] ^= 1;
		accepted += !is_refused(&stranger, digest, sig, len);
	}
	is_u64(accepted, 0, "points that are not on the curve");
}

static void
test_numbers_out_of_range(void)
{
	static const struct {
		const char *r, *s, *what;
	} cases[] = {
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"
#define ONE "0000000000000000000000000000000000000000000000000000000000000001"
#define TOP "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		{ ZERO, RFC_S, "r = 0" },
		{ RFC_R, ZERO, "s = 0" },
		{ ZERO, ZERO, "both 0" },
		{ ORDER, RFC_S, "r = n" },
		{ RFC_R, ORDER, "s = n" },
		{ TOP, RFC_S, "r = 2^256 - 1" },
		{ RFC_R, TOP, "s = 2^256 - 1" },
		{ ORDER_LESS_1, ORDER_LESS_1, "both n - 1: in range, wrong" },
		{ ONE, ONE, "both 1: in range, wrong" },
	};
	struct sign_key key;
	struct sign_public pub;
	uint8_t digest[32];
	size_t i;

	key_from_secret(&key, RFC_X);
	pub = public_of(&key);
	sha256_of("sample", 6, digest);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct der der = der_of(cases[i].r, cases[i].s);

		ok(is_refused(&pub, digest, der.bytes, der.len), "%s",
		    cases[i].what);
	}
	/* Digest 0 takes the base point out of the equation. */
	memset(digest, 0, sizeof digest);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct der der = der_of(cases[i].r, cases[i].s);

		ok(is_refused(&pub, digest, der.bytes, der.len),
		    "%s, digest 0", cases[i].what);
	}
}

/*
 * The same two numbers in encodings that DER does not allow: lenient readers
 * take them, and then one signature has many forms.
 */
static void
test_other_encodings_are_refused(void)
{
	struct der good = der_of(RFC_R, RFC_S), bad;
	struct sign_key key;
	struct sign_public pub;
	uint8_t digest[32];
	struct err err;

	key_from_secret(&key, RFC_X);
	pub = public_of(&key);
	sha256_of("sample", 6, digest);
	ok(sign_check(&pub, digest, good.bytes, good.len, &err) == 0, "DER");

	bad.bytes[0] = 0x30;
	bad.bytes[1] = 0x81;	/* long form of a short length */
	memcpy(bad.bytes + 2, good.bytes + 1, good.len - 1);
	ok(is_refused(&pub, digest, bad.bytes, good.len + 1), "long length");

	memcpy(bad.bytes, good.bytes, good.len);
	memmove(bad.bytes + 5, bad.bytes + 4, good.len - 4);
	bad.bytes[4] = 0;	/* a zero before r */
	bad.bytes[3]++;
	bad.bytes[1]++;
	ok(is_refused(&pub, digest, bad.bytes, good.len + 1), "padded r");

	memcpy(bad.bytes, good.bytes, good.len);
	memmove(bad.bytes + 4, bad.bytes + 5, good.len - 5);
	bad.bytes[3]--;		/* r as a negative number */
	bad.bytes[1]--;
	ok(is_refused(&pub, digest, bad.bytes, good.len - 1), "negative r");

	memcpy(bad.bytes, good.bytes, good.len);
	bad.bytes[0] = 0x31;
	ok(is_refused(&pub, digest, bad.bytes, good.len), "a set");
	bad.bytes[0] = 0x30;
	bad.bytes[good.len] = 0x05;
	bad.bytes[good.len + 1] = 0;
	bad.bytes[1] = (uint8_t)(good.bytes[1] + 2);
	ok(is_refused(&pub, digest, bad.bytes, good.len + 2), "a third element");
	ok(is_refused(&pub, digest, bad.bytes, 0), "nothing");
	memset(bad.bytes, 0, sizeof bad.bytes);
	ok(is_refused(&pub, digest, bad.bytes, SIGN_MAX) &&
	    is_refused(&pub, digest, bad.bytes, SIGN_MAX + 1), "zeros");
	bad.bytes[0] = 0x30;
	bad.bytes[1] = 6;
	bad.bytes[2] = 2;
	bad.bytes[3] = 0x7f;	/* reaches behind the end */
	ok(is_refused(&pub, digest, bad.bytes, 8), "a length that overruns");
	unhex(RFC_R, bad.bytes, 32);
	unhex(RFC_S, bad.bytes + 32, 32);
	ok(is_refused(&pub, digest, bad.bytes, 64), "the raw form");
}

static void
test_new_keys(void)
{
	struct sign_key a, b, again;
	struct sign_public pub;
	struct buf pem = BUF_EMPTY;
	char text[SIGN_FINGERPRINT_MAX];
	uint8_t seed[33], digest[32] = { 1 }, sig[SIGN_MAX];
	struct err err;
	size_t len = 0;

	memset(seed, 7, sizeof seed);
	ok(sign_key_new(&a, seed, 31, &err) == -1, "31 random bytes: too few");
	ok(sign_key_new(&a, seed, 32, &err) == 0, "32");
	seed[31]++;
	ok(sign_key_new(&b, seed, 32, &err) == 0 &&
	    memcmp(a.secret, b.secret, 32) != 0, "others make another key");
	ok(sign_key_new(&b, seed, 33, &err) == 0, "33");
	sign_key_format(&a, &pem);
	ok(strncmp(buf_text(&pem), "-----BEGIN EC PRIVATE KEY-----\n", 31) == 0
	    && pem.len == strlen(pem.data), "private key as PEM");
	ok(sign_key_parse(&again, pem.data, pem.len, &err) == 0 &&
	    memcmp(&again, &a, sizeof a) == 0, "and back");
	ok(sign_public_parse(&pub, pem.data, pem.len, &err) == 0 &&
	    memcmp(pub.point, a.point, sizeof pub.point) == 0,
	    "its public half");
	ok(sign_make(&a, digest, sig, &len, &err) == 0 &&
	    sign_check(&pub, digest, sig, len, &err) == 0, "signs and checks");
	is_u64(strlen(sign_fingerprint(&pub, text)), 50, "fingerprint: length");
	buf_cut(&pem, 0);
	sign_public_format(&pub, &pem);
	memset(&pub, 0, sizeof pub);
	ok(sign_public_parse(&pub, pem.data, pem.len, &err) == 0 &&
	    memcmp(pub.point, a.point, sizeof pub.point) == 0,
	    "public key as PEM and back");
	buf_release(&pem);
}

static void
test_impossible_secrets(void)
{
	static const struct {
		const char *secret;
		bool held;
	} cases[] = {
		{ ZERO, false },
		{ ONE, true },
		{ ORDER_LESS_1, true },
		{ ORDER, false },
		{ TOP, false },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf pem = BUF_EMPTY;
		struct sign_key raw, key;
		struct err err;

		memset(&raw, 0, sizeof raw);
		unhex(cases[i].secret, raw.secret, 32);
		sign_key_format(&raw, &pem);
		ok((sign_key_parse(&key, pem.data, pem.len, &err) == 0) ==
		    cases[i].held, "secret %s is %s", cases[i].secret,
		    cases[i].held ? "good" : "refused");
		buf_release(&pem);
	}
}

/* ------------------------------------------------------------ openssl */

/* Work in a directory of our own; commands run there. */
static bool
run(const char *command)
{
	char line[1024];

	(void)snprintf(line, sizeof line, "{ %s; } >out 2>&1", command);
	return system(line) == 0;
}

static void
load(const char *name, struct buf *out)
{
	struct err err;

	if (io_read_file(AT_FDCWD, name, SIGN_KEY_FILE_MAX + 10, out, &err) ==
	    -1) {
		printf("# %s: %s\n", name, err.text);
		exit(1);
	}
}

static void
store(const char *name, const void *data, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || io_write(fd, data, len) == -1 || close(fd) == -1)
		exit(1);
}

/* openssl made the key in priv; both directions, and the public half. */
static void
check_openssl_key(const char *how)
{
	struct buf pem = BUF_EMPTY, sig = BUF_EMPTY, again = BUF_EMPTY;
	struct sign_public pub, from_private;
	struct sign_key key;
	uint8_t digest[32], made[SIGN_MAX];
	struct err err;
	size_t len = 0;

	err_clear(&err);
	load("priv", &pem);
	ok(sign_key_parse(&key, buf_text(&pem), pem.len, &err) == 0 &&
	    sign_public_parse(&from_private, pem.data, pem.len, &err) == 0,
	    "%s: private key read %s", how, err.text);
	if (!ok(run("openssl ec -in priv -pubout -out pub"), "%s: -pubout", how))
		return;
	load("pub", &pem);
	ok(sign_public_parse(&pub, buf_text(&pem), pem.len, &err) == 0 &&
	    memcmp(pub.point, key.point, sizeof pub.point) == 0 &&
	    memcmp(&pub, &from_private, sizeof pub) == 0,
	    "%s: public key read, and it is the same", how);
	sign_public_format(&pub, &again);
	is_str(buf_text(&again), buf_text(&pem), "%s: and written as by openssl",
	    how);

	store("file", "some bytes\n", 11);
	sha256_of("some bytes\n", 11, digest);
	ok(sign_make(&key, digest, made, &len, &err) == 0, "%s: signed", how);
	store("sig", made, len);
	ok(run("openssl dgst -sha256 -verify pub -signature sig file"),
	    "%s: openssl checks our signature", how);
	ok(run("openssl dgst -sha256 -sign priv -out sig file"),
	    "%s: openssl signs", how);
	load("sig", &sig);
	ok(sign_check(&pub, digest, (const uint8_t *)sig.data, sig.len, &err)
	    == 0, "%s: we check its signature", how);
	store("file", "other bytes\n", 12);
	ok(!run("openssl dgst -sha256 -verify pub -signature sig file"),
	    "%s: a changed file fails there", how);
	sha256_of("other bytes\n", 12, digest);
	ok(is_refused(&pub, digest, (const uint8_t *)sig.data, sig.len),
	    "%s: and here", how);
	buf_release(&pem);
	buf_release(&sig);
	buf_release(&again);
}

static void
test_openssl_keys(void)
{
	static const char *const ways[] = {
		"openssl ecparam -name prime256v1 -genkey -out priv",
		"openssl ecparam -name prime256v1 -genkey -noout -out priv",
		"openssl genpkey -algorithm EC -pkeyopt "
		    "ec_paramgen_curve:P-256 -out priv",
		"openssl ecparam -name prime256v1 -genkey -noout | "
		    "openssl ec -no_public -out priv",
		"openssl ecparam -name prime256v1 -genkey | "
		    "sed 's/$/\\r/' >priv",
		"openssl ecparam -name prime256v1 -genkey -noout >key && "
		    "(echo A comment; printf %s \"$(cat key)\") >priv",
	};
	size_t i;

	for (i = 0; i < sizeof ways / sizeof ways[0]; i++)
		if (ok(run(ways[i]), "%s", ways[i]))
			check_openssl_key(ways[i]);
}

static void
test_openssl_reads_our_keys(void)
{
	struct buf pem = BUF_EMPTY;
	struct sign_public pub;
	struct sign_key key;
	char text[SIGN_FINGERPRINT_MAX], digest[64] = "";
	struct err err;
	uint8_t seed[32];
	FILE *f;

	if (io_random(seed, sizeof seed, &err) == -1 ||
	    sign_key_new(&key, seed, sizeof seed, &err) == -1)
		exit(1);
	pub = public_of(&key);
	sign_key_format(&key, &pem);
	store("priv", pem.data, pem.len);
	ok(run("openssl ec -in priv -check -noout"), "openssl: our key is good");
	check_openssl_key("our own");
	ok(run("openssl ec -in priv -pubout -outform DER -out der && "
	    "openssl dgst -sha256 -binary der | openssl base64 -A | "
	    "tr -d = >fingerprint"), "openssl: fingerprint");
	f = fopen("fingerprint", "r");
	if (f == NULL || fgets(digest, sizeof digest, f) == NULL)
		exit(1);
	(void)fclose(f);
	ok(strncmp(sign_fingerprint(&pub, text), "SHA256:", 7) == 0 &&
	    strcmp(text + 7, digest) == 0, "and it is ours");
	buf_release(&pem);
}

static void
test_keys_refused_by_name(void)
{
	static const struct {
		const char *command;
		const char *word;	/* in the error */
	} cases[] = {
		{ "openssl ecparam -name secp384r1 -genkey", "P-384" },
		{ "openssl genpkey -algorithm EC -pkeyopt "
		    "ec_paramgen_curve:P-384", "P-384" },
		{ "openssl ecparam -name secp521r1 -genkey -noout", "P-521" },
		{ "openssl ecparam -name secp256k1 -genkey -noout",
		    "secp256k1" },
		{ "openssl genpkey -algorithm ED25519", "Ed25519" },
		{ "openssl genrsa -traditional 2048", "RSA" },
		{ "openssl genrsa 2048", "RSA" },
		{ "openssl ecparam -name prime256v1 -genkey -noout | "
		    "openssl ec -aes128 -passout pass:x", "encrypted" },
		{ "openssl ecparam -name prime256v1 -genkey -noout | "
		    "openssl pkcs8 -topk8 -passout pass:x", "encrypted" },
		{ "openssl ecparam -name prime256v1 -genkey -noout | "
		    "openssl ec -pubout", "'PUBLIC KEY'" },
		{ "openssl ecparam -name prime256v1 -genkey -noout "
		    "-param_enc explicit", "P-256" },
		{ "openssl ecparam -name prime256v1", "PEM" },
		{ "openssl ecparam -name prime256v1 -genkey -noout "
		    "-outform DER", "PEM" },
		{ "openssl ecparam -name prime256v1 -genkey -noout | "
		    "grep -v END", "no end" },
		{ "openssl ecparam -name prime256v1 -genkey -noout | "
		    "sed 2s/^M/*/", "line 2: not base64" },
		{ "printf ''", "PEM" },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char command[512];
		struct buf pem = BUF_EMPTY;
		struct sign_key key;
		struct err err;

		(void)snprintf(command, sizeof command, "{ %s; } >priv 2>err",
		    cases[i].command);
		if (!ok(run(command), "%s", cases[i].command))
			continue;
		load("priv", &pem);
		err_clear(&err);
		memset(&key, 0, sizeof key);
		ok(sign_key_parse(&key, buf_text(&pem), pem.len, &err) == -1 &&
		    strstr(err.text, cases[i].word) != NULL &&
		    key.point[0] == 0, "is refused: %s", err.text);
		buf_release(&pem);
	}
}

static void
test_public_keys_refused_by_name(void)
{
	static const struct {
		const char *command;
		const char *word;
	} cases[] = {
		{ "openssl ecparam -name secp384r1 -genkey -noout | "
		    "openssl ec -pubout", "P-384" },
		{ "openssl genrsa 2048 | openssl rsa -pubout", "RSA" },
		{ "openssl genpkey -algorithm ED25519 | "
		    "openssl pkey -pubout", "Ed25519" },
		{ "openssl ecparam -name prime256v1 -genkey -noout | "
		    "openssl ec -pubout -conv_form compressed", "P-256" },
		{ "openssl ecparam -name prime256v1 -genkey -noout >k && "
		    "openssl req -new -x509 -key k -subj /CN=x",
		    "'CERTIFICATE'" },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char command[512];
		struct buf pem = BUF_EMPTY;
		struct sign_public pub;
		struct err err;

		(void)snprintf(command, sizeof command, "{ %s; } >pub 2>err",
		    cases[i].command);
		if (!ok(run(command), "%s", cases[i].command))
			continue;
		load("pub", &pem);
		err_clear(&err);
		ok(sign_public_parse(&pub, buf_text(&pem), pem.len, &err) == -1
		    && strstr(err.text, cases[i].word) != NULL,
		    "is refused: %s", err.text);
		buf_release(&pem);
	}
}

static void
test_openssl(void)
{
	char dir[] = "/tmp/drydock-test-XXXXXX", command[64];

	if (system("command -v openssl >/dev/null") != 0) {
		skip("no openssl command here");
		return;
	}
	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		exit(1);
	test_openssl_keys();
	test_openssl_reads_our_keys();
	test_keys_refused_by_name();
	test_public_keys_refused_by_name();
	(void)snprintf(command, sizeof command, "cd / && rm -rf %s", dir);
	ok(system(command) == 0, "cleaned up");
}

static void
test_file_limit(void)
{
	struct buf pem = BUF_EMPTY, text = BUF_EMPTY;
	struct sign_key key, again;
	struct err err;
	size_t size;

	key_from_secret(&key, RFC_X);
	sign_key_format(&key, &pem);
	for (size = SIGN_KEY_FILE_MAX - 1; size <= SIGN_KEY_FILE_MAX + 1;
	    size++) {
		int want = size > SIGN_KEY_FILE_MAX ? -1 : 0;

		buf_cut(&text, 0);
		while (text.len < size - pem.len)
			buf_byte(&text, '\n');
		buf_append(&text, pem.data, pem.len);
		ok(sign_key_parse(&again, text.data, text.len, &err) == want &&
		    (want == 0 || err.class == ERR_LIMIT),
		    "a key file of %zu bytes", size);
	}
	buf_release(&pem);
	buf_release(&text);
}

/* Base64 of zeros: len characters in lines of 64. */
static void
put_zeros(struct buf *pem, const char *label, size_t len)
{
	size_t i;

	buf_printf(pem, "-----BEGIN %s-----\n", label);
	for (i = 0; i < len; i++)
		buf_puts(pem, i % 64 == 63 ? "A\n" : "A");
	buf_printf(pem, "\n-----END %s-----\n", label);
}

static void
test_strange_blocks(void)
{
	static const struct {
		const char *label;
		size_t len;
		const char *word;
	} cases[] = {
		{ "PUBLIC KEY", 0, "not an ECDSA P-256 key" },
		{ "PUBLIC KEY", 120, "not an ECDSA P-256 key" },
		{ "PUBLIC KEY", 6000, "not an ECDSA P-256 key" },
		{ "EC PRIVATE KEY", 0, "not an ECDSA P-256 key" },
		{ "EC PRIVATE KEY", 6000, "not an ECDSA P-256 key" },
		{ "PRIVATE KEY", 120, "not an ECDSA P-256 key" },
		{ "EC PARAMETERS", 12, "not a key in PEM form" },
		{ "X", 12, "'X'" },
		{ "\x1b]0;title\x07", 12, "line 1: a damaged BEGIN line" },
		{ "A LABEL THAT IS AS LONG AS NO LABEL OF A KEY EVER WAS, "
		    "AND LONGER", 12, "line 1: a damaged BEGIN line" },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf pem = BUF_EMPTY;
		struct sign_public pub;
		struct err err;

		err_clear(&err);
		put_zeros(&pem, cases[i].label, cases[i].len);
		ok(sign_public_parse(&pub, pem.data, pem.len, &err) == -1 &&
		    strstr(err.text, cases[i].word) != NULL,
		    "block %zu is refused: %s", i, cases[i].word);
		buf_release(&pem);
	}
}

static void
test_points_off_the_curve(void)
{
	struct sign_public pub, again;
	struct sign_key key;
	struct buf pem = BUF_EMPTY;
	struct err err;
	size_t i, accepted = 0;

	key_from_secret(&key, RFC_X);
	for (i = 0; i < SIGN_POINT_LEN; i++) {
		pub = public_of(&key);
		pub.point[i] ^= 2;
		buf_cut(&pem, 0);
		sign_public_format(&pub, &pem);
		accepted += sign_public_parse(&again, pem.data, pem.len,
		    &err) == 0;
	}
	is_u64(accepted, 0, "no public key that is not on the curve");
	memset(&pub, 0, sizeof pub);
	pub.point[0] = 4;
	buf_cut(&pem, 0);
	sign_public_format(&pub, &pem);
	ok(sign_public_parse(&again, pem.data, pem.len, &err) == -1 &&
	    strstr(err.text, "point") != NULL, "nor 0, 0");
	buf_release(&pem);
}

int
main(void)
{
	test_rfc6979_vector();
	test_any_change_is_refused();
	test_numbers_out_of_range();
	test_other_encodings_are_refused();
	test_new_keys();
	test_impossible_secrets();
	test_strange_blocks();
	test_points_off_the_curve();
	test_file_limit();
	test_openssl();
	return done();
}
