/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of zeros; see plain.h. */
#include "check/plain.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PIECE ((size_t)256 << 10)

static bool
recognise(const struct entry *entry, const uint8_t *head, size_t len)
{
	(void)head;
	(void)len;
	return entry->size > 0;
}

static bool
is_zeros(const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (data[i] != 0)
			return false;
	return true;
}

/* What stands beside a SQLite database may well be zeros. */
static bool
may_be_zeros(const char *path)
{
	static const char *const ends[] = { "-journal", "-wal", "-shm" };
	size_t len = strlen(path), i;

	for (i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (len > strlen(ends[i]) &&
		    strcmp(path + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

static int
check(const struct content *c, const struct entry *entry,
    struct source *file, struct judgement *j, struct err *err)
{
	const char *path = buf_text(&entry->path);
	uint8_t *piece = mem_alloc(PIECE);
	bool zeros = true;
	uint64_t at;
	int ret = 0;

	(void)c;
	for (at = 0; at < file->size && zeros && ret == 0; at += PIECE) {
		size_t n = file->size - at < PIECE ?
		    (size_t)(file->size - at) : PIECE;

		ret = file->read_at(file, at, piece, n, err);
		zeros = ret == 0 && is_zeros(piece, n);
	}
	free(piece);
	if (ret == -1)
		return judge_failure(j, path, err);
	if (zeros && !may_be_zeros(path))
		judge_find(j, VERDICT_SUSPECT, path, "holds nothing but "
		    "zeros, as a power cut leaves files");
	judge_cover(j, "looked for zeros");
	return 0;
}

const struct file_checker check_plain = { "plain file", recognise, check };
