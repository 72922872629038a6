/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of net/trust say to each other. */
#ifndef NET_TRUST_PRIVATE_H
#define NET_TRUST_PRIVATE_H

#include "codec/x509.h"
#include "net/trust.h"

struct trust_store {
	struct x509 *anchors;	/* they point into der */
	uint8_t **der;		/* owned, one each */
	size_t count;
	size_t cap;
};

/*
 * Whether the names of cert are within what an issuer's name constraints
 * allow: TRUST_OK, TRUST_NAME_FORBIDDEN, TRUST_BAD_PROFILE (constraints that
 * are none), TRUST_UNSUPPORTED (names of a kind that is not compared here)
 * or TRUST_LIMIT.  *work is what comparisons are left, and is used up.
 */
enum trust_verdict trust_names(const struct x509 *issuer,
    const struct x509 *cert, unsigned long *work);

#endif
