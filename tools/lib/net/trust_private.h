/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of net/trust say to each other. */
#ifndef NET_TRUST_PRIVATE_H
#define NET_TRUST_PRIVATE_H

#include "codec/x509.h"
#include "codec/x509_host.h"
#include "net/trust.h"

struct trust_store {
	struct x509 *anchors;	/* they point into der */
	uint8_t **der;		/* owned, one each */
	size_t count;
	size_t cap;
};

/* The server's own certificate, those between, the anchor. */
#define TRUST_PATH_MAX (TRUST_DEPTH_MAX + 2)

struct trust_link {
	const struct x509 *cert;
	int which;		/* as trust_answer.which */
	bool is_unverified;	/* its signature could not be computed */
};

/* From the server's certificate up, each signed by the next. */
struct trust_path {
	struct trust_link links[TRUST_PATH_MAX];
	size_t len;
	const struct x509_host *host;	/* NULL: not asked */
	int64_t at;
	unsigned long name_work;	/* comparisons of names that are left */
};

struct trust_finding {
	enum trust_verdict verdict;
	const struct x509 *cert;	/* NULL: of none of them */
	int which;
	const char *why;		/* a constant */
};

/* The worst that any rule finds in a path to an anchor. */
void trust_rules(struct trust_path *path, struct trust_finding *worst);

/*
 * Both certificates say which key it is about, and say different ones.
 */
bool trust_is_other_key(const struct x509 *cert, const struct x509 *issuer);

/* The sentence for a finding, at most TRUST_TEXT_MAX with its NUL. */
void trust_text(const struct trust_finding *found, char text[TRUST_TEXT_MAX]);

/*
 * Whether the names of cert are within what an issuer's name constraints
 * allow: TRUST_OK, TRUST_NAME_FORBIDDEN, TRUST_BAD_PROFILE (constraints that
 * are none), TRUST_UNSUPPORTED (names of a kind that is not compared here)
 * or TRUST_LIMIT.  *work is what comparisons are left, and is used up.
 */
enum trust_verdict trust_names(const struct x509 *issuer,
    const struct x509 *cert, unsigned long *work);

#endif
