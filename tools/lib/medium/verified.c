/* SPDX-License-Identifier: BSD-2-Clause */
/* What runs of verify found; see verified.h. */
#include "medium/verified.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/hex.h"
#include "base/num.h"
#include "base/utc.h"
#include "io/io.h"
#include "medium/put.h"

#define HEADING "drydock-verified 1\n"
#define SELF_LEN (strlen("self ") + 2 * SHA256_LEN + 1)

void
verified_format_run(const struct verified_run *run, struct buf *out)
{
	char when[UTC_TEXT_MAX];

	buf_printf(out, HEADING "run %s\nhost %s\nkind %s\nstate %s\n"
	    "status %llu\n", run->id, run->host, run->kind, run->state,
	    (unsigned long long)run->status);
	buf_printf(out, "started %s\n", utc_rfc3339(run->started, when));
	buf_printf(out, "ended %s\n", utc_rfc3339(run->ended, when));
}

void
verified_format_snapshot(const char *name, struct buf *out)
{
	buf_printf(out, "snapshot %s\n", name);
}

void
verified_format_file(const struct verified_file *file, struct buf *out)
{
	char hex[2 * SHA256_LEN + 1];

	buf_printf(out, "file %s %llu %s %s\n", file->verdict,
	    (unsigned long long)file->bytes,
	    hex_format(file->sha256, SHA256_LEN, hex), file->name);
}

void
verified_seal(struct buf *out)
{
	char hex[2 * SHA256_LEN + 1];
	uint8_t self[SHA256_LEN];

	sha256_of(buf_text(out), out->len, self);
	buf_printf(out, "self %s\n", hex_format(self, SHA256_LEN, hex));
}

/* What is left to read, word by word. */
struct cursor {
	const char *at;
	const char *end;
};

/* "key " is next; it is passed over. */
static bool
take_key(struct cursor *c, const char *key)
{
	size_t len = strlen(key);

	if ((size_t)(c->end - c->at) <= len ||
	    memcmp(c->at, key, len) != 0 || c->at[len] != ' ')
		return false;
	c->at += len + 1;
	return true;
}

/* Printable ASCII up to the stop, 1 to max bytes; the stop is passed over. */
static bool
take_word(struct cursor *c, char stop, char *word, size_t max)
{
	size_t n = 0;

	while (c->at + n < c->end && c->at[n] != stop) {
		if (c->at[n] <= ' ' || c->at[n] > '~' || n == max)
			return false;
		n++;
	}
	if (n == 0 || c->at + n == c->end)
		return false;
	memcpy(word, c->at, n);
	word[n] = '\0';
	c->at += n + 1;
	return true;
}

static bool
take_number(struct cursor *c, char stop, uint64_t *value)
{
	char word[24];

	return take_word(c, stop, word, sizeof word - 1) &&
	    (word[0] != '0' || word[1] == '\0') &&
	    num_parse(word, strlen(word), 10, INT64_MAX, value);
}

static bool
take_moment(struct cursor *c, int64_t *seconds)
{
	char word[UTC_TEXT_MAX], again[UTC_TEXT_MAX];

	return take_word(c, '\n', word, sizeof word - 1) &&
	    utc_parse(word, seconds) &&
	    strcmp(utc_rfc3339(*seconds, again), word) == 0;
}

static bool
is_id(const char *id)
{
	size_t i;

	for (i = 0; i < MEDIUM_ID_LEN; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? id[i] != '-' : id[i] == '\0' ||
		    strchr("0123456789abcdef", id[i]) == NULL)
			return false;
	}
	return id[i] == '\0';
}

static bool
take_run(struct cursor *c, struct verified_run *run)
{
	size_t len = strlen(HEADING);

	if ((size_t)(c->end - c->at) < len ||
	    memcmp(c->at, HEADING, len) != 0)
		return false;
	c->at += len;
	return take_key(c, "run") &&
	    take_word(c, '\n', run->id, MEDIUM_ID_LEN) && is_id(run->id) &&
	    take_key(c, "host") &&
	    take_word(c, '\n', run->host, VERIFIED_HOST_MAX) &&
	    take_key(c, "kind") &&
	    take_word(c, '\n', run->kind, VERIFIED_WORD_MAX) &&
	    take_key(c, "state") &&
	    take_word(c, '\n', run->state, VERIFIED_WORD_MAX) &&
	    take_key(c, "status") && take_number(c, '\n', &run->status) &&
	    run->status <= 255 &&
	    take_key(c, "started") && take_moment(c, &run->started) &&
	    take_key(c, "ended") && take_moment(c, &run->ended);
}

static bool
take_snapshot(struct cursor *c, char name[MEDIUM_NAME_MAX])
{
	struct medium_name parsed;

	return take_word(c, '\n', name, MEDIUM_NAME_MAX - 1) &&
	    medium_name_parse(&parsed, name);
}

static bool
take_file(struct cursor *c, struct verified_file *file)
{
	char hex[2 * SHA256_LEN + 1], again[2 * SHA256_LEN + 1];

	return take_word(c, ' ', file->verdict, VERIFIED_WORD_MAX) &&
	    take_number(c, ' ', &file->bytes) &&
	    take_word(c, ' ', hex, sizeof hex - 1) &&
	    hex_parse(hex, strlen(hex), file->sha256, SHA256_LEN) &&
	    strcmp(hex_format(file->sha256, SHA256_LEN, again), hex) == 0 &&
	    take_word(c, '\n', file->name, SUMS_NAME_MAX) &&
	    sums_is_plain(file->name);
}

/* The last line is the digest of those above. */
static bool
is_sealed(const char *text, size_t len)
{
	char hex[2 * SHA256_LEN + 1];
	uint8_t self[SHA256_LEN];
	const char *seal = text + len - SELF_LEN;

	if (len < SELF_LEN || memcmp(seal, "self ", 5) != 0 ||
	    text[len - 1] != '\n')
		return false;
	sha256_of(text, len - SELF_LEN, self);
	return memcmp(seal + 5, hex_format(self, SHA256_LEN, hex),
	    2 * SHA256_LEN) == 0;
}

int
verified_parse(const char *text, size_t len, struct verified_run *run,
    void (*each)(void *ctx, const char *snapshot,
    const struct verified_file *file), void *ctx, struct err *err)
{
	struct cursor c = { text, text + len };
	char snapshot[MEDIUM_NAME_MAX] = "";
	struct verified_file file;
	struct verified_run got;

	if (len > VERIFIED_BYTES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %zu bytes",
		    VERIFIED_BYTES_MAX);
	if (!is_sealed(text, len) || !take_run(&c, &got))
		return err_set(err, ERR_DAMAGED, 0,
		    "the record of a run is not whole");
	c.end -= SELF_LEN;
	while (c.at < c.end) {
		if (take_key(&c, "snapshot")) {
			if (take_snapshot(&c, snapshot))
				continue;
		} else if (take_key(&c, "file") && snapshot[0] != '\0' &&
		    take_file(&c, &file)) {
			if (each != NULL)
				each(ctx, snapshot, &file);
			continue;
		}
		return err_set(err, ERR_DAMAGED, 0,
		    "the record of a run has a line that is none");
	}
	*run = got;
	return 0;
}

int
verified_write(const struct medium *m, const struct verified_run *run,
    const struct buf *text, struct err *err)
{
	char name[PUT_NAME_MAX + 1], when[UTC_TEXT_MAX];
	int fd, ret = -1;

	if (text->len > VERIFIED_BYTES_MAX)
		return err_set(err, ERR_LIMIT, 0, "a record of %zu bytes; a "
		    "medium carries %zu", text->len, VERIFIED_BYTES_MAX);
	(void)snprintf(name, sizeof name, "%s-%.8s.txt",
	    utc_compact(run->started, when), run->id);
	if (mkdirat(m->dir_fd, VERIFIED_DIR, 0755) == -1 && errno != EEXIST)
		return err_set(err, ERR_IO, errno,
		    "cannot make " MEDIUM_DIR "/" VERIFIED_DIR);
	fd = io_open(m->dir_fd, VERIFIED_DIR, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1 || io_sync(m->dir_fd) == -1)
		err_set(err, ERR_IO, io_error(),
		    MEDIUM_DIR "/" VERIFIED_DIR);
	else if (put_file(fd, name, buf_text(text), text->len, NULL,
	    err) == -1)
		err_context(err, MEDIUM_DIR "/" VERIFIED_DIR);
	else if (io_sync(fd) == -1)
		err_set(err, ERR_IO, io_error(),
		    "cannot flush " MEDIUM_DIR "/" VERIFIED_DIR);
	else
		ret = 0;
	if (fd != -1)
		(void)close(fd);	/* flushed, or given up */
	return ret;
}
