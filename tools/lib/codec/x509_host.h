/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does a certificate speak for a host?  RFC 6125 as browsers read it: only
 * subject alternative names count, never the common name; an IP address
 * matches an IP name and nothing else; "*" stands for exactly one label, the
 * first, alone, with at least two labels behind it.
 */
#ifndef CODEC_X509_HOST_H
#define CODEC_X509_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/der.h"

struct x509;

#define X509_HOST_MAX 254	/* with NUL */

struct x509_host {
	bool is_ip;
	uint8_t ip[16];
	size_t ip_len;			/* 4 or 16 */
	char dns[X509_HOST_MAX];	/* lower case, no dot at the end */
};

/*
 * A DNS name (ASCII, "xn--" forms included) or an address, IPv6 without
 * brackets.  False when it is neither.
 */
bool x509_host_parse(struct x509_host *host, const char *text);

bool x509_covers(const struct x509 *cert, const struct x509_host *host);

/* Letters, digits, hyphens, underscores in labels of 1 to 63; "*" may be the
 * first when may_wild. */
bool x509_is_dns(const struct der *name, bool may_wild);

#endif
