/* SPDX-License-Identifier: BSD-2-Clause */
/* Storage of Qdrant; see qdrant.h. */
#include "check/qdrant.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "base/pairs.h"
#include "check/json_file.h"

typedef unsigned long long ull;

#define VERSION_FILE_MAX 64
#define WAL_HEAD 8		/* "wal\0", a seed */
#define PARTS_MAX 8		/* of a path below the root that we look at */

struct storage {
	const struct content *c;
	const char *root;
	struct judgement *j;
	uint64_t collections;
	uint64_t segments;
	uint64_t vector_files;
	uint64_t wal_files;
	uint64_t wal_bytes;	/* of them with entries */
	char newest[VERSION_FILE_MAX];	/* of the versions that wrote it */
	/* Vector names and sizes, of the collection and segment at work. */
	struct pairs want;
	struct pairs have;
	bool is_plain;		/* the segment's vectors are of 32-bit floats */
};

/* Where the names in a path below the root begin; the last is whole. */
struct parts {
	const char *name[PARTS_MAX];
	size_t len[PARTS_MAX];
	unsigned count;
};

static bool
split(const char *path, struct parts *p)
{
	p->count = 0;
	while (*path != '\0' && p->count < PARTS_MAX) {
		size_t len = strcspn(path, "/");

		p->name[p->count] = path;
		p->len[p->count++] = len;
		path += len + (path[len] == '/');
	}
	return *path == '\0';
}

static bool
part_is(const struct parts *p, unsigned i, const char *name)
{
	return i < p->count && p->len[i] == strlen(name) &&
	    memcmp(p->name[i], name, p->len[i]) == 0;
}

static bool
recognise(const struct entry *entry, size_t *root_len)
{
	const char *path = buf_text(&entry->path);
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	if (entry->type != ENTRY_FILE || strcmp(name, "raft_state.json") != 0)
		return false;
	*root_len = slash != NULL ? (size_t)(slash - path) : 0;
	return true;
}

/* -------------------------------------------------------- small files */

/* NULL, having said what is lost; err is clear unless interrupted. */
static json_t *
read_json(struct storage *s, const char *dir, const char *name,
    enum verdict verdict, const char *loss, struct err *err)
{
	struct buf path = BUF_EMPTY;
	json_t *value;

	err_clear(err);
	value = json_file_read(s->c->tree, content_path(&path, dir, name),
	    err);
	if (value == NULL && err->class != ERR_INTERRUPTED) {
		judge_find(s->j, err->class == ERR_LIMIT ? VERDICT_UNCHECKED :
		    verdict, buf_text(&path), "%s: %s",
		    err->class == ERR_NOT_FOUND ? "missing" : err->text,
		    loss);
		err_clear(err);
	}
	buf_release(&path);
	return value;
}

/* "1.9.2" as a number to compare; 0 for anything else. */
static uint64_t
version_number(const char *text)
{
	uint64_t number = 0, value;
	int i;

	for (i = 0; i < 3; i++) {
		size_t len = strspn(text, "0123456789");

		if (!num_parse(text, len, 10, 99999, &value))
			return 0;
		number = number * 100000 + value;
		text += len + (text[len] == '.');
	}
	return number;
}

/*
 * Who wrote this?  *is_there: a server that finds no such file takes the
 * folder for unfinished.
 */
static int
read_version(struct storage *s, const char *dir, bool *is_there,
    struct err *err)
{
	struct buf path = BUF_EMPTY, text = BUF_EMPTY;
	int ret = tree_read_path(s->c->tree, content_path(&path, dir,
	    "version.info"), VERSION_FILE_MAX - 1, &text, err);

	*is_there = ret == 0 || err->class != ERR_NOT_FOUND;
	if (ret == 0) {
		text.len = strcspn(buf_text(&text), "\r\n");
		if (text.len > 0)
			text.data[text.len] = '\0';
		if (version_number(buf_text(&text)) == 0)
			judge_find(s->j, VERDICT_SUSPECT, buf_text(&path),
			    "no version in it");
		else if (version_number(buf_text(&text)) >
		    version_number(s->newest))
			memcpy(s->newest, text.data, text.len + 1);
	} else if (*is_there) {
		ret = judge_failure(s->j, buf_text(&path), err);
	} else {
		err_clear(err);
		ret = 0;
	}
	buf_release(&path);
	buf_release(&text);
	return ret;
}

static void
note_size(struct pairs *sizes, const char *name, const json_t *vector)
{
	char text[NUM_COUNT_TEXT];
	uint64_t size;

	if (json_file_u64(vector, "size", &size) && sizes->count < PAIRS_MAX)
		pairs_put(sizes, name, num_format_count(size, text));
}

/* {"a": {"size": 4}, ...} */
static void
note_sizes(struct pairs *sizes, json_t *vectors)
{
	void *at;

	for (at = json_object_iter(vectors); at != NULL;
	    at = json_object_iter_next(vectors, at))
		note_size(sizes, json_object_iter_key(at),
		    json_object_iter_value(at));
}

/* -------------------------------------------------------- collections */

static int
check_collection(struct storage *s, const char *dir, struct err *err)
{
	json_t *config, *vectors;
	bool has_version;

	s->collections++;
	pairs_release(&s->want);
	config = read_json(s, dir, "config.json", VERDICT_DAMAGED,
	    "the server does not load this collection", err);
	if (config == NULL && err->class == ERR_INTERRUPTED)
		return -1;
	vectors = json_object_get(json_object_get(config, "params"),
	    "vectors");
	if (json_object_get(vectors, "size") != NULL &&
	    !json_is_object(json_object_get(vectors, "size")))
		note_size(&s->want, "", vectors);
	else
		note_sizes(&s->want, vectors);
	json_decref(config);
	if (read_version(s, dir, &has_version, err) == -1)
		return -1;
	if (!has_version)
		judge_find(s->j, VERDICT_SUSPECT, dir, "a collection without "
		    "version.info: written or restored in part");
	return 0;
}

static void
compare_sizes(struct storage *s, const char *dir)
{
	char name[ESCAPE_NAME_MAX];
	size_t i;

	for (i = 0; i < s->have.count; i++) {
		const struct pair *have = &s->have.items[i];
		const char *want = pairs_get(&s->want, have->key);

		if (want != NULL && strcmp(want, have->value) != 0)
			judge_find(s->j, VERDICT_SUSPECT, dir, "vectors '%s' "
			    "of %s numbers, where the collection has %s",
			    escape_name(have->key, name), have->value, want);
	}
}

/* Float16 and the like are noted by name; absent is 32 bits. */
static bool
has_plain_vectors(json_t *vectors)
{
	void *at;

	for (at = json_object_iter(vectors); at != NULL;
	    at = json_object_iter_next(vectors, at)) {
		const json_t *type = json_object_get(
		    json_object_iter_value(at), "datatype");

		if (json_is_string(type) &&
		    strcmp(json_string_value(type), "float32") != 0)
			return false;
	}
	return true;
}

static int
check_segment(struct storage *s, const char *dir, struct err *err)
{
	json_t *segment, *vectors;
	bool has_version;

	s->segments++;
	pairs_release(&s->have);
	if (read_version(s, dir, &has_version, err) == -1)
		return -1;
	if (!has_version)
		judge_find(s->j, VERDICT_DAMAGED, dir, "a segment without "
		    "version.info: the server deletes it at its first start, "
		    "with all its vectors");
	segment = read_json(s, dir, "segment.json", VERDICT_DAMAGED,
	    "the server cannot load this segment", err);
	if (segment == NULL)
		return err->class == ERR_INTERRUPTED ? -1 : 0;
	vectors = json_object_get(json_object_get(segment, "config"),
	    "vector_data");
	note_sizes(&s->have, vectors);
	s->is_plain = has_plain_vectors(vectors);
	compare_sizes(s, dir);
	json_decref(segment);
	return 0;
}

/* ---------------------------------------------------- files of a segment */

/* head: what the file should begin with, len bytes. */
static int
begins_with(struct storage *s, const struct entry *entry, const char *head,
    size_t len, bool *does, struct err *err)
{
	struct source *file = NULL;
	char have[WAL_HEAD];
	int ret;

	*does = false;
	if (tree_open_file(s->c->tree, entry, &file, err) == -1)
		return judge_failure(s->j, buf_text(&entry->path), err);
	ret = file->size < len ? 0 :
	    file->read_at(file, 0, have, len, err);
	*does = ret == 0 && file->size >= len && memcmp(have, head, len) == 0;
	tree_close_file(s->c->tree, file);
	return ret == -1 ? judge_failure(s->j, buf_text(&entry->path), err) :
	    0;
}

/* "data", then vectors of a fixed size. */
static int
check_matrix(struct storage *s, const struct entry *entry,
    const struct parts *p, struct err *err)
{
	static const char plain[] = "vector_storage";
	const char *path = buf_text(&entry->path), *size;
	struct buf name = BUF_EMPTY;
	uint64_t numbers = 0;
	bool is_good;

	if (p->len[5] > sizeof plain - 1)
		buf_append(&name, p->name[5] + sizeof plain,
		    p->len[5] - sizeof plain);
	size = pairs_get(&s->have, buf_text(&name));
	buf_release(&name);
	if (!s->is_plain || size == NULL || strchr(size, ',') != NULL ||
	    !num_parse(size, strlen(size), 10, UINT32_MAX, &numbers) ||
	    numbers == 0)
		return 0;
	s->vector_files++;
	if (begins_with(s, entry, "data", 4, &is_good, err) == -1)
		return -1;
	if (!is_good)
		judge_find(s->j, VERDICT_SUSPECT, path,
		    "not the head of a file of vectors");
	else if ((entry->size - 4) % (numbers * 4) != 0)
		judge_find(s->j, VERDICT_SUSPECT, path, "%llu bytes are no "
		    "whole vectors of %llu numbers", (ull)entry->size,
		    (ull)numbers);
	return 0;
}

static int
check_segment_file(struct storage *s, const struct entry *entry,
    const struct parts *p, struct err *err)
{
	if (p->count == 7 && part_is(p, 6, "matrix.dat") &&
	    strncmp(p->name[5], "vector_storage", 14) == 0)
		return check_matrix(s, entry, p, err);
	if (p->count == 6 && part_is(p, 5, "mutable_id_tracker.versions") &&
	    entry->size % 8 != 0)
		judge_find(s->j, VERDICT_UNCHECKED, buf_text(&entry->path),
		    "%llu bytes are no whole entries; what the server makes "
		    "of that is not known here", (ull)entry->size);
	return 0;
}

/*
 * open-N, closed-N.  How their entries are summed could not be held against
 * a real one, so no verdict rests on it.
 */
static int
check_wal(struct storage *s, const struct entry *entry, struct err *err)
{
	const char *path = buf_text(&entry->path);
	struct source *file = NULL;
	uint8_t len[8] = { 0 };
	bool is_good;
	int ret;

	s->wal_files++;
	if (begins_with(s, entry, "wal\0", 4, &is_good, err) == -1)
		return -1;
	if (!is_good) {
		judge_find(s->j, VERDICT_SUSPECT, path,
		    "not the head of a file of the log");
		return 0;
	}
	if (entry->size < WAL_HEAD + sizeof len)
		return 0;
	if (tree_open_file(s->c->tree, entry, &file, err) == -1)
		return judge_failure(s->j, path, err);
	ret = file->read_at(file, WAL_HEAD, len, sizeof len, err);
	tree_close_file(s->c->tree, file);
	if (ret == -1)
		return judge_failure(s->j, path, err);
	if (get_le64(len) != 0)
		s->wal_bytes += entry->size;
	return 0;
}

/* ------------------------------------------------------------- the storage */

static bool
ends_with(const struct parts *p, unsigned i, const char *end)
{
	size_t len = strlen(end);

	return p->len[i] > len &&
	    memcmp(p->name[i] + p->len[i] - len, end, len) == 0;
}

static int
visit_dir(struct storage *s, const struct entry *entry,
    const struct parts *p, struct err *err)
{
	const char *path = buf_text(&entry->path);

	if (p->count == 2)
		return check_collection(s, path, err);
	if (p->count != 5 || !part_is(p, 3, "segments"))
		return 0;
	if (ends_with(p, 4, ".deleted")) {
		judge_find(s->j, VERDICT_CLEAN, path,
		    "given up before; the server deletes it at its start");
		return 1;
	}
	return check_segment(s, path, err);
}

static int
visit(void *ctx, const struct entry *entry, struct err *err)
{
	const char *path = buf_text(&entry->path);
	struct storage *s = ctx;
	size_t skip = strlen(s->root);
	struct parts p;

	if (entry->path.len <= skip)
		return 0;
	if (!split(skip > 0 ? path + skip + 1 : path, &p) ||
	    !part_is(&p, 0, "collections"))
		return 0;
	if (entry->type == ENTRY_DIR)
		return visit_dir(s, entry, &p, err);
	if (entry->type != ENTRY_FILE)
		return 0;
	if (ends_with(&p, p.count - 1, "_initializing"))
		judge_find(s->j, VERDICT_SUSPECT, path,
		    "a shard was being transferred, and is not whole");
	if (p.count == 5 && part_is(&p, 3, "wal") &&
	    (strncmp(p.name[4], "open-", 5) == 0 ||
	    strncmp(p.name[4], "closed-", 7) == 0))
		return check_wal(s, entry, err);
	if (p.count > 5 && part_is(&p, 3, "segments"))
		return check_segment_file(s, entry, &p, err);
	return 0;
}

static void
say_totals(struct storage *s)
{
	char size[NUM_BYTES_TEXT];

	if (s->newest[0] != '\0')
		judge_say(s->j, "written by Qdrant %s: an older server "
		    "refuses it", s->newest);
	if (s->wal_bytes > 0)
		judge_find(s->j, VERDICT_UNCHECKED, s->root, "the entries of "
		    "the log (files of %s) were not checked: they hold what "
		    "no segment has yet",
		    num_format_bytes(s->wal_bytes, size));
	judge_cover(s->j, "%llu collections and %llu segments by their "
	    "settings, %llu files of vectors by their size, %llu of the log "
	    "by their heads", (ull)s->collections, (ull)s->segments,
	    (ull)s->vector_files, (ull)s->wal_files);
	judge_cover(s->j, "vectors, payloads and indices have no checksum and "
	    "were not read");
}

static int
check(const struct content *c, const char *root, struct judgement *j,
    struct err *err)
{
	struct storage s = { .c = c, .root = root, .j = j,
	    .want = PAIRS_EMPTY, .have = PAIRS_EMPTY };
	json_t *raft = read_json(&s, root, "raft_state.json", VERDICT_SUSPECT,
	    "the server cannot read its own state", &(struct err){ 0 });
	int ret = 0;

	json_decref(raft);
	if (tree_walk(c->tree, root, visit, &s, err) == -1)
		ret = judge_failure(j, root, err);
	say_totals(&s);
	pairs_release(&s.want);
	pairs_release(&s.have);
	return ret;
}

const struct set_checker check_qdrant = { "qdrant", true, recognise, check };
