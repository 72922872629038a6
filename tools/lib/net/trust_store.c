/* SPDX-License-Identifier: BSD-2-Clause */
/* Trust anchors, from PEM; see trust.h. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "codec/pem.h"
#include "io/io.h"
#include "net/trust_private.h"

struct trust_store *
trust_store_new(void)
{
	return mem_zero(1, sizeof(struct trust_store));
}

void
trust_store_free(struct trust_store *store)
{
	size_t i;

	if (store == NULL)
		return;
	for (i = 0; i < store->count; i++)
		free(store->der[i]);
	free(store->der);
	free(store->anchors);
	free(store);
}

size_t
trust_store_count(const struct trust_store *store)
{
	return store->count;
}

static void
make_room(struct trust_store *store)
{
	if (store->count < store->cap)
		return;
	store->cap = store->cap == 0 ? 16 : 2 * store->cap;
	store->anchors = mem_resize(store->anchors, store->cap,
	    sizeof *store->anchors);
	store->der = mem_resize(store->der, store->cap, sizeof *store->der);
}

static int
add_block(struct trust_store *store, const struct pem_block *block,
    struct err *err)
{
	struct x509 cert;
	uint8_t *der;

	if (store->count == TRUST_ANCHORS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "more than %d certificates", TRUST_ANCHORS_MAX);
	der = mem_alloc(block->len);
	memcpy(der, block->der, block->len);
	if (x509_parse(&cert, der, block->len, err) == -1) {
		free(der);
		return err_context(err, "line %u", block->line);
	}
	make_room(store);
	store->anchors[store->count] = cert;
	store->der[store->count] = der;
	store->count++;
	return 0;
}

/* "TRUSTED CERTIFICATE" is OpenSSL's own form and has more behind the DER. */
static bool
is_certificate(const struct pem_block *block)
{
	return strcmp(block->label, PEM_CERTIFICATE) == 0 ||
	    strcmp(block->label, "X509 CERTIFICATE") == 0;
}

static int
add(struct trust_store *store, const struct buf *pem, bool is_lax,
    struct err *err)
{
	struct pem_block block = PEM_BLOCK_EMPTY;
	size_t before = store->count;
	struct pem_reader reader;
	int got;

	pem_init(&reader, buf_text(pem), pem->len);
	while ((got = pem_next(&reader, &block, err)) != 0) {
		if (got == 1 && is_certificate(&block))
			got = add_block(store, &block, err);
		if (got == -1 && (!is_lax || err->class == ERR_LIMIT))
			break;
	}
	pem_release(&block);
	if (got == -1)
		return -1;
	if (store->count == before)
		return err_set(err, ERR_DAMAGED, 0,
		    "there is no certificate in it");
	return 0;
}

int
trust_store_add(struct trust_store *store, const char *pem, size_t len,
    struct err *err)
{
	struct buf text = BUF_EMPTY;
	int ret;

	if (len > TRUST_FILE_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "%zu bytes, more than the %d allowed", len,
		    TRUST_FILE_MAX);
	buf_append(&text, pem, len);
	ret = add(store, &text, false, err);
	buf_release(&text);
	return ret;
}

static int
read_file(struct trust_store *store, const char *path, bool is_lax,
    struct err *err)
{
	struct buf text = BUF_EMPTY;
	int ret = io_read_typed(path, TRUST_FILE_MAX, &text, err);
	char safe[ESCAPE_NAME_MAX];

	if (ret == 0)
		ret = add(store, &text, is_lax, err);
	buf_release(&text);
	return ret == -1 ? err_context(err, "%s", escape_name(path, safe)) : 0;
}

int
trust_store_read(struct trust_store *store, const char *path,
    struct err *err)
{
	return read_file(store, path, false, err);
}

int
trust_store_read_system(struct trust_store *store, const char **path,
    struct err *err)
{
	static const char *const places[] = {
		"/etc/ssl/certs/ca-certificates.crt",	/* Debian, Arch */
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
		"/etc/pki/tls/certs/ca-bundle.crt",	/* Fedora */
		"/etc/ssl/ca-bundle.pem",		/* openSUSE */
		"/etc/ssl/cert.pem",			/* Alpine */
	};
	const char *chosen = getenv("SSL_CERT_FILE");
	size_t i;

	if (chosen != NULL && chosen[0] != '\0') {
		*path = chosen;
		return read_file(store, chosen, true, err);
	}
	for (i = 0; i < sizeof places / sizeof places[0]; i++) {
		if (read_file(store, places[i], true, err) == 0) {
			*path = places[i];
			return 0;
		}
		if (err->class != ERR_NOT_FOUND)
			return -1;
	}
	return err_set(err, ERR_NOT_FOUND, 0,
	    "this system has no bundle of trusted certificates");
}
