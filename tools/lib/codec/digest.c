/* SPDX-License-Identifier: BSD-2-Clause */
/* Digests by name or length; see digest.h. */
#include "codec/digest.h"

#include <string.h>
#include <strings.h>

#include "codec/sha256.h"

/* By enum digest_kind. */
static const struct algorithm {
	const char *name;
	const char *names[3];	/* in lists */
	size_t len;
	const br_hash_class *class;	/* NULL: codec/sha256's */
} algorithms[DIGEST_KINDS] = {
	{ "MD5", { "MD5" }, 16, &br_md5_vtable },
	{ "SHA-1", { "SHA1", "SHA-1" }, 20, &br_sha1_vtable },
	{ "SHA-224", { "SHA224", "SHA2-224", "SHA-224" }, 28,
	    &br_sha224_vtable },
	{ "SHA-256", { "SHA256", "SHA2-256", "SHA-256" }, SHA256_LEN, NULL },
	{ "SHA-384", { "SHA384", "SHA2-384", "SHA-384" }, 48,
	    &br_sha384_vtable },
	{ "SHA-512", { "SHA512", "SHA2-512", "SHA-512" }, 64,
	    &br_sha512_vtable },
};

size_t
digest_len(enum digest_kind kind)
{
	return algorithms[kind].len;
}

const char *
digest_name(enum digest_kind kind)
{
	return algorithms[kind].name;
}

bool
digest_by_name(const char *name, size_t len, enum digest_kind *kind)
{
	size_t i, k;

	for (i = 0; i < DIGEST_KINDS; i++)
		for (k = 0; k < 3; k++) {
			const char *known = algorithms[i].names[k];

			if (known != NULL && strlen(known) == len &&
			    strncasecmp(known, name, len) == 0) {
				*kind = (enum digest_kind)i;
				return true;
			}
		}
	return false;
}

bool
digest_by_len(size_t len, enum digest_kind *kind)
{
	size_t i;

	for (i = 0; i < DIGEST_KINDS; i++)
		if (algorithms[i].len == len) {
			*kind = (enum digest_kind)i;
			return true;
		}
	return false;
}

void
digest_init(struct digest *d, enum digest_kind kind)
{
	const br_hash_class *class = algorithms[kind].class;

	if (class == NULL)
		class = sha256_class();
	class->init(&d->br.vtable);
}

void
digest_update(struct digest *d, const void *data, size_t len)
{
	d->br.vtable->update(&d->br.vtable, data, len);
}

void
digest_out(const struct digest *d, uint8_t out[DIGEST_MAX])
{
	d->br.vtable->out(&d->br.vtable, out);
}

void
digest_save(const struct digest *d, uint8_t state[DIGEST_STATE_LEN])
{
	(void)d->br.vtable->state(&d->br.vtable, state);
}

void
digest_resume(struct digest *d, const uint8_t state[DIGEST_STATE_LEN],
    uint64_t bytes)
{
	d->br.vtable->set_state(&d->br.vtable, state, bytes);
}
