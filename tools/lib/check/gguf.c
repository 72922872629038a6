/* SPDX-License-Identifier: BSD-2-Clause */
/* GGUF model files; see gguf.h. */
#include "check/gguf.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/num.h"
#include "check/scan.h"

typedef unsigned long long ull;

#define ALIGNMENT 32		/* of tensors, unless a setting says otherwise */
#define ALIGNMENT_MAX 65536
#define KEY_MAX 65535
static const char alignment_key[] = "general.alignment";

enum { V_STRING = 8, V_ARRAY = 9, V_COUNT = 13 };
/* Bytes of the kinds of values; 0: of its own length. */
static const uint8_t value_sizes[V_COUNT] = {
	1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8
};

/* Kinds of tensors: so many elements in so many bytes. */
static const struct {
	uint16_t elements;
	uint16_t bytes;
} tensor_sizes[] = {
	{ 1, 4 }, { 1, 2 }, { 32, 18 }, { 32, 20 }, { 0, 0 }, { 0, 0 },
	{ 32, 22 }, { 32, 24 }, { 32, 34 }, { 32, 36 }, { 256, 84 },
	{ 256, 110 }, { 256, 144 }, { 256, 176 }, { 256, 210 }, { 256, 292 },
	{ 256, 66 }, { 256, 74 }, { 256, 98 }, { 256, 50 }, { 32, 18 },
	{ 256, 110 }, { 256, 82 }, { 256, 136 }, { 1, 1 }, { 1, 2 }, { 1, 4 },
	{ 1, 8 }, { 1, 8 }, { 256, 56 }, { 1, 2 }
};

struct gguf {
	struct scan *s;
	struct gguf_facts *f;
	uint64_t alignment;
	uint64_t last;		/* end of the tensor that ends last */
};

static int
take_u32(struct gguf *g, uint32_t *value, struct err *err)
{
	const uint8_t *p = scan_next(g->s, 4, err);

	if (p == NULL)
		return -1;
	*value = get_le32(p);
	return 0;
}

static int
take_u64(struct gguf *g, uint64_t *value, struct err *err)
{
	const uint8_t *p = scan_next(g->s, 8, err);

	if (p == NULL)
		return -1;
	*value = get_le64(p);
	return 0;
}

static int
skip_string(struct gguf *g, struct err *err)
{
	uint64_t len;

	return take_u64(g, &len, err) == -1 ? -1 : scan_skip(g->s, len, err);
}

static int
malformed(struct gguf *g, const char *what, struct err *err)
{
	return err_set(err, ERR_DAMAGED, 0, "offset %llu: %s",
	    (ull)g->s->at, what);
}

/* Arrays of arrays are not made by anybody, and refused. */
static int
skip_values(struct gguf *g, uint32_t kind, uint64_t count, struct err *err)
{
	uint64_t bytes;

	if (kind >= V_COUNT || kind == V_ARRAY)
		return malformed(g, "no such kind of a setting", err);
	if (kind != V_STRING) {
		if (!num_mul(value_sizes[kind], count, &bytes))
			return malformed(g, "a setting without end", err);
		return scan_skip(g->s, bytes, err);
	}
	for (; count > 0; count--)
		if (skip_string(g, err) == -1)
			return -1;
	return 0;
}

static int
read_setting(struct gguf *g, struct err *err)
{
	bool is_alignment;
	const uint8_t *p;
	uint64_t len, count = 1;
	uint32_t kind, value;

	if (take_u64(g, &len, err) == -1)
		return -1;
	if (len > KEY_MAX)
		return malformed(g, "a name without end", err);
	p = scan_next(g->s, (size_t)len, err);
	if (p == NULL)
		return -1;
	is_alignment = len == sizeof alignment_key - 1 &&
	    memcmp(p, alignment_key, (size_t)len) == 0;
	if (take_u32(g, &kind, err) == -1)
		return -1;
	if (kind == V_ARRAY && (take_u32(g, &kind, err) == -1 ||
	    take_u64(g, &count, err) == -1))
		return -1;
	if (!is_alignment)
		return skip_values(g, kind, count, err);
	if (take_u32(g, &value, err) == -1)
		return -1;
	if (value == 0 || value > ALIGNMENT_MAX)
		return malformed(g, "no such alignment", err);
	g->alignment = value;
	return 0;
}

/* Where a tensor ends, from the first one's start on. */
static bool
tensor_end(struct gguf *g, uint32_t kind, uint64_t elements, uint64_t offset,
    uint64_t *end)
{
	uint64_t blocks, bytes;

	if (kind >= sizeof tensor_sizes / sizeof tensor_sizes[0] ||
	    tensor_sizes[kind].elements == 0) {
		g->f->unsized++;
		*end = offset;
		return true;
	}
	blocks = elements / tensor_sizes[kind].elements;
	return num_mul(blocks, tensor_sizes[kind].bytes, &bytes) &&
	    num_add(offset, bytes, end);
}

static int
read_tensor(struct gguf *g, struct err *err)
{
	uint64_t elements = 1, offset, dim, end;
	uint32_t dims, kind;

	if (skip_string(g, err) == -1 || take_u32(g, &dims, err) == -1)
		return -1;
	if (dims > GGUF_DIMS_MAX)
		return malformed(g, "a tensor of too many dimensions", err);
	for (; dims > 0; dims--) {
		if (take_u64(g, &dim, err) == -1)
			return -1;
		if (!num_mul(elements, dim, &elements))
			return malformed(g, "a tensor without end", err);
	}
	if (take_u32(g, &kind, err) == -1 || take_u64(g, &offset, err) == -1)
		return -1;
	if (!tensor_end(g, kind, elements, offset, &end))
		return malformed(g, "a tensor without end", err);
	if (end > g->last)
		g->last = end;
	return 0;
}

static int
read_head(struct gguf *g, struct err *err)
{
	const uint8_t *p = scan_next(g->s, 8, err);

	if (p == NULL)
		return -1;
	if (memcmp(p, "GGUF", 4) != 0)
		return err_set(err, ERR_DAMAGED, 0, "not a GGUF file");
	g->f->version = get_le32(p + 4);
	if (g->f->version < 2 || g->f->version > 3)
		return err_set(err, ERR_LIMIT, 0, "of version %u, which is "
		    "not known here", g->f->version);
	return take_u64(g, &g->f->tensors, err) == -1 ? -1 :
	    take_u64(g, &g->f->settings, err);
}

int
gguf_read(struct scan *s, struct gguf_facts *facts, struct err *err)
{
	struct gguf g = { .s = s, .f = facts, .alignment = ALIGNMENT };
	uint64_t i, start;

	memset(facts, 0, sizeof *facts);
	if (read_head(&g, err) == -1)
		return -1;
	for (i = 0; i < facts->settings; i++)
		if (read_setting(&g, err) == -1)
			return -1;
	for (i = 0; i < facts->tensors; i++)
		if (read_tensor(&g, err) == -1)
			return -1;
	start = s->at;
	if (facts->tensors > 0)
		start += (g.alignment - s->at % g.alignment) % g.alignment;
	if (!num_add(start, g.last, &facts->end))
		return malformed(&g, "a tensor without end", err);
	return 0;
}

/* -------------------------------------------------------- files by themselves */

static bool
recognise(const struct entry *entry, const uint8_t *head, size_t len)
{
	(void)entry;
	return len >= 8 && memcmp(head, "GGUF", 4) == 0;
}

static int
check(const struct content *c, const struct entry *entry, struct source *file,
    struct judgement *j, struct err *err)
{
	const char *path = buf_text(&entry->path);
	struct gguf_facts f;
	struct scan s;
	int ret;

	(void)c;
	scan_init(&s, file, 0, file->size);
	ret = gguf_read(&s, &f, err);
	scan_release(&s);
	if (ret == -1)
		return judge_failure(j, path, err);
	if (f.end > file->size)
		judge_find(j, VERDICT_DAMAGED, path, "cut: its tensors need "
		    "%llu bytes, and it has %llu", (ull)f.end,
		    (ull)file->size);
	judge_cover(j, "%llu tensors are inside of the file; it has no "
	    "checksum, and their numbers were not read", (ull)f.tensors);
	if (f.unsized > 0)
		judge_cover(j, "of %llu only where they begin",
		    (ull)f.unsized);
	return 0;
}

const struct file_checker check_gguf = { "gguf", recognise, check };
