/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file of certificates and keys, PEM or one certificate in DER: every block
 * read and judged by its form, each certificate against the one behind it,
 * private keys against themselves.  Whether they are of use (validity, who
 * may read them, what belongs together) is for those who know what the file
 * is for.
 *
 *	struct cert_file file = CERT_FILE_EMPTY;
 *
 *	cert_file_load(&file, c, "tls/a.crt", j, &err);
 *	...
 *	cert_file_release(&file);
 *
 * Nothing of a private key is ever shown, and its bytes are wiped.
 */
#ifndef CHECK_CERT_FILE_H
#define CHECK_CERT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "check/judgement.h"
#include "codec/pem.h"
#include "codec/x509.h"

struct content;
struct entry;
struct err;

#define CERT_FILE_MAX 4194304
/* More than this is a bundle of authorities, not a server's chain. */
#define CERT_FILE_CHAIN_MAX 10

struct cert_file {
	unsigned certs;
	unsigned keys;		/* private ones */
	unsigned others;	/* read by their form only */
	unsigned expired;	/* of certs */
	int64_t ends;		/* the first end of any */
	/* The first certificate, when certs > 0; it points into der. */
	struct x509 leaf;
	struct buf der;
	/* The last one, likewise. */
	struct x509 last;
	struct buf last_der;
	/* The first private key, when keys > 0. */
	struct pem_block key;
};

#define CERT_FILE_EMPTY { .der = BUF_EMPTY, .last_der = BUF_EMPTY, \
	.key = PEM_BLOCK_EMPTY }

/*
 * What is wrong with it are findings of j at path.  -1 only for
 * ERR_INTERRUPTED; *file is to be released in any case.
 */
int cert_file_load(struct cert_file *file, const struct content *c,
    const char *path, struct judgement *j, struct err *err);
void cert_file_release(struct cert_file *file);

struct cert_pair {
	const struct cert_file *cert;
	const struct cert_file *key;
	const char *cert_path;	/* for the finding */
	const char *key_path;	/* where the finding is */
	enum verdict verdict;	/* of two that do not belong together */
};

/*
 * Whether the key belongs to the first certificate.  A finding when it does
 * not; false as well when one is missing or cannot be compared.
 */
bool cert_file_pair(const struct cert_pair *pair, struct judgement *j);

/* A finding when all users may read the private key in entry. */
void cert_file_privacy(const struct cert_file *file,
    const struct entry *entry, struct judgement *j);

#endif
