/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates and keys anywhere; see certificates.h. */
#include "check/certificates.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utc.h"
#include "check/cert_file.h"

#define BEGIN "-----BEGIN "
#define DAY 86400
#define SOON_DAYS 30

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* -------------------------------------------------------------- recognising */

/* A label that is ours, at the start of text; PGP's blocks are not PEM. */
static bool
is_label(const char *text, size_t len)
{
	static const char *const labels[] = {
		"CERTIFICATE-----", "X509 CERTIFICATE-----",
		"TRUSTED CERTIFICATE-----", "CERTIFICATE REQUEST-----",
		"NEW CERTIFICATE REQUEST-----", "X509 CRL-----",
		"PUBLIC KEY-----", "RSA PUBLIC KEY-----",
		"PRIVATE KEY-----", "RSA PRIVATE KEY-----",
		"EC PRIVATE KEY-----", "DSA PRIVATE KEY-----",
		"ENCRYPTED PRIVATE KEY-----", "OPENSSH PRIVATE KEY-----",
		"EC PARAMETERS-----", "DH PARAMETERS-----",
	};
	size_t i, n;

	for (i = 0; i < sizeof labels / sizeof labels[0]; i++) {
		n = strlen(labels[i]);
		if (len >= n && memcmp(text, labels[i], n) == 0)
			return true;
	}
	return false;
}

static bool
begins(const char *text, size_t len)
{
	size_t n = strlen(BEGIN);

	return len > n && memcmp(text, BEGIN, n) == 0 &&
	    is_label(text + n, len - n);
}

static bool
is_named(const char *name)
{
	static const char *const ends[] = { ".pem", ".crt", ".cer", ".cert" };
	size_t i;

	for (i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (ends_with(name, ends[i]))
			return true;
	return false;
}

/* A block that is not at the start of the file, behind words about it. */
static bool
has_block(const char *text, size_t len)
{
	const char *at = memmem(text, len, "\n" BEGIN, strlen(BEGIN) + 1);

	return at != NULL && begins(at + 1, len - (size_t)(at + 1 - text));
}

static bool
recognise(const struct entry *entry, const uint8_t *head, size_t len)
{
	const char *name = name_of(buf_text(&entry->path));
	const char *text = (const char *)head;

	/* Documents show certificates too; they do not begin with one. */
	return begins(text, len) || is_named(name) ||
	    (ends_with(name, ".key") && has_block(text, len)) ||
	    (ends_with(name, ".der") && len > 0 && head[0] == DER_SEQUENCE);
}

/* ------------------------------------------------------------------ pairing */

/* How a key's name becomes that of its certificate: the last such part. */
static const struct {
	const char *key;
	const char *cert;
} beside[] = {
	{ "privkey", "fullchain" }, { "privkey", "cert" },
	{ "-key.pem", ".pem" }, { "-key.pem", "-cert.pem" },
	{ "_key.pem", "_cert.pem" }, { ".key.pem", ".crt.pem" },
	{ ".key.pem", ".cert.pem" }, { ".key.pem", ".pem" },
	{ "key.pem", "cert.pem" }, { "key.pem", "fullchain.pem" },
	{ ".key", ".crt" }, { ".key", ".pem" }, { ".key", ".cert" },
	{ ".key", ".cer" },
};

static const char *
last_part(const char *name, const char *part)
{
	const char *found = NULL, *at = name;

	while ((at = strstr(at, part)) != NULL)
		found = at++;
	return found;
}

/* Owned by the caller; NULL: the name is not of that pattern. */
static char *
path_beside(const char *path, size_t i)
{
	const char *name = name_of(path);
	const char *at = last_part(name, beside[i].key);

	if (at == NULL || (strcmp(beside[i].key, "privkey") != 0 &&
	    at[strlen(beside[i].key)] != '\0'))
		return NULL;
	return mem_format("%.*s%s%s", (int)(at - path), path, beside[i].cert,
	    at + strlen(beside[i].key));
}

static int
is_file(struct tree *tree, const char *path, bool *is_there, struct err *err)
{
	struct entry entry = ENTRY_EMPTY;
	int ret = tree_find(tree, path, &entry, is_there, err);

	*is_there = ret == 0 && *is_there && entry.type == ENTRY_FILE;
	entry_release(&entry);
	return ret;
}

/* What is wrong with the certificate is said where it is judged itself. */
static int
pair_with(const struct content *c, const struct cert_file *key,
    const char *path, const char *cert_path, struct judgement *j,
    struct err *err)
{
	struct cert_file cert = CERT_FILE_EMPTY;
	struct cert_pair pair = { &cert, key, cert_path, path,
	    VERDICT_SUSPECT };
	struct judgement aside;
	int ret;

	judgement_init(&aside, j->checker, cert_path);
	ret = cert_file_load(&cert, c, cert_path, &aside, err);
	if (ret == 0 && cert_file_pair(&pair, j))
		judge_cover(j, "it belongs to the certificate in %s",
		    aside.root);
	judgement_release(&aside);
	cert_file_release(&cert);
	return ret;
}

static int
pair_beside(const struct content *c, const struct cert_file *key,
    const char *path, struct judgement *j, struct err *err)
{
	bool is_there = false;
	int ret = 0;
	size_t i;

	for (i = 0; i < sizeof beside / sizeof beside[0] && !is_there &&
	    ret == 0; i++) {
		char *other = path_beside(path, i);

		if (other == NULL)
			continue;
		ret = is_file(c->tree, other, &is_there, err);
		if (ret == 0 && is_there)
			ret = pair_with(c, key, path, other, j, err);
		free(other);
	}
	return ret == -1 ? judge_failure(j, path, err) : 0;
}

/* ------------------------------------------------------------------ judging */

/*
 * An authority by itself, as systems carry them by the hundred: that one of
 * them has expired stops nobody.
 */
static bool
is_authority(const struct cert_file *file)
{
	return file->certs == 1 && file->keys == 0 && file->leaf.is_ca &&
	    !(file->leaf.has & X509_HAS_SAN);
}

static void
judge_validity(const struct cert_file *file, const char *path, int64_t now,
    struct judgement *j)
{
	char until[UTC_TEXT_MAX];
	/* Bundles carry authorities past their time, and nobody minds. */
	bool is_bundle = file->certs > CERT_FILE_CHAIN_MAX;

	(void)utc_rfc3339(file->ends, until);
	if (file->expired > 0 && is_bundle)
		judge_find(j, VERDICT_CLEAN, path, "%u of them have expired",
		    file->expired);
	else if (file->expired > 0)
		judge_find(j, is_authority(file) ? VERDICT_CLEAN :
		    VERDICT_SUSPECT, path,
		    "the certificate was valid until %s: clients refuse it",
		    until);
	else if (!is_bundle && file->ends - now < SOON_DAYS * DAY)
		judge_find(j, VERDICT_CLEAN, path, "valid until %s only",
		    until);
	if (file->leaf.not_before > now)
		judge_find(j, VERDICT_CLEAN, path,
		    "valid from %s: or is the clock wrong here?",
		    utc_rfc3339(file->leaf.not_before, until));
}

static void
cover(const struct cert_file *file, struct judgement *j)
{
	if (file->certs > 0)
		judge_cover(j, "%u certificate%s", file->certs,
		    file->certs == 1 ? "" : "s");
	if (file->keys > 0)
		judge_cover(j, "%u private key%s", file->keys,
		    file->keys == 1 ? "" : "s");
	if (file->others > 0)
		judge_cover(j, "%u PEM block%s by form", file->others,
		    file->others == 1 ? "" : "s");
}

static int
check(const struct content *c, const struct entry *entry,
    struct source *source, struct judgement *j, struct err *err)
{
	struct cert_file file = CERT_FILE_EMPTY;
	const char *path = buf_text(&entry->path);
	struct cert_pair pair = { &file, &file, path, path, VERDICT_SUSPECT };
	int ret = cert_file_load(&file, c, path, j, err);

	(void)source;
	if (ret == -1)
		goto out;
	cover(&file, j);
	cert_file_privacy(&file, entry, j);
	if (file.certs > 0)
		judge_validity(&file, path, c->facts->now, j);
	if (file.keys > 0 && file.certs > 0) {
		if (cert_file_pair(&pair, j))
			judge_cover(j, "they belong together");
	} else if (file.keys > 0) {
		ret = pair_beside(c, &file, path, j, err);
	}
out:
	cert_file_release(&file);
	return ret;
}

const struct file_checker check_certificates = { "certificates", recognise,
	check };
