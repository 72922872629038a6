/* SPDX-License-Identifier: BSD-2-Clause */
/* The commit record; see complete.h. */
#include "medium/complete.h"

#include <string.h>

#include "base/err.h"
#include "base/hex.h"
#include "base/num.h"
#include "codec/sha256.h"

static const char heading[] = "drydock-complete 1\n";

void
complete_format(const struct complete *c, struct buf *out)
{
	char hex[2 * SHA256_LEN + 1];
	uint8_t self[SHA256_LEN];
	size_t start = out->len;

	buf_puts(out, heading);
	buf_printf(out, "files %llu\nbytes %llu\nsums %s\n",
	    (unsigned long long)c->files, (unsigned long long)c->bytes,
	    hex_format(c->sums_sha256, SHA256_LEN, hex));
	sha256_of(out->data + start, out->len - start, self);
	buf_printf(out, "self %s\n", hex_format(self, SHA256_LEN, hex));
}

/* Take "key VALUE\n" off the front of text. */
static bool
line(const char **text, const char *end, const char *key, const char **value,
    size_t *value_len)
{
	size_t key_len = strlen(key);
	const char *newline;

	if ((size_t)(end - *text) < key_len + 1 ||
	    memcmp(*text, key, key_len) != 0 || (*text)[key_len] != ' ')
		return false;
	*value = *text + key_len + 1;
	newline = memchr(*value, '\n', (size_t)(end - *value));
	if (newline == NULL)
		return false;
	*value_len = (size_t)(newline - *value);
	*text = newline + 1;
	return true;
}

int
complete_parse(struct complete *c, const char *text, size_t len,
    struct err *err)
{
	const char *p = text, *end = text + len, *value;
	struct buf again = BUF_EMPTY;
	struct complete got;
	size_t n;
	bool ok = false;

	if (len > strlen(heading) && len <= COMPLETE_MAX &&
	    memcmp(p, heading, strlen(heading)) == 0) {
		p += strlen(heading);
		ok = line(&p, end, "files", &value, &n) &&
		    num_parse(value, n, 10, UINT64_MAX, &got.files) &&
		    line(&p, end, "bytes", &value, &n) &&
		    num_parse(value, n, 10, UINT64_MAX, &got.bytes) &&
		    line(&p, end, "sums", &value, &n) &&
		    hex_parse(value, n, got.sums_sha256, SHA256_LEN);
	}
	if (ok) {
		/* One spelling only; this compares the self digest as well. */
		complete_format(&got, &again);
		ok = again.len == len && memcmp(again.data, text, len) == 0;
	}
	buf_release(&again);
	if (!ok)
		return err_set(err, ERR_DAMAGED, 0,
		    "the commit record is not whole");
	*c = got;
	return 0;
}

bool
complete_is_blank(const void *data, size_t len)
{
	const char *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		if (p[i] != '\0')
			return false;
	return true;
}
