/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * net/trust on chains that openssl makes here: every verdict, the order of
 * what is sent, what the answer tells beside its verdict, and the limits.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "codec/pem.h"
#include "harness.h"
#include "net/trust.h"
#include "scratch.h"

#define YEAR (INT64_C(365) * 86400)
#define HOST "a.example"

static char dir[SCRATCH_MAX];

/*
 * key NAME ALGORITHM...; cert NAME ISSUER [-option...] [extension...], where
 * an issuer of its own name signs itself.
 */
static const char script[] =
    "cd \"${0%/*}\" || exit 1\n"
    "exec 2>log\n"
    "key() { name=$1; shift; openssl genpkey -out $name.key \"$@\"; }\n"
    "ec() { key $1 -algorithm EC -pkeyopt ec_paramgen_curve:${2:-P-256}; }\n"
    "cert() {\n"
    "	name=$1 issuer=$2 days=3650 opts=; shift 2\n"
    "	printf '%s\\n' \"$@\" >$name.ext\n"
    "	openssl req -new -key $name.key -subj \"/CN=${cn:-$name}\" \\\n"
    "		-out $name.csr || return\n"
    "	if [ $name = $issuer ]; then\n"
    "		signer=\"-signkey $name.key\"\n"
    "	else\n"
    "		signer=\"-CA $issuer.pem -CAkey $issuer.key\"\n"
    "	fi\n"
    "	openssl x509 -req -in $name.csr $signer -days ${valid:-3650} \\\n"
    "		-set_serial ${serial:-17} ${opt:-} -extfile $name.ext \\\n"
    "		-out $name.pem\n"
    "}\n"
    "ca='basicConstraints=critical,CA:TRUE'\n"
    "use='keyUsage=critical,keyCertSign'\n"
    "id='subjectKeyIdentifier=hash'\n"
    "by='authorityKeyIdentifier=keyid'\n"
    "san='subjectAltName=DNS:a.example,IP:192.0.2.1'\n"
    "eku='extendedKeyUsage=serverAuth'\n";

static bool
run(const char *commands)
{
	char *path = mem_format("%s/run", dir);
	char *text = mem_format("%sset -e\n%s", script, commands);
	char *line = mem_format("sh %s/run >%s/out 2>&1", dir, dir);
	bool done = scratch_put(dir, "run", text) && system(line) == 0;

	free(path);
	free(text);
	free(line);
	return done;
}

static void
read_pem(const char *name, struct buf *out)
{
	char *path = mem_format("%s/%s.pem", dir, name);
	struct err err;

	if (io_read_typed(path, 65536, out, &err) == -1)
		printf("# %s\n", err.text);
	free(path);
}

/* ------------------------------------------------------------------ asking */

struct asked {
	struct trust_store *store;
	struct der sent[TRUST_SENT_MAX + 1];
	uint8_t *copies[TRUST_SENT_MAX + 1];
	size_t count;
	struct trust_answer answer;
};

static void
ask_init(struct asked *asked)
{
	memset(asked, 0, sizeof *asked);
	asked->store = trust_store_new();
}

static void
ask_release(struct asked *asked)
{
	trust_store_free(asked->store);
	while (asked->count > 0)
		free(asked->copies[--asked->count]);
}

static void
ask_send(struct asked *asked, const char *name)
{
	struct pem_block block = PEM_BLOCK_EMPTY;
	struct buf text = BUF_EMPTY;
	struct pem_reader reader;
	struct err err;

	read_pem(name, &text);
	pem_init(&reader, buf_text(&text), text.len);
	if (pem_next(&reader, &block, &err) == 1) {
		uint8_t *copy = mem_alloc(block.len);

		memcpy(copy, block.der, block.len);
		asked->copies[asked->count] = copy;
		asked->sent[asked->count].data = copy;
		asked->sent[asked->count].len = block.len;
		asked->count++;
	}
	pem_release(&block);
	buf_release(&text);
}

static void
ask_trust(struct asked *asked, const char *name)
{
	struct buf text = BUF_EMPTY;
	struct err err;

	read_pem(name, &text);
	if (trust_store_add(asked->store, buf_text(&text), text.len, &err) ==
	    -1)
		printf("# %s: %s\n", name, err.text);
	buf_release(&text);
}

static void
ask(struct asked *asked, const char *host, int64_t at)
{
	struct trust_question question = { asked->sent, asked->count, host,
	    at };

	trust_judge(asked->store, &question, &asked->answer);
}

/* sent and trusted: names with a blank between them. */
static void
check_at(const char *sent, const char *trusted, const char *host, int64_t at,
    enum trust_verdict want, int which)
{
	char *names = mem_format("%s", sent), *rest = names, *name;
	struct asked asked;

	ask_init(&asked);
	while ((name = strsep(&rest, " ")) != NULL)
		ask_send(&asked, name);
	if (*trusted != '\0')
		ask_trust(&asked, trusted);
	ask(&asked, host, at);
	if (!is_str(trust_name(asked.answer.verdict), trust_name(want),
	    "%s by '%s' for %s", sent, trusted, host != NULL ? host : "any") ||
	    !is_u64((uint64_t)asked.answer.which, (uint64_t)which,
	    "and which"))
		printf("# %s\n", asked.answer.text);
	ask_release(&asked);
	free(names);
}

static void
check(const char *sent, const char *trusted, enum trust_verdict want,
    int which)
{
	check_at(sent, trusted, HOST, io_now(), want, which);
}

/* ------------------------------------------------------------------- tests */

static bool
make_chain(void)
{
	return ok(run("ec root P-384; ec inter P-521; ec leaf; ec other\n"
	    "cert root root $ca $use $id\n"
	    "cert inter root $ca $use $id $by $eku\n"
	    "cert leaf inter $san $eku $id $by\n"
	    "cert other other $san $id\n"), "the chain is made");
}

static void
test_good(void)
{
	int64_t now = io_now();

	check("leaf inter", "root", TRUST_OK, TRUST_WHICH_NONE);
	check("leaf root inter", "root", TRUST_OK, TRUST_WHICH_NONE);
	check("leaf other inter root other", "root", TRUST_OK,
	    TRUST_WHICH_NONE);
	check("leaf", "inter", TRUST_OK, TRUST_WHICH_NONE);
	check("leaf", "leaf", TRUST_OK, TRUST_WHICH_NONE);
	check_at("leaf inter", "root", "192.0.2.1", now, TRUST_OK,
	    TRUST_WHICH_NONE);
	check_at("leaf inter", "root", NULL, now, TRUST_OK, TRUST_WHICH_NONE);
}

static void
test_names_and_times(void)
{
	int64_t now = io_now();

	check_at("leaf inter", "root", "b.example", now, TRUST_WRONG_NAME, 0);
	check_at("leaf inter", "root", "192.0.2.2", now, TRUST_WRONG_NAME, 0);
	check_at("leaf inter", "root", "leaf", now, TRUST_WRONG_NAME, 0);
	check_at("leaf inter", "root", "no host", now, TRUST_WRONG_NAME, 0);
	check_at("leaf inter", "root", HOST, now - 2 * YEAR,
	    TRUST_NOT_YET_VALID, 0);
	check_at("leaf inter", "root", HOST, now + 11 * YEAR, TRUST_EXPIRED,
	    0);
	ok(run("(valid=100; ec short; cert short root $ca $use $id $by)\n"
	    "cert leaf short $san\n"), "a short life");
	check_at("leaf short", "root", HOST, now + YEAR, TRUST_EXPIRED, 1);
	check_at("leaf short", "short", HOST, now + YEAR, TRUST_EXPIRED,
	    TRUST_WHICH_ANCHOR);
	ok(make_chain(), "the chain is back");
}

static void
test_strangers(void)
{
	check("other", "root", TRUST_SELF_SIGNED, 0);
	check("other", "", TRUST_SELF_SIGNED, 0);
	check("leaf inter", "other", TRUST_UNKNOWN_ISSUER, 1);
	check("leaf inter root", "other", TRUST_UNKNOWN_ISSUER, 2);
	check("leaf", "root", TRUST_UNKNOWN_ISSUER, 0);
	check("inter leaf", "root", TRUST_WRONG_NAME, 0);
	ok(run("ec far; cert far inter $san "
	    "'authorityInfoAccess=caIssuers;URI:http://a.example/'\n"),
	    "a certificate that says where its issuer is");
	check("far", "root", TRUST_INCOMPLETE, 0);
	check("far inter", "root", TRUST_OK, TRUST_WHICH_NONE);
}

/* The authority was made anew under its old name. */
static void
test_made_anew(void)
{
	struct asked asked;

	ok(run("ec again; (cn=root; cert again again $ca $use $id)\n"
	    "ec nameless; (cn=root; cert nameless nameless $ca $use "
	    "subjectKeyIdentifier=none)\n"),
	    "another root of the name");
	check("leaf inter", "again", TRUST_UNKNOWN_ISSUER, 1);
	check("leaf inter", "nameless", TRUST_BAD_SIGNATURE, 1);
	ask_init(&asked);
	ask_send(&asked, "leaf");
	ask_send(&asked, "inter");
	ask_trust(&asked, "again");
	ask_trust(&asked, "root");
	ask(&asked, HOST, io_now());
	is_str(asked.answer.text, "", "beside the right one it does no harm");
	ask_release(&asked);
}

/* NAME is a server's certificate, made by the commands, from the root. */
static void
check_server(const char *commands, enum trust_verdict want)
{
	char *all = mem_format("rm -f new.*; cp leaf.key new.key\n%s\n", commands);

	ok(run(all), "made: %s", commands);
	check("new", "root", want,
	    want == TRUST_OK ? TRUST_WHICH_NONE : 0);
	free(all);
}

static void
test_rules_for_servers(void)
{
	check_server("cert new root $san", TRUST_OK);
	check_server("cert new root", TRUST_WRONG_NAME);
	check_server("(cn=a.example; cert new root)", TRUST_WRONG_NAME);
	check_server("cert new root $san extendedKeyUsage=clientAuth",
	    TRUST_WRONG_USAGE);
	check_server("cert new root $san extendedKeyUsage=anyExtendedKeyUsage",
	    TRUST_WRONG_USAGE);
	check_server("cert new root $san keyUsage=cRLSign", TRUST_WRONG_USAGE);
	check_server("cert new root $san $ca $use", TRUST_OK);
	check_server("cert new root $san $ca keyUsage=digitalSignature",
	    TRUST_BAD_PROFILE);
	check_server("cert new root $san nameConstraints=permitted\\;DNS:x",
	    TRUST_BAD_PROFILE);
	check_server("cert new root $san 1.2.3=critical,DER:0500",
	    TRUST_CRITICAL_EXTENSION);
	check_server("cert new root $san 1.2.3=DER:0500", TRUST_OK);
	check_server("(serial=0; cert new root $san)", TRUST_BAD_PROFILE);
	check_server("(opt=-sha1; cert new root $san)", TRUST_WEAK_SIGNATURE);
	check_server("(opt=-sha512; cert new root $san)", TRUST_OK);
	check_server("key new -algorithm RSA -pkeyopt rsa_keygen_bits:1024\n"
	    "cert new root $san", TRUST_WEAK_KEY);
	check_server("key new -algorithm RSA -pkeyopt rsa_keygen_bits:2048\n"
	    "cert new root $san", TRUST_OK);
	check_server("key new -algorithm ED25519; cert new root $san",
	    TRUST_OK);
	check_server("cert new root 'subjectAltName=DNS:*.example'",
	    TRUST_WRONG_NAME);
}

static void
test_unsupported(void)
{
	ok(run("key ed -algorithm ED25519; cert ed ed $ca $use $id\n"
	    "key pss -algorithm RSA -pkeyopt rsa_keygen_bits:2048\n"
	    "cert pss pss $ca $use $id\n"
	    "cp leaf.key by-ed.key; cert by-ed ed $san $by\n"
	    "cp leaf.key by-pss.key; opt='-sigopt rsa_padding_mode:pss'\n"
	    "cert by-pss pss $san $by\n"), "Ed25519 and RSA-PSS");
	check("by-ed", "ed", TRUST_UNSUPPORTED, 0);
	check("by-pss", "pss", TRUST_UNSUPPORTED, 0);
	/* What is known to be bad is not hidden by what is not known. */
	check_at("by-ed", "ed", "b.example", io_now(), TRUST_WRONG_NAME, 0);
	check("by-ed", "root", TRUST_UNKNOWN_ISSUER, 0);
}

static void
test_rules_for_issuers(void)
{
	ok(run("ec i; cert i root $use $id; cp leaf.key l.key\n"
	    "cert l i $san $by; cp i.pem noca.pem; cp l.pem l-noca.pem\n"
	    "cert i root $ca $id keyUsage=digitalSignature\n"
	    "cert l i $san $by; cp i.pem nosign.pem; cp l.pem l-nosign.pem\n"
	    "cert i root $ca,pathlen:0 $use $id; ec j; cert j i $ca $use $id\n"
	    "cert l j $san $by; cp i.pem path.pem; cp l.pem l-path.pem\n"
	    "cert i root $ca $use 'nameConstraints=critical,excluded;"
	    "DNS:example'\ncert l i $san; cp i.pem nc.pem; cp l.pem l-nc.pem\n"
	    "cert i root $ca $use 'nameConstraints=critical,permitted;"
	    "URI:x.example'\n"
	    "cert l i subjectAltName=DNS:a.example,URI:http://x.example/\n"
	    "cp i.pem nk.pem; cp l.pem l-nk.pem\n"), "bad issuers");
	check("l-noca noca", "root", TRUST_NOT_CA, 1);
	check("l-nosign nosign", "root", TRUST_WRONG_USAGE, 1);
	check("l-path j path", "root", TRUST_PATH_TOO_LONG, 2);
	check("l-nc nc", "root", TRUST_NAME_FORBIDDEN, 0);
	check("l-nk nk", "root", TRUST_UNSUPPORTED, 0);
}

static void
test_damage(void)
{
	struct asked asked;

	ask_init(&asked);
	ask(&asked, HOST, io_now());
	is_str(trust_name(asked.answer.verdict), "no-certificate", "nothing");
	ask_send(&asked, "leaf");
	ask_send(&asked, "inter");
	ask_trust(&asked, "root");
	asked.copies[0][asked.sent[0].len - 1] ^= 1;
	ask(&asked, HOST, io_now());
	is_str(trust_name(asked.answer.verdict), "bad-signature",
	    "a bit of the signature");
	asked.copies[0][asked.sent[0].len - 1] ^= 1;
	asked.copies[1][0] = 0;
	ask(&asked, HOST, io_now());
	is_str(trust_name(asked.answer.verdict), "malformed", "an issuer");
	is_u64((uint64_t)asked.answer.which, 1, "which one");
	asked.copies[0][0] = 0;
	ask(&asked, HOST, io_now());
	is_str(trust_name(asked.answer.verdict), "malformed", "the server's");
	ok(!asked.answer.has_validity && asked.answer.which == 0,
	    "nothing is known of it");
	ask_release(&asked);
}

static void
test_facts(void)
{
	struct trust_answer answer = { .ends = 1000 * INT64_C(86400) };
	struct asked asked;
	int64_t now = io_now();

	ask_init(&asked);
	ask_send(&asked, "leaf");
	ask_send(&asked, "inter");
	ask_trust(&asked, "root");
	ask(&asked, "b.example", now);
	ok(asked.answer.is_name_checked && !asked.answer.is_name_good,
	    "the name is not good");
	is_str(asked.answer.text, "certificate CN=leaf: it is for a.example, "
	    "192.0.2.1", "the names it has");
	is_u64(asked.answer.depth, 3, "three certificates");
	ask(&asked, HOST, now);
	ok(asked.answer.is_name_good && asked.answer.has_validity &&
	    asked.answer.starts <= now, "a good name");
	ok(trust_days_left(&asked.answer, now) >= 3649, "ten years left");
	ask_release(&asked);
	is_u64((uint64_t)trust_days_left(&answer, answer.ends), 0, "at its end");
	is_u64((uint64_t)trust_days_left(&answer, answer.ends - 86399), 0,
	    "in the last day");
	is_u64((uint64_t)trust_days_left(&answer, answer.ends - 86400), 1,
	    "the day before");
	is_u64((uint64_t)-trust_days_left(&answer, answer.ends + 1), 1,
	    "in the first day afterwards");
	is_u64((uint64_t)-trust_days_left(&answer, answer.ends + 86401), 2,
	    "in the second");
}

/* ------------------------------------------------------------------ limits */

static void
check_depth(int depth, enum trust_verdict want)
{
	struct asked asked;
	char name[16];
	int i;

	ask_init(&asked);
	(void)snprintf(name, sizeof name, "end%d", depth);
	ask_send(&asked, name);
	for (i = 1; i <= depth; i++) {
		(void)snprintf(name, sizeof name, "d%d", i);
		ask_send(&asked, name);
	}
	ask_trust(&asked, "root");
	ask(&asked, HOST, io_now());
	if (!is_str(trust_name(asked.answer.verdict), trust_name(want),
	    "%d between", depth))
		printf("# %s\n", asked.answer.text);
	ask_release(&asked);
}

static void
test_depth(void)
{
	ok(run("issuer=root; ec d\nfor i in 1 2 3 4 5 6 7 8 9 10 11; do\n"
	    "	cp d.key d$i.key; cert d$i $issuer $ca $use; issuer=d$i\n"
	    "	[ $i -lt 9 ] || { cp d.key end$i.key; cert end$i d$i $san; }\n"
	    "done\n"), "a long chain");
	check_depth(TRUST_DEPTH_MAX - 1, TRUST_OK);
	check_depth(TRUST_DEPTH_MAX, TRUST_OK);
	check_depth(TRUST_DEPTH_MAX + 1, TRUST_LIMIT);
}

static void
check_sent(size_t count, enum trust_verdict want)
{
	struct asked asked;

	ask_init(&asked);
	ask_send(&asked, "leaf");
	while (asked.count < count - 1)
		ask_send(&asked, "other");
	ask_send(&asked, "inter");
	ask_trust(&asked, "root");
	ask(&asked, HOST, io_now());
	is_str(trust_name(asked.answer.verdict), trust_name(want),
	    "%zu certificates sent", count);
	ask_release(&asked);
}

static void
check_anchors(size_t count, int want)
{
	struct trust_store *store = trust_store_new();
	struct buf one = BUF_EMPTY, text = BUF_EMPTY;
	struct err err;
	size_t i;

	read_pem("root", &one);
	for (i = 0; i < count; i++)
		buf_append(&text, buf_text(&one), one.len);
	ok(trust_store_add(store, text.data, text.len, &err) == want,
	    "%zu anchors", count);
	buf_release(&one);
	buf_release(&text);
	trust_store_free(store);
}

static enum err_class
add_noise(size_t len)
{
	struct trust_store *store = trust_store_new();
	struct buf text = BUF_EMPTY;
	struct err err;

	memset(buf_reserve(&text, len), '\n', len);
	err_clear(&err);
	(void)trust_store_add(store, text.data, len, &err);
	buf_release(&text);
	trust_store_free(store);
	return err.class;
}

static void
test_limits(void)
{
	check_sent(TRUST_SENT_MAX - 1, TRUST_OK);
	check_sent(TRUST_SENT_MAX, TRUST_OK);
	check_sent(TRUST_SENT_MAX + 1, TRUST_LIMIT);
	check_anchors(TRUST_ANCHORS_MAX - 1, 0);
	check_anchors(TRUST_ANCHORS_MAX, 0);
	check_anchors(TRUST_ANCHORS_MAX + 1, -1);
	ok(add_noise(TRUST_FILE_MAX - 1) == ERR_DAMAGED, "noise, a byte less");
	ok(add_noise(TRUST_FILE_MAX) == ERR_DAMAGED, "noise, as allowed");
	ok(add_noise(TRUST_FILE_MAX + 1) == ERR_LIMIT, "noise, a byte more");
}

int
main(void)
{
	if (system("openssl version >/dev/null 2>&1") != 0) {
		skip("openssl is not here");
		return done();
	}
	if (ok(scratch_make(dir), "a folder") && make_chain()) {
		test_good();
		test_names_and_times();
		test_strangers();
		test_made_anew();
		test_rules_for_servers();
		test_unsupported();
		test_rules_for_issuers();
		test_damage();
		test_facts();
		test_depth();
		test_limits();
	}
	ok(scratch_remove(dir), "the folder is gone");
	return done();
}
