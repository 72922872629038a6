/* SPDX-License-Identifier: BSD-2-Clause */
/* Verdicts in words; see trust.h. */
#include <string.h>

#include "base/buf.h"
#include "base/utc.h"
#include "net/trust_private.h"

/* Names are cut, so that the rest of the sentence is there. */
#define NAMES_MAX 160

static void
cut(struct buf *text, size_t max)
{
	if (text->len <= max)
		return;
	while (max > 0 && (text->data[max] & 0xc0) == 0x80)
		max--;
	buf_cut(text, max);
	buf_puts(text, "...");
}

static void
put_subject(struct buf *out, const struct x509 *cert)
{
	struct buf name = BUF_EMPTY;

	x509_name_text(&name, &cert->subject);
	cut(&name, NAMES_MAX);
	buf_puts(out, buf_text(&name));
	buf_release(&name);
}

static void
put_names(struct buf *out, const struct x509 *cert)
{
	struct der rest = cert->san;
	struct buf names = BUF_EMPTY;
	struct x509_alt alt;

	while (names.len <= NAMES_MAX && rest.len > 0 &&
	    x509_alt_next(&rest, &alt)) {
		if (names.len > 0)
			buf_puts(&names, ", ");
		x509_alt_text(&names, &alt);
	}
	cut(&names, NAMES_MAX);
	buf_puts(out, names.len > 0 ? buf_text(&names) :
	    "no host at all (a common name does not count)");
	buf_release(&names);
}

static void
put_finding(struct buf *out, const struct trust_finding *found)
{
	char moment[UTC_TEXT_MAX];

	if (found->cert != NULL) {
		buf_puts(out, found->which == TRUST_WHICH_ANCHOR ?
		    "trusted certificate " : "certificate ");
		put_subject(out, found->cert);
		buf_puts(out, ": ");
	}
	buf_puts(out, found->why);
	if (found->verdict == TRUST_EXPIRED)
		buf_printf(out, " %s",
		    utc_rfc3339(found->cert->not_after, moment));
	if (found->verdict == TRUST_NOT_YET_VALID)
		buf_printf(out, " %s",
		    utc_rfc3339(found->cert->not_before, moment));
	if (found->verdict == TRUST_WRONG_NAME) {
		buf_byte(out, ' ');
		put_names(out, found->cert);
	}
}

void
trust_text(const struct trust_finding *found, char text[TRUST_TEXT_MAX])
{
	struct buf line = BUF_EMPTY;

	if (found->verdict != TRUST_OK)
		put_finding(&line, found);
	cut(&line, TRUST_TEXT_MAX - 4);
	memcpy(text, buf_text(&line), line.len + 1);
	buf_release(&line);
}

const char *
trust_name(enum trust_verdict verdict)
{
	static const char *const names[TRUST_VERDICTS] = {
		[TRUST_OK] = "ok",
		[TRUST_UNSUPPORTED] = "unsupported",
		[TRUST_WRONG_NAME] = "wrong-name",
		[TRUST_NOT_YET_VALID] = "not-yet-valid",
		[TRUST_EXPIRED] = "expired",
		[TRUST_INCOMPLETE] = "incomplete-chain",
		[TRUST_UNKNOWN_ISSUER] = "unknown-issuer",
		[TRUST_SELF_SIGNED] = "self-signed",
		[TRUST_WRONG_USAGE] = "wrong-usage",
		[TRUST_NOT_CA] = "not-a-ca",
		[TRUST_PATH_TOO_LONG] = "path-too-long",
		[TRUST_NAME_FORBIDDEN] = "name-forbidden",
		[TRUST_WEAK_KEY] = "weak-key",
		[TRUST_WEAK_SIGNATURE] = "weak-signature",
		[TRUST_CRITICAL_EXTENSION] = "critical-extension",
		[TRUST_BAD_PROFILE] = "bad-profile",
		[TRUST_BAD_SIGNATURE] = "bad-signature",
		[TRUST_MALFORMED] = "malformed",
		[TRUST_LIMIT] = "limit",
		[TRUST_NO_CERTIFICATE] = "no-certificate",
	};

	return names[verdict];
}
