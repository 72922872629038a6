/* SPDX-License-Identifier: BSD-2-Clause */
/* A member's content by place; see member.h. */
#include "archive/member.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "manifest/entry.h"

#define BLOCK ((size_t)512)
/* Offsets within a ustar header block (POSIX.1-2017 pax). */
#define SIZE_AT 124
#define SIZE_LEN 12
#define SUM_AT 148
#define SUM_LEN 8
#define TYPE_AT 156
/* An archive has at most an extended header before each member's own. */
#define HEADERS_MAX 4

/* Where a stretch of data lies in the file and in the tar stream. */
struct member_run {
	uint64_t offset;
	uint64_t len;
	uint64_t stored_at;
};

/* What the extended header says, as far as it matters here. */
struct extended {
	bool has_size;
	uint64_t size;		/* of what is stored */
	bool is_sparse;
	uint64_t real_size;
};

static uint64_t
round_up(uint64_t size)
{
	return (size + BLOCK - 1) / BLOCK * BLOCK;
}

/* An octal field, padded by spaces or a NUL; or base 256. */
static bool
read_number(const uint8_t *field, size_t len, uint64_t *value)
{
	size_t i;

	if ((field[0] & 0x80) != 0) {
		*value = 0;
		for (i = len - 8; i < len; i++)
			*value = *value << 8 | field[i];
		return field[0] == 0x80 && *value <= INT64_MAX;
	}
	while (len > 0 && (field[len - 1] == '\0' || field[len - 1] == ' '))
		len--;
	return num_parse((const char *)field, len, 8, INT64_MAX, value);
}

static bool
has_right_sum(const uint8_t block[BLOCK])
{
	uint64_t want, sum = 0;
	size_t i;

	if (!read_number(block + SUM_AT, SUM_LEN, &want))
		return false;
	for (i = 0; i < BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + SUM_LEN ? ' ' : block[i];
	return sum == want;
}

/* One "key=value" of an extended header. */
static bool
take_record(struct extended *x, const char *key, size_t key_len,
    const char *value, size_t value_len)
{
	static const char major[] = "GNU.sparse.major";
	static const char real[] = "GNU.sparse.realsize";

	if (key_len == 4 && memcmp(key, "size", 4) == 0) {
		x->has_size = true;
		return num_parse(value, value_len, 10, INT64_MAX, &x->size);
	}
	if (key_len == sizeof major - 1 && memcmp(key, major, key_len) == 0) {
		x->is_sparse = true;
		return value_len == 1 && value[0] == '1';
	}
	if (key_len == sizeof real - 1 && memcmp(key, real, key_len) == 0)
		return num_parse(value, value_len, 10, INT64_MAX,
		    &x->real_size);
	return true;
}

/* Records of the form "<length> <key>=<value>\n". */
static bool
parse_extended(struct extended *x, const char *text, size_t len)
{
	while (len > 0) {
		const char *space = memchr(text, ' ', len < 20 ? len : 20);
		const char *equals;
		uint64_t record;
		size_t head;

		if (space == NULL)
			return false;
		head = (size_t)(space - text) + 1;
		if (!num_parse(text, head - 1, 10, len, &record) ||
		    record < head + 2 || text[record - 1] != '\n')
			return false;
		equals = memchr(space + 1, '=', (size_t)record - head - 1);
		if (equals == NULL || !take_record(x, space + 1,
		    (size_t)(equals - space) - 1, equals + 1,
		    (size_t)(text + record - 1 - (equals + 1))))
			return false;
		text += record;
		len -= (size_t)record;
	}
	return true;
}

static int
read_extended(struct extended *x, struct source *tar, uint64_t at,
    uint64_t size, struct err *err)
{
	char *text;
	int ret;

	if (size > MEMBER_HEADER_MAX)
		return err_set(err, ERR_LIMIT, 0, "tar: an extended header of "
		    "%llu bytes", (unsigned long long)size);
	text = mem_alloc((size_t)size + 1);
	ret = tar->read_at(tar, at, text, (size_t)size, err);
	if (ret == 0 && !parse_extended(x, text, (size_t)size))
		ret = err_set(err, ERR_DAMAGED, 0,
		    "tar: an extended header is damaged");
	free(text);
	return ret;
}

/* The sparse map, text in blocks before the data, number by number. */
struct map_reader {
	struct source *tar;
	uint64_t at;		/* of the next block */
	uint64_t end;		/* of what is stored */
	char block[BLOCK];
	size_t used;
};

static int
map_byte(struct map_reader *r, char *byte, struct err *err)
{
	if (r->used == BLOCK) {
		if (r->at + BLOCK > r->end)
			return err_set(err, ERR_DAMAGED, 0,
			    "tar: a sparse map is cut off");
		if (r->tar->read_at(r->tar, r->at, r->block, BLOCK,
		    err) == -1)
			return -1;
		r->at += BLOCK;
		r->used = 0;
	}
	*byte = r->block[r->used++];
	return 0;
}

static int
map_number(struct map_reader *r, uint64_t *value, struct err *err)
{
	char digits[24];
	size_t len = 0;

	for (;;) {
		if (map_byte(r, &digits[len], err) == -1)
			return -1;
		if (digits[len] == '\n' || ++len == sizeof digits)
			break;
	}
	if (!num_parse(digits, len, 10, INT64_MAX, value))
		return err_set(err, ERR_DAMAGED, 0,
		    "tar: a sparse map is damaged");
	return 0;
}

/* Stretches ascend and lie within the file. */
static int
map_run(struct member *m, struct map_reader *r, struct member_run *run,
    uint64_t *least, struct err *err)
{
	if (map_number(r, &run->offset, err) == -1 ||
	    map_number(r, &run->len, err) == -1)
		return -1;
	if (run->offset < *least || run->offset > m->size ||
	    run->len > m->size - run->offset)
		return err_set(err, ERR_DAMAGED, 0,
		    "tar: a sparse map makes no sense");
	*least = run->offset + run->len;
	return 0;
}

static int
read_map(struct member *m, struct source *tar, uint64_t stored,
    struct err *err)
{
	struct map_reader r = { .tar = tar, .at = m->stored_at,
	    .end = m->stored_at + stored, .used = BLOCK };
	uint64_t count, least = 0, at;
	size_t i;

	if (map_number(&r, &count, err) == -1)
		return -1;
	if (count > ENTRY_EXTENTS_MAX + 1)	/* and one that ends the file */
		return err_set(err, ERR_LIMIT, 0,
		    "tar: a sparse map of %llu stretches",
		    (unsigned long long)count);
	m->runs = mem_zero((size_t)count + 1, sizeof *m->runs);
	m->run_count = (size_t)count;
	for (i = 0; i < m->run_count; i++)
		if (map_run(m, &r, &m->runs[i], &least, err) == -1)
			return -1;
	at = r.at;
	for (i = 0; i < m->run_count; i++) {
		m->runs[i].stored_at = at;
		at += m->runs[i].len;
	}
	if (at > r.end)
		return err_set(err, ERR_DAMAGED, 0,
		    "tar: a sparse file is cut off");
	return 0;
}

/* The member's own header: what is stored, and where. */
static int
take_header(struct member *m, struct source *tar, const uint8_t block[BLOCK],
    const struct extended *x, uint64_t at, struct err *err)
{
	uint64_t stored;

	if (block[TYPE_AT] != '0' && block[TYPE_AT] != '\0')
		return err_set(err, ERR_DAMAGED, 0, "tar: no regular file");
	if (!read_number(block + SIZE_AT, SIZE_LEN, &stored))
		return err_set(err, ERR_DAMAGED, 0, "tar: a damaged size");
	if (x->has_size)
		stored = x->size;
	if (stored > tar->size || at > tar->size - stored)
		return err_set(err, ERR_DAMAGED, 0,
		    "tar: a member reaches beyond the end");
	m->stored_at = at;
	m->size = x->is_sparse ? x->real_size : stored;
	return x->is_sparse ? read_map(m, tar, stored, err) : 0;
}

int
member_find(struct member *m, struct source *tar, uint64_t offset,
    struct err *err)
{
	struct extended x = { .has_size = false };
	uint8_t block[BLOCK];
	uint64_t size;
	unsigned i;

	memset(m, 0, sizeof *m);
	for (i = 0; i < HEADERS_MAX; i++) {
		if (tar->read_at(tar, offset, block, BLOCK, err) == -1)
			return -1;
		offset += BLOCK;
		if (!has_right_sum(block))
			break;
		if (block[TYPE_AT] != 'x') {
			if (take_header(m, tar, block, &x, offset,
			    err) == 0)
				return 0;
			member_release(m);
			return -1;
		}
		if (!read_number(block + SIZE_AT, SIZE_LEN, &size))
			break;
		if (read_extended(&x, tar, offset, size, err) == -1)
			return -1;
		offset += round_up(size);
	}
	return err_set(err, ERR_DAMAGED, 0,
	    "tar: no header where the manifest says one is");
}

/* The last run that starts at or before offset, or the first there is. */
static size_t
run_of(const struct member *m, uint64_t offset)
{
	size_t low = 0, high = m->run_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (m->runs[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static int
read_sparse(const struct member *m, struct source *tar, uint64_t offset,
    uint8_t *to, size_t len, struct err *err)
{
	size_t i;

	memset(to, 0, len);
	for (i = run_of(m, offset); i < m->run_count; i++) {
		const struct member_run *run = &m->runs[i];
		uint64_t from = run->offset > offset ? run->offset : offset;
		uint64_t end = run->offset + run->len < offset + len ?
		    run->offset + run->len : offset + len;

		if (run->offset >= offset + len)
			break;
		if (from < end && tar->read_at(tar,
		    run->stored_at + (from - run->offset),
		    to + (from - offset), (size_t)(end - from), err) == -1)
			return -1;
	}
	return 0;
}

int
member_read(const struct member *m, struct source *tar, uint64_t offset,
    void *data, size_t len, struct err *err)
{
	if (offset > m->size || len > m->size - offset)
		return err_set(err, ERR_DAMAGED, 0, "read beyond the end");
	if (m->runs != NULL)
		return read_sparse(m, tar, offset, data, len, err);
	return tar->read_at(tar, m->stored_at + offset, data, len, err);
}

void
member_release(struct member *m)
{
	free(m->runs);
	memset(m, 0, sizeof *m);
}
