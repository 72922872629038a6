/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * May a server's certificates be trusted?  They are judged against trust
 * anchors, for a host, at a moment: RFC 5280 as browsers apply it.
 *
 *	struct trust_store *store = trust_store_new();
 *	struct trust_question question = { ... };
 *	struct trust_answer answer;
 *
 *	trust_store_read_system(store, &path, &err);
 *	trust_judge(store, &question, &answer);
 *	if (answer.verdict != TRUST_OK)
 *		... trust_name(answer.verdict), answer.text ...
 *	trust_store_free(store);
 *
 * Stricter than BearSSL's engine: IP names, no common name, serverAuth, RSA
 * from 2048 bits, anchors that expire, name constraints, path lengths, key
 * usage, duplicate and unknown critical extensions, SHA-1 refused.  The first
 * certificate is the server's, the others may come in any order, with
 * strangers between them.
 *
 * Not done: revocation (CRL, OCSP), certificate transparency, the list of
 * public suffixes, policies.  What cannot be computed here (Ed25519,
 * RSA-PSS, other curves) is TRUST_UNSUPPORTED: not known, which is neither
 * good nor bad.
 *
 * A store is read-only once it is filled; any number of threads may judge
 * by it.
 */
#ifndef NET_TRUST_H
#define NET_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/der.h"

struct err;
struct x509;

#define TRUST_SENT_MAX 100	/* certificates that a server may send */
#define TRUST_DEPTH_MAX 10	/* of them between its own and the anchor */
#define TRUST_ANCHORS_MAX 1000
#define TRUST_FILE_MAX 4194304	/* bytes of a PEM file of anchors */
/* What one question may cost: signatures, names against constraints. */
#define TRUST_SIGNATURES_MAX 64
#define TRUST_NAME_WORK_MAX 100000

/* In the order in which one displaces another: the last is the worst. */
enum trust_verdict {
	TRUST_OK,
	TRUST_UNSUPPORTED,	/* cannot be verified here: not known */
	TRUST_WRONG_NAME,	/* good, but for another host */
	TRUST_NOT_YET_VALID,
	TRUST_EXPIRED,
	TRUST_INCOMPLETE,	/* the server does not send the issuer */
	TRUST_UNKNOWN_ISSUER,	/* whole, but up to a stranger */
	TRUST_SELF_SIGNED,	/* by itself, and not an anchor */
	TRUST_WRONG_USAGE,	/* not for servers, or not for signing */
	TRUST_NOT_CA,		/* an issuer that may not issue */
	TRUST_PATH_TOO_LONG,	/* than an issuer allows */
	TRUST_NAME_FORBIDDEN,	/* by an issuer's name constraints */
	TRUST_WEAK_KEY,		/* RSA below 2048 bits, P-192, DSA ... */
	TRUST_WEAK_SIGNATURE,	/* MD5, SHA-1 */
	TRUST_CRITICAL_EXTENSION,	/* one that nobody here understands */
	TRUST_BAD_PROFILE,	/* against a rule of RFC 5280 */
	TRUST_BAD_SIGNATURE,
	TRUST_MALFORMED,	/* not a certificate */
	TRUST_LIMIT,		/* more than a limit above */
	TRUST_NO_CERTIFICATE	/* none was sent */
};
#define TRUST_VERDICTS (TRUST_NO_CERTIFICATE + 1)

/* ------------------------------------------------------------------ anchors */

struct trust_store;

/* Empty; never NULL. */
struct trust_store *trust_store_new(void);
void trust_store_free(struct trust_store *store);
size_t trust_store_count(const struct trust_store *store);

/*
 * Every certificate of a PEM text.  ERR_DAMAGED: none in it, or one that
 * cannot be read (then with its line); ERR_LIMIT.  Those before it stay.
 */
int trust_store_add(struct trust_store *store, const char *pem, size_t len,
    struct err *err);
/* The same from a file, by a path that a person typed. */
int trust_store_read(struct trust_store *store, const char *path,
    struct err *err);
/*
 * The bundle of this system, from the first of the usual places that has
 * one, or from $SSL_CERT_FILE; *path (static or of the environment) says
 * which.  Certificates in it that cannot be read are passed over.
 * ERR_NOT_FOUND: there is none, as in a scratch image.
 */
int trust_store_read_system(struct trust_store *store, const char **path,
    struct err *err);

/* ------------------------------------------------------------------ verdict */

struct trust_question {
	const struct der *sent;	/* DER of each, the server's own first */
	size_t count;
	const char *host;	/* name or address; NULL: not asked */
	int64_t at;		/* seconds since 1970 */
};

/* Values of trust_answer.which that are no index. */
#define TRUST_WHICH_NONE (-1)
#define TRUST_WHICH_ANCHOR (-2)

#define TRUST_TEXT_MAX 512

struct trust_answer {
	enum trust_verdict verdict;	/* the worst of the best path */
	int which;		/* index in sent, or TRUST_WHICH_... */
	bool is_name_checked;	/* a host was asked for */
	bool is_name_good;
	/*
	 * The server's own certificate: has_validity when it could be read.
	 * ends is the first end on the path that was found, anchor included,
	 * or that of the server's own certificate without one.
	 */
	bool has_validity;
	int64_t starts, ends;
	size_t depth;		/* certificates on the path; 0: no path */
	char text[TRUST_TEXT_MAX];	/* a sentence, escaped; "" for OK */
};

/* Always gives an answer; its effort is bounded whatever was sent. */
void trust_judge(const struct trust_store *store,
    const struct trust_question *question, struct trust_answer *answer);

/* Whole days from at to ends, negative afterwards: -1 in the first day. */
int64_t trust_days_left(const struct trust_answer *answer, int64_t at);

/* "wrong-name": stable, for reports.  "ok" for TRUST_OK. */
const char *trust_name(enum trust_verdict verdict);

#endif
