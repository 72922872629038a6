/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of no known kind; see plain.h. */
#include "check/plain.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"

#define PIECE ((size_t)256 << 10)
#define BLOCK 512		/* the least that is lost at once */
#define CHARACTER_MAX 4		/* bytes of one in UTF-8 */

/* Does the file's name end like one of these? */
static bool
has_end(const char *path, const char *const *ends, size_t count)
{
	size_t len = strlen(path), i;

	for (i = 0; i < count; i++)
		if (len > strlen(ends[i]) &&
		    strcasecmp(path + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

/* What stands beside a SQLite database may well be zeros. */
static bool
may_be_zeros(const char *path)
{
	static const char *const ends[] = { "-journal", "-wal", "-shm" };

	return has_end(path, ends, sizeof ends / sizeof ends[0]);
}

static bool
is_never_empty(const char *path)
{
	static const char *const ends[] = { ".json", ".pem", ".crt", ".key",
		".xml", ".sql", ".dump", ".gz", ".tar", ".tgz", ".zip", ".zst",
		".xz", ".bz2", ".rdb", ".sqlite", ".p12" };

	return has_end(path, ends, sizeof ends / sizeof ends[0]);
}

static bool
is_json(const char *path)
{
	static const char *const ends[] = { ".json" };

	return has_end(path, ends, 1);
}

/* ------------------------------------------------------------------- bytes */

/* What the bytes of a file turned out to be. */
struct bytes {
	uint64_t zeros;
	uint64_t first_zero;
	uint64_t run;		/* of zeros, up to here */
	uint64_t short_runs;	/* that ended, and were no block of zeros */
	bool is_text;		/* valid UTF-8 but for zeros and its end */
	bool is_cut;		/* it ends inside a character */
	uint8_t rest[CHARACTER_MAX];	/* of a character that goes on */
	size_t rest_len;
};

static void
count_zeros(struct bytes *b, const uint8_t *data, size_t len, uint64_t at)
{
	const uint8_t *p = data, *end = data + len;

	while (p < end) {
		if (*p == 0) {
			if (b->zeros++ == 0)
				b->first_zero = at + (uint64_t)(p - data);
			b->run++;
			p++;
			continue;
		}
		b->short_runs += b->run > 0 && b->run < BLOCK;
		b->run = 0;
		p = memchr(p, 0, (size_t)(end - p));
		if (p == NULL)
			break;
	}
}

/* Control characters that text has. */
static bool
is_text_control(uint8_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || c == '\f' ||
	    c == '\b' || c == 0x1b || c == 0;
}

/* Valid UTF-8 from data on; how much of it was taken. */
static size_t
take_text(struct bytes *b, const uint8_t *data, size_t len, bool is_end)
{
	size_t at = 0;

	while (at < len) {
		size_t n = escape_utf8_len((const char *)data + at, len - at);

		if (n == 0 && data[at] == 0)
			n = 1;
		if (n == 0 && !is_end && len - at < CHARACTER_MAX)
			break;		/* it may go on */
		if (n == 0 || (n == 1 && data[at] < 0x20 &&
		    !is_text_control(data[at]))) {
			b->is_cut = is_end && data[at] >= 0xc2 &&
			    len - at < CHARACTER_MAX;
			b->is_text = b->is_cut;
			return len;
		}
		at += n;
	}
	return at;
}

static void
look_at_text(struct bytes *b, const uint8_t *data, size_t len, bool is_end)
{
	uint8_t joint[2 * CHARACTER_MAX];
	size_t n, used = 0;

	if (!b->is_text)
		return;
	if (b->rest_len > 0) {
		n = len < CHARACTER_MAX ? len : CHARACTER_MAX;
		memcpy(joint, b->rest, b->rest_len);
		memcpy(joint + b->rest_len, data, n);
		n = escape_utf8_len((const char *)joint, b->rest_len + n);
		if (n <= b->rest_len) {
			b->is_text = false;
			return;
		}
		used = n - b->rest_len;
		b->rest_len = 0;
	}
	used += take_text(b, data + used, len - used, is_end);
	b->rest_len = len - used;
	if (b->rest_len > 0)
		memcpy(b->rest, data + used, b->rest_len);
}

/*
 * Read while there is something to learn: text to its end, what is not text
 * only while it is nothing but zeros.
 */
static int
read_bytes(struct source *file, struct bytes *b, struct err *err)
{
	uint8_t *piece = mem_alloc(PIECE);
	uint64_t at = 0;
	int ret = 0;

	memset(b, 0, sizeof *b);
	b->is_text = true;
	while (at < file->size && ret == 0 &&
	    (b->is_text || b->zeros == at)) {
		size_t n = file->size - at < PIECE ?
		    (size_t)(file->size - at) : PIECE;

		ret = file->read_at(file, at, piece, n, err);
		if (ret == -1)
			break;
		count_zeros(b, piece, n, at);
		look_at_text(b, piece, n, at + n == file->size);
		at += n;
	}
	free(piece);
	return ret;
}

/* -------------------------------------------------------------------- JSON */

/* Only what ends too early is wrong for certain: comments are common. */
static int
check_json(struct source *file, const char *path, struct judgement *j,
    struct err *err)
{
	char *text;
	json_error_t where;
	json_t *root;

	if (file->size > PLAIN_JSON_MAX)
		return 0;
	text = mem_alloc((size_t)file->size + 1);
	if (file->read_at(file, 0, text, (size_t)file->size, err) == -1) {
		free(text);
		return judge_failure(j, path, err);
	}
	root = json_loadb(text, (size_t)file->size, JSON_DISABLE_EOF_CHECK |
	    JSON_DECODE_ANY | JSON_ALLOW_NUL, &where);
	if (root == NULL && json_error_code(&where) ==
	    json_error_premature_end_of_input)
		judge_find(j, VERDICT_SUSPECT, path, "is JSON that ends in "
		    "its middle, in line %d", where.line);
	json_decref(root);
	free(text);
	return 0;
}

/* ----------------------------------------------------------------- verdicts */

static void
judge(const struct bytes *b, const char *path, uint64_t size,
    struct judgement *j)
{
	if (size == 0 && is_never_empty(path))
		judge_find(j, VERDICT_SUSPECT, path, "is empty, which a file "
		    "of its kind never is");
	else if (size > 0 && b->zeros == size && !may_be_zeros(path))
		judge_find(j, VERDICT_SUSPECT, path, "holds nothing but "
		    "zeros, as a power cut leaves files");
	else if (b->is_text && b->zeros > 0 && b->first_zero > 0 &&
	    b->short_runs == 0)
		judge_find(j, VERDICT_SUSPECT, path, "is text with %llu zero "
		    "bytes in it, the first at byte %llu, as a power cut "
		    "leaves files", (unsigned long long)b->zeros,
		    (unsigned long long)b->first_zero);
	else if (b->is_cut)
		judge_find(j, VERDICT_SUSPECT, path, "is text that ends in "
		    "the middle of a character");
}

static int
check(const struct content *c, const struct entry *entry,
    struct source *file, struct judgement *j, struct err *err)
{
	const char *path = buf_text(&entry->path);
	struct bytes b;

	(void)c;
	if (read_bytes(file, &b, err) == -1)
		return judge_failure(j, path, err);
	judge(&b, path, file->size, j);
	judge_cover(j, b.is_text && b.zeros < file->size ?
	    "looked at as text" : "looked for zeros");
	if (file->size > 0 && j->verdict == VERDICT_CLEAN && is_json(path))
		return check_json(file, path, j, err);
	return 0;
}

static bool
recognise(const struct entry *entry, const uint8_t *head, size_t len)
{
	(void)entry;
	(void)head;
	(void)len;
	return true;
}

const struct file_checker check_plain = { "plain file", recognise, check };
