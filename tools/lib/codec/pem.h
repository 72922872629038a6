/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PEM (RFC 7468): every block of a text, one after the other.
 *
 *	struct pem_reader reader;
 *	struct pem_block block = PEM_BLOCK_EMPTY;
 *
 *	pem_init(&reader, text, len);
 *	while ((got = pem_next(&reader, &block, &err)) == 1)
 *		... block.label, block.der ...
 *	pem_release(&block);
 *
 * Text around blocks, CR LF, blanks at the ends of lines and the headers of
 * RFC 1421 are fine; a block without its END, another label there, and any
 * character that base64 has not are errors with their line.  Reads no file;
 * what it decodes is wiped, because it may be a private key.
 */
#ifndef CODEC_PEM_H
#define CODEC_PEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define PEM_LABEL_MAX 64
/* Bytes that one block may decode to. */
#define PEM_DER_MAX 262144

#define PEM_CERTIFICATE "CERTIFICATE"

struct pem_reader {
	const char *text;	/* private, as all here */
	size_t len;
	unsigned line;
};

struct pem_block {
	char label[PEM_LABEL_MAX];	/* printable ASCII */
	uint8_t *der;		/* owned */
	size_t len;
	size_t cap;		/* private */
	unsigned line;		/* of its BEGIN, from 1 */
	bool is_encrypted;	/* by label or by Proc-Type header */
};

#define PEM_BLOCK_EMPTY { "", NULL, 0, 0, 0, false }

void pem_init(struct pem_reader *reader, const char *text, size_t len);

/*
 * 1: *block is the next block, whose memory is used again by the next call;
 * 0: there is none left; -1: it is damaged (ERR_DAMAGED) or over PEM_DER_MAX
 * (ERR_LIMIT), and the next call goes on behind it.
 */
int pem_next(struct pem_reader *reader, struct pem_block *block,
    struct err *err);

/* Wipe and free; the block is empty afterwards. */
void pem_release(struct pem_block *block);

/* "PRIVATE KEY" and every label that ends so: RSA, EC, ENCRYPTED, OPENSSH. */
bool pem_is_private(const struct pem_block *block);

#endif
