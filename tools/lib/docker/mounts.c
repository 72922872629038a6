/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/mountinfo; see mounts.h. */
#include "docker/mounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "io/io.h"

#define READ_STEP 65536U

/* The next word up to a space, NUL-terminated in place; NULL at the end. */
static char *
next_word(char **at)
{
	char *word = *at, *end;

	if (word == NULL)
		return NULL;
	end = strchr(word, ' ');
	if (end != NULL)
		*end++ = '\0';
	*at = end;
	return word;
}

/* The kernel writes space, tab, newline and backslash as \ooo. */
static void
unescape(char *text)
{
	char *out = text;

	while (*text != '\0') {
		uint64_t value;

		if (text[0] == '\\' && strlen(text) >= 4 &&
		    num_parse(text + 1, 3, 8, 255, &value) && value != 0) {
			*out++ = (char)value;
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	*out = '\0';
}

static bool
parse_number(const char *word, uint64_t max, uint64_t *value)
{
	return word != NULL && num_parse(word, strlen(word), 10, max, value);
}

static bool
parse_device(char *word, struct mount *m)
{
	char *colon = word == NULL ? NULL : strchr(word, ':');
	uint64_t major, minor;

	if (colon == NULL)
		return false;
	*colon = '\0';
	if (!parse_number(word, UINT32_MAX, &major) ||
	    !parse_number(colon + 1, UINT32_MAX, &minor))
		return false;
	m->major = (uint32_t)major;
	m->minor = (uint32_t)minor;
	return true;
}

/* id parent major:minor root point options [optional...] - type ... */
static bool
parse_line(char *line, struct mount *m)
{
	char *at = line, *root, *point, *options, *word;

	if (!parse_number(next_word(&at), UINT64_MAX, &m->id) ||
	    !parse_number(next_word(&at), UINT64_MAX, &m->parent) ||
	    !parse_device(next_word(&at), m))
		return false;
	root = next_word(&at);
	point = next_word(&at);
	options = next_word(&at);
	do {
		word = next_word(&at);
	} while (word != NULL && strcmp(word, "-") != 0);
	m->type = next_word(&at);
	if (root == NULL || point == NULL || options == NULL ||
	    m->type == NULL)
		return false;
	unescape(root);
	unescape(point);
	m->root = root;
	m->point = point;
	m->is_read_only = strcmp(options, "ro") == 0 ||
	    strncmp(options, "ro,", 3) == 0;
	return true;
}

int
mounts_parse(const char *text, size_t len, struct mounts *mounts,
    struct err *err)
{
	struct mounts found = { NULL, 0, NULL };
	size_t cap = 0;
	char *line, *end;

	found.text = mem_alloc(len + 1);
	memcpy(found.text, text, len);
	found.text[len] = '\0';
	for (line = found.text; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		if (end == NULL || found.count >= MOUNTS_MAX)
			goto bad;
		*end = '\0';
		if (found.count == cap) {
			cap = cap == 0 ? 64 : cap * 2;
			found.list = mem_resize(found.list, cap,
			    sizeof *found.list);
		}
		if (!parse_line(line, &found.list[found.count]))
			goto bad;
		found.count++;
	}
	*mounts = found;
	return 0;
bad:
	err_set(err, ERR_DAMAGED, 0, "line %zu is not understood, or there "
	    "are more than %d", found.count + 1, MOUNTS_MAX);
	mounts_release(&found);
	return -1;
}

int
mounts_read(int proc_fd, const char *who, struct mounts *mounts,
    struct err *err)
{
	struct buf text = BUF_EMPTY;
	char name[64];
	size_t got;
	int fd, ret = -1;

	(void)snprintf(name, sizeof name, "%s/mountinfo", who);
	fd = io_open(proc_fd, name, O_RDONLY, 0);
	if (fd == -1) {
		err_set(err, ERR_IO, io_error(), "cannot open");
		goto out;
	}
	/* Files of /proc have no size: read until nothing comes. */
	do {
		if (io_read(fd, buf_reserve(&text, READ_STEP), READ_STEP,
		    &got) == -1) {
			err_set(err, ERR_IO, io_error(), "cannot read");
			goto out;
		}
		text.len += got;
		if (text.len > MOUNTS_TEXT_MAX) {
			err_set(err, ERR_LIMIT, 0, "more than %zu bytes",
			    MOUNTS_TEXT_MAX);
			goto out;
		}
	} while (got == READ_STEP);
	ret = mounts_parse(text.data, text.len, mounts, err);
out:
	if (ret == -1)
		err_context(err, "/proc/%s", name);
	if (fd != -1)
		(void)io_close(fd);	/* read-only: nothing to lose */
	buf_release(&text);
	return ret;
}

void
mounts_release(struct mounts *mounts)
{
	free(mounts->list);
	free(mounts->text);
	memset(mounts, 0, sizeof *mounts);
}

const char *
mounts_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	if (len > 0 && folder[len - 1] == '/')
		len--;
	if (strncmp(path, folder, len) != 0)
		return NULL;
	if (path[len] != '\0' && path[len] != '/')
		return NULL;
	return strcmp(path + len, "/") == 0 ? "" : path + len;
}

const struct mount *
mounts_of_path(const struct mounts *mounts, const char *path)
{
	const struct mount *best = NULL;
	size_t i;

	/* Of several on one point, the last one covers the others. */
	for (i = 0; i < mounts->count; i++) {
		const struct mount *m = &mounts->list[i];

		if (mounts_below(path, m->point) != NULL && (best == NULL ||
		    strlen(m->point) >= strlen(best->point)))
			best = m;
	}
	return best;
}

const struct mount *
mounts_at(const struct mounts *mounts, const char *path)
{
	const struct mount *found = NULL;
	size_t i;

	for (i = 0; i < mounts->count; i++)
		if (strcmp(mounts->list[i].point, path) == 0)
			found = &mounts->list[i];
	return found;
}

const struct mount *
mounts_by_id(const struct mounts *mounts, uint64_t id)
{
	size_t i;

	for (i = 0; i < mounts->count; i++)
		if (mounts->list[i].id == id)
			return &mounts->list[i];
	return NULL;
}
