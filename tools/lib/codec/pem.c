/* SPDX-License-Identifier: BSD-2-Clause */
/* The blocks of a PEM text; see pem.h. */
#include "codec/pem.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"

#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"

struct line {
	const char *text;
	size_t len;
};

void
pem_init(struct pem_reader *reader, const char *text, size_t len)
{
	reader->text = text;
	reader->len = len;
	reader->line = 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next line without its end and the blanks before that. */
static bool
next_line(struct pem_reader *reader, struct line *line)
{
	const char *end;
	size_t len;

	if (reader->len == 0)
		return false;
	end = memchr(reader->text, '\n', reader->len);
	len = end == NULL ? reader->len : (size_t)(end - reader->text);
	line->text = reader->text;
	line->len = len;
	while (line->len > 0 && is_blank(line->text[line->len - 1]))
		line->len--;
	len += end != NULL;
	reader->text += len;
	reader->len -= len;
	reader->line++;
	return true;
}

static bool
starts(const struct line *line, const char *with)
{
	size_t len = strlen(with);

	return line->len >= len && memcmp(line->text, with, len) == 0;
}

/* What stands between head and the five dashes at the end. */
static bool
label_of(const struct line *line, const char *head, struct line *label)
{
	size_t head_len = strlen(head), tail_len = strlen(DASHES), i;

	if (!starts(line, head) || line->len < head_len + tail_len ||
	    memcmp(line->text + line->len - tail_len, DASHES, tail_len) != 0)
		return false;
	label->text = line->text + head_len;
	label->len = line->len - head_len - tail_len;
	if (label->len >= PEM_LABEL_MAX)
		return false;
	for (i = 0; i < label->len; i++)
		if (label->text[i] < ' ' || label->text[i] > '~')
			return false;
	return true;
}

static bool
is_label(const struct line *label, const char *text)
{
	return label->len == strlen(text) &&
	    memcmp(label->text, text, label->len) == 0;
}

/* ------------------------------------------------------------------ base64 */

struct decoder {
	uint32_t bits;
	unsigned count;		/* of characters in the group of four */
	unsigned pads;
};

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* A whole group: one to three bytes, and no bits lost in the padding. */
static bool
put_group(struct decoder *d, struct pem_block *block)
{
	size_t n = 3 - d->pads, i;

	if (d->pads > 2 || (d->pads > 0 &&
	    (d->bits & ((1u << 8 * d->pads) - 1)) != 0))
		return false;
	for (i = 0; i < n; i++)
		block->der[block->len++] = (uint8_t)(d->bits >> (16 - 8 * i));
	d->bits = 0;
	d->count = 0;
	return true;
}

static bool
put_char(struct decoder *d, struct pem_block *block, char c)
{
	int value = value_of(c);

	if (c == '=')
		d->pads++;
	else if (value == -1 || d->pads > 0)
		return false;
	d->bits = d->bits << 6 | (value == -1 ? 0 : (uint32_t)value);
	return ++d->count < 4 || put_group(d, block);
}

static bool
put_line(struct decoder *d, struct pem_block *block, const struct line *line)
{
	size_t i;

	for (i = 0; i < line->len; i++)
		if (!is_blank(line->text[i]) &&
		    !put_char(d, block, line->text[i]))
			return false;
	return true;
}

/* ------------------------------------------------------------------ blocks */

static void
wipe(struct pem_block *block)
{
	if (block->der != NULL)
		explicit_bzero(block->der, block->cap);
	block->len = 0;
}

void
pem_release(struct pem_block *block)
{
	wipe(block);
	free(block->der);
	block->der = NULL;
	block->cap = 0;
}

/* Room for what that many characters of base64 decode to. */
static void
make_room(struct pem_block *block, size_t chars)
{
	size_t need = chars / 4 * 3 + 3;

	if (need <= block->cap)
		return;
	pem_release(block);
	block->der = mem_alloc(need);
	block->cap = need;
}

/*
 * The lines up to END, or up to what ends the search for it: the end of the
 * text or another BEGIN, which is left for the next call.
 */
static bool
find_end(struct pem_reader *reader, struct line *inside, struct line *label)
{
	struct pem_reader before = *reader;
	struct line line;

	inside->text = reader->text;
	while (next_line(reader, &line)) {
		if (starts(&line, BEGIN))
			break;
		if (starts(&line, END)) {
			inside->len = (size_t)(line.text - inside->text);
			return label_of(&line, END, label);
		}
		before = *reader;
	}
	*reader = before;
	return false;
}

static bool
is_header(const struct line *line)
{
	return memchr(line->text, ':', line->len) != NULL;
}

/* Headers, an empty line behind them, base64. */
static int
decode(struct pem_block *block, const struct line *inside, struct err *err)
{
	struct decoder decoder = { 0, 0, 0 };
	struct pem_reader reader;
	bool in_head = true;
	struct line line;

	pem_init(&reader, inside->text, inside->len);
	while (next_line(&reader, &line)) {
		if (in_head && starts(&line, "Proc-Type:") &&
		    memmem(line.text, line.len, "ENCRYPTED", 9) != NULL)
			block->is_encrypted = true;
		in_head = in_head && (is_header(&line) ||
		    (line.len > 0 && is_blank(line.text[0])));
		if (!in_head && !put_line(&decoder, block, &line))
			return err_set(err, ERR_DAMAGED, 0,
			    "line %u: not base64", block->line + reader.line);
	}
	if (decoder.count != 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "line %u: the base64 of the PEM block is cut",
		    block->line + reader.line);
	return 0;
}

static int
read_block(struct pem_reader *reader, const struct line *label,
    struct pem_block *block, struct err *err)
{
	struct line inside, end;

	block->line = reader->line;
	memcpy(block->label, label->text, label->len);
	block->label[label->len] = '\0';
	block->is_encrypted = strncmp(block->label, "ENCRYPTED ", 10) == 0;
	if (!find_end(reader, &inside, &end))
		return err_set(err, ERR_DAMAGED, 0,
		    "line %u: the PEM block has no end", block->line);
	if (!is_label(&end, block->label))
		return err_set(err, ERR_DAMAGED, 0,
		    "line %u: the PEM block ends as another kind",
		    block->line);
	if (inside.len / 4 * 3 > PEM_DER_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "line %u: a PEM block of more than %d bytes",
		    block->line, PEM_DER_MAX);
	make_room(block, inside.len);
	return decode(block, &inside, err);
}

int
pem_next(struct pem_reader *reader, struct pem_block *block, struct err *err)
{
	struct line line, label;

	wipe(block);
	while (next_line(reader, &line)) {
		if (!starts(&line, BEGIN))
			continue;
		if (!label_of(&line, BEGIN, &label))
			return err_set(err, ERR_DAMAGED, 0,
			    "line %u: a damaged BEGIN line", reader->line);
		return read_block(reader, &label, block, err) == -1 ? -1 : 1;
	}
	return 0;
}

bool
pem_is_private(const struct pem_block *block)
{
	static const char tail[] = "PRIVATE KEY";
	size_t len = strlen(block->label);

	return len >= sizeof tail - 1 &&
	    strcmp(block->label + len - (sizeof tail - 1), tail) == 0;
}
