/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA256SUMS of a medium; see sums.h. */
#include "manifest/sums.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/search.h"

#define HEX_LEN 64
#define SEPARATOR "  "
#define SEPARATOR_LEN 2

static bool
is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* A device of DOS keeps its meaning on Windows, whatever follows a dot. */
static bool
is_dos_device(const char *name)
{
	static const char *const devices[] = { "con", "prn", "aux", "nul" };
	size_t len = strcspn(name, ".");
	size_t i;

	for (i = 0; i < sizeof devices / sizeof devices[0]; i++)
		if (len == 3 && strncasecmp(name, devices[i], 3) == 0)
			return true;
	return len == 4 && name[3] >= '0' && name[3] <= '9' &&
	    (strncasecmp(name, "com", 3) == 0 ||
	    strncasecmp(name, "lpt", 3) == 0);
}

bool
sums_is_plain(const char *name)
{
	size_t len = strlen(name);
	size_t i;

	/* First: no hidden file, and nothing that looks like an option. */
	if (len == 0 || len > SUMS_NAME_MAX || name[len - 1] == '.' ||
	    (!is_alphanumeric(name[0]) && name[0] != '_'))
		return false;
	for (i = 0; i < len; i++)
		if (!is_alphanumeric(name[i]) && strchr("._-", name[i]) == NULL)
			return false;
	return !is_dos_device(name);
}

static const char *
name_at(const void *list, size_t i)
{
	const struct sums *sums = list;

	return sums->items[i].name;
}

/* Where name is, or would go. */
static size_t
place(const struct sums *sums, const char *name, bool *found)
{
	return search_name(sums, sums->count, name_at, name, found);
}

int
sums_add(struct sums *sums, const char *name, const uint8_t sha256[32],
    struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	struct sum *item;
	bool found;
	size_t i;

	if (!sums_is_plain(name))
		return err_set(err, ERR_DAMAGED, 0,
		    "'%s' is not a plain file name", escape_name(name, shown));
	i = place(sums, name, &found);
	if (found)
		return err_set(err, ERR_DAMAGED, 0, "'%s' is there twice",
		    name);
	if (sums->count == SUMS_FILES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d files",
		    SUMS_FILES_MAX);
	sums->items = mem_resize(sums->items, sums->count + 1,
	    sizeof *sums->items);
	item = &sums->items[i];
	memmove(item + 1, item, (sums->count - i) * sizeof *item);
	memcpy(item->name, name, strlen(name) + 1);
	memcpy(item->sha256, sha256, sizeof item->sha256);
	sums->count++;
	return 0;
}

const struct sum *
sums_find(const struct sums *sums, const char *name)
{
	bool found;
	size_t i = place(sums, name, &found);

	return found ? &sums->items[i] : NULL;
}

void
sums_format(const struct sums *sums, struct buf *out)
{
	char text[HEX_LEN + 1];
	size_t i;

	for (i = 0; i < sums->count; i++) {
		(void)hex_format(sums->items[i].sha256, 32, text);
		buf_append(out, text, HEX_LEN);
		buf_puts(out, SEPARATOR);
		buf_puts(out, sums->items[i].name);
		buf_byte(out, '\n');
	}
}

/* line: without its newline. */
static int
parse_line(struct sums *sums, const char *line, size_t len, struct err *err)
{
	const size_t before = HEX_LEN + SEPARATOR_LEN;
	char name[SUMS_NAME_MAX + 1];
	uint8_t sha256[32];
	size_t i;

	if (len <= before || memcmp(line + HEX_LEN, SEPARATOR,
	    SEPARATOR_LEN) != 0 || !hex_parse(line, HEX_LEN, sha256, 32))
		return err_set(err, ERR_DAMAGED, 0,
		    "not 64 digits, two spaces and a name");
	for (i = 0; i < HEX_LEN; i++)
		if (line[i] >= 'A' && line[i] <= 'F')
			return err_set(err, ERR_DAMAGED, 0,
			    "digest is not in lower case");
	if (len - before > SUMS_NAME_MAX ||
	    memchr(line + before, '\0', len - before) != NULL)
		return err_set(err, ERR_DAMAGED, 0, "not a plain file name");
	memcpy(name, line + before, len - before);
	name[len - before] = '\0';
	if (sums->count > 0 &&
	    strcmp(sums->items[sums->count - 1].name, name) > 0)
		return err_set(err, ERR_DAMAGED, 0, "not in order");
	return sums_add(sums, name, sha256, err);
}

static int
parse_lines(struct sums *sums, const char *text, size_t len, struct err *err)
{
	size_t number, from = 0;

	for (number = 1; from < len; number++) {
		const char *end = memchr(text + from, '\n', len - from);
		size_t line_len;

		if (end == NULL) {
			(void)err_set(err, ERR_DAMAGED, 0, "ends in its middle");
			return err_context(err, "line %zu", number);
		}
		line_len = (size_t)(end - (text + from));
		if (parse_line(sums, text + from, line_len, err) == -1)
			return err_context(err, "line %zu", number);
		from += line_len + 1;
	}
	/* Sums of nothing would make a check of nothing succeed. */
	if (sums->count == 0)
		return err_set(err, ERR_DAMAGED, 0, "names no file");
	return 0;
}

int
sums_parse(struct sums *sums, const char *text, size_t len, struct err *err)
{
	struct sums fresh = SUMS_EMPTY;

	if (len > SUMS_BYTES_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "%zu bytes of checksums, more than the %zu allowed", len,
		    SUMS_BYTES_MAX);
	if (parse_lines(&fresh, text, len, err) == -1) {
		sums_release(&fresh);
		return -1;
	}
	sums_release(sums);
	*sums = fresh;
	return 0;
}

void
sums_release(struct sums *sums)
{
	free(sums->items);
	sums->items = NULL;
	sums->count = 0;
}
