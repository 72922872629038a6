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
#include "base/utc.h"
#include "codec/x509_host.h"
#include "codec/x509_signed.h"
#include "net/trust_private.h"

/* What one question may cost, whatever was sent. */
#define SIGNATURES_MAX 64
#define NAME_WORK_MAX 100000

#define RSA_BITS_MIN 2048
#define DAY 86400

/* The server's own certificate, those between, the anchor. */
#define PATH_MAX_LEN (TRUST_DEPTH_MAX + 2)

struct link {
	const struct x509 *cert;
	int which;
	bool is_unverified;	/* its signature could not be computed */
};

struct finding {
	enum trust_verdict verdict;
	const struct x509 *cert;
	int which;
	const char *why;	/* a constant */
};

struct judge {
	const struct trust_store *store;
	const struct trust_question *question;
	struct x509 *sent;		/* owned; count of them */
	bool *is_read;			/* owned: sent[i] is a certificate */
	struct x509_host host;
	struct link path[PATH_MAX_LEN];
	size_t len;
	unsigned signatures;		/* that may still be computed */
	unsigned long name_work;
	/* The best so far, and whether it is of a path to an anchor. */
	struct finding best;
	bool is_best_whole;
	size_t best_len;
	int64_t best_ends;
};

/* ------------------------------------------------------- rules for paths */

static void
worse(struct finding *worst, const struct link *link,
    enum trust_verdict verdict, const char *why)
{
	if (verdict <= worst->verdict)
		return;
	worst->verdict = verdict;
	worst->cert = link->cert;
	worst->which = link->which;
	worst->why = why;
}

static void
judge_flaws(struct finding *worst, const struct link *link)
{
	unsigned flaws = link->cert->flaws, bit;

	if (flaws & X509_FLAW_UNKNOWN_CRITICAL)
		worse(worst, link, TRUST_CRITICAL_EXTENSION,
		    x509_flaw_text(X509_FLAW_UNKNOWN_CRITICAL));
	flaws &= ~X509_FLAW_UNKNOWN_CRITICAL;
	/* Some well-known anchors have the number zero. */
	if (link->which == TRUST_WHICH_ANCHOR &&
	    der_is(&link->cert->serial, "", 1))
		flaws &= ~X509_FLAW_SERIAL;
	for (bit = 0; bit < X509_FLAWS; bit++)
		if (flaws & 1u << bit)
			worse(worst, link, TRUST_BAD_PROFILE,
			    x509_flaw_text(1u << bit));
}

/* Both say which key signed and which key is held, and they differ. */
static bool
is_other_key(const struct x509 *cert, const struct x509 *issuer)
{
	return cert->aki.len > 0 && issuer->ski.len > 0 &&
	    !der_equal(&cert->aki, &issuer->ski);
}

static void
judge_profile(struct finding *worst, const struct link *link)
{
	const struct x509 *cert = link->cert;

	judge_flaws(worst, link);
	if (!cert->is_ca && cert->has_path_len)
		worse(worst, link, TRUST_BAD_PROFILE,
		    "it limits paths and is no authority");
	if (!cert->is_ca && (cert->has & X509_HAS_NAME_CONSTRAINTS))
		worse(worst, link, TRUST_BAD_PROFILE,
		    "it constrains names and is no authority");
	if (cert->subject.len == 0 && (cert->has & X509_HAS_SAN) &&
	    !(cert->critical & X509_HAS_SAN))
		worse(worst, link, TRUST_BAD_PROFILE, "it has no subject, "
		    "and its alternative names are not critical");
	if (link->which == TRUST_WHICH_ANCHOR && x509_is_self_issued(cert) &&
	    is_other_key(cert, cert))
		worse(worst, link, TRUST_BAD_PROFILE,
		    "it signed itself, but names another key");
	if (cert->has & X509_HAS_POLICY_CONSTRAINTS)
		worse(worst, link, TRUST_UNSUPPORTED,
		    "it constrains policies, which are not evaluated here");
}

static void
judge_validity(struct finding *worst, const struct link *link, int64_t at)
{
	if (at < link->cert->not_before)
		worse(worst, link, TRUST_NOT_YET_VALID, "it is valid from");
	if (at > link->cert->not_after)
		worse(worst, link, TRUST_EXPIRED, "it was valid until");
}

static void
judge_rsa(struct finding *worst, const struct link *link)
{
	const struct x509_key *key = &link->cert->key;
	const struct der *e = &key->exponent;

	if (key->bits < RSA_BITS_MIN)
		worse(worst, link, TRUST_WEAK_KEY,
		    "its RSA key is shorter than 2048 bits");
	if (key->bits % 8 != 0)
		worse(worst, link, TRUST_WEAK_KEY,
		    "its RSA key has an odd number of bits");
	if (e->data[e->len - 1] % 2 == 0 || (e->len == 1 && e->data[0] < 3))
		worse(worst, link, TRUST_WEAK_KEY,
		    "its RSA key has an exponent that protects nothing");
}

static void
judge_key(struct finding *worst, const struct link *link)
{
	const struct x509_key *key = &link->cert->key;

	if (key->kind == X509_KEY_RSA)
		judge_rsa(worst, link);
	if (key->kind == X509_KEY_DSA)
		worse(worst, link, TRUST_WEAK_KEY, "its key is a DSA key");
	if (key->kind != X509_KEY_EC)
		return;
	if (key->curve == X509_CURVE_EXPLICIT)
		worse(worst, link, TRUST_BAD_PROFILE,
		    "its key describes a curve instead of naming one");
	if (key->curve == X509_CURVE_P192)
		worse(worst, link, TRUST_WEAK_KEY,
		    "its key is on the curve P-192");
}

/* An anchor is believed for what it is, not for who signed it. */
static void
judge_signature(struct finding *worst, const struct link *link)
{
	enum x509_hash hash = link->cert->sig_alg.hash;

	if (link->which == TRUST_WHICH_ANCHOR)
		return;
	if (hash == X509_HASH_MD5 || hash == X509_HASH_SHA1)
		worse(worst, link, TRUST_WEAK_SIGNATURE,
		    hash == X509_HASH_MD5 ? "it is signed with MD5" :
		    "it is signed with SHA-1");
	else if (link->is_unverified)
		worse(worst, link, TRUST_UNSUPPORTED,
		    "its signature cannot be checked here");
}

static void
judge_purpose(struct finding *worst, const struct link *link)
{
	unsigned eku = link->cert->eku;

	/* Any purpose does for an authority, as browsers have it. */
	if (link->cert->is_ca && (eku & X509_EKU_ANY))
		return;
	if ((link->cert->has & X509_HAS_EKU) && !(eku & X509_EKU_SERVER))
		worse(worst, link, TRUST_WRONG_USAGE,
		    "its purposes do not include servers");
}

static void
judge_server(struct finding *worst, const struct judge *j)
{
	const struct link *link = &j->path[0];
	const struct x509 *cert = link->cert;
	const unsigned any_use = X509_USE_SIGNATURE | X509_USE_ENCIPHER |
	    X509_USE_AGREE;
	bool has_usage = cert->has & X509_HAS_KEY_USAGE;

	if (cert->is_ca && has_usage &&
	    !(cert->key_usage & X509_USE_CERT_SIGN))
		worse(worst, link, TRUST_BAD_PROFILE,
		    "it is an authority that may not sign certificates");
	if (!cert->is_ca && has_usage && !(cert->key_usage & any_use))
		worse(worst, link, TRUST_WRONG_USAGE,
		    "its key usage does not allow TLS");
	if (j->question->host != NULL && !x509_covers(cert, &j->host))
		worse(worst, link, TRUST_WRONG_NAME, "it is for");
}

/* Certificates below link i that count for its path length. */
static size_t
issued_below(const struct judge *j, size_t i)
{
	size_t n, count = 0;

	for (n = 1; n < i; n++)
		count += !x509_is_self_issued(j->path[n].cert);
	return count;
}

static void
judge_names(struct finding *worst, struct judge *j,
    const struct link *issuer, const struct link *below)
{
	enum trust_verdict verdict = trust_names(issuer->cert, below->cert,
	    &j->name_work);

	if (verdict == TRUST_BAD_PROFILE)
		worse(worst, issuer, verdict,
		    "its name constraints are not well-formed");
	else if (verdict == TRUST_LIMIT)
		worse(worst, issuer, verdict,
		    "too many name constraints would have to be compared");
	else if (verdict == TRUST_UNSUPPORTED)
		worse(worst, below, verdict, "an issuer constrains names of "
		    "a kind that is not compared here");
	else
		worse(worst, below, verdict,
		    "an issuer's name constraints forbid one of its names");
}

static void
judge_issuer(struct finding *worst, struct judge *j, size_t i)
{
	const struct link *link = &j->path[i];
	const struct x509 *cert = link->cert;
	size_t n;

	if (!cert->is_ca)
		worse(worst, link, TRUST_NOT_CA,
		    "it issued a certificate and is no authority");
	if ((cert->has & X509_HAS_KEY_USAGE) &&
	    !(cert->key_usage & X509_USE_CERT_SIGN))
		worse(worst, link, TRUST_WRONG_USAGE,
		    "its key usage does not allow signing certificates");
	if (cert->has_path_len && issued_below(j, i) > cert->path_len)
		worse(worst, link, TRUST_PATH_TOO_LONG,
		    "it allows fewer authorities below it");
	for (n = 0; n < i; n++)
		if (n == 0 || !x509_is_self_issued(j->path[n].cert))
			judge_names(worst, j, link, &j->path[n]);
}

/* ------------------------------------------------------- finding paths */

static int64_t
path_end(const struct judge *j)
{
	int64_t end = j->path[0].cert->not_after;
	size_t i;

	for (i = 1; i < j->len; i++)
		if (j->path[i].cert->not_after < end)
			end = j->path[i].cert->not_after;
	return end;
}

static void
keep_best(struct judge *j, const struct finding *found, bool is_whole)
{
	if (j->is_best_whole && !is_whole)
		return;
	if (j->best_len != 0 && j->is_best_whole == is_whole &&
	    found->verdict >= j->best.verdict)
		return;
	j->best = *found;
	j->is_best_whole = is_whole;
	j->best_len = j->len;
	j->best_ends = is_whole ? path_end(j) : j->path[0].cert->not_after;
}

/* The path leads to an anchor. */
static void
judge_path(struct judge *j)
{
	struct finding worst = { TRUST_OK, NULL, TRUST_WHICH_NONE, NULL };
	size_t i;

	judge_server(&worst, j);
	for (i = 0; i < j->len; i++) {
		judge_profile(&worst, &j->path[i]);
		judge_validity(&worst, &j->path[i], j->question->at);
		judge_key(&worst, &j->path[i]);
		judge_signature(&worst, &j->path[i]);
		judge_purpose(&worst, &j->path[i]);
		if (i > 0)
			judge_issuer(&worst, j, i);
	}
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

	for (i = 0; i < j->len; i++)
		if (der_equal(&j->path[i].cert->whole, &cert->whole))
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

static void
try_issuer(struct judge *j, const struct x509 *issuer, int which,
    struct search *search)
{
	struct link *last = &j->path[j->len - 1];
	enum x509_signed is_signed;
	struct finding full = { TRUST_LIMIT, last->cert, last->which,
	    "too many signatures would have to be checked" };

	if (is_settled(j) || !der_equal(&last->cert->issuer, &issuer->subject)
	    || is_on_path(j, issuer))
		return;
	if (j->signatures == 0) {
		keep_best(j, &full, false);
		search->is_found = true;
		return;
	}
	j->signatures--;
	is_signed = x509_signed_by(last->cert, &issuer->key);
	if (is_signed == X509_NOT_SIGNED) {
		if (is_other_key(last->cert, issuer))
			search->has_namesake = true;
		else
			search->is_denied = true;
		return;
	}
	search->is_found = true;
	last->is_unverified = is_signed == X509_SIGNED_UNKNOWN;
	j->path[j->len].cert = issuer;
	j->path[j->len].which = which;
	j->path[j->len].is_unverified = false;
	j->len++;
	if (which == TRUST_WHICH_ANCHOR)
		judge_path(j);
	else
		extend(j);
	j->len--;
}

/* Nobody on this path's end is trusted: why, in the words that help most. */
static void
judge_dead_end(struct judge *j, const struct search *search)
{
	const struct link *last = &j->path[j->len - 1];
	struct finding found = { TRUST_UNKNOWN_ISSUER, last->cert, last->which,
	    "its issuer is not among the trusted ones" };

	if (x509_is_self_issued(last->cert) &&
	    x509_signed_by(last->cert, &last->cert->key) != X509_NOT_SIGNED) {
		found.why = "it signed itself and is not a trusted one";
		if (j->len == 1)
			found.verdict = TRUST_SELF_SIGNED;
	} else if (search->is_denied) {
		found.verdict = TRUST_BAD_SIGNATURE;
		found.why = "its issuer is known by name, but the signature "
		    "is not of its key";
	} else if (search->has_namesake) {
		found.why = "its issuer is known by name, but with another "
		    "key: the authority was made anew";
	} else if (j->len == 1 && last->cert->has_ca_issuers) {
		found.verdict = TRUST_INCOMPLETE;
		found.why = "the certificate of its issuer was not sent";
	}
	keep_best(j, &found, false);
}

static void
extend(struct judge *j)
{
	struct search search = { false, false, false };
	const struct x509 *last = j->path[j->len - 1].cert;
	struct finding too_deep = { TRUST_LIMIT, last,
	    j->path[j->len - 1].which, "the path is too long" };
	size_t i;

	for (i = 0; i < j->store->count; i++)
		try_issuer(j, &j->store->anchors[i], TRUST_WHICH_ANCHOR,
		    &search);
	if (j->len == PATH_MAX_LEN - 1) {
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
put_finding(struct buf *out, const struct finding *found)
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

static void
give(struct trust_answer *answer, const struct finding *found)
{
	struct buf text = BUF_EMPTY;

	answer->verdict = found->verdict;
	answer->which = found->which;
	if (found->verdict != TRUST_OK)
		put_finding(&text, found);
	cut(&text, TRUST_TEXT_MAX - 4);
	memcpy(answer->text, buf_text(&text), text.len + 1);
	buf_release(&text);
}

static void
give_up(struct trust_answer *answer, enum trust_verdict verdict, int which,
    const char *why)
{
	struct finding found = { verdict, NULL, which, why };

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
	j->len = 1;
	j->path[0].cert = &j->sent[0];
	if (is_anchor(j, &j->sent[0])) {
		j->path[0].which = TRUST_WHICH_ANCHOR;
		judge_path(j);
	}
	j->path[0].which = 0;
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
	    x509_covers(own, &j->host);
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
	    .signatures = SIGNATURES_MAX, .name_work = NAME_WORK_MAX };

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
	if (question->host != NULL)
		(void)x509_host_parse(&j.host, question->host);
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
