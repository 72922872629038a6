/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * net/trust against x509-limbo: every case for servers.  Nothing good is
 * refused.  What we accept against its answer stands in a list here with the
 * reason; a case that is listed and agrees is a failure as well, so the list
 * stays true.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utc.h"
#include "codec/pem.h"
#include "net/trust.h"
#include "shared_data.h"

/* Cases without a moment of their own are made for any. */
#define ANY_TIME "2026-06-01T00:00:00Z"

struct listed {
	const char *id;
	const char *why;
};

/* Good by our judgement, and bad by that of x509-limbo. */
#define REVOKED "revocation is not checked, and trust.h says so"
#define COMMON_NAME "a common name counts for nothing, so it does no harm"
#define ANCHOR_AKI "a rule for those who issue roots; many old roots break it"
static const struct listed false_accepts[] = {
	{ "crl::revoked-certificate-with-crl",
	    REVOKED },
	{ "crl::crlnumber-missing",
	    REVOKED },
	{ "crl::crlnumber-critical",
	    REVOKED },
	{ "crl::issuer-missing-crlsign",
	    REVOKED },
	{ "pathlen::max-chain-depth-0-exhausted",
	    "a depth of 0 cannot be asked for; ours is TRUST_DEPTH_MAX" },
	{ "rfc5280::aki::leaf-missing-aki",
	    "openssl before 3 wrote none; browsers do without" },
	{ "rfc5280::aki::cross-signed-root-missing-aki",
	    "pedantic by its own label; anchors are believed" },
	{ "rfc5280::nc::permitted-dns-match-noncritical",
	    "constraints count, critical or not" },
	{ "rfc5280::san::underscore-dns",
	    "in wide use; browsers take it" },
	{ "rfc5280::root-non-critical-basic-constraints",
	    "so are roots in every browser" },
	{ "webpki::aki::root-with-aki-authoritycertserialnumber",
	    ANCHOR_AKI },
	{ "webpki::aki::root-with-aki-all-fields",
	    ANCHOR_AKI },
	{ "webpki::cn::ipv4-leading-zeros-mismatch",
	    COMMON_NAME },
	{ "webpki::cn::ipv6-uppercase-mismatch",
	    COMMON_NAME },
	{ "webpki::cn::ipv6-non-rfc5952-mismatch",
	    COMMON_NAME },
	{ "webpki::cn::case-mismatch",
	    COMMON_NAME },
	{ "webpki::eku::ee-anyeku",
	    "pedantic by its own label; serverAuth is there too" },
	{ "webpki::eku::ee-critical-eku",
	    "pedantic by its own label; understood, so no harm" },
	{ "webpki::san::public-suffix-multi-label-wildcard-san",
	    "the list of public suffixes is not carried" },
	{ "webpki::san::san-critical-with-nonempty-subject",
	    "a SHOULD NOT; understood, so no harm" },
	{ NULL, NULL }
};

#define FALSE_ACCEPTS 20
#define CASES 139
#define CASES_FOR_CLIENTS 8

struct sent {
	struct der certs[TRUST_SENT_MAX + 1];
	size_t count;
};

static void
take_pem(struct sent *sent, const char *pem)
{
	struct pem_block block = PEM_BLOCK_EMPTY;
	struct pem_reader reader;
	struct err err;
	uint8_t *copy;

	pem_init(&reader, pem, strlen(pem));
	if (pem_next(&reader, &block, &err) != 1 ||
	    sent->count > TRUST_SENT_MAX)
		abort();
	copy = mem_alloc(block.len);
	memcpy(copy, block.der, block.len);
	sent->certs[sent->count].data = copy;
	sent->certs[sent->count].len = block.len;
	sent->count++;
	pem_release(&block);
}

static void
release(struct sent *sent)
{
	while (sent->count > 0) {
		union { const uint8_t *in; void *out; } der;

		der.in = sent->certs[--sent->count].data;
		free(der.out);
	}
}

static const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* "2024-03-01T00:00:00.999+00:00": whole seconds, and always UTC. */
static int64_t
moment_of(const json_t *test)
{
	const char *text = text_of(test, "validation_time");
	char whole[] = ANY_TIME;
	int64_t at;

	if (text != NULL)
		memcpy(whole, text, sizeof "2024-03-01T00:00:00" - 1);
	if (!utc_parse(whole, &at))
		abort();
	return at;
}

static struct trust_store *
store_of(const json_t *test)
{
	struct trust_store *store = trust_store_new();
	json_t *pem;
	size_t i;

	json_array_foreach(json_object_get(test, "trusted_certs"), i, pem) {
		const char *text = json_string_value(pem);
		struct err err;

		/* An anchor that cannot be read is not trusted. */
		if (trust_store_add(store, text, strlen(text), &err) == -1)
			printf("# %s: anchor: %s\n", text_of(test, "id"),
			    err.text);
	}
	return store;
}

static struct trust_answer
judge(const json_t *test)
{
	struct trust_store *store = store_of(test);
	struct trust_answer answer;
	struct sent sent = { .count = 0 };
	struct trust_question question = { .sent = sent.certs };
	json_t *pem;
	size_t i;

	take_pem(&sent, text_of(test, "peer_certificate"));
	json_array_foreach(json_object_get(test, "untrusted_intermediates"), i,
	    pem)
		take_pem(&sent, json_string_value(pem));
	question.count = sent.count;
	question.at = moment_of(test);
	question.host = text_of(json_object_get(test, "expected_peer_name"),
	    "value");
	trust_judge(store, &question, &answer);
	release(&sent);
	trust_store_free(store);
	return answer;
}

static const char *
listed_why(const char *id)
{
	const struct listed *list;

	for (list = false_accepts; list->id != NULL; list++)
		if (strcmp(list->id, id) == 0)
			return list->why;
	return NULL;
}

struct counts {
	unsigned servers, accepted, rejected, clients;
};

static void
try_case(const json_t *test, struct counts *counts)
{
	const char *id = text_of(test, "id"), *why = listed_why(id);
	bool wanted = strcmp(text_of(test, "expected_result"), "SUCCESS") == 0;
	struct trust_answer answer = judge(test);
	bool got = answer.verdict == TRUST_OK;

	counts->servers++;
	counts->accepted += got && !wanted;
	counts->rejected += wanted && !got;
	if (!ok((got == wanted) == (why == NULL), "%s: %s%s%s", id,
	    trust_name(answer.verdict), why != NULL ? ", listed: " : "",
	    why != NULL ? why : ""))
		printf("# want %s; %s\n", text_of(test, "expected_result"),
		    answer.text);
}

int
main(void)
{
	struct counts counts = { 0, 0, 0, 0 };
	json_t *data, *test;
	size_t i;

	if (!shared_data_is_there()) {
		skip("the shared test data is not here");
		return done();
	}
	data = shared_data_load("x509-limbo-cases.json");
	json_array_foreach(json_object_get(data, "testcases"), i, test) {
		if (strcmp(text_of(test, "validation_kind"), "SERVER") == 0)
			try_case(test, &counts);
		else
			counts.clients++;
	}
	json_decref(data);
	is_u64(counts.servers, CASES, "every case for servers was tried");
	is_u64(counts.clients, CASES_FOR_CLIENTS,
	    "those for clients ask what trust does not answer");
	is_u64(counts.accepted, FALSE_ACCEPTS, "none accepted but the listed");
	is_u64(counts.rejected, 0, "none refused that is good");
	return done();
}
