/* SPDX-License-Identifier: BSD-2-Clause */
/* Models of Ollama; see ollama.h. */
#include "check/ollama.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/num.h"
#include "check/gguf.h"
#include "check/json_file.h"
#include "check/scan.h"
#include "codec/sha256.h"

typedef unsigned long long ull;

#define DIGESTS_MAX 100000	/* blobs that all manifests name */
#define PRUNE_AGE 3600		/* seconds: what is younger is left alone */

struct digest {
	uint8_t sha256[SHA256_LEN];
};

struct models {
	const struct content *c;
	const char *root;
	struct judgement *j;
	struct digest *named;	/* by manifests; sorted before blobs come */
	size_t named_count;
	uint64_t manifests;
	uint64_t broken;	/* manifests: nothing is deleted while there are */
	bool is_full;
	uint64_t blobs;
	uint64_t bytes;
	uint64_t unnamed;
	uint64_t unnamed_bytes;
	uint64_t doomed;	/* of them so old that they go at start */
};

/* "sha256-<64 digits>" or, in manifests, "sha256:<64 digits>". */
static bool
parse_digest(const char *text, char separator, struct digest *digest)
{
	return strncmp(text, "sha256", 6) == 0 && text[6] == separator &&
	    hex_parse(text + 7, strlen(text + 7), digest->sha256,
	    SHA256_LEN);
}

static const char *
name_of(const struct entry *entry)
{
	const char *path = buf_text(&entry->path);
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool
recognise(const struct entry *entry, size_t *root_len)
{
	static const char host[] = "manifests/registry.ollama.ai";
	const char *path = buf_text(&entry->path), *name = name_of(entry);
	size_t before = (size_t)(name - path), above;
	struct digest digest;

	if (entry->type == ENTRY_DIR && entry->path.len >= sizeof host - 1 &&
	    strcmp(path + entry->path.len - (sizeof host - 1), host) == 0)
		above = entry->path.len - (sizeof host - 1);
	else if (entry->type == ENTRY_FILE && before >= 6 &&
	    strncmp(name - 6, "blobs/", 6) == 0 &&
	    parse_digest(name, '-', &digest))
		above = before - 6;
	else
		return false;
	if (above > 0 && path[above - 1] != '/')
		return false;
	*root_len = above > 0 ? above - 1 : 0;
	return true;
}

/* -------------------------------------------------------------- manifests */

static void
note_named(struct models *m, const struct digest *digest)
{
	if (m->named_count == DIGESTS_MAX) {
		m->is_full = true;
		return;
	}
	if (m->named_count % 1024 == 0)
		m->named = mem_resize(m->named, m->named_count + 1024,
		    sizeof *m->named);
	m->named[m->named_count++] = *digest;
}

/* A blob that a manifest names: is it there, and as long as it should be? */
static int
check_layer(struct models *m, const char *manifest, const json_t *layer,
    struct err *err)
{
	const char *text = json_file_text(layer, "digest");
	struct entry entry = ENTRY_EMPTY;
	struct buf name = BUF_EMPTY, path = BUF_EMPTY;
	char hex[2 * SHA256_LEN + 1];
	struct digest digest;
	uint64_t size;
	bool found;
	int ret;

	if (text == NULL || !parse_digest(text, ':', &digest) ||
	    !json_file_u64(layer, "size", &size))
		return err_set(err, ERR_DAMAGED, 0,
		    "a layer without its digest or size");
	note_named(m, &digest);
	buf_printf(&name, "blobs/sha256-%s",
	    hex_format(digest.sha256, SHA256_LEN, hex));
	ret = tree_find(m->c->tree, content_path(&path, m->root,
	    buf_text(&name)), &entry, &found, err);
	if (ret == 0 && (!found || entry.type != ENTRY_FILE))
		judge_find(m->j, VERDICT_DAMAGED, manifest,
		    "this model does not load: %s is missing",
		    buf_text(&name));
	else if (ret == 0 && entry.size != size)
		judge_find(m->j, VERDICT_DAMAGED, manifest,
		    "this model does not load: %s has %llu bytes instead of "
		    "%llu", buf_text(&name), (ull)entry.size, (ull)size);
	entry_release(&entry);
	buf_release(&name);
	buf_release(&path);
	return ret;
}

static int
check_layers(struct models *m, const char *path, const json_t *manifest,
    struct err *err)
{
	const json_t *layers = json_object_get(manifest, "layers");
	const json_t *config = json_object_get(manifest, "config");
	size_t i;

	if (!json_is_array(layers) || !json_is_object(config))
		return err_set(err, ERR_DAMAGED, 0, "no config, or no layers");
	if (check_layer(m, path, config, err) == -1)
		return -1;
	for (i = 0; i < json_array_size(layers); i++)
		if (check_layer(m, path, json_array_get(layers, i),
		    err) == -1)
			return -1;
	return 0;
}

static int
check_manifest(void *ctx, const struct entry *entry, struct err *err)
{
	const char *path = buf_text(&entry->path);
	struct models *m = ctx;
	json_t *manifest;
	int ret = 0;

	if (entry->type != ENTRY_FILE)
		return 0;
	m->manifests++;
	manifest = json_file_read(m->c->tree, path, err);
	if (manifest == NULL ||
	    check_layers(m, path, manifest, err) == -1) {
		m->broken++;
		err_append(err, "the model is not listed");
		ret = judge_failure(m->j, path, err);
	}
	json_decref(manifest);
	return ret;
}

/* ------------------------------------------------------------------- blobs */

static int
compare_digests(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct digest));
}

/* A model that is too short for its tensors was cut: say so. */
static void
explain(struct models *m, const char *path, struct source *file)
{
	struct gguf_facts f;
	struct err err;
	struct scan s;

	scan_init(&s, file, 0, file->size);
	if (gguf_read(&s, &f, &err) == 0 && f.end > file->size)
		judge_find(m->j, VERDICT_DAMAGED, path, "cut: its tensors "
		    "need %llu bytes, and it has %llu", (ull)f.end,
		    (ull)file->size);
	scan_release(&s);
}

static int
check_content(struct models *m, const struct entry *entry,
    const struct digest *want, struct err *err)
{
	const char *path = buf_text(&entry->path);
	struct source *file = NULL;
	uint8_t have[SHA256_LEN];
	int ret;

	if (tree_open_file(m->c->tree, entry, &file, err) == -1)
		return judge_failure(m->j, path, err);
	ret = scan_sha256(file, have, err);
	if (ret == 0 && memcmp(have, want->sha256, SHA256_LEN) != 0) {
		judge_find(m->j, VERDICT_DAMAGED, path,
		    "not the content that its name says");
		explain(m, path, file);
	}
	tree_close_file(m->c->tree, file);
	return ret == -1 ? judge_failure(m->j, path, err) : 0;
}

static int
check_blob(void *ctx, const struct entry *entry, struct err *err)
{
	struct models *m = ctx;
	struct digest digest;

	if (entry->type != ENTRY_FILE)
		return 0;
	if (!parse_digest(name_of(entry), '-', &digest)) {
		judge_find(m->j, VERDICT_CLEAN, buf_text(&entry->path),
		    "left by a download that did not come to its end");
		return 0;
	}
	m->blobs++;
	m->bytes += entry->size;
	if (m->named_count == 0 || bsearch(&digest, m->named, m->named_count,
	    sizeof *m->named, compare_digests) == NULL) {
		m->unnamed++;
		m->unnamed_bytes += entry->size;
		m->doomed += m->c->facts->now == 0 ||
		    entry->mtime_s < m->c->facts->now - PRUNE_AGE;
	}
	return check_content(m, entry, &digest, err);
}

/* What the server deletes when it starts. */
static void
say_pruned(struct models *m)
{
	char size[NUM_BYTES_TEXT];

	if (m->unnamed == 0 || m->is_full)
		return;
	(void)num_format_bytes(m->unnamed_bytes, size);
	if (m->doomed == 0 || m->broken > 0) {
		judge_find(m->j, VERDICT_CLEAN, m->root, "%llu blobs (%s) "
		    "belong to no model; the server leaves them alone, %s",
		    (ull)m->unnamed, size, m->broken > 0 ?
		    "as long as a manifest is broken" : "for they are new");
		return;
	}
	judge_say(m->j, "at its first start the server deletes %llu blobs "
	    "that no manifest names, of %s together; OLLAMA_NOPRUNE=1 keeps "
	    "it from that", (ull)m->doomed, size);
	if (m->manifests == 0)
		judge_find(m->j, VERDICT_DAMAGED, m->root,
		    "no manifest is there: every model is lost at the first "
		    "start");
	else
		judge_find(m->j, VERDICT_CLEAN, m->root, "%llu blobs (%s) "
		    "belong to no model", (ull)m->unnamed, size);
}

static int
walk(struct models *m, const char *dir, tree_visit *visit, struct err *err)
{
	struct buf path = BUF_EMPTY;
	int ret = tree_walk(m->c->tree, content_path(&path, m->root, dir),
	    visit, m, err);

	buf_release(&path);
	return ret;
}

static int
check(const struct content *c, const char *root, struct judgement *j,
    struct err *err)
{
	struct models m = { .c = c, .root = root, .j = j };
	char count[NUM_COUNT_TEXT], size[NUM_BYTES_TEXT];
	int ret;

	ret = walk(&m, "manifests", check_manifest, err);
	if (ret == 0) {
		if (m.named_count > 0)
			qsort(m.named, m.named_count, sizeof *m.named,
			    compare_digests);
		ret = walk(&m, "blobs", check_blob, err);
	}
	if (ret == -1)
		ret = judge_failure(j, root, err);
	say_pruned(&m);
	if (m.is_full)
		judge_find(j, VERDICT_UNCHECKED, root, "more than %d blobs "
		    "are named; which are not was not looked at",
		    DIGESTS_MAX);
	if (m.manifests > 0)
		judge_cover(j, "%llu models by their manifests",
		    (ull)m.manifests);
	if (m.blobs > 0)
		judge_cover(j, "%s blobs (%s) by SHA-256",
		    num_format_count(m.blobs, count),
		    num_format_bytes(m.bytes, size));
	free(m.named);
	return ret;
}

const struct set_checker check_ollama = { "ollama", true, recognise, check };
