/* SPDX-License-Identifier: BSD-2-Clause */
/* snapshot.json; see info.h. */
#include "medium/info.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utc.h"
#include "manifest/sums.h"
#include "medium/medium.h"

#define FILE_NAME_MAX 80

static const char *const consistency_names[] = {
	"stopped", "paused", "hot", "unknown"
};
static const char *const kind_names[] = { "volume", "path" };

const char *
consistency_name(enum consistency c)
{
	return consistency_names[c];
}

struct source_info *
info_add(struct info *info)
{
	struct source_info *s;

	info->sources = mem_resize(info->sources, info->count + 1,
	    sizeof *info->sources);
	s = &info->sources[info->count++];
	memset(s, 0, sizeof *s);
	s->consistency = CONSISTENCY_UNKNOWN;
	return s;
}

const struct source_info *
info_find(const struct info *info, const char *name)
{
	size_t i;

	for (i = 0; i < info->count; i++)
		if (strcmp(info->sources[i].name, name) == 0)
			return &info->sources[i];
	return NULL;
}

static void
source_release(struct source_info *s)
{
	free(s->name);
	free(s->origin);
	free(s->manifest);
	free(s->driver);
	parts_release(&s->parts);
	pairs_release(&s->labels);
	pairs_release(&s->options);
	pairs_release(&s->users);
}

void
info_release(struct info *info)
{
	size_t i;

	for (i = 0; i < info->count; i++)
		source_release(&info->sources[i]);
	free(info->sources);
	free(info->version);
	free(info->host);
	free(info->data_root);
	memset(info, 0, sizeof *info);
}

static json_t *
pairs_json(const struct pairs *pairs)
{
	json_t *o = json_object();
	size_t i;

	for (i = 0; i < pairs->count; i++)
		(void)json_object_set_new(o, pairs->items[i].key,
		    json_string(pairs->items[i].value));
	return o;
}

static json_t *
parts_json(const struct parts *parts)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < parts->count; i++)
		(void)json_array_append_new(a, json_pack("{s:s, s:I}",
		    "name", parts->items[i].name,
		    "bytes", (json_int_t)parts->items[i].bytes));
	return a;
}

static json_t *
source_json(const struct source_info *s)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:I, "
	    "s:I, s:I, s:I, s:s, s:s, s:o, s:o, s:o}",
	    "name", s->name, "kind", kind_names[s->kind],
	    "origin", s->origin, "manifest", s->manifest,
	    "parts", parts_json(&s->parts),
	    "tar_bytes", (json_int_t)s->tar_bytes,
	    "entries", (json_int_t)s->entries,
	    "files", (json_int_t)s->files, "bytes", (json_int_t)s->bytes,
	    "data_bytes", (json_int_t)s->data_bytes,
	    "changed", (json_int_t)s->changed,
	    "missed", (json_int_t)s->missed,
	    "attrs_lost", (json_int_t)s->attrs_lost,
	    "consistency", consistency_name(s->consistency),
	    "driver", s->driver, "labels", pairs_json(&s->labels),
	    "options", pairs_json(&s->options),
	    "users", pairs_json(&s->users));
}

int
info_format(const struct info *info, struct buf *out, struct err *err)
{
	char started[UTC_TEXT_MAX], finished[UTC_TEXT_MAX];
	json_t *sources = json_array();
	json_t *root;
	char *text;
	bool is_whole;
	size_t i;

	for (i = 0; i < info->count; i++)
		(void)json_array_append_new(sources,
		    source_json(&info->sources[i]));
	/* What could not be taken would be missing without a word. */
	is_whole = json_array_size(sources) == info->count &&
	    info->count <= INFO_SOURCES_MAX;
	root = json_pack("{s:i, s:I, s:s, s:s, s:s, s:s, s:s, s:o}",
	    "format", MEDIUM_FORMAT, "sequence", (json_int_t)info->sequence,
	    "started", utc_rfc3339(info->started, started),
	    "finished", utc_rfc3339(info->finished, finished),
	    "version", info->version, "host", info->host,
	    "data_root", info->data_root, "sources", sources);
	text = root == NULL ? NULL : json_dumps(root, JSON_INDENT(2));
	json_decref(root);
	/* jansson takes valid UTF-8 only; callers escape what may not be. */
	if (text == NULL || !is_whole) {
		free(text);
		return err_set(err, ERR_LIMIT, 0, INFO_FILE ": a name or "
		    "label is not valid UTF-8, or more than %d sources",
		    INFO_SOURCES_MAX);
	}
	buf_puts(out, text);
	buf_byte(out, '\n');
	free(text);
	return 0;
}

/* The index of text in names, or -1. */
static int
word_index(const char *text, const char *const *names, int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (strcmp(text, names[i]) == 0)
			return i;
	return -1;
}

static int
parse_pairs(json_t *object, struct pairs *pairs, struct err *err)
{
	const char *key;
	json_t *value;

	if (json_object_size(object) > PAIRS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d labels",
		    PAIRS_MAX);
	json_object_foreach(object, key, value) {
		if (!json_is_string(value))
			return err_set(err, ERR_DAMAGED, 0,
			    "a label is not text");
		pairs_put(pairs, key, json_string_value(value));
	}
	return 0;
}

static int
parse_parts(json_t *array, struct parts *parts, struct err *err)
{
	json_error_t jerr;
	json_t *item;
	size_t i;

	if (json_array_size(array) == 0 ||
	    json_array_size(array) > PARTS_MAX)
		return err_set(err, ERR_DAMAGED, 0,
		    "no parts, or more than %d", PARTS_MAX);
	json_array_foreach(array, i, item) {
		const char *name;
		json_int_t bytes;
		struct part part;

		memset(&part, 0, sizeof part);
		if (json_unpack_ex(item, &jerr, JSON_STRICT, "{s:s, s:I}",
		    "name", &name, "bytes", &bytes) == -1 || bytes <= 0 ||
		    !sums_is_plain(name) || strlen(name) > PUT_NAME_MAX)
			return err_set(err, ERR_DAMAGED, 0, "part %zu", i);
		memcpy(part.name, name, strlen(name) + 1);
		part.bytes = (uint64_t)bytes;
		parts_add(parts, &part);
	}
	return 0;
}

/* What would move a terminal's cursor is in no text that we write. */
static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		const unsigned char *c = (const unsigned char *)text;

		/* C0, DEL, and C1 as UTF-8 */
		if (c[0] < 0x20 || c[0] == 0x7f ||
		    (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
			return false;
	}
	return true;
}

static int
parse_source(json_t *object, struct source_info *s, struct err *err)
{
	const char *name, *kind, *origin, *manifest, *consistency, *driver;
	json_t *parts, *labels, *options, *users;
	json_int_t n[8];
	json_error_t jerr;
	int k, c;
	size_t i;

	if (json_unpack_ex(object, &jerr, JSON_STRICT,
	    "{s:s, s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
	    "s:I, s:s, s:s, s:o, s:o, s:o}",
	    "name", &name, "kind", &kind, "origin", &origin,
	    "manifest", &manifest, "parts", &parts, "tar_bytes", &n[0],
	    "entries", &n[1], "files", &n[2], "bytes", &n[3],
	    "data_bytes", &n[4], "changed", &n[5], "missed", &n[6],
	    "attrs_lost", &n[7], "consistency", &consistency,
	    "driver", &driver, "labels", &labels, "options", &options,
	    "users", &users) == -1)
		return err_set(err, ERR_DAMAGED, 0,
		    "a key is missing, unknown or of the wrong kind");
	k = word_index(kind, kind_names, 2);
	c = word_index(consistency, consistency_names, 4);
	for (i = 0; i < sizeof n / sizeof n[0]; i++)
		if (n[i] < 0)
			return err_set(err, ERR_DAMAGED, 0,
			    "a negative count");
	if (k == -1 || c == -1 || strlen(name) == 0 ||
	    strlen(name) > INFO_NAME_MAX || !sums_is_plain(manifest) ||
	    !is_printable(name) || !is_printable(origin) ||
	    !is_printable(manifest) || !is_printable(driver))
		return err_set(err, ERR_DAMAGED, 0,
		    "bad name, kind, origin, driver, manifest or "
		    "consistency");
	s->name = mem_text(name);
	s->kind = (enum source_kind)k;
	s->consistency = (enum consistency)c;
	s->origin = mem_text(origin);
	s->manifest = mem_text(manifest);
	s->driver = mem_text(driver);
	s->tar_bytes = (uint64_t)n[0];
	s->entries = (uint64_t)n[1];
	s->files = (uint64_t)n[2];
	s->bytes = (uint64_t)n[3];
	s->data_bytes = (uint64_t)n[4];
	s->changed = (uint64_t)n[5];
	s->missed = (uint64_t)n[6];
	s->attrs_lost = (uint64_t)n[7];
	if (parse_parts(parts, &s->parts, err) == -1 ||
	    parse_pairs(labels, &s->labels, err) == -1 ||
	    parse_pairs(options, &s->options, err) == -1 ||
	    parse_pairs(users, &s->users, err) == -1)
		return -1;
	return 0;
}

static int
parse_sources(struct info *info, json_t *sources, struct err *err)
{
	json_t *item;
	size_t i;

	if (json_array_size(sources) == 0 ||
	    json_array_size(sources) > INFO_SOURCES_MAX)
		return err_set(err, ERR_LIMIT, 0,
		    "no sources, or more than %d", INFO_SOURCES_MAX);
	json_array_foreach(sources, i, item) {
		struct source_info *s = info_add(info);

		if (parse_source(item, s, err) == -1)
			return err_context(err, "source %zu", i);
		if (info_find(info, s->name) != s)
			return err_set(err, ERR_DAMAGED, 0,
			    "source %zu: a name that was there before", i);
	}
	return 0;
}

static int
parse_root(struct info *info, json_t *root, struct err *err)
{
	const char *started, *finished, *version, *host, *data_root;
	json_int_t sequence;
	json_error_t jerr;
	json_t *sources;
	int format;

	if (json_unpack_ex(root, &jerr, 0, "{s:i}", "format",
	    &format) == -1 || format != MEDIUM_FORMAT)
		return err_set(err, ERR_DAMAGED, 0,
		    "not of format %d, which this version knows",
		    MEDIUM_FORMAT);
	if (json_unpack_ex(root, &jerr, JSON_STRICT,
	    "{s:i, s:I, s:s, s:s, s:s, s:s, s:s, s:o}", "format", &format,
	    "sequence", &sequence, "started", &started,
	    "finished", &finished, "version", &version, "host", &host,
	    "data_root", &data_root, "sources", &sources) == -1)
		return err_set(err, ERR_DAMAGED, 0,
		    "a key is missing, unknown or of the wrong kind");
	if (!is_printable(version) || !is_printable(host) ||
	    !is_printable(data_root))
		return err_set(err, ERR_DAMAGED, 0, "control characters");
	if (sequence < 0 || !utc_parse(started, &info->started) ||
	    !utc_parse(finished, &info->finished))
		return err_set(err, ERR_DAMAGED, 0, "bad sequence or time");
	info->sequence = (uint64_t)sequence;
	info->version = mem_text(version);
	info->host = mem_text(host);
	info->data_root = mem_text(data_root);
	return parse_sources(info, sources, err);
}

int
info_parse(struct info *info, const char *text, size_t len, struct err *err)
{
	struct info got = INFO_EMPTY;
	json_error_t jerr;
	json_t *root;
	int ret;

	if (len > INFO_BYTES_MAX)
		return err_set(err, ERR_LIMIT, 0, INFO_FILE ": %zu bytes", len);
	/* Out of memory, jansson would read past its buffers. */
	json_set_alloc_funcs(mem_alloc, free);
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &jerr);
	if (root == NULL)
		return err_set(err, ERR_DAMAGED, 0,
		    INFO_FILE ": line %d: not JSON", jerr.line);
	ret = parse_root(&got, root, err);
	json_decref(root);
	if (ret == -1) {
		info_release(&got);
		return err_context(err, INFO_FILE);
	}
	*info = got;
	return 0;
}

static bool
is_reserved(const char *name)
{
	static const char *const words[] = { "con", "prn", "aux", "nul" };
	size_t stem = strcspn(name, ".");
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i]) == stem &&
		    memcmp(name, words[i], stem) == 0)
			return true;
	return stem == 4 && (memcmp(name, "com", 3) == 0 ||
	    memcmp(name, "lpt", 3) == 0) && isdigit((unsigned char)name[3]);
}

static bool
is_taken(const struct info *info, const char *name)
{
	size_t i;

	for (i = 0; i < info->count; i++) {
		const char *m = info->sources[i].manifest;

		if (m != NULL && strlen(m) == strlen(name) + 6 &&
		    memcmp(m, name, strlen(name)) == 0)
			return true;
	}
	return false;
}

void
info_file_name(const struct info *info, const char *source, struct buf *out)
{
	struct buf base = BUF_EMPTY;
	unsigned n;

	for (; *source != '\0' && base.len < FILE_NAME_MAX - 8; source++) {
		unsigned char c = (unsigned char)*source;

		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c + 'a' - 'A');
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    c == '_' || ((c == '.' || c == '-') && base.len > 0)))
			c = '_';
		buf_byte(&base, c);
	}
	/* In front: what Windows reserves is the stem, whatever follows. */
	buf_set(out, "_", base.len == 0 || is_reserved(buf_text(&base)));
	buf_append(out, base.data, base.len);
	buf_set(&base, out->data, out->len);
	/* A final dot vanishes on Windows; ours never ends a whole name. */
	buf_set(out, base.data, base.len);
	for (n = 2; is_taken(info, buf_text(out)); n++) {
		buf_set(out, base.data, base.len);
		buf_printf(out, "-%u", n);
	}
	buf_release(&base);
}
