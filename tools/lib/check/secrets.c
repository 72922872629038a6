/* SPDX-License-Identifier: BSD-2-Clause */
/* Folders of secrets; see secrets.h. */
#include "check/secrets.h"

#include <jansson.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"

/* Secrets of Docker are at most 500 KB; more is no secret. */
#define SECRET_MAX 524288
#define BOM "\xef\xbb\xbf"

struct secrets {
	const struct content *c;
	const char *root;
	struct judgement *j;
	unsigned long looked, large, below;
};

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool
recognise(const struct entry *entry, size_t *root_len)
{
	const char *path = buf_text(&entry->path);
	const char *name = name_of(path);
	const char *slash = strchr(path, '/');

	*root_len = strlen(path);
	/* Deeper down it is as likely the source of some program. */
	return entry->type == ENTRY_DIR && (slash == NULL ||
	    slash + 1 == name) && (strcmp(name, "secrets") == 0 ||
	    strcmp(name, ".secrets") == 0);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static void
judge_json(struct secrets *s, const char *path, const struct buf *text)
{
	json_error_t where;
	json_t *value = json_loadb(buf_text(text), text->len,
	    JSON_DECODE_ANY, &where);

	/* Its own text of the error may show what stands there. */
	if (value == NULL)
		judge_find(s->j, VERDICT_SUSPECT, path, "line %d: not JSON",
		    where.line);
	json_decref(value);
}

/* Remarks: programs differ in what they cut off. */
static void
judge_text(struct secrets *s, const char *path, const struct buf *text)
{
	const char *data = buf_text(text);
	size_t lines = 0, i;

	if (text->len >= 3 && memcmp(data, BOM, 3) == 0)
		judge_find(s->j, VERDICT_CLEAN, path, "begins with a byte "
		    "order mark, which becomes part of the value");
	if (memchr(data, '\0', text->len) != NULL)
		return;
	if (memmem(data, text->len, "\r\n", 2) != NULL)
		judge_find(s->j, VERDICT_CLEAN, path, "has the line ends of "
		    "Windows, which become part of the value");
	for (i = 0; i < text->len; i++)
		lines += data[i] == '\n';
	if (lines == 1 && data[text->len - 1] == '\n')
		judge_find(s->j, VERDICT_CLEAN, path, "ends with a newline, "
		    "which some programs take for part of the value");
}

static bool
is_blank(const struct buf *text)
{
	return text->len == strspn(buf_text(text), " \t\r\n");
}

static int
judge_content(struct secrets *s, const char *path, struct err *err)
{
	struct buf text = BUF_EMPTY;
	int ret = tree_read_path(s->c->tree, path, SECRET_MAX, &text, err);

	if (ret == -1) {
		ret = judge_failure(s->j, path, err);
		goto out;
	}
	s->looked++;
	if (is_blank(&text))
		judge_find(s->j, VERDICT_SUSPECT, path, text.len == 0 ?
		    "is empty" : "holds nothing but blanks");
	else if (ends_with(path, ".json"))
		judge_json(s, path, &text);
	else
		judge_text(s, path, &text);
out:
	if (text.data != NULL)
		explicit_bzero(text.data, text.len);
	buf_release(&text);
	return ret;
}

/* Out of the folder: the backup of it does not have what it points to. */
static void
judge_link(struct secrets *s, const struct entry *entry)
{
	const char *to = buf_text(&entry->link);
	char safe[ESCAPE_NAME_MAX];

	if (to[0] == '/' || strncmp(to, "../", 3) == 0)
		judge_find(s->j, VERDICT_SUSPECT, buf_text(&entry->path),
		    "points out of the folder, to %s: what is there is not "
		    "part of this", escape_name(to, safe));
}

static int
visit(void *ctx, const struct entry *entry, struct err *err)
{
	struct secrets *s = ctx;
	const char *path = buf_text(&entry->path);

	if (strcmp(path, s->root) == 0)
		return 0;
	if (entry->type == ENTRY_DIR) {
		s->below++;
		return 1;
	}
	if (entry->type == ENTRY_SYMLINK)
		judge_link(s, entry);
	if (entry->type != ENTRY_FILE)
		return 0;
	if (entry->mode & 04)
		judge_find(s->j, VERDICT_SUSPECT, path,
		    "every user may read it (mode %04o)", entry->mode);
	if (entry->size > SECRET_MAX) {
		s->large++;
		return 0;
	}
	return judge_content(s, path, err);
}

static int
check(const struct content *c, const char *root, struct judgement *j,
    struct err *err)
{
	struct secrets s = { .c = c, .root = root, .j = j };

	if (tree_walk(c->tree, root, visit, &s, err) == -1 &&
	    judge_failure(j, root, err) == -1)
		return -1;
	if (s.looked > 0)
		judge_cover(j, "%lu secrets: mode, and whether there is "
		    "something in them", s.looked);
	if (s.large > 0)
		judge_cover(j, "%lu files are too large for secrets and were "
		    "not looked into", s.large);
	if (s.below > 0)
		judge_cover(j, "folders inside (%lu) are not part of this",
		    s.below);
	return 0;
}

const struct set_checker check_secrets = { "secrets", false, recognise,
	check };
