/* SPDX-License-Identifier: BSD-2-Clause */
/* MinIO's xl.meta; see xl_meta.h. */
#include "check/xl_meta.h"

#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/hex.h"
#include "codec/xxh64.h"

#define HEAD_LEN 8
#define MINOR_MAX 3

struct xl {
	const struct xl_visitor *visitor;
	struct msgpack inline_data;	/* the map behind the metadata */
	bool has_inline;
};

static int
malformed(struct err *err, const char *what)
{
	return err_set(err, ERR_DAMAGED, 0, "malformed: %s", what);
}

/* --------------------------------------------------------------- contents */

/* "0123abcd-....", or "null". */
#define ID_TEXT 37

static const char *
id_text(const uint8_t id[XL_ID_LEN], char text[ID_TEXT])
{
	static const uint8_t none[XL_ID_LEN];
	char hex[2 * XL_ID_LEN + 1];
	int i, to = 0;

	if (memcmp(id, none, sizeof none) == 0)
		return strcpy(text, "null");
	(void)hex_format(id, XL_ID_LEN, hex);
	for (i = 0; i < 2 * XL_ID_LEN; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			text[to++] = '-';
		text[to++] = hex[i];
	}
	text[to] = '\0';
	return text;
}

static int
find_inline(const struct xl *x, struct xl_version *v, struct err *err)
{
	struct msgpack m = x->inline_data;
	struct msgpack_bytes key;
	char text[ID_TEXT];
	uint64_t pairs;

	if (!x->has_inline || !msgpack_map(&m, &pairs))
		return malformed(err, "no inline contents");
	for (; pairs > 0; pairs--) {
		if (!msgpack_bytes(&m, &key) || !msgpack_bytes(&m, &v->data))
			return malformed(err, "inline contents");
		if (msgpack_is(&key, id_text(v->id, text)))
			return 0;
	}
	return malformed(err, "the inline content of a version is missing");
}

/* --------------------------------------------------------------- versions */

static bool
take_id(struct msgpack *m, uint8_t id[XL_ID_LEN])
{
	struct msgpack_bytes b;

	if (!msgpack_bytes(m, &b) || (b.len != XL_ID_LEN && b.len != 0))
		return false;
	memset(id, 0, XL_ID_LEN);
	if (b.len > 0)
		memcpy(id, b.data, XL_ID_LEN);
	return true;
}

/* An array of numbers, to be read later; may be nil. */
static bool
take_list(struct msgpack *m, struct msgpack *list, uint64_t *items)
{
	struct msgpack ahead = *m;

	*items = 0;
	if (m->at < m->end && *m->at == 0xc0)
		return msgpack_skip(m);
	if (!msgpack_array(&ahead, items))
		return false;
	*list = ahead;
	return msgpack_skip(m);
}

static bool
begins(const struct msgpack_bytes *b, const char *prefix)
{
	return b->len >= strlen(prefix) &&
	    strncasecmp((const char *)b->data, prefix, strlen(prefix)) == 0;
}

/* What MinIO notes for itself about a version. */
static bool
take_system(struct msgpack *m, struct xl_version *v)
{
	struct msgpack_bytes key, value;
	uint64_t pairs;

	if (m->at < m->end && *m->at == 0xc0)
		return msgpack_skip(m);
	if (!msgpack_map(m, &pairs))
		return false;
	for (; pairs > 0; pairs--) {
		if (!msgpack_bytes(m, &key) || !msgpack_bytes(m, &value))
			return false;
		if (begins(&key, "x-minio-internal-inline-data"))
			v->is_inline = msgpack_is(&value, "true");
		else if (begins(&key,
		    "x-minio-internal-server-side-encryption"))
			v->is_encrypted = true;
		else if (begins(&key, "x-minio-internal-compression"))
			v->is_compressed = true;
		else if (begins(&key, "x-minio-internal-transition-status"))
			v->is_remote = msgpack_is(&value, "complete");
	}
	return true;
}

static bool
take_member(struct msgpack *m, const struct msgpack_bytes *key,
    struct xl_version *v, uint64_t *sizes)
{
	if (msgpack_is(key, "ID"))
		return take_id(m, v->id);
	if (msgpack_is(key, "DDir"))
		return take_id(m, v->data_dir);
	if (msgpack_is(key, "EcM"))
		return msgpack_u64(m, &v->ec_data);
	if (msgpack_is(key, "EcN"))
		return msgpack_u64(m, &v->ec_parity);
	if (msgpack_is(key, "EcBSize"))
		return msgpack_u64(m, &v->ec_block);
	if (msgpack_is(key, "Size"))
		return msgpack_u64(m, &v->size);
	if (msgpack_is(key, "PartNums"))
		return take_list(m, &v->part_numbers, &v->parts);
	if (msgpack_is(key, "PartSizes"))
		return take_list(m, &v->part_sizes, sizes);
	if (msgpack_is(key, "MetaSys"))
		return take_system(m, v);
	return msgpack_skip(m);
}

/* The map of an object or of a delete marker. */
static int
read_object(struct msgpack *m, struct xl_version *v, struct err *err)
{
	uint64_t pairs, sizes = 0;

	if (!msgpack_map(m, &pairs))
		return malformed(err, "a version is no map");
	for (; pairs > 0; pairs--) {
		struct msgpack_bytes key;

		if (!msgpack_bytes(m, &key) ||
		    !take_member(m, &key, v, &sizes))
			return malformed(err, "a member of a version");
	}
	if (v->type != XL_OBJECT)
		return 0;
	if (sizes != v->parts || v->ec_data == 0 || v->ec_data > 256 ||
	    v->ec_parity > 256 || v->ec_block == 0 ||
	    v->ec_block > (uint64_t)1 << 30)
		return malformed(err, "the division of a version");
	if (v->parts > XL_PARTS_MAX)
		return err_set(err, ERR_LIMIT, 0, "a version of %llu parts",
		    (unsigned long long)v->parts);
	return 0;
}

static const char *
member_of(enum xl_type type)
{
	return type == XL_OBJECT ? "V2Obj" : type == XL_DELETED ? "DelObj" :
	    "V1Obj";
}

/* {"Type": 1, "V2Obj": {...}, ...}; Type need not come first. */
static int
read_version(const struct xl *x, struct msgpack m, struct err *err)
{
	struct xl_version v = { .type = XL_OBJECT };
	struct msgpack objects[XL_LEGACY + 1] = { { NULL, NULL } };
	uint64_t pairs, type = 0;
	unsigned i;

	if (!msgpack_map(&m, &pairs))
		return malformed(err, "a version is no map");
	for (; pairs > 0; pairs--) {
		struct msgpack_bytes key;

		if (!msgpack_bytes(&m, &key))
			return malformed(err, "a version");
		for (i = XL_OBJECT; i <= XL_LEGACY; i++)
			if (msgpack_is(&key, member_of((enum xl_type)i)) &&
			    m.at < m.end && *m.at != 0xc0)
				objects[i] = m;
		if (msgpack_is(&key, "Type") ? !msgpack_u64(&m, &type) :
		    !msgpack_skip(&m))
			return malformed(err, "a version");
	}
	if (type < XL_OBJECT || type > XL_LEGACY || objects[type].at == NULL)
		return malformed(err, "a version of no known type");
	v.type = (enum xl_type)type;
	if (v.type != XL_LEGACY &&
	    (read_object(&objects[type], &v, err) == -1 ||
	    (v.is_inline && find_inline(x, &v, err) == -1)))
		return -1;
	return x->visitor->version(x->visitor->ctx, &v, err);
}

static int
too_many(uint64_t versions, struct err *err)
{
	return err_set(err, ERR_LIMIT, 0, "%llu versions of one object",
	    (unsigned long long)versions);
}

/* Up to minor 2: {"Versions": [...]}. */
static int
read_old(const struct xl *x, struct msgpack m, struct err *err)
{
	uint64_t pairs, versions;

	if (!msgpack_map(&m, &pairs))
		return malformed(err, "no map of versions");
	for (; pairs > 0; pairs--) {
		struct msgpack_bytes key;

		if (!msgpack_bytes(&m, &key))
			return malformed(err, "the map of versions");
		if (!msgpack_is(&key, "Versions")) {
			if (!msgpack_skip(&m))
				return malformed(err, "the map of versions");
			continue;
		}
		if (!msgpack_array(&m, &versions))
			return malformed(err, "no list of versions");
		if (versions > XL_VERSIONS_MAX)
			return too_many(versions, err);
		for (; versions > 0; versions--) {
			struct msgpack one = m;

			if (!msgpack_skip(&m))
				return malformed(err, "a version");
			one.end = m.at;
			if (read_version(x, one, err) == -1)
				return -1;
		}
	}
	return 0;
}

/* Minor 3: three numbers, then for each version its head and itself. */
static int
read_new(const struct xl *x, struct msgpack m, struct err *err)
{
	uint64_t head, meta, versions;

	if (!msgpack_u64(&m, &head) || !msgpack_u64(&m, &meta) ||
	    !msgpack_u64(&m, &versions))
		return malformed(err, "its first numbers");
	if (meta > 3)
		return err_set(err, ERR_LIMIT, 0, "metadata of version %llu",
		    (unsigned long long)meta);
	if (versions > XL_VERSIONS_MAX)
		return too_many(versions, err);
	for (; versions > 0; versions--) {
		struct msgpack_bytes short_head, one;

		if (!msgpack_bytes(&m, &short_head) ||
		    !msgpack_bytes(&m, &one))
			return malformed(err, "a version");
		if (read_version(x, (struct msgpack){ one.data,
		    one.data + one.len }, err) == -1)
			return -1;
	}
	return 0;
}

/* ------------------------------------------------------------- the whole */

/* From minor 1 on the metadata is a run of bytes, from 2 on summed. */
static int
open_metadata(struct xl *x, struct msgpack *m, unsigned minor,
    struct msgpack *metadata, struct err *err)
{
	struct msgpack_bytes bytes;
	uint64_t sum;

	if (!msgpack_bytes(m, &bytes))
		return malformed(err, "cut, or no metadata");
	metadata->at = bytes.data;
	metadata->end = bytes.data + bytes.len;
	if (minor >= 2 && (!msgpack_u64(m, &sum) ||
	    sum != (xxh64(bytes.data, bytes.len) & 0xffffffff)))
		return err_set(err, ERR_DAMAGED, 0,
		    "the checksum of the metadata is wrong");
	if (m->at == m->end)
		return 0;
	if (*m->at++ != 1)
		return malformed(err, "inline contents of no known version");
	x->inline_data = *m;
	x->has_inline = true;
	return 0;
}

bool
xl_next_part(struct xl_version *v, uint64_t *number, uint64_t *size)
{
	return msgpack_u64(&v->part_numbers, number) &&
	    msgpack_u64(&v->part_sizes, size);
}

int
xl_meta_read(const void *data, size_t len, const struct xl_visitor *visitor,
    bool *is_summed, struct err *err)
{
	const uint8_t *p = data;
	struct xl x = { .visitor = visitor };
	struct msgpack m = { p, p + len }, metadata = m;
	unsigned minor;

	if (len < HEAD_LEN || memcmp(p, "XL2 ", 4) != 0)
		return err_set(err, ERR_DAMAGED, 0, "not an xl.meta");
	minor = get_le16(p + 6);
	if (get_le16(p + 4) != 1 || minor > MINOR_MAX)
		return err_set(err, ERR_LIMIT, 0, "of version %u.%u, which is "
		    "not known here", get_le16(p + 4), minor);
	m.at += HEAD_LEN;
	metadata.at = m.at;
	*is_summed = minor >= 2;
	if (minor >= 1 && open_metadata(&x, &m, minor, &metadata, err) == -1)
		return -1;
	return minor == 3 ? read_new(&x, metadata, err) :
	    read_old(&x, metadata, err);
}
