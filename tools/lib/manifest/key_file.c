/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys from the files that people name; see sign.h. */
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "io/io.h"
#include "manifest/sign.h"

static int
named(const char *path, struct err *err)
{
	char safe[ESCAPE_NAME_MAX];

	return err_context(err, "--key %s", escape_name(path, safe));
}

/* A private key's text must not stay in freed memory. */
static void
forget(struct buf *pem)
{
	if (pem->data != NULL)
		explicit_bzero(pem->data, pem->len);
	buf_release(pem);
}

int
sign_key_read(struct sign_key *key, const char *path, struct err *err)
{
	struct buf pem = BUF_EMPTY;
	int ret = io_read_typed(path, SIGN_KEY_FILE_MAX, &pem, err);

	if (ret == 0)
		ret = sign_key_parse(key, buf_text(&pem), pem.len, err);
	forget(&pem);
	return ret == -1 ? named(path, err) : 0;
}

int
sign_public_read(struct sign_public *pub, const char *path, struct err *err)
{
	struct buf pem = BUF_EMPTY;
	int ret = io_read_typed(path, SIGN_KEY_FILE_MAX, &pem, err);

	if (ret == 0)
		ret = sign_public_parse(pub, buf_text(&pem), pem.len, err);
	/* Its private half may have been given. */
	forget(&pem);
	return ret == -1 ? named(path, err) : 0;
}
