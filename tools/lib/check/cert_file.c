/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates and keys in a file; see cert_file.h. */
#include "check/cert_file.h"

#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "check/content.h"
#include "codec/x509_signed.h"

#define PROSE_SPACING 16	/* a space or newline in so many bytes */

struct job {
	struct cert_file *file;
	const char *path;
	int64_t now;
	struct judgement *j;
};

/* ------------------------------------------------------------- certificates */

/* Does this one sign the one before, as its name says? */
static void
check_chain(struct job *job, const struct x509 *cert, unsigned line)
{
	const struct x509 *before = &job->file->last;
	struct buf name = BUF_EMPTY;

	if (job->file->certs == 0 || job->file->certs > CERT_FILE_CHAIN_MAX ||
	    x509_is_self_issued(before) ||
	    !der_equal(&before->issuer, &cert->subject) ||
	    x509_signed_by(before, &cert->key) != X509_NOT_SIGNED)
		return;
	x509_name_text(&name, &before->subject);
	judge_find(job->j, VERDICT_SUSPECT, job->path, "line %u: this "
	    "authority did not sign %s, which names it as its issuer", line,
	    buf_text(&name));
	buf_release(&name);
}

static void
keep(struct x509 *cert, struct buf *der, const void *data, size_t len)
{
	struct err err;

	buf_set(der, data, len);
	/* It was parsed before; this time its spans point to where it stays. */
	(void)x509_parse(cert, buf_text(der), len, &err);
}

/* What its issuer did wrong, and clients may refuse. */
static void
remark_flaws(struct job *job, const struct x509 *cert, unsigned line)
{
	unsigned bit;

	for (bit = 0; bit < X509_FLAWS; bit++)
		if (cert->flaws & 1u << bit)
			judge_find(job->j, VERDICT_CLEAN, job->path,
			    "line %u: against the rules: %s", line,
			    x509_flaw_text(1u << bit));
}

static void
take_certificate(struct job *job, const void *data, size_t len, unsigned line)
{
	struct cert_file *file = job->file;
	struct x509 cert;
	struct err err;

	if (x509_parse(&cert, data, len, &err) == -1) {
		judge_find(job->j, VERDICT_DAMAGED, job->path, "line %u: %s",
		    line, err.text);
		return;
	}
	check_chain(job, &cert, line);
	if (file->certs < CERT_FILE_CHAIN_MAX)
		remark_flaws(job, &cert, line);
	if (file->certs == 0)
		keep(&file->leaf, &file->der, data, len);
	keep(&file->last, &file->last_der, data, len);
	if (file->certs == 0 || cert.not_after < file->ends)
		file->ends = cert.not_after;
	file->expired += cert.not_after < job->now;
	file->certs++;
}

/* -------------------------------------------------------------------- keys */

static void
take_key(struct job *job, struct pem_block *block)
{
	struct pem_block empty = PEM_BLOCK_EMPTY;

	switch (x509_pair_check(block, NULL)) {
	case X509_PAIR:
		break;
	case X509_PAIR_ENCRYPTED:
		judge_find(job->j, VERDICT_UNCHECKED, job->path,
		    "line %u: the private key is encrypted, and cannot be "
		    "checked without its passphrase", block->line);
		break;
	case X509_PAIR_UNKNOWN:
		judge_find(job->j, VERDICT_UNCHECKED, job->path,
		    "line %u: a private key of a kind that cannot be checked "
		    "here", block->line);
		break;
	case X509_NO_PAIR:
	case X509_PAIR_DAMAGED:
		judge_find(job->j, VERDICT_DAMAGED, job->path,
		    "line %u: the private key is broken", block->line);
		break;
	}
	if (job->file->keys++ == 0) {
		job->file->key = *block;
		*block = empty;
	}
}

static void
take_public(struct job *job, const struct pem_block *block)
{
	struct x509_key key;
	struct err err;

	job->file->others++;
	if (x509_key_parse(&key, block->der, block->len, &err) == -1)
		judge_find(job->j, VERDICT_DAMAGED, job->path, "line %u: %s",
		    block->line, err.text);
}

static void
take_block(struct job *job, struct pem_block *block)
{
	if (strcmp(block->label, PEM_CERTIFICATE) == 0 ||
	    strcmp(block->label, "X509 CERTIFICATE") == 0)
		take_certificate(job, block->der, block->len, block->line);
	else if (pem_is_private(block))
		take_key(job, block);
	else if (strcmp(block->label, "PUBLIC KEY") == 0)
		take_public(job, block);
	else
		job->file->others++;
}

/*
 * Words for people, as packages put them where a certificate may go some day;
 * base64 whose first line was lost has far fewer spaces.
 */
static bool
is_prose(const struct buf *text)
{
	size_t i, spaces = 0;

	for (i = 0; i < text->len; i++) {
		const unsigned char c = (unsigned char)text->data[i];

		if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
			spaces++;
		else if (c < ' ' || c > '~')
			return false;
	}
	return text->len > 0 && spaces >= text->len / PROSE_SPACING;
}

/* It should hold something, by its name. */
static void
miss_pem(struct job *job, const struct buf *text)
{
	if (is_prose(text))
		judge_find(job->j, VERDICT_UNCHECKED, job->path,
		    "plain text, without a certificate or key in it");
	else
		judge_find(job->j, VERDICT_SUSPECT, job->path, "%s",
		    text->len == 0 ? "is empty" :
		    "holds nothing in PEM form");
}

static void
take_pem(struct job *job, const struct buf *text)
{
	struct pem_block block = PEM_BLOCK_EMPTY;
	unsigned blocks = 0;
	struct pem_reader reader;
	struct err err;
	int got;

	pem_init(&reader, buf_text(text), text->len);
	while ((got = pem_next(&reader, &block, &err)) != 0) {
		blocks++;
		if (got == 1)
			take_block(job, &block);
		else
			judge_find(job->j, err.class == ERR_LIMIT ?
			    VERDICT_UNCHECKED : VERDICT_DAMAGED, job->path,
			    "%s", err.text);
	}
	pem_release(&block);
	if (blocks == 0)
		miss_pem(job, text);
}

/*
 * Whole DER that has not the shape of a certificate is something else: a key,
 * PKCS #7, PKCS #12.
 */
static bool
is_other_der(struct der in)
{
	struct der body;

	return der_take(&in, DER_SEQUENCE, &body) && in.len == 0 &&
	    !(der_take(&body, DER_SEQUENCE, NULL) &&
	    der_take(&body, DER_SEQUENCE, NULL) &&
	    der_take(&body, DER_BITS, NULL) && body.len == 0);
}

static void
take_der(struct job *job, const struct buf *text)
{
	struct der in = { (const uint8_t *)text->data, text->len };

	if (is_other_der(in))
		judge_find(job->j, VERDICT_UNCHECKED, job->path,
		    "DER, but no certificate: not read here");
	else
		take_certificate(job, text->data, text->len, 1);
}

int
cert_file_load(struct cert_file *file, const struct content *c,
    const char *path, struct judgement *j, struct err *err)
{
	struct job job = { file, path, c->facts->now, j };
	struct buf text = BUF_EMPTY;
	int ret = tree_read_path(c->tree, path, CERT_FILE_MAX, &text, err);

	if (ret == -1)
		ret = judge_failure(j, path, err);
	else if (text.len > 0 && (unsigned char)text.data[0] == DER_SEQUENCE)
		take_der(&job, &text);
	else
		take_pem(&job, &text);
	if (text.data != NULL)
		explicit_bzero(text.data, text.len);
	buf_release(&text);
	return ret;
}

void
cert_file_release(struct cert_file *file)
{
	buf_release(&file->der);
	buf_release(&file->last_der);
	pem_release(&file->key);
}

bool
cert_file_pair(const struct cert_pair *pair, struct judgement *j)
{
	char safe[ESCAPE_NAME_MAX];
	enum x509_pair answer;

	if (pair->cert->certs == 0 || pair->key->keys == 0)
		return false;
	answer = x509_pair_check(&pair->key->key, &pair->cert->leaf.key);
	/* Whatever else it may be was said when the key was read. */
	if (answer == X509_NO_PAIR)
		judge_find(j, pair->verdict, pair->key_path, "the private key "
		    "does not belong to the certificate in %s",
		    escape_name(pair->cert_path, safe));
	return answer == X509_PAIR;
}

void
cert_file_privacy(const struct cert_file *file, const struct entry *entry,
    struct judgement *j)
{
	if (file->keys > 0 && !file->key.is_encrypted && (entry->mode & 04))
		judge_find(j, VERDICT_SUSPECT, buf_text(&entry->path),
		    "every user may read the private key (mode %04o)",
		    entry->mode);
}
