/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Certificates of strangers: whatever is read lies within the input, every
 * name can be shown, and what the flaws and bits say is consistent.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "codec/x509.h"
#include "codec/x509_host.h"
#include "codec/x509_signed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_within(const struct der *part, const uint8_t *data, size_t len)
{
	if (part->len > 0 && (part->data < data ||
	    part->len > len - (size_t)(part->data - data)))
		abort();
}

static void
check_names(const struct x509 *cert, const uint8_t *data, size_t len)
{
	struct buf text = BUF_EMPTY;
	struct x509_host host;
	struct x509_alt alt;
	struct der rest = cert->san;

	x509_name_text(&text, &cert->subject);
	x509_name_text(&text, &cert->issuer);
	(void)x509_common_name(&text, &cert->subject);
	while (rest.len > 0) {
		/* What was accepted can be read to its end. */
		if (!x509_alt_next(&rest, &alt))
			abort();
		check_within(&alt.value, data, len);
		x509_alt_text(&text, &alt);
	}
	if (memchr(buf_text(&text), '\033', text.len) != NULL)
		abort();
	buf_release(&text);
	if (x509_host_parse(&host, "a.example.org"))
		(void)x509_covers(cert, &host);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char key[X509_KEY_TEXT_MAX];
	struct x509 cert;
	struct err err;

	if (x509_parse(&cert, data, len, &err) == -1)
		return 0;
	check_within(&cert.tbs, data, len);
	check_within(&cert.serial, data, len);
	check_within(&cert.signature, data, len);
	check_within(&cert.key.modulus, data, len);
	check_within(&cert.key.exponent, data, len);
	check_within(&cert.key.point, data, len);
	check_within(&cert.permitted, data, len);
	check_within(&cert.excluded, data, len);
	check_within(&cert.ski, data, len);
	check_within(&cert.aki, data, len);
	if (cert.whole.len != len || (cert.critical & ~cert.has) != 0)
		abort();
	(void)x509_key_text(&cert.key, key);
	check_names(&cert, data, len);
	(void)x509_signed_by(&cert, &cert.key);
	return 0;
}
