/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * docker/bolt: what we write reads back; what an engine wrote is read; files
 * made by hand with one thing wrong are refused for that thing.
 */
#include "docker/bolt.h"
#include "harness.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/mem.h"
#include "io/io.h"
#include "io/stream.h"

#define PAGE 4096U

/* ----------------------------------------------------------------- files */

/* A file of pages to be filled by hand. */
struct file {
	uint8_t *data;
	size_t len;
};

static uint64_t
fnv1a(const uint8_t *data, size_t len)
{
	uint64_t hash = 14695981039346656037ULL;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ data[i]) * 1099511628211ULL;
	return hash;
}

static uint8_t *
head(struct file *f, uint64_t id, uint16_t flags, uint16_t count,
    uint32_t overflow)
{
	uint8_t *page = f->data + id * PAGE;

	put_le64(page, id);
	put_le16(page + 8, flags);
	put_le16(page + 10, count);
	put_le32(page + 12, overflow);
	return page + 16;
}

static void
meta(struct file *f, uint64_t id, uint64_t root, uint64_t txid)
{
	uint8_t *m = head(f, id, 4, 0, 0);

	put_le32(m, 0xED0CDAED);
	put_le32(m + 4, 2);
	put_le32(m + 8, PAGE);
	put_le64(m + 16, root);
	put_le64(m + 32, 2);
	put_le64(m + 40, f->len / PAGE);
	put_le64(m + 48, txid);
	put_le64(m + 56, fnv1a(m, 56));
}

/* Element i of a page, its bytes at offset at from the page's start. */
static void
leaf(uint8_t *elements, unsigned i, uint32_t flags, uint32_t at,
    const char *key, const void *value, uint32_t value_len)
{
	uint8_t *e = elements + i * 16, *to = elements - 16 + at;

	put_le32(e, flags);
	put_le32(e + 4, (uint32_t)(to - e));
	put_le32(e + 8, (uint32_t)strlen(key));
	put_le32(e + 12, value_len);
	memcpy(to, key, strlen(key));
	memcpy(to + strlen(key), value, value_len);
}

static void
branch(uint8_t *elements, unsigned i, uint32_t at, const char *key,
    uint64_t page)
{
	uint8_t *e = elements + i * 16, *to = elements - 16 + at;

	put_le32(e, (uint32_t)(to - e));
	put_le32(e + 4, (uint32_t)strlen(key));
	put_le64(e + 8, page);
	memcpy(to, key, strlen(key));
}

/*
 * 0, 1 metas; 2 freelist; 3 root leaf; 4 branch of the bucket; 5 and 6 its
 * leaves: a, b and c, d.  Page 7 is spare.
 */
static struct file
tree_file(void)
{
	struct file f = { NULL, 8 * PAGE };
	uint8_t bucket[16] = { 4 };
	uint8_t *e;

	f.data = mem_zero(f.len, 1);
	meta(&f, 0, 3, 6);
	meta(&f, 1, 3, 7);
	(void)head(&f, 2, 0x10, 0, 0);
	leaf(head(&f, 3, 2, 1, 0), 0, 1, 64, "volumes", bucket, 16);
	e = head(&f, 4, 1, 2, 0);
	branch(e, 0, 64, "a", 5);
	branch(e, 1, 72, "c", 6);
	e = head(&f, 5, 2, 2, 0);
	leaf(e, 0, 0, 64, "a", "1", 1);
	leaf(e, 1, 0, 72, "b", "22", 2);
	e = head(&f, 6, 2, 2, 0);
	leaf(e, 0, 0, 64, "c", "", 0);
	leaf(e, 1, 0, 72, "d", "4444", 4);
	return f;
}

/* ---------------------------------------------------------------- reading */

static int
collect(void *ctx, const uint8_t *key, size_t key_len, const uint8_t *value,
    size_t value_len, struct err *err)
{
	struct buf *out = ctx;

	(void)err;
	buf_append(out, key, key_len);
	buf_byte(out, '=');
	buf_append(out, value, value_len);
	buf_byte(out, ' ');
	return 0;
}

/* "a=1 b=22 " or the error's text. */
static const char *
read_all(const void *data, size_t len, struct buf *out, struct err *err)
{
	const struct bolt_visitor visitor = { out, collect };
	struct memory_source source;
	struct bolt db;

	buf_cut(out, 0);
	err_clear(err);
	if (bolt_open(&db, memory_source_init(&source, data, len), err) == -1 ||
	    bolt_read(&db, "volumes", &visitor, err) == -1)
		return err->text;
	return buf_text(out);
}

static void
test_reads_a_tree(void)
{
	struct file f = tree_file();
	struct buf out = BUF_EMPTY;
	struct err err;

	is_str(read_all(f.data, f.len, &out, &err), "a=1 b=22 c= d=4444 ",
	    "a branch and two leaves");
	free(f.data);
	buf_release(&out);
}

static void
test_reads_an_inline_bucket(void)
{
	struct file f = tree_file();
	struct buf out = BUF_EMPTY;
	uint8_t value[16 + 64] = { 0 };
	struct err err;

	/* Root page 0: the leaf follows in the value itself. */
	put_le16(value + 16 + 8, 2);
	put_le16(value + 16 + 10, 1);
	leaf(value + 32, 0, 0, 40, "k", "v", 1);
	leaf(head(&f, 3, 2, 1, 0), 0, 1, 64, "volumes", value, sizeof value);
	is_str(read_all(f.data, f.len, &out, &err), "k=v ",
	    "a bucket inside its element");
	put_le16(value + 16 + 8, 1);
	leaf(head(&f, 3, 2, 1, 0), 0, 1, 64, "volumes", value, sizeof value);
	(void)read_all(f.data, f.len, &out, &err);
	ok(err.class == ERR_DAMAGED && strstr(err.text, "inline branch"),
	    "an inline branch is refused: %s", err.text);
	free(f.data);
	buf_release(&out);
}

static void
test_takes_the_newest_sound_meta(void)
{
	struct file f = tree_file();
	struct buf out = BUF_EMPTY;
	struct err err;

	meta(&f, 0, 7, 9);	/* newer, to a page of nothing */
	(void)read_all(f.data, f.len, &out, &err);
	ok(err.class == ERR_DAMAGED, "the newer meta counts: %s", err.text);
	f.data[16 + 48] ^= 1;	/* and now its checksum is wrong */
	is_str(read_all(f.data, f.len, &out, &err), "a=1 b=22 c= d=4444 ",
	    "unless it is not sound");
	f.data[PAGE + 16 + 48] ^= 1;
	(void)read_all(f.data, f.len, &out, &err);
	ok(err.class == ERR_DAMAGED && strstr(err.text, "neither meta page"),
	    "neither: %s", err.text);
	free(f.data);
	buf_release(&out);
}

/* One thing wrong with the tree, and what is said of it. */
static void
wrong(const char *want, void (*spoil)(struct file *f))
{
	struct file f = tree_file();
	struct buf out = BUF_EMPTY;
	struct err err;

	spoil(&f);
	(void)read_all(f.data, f.len, &out, &err);
	ok(err.class != ERR_NONE && strstr(err.text, want) != NULL,
	    "refused, '%s': %s", want, err.text);
	free(f.data);
	buf_release(&out);
}

static void
spoil_cycle(struct file *f)
{
	branch(f->data + 4 * PAGE + 16, 1, 72, "c", 4);
}

static void
spoil_twice(struct file *f)
{
	branch(f->data + 4 * PAGE + 16, 1, 72, "c", 5);
}

static void
spoil_far(struct file *f)
{
	branch(f->data + 4 * PAGE + 16, 1, 72, "c", 8);
}

static void
spoil_huge(struct file *f)
{
	branch(f->data + 4 * PAGE + 16, 1, 72, "c", UINT64_MAX / PAGE + 6);
}

static void
spoil_meta_page(struct file *f)
{
	branch(f->data + 4 * PAGE + 16, 1, 72, "c", 1);
}

static void
spoil_overflow(struct file *f)
{
	put_le32(f->data + 6 * PAGE + 12, 2);
}

static void
spoil_overflow_max(struct file *f)
{
	put_le32(f->data + 6 * PAGE + 12, UINT32_MAX);
}

static void
spoil_kind(struct file *f)
{
	put_le16(f->data + 6 * PAGE + 8, 0x10);
}

static void
spoil_id(struct file *f)
{
	put_le64(f->data + 6 * PAGE, 7);
}

static void
spoil_count(struct file *f)
{
	put_le16(f->data + 6 * PAGE + 10, 256);
}

static void
spoil_key_size(struct file *f)
{
	put_le32(f->data + 6 * PAGE + 16 + 8, BOLT_KEY_MAX + 1);
}

static void
spoil_no_key(struct file *f)
{
	put_le32(f->data + 6 * PAGE + 16 + 8, 0);
}

static void
spoil_value_size(struct file *f)
{
	put_le32(f->data + 6 * PAGE + 32 + 12, UINT32_MAX);
}

static void
spoil_pos(struct file *f)
{
	put_le32(f->data + 6 * PAGE + 16 + 4, UINT32_MAX);
}

static void
spoil_order(struct file *f)
{
	leaf(f->data + 6 * PAGE + 16, 0, 0, 64, "b", "", 0);
}

static void
spoil_nested(struct file *f)
{
	put_le32(f->data + 6 * PAGE + 16, 1);
}

static void
spoil_flags(struct file *f)
{
	put_le32(f->data + 6 * PAGE + 16, 2);
}

static void
spoil_name(struct file *f)
{
	uint8_t bucket[16] = { 4 };

	leaf(f->data + 3 * PAGE + 16, 0, 1, 64, "volumez", bucket, 16);
}

static void
spoil_bucket(struct file *f)
{
	leaf(f->data + 3 * PAGE + 16, 0, 1, 64, "volumes", "short", 5);
}

static void
test_refuses_what_is_wrong(void)
{
	wrong("page 4: met twice", spoil_cycle);
	wrong("page 5: met twice", spoil_twice);
	wrong("page 8: out of bounds", spoil_far);
	wrong("out of bounds", spoil_huge);
	wrong("page 1: out of bounds", spoil_meta_page);
	wrong("page 6: its overflow is out of bounds", spoil_overflow);
	wrong("page 6: its overflow is out of bounds", spoil_overflow_max);
	wrong("neither a branch nor a leaf", spoil_kind);
	wrong("says that it is page 7", spoil_id);
	wrong("more elements than fit", spoil_count);
	wrong("a key of 32769 bytes", spoil_key_size);
	wrong("a key of 0 bytes", spoil_no_key);
	wrong("outside of the page", spoil_value_size);
	wrong("outside of the page", spoil_pos);
	wrong("keys out of order", spoil_order);
	wrong("a bucket inside the bucket", spoil_nested);
	wrong("unknown flags", spoil_flags);
	wrong("no bucket of that name", spoil_name);
	wrong("bucket 'volumes': cut short", spoil_bucket);
}

/* levels branches in a row, then a leaf: BOLT_DEPTH_MAX is the last allowed. */
static const char *
read_chain(unsigned levels, struct buf *out, struct err *err)
{
	struct file f = { NULL, (levels + 5) * PAGE };
	uint8_t bucket[16] = { 4 };
	const char *said;
	unsigned i;

	f.data = mem_zero(f.len, 1);
	meta(&f, 0, 3, 1);
	leaf(head(&f, 3, 2, 1, 0), 0, 1, 64, "volumes", bucket, 16);
	for (i = 0; i < levels; i++)
		branch(head(&f, 4 + i, 1, 1, 0), 0, 64, "a", 5 + i);
	leaf(head(&f, 4 + i, 2, 1, 0), 0, 0, 64, "a", "1", 1);
	said = read_all(f.data, f.len, out, err);
	free(f.data);
	return said;
}

static void
test_limits_the_depth(void)
{
	struct buf out = BUF_EMPTY;
	struct err err;

	is_str(read_chain(BOLT_DEPTH_MAX - 1, &out, &err), "a=1 ",
	    "one less than the deepest");
	is_str(read_chain(BOLT_DEPTH_MAX, &out, &err), "a=1 ", "the deepest");
	(void)read_chain(BOLT_DEPTH_MAX + 1, &out, &err);
	ok(err.class == ERR_LIMIT, "one more: %s", err.text);
	buf_release(&out);
}

static void
test_refuses_every_cut(void)
{
	struct file f = tree_file();
	struct buf out = BUF_EMPTY;
	bool all = true;
	struct err err;
	size_t len;

	for (len = 0; len < 7 * PAGE && all; len += len % PAGE < 96 ? 1 : 250) {
		(void)read_all(f.data, len, &out, &err);
		all = err.class != ERR_NONE;
	}
	ok(all, "a file cut anywhere in use is refused (%zu)", len);
	free(f.data);
	buf_release(&out);
}

/* ------------------------------------------------------------- live files */

struct changing {
	struct source source;
	struct file *file;
	unsigned reads;
};

/* Another transaction is committed while the fifth piece is read. */
static int
changing_read_at(struct source *source, uint64_t offset, void *data,
    size_t len, struct err *err)
{
	struct changing *c = (struct changing *)source;

	(void)err;
	if (++c->reads == 12)
		meta(c->file, 0, 3, 8);
	memcpy(data, c->file->data + offset, len);
	return 0;
}

static void
test_notices_a_commit(void)
{
	struct file f = tree_file();
	struct buf out = BUF_EMPTY;
	const struct bolt_visitor visitor = { &out, collect };
	struct changing c = { { f.len, changing_read_at }, &f, 0 };
	struct bolt db;
	struct err err;
	bool is_same = false;

	ok(bolt_open(&db, &c.source, &err) == 0 &&
	    bolt_is_same(&db, &is_same, &err) == 0 && is_same,
	    "the same at first");
	c.reads = 8;
	ok(bolt_read(&db, "volumes", &visitor, &err) == 0 &&
	    bolt_is_same(&db, &is_same, &err) == 0 && !is_same,
	    "a commit in the middle is noticed");
	free(f.data);
	buf_release(&out);
}

static void
test_limits_the_file(void)
{
	struct memory_source source;
	struct bolt db;
	struct err err;

	(void)memory_source_init(&source, "", 0);
	source.source.size = BOLT_FILE_MAX + 1;
	ok(bolt_open(&db, &source.source, &err) == -1 &&
	    err.class == ERR_LIMIT, "a file past the limit: %s", err.text);
}

/* ---------------------------------------------------------------- writing */

/* count pairs "000000" to ..., each with value_len bytes. */
static int
format_many(size_t count, size_t value_len, struct buf *out, struct err *err)
{
	struct bolt_pair *pairs = mem_zero(count, sizeof *pairs);
	char (*keys)[24] = mem_zero(count, sizeof *keys);
	uint8_t *value = mem_zero(value_len, 1);
	size_t i;
	int ret;

	for (i = 0; i < count; i++) {
		(void)snprintf(keys[i], sizeof keys[i], "%06zu", i);
		pairs[i].key = (const uint8_t *)keys[i];
		pairs[i].key_len = strlen(keys[i]);
		pairs[i].value = value;
		pairs[i].value_len = value_len;
	}
	buf_cut(out, 0);
	ret = bolt_format("volumes", pairs, count, out, err);
	free(pairs);
	free(keys);
	free(value);
	return ret;
}

static int
count_pair(void *ctx, const uint8_t *key, size_t key_len,
    const uint8_t *value, size_t value_len, struct err *err)
{
	size_t *count = ctx;
	char want[32];

	(void)value;
	(void)value_len;
	(void)snprintf(want, sizeof want, "%06zu", *count);
	if (key_len != 6 || memcmp(key, want, 6) != 0)
		return err_set(err, ERR_DAMAGED, 0, "key %zu", *count);
	++*count;
	return 0;
}

static void
test_writes_what_it_reads(size_t count, size_t value_len)
{
	size_t found = 0;
	const struct bolt_visitor visitor = { &found, count_pair };
	struct memory_source source;
	struct buf out = BUF_EMPTY;
	struct bolt db;
	struct err err;

	err_clear(&err);
	ok(format_many(count, value_len, &out, &err) == 0 &&
	    out.len % PAGE == 0 &&
	    bolt_open(&db, memory_source_init(&source, out.data, out.len),
	    &err) == 0 && bolt_read(&db, "volumes", &visitor, &err) == 0 &&
	    found == count, "%zu pairs of %zu bytes come back: %s", count,
	    value_len, err.text);
	buf_release(&out);
}

static void
test_writing_knows_the_limits(void)
{
	struct buf out = BUF_EMPTY;
	struct err err;

	ok(format_many(BOLT_PAIRS_MAX + 1, 0, &out, &err) == -1 &&
	    err.class == ERR_LIMIT && out.len == 0, "one pair too many");
	ok(format_many(1, BOLT_NODE_MAX - 38, &out, &err) == 0,
	    "as large as a page may be");
	ok(format_many(1, BOLT_NODE_MAX - 37, &out, &err) == -1 &&
	    err.class == ERR_LIMIT, "one byte more");
	buf_release(&out);
}

/* ------------------------------------------------------ an engine's files */

static void
test_reads_an_engines_file(const char *name, size_t want, const char *some)
{
	struct buf file = BUF_EMPTY, out = BUF_EMPTY;
	size_t found = 0, i;
	struct err err;

	if (!ok(io_read_file(AT_FDCWD, name, (size_t)1 << 20, &file,
	    &err) == 0, "%s is there", name))
		return;
	(void)read_all(file.data, file.len, &out, &err);
	for (i = 0; i < out.len; i++)
		found += strncmp(out.data + i, "={\"Name\":", 9) == 0;
	is_u64(found, want, "%s: all its volumes", name);
	ok(strstr(buf_text(&out), some) != NULL, "%s: %s", name, some);
	buf_release(&file);
	buf_release(&out);
}

int
main(void)
{
	test_reads_a_tree();
	test_reads_an_inline_bucket();
	test_takes_the_newest_sound_meta();
	test_refuses_what_is_wrong();
	test_limits_the_depth();
	test_refuses_every_cut();
	test_notices_a_commit();
	test_limits_the_file();
	test_writes_what_it_reads(0, 0);
	test_writes_what_it_reads(1, 3);
	test_writes_what_it_reads(313, 200);
	test_writes_what_it_reads(3, 100000);
	test_writes_what_it_reads(BOLT_PAIRS_MAX - 1, 1);
	test_writes_what_it_reads(BOLT_PAIRS_MAX, 1);
	test_writing_knows_the_limits();
	test_reads_an_engines_file("tests/data/docker/metadata-few.db", 3,
	    "labelled={\"Name\":\"labelled\",\"Driver\":\"local\","
	    "\"Labels\":{\"a\":\"b\"},\"Options\":null} ");
	test_reads_an_engines_file("tests/data/docker/metadata-many.db", 60,
	    "v-59={\"Name\":\"v-59\",\"Driver\":\"local\","
	    "\"Labels\":{\"number\":\"59\"},\"Options\":null} ");
	return done();
}
