/* SPDX-License-Identifier: BSD-2-Clause */
/* Drives of MinIO; see minio.h. */
#include "check/minio.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hex.h"
#include "base/num.h"
#include "check/json_file.h"
#include "check/scan.h"
#include "check/xl_meta.h"
#include "codec/highway.h"

typedef unsigned long long ull;

#define SYSTEM ".minio.sys"
#define META "xl.meta"
#define UUID_LEN 36

struct drive {
	const struct content *c;
	const char *root;
	struct judgement *j;
	bool is_one_of_many;
	uint64_t objects;
	uint64_t versions;
	uint64_t deleted;
	uint64_t legacy;
	uint64_t encrypted;
	uint64_t compressed;
	uint64_t remote;
	uint64_t unsummed;	/* xl.meta without a checksum */
	uint64_t hashed;	/* bytes of content */
	/* Folders of data seen so far in one folder; its xl.meta comes last. */
	struct buf parent;
	uint64_t data_dirs;
};

/* One xl.meta at work. */
struct object {
	struct drive *d;
	struct buf dir;
	uint64_t used_dirs;
	struct buf path;	/* of the part at work */
};

/* ------------------------------------------------------------ names */

static bool
is_uuid(const char *name)
{
	size_t i;

	for (i = 0; i < UUID_LEN; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? name[i] != '-' : strchr("0123456789abcdef",
		    name[i]) == NULL || name[i] == '\0')
			return false;
	}
	return name[UUID_LEN] == '\0';
}

static void
put_uuid(struct buf *path, const uint8_t id[XL_ID_LEN])
{
	char hex[2 * XL_ID_LEN + 1];
	int i;

	(void)hex_format(id, XL_ID_LEN, hex);
	for (i = 0; i < 2 * XL_ID_LEN; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			buf_byte(path, '-');
		buf_byte(path, (unsigned char)hex[i]);
	}
}

static bool
recognise(const struct entry *entry, size_t *root_len)
{
	const char *path = buf_text(&entry->path);
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	if (entry->type != ENTRY_DIR || strcmp(name, SYSTEM) != 0)
		return false;
	*root_len = slash != NULL ? (size_t)(slash - path) : 0;
	return true;
}

/* ----------------------------------------------------------- contents */

/* What of total bytes lies on one drive, without the hashes. */
static uint64_t
share_of(const struct xl_version *v, uint64_t total, uint64_t *shard)
{
	uint64_t whole = total / v->ec_block, rest = total % v->ec_block;

	*shard = (v->ec_block + v->ec_data - 1) / v->ec_data;
	return whole * *shard + (rest + v->ec_data - 1) / v->ec_data;
}

/* Blocks of at most shard bytes, each behind its hash. */
static int
check_blocks(struct object *o, struct scan *s, uint64_t shard,
    const char *path, struct err *err)
{
	static const uint8_t key[HIGHWAY_KEY_LEN] = {
		0x4b, 0xe7, 0x34, 0xfa, 0x8e, 0x23, 0x8a, 0xcd,
		0x26, 0x3e, 0x83, 0xe6, 0xbb, 0x96, 0x85, 0x52,
		0x04, 0x0f, 0x93, 0x5d, 0xa3, 0x9f, 0x44, 0x14,
		0x97, 0xe0, 0x9d, 0x13, 0x22, 0xde, 0x36, 0xa0
	};
	uint8_t want[HIGHWAY_LEN], have[HIGHWAY_LEN];
	uint64_t block = 0, wrong = 0, first = 0;

	for (; scan_left(s) >= HIGHWAY_LEN; block++) {
		const uint8_t *p = scan_next(s, HIGHWAY_LEN, err);
		uint64_t left = scan_left(s) < shard ? scan_left(s) : shard;
		struct highway h;

		if (p == NULL)
			return -1;
		memcpy(want, p, HIGHWAY_LEN);
		highway_init(&h, key);
		while (left > 0) {
			size_t n = left < SCAN_WINDOW ? (size_t)left :
			    SCAN_WINDOW;

			p = scan_next(s, n, err);
			if (p == NULL)
				return -1;
			highway_update(&h, p, n);
			o->d->hashed += n;
			left -= n;
		}
		highway_out(&h, have);
		if (memcmp(want, have, HIGHWAY_LEN) != 0 && wrong++ == 0)
			first = block;
	}
	if (wrong > 0)
		judge_find(o->d->j, VERDICT_DAMAGED, path, "block %llu: wrong "
		    "hash (blocks of this content that are: %llu): the server "
		    "does not hand it out", (ull)first, (ull)wrong);
	return 0;
}

/* A content of total bytes, wherever it lies. */
static int
check_content(struct object *o, const struct xl_version *v,
    struct source *file, uint64_t total, const char *path, struct err *err)
{
	uint64_t shard, share = share_of(v, total, &shard);
	uint64_t want = share + (share + shard - 1) / shard * HIGHWAY_LEN;
	struct scan s;
	int ret;

	if (file->size != want)
		judge_find(o->d->j, VERDICT_DAMAGED, path, "%llu bytes "
		    "instead of %llu", (ull)file->size, (ull)want);
	scan_init(&s, file, 0, file->size);
	ret = check_blocks(o, &s, shard, path, err);
	scan_release(&s);
	return ret == -1 ? judge_failure(o->d->j, path, err) : 0;
}

static int
check_part(struct object *o, const struct xl_version *v, uint64_t number,
    uint64_t size, struct err *err)
{
	struct source *file = NULL;
	int ret;

	buf_set(&o->path, buf_text(&o->dir), o->dir.len);
	if (o->path.len > 0)
		buf_byte(&o->path, '/');
	put_uuid(&o->path, v->data_dir);
	buf_printf(&o->path, "/part.%llu", (ull)number);
	if (tree_open_path(o->d->c->tree, buf_text(&o->path), &file,
	    err) == -1) {
		if (err->class != ERR_NOT_FOUND)
			return judge_failure(o->d->j, buf_text(&o->path),
			    err);
		err_clear(err);
		judge_find(o->d->j, VERDICT_DAMAGED, buf_text(&o->path),
		    "missing: the server lists the object and cannot hand it "
		    "out");
		return 0;
	}
	ret = check_content(o, v, file, size, buf_text(&o->path), err);
	tree_close_file(o->d->c->tree, file);
	return ret;
}

static int
check_parts(struct object *o, struct xl_version *v, struct err *err)
{
	uint64_t i, number, size, total = 0;

	for (i = 0; i < v->parts; i++) {
		if (!xl_next_part(v, &number, &size) ||
		    !num_add(total, size, &total) || size > INT64_MAX / 2)
			return err_set(err, ERR_DAMAGED, 0,
			    "malformed: the parts of a version");
		if (check_part(o, v, number, size, err) == -1)
			return -1;
	}
	if (total != v->size)
		judge_find(o->d->j, VERDICT_SUSPECT, buf_text(&o->dir),
		    "its parts are %llu bytes, and it should have %llu",
		    (ull)total, (ull)v->size);
	return 0;
}

static int
visit_version(void *ctx, struct xl_version *v, struct err *err)
{
	struct object *o = ctx;
	struct memory_source m;

	o->d->versions++;
	o->d->deleted += v->type == XL_DELETED;
	o->d->legacy += v->type == XL_LEGACY;
	if (v->type != XL_OBJECT)
		return 0;
	o->d->encrypted += v->is_encrypted;
	o->d->compressed += v->is_compressed;
	o->d->remote += v->is_remote;
	if (v->is_remote)
		return 0;
	if (v->is_inline)
		return check_content(o, v, memory_source_init(&m,
		    v->data.data, v->data.len), v->size, buf_text(&o->dir),
		    err);
	o->used_dirs++;
	return check_parts(o, v, err);
}

/* ------------------------------------------------------------- objects */

static void
judge_orphans(struct object *o)
{
	struct drive *d = o->d;

	if (d->data_dirs > o->used_dirs &&
	    strcmp(buf_text(&d->parent), buf_text(&o->dir)) == 0)
		judge_find(d->j, VERDICT_CLEAN, buf_text(&o->dir),
		    "%llu folders of data that no version names, as a broken "
		    "write or delete leaves them",
		    (ull)(d->data_dirs - o->used_dirs));
}

static int
check_object(struct drive *d, const struct entry *entry, struct err *err)
{
	const char *path = buf_text(&entry->path);
	struct object o = { .d = d, .dir = BUF_EMPTY, .path = BUF_EMPTY };
	const struct xl_visitor visitor = { &o, visit_version };
	struct buf text = BUF_EMPTY;
	bool is_summed = true;
	int ret = 0;

	d->objects++;
	buf_set(&o.dir, path, entry->path.len > strlen(META) ?
	    entry->path.len - strlen(META) - 1 : 0);
	if (tree_read_path(d->c->tree, path, XL_META_MAX, &text, err) == -1 ||
	    xl_meta_read(buf_text(&text), text.len, &visitor, &is_summed,
	    err) == -1) {
		if (err->class == ERR_DAMAGED)
			err_append(err, "the object cannot be read");
		ret = judge_failure(d->j, path, err);
	} else {
		judge_orphans(&o);
	}
	d->unsummed += !is_summed;
	buf_cut(&d->parent, 0);
	d->data_dirs = 0;
	buf_release(&text);
	buf_release(&o.dir);
	buf_release(&o.path);
	return ret;
}

/*
 * Maybe a folder of data: then it has parts, and its xl.meta is beside it and
 * has yet to come.  Names of objects may look like that as well.
 */
static int
note_data_dir(struct drive *d, const struct entry *entry, size_t above,
    struct err *err)
{
	const char *path = buf_text(&entry->path);
	struct entry meta = ENTRY_EMPTY, part = ENTRY_EMPTY;
	struct buf name = BUF_EMPTY;
	bool has_meta = false, has_part = false;
	int ret;

	ret = tree_find(d->c->tree, content_path(&name, path, "part.1"),
	    &part, &has_part, err);
	has_part = ret == 0 && has_part && part.type == ENTRY_FILE;
	if (has_part && (d->parent.len != above || d->data_dirs == 0 ||
	    strncmp(buf_text(&d->parent), path, above) != 0)) {
		buf_set(&d->parent, path, above);
		d->data_dirs = 0;
	}
	d->data_dirs += has_part;
	if (has_part)
		ret = tree_find(d->c->tree, content_path(&name,
		    buf_text(&d->parent), META), &meta, &has_meta, err);
	if (ret == 0 && has_part && !has_meta)
		judge_find(d->j, VERDICT_SUSPECT, path, "data without an "
		    "xl.meta beside it: an object that the server does not "
		    "list");
	entry_release(&meta);
	entry_release(&part);
	buf_release(&name);
	return ret == -1 ? judge_failure(d->j, path, err) : 0;
}

static bool
is_scratch(const char *below)
{
	return content_is_below(SYSTEM "/tmp", below) ||
	    content_is_below(SYSTEM "/multipart", below);
}

static int
visit(void *ctx, const struct entry *entry, struct err *err)
{
	const char *path = buf_text(&entry->path);
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	struct drive *d = ctx;
	size_t skip = strlen(d->root);

	if (is_scratch(entry->path.len > skip && skip > 0 ?
	    path + skip + 1 : path))
		return 1;
	if (entry->type == ENTRY_DIR && is_uuid(name))
		return note_data_dir(d, entry, slash != NULL ?
		    (size_t)(slash - path) : 0, err);
	if (entry->type == ENTRY_FILE && strcmp(name, META) == 0)
		return check_object(d, entry, err);
	return 0;
}

/* ----------------------------------------------------------- the drive */

/* *is_known: whether the objects are laid out as we know it. */
static int
check_format(struct drive *d, bool *is_known, struct err *err)
{
	struct buf path = BUF_EMPTY;
	const char *kind = NULL;
	json_t *format;

	*is_known = true;
	format = json_file_read(d->c->tree, content_path(&path, d->root,
	    SYSTEM "/format.json"), err);
	if (format != NULL)
		kind = json_file_text(format, "format");
	else if (err->class == ERR_INTERRUPTED)
		goto out;
	if (format == NULL) {
		judge_find(d->j, VERDICT_DAMAGED, buf_text(&path),
		    "%s: the server does not take this drive for its own",
		    err->class == ERR_NOT_FOUND ? "missing" : err->text);
		err_clear(err);
	} else if (kind != NULL && strcmp(kind, "xl") == 0) {
		d->is_one_of_many = true;
	} else if (kind == NULL || strcmp(kind, "xl-single") != 0) {
		*is_known = false;
		judge_find(d->j, VERDICT_UNCHECKED, buf_text(&path),
		    kind != NULL && strcmp(kind, "fs") == 0 ?
		    "the layout of before 2022: objects are plain files, and "
		    "nothing tells whether they are whole" :
		    "a layout that is not known here");
	}
out:
	json_decref(format);
	buf_release(&path);
	return err->class == ERR_INTERRUPTED ? -1 : 0;
}

static void
say_totals(struct drive *d)
{
	char count[NUM_COUNT_TEXT], size[NUM_BYTES_TEXT];

	if (d->is_one_of_many)
		judge_say(d->j, "one drive of several: its shards were "
		    "checked, and objects need the other drives too");
	if (d->encrypted > 0)
		judge_say(d->j, "%llu versions are encrypted: without the key "
		    "of the server nobody can read them", (ull)d->encrypted);
	if (d->remote > 0)
		judge_say(d->j, "%llu versions are on another tier: their "
		    "content is not here", (ull)d->remote);
	if (d->legacy > 0)
		judge_find(d->j, VERDICT_UNCHECKED, d->root, "%llu versions "
		    "of before 2020 were not followed", (ull)d->legacy);
	if (d->objects == 0)
		return;
	judge_cover(d->j, "%s objects with %llu versions, %llu of them "
	    "delete markers, %llu compressed",
	    num_format_count(d->objects, count), (ull)d->versions,
	    (ull)d->deleted, (ull)d->compressed);
	judge_cover(d->j, "%s of content by HighwayHash",
	    num_format_bytes(d->hashed, size));
	if (d->unsummed > 0)
		judge_cover(d->j, "%llu xl.meta have no checksum",
		    (ull)d->unsummed);
}

static int
check(const struct content *c, const char *root, struct judgement *j,
    struct err *err)
{
	struct drive d = { .c = c, .root = root, .j = j,
	    .parent = BUF_EMPTY };
	bool is_known;
	int ret;

	err_clear(err);
	ret = check_format(&d, &is_known, err);
	if (ret == 0 && is_known &&
	    tree_walk(c->tree, root, visit, &d, err) == -1)
		ret = judge_failure(j, root, err);
	say_totals(&d);
	buf_release(&d.parent);
	return ret;
}

const struct set_checker check_minio = { "minio", true, recognise, check };
