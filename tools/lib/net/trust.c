/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths from a server's certificate to an anchor: found by names and
 * signatures, deepest first, then judged as a whole by every rule; see
 * trust.h.  A path that holds ends the search, and of those that do not the
 * least bad one is told.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "codec/x509_host.h"
#include "codec/x509_signed.h"
#include "net/trust_private.h"

#define DAY 86400

struct judge {
	const struct trust_store *store;
	const struct trust_question *question;
	struct x509 *sent;		/* owned; count of them */
	bool *is_read;			/* owned: sent[i] is a certificate */
	struct trust_path path;		/* as far as it leads by now */
	unsigned signatures;		/* that may still be computed */
	/* The best so far, and whether it is of a path to an anchor. */
	struct trust_finding best;
	bool is_best_whole;
	size_t best_len;
	int64_t best_ends;
};

/* ------------------------------------------------------------ finding paths */

static int64_t
path_end(const struct judge *j)
{
	int64_t end = j->path.links[0].cert->not_after;
	size_t i;

	for (i = 1; i < j->path.len; i++)
		if (j->path.links[i].cert->not_after < end)
			end = j->path.links[i].cert->not_after;
	return end;
}

static void
keep_best(struct judge *j, const struct trust_finding *found, bool is_whole)
{
	if (j->is_best_whole && !is_whole)
		return;
	if (j->best_len != 0 && j->is_best_whole == is_whole &&
	    found->verdict >= j->best.verdict)
		return;
	j->best = *found;
	j->is_best_whole = is_whole;
	j->best_len = j->path.len;
	j->best_ends = is_whole ? path_end(j) :
	    j->path.links[0].cert->not_after;
}

/* The path leads to an anchor. */
static void
judge_path(struct judge *j)
{
	struct trust_finding worst;

	trust_rules(&j->path, &worst);
	keep_best(j, &worst, true);
}

static bool
is_settled(const struct judge *j)
{
	return j->is_best_whole && j->best.verdict == TRUST_OK;
}

static bool
is_on_path(const struct judge *j, const struct x509 *cert)
{
	size_t i;

	for (i = 0; i < j->path.len; i++)
		if (der_equal(&j->path.links[i].cert->whole, &cert->whole))
			return true;
	return false;
}

/* What came of the candidates for the issuer of the path's last link. */
struct search {
	bool is_found;		/* one whose key fits */
	bool is_denied;		/* one of the name says no */
	bool has_namesake;	/* and says that it has another key */
};

static void extend(struct judge *j);

/* One step up, and whatever is above it; the path is as before then. */
static void
go_up(struct judge *j, const struct x509 *issuer, int which)
{
	struct trust_link *next = &j->path.links[j->path.len++];

	next->cert = issuer;
	next->which = which;
	next->is_unverified = false;
	if (which == TRUST_WHICH_ANCHOR)
		judge_path(j);
	else
		extend(j);
	j->path.len--;
}

static void
try_issuer(struct judge *j, const struct x509 *issuer, int which,
    struct search *search)
{
	struct trust_link *last = &j->path.links[j->path.len - 1];
	const struct trust_finding full = { TRUST_LIMIT, last->cert,
	    last->which, "too many signatures would have to be checked" };
	enum x509_signed is_signed;

	if (is_settled(j) || is_on_path(j, issuer) ||
	    !der_equal(&last->cert->issuer, &issuer->subject))
		return;
	if (j->signatures == 0) {
		keep_best(j, &full, false);
		search->is_found = true;
		return;
	}
	j->signatures--;
	is_signed = x509_signed_by(last->cert, &issuer->key);
	if (is_signed != X509_NOT_SIGNED) {
		search->is_found = true;
		last->is_unverified = is_signed == X509_SIGNED_UNKNOWN;
		go_up(j, issuer, which);
	} else if (trust_is_other_key(last->cert, issuer)) {
		search->has_namesake = true;
	} else {
		search->is_denied = true;
	}
}

/* Nobody on this path's end is trusted: why, in the words that help most. */
static void
judge_dead_end(struct judge *j, const struct search *search)
{
	const struct trust_link *last = &j->path.links[j->path.len - 1];
	struct trust_finding found = { TRUST_UNKNOWN_ISSUER, last->cert,
	    last->which, "its issuer is not among the trusted ones" };

	if (x509_is_self_issued(last->cert) &&
	    x509_signed_by(last->cert, &last->cert->key) != X509_NOT_SIGNED) {
		found.why = "it signed itself and is not a trusted one";
		if (j->path.len == 1)
			found.verdict = TRUST_SELF_SIGNED;
	} else if (search->is_denied) {
		found.verdict = TRUST_BAD_SIGNATURE;
		found.why = "its issuer is known by name, but the signature "
		    "is not of its key";
	} else if (search->has_namesake) {
		found.why = "its issuer is known by name, but with another "
		    "key: the authority was made anew";
	} else if (j->path.len == 1 && last->cert->has_ca_issuers) {
		found.verdict = TRUST_INCOMPLETE;
		found.why = "the certificate of its issuer was not sent";
	}
	keep_best(j, &found, false);
}

static void
extend(struct judge *j)
{
	struct search search = { false, false, false };
	const struct x509 *last = j->path.links[j->path.len - 1].cert;
	struct trust_finding too_deep = { TRUST_LIMIT, last,
	    j->path.links[j->path.len - 1].which, "the path is too long" };
	size_t i;

	for (i = 0; i < j->store->count; i++)
		try_issuer(j, &j->store->anchors[i], TRUST_WHICH_ANCHOR,
		    &search);
	if (j->path.len == TRUST_PATH_MAX - 1) {
		keep_best(j, &too_deep, false);
		return;
	}
	for (i = 1; i < j->question->count; i++)
		if (j->is_read[i])
			try_issuer(j, &j->sent[i], (int)i, &search);
	if (!search.is_found && !is_settled(j))
		judge_dead_end(j, &search);
}

/* ----------------------------------------------------------------- answers */

static void
give(struct trust_answer *answer, const struct trust_finding *found)
{
	answer->verdict = found->verdict;
	answer->which = found->which;
	trust_text(found, answer->text);
}

static void
give_up(struct trust_answer *answer, enum trust_verdict verdict, int which,
    const char *why)
{
	struct trust_finding found = { verdict, NULL, which, why };

	give(answer, &found);
}

static bool
is_anchor(const struct judge *j, const struct x509 *cert)
{
	size_t i;

	for (i = 0; i < j->store->count; i++)
		if (der_equal(&j->store->anchors[i].whole, &cert->whole))
			return true;
	return false;
}

static void
search_paths(struct judge *j)
{
	j->path.len = 1;
	j->path.links[0].cert = &j->sent[0];
	if (is_anchor(j, &j->sent[0])) {
		j->path.links[0].which = TRUST_WHICH_ANCHOR;
		judge_path(j);
	}
	j->path.links[0].which = 0;
	if (!is_settled(j))
		extend(j);
}

/* The first certificate beside the server's own that could not be read. */
static int
first_unread(const struct judge *j)
{
	size_t i;

	for (i = 1; i < j->question->count; i++)
		if (!j->is_read[i])
			return (int)i;
	return TRUST_WHICH_NONE;
}

static void
answer_from(const struct judge *j, struct trust_answer *answer)
{
	const struct x509 *own = &j->sent[0];
	int unread = first_unread(j);

	answer->has_validity = true;
	answer->starts = own->not_before;
	answer->ends = j->best_ends;
	answer->is_name_good = answer->is_name_checked &&
	    x509_covers(own, j->path.host);
	if (j->is_best_whole)
		answer->depth = j->best_len;
	if (!j->is_best_whole && unread != TRUST_WHICH_NONE)
		give_up(answer, TRUST_MALFORMED, unread,
		    "one of the certificates is none, and without it no "
		    "path leads to a trusted one");
	else
		give(answer, &j->best);
}

static void
judge_sent(struct judge *j, struct trust_answer *answer)
{
	struct err err;
	size_t i;

	for (i = 0; i < j->question->count; i++)
		j->is_read[i] = x509_parse(&j->sent[i],
		    j->question->sent[i].data, j->question->sent[i].len,
		    &err) == 0;
	if (!j->is_read[0]) {
		(void)x509_parse(&j->sent[0], j->question->sent[0].data,
		    j->question->sent[0].len, &err);
		give_up(answer, TRUST_MALFORMED, 0, err.text);
		return;
	}
	search_paths(j);
	answer_from(j, answer);
}

void
trust_judge(const struct trust_store *store,
    const struct trust_question *question, struct trust_answer *answer)
{
	struct judge j = { .store = store, .question = question,
	    .signatures = TRUST_SIGNATURES_MAX, .path = { .at = question->at,
	    .name_work = TRUST_NAME_WORK_MAX } };
	struct x509_host host = { .is_ip = false };

	memset(answer, 0, sizeof *answer);
	answer->which = TRUST_WHICH_NONE;
	answer->is_name_checked = question->host != NULL;
	if (question->count == 0) {
		give_up(answer, TRUST_NO_CERTIFICATE, TRUST_WHICH_NONE,
		    "no certificate was sent");
		return;
	}
	if (question->count > TRUST_SENT_MAX) {
		give_up(answer, TRUST_LIMIT, TRUST_WHICH_NONE,
		    "too many certificates were sent");
		return;
	}
	/* What is no host is covered by no certificate. */
	if (question->host != NULL) {
		(void)x509_host_parse(&host, question->host);
		j.path.host = &host;
	}
	j.sent = mem_zero(question->count, sizeof *j.sent);
	j.is_read = mem_zero(question->count, sizeof *j.is_read);
	judge_sent(&j, answer);
	free(j.sent);
	free(j.is_read);
}

int64_t
trust_days_left(const struct trust_answer *answer, int64_t at)
{
	int64_t left = answer->ends - at;

	return left >= 0 ? left / DAY : -1 - (-left - 1) / DAY;
}
