/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The members of an image archive: docker save's (manifest.json, Config named
 * by its SHA-256) and the OCI image layout's (index.json, blobs/sha256/...),
 * both in one since Docker 25.  Sources: OCI image-spec "image-layout.md" and
 * "manifest.md", Docker image-spec v1.2.
 *
 *	image_tar_begin(&i, path, size)		each regular file
 *	image_tar_data(&i, data, len)
 *	image_tar_end(&i, j)
 *	image_tar_finish(&i, j)			after the last one
 */
#ifndef CHECK_IMAGE_TAR_H
#define CHECK_IMAGE_TAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "check/judgement.h"
#include "codec/sha256.h"

#define IMAGE_BLOBS_MAX 20000	/* blobs, and references to blobs */
#define IMAGE_JSON_MAX ((size_t)1 << 20)	/* of one manifest */

struct image_digests {
	uint8_t (*items)[SHA256_LEN];
	size_t count;
	bool is_full;
};

struct image_tar {
	struct image_digests blobs;	/* that are there; private from here */
	struct image_digests wanted;	/* by manifests that are there */
	struct image_digests wrong;	/* not what their names say */
	uint64_t checked;
	bool is_image;
	bool has_name;		/* the file's name is a digest */
	bool is_json;		/* it may be a manifest: keep it */
	bool is_oci;
	uint8_t name[SHA256_LEN];
	struct sha256 sha;
	struct buf json;
	struct buf path;
};

#define IMAGE_TAR_EMPTY { .json = BUF_EMPTY, .path = BUF_EMPTY }

void image_tar_begin(struct image_tar *i, const char *path, uint64_t size);
void image_tar_data(struct image_tar *i, const void *data, size_t len);
void image_tar_end(struct image_tar *i, struct judgement *j);
/* Nothing is said of a tar that is no image. */
void image_tar_finish(struct image_tar *i, struct judgement *j);
void image_tar_release(struct image_tar *i);

#endif
