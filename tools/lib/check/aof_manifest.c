/* SPDX-License-Identifier: BSD-2-Clause */
/* Manifests of append-only files; see aof_manifest.h. */
#include "check/aof_manifest.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/num.h"

/* What is left of a line. */
struct line {
	const char *at;
	const char *end;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void
skip_blanks(struct line *l)
{
	while (l->at < l->end && is_blank(*l->at))
		l->at++;
}

/* One character of a quoted word, escapes undone. */
static bool
take_quoted_char(struct line *l, struct buf *word)
{
	static const char plain[] = "nrtba", meant[] = "\n\r\t\b\a";
	const char *known;
	uint8_t byte;

	if (*l->at != '\\' || l->end - l->at < 2) {
		buf_byte(word, (unsigned char)*l->at++);
		return true;
	}
	if (l->at[1] == 'x' && l->end - l->at >= 4 &&
	    hex_parse(l->at + 2, 2, &byte, 1)) {
		buf_byte(word, byte);
		l->at += 4;
		return byte != 0;
	}
	known = strchr(plain, l->at[1]);
	buf_byte(word, (unsigned char)(known != NULL && *known != '\0' ?
	    meant[known - plain] : l->at[1]));
	l->at += 2;
	return true;
}

/* The next word, in quotes or not; false when it is malformed. */
static bool
take_word(struct line *l, struct buf *word)
{
	buf_cut(word, 0);
	if (l->at < l->end && *l->at == '"') {
		l->at++;
		while (l->at < l->end && *l->at != '"')
			if (!take_quoted_char(l, word))
				return false;
		if (l->at == l->end)
			return false;
		l->at++;
		return l->at == l->end || is_blank(*l->at);
	}
	while (l->at < l->end && !is_blank(*l->at))
		buf_byte(word, (unsigned char)*l->at++);
	return word->len > 0;
}

/* A key and its value; keys of later versions are passed over. */
static bool
take_pair(struct line *l, struct aof_file *file)
{
	struct buf key = BUF_EMPTY, value = BUF_EMPTY;
	bool is_good = take_word(l, &key);

	skip_blanks(l);
	is_good = is_good && take_word(l, &value) &&
	    strlen(buf_text(&value)) == value.len;
	skip_blanks(l);
	if (is_good && strcasecmp(buf_text(&key), "file") == 0) {
		free(file->name);
		file->name = mem_text(buf_text(&value));
		is_good = value.len > 0 && strchr(file->name, '/') == NULL;
	} else if (is_good && strcasecmp(buf_text(&key), "seq") == 0) {
		is_good = num_parse(buf_text(&value), value.len, 10,
		    INT64_MAX, &file->seq);
	} else if (is_good && strcasecmp(buf_text(&key), "type") == 0) {
		file->type = buf_text(&value)[0];
	}
	buf_release(&key);
	buf_release(&value);
	return is_good;
}

static bool
parse_line(struct line l, struct aof_file *file)
{
	bool is_good = true;

	skip_blanks(&l);
	while (is_good && l.at < l.end)
		is_good = take_pair(&l, file);
	return is_good && file->name != NULL && file->seq != 0 &&
	    file->type != '\0' && strchr("bih", file->type) != NULL;
}

/* Takes what file owns. */
static int
add(struct aof_manifest *m, struct aof_file *file, struct err *err)
{
	size_t i;

	if (m->count == AOF_FILES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d files",
		    AOF_FILES_MAX);
	for (i = 0; i < m->count; i++) {
		if (file->type == 'b' && m->files[i].type == 'b')
			return err_set(err, ERR_DAMAGED, 0, "two base files");
		if (file->type == 'i' && m->files[i].type == 'i' &&
		    file->seq <= m->files[i].seq)
			return err_set(err, ERR_DAMAGED, 0,
			    "increments out of order");
	}
	m->files = mem_resize(m->files, m->count + 1, sizeof *m->files);
	m->files[m->count++] = *file;
	file->name = NULL;
	return 0;
}

static int
take_line(const char *text, size_t len, struct aof_manifest *m,
    struct err *err)
{
	struct aof_file file = { NULL, 0, '\0' };
	int ret = -1;

	if (len > 0 && text[0] == '#')
		return 0;
	if (len > AOF_LINE_MAX)
		return err_set(err, ERR_DAMAGED, 0, "a line of %zu bytes",
		    len);
	if (memchr(text, '\0', len) != NULL)
		err_set(err, ERR_DAMAGED, 0, "a NUL byte");
	else if (!parse_line((struct line){ text, text + len }, &file))
		err_set(err, ERR_DAMAGED, 0, "not 'file, seq, type'");
	else
		ret = add(m, &file, err);
	free(file.name);
	return ret;
}

int
aof_manifest_parse(const char *text, size_t len, struct aof_manifest *m,
    struct err *err)
{
	const char *end = text + len;
	unsigned number = 0;

	if (len == 0)
		return err_set(err, ERR_DAMAGED, 0, "it is empty");
	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));

		number++;
		if (stop == NULL)
			return err_set(err, ERR_DAMAGED, 0,
			    "line %u: cut short", number);
		if (take_line(text, (size_t)(stop - text), m, err) == -1)
			return err_context(err, "line %u", number);
		text = stop + 1;
	}
	return 0;
}

void
aof_manifest_release(struct aof_manifest *m)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		free(m->files[i].name);
	free(m->files);
	memset(m, 0, sizeof *m);
}
