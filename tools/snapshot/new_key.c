/* SPDX-License-Identifier: BSD-2-Clause */
/* A new signing key; see new_key.h. */
#include "new_key.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "io/io.h"

static int
write_new(const char *path, const struct buf *text, mode_t mode,
    struct err *err)
{
	char safe[ESCAPE_NAME_MAX];
	int fd = io_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, mode);

	if (fd == -1)
		return err_set(err, ERR_IO, io_error(), "%s: cannot create",
		    escape_name(path, safe));
	if (io_write(fd, text->data, text->len) == -1 || io_sync(fd) == -1) {
		(void)err_set(err, ERR_IO, io_error(), "%s: cannot write",
		    escape_name(path, safe));
		(void)close(fd);	/* already failed */
		(void)unlink(path);
		return -1;
	}
	if (io_close(fd) == -1)
		return err_set(err, ERR_IO, io_error(), "%s: cannot close",
		    escape_name(path, safe));
	return 0;
}

int
new_key(const char *path, char fingerprint[SIGN_FINGERPRINT_MAX],
    struct err *err)
{
	char *public_path = mem_format("%s.pub", path);
	struct buf secret = BUF_EMPTY, open = BUF_EMPTY;
	struct sign_public pub;
	struct sign_key key;
	uint8_t seed[48];
	int ret = -1;

	if (io_random(seed, sizeof seed, err) == -1 ||
	    sign_key_new(&key, seed, sizeof seed, err) == -1)
		goto out;
	memcpy(pub.point, key.point, SIGN_POINT_LEN);
	sign_key_format(&key, &secret);
	sign_public_format(&pub, &open);
	if (write_new(path, &secret, 0600, err) == -1)
		goto out;
	if (write_new(public_path, &open, 0644, err) == -1) {
		/* Half a pair would be in the next run's way. */
		(void)unlink(path);
		goto out;
	}
	(void)sign_fingerprint(&pub, fingerprint);
	ret = 0;
out:
	if (secret.data != NULL)
		explicit_bzero(secret.data, secret.len);
	explicit_bzero(&key, sizeof key);
	explicit_bzero(seed, sizeof seed);
	buf_release(&secret);
	buf_release(&open);
	free(public_path);
	return ret;
}
