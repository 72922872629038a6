/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys and signatures of strangers.  A first byte of 'S' makes the rest a
 * signature, anything else a key file.  A key that is accepted comes back
 * from its own PEM form; a private one signs what its public half checks.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "manifest/sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint8_t digest[32] = "the digest of a file, 32 bytes.";

static void
check_public(const struct sign_public *pub)
{
	struct sign_public again;
	struct buf pem = BUF_EMPTY;
	struct err err;

	sign_public_format(pub, &pem);
	if (sign_public_parse(&again, pem.data, pem.len, &err) == -1 ||
	    memcmp(&again, pub, sizeof again) != 0)
		abort();
	buf_release(&pem);
}

static void
check_private(const struct sign_key *key, const struct sign_public *pub)
{
	uint8_t sig[SIGN_MAX];
	struct sign_key again;
	struct buf pem = BUF_EMPTY;
	struct err err;
	size_t len;

	sign_key_format(key, &pem);
	if (sign_key_parse(&again, pem.data, pem.len, &err) == -1 ||
	    memcmp(&again, key, sizeof again) != 0)
		abort();
	if (sign_make(key, digest, sig, &len, &err) == -1 || len > SIGN_MAX ||
	    sign_check(pub, digest, sig, len, &err) == -1)
		abort();
	buf_release(&pem);
}

static void
try_signature(const uint8_t *data, size_t len)
{
	struct sign_public pub;
	struct sign_key key;
	struct err err;

	if (sign_key_new(&key, digest, sizeof digest, &err) == -1)
		abort();
	memcpy(pub.point, key.point, sizeof pub.point);
	if (sign_check(&pub, digest, data, len, &err) == -1 &&
	    err.class != ERR_SIGNATURE)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	struct sign_public pub;
	struct sign_key key;
	struct err err;

	if (len > 0 && data[0] == 'S') {
		try_signature(data + 1, len - 1);
		return 0;
	}
	if (sign_public_parse(&pub, text, len, &err) == 0)
		check_public(&pub);
	if (sign_key_parse(&key, text, len, &err) == 0)
		check_private(&key, &pub);
	return 0;
}
