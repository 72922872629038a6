/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cert://FILE: the certificates in a file of the host or of a volume, before
 * any server is started with them: their time, their names, whether they are
 * one chain, and whether the private key belongs to the first.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "base/utc.h"
#include "check.h"
#include "codec/pem.h"
#include "codec/x509.h"
#include "codec/x509_host.h"
#include "codec/x509_signed.h"
#include "docker/volume.h"
#include "io/below.h"
#include "io/io.h"
#include "net_reason.h"
#include "outcome.h"
#include "site.h"

#define LIMIT_MS 5000
#define FILE_MAX 4194304

#define CERT_TERM (CHECK_EXPECT | CHECK_WARN)

struct look {
	const struct check *check;
	const struct probe_context *context;
	struct outcome *o;
	/* The PEM blocks of the certificates, and what they say. */
	struct pem_block blocks[TRUST_SENT_MAX];
	struct x509 certs[TRUST_SENT_MAX];
	struct der sent[TRUST_SENT_MAX];
	size_t count;
	struct pem_block key;		/* der NULL: none yet */
};

/* ----------------------------------------------------------------- reading */

static void
say_unread(struct outcome *o, const char *shown, const struct err *err)
{
	if (err->class == ERR_NOT_FOUND)
		outcome_reason(o, REASON_PATH_MISSING, "%s", shown);
	else if (err->sys == EACCES || err->sys == EPERM)
		outcome_reason(o, REASON_NO_PERMISSION, "%s", shown);
	else
		outcome_reason(o, REASON_CANNOT_READ, "%s: %s", shown,
		    err->text);
}

/* The folder of a volume's data, open; -1, and said. */
static int
open_volume(const struct look *look, const char *name)
{
	const struct volume_set *volumes;
	struct volume volume;
	struct err err;
	char *data;
	int fd, error;

	if (site_volumes(look->context->site, &volumes, &err) == -1) {
		outcome_reason(look->o, REASON_DATA_ROOT_MISSING, "%s",
		    err.text);
		return -1;
	}
	if (!volume_set_has(volumes, name)) {
		outcome_reason(look->o, REASON_VOLUME_MISSING, "%s", name);
		return -1;
	}
	if (volume_read(volumes, name, &volume, &err) == -1) {
		outcome_reason(look->o, REASON_CANNOT_READ, "%s", err.text);
		return -1;
	}
	data = mem_format("%s/_data", volume.path);
	fd = io_open_typed(data, O_RDONLY | O_DIRECTORY, 0);
	error = errno;
	free(data);
	volume_release(&volume);
	if (fd == -1)
		outcome_reason(look->o, error == EACCES ?
		    REASON_NO_PERMISSION : REASON_VOLUME_EMPTY, "%s", name);
	return fd;
}

static int
open_below(int root_fd, const char *path, struct err *err)
{
	struct below below;
	int fd;

	below_init(&below, root_fd);
	fd = below_open(&below, path + strspn(path, "/"),
	    O_RDONLY | O_NONBLOCK, err);
	below_release(&below);
	return fd;
}

/* A file of the host, or of the volume that "set: volume" names. */
static int
open_file(const struct look *look, const char *path, const char *shown)
{
	const char *volume = check_text(&look->check->set, "volume");
	struct err err;
	int root_fd, fd;

	if (volume == NULL) {
		fd = io_open_typed(path, O_RDONLY | O_NONBLOCK, 0);
		if (fd == -1)
			(void)err_set(&err, errno == ENOENT ? ERR_NOT_FOUND :
			    ERR_IO, errno, "cannot open");
	} else {
		root_fd = open_volume(look, volume);
		if (root_fd == -1)
			return -1;
		fd = open_below(root_fd, path, &err);
		(void)io_close(root_fd);	/* nothing to lose */
	}
	if (fd == -1)
		say_unread(look->o, shown, &err);
	return fd;
}

/* True: text holds it, and may have to be wiped. */
static bool
read_file(const struct look *look, const char *path, struct buf *text,
    struct stat *st)
{
	char shown[ESCAPE_NAME_MAX];
	int fd = open_file(look, path, escape_name(path, shown));
	struct err err;
	bool done;

	if (fd == -1)
		return false;
	done = io_read_whole(fd, FILE_MAX, text, &err) == 0;
	if (!done && err.class == ERR_DAMAGED)
		outcome_reason(look->o, REASON_WRONG_KIND, "%s: %s", shown,
		    err.text);
	else if (!done)
		say_unread(look->o, shown, &err);
	if (fstat(fd, st) == -1)
		st->st_mode = 0;
	(void)io_close(fd);	/* read-only: nothing to lose */
	return done;
}

static void
wipe(struct buf *text)
{
	if (text->data != NULL)
		explicit_bzero(text->data, text->len);
	buf_release(text);
}

/* ------------------------------------------------------------------ blocks */

static void
take_certificate(struct look *look, struct pem_block *block)
{
	struct pem_block empty = PEM_BLOCK_EMPTY;
	size_t i = look->count;
	struct err err;

	if (i == TRUST_SENT_MAX) {
		outcome_reason(look->o, REASON_CANNOT_READ, "more than %d "
		    "certificates: a bundle, and no server's", TRUST_SENT_MAX);
		return;
	}
	if (x509_parse(&look->certs[i], block->der, block->len, &err) == -1) {
		outcome_reason(look->o, REASON_CERT_BAD, "line %u: %s",
		    block->line, err.text);
		return;
	}
	look->sent[i].data = block->der;
	look->sent[i].len = block->len;
	look->blocks[i] = *block;
	*block = empty;
	look->count++;
}

/* What is of use of a file; certificates of a key's file are not. */
static void
take_blocks(struct look *look, const struct buf *text, bool is_key_file)
{
	struct pem_block block = PEM_BLOCK_EMPTY, empty = PEM_BLOCK_EMPTY;
	struct pem_reader reader;
	struct err err;
	int got;

	pem_init(&reader, buf_text(text), text->len);
	while ((got = pem_next(&reader, &block, &err)) != 0) {
		if (got == -1)
			outcome_reason(look->o, is_key_file ?
			    REASON_KEY_BROKEN : REASON_CERT_BAD, "%s",
			    err.text);
		else if (strcmp(block.label, PEM_CERTIFICATE) == 0 &&
		    !is_key_file)
			take_certificate(look, &block);
		else if (pem_is_private(&block) && look->key.der == NULL) {
			look->key = block;
			block = empty;
		}
	}
	pem_release(&block);
}

/* One certificate in DER, as a block of its own. */
static void
take_der(struct look *look, const struct buf *text)
{
	struct pem_block block = PEM_BLOCK_EMPTY;

	block.der = mem_alloc(text->len);
	block.len = block.cap = text->len;
	block.line = 1;
	memcpy(block.der, text->data, text->len);
	take_certificate(look, &block);
	pem_release(&block);
}

/* Everybody can read the file that holds the key. */
static void
judge_privacy(const struct look *look, const char *path,
    const struct stat *st)
{
	char shown[ESCAPE_NAME_MAX];

	if (look->key.der != NULL && !look->key.is_encrypted &&
	    (st->st_mode & S_IROTH) != 0)
		outcome_reason_as(look->o, OUTCOME_WARN,
		    REASON_WORLD_READABLE, "the private key in %s",
		    escape_name(path, shown));
}

static bool
read_certificates(struct look *look)
{
	const char *path = look->check->url.path;
	struct buf text = BUF_EMPTY;
	struct stat st;
	bool done = read_file(look, path, &text, &st);

	if (done && text.len > 0 && (uint8_t)text.data[0] == DER_SEQUENCE)
		take_der(look, &text);
	else if (done)
		take_blocks(look, &text, false);
	wipe(&text);
	if (done)
		judge_privacy(look, path, &st);
	if (done && look->count == 0 && look->o->status == OUTCOME_OK)
		outcome_reason(look->o, REASON_CERT_MISSING, "%s", "");
	return done && look->count > 0;
}

/* ---------------------------------------------------------------- the key */

static void
judge_pair(struct look *look)
{
	switch (x509_pair_check(&look->key, &look->certs[0].key)) {
	case X509_PAIR:
		outcome_fact(look->o, "key", "belongs");
		break;
	case X509_NO_PAIR:
		outcome_reason(look->o, REASON_KEY_MISMATCH, "%s", "");
		break;
	case X509_PAIR_ENCRYPTED:
		outcome_reason(look->o, REASON_KEY_UNCHECKED, "encrypted");
		break;
	case X509_PAIR_UNKNOWN:
		outcome_reason(look->o, REASON_KEY_UNCHECKED,
		    "its kind or size");
		break;
	case X509_PAIR_DAMAGED:
		outcome_reason(look->o, REASON_KEY_BROKEN, "line %u",
		    look->key.line);
		break;
	}
}

/* That of "set: key", else the one in the file itself, if any. */
static void
judge_key(struct look *look)
{
	const char *path = check_text(&look->check->set, "key");
	struct buf text = BUF_EMPTY;
	struct stat st;

	if (path != NULL) {
		pem_release(&look->key);
		if (!read_file(look, path, &text, &st))
			return;
		take_blocks(look, &text, true);
		wipe(&text);
		judge_privacy(look, path, &st);
		if (look->key.der == NULL)
			outcome_reason(look->o, REASON_KEY_MISSING, "%s", "");
	}
	if (look->key.der != NULL)
		judge_pair(look);
}

/* -------------------------------------------------------- the certificates */

static void
judge_names(const struct look *look, const struct check_terms *terms,
    enum outcome_status status)
{
	const struct check_term *t;
	struct x509_host host;

	for (t = NULL; (t = check_next(terms, "name", t)) != NULL; )
		if (!x509_host_parse(&host, t->value) ||
		    !x509_covers(&look->certs[0], &host))
			outcome_reason_as(look->o, status,
			    REASON_CERT_WRONG_NAME, "not for %s", t->value);
}

/* Each is signed by the one behind it, which servers send in that order. */
static void
judge_chain(const struct look *look)
{
	size_t i;

	for (i = 0; i + 1 < look->count; i++) {
		const struct x509 *cert = &look->certs[i];
		const struct x509 *next = &look->certs[i + 1];

		if (x509_is_self_issued(cert))
			continue;
		if (!der_equal(&cert->issuer, &next->subject))
			outcome_reason_as(look->o, OUTCOME_WARN,
			    REASON_CERT_INCOMPLETE, "certificate %zu is not "
			    "followed by that of its issuer", i + 1);
		else if (x509_signed_by(cert, &next->key) == X509_NOT_SIGNED)
			outcome_reason(look->o, REASON_CERT_BAD, "certificate "
			    "%zu is not signed by the one behind it", i + 1);
	}
}

/* The first one's time is judged by its terms; without the others it is
 * worth nothing. */
static void
judge_others(const struct look *look)
{
	char until[UTC_TEXT_MAX];
	size_t i;

	for (i = 1; i < look->count; i++)
		if (look->certs[i].not_after < look->context->now)
			outcome_reason(look->o, REASON_CERT_EXPIRED,
			    "certificate %zu of the file, on %s", i + 1,
			    utc_rfc3339(look->certs[i].not_after, until));
}

static void
put_facts(const struct look *look)
{
	const struct x509 *cert = &look->certs[0];
	struct der rest = cert->san;
	struct buf text = BUF_EMPTY;
	char key[X509_KEY_TEXT_MAX], until[UTC_TEXT_MAX];
	struct x509_alt alt;

	x509_name_text(&text, &cert->subject);
	outcome_fact(look->o, "subject", buf_text(&text));
	buf_cut(&text, 0);
	x509_name_text(&text, &cert->issuer);
	outcome_fact(look->o, "issuer", buf_text(&text));
	buf_cut(&text, 0);
	while (rest.len > 0 && text.len < ESCAPE_NAME_MAX &&
	    x509_alt_next(&rest, &alt)) {
		if (text.len > 0)
			buf_byte(&text, ' ');
		x509_alt_text(&text, &alt);
	}
	outcome_fact(look->o, "names", buf_text(&text));
	outcome_fact(look->o, "key_kind", x509_key_text(&cert->key, key));
	outcome_note(look->o, "%zu certificate%s, %s, until %s%s",
	    look->count, look->count == 1 ? "" : "s", key,
	    utc_rfc3339(cert->not_after, until), look->key.der != NULL ?
	    ", the key belongs to it" : ", no key was compared");
	buf_release(&text);
}

static void
judge(struct look *look)
{
	const struct check *check = look->check;
	struct trust_question question = { look->sent, look->count, NULL,
	    look->context->now };
	bool verify = check_bool(&check->set, "verify",
	    check_text(&check->set, "ca") != NULL);

	net_certs_judge(look->o, check, &question, verify);
	judge_names(look, &check->expect, OUTCOME_FAIL);
	judge_names(look, &check->warn, OUTCOME_WARN);
	judge_chain(look);
	judge_others(look);
	judge_key(look);
	put_facts(look);
}

static void
run_cert(const struct check *check, const struct probe_context *context,
    struct outcome *o)
{
	struct look *look = mem_zero(1, sizeof *look);

	look->check = check;
	look->context = context;
	look->o = o;
	if (read_certificates(look))
		judge(look);
	while (look->count > 0)
		pem_release(&look->blocks[--look->count]);
	pem_release(&look->key);
	free(look);
}

static int
accept_names(const struct check_terms *terms, struct err *err)
{
	const struct check_term *t;
	struct x509_host host;
	char shown[ESCAPE_NAME_MAX];

	for (t = NULL; (t = check_next(terms, "name", t)) != NULL; )
		if (!x509_host_parse(&host, t->value))
			return err_set(err, ERR_USAGE, 0, "name: '%s' is "
			    "neither a host name nor an address",
			    escape_name(t->value, shown));
	return 0;
}

static int
accept_cert(const struct check *check, struct err *err)
{
	const char *volume = check_text(&check->set, "volume");
	char shown[ESCAPE_NAME_MAX];

	if (volume != NULL && !volume_name_is_valid(volume))
		return err_set(err, ERR_USAGE, 0, "volume: '%s' is not a "
		    "volume name", escape_name(volume, shown));
	if (accept_names(&check->expect, err) == -1)
		return -1;
	return accept_names(&check->warn, err);
}

static const struct check_key keys[] = {
	NET_TLS_KEYS,
	{ "name", CHECK_TEXT, CERT_TERM, false, true },
	{ "key", CHECK_TEXT, CHECK_SET, false, false },
	{ "volume", CHECK_TEXT, CHECK_SET, false, false },
	{ NULL, CHECK_TEXT, 0, false, false }
};

const struct check_kind check_kind_cert = {
	keys, LIMIT_MS, REASON_STORAGE_SILENT, accept_cert, run_cert
};
