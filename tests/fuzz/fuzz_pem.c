/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PEM files of strangers: every block comes, in order, and reading ends.  A
 * private key that is one at all belongs to itself.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "codec/pem.h"
#include "codec/x509_signed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pem_block block = PEM_BLOCK_EMPTY;
	struct pem_reader reader;
	unsigned line = 0;
	struct err err;
	int got;

	pem_init(&reader, (const char *)data, len);
	while ((got = pem_next(&reader, &block, &err)) != 0) {
		if (got == -1)
			continue;
		if (block.line <= line || block.len > len ||
		    strlen(block.label) >= PEM_LABEL_MAX)
			abort();
		line = block.line;
		if (pem_is_private(&block) &&
		    x509_pair_check(&block, NULL) == X509_NO_PAIR)
			abort();
	}
	pem_release(&block);
	return 0;
}
