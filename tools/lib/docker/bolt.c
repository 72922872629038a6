/* SPDX-License-Identifier: BSD-2-Clause */
/* bbolt database files; see bolt.h. */
#include "docker/bolt.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "io/stream.h"

#define MAGIC 0xED0CDAEDU
#define VERSION 2

/* Every page: id u64, flags u16, count u16, overflow u32. */
#define HEAD_LEN 16
#define PAGE_BRANCH 0x01
#define PAGE_LEAF 0x02
#define PAGE_META 0x04
#define PAGE_FREELIST 0x10

/*
 * Meta, after the header: magic u32, version u32, page size u32, flags u32,
 * root bucket {page u64, sequence u64}, freelist page u64, page count u64,
 * transaction u64, FNV-1a of all before u64.
 */
#define META_LEN 64
#define META_SUMMED 56

/*
 * Leaf element: flags u32, pos u32, key size u32, value size u32; branch
 * element: pos u32, key size u32, page u64.  pos counts from the element.
 */
#define ELEMENT_LEN 16
#define LEAF_BUCKET 0x01

/* A bucket's value: root page u64, sequence u64; root 0: the page follows. */
#define BUCKET_LEN 16

/* bbolt takes the machine's page size: 4 KiB to 64 KiB in the wild. */
#define PAGE_SIZE_MIN 1024U
#define PAGE_SIZE_MAX 65536U
#define PAGE_SIZE 4096U		/* of what we write */

static uint64_t
fnv1a(const uint8_t *data, size_t len)
{
	uint64_t hash = 14695981039346656037ULL;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ data[i]) * 1099511628211ULL;
	return hash;
}

/* ------------------------------------------------------------- meta pages */

/* False when there is no sound meta page at offset. */
static bool
meta_parse(const uint8_t *page, struct bolt *db)
{
	const uint8_t *meta = page + HEAD_LEN;

	if ((get_le16(page + 8) & PAGE_META) == 0 ||
	    get_le32(meta) != MAGIC || get_le32(meta + 4) != VERSION ||
	    get_le64(meta + META_SUMMED) != fnv1a(meta, META_SUMMED))
		return false;
	db->page_size = get_le32(meta + 8);
	db->root_page = get_le64(meta + 16);
	db->page_count = get_le64(meta + 40);
	db->txid = get_le64(meta + 48);
	return db->page_size >= PAGE_SIZE_MIN &&
	    db->page_size <= PAGE_SIZE_MAX &&
	    (db->page_size & (db->page_size - 1)) == 0;
}

/*
 * *is_sound tells whether there is one at offset (a multiple of its own page
 * size, as the caller knows); -1 only when reading failed.
 */
static int
meta_read(struct source *source, uint64_t offset, struct bolt *db,
    bool *is_sound, struct err *err)
{
	uint8_t page[HEAD_LEN + META_LEN];

	*is_sound = false;
	if (source->size < sizeof page || offset > source->size - sizeof page)
		return 0;
	if (source->read_at(source, offset, page, sizeof page, err) == -1)
		return -1;
	db->source = source;
	*is_sound = meta_parse(page, db);
	return 0;
}

/* The second meta page, one page into the file, of a size to be found. */
static int
second_meta_read(struct source *source, struct bolt *db, bool *is_sound,
    struct err *err)
{
	uint32_t size;

	for (size = PAGE_SIZE_MIN; size <= PAGE_SIZE_MAX; size *= 2) {
		if (meta_read(source, size, db, is_sound, err) == -1)
			return -1;
		if (*is_sound && db->page_size == size)
			return 0;
	}
	*is_sound = false;
	return 0;
}

static int
newest_meta(struct source *source, struct bolt *db, struct err *err)
{
	struct bolt first, second;
	bool has_first, has_second;

	if (meta_read(source, 0, &first, &has_first, err) == -1 ||
	    second_meta_read(source, &second, &has_second, err) == -1)
		return -1;
	if (!has_first && !has_second)
		return err_set(err, ERR_DAMAGED, 0,
		    "neither meta page is sound (not a bbolt database of "
		    "version 2, or destroyed)");
	if (has_first && has_second)
		*db = first.txid > second.txid ? first : second;
	else
		*db = has_first ? first : second;
	return 0;
}

int
bolt_open(struct bolt *db, struct source *source, struct err *err)
{
	struct bolt found;

	if (source->size > BOLT_FILE_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "%llu bytes, more than the %llu allowed",
		    (unsigned long long)source->size,
		    (unsigned long long)BOLT_FILE_MAX);
	if (newest_meta(source, &found, err) == -1)
		return -1;
	*db = found;
	return 0;
}

int
bolt_is_same(const struct bolt *db, bool *is_same, struct err *err)
{
	struct bolt now;

	if (newest_meta(db->source, &now, err) == -1)
		return -1;
	*is_same = now.txid == db->txid && now.root_page == db->root_page;
	return 0;
}

/* ------------------------------------------------------------------ pages */

struct node {
	uint8_t *data;		/* the page with its overflow; owned */
	const uint8_t *page;	/* where the header is */
	size_t len;		/* from there */
	unsigned flags;
	unsigned count;
};

struct walk {
	const struct bolt *db;
	const struct bolt_visitor *visitor;
	uint8_t *met;		/* one bit a page: a tree has each once */
	uint64_t page_max;	/* pages that the file really has */
	struct buf last_key;
	bool has_last_key;
	bool wants_buckets;
};

static int
node_parse(struct node *node, const uint8_t *page, size_t len,
    struct err *err)
{
	if (len < HEAD_LEN)
		return err_set(err, ERR_DAMAGED, 0, "cut short");
	node->page = page;
	node->len = len;
	node->flags = get_le16(page + 8);
	node->count = get_le16(page + 10);
	if (node->flags != PAGE_BRANCH && node->flags != PAGE_LEAF)
		return err_set(err, ERR_DAMAGED, 0,
		    "neither a branch nor a leaf");
	if ((len - HEAD_LEN) / ELEMENT_LEN < node->count)
		return err_set(err, ERR_DAMAGED, 0,
		    "more elements than fit");
	return 0;
}

/* Mark pages id to id + more as met. */
static int
mark_met(struct walk *w, uint64_t id, uint64_t more, struct err *err)
{
	uint64_t i;

	for (i = id; i <= id + more; i++) {
		if (w->met[i / 8] & 1U << i % 8)
			return err_set(err, ERR_DAMAGED, 0, "met twice");
		w->met[i / 8] |= (uint8_t)(1U << i % 8);
	}
	return 0;
}

static int
node_read(struct walk *w, uint64_t id, struct node *node, struct err *err)
{
	uint64_t size = w->db->page_size, more;
	struct source *source = w->db->source;
	uint8_t head[HEAD_LEN];
	size_t len;

	/* Pages 0 and 1 are the metas. */
	if (id < 2 || id >= w->page_max)
		return err_set(err, ERR_DAMAGED, 0, "out of bounds");
	if (source->read_at(source, id * size, head, sizeof head, err) == -1)
		return -1;
	more = get_le32(head + 12);
	if (more >= w->page_max - id)
		return err_set(err, ERR_DAMAGED, 0,
		    "its overflow is out of bounds");
	if ((more + 1) * size > BOLT_NODE_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "%llu pages of overflow, more than allowed",
		    (unsigned long long)more);
	if (get_le64(head) != id)
		return err_set(err, ERR_DAMAGED, 0,
		    "says that it is page %llu",
		    (unsigned long long)get_le64(head));
	if (mark_met(w, id, more, err) == -1)
		return -1;
	len = (size_t)((more + 1) * size);
	node->data = malloc(len);
	if (node->data == NULL)
		return err_set(err, ERR_LIMIT, 0, "no memory for %zu bytes",
		    len);
	if (source->read_at(source, id * size, node->data, len, err) == -1)
		return -1;
	return node_parse(node, node->data, len, err);
}

/* The run of len bytes at pos from element's start, or NULL. */
static const uint8_t *
node_bytes(const struct node *node, const uint8_t *element, uint64_t pos,
    uint64_t len)
{
	uint64_t begin = (uint64_t)(element - node->page) + pos;

	/* 33 bits at most on the left: no overflow. */
	if (begin > node->len || len > node->len - begin)
		return NULL;
	return node->page + begin;
}

static const uint8_t *
node_element(const struct node *node, unsigned index)
{
	return node->page + HEAD_LEN + (size_t)index * ELEMENT_LEN;
}

/* Keys rise strictly through the whole tree. */
static int
check_order(struct walk *w, const uint8_t *key, size_t len, struct err *err)
{
	size_t shorter = len < w->last_key.len ? len : w->last_key.len;
	int c;

	if (w->has_last_key) {
		c = memcmp(buf_text(&w->last_key), key, shorter);
		if (c > 0 || (c == 0 && w->last_key.len >= len))
			return err_set(err, ERR_DAMAGED, 0,
			    "keys out of order");
	}
	buf_set(&w->last_key, key, len);
	w->has_last_key = true;
	return 0;
}

/* ------------------------------------------------------------- the tree */

struct element {
	const uint8_t *key;
	const uint8_t *value;
	size_t key_len;
	size_t value_len;
	bool is_bucket;
};

static int
leaf_element(const struct node *node, unsigned index, struct element *e,
    struct err *err)
{
	const uint8_t *p = node_element(node, index);
	uint32_t flags = get_le32(p), pos = get_le32(p + 4);

	e->key_len = get_le32(p + 8);
	e->value_len = get_le32(p + 12);
	if (e->key_len == 0 || e->key_len > BOLT_KEY_MAX)
		return err_set(err, ERR_DAMAGED, 0,
		    "element %u: a key of %zu bytes", index, e->key_len);
	if (flags > LEAF_BUCKET)
		return err_set(err, ERR_DAMAGED, 0,
		    "element %u: unknown flags", index);
	e->is_bucket = flags == LEAF_BUCKET;
	e->key = node_bytes(node, p, pos, e->key_len);
	e->value = node_bytes(node, p, (uint64_t)pos + e->key_len,
	    e->value_len);
	if (e->key == NULL || e->value == NULL)
		return err_set(err, ERR_DAMAGED, 0,
		    "element %u is outside of the page", index);
	return 0;
}

static int
walk_leaf(struct walk *w, const struct node *node, struct err *err)
{
	unsigned i;

	for (i = 0; i < node->count; i++) {
		struct element e = { NULL, NULL, 0, 0, false };

		if (leaf_element(node, i, &e, err) == -1 ||
		    check_order(w, e.key, e.key_len, err) == -1)
			return -1;
		if (e.is_bucket != w->wants_buckets)
			return err_set(err, ERR_DAMAGED, 0, e.is_bucket ?
			    "a bucket inside the bucket" :
			    "a value outside of any bucket");
		if (w->visitor->pair(w->visitor->ctx, e.key, e.key_len,
		    e.value, e.value_len, err) == -1)
			return -1;
	}
	return 0;
}

static int walk_page(struct walk *w, uint64_t id, unsigned depth,
    struct err *err);

static int
walk_node(struct walk *w, const struct node *node, unsigned depth,
    struct err *err)
{
	unsigned i;

	if (node->flags == PAGE_LEAF)
		return walk_leaf(w, node, err);
	for (i = 0; i < node->count; i++)
		if (walk_page(w, get_le64(node_element(node, i) + 8),
		    depth + 1, err) == -1)
			return -1;
	return 0;
}

static int
walk_page(struct walk *w, uint64_t id, unsigned depth, struct err *err)
{
	struct node node = { NULL, NULL, 0, 0, 0 };
	int ret = -1;

	if (depth > BOLT_DEPTH_MAX)
		return err_set(err, ERR_LIMIT, 0, "deeper than %d pages",
		    BOLT_DEPTH_MAX);
	if (node_read(w, id, &node, err) == -1)
		err_context(err, "page %llu", (unsigned long long)id);
	else
		ret = walk_node(w, &node, depth, err);
	free(node.data);
	return ret;
}

static void
walk_init(struct walk *w, const struct bolt *db,
    const struct bolt_visitor *visitor, bool wants_buckets)
{
	uint64_t in_file = db->source->size / db->page_size;

	memset(w, 0, sizeof *w);
	w->db = db;
	w->visitor = visitor;
	w->wants_buckets = wants_buckets;
	w->page_max = db->page_count < in_file ? db->page_count : in_file;
	/* At most BOLT_FILE_MAX / PAGE_SIZE_MIN / 8 bytes: 8 KiB. */
	w->met = mem_zero((size_t)(w->page_max / 8 + 1), 1);
}

static void
walk_release(struct walk *w)
{
	buf_release(&w->last_key);
	free(w->met);
}

int
bolt_buckets(const struct bolt *db, const struct bolt_visitor *visitor,
    struct err *err)
{
	struct walk w;
	int ret;

	walk_init(&w, db, visitor, true);
	ret = walk_page(&w, db->root_page, 0, err);
	walk_release(&w);
	return ret;
}

struct lookup {
	const char *bucket;
	struct buf value;	/* of the bucket's element */
	bool is_found;
};

static int
lookup_pair(void *ctx, const uint8_t *key, size_t key_len,
    const uint8_t *value, size_t value_len, struct err *err)
{
	struct lookup *look = ctx;

	(void)err;
	if (key_len != strlen(look->bucket) ||
	    memcmp(key, look->bucket, key_len) != 0)
		return 0;
	look->is_found = true;
	buf_set(&look->value, value, value_len);
	return 0;
}

static int
read_bucket(const struct bolt *db, const struct buf *value,
    const struct bolt_visitor *visitor, struct err *err)
{
	struct node node = { NULL, NULL, 0, 0, 0 };
	const uint8_t *data = (const uint8_t *)buf_text(value);
	struct walk w;
	int ret = -1;

	if (value->len < BUCKET_LEN)
		return err_set(err, ERR_DAMAGED, 0, "cut short");
	walk_init(&w, db, visitor, false);
	if (get_le64(data) != 0) {
		ret = walk_page(&w, get_le64(data), 0, err);
		goto out;
	}
	/* A small bucket lies in its own element, as one leaf. */
	if (node_parse(&node, data + BUCKET_LEN, value->len - BUCKET_LEN,
	    err) == -1)
		goto out;
	if (node.flags != PAGE_LEAF) {
		err_set(err, ERR_DAMAGED, 0, "an inline branch");
		goto out;
	}
	ret = walk_leaf(&w, &node, err);
out:
	walk_release(&w);
	return ret;
}

int
bolt_read(const struct bolt *db, const char *bucket,
    const struct bolt_visitor *visitor, struct err *err)
{
	struct lookup look = { bucket, BUF_EMPTY, false };
	const struct bolt_visitor finder = { &look, lookup_pair };
	int ret = -1;

	if (bolt_buckets(db, &finder, err) == -1)
		goto out;
	if (!look.is_found) {
		err_set(err, ERR_NOT_FOUND, 0, "no bucket of that name");
		goto out;
	}
	ret = read_bucket(db, &look.value, visitor, err);
out:
	if (ret == -1)
		err_context(err, "bucket '%s'", bucket);
	buf_release(&look.value);
	return ret;
}

/* ---------------------------------------------------------------- writing */

/* What follows the two metas. */
enum { FREELIST_PAGE = 2, ROOT_PAGE = 3, PAIRS_PAGE = 4 };

static uint8_t *
put_head(uint8_t *file, uint64_t id, uint16_t flags, uint16_t count,
    uint32_t overflow)
{
	uint8_t *page = file + id * PAGE_SIZE;

	put_le64(page, id);
	put_le16(page + 8, flags);
	put_le16(page + 10, count);
	put_le32(page + 12, overflow);
	return page + HEAD_LEN;
}

static void
put_meta(uint8_t *file, uint64_t id, uint64_t pages)
{
	uint8_t *meta = put_head(file, id, PAGE_META, 0, 0);

	put_le32(meta, MAGIC);
	put_le32(meta + 4, VERSION);
	put_le32(meta + 8, PAGE_SIZE);
	put_le64(meta + 16, ROOT_PAGE);
	put_le64(meta + 32, FREELIST_PAGE);
	put_le64(meta + 40, pages);
	put_le64(meta + 48, id);	/* the transaction */
	put_le64(meta + META_SUMMED, fnv1a(meta, META_SUMMED));
}

static void
put_element(uint8_t *element, uint32_t flags, uint8_t *at,
    const struct bolt_pair *pair)
{
	put_le32(element, flags);
	put_le32(element + 4, (uint32_t)(at - element));
	put_le32(element + 8, (uint32_t)pair->key_len);
	put_le32(element + 12, (uint32_t)pair->value_len);
	memcpy(at, pair->key, pair->key_len);
	if (pair->value_len > 0)
		memcpy(at + pair->key_len, pair->value, pair->value_len);
}

static int
leaf_size(const struct bolt_pair *pairs, size_t count, size_t *size,
    struct err *err)
{
	uint64_t total = HEAD_LEN;
	size_t i;

	if (count > BOLT_PAIRS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "%zu pairs, more than the %d allowed", count,
		    BOLT_PAIRS_MAX);
	for (i = 0; i < count; i++) {
		const struct bolt_pair *p = &pairs[i];

		if (p->key_len == 0 || p->key_len > BOLT_KEY_MAX ||
		    !num_add(total, ELEMENT_LEN + p->key_len, &total) ||
		    !num_add(total, p->value_len, &total) ||
		    total > BOLT_NODE_MAX)
			return err_set(err, ERR_LIMIT, 0,
			    "pair %zu is too large for a database", i);
	}
	*size = (size_t)total;
	return 0;
}

static void
put_pairs(uint8_t *file, const struct bolt_pair *pairs, size_t count,
    uint32_t overflow)
{
	uint8_t *element = put_head(file, PAIRS_PAGE, PAGE_LEAF,
	    (uint16_t)count, overflow);
	uint8_t *at = element + count * ELEMENT_LEN;
	size_t i;

	for (i = 0; i < count; i++) {
		put_element(element + i * ELEMENT_LEN, 0, at, &pairs[i]);
		at += pairs[i].key_len + pairs[i].value_len;
	}
}

int
bolt_format(const char *bucket, const struct bolt_pair *pairs,
    size_t count, struct buf *out, struct err *err)
{
	uint8_t bucket_value[BUCKET_LEN] = { 0 };
	const struct bolt_pair name = { (const uint8_t *)bucket,
	    strlen(bucket), bucket_value, sizeof bucket_value };
	size_t leaf = 0, leaf_pages, pages;
	uint8_t *file, *root;

	if (leaf_size(pairs, count, &leaf, err) == -1)
		return -1;
	leaf_pages = (leaf + PAGE_SIZE - 1) / PAGE_SIZE;
	pages = PAIRS_PAGE + leaf_pages;
	file = (uint8_t *)buf_reserve(out, pages * PAGE_SIZE);
	memset(file, 0, pages * PAGE_SIZE);
	put_meta(file, 0, pages);
	put_meta(file, 1, pages);
	put_head(file, FREELIST_PAGE, PAGE_FREELIST, 0, 0);
	put_le64(bucket_value, PAIRS_PAGE);
	root = put_head(file, ROOT_PAGE, PAGE_LEAF, 1, 0);
	put_element(root, LEAF_BUCKET, root + ELEMENT_LEN, &name);
	put_pairs(file, pairs, count, (uint32_t)(leaf_pages - 1));
	out->len += pages * PAGE_SIZE;
	out->data[out->len] = '\0';
	return 0;
}
