/* SPDX-License-Identifier: BSD-2-Clause */
/* Images of containers in a tar; see image_tar.h. */
#include "check/image_tar.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"

#define HEX_LEN (2 * (size_t)SHA256_LEN)

static const char blobs_dir[] = "blobs/sha256/";
static const char algorithm[] = "sha256:";

/* ----------------------------------------------------------------- digests */

static bool
has_digest(const struct image_digests *d, const uint8_t digest[SHA256_LEN])
{
	size_t i;

	for (i = 0; i < d->count; i++)
		if (memcmp(d->items[i], digest, SHA256_LEN) == 0)
			return true;
	return false;
}

static void
add_digest(struct image_digests *d, const uint8_t digest[SHA256_LEN])
{
	if (d->count == IMAGE_BLOBS_MAX) {
		d->is_full = true;
		return;
	}
	/* In steps: a doubling would be as good, and these are few. */
	if (d->count % 256 == 0)
		d->items = mem_resize(d->items, d->count + 256,
		    sizeof *d->items);
	memcpy(d->items[d->count++], digest, SHA256_LEN);
}

/* ------------------------------------------------------------------- names */

/* blobs/sha256/<hex>, or <hex>.json at the top. */
static bool
name_digest(const char *path, uint8_t digest[SHA256_LEN])
{
	size_t len = strlen(path);

	if (strncmp(path, blobs_dir, sizeof blobs_dir - 1) == 0)
		return hex_parse(path + sizeof blobs_dir - 1,
		    len - (sizeof blobs_dir - 1), digest, SHA256_LEN);
	return len == HEX_LEN + 5 && strcmp(path + HEX_LEN, ".json") == 0 &&
	    hex_parse(path, HEX_LEN, digest, SHA256_LEN);
}

void
image_tar_begin(struct image_tar *i, const char *path, uint64_t size)
{
	bool is_manifest = strcmp(path, "manifest.json") == 0;
	bool is_index = strcmp(path, "index.json") == 0;

	if (is_manifest || is_index || strcmp(path, "oci-layout") == 0)
		i->is_image = true;
	if (is_index)
		i->is_oci = true;
	buf_set(&i->path, path, strlen(path));
	buf_cut(&i->json, 0);
	i->has_name = name_digest(path, i->name);
	i->is_json = (is_manifest || is_index || i->has_name) &&
	    size <= IMAGE_JSON_MAX;
	sha256_init(&i->sha);
}

void
image_tar_data(struct image_tar *i, const void *data, size_t len)
{
	if (i->has_name)
		sha256_update(&i->sha, data, len);
	/* Only objects: a small layer is no JSON. */
	if (i->is_json && i->json.len == 0 && *(const char *)data != '{' &&
	    *(const char *)data != '[')
		i->is_json = false;
	if (i->is_json)
		buf_append(&i->json, data, len);
}

/* --------------------------------------------------------------- references */

static void
want(struct image_tar *i, const char *hex, size_t len)
{
	uint8_t digest[SHA256_LEN];

	if (hex_parse(hex, len, digest, SHA256_LEN) &&
	    !has_digest(&i->wanted, digest))
		add_digest(&i->wanted, digest);
}

/* A descriptor's "digest". */
static void
want_descriptor(struct image_tar *i, const json_t *descriptor)
{
	const char *text = json_string_value(json_object_get(descriptor,
	    "digest"));

	if (text != NULL &&
	    strncmp(text, algorithm, sizeof algorithm - 1) == 0)
		want(i, text + sizeof algorithm - 1,
		    strlen(text + sizeof algorithm - 1));
}

/* An OCI or Docker image manifest: its config and its layers. */
static void
take_manifest(struct image_tar *i, const json_t *root)
{
	const json_t *layers = json_object_get(root, "layers");
	size_t k;

	if (!json_is_array(layers))
		return;
	want_descriptor(i, json_object_get(root, "config"));
	for (k = 0; k < json_array_size(layers); k++)
		want_descriptor(i, json_array_get(layers, k));
}

/* A name in docker save's manifest.json. */
static void
want_name(struct image_tar *i, const char *name)
{
	uint8_t digest[SHA256_LEN];

	if (name != NULL && name_digest(name, digest) &&
	    !has_digest(&i->wanted, digest))
		add_digest(&i->wanted, digest);
}

static void
take_docker_save(struct image_tar *i, const json_t *root)
{
	size_t k, n;

	for (k = 0; k < json_array_size(root); k++) {
		const json_t *image = json_array_get(root, k);
		const json_t *layers = json_object_get(image, "Layers");

		want_name(i, json_string_value(json_object_get(image,
		    "Config")));
		for (n = 0; n < json_array_size(layers); n++)
			want_name(i, json_string_value(json_array_get(layers,
			    n)));
	}
}

static void
take_json(struct image_tar *i, struct judgement *j)
{
	const char *path = buf_text(&i->path);
	json_t *root = json_loadb(buf_text(&i->json), i->json.len, 0, NULL);

	if (root == NULL && !i->has_name)
		judge_find(j, VERDICT_DAMAGED, NULL, "%s in the image archive "
		    "is no JSON", path);
	if (strcmp(path, "manifest.json") == 0)
		take_docker_save(i, root);
	else if (i->has_name)
		take_manifest(i, root);
	json_decref(root);
}

void
image_tar_end(struct image_tar *i, struct judgement *j)
{
	uint8_t digest[SHA256_LEN];

	if (i->has_name) {
		sha256_out(&i->sha, digest);
		i->checked++;
		if (memcmp(digest, i->name, SHA256_LEN) != 0)
			add_digest(&i->wrong, i->name);
		add_digest(&i->blobs, i->name);
	}
	if (i->is_json && i->json.len > 0)
		take_json(i, j);
}

/* --------------------------------------------------------------- the verdict */

void
image_tar_finish(struct image_tar *i, struct judgement *j)
{
	char hex[HEX_LEN + 1];
	size_t k;

	if (!i->is_image || i->checked == 0)
		return;
	for (k = 0; k < i->wrong.count; k++)
		judge_find(j, VERDICT_DAMAGED, NULL, "blob %s in the image "
		    "archive is not what its name says",
		    hex_format(i->wrong.items[k], SHA256_LEN, hex));
	j->checker = i->is_oci ? "OCI image" : "Docker image";
	if (i->blobs.is_full || i->wanted.is_full) {
		judge_find(j, VERDICT_UNCHECKED, NULL, "more than %d blobs: "
		    "whether all that the manifests name are there was not "
		    "checked", IMAGE_BLOBS_MAX);
		return;
	}
	for (k = 0; k < i->wanted.count; k++) {
		if (has_digest(&i->blobs, i->wanted.items[k]))
			continue;
		judge_find(j, VERDICT_DAMAGED, NULL, "blob %s, which a "
		    "manifest names, is not in the image archive",
		    hex_format(i->wanted.items[k], SHA256_LEN, hex));
	}
	judge_cover(j, "%llu image blobs by SHA-256, %zu references to them",
	    (unsigned long long)i->checked, i->wanted.count);
}

void
image_tar_release(struct image_tar *i)
{
	free(i->blobs.items);
	free(i->wanted.items);
	free(i->wrong.items);
	buf_release(&i->json);
	buf_release(&i->path);
}
