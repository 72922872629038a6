/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Snapshots of Qdrant: a tar, and beside it in NAME.snapshot.checksum the
 * SHA-256 of the whole, which is the only proof there is; see qdrant.h.
 */
#include "check/qdrant.h"

#include <string.h>

#include "base/err.h"
#include "base/hex.h"
#include "base/num.h"
#include "check/scan.h"
#include "check/stream.h"
#include "codec/sha256.h"

#define CHECKSUM_MAX 256
static const char suffix[] = ".snapshot";

static bool
recognise(const struct entry *entry, const uint8_t *head, size_t len)
{
	const char *path = buf_text(&entry->path);

	return entry->path.len > sizeof suffix &&
	    strcmp(path + entry->path.len - (sizeof suffix - 1), suffix) ==
	    0 && len > 262 && memcmp(head + 257, "ustar", 5) == 0;
}

static int
compare(const char *path, struct source *file, const struct buf *text,
    struct judgement *j, struct err *err)
{
	uint8_t want[SHA256_LEN], have[SHA256_LEN];
	char size[NUM_BYTES_TEXT];

	if (!hex_parse(buf_text(text), strcspn(buf_text(text), " \r\n"),
	    want, sizeof want)) {
		judge_find(j, VERDICT_UNCHECKED, path, "what stands beside it "
		    "as its checksum is none");
		return 0;
	}
	if (scan_sha256(file, have, err) == -1)
		return judge_failure(j, path, err);
	if (memcmp(want, have, sizeof want) != 0)
		judge_find(j, VERDICT_DAMAGED, path, "not what its checksum "
		    "says: the server refuses to recover from it");
	judge_cover(j, "%s by the SHA-256 beside it",
	    num_format_bytes(file->size, size));
	return 0;
}

static int
check(const struct content *c, const struct entry *entry,
    struct source *file, struct judgement *j, struct err *err)
{
	const char *path = buf_text(&entry->path);
	struct buf name = BUF_EMPTY, text = BUF_EMPTY;
	int ret;

	buf_printf(&name, "%s.checksum", path);
	ret = tree_read_path(c->tree, buf_text(&name), CHECKSUM_MAX, &text,
	    err);
	if (ret == 0) {
		ret = compare(path, file, &text, j, err);
	} else if (err->class == ERR_NOT_FOUND) {
		err_clear(err);
		judge_find(j, VERDICT_CLEAN, path, "no checksum beside it: "
		    "read as a tar, which has none of its own");
		ret = check_stream.check(c, entry, file, j, err);
		j->checker = check_qdrant_snapshot.name;
	} else {
		ret = judge_failure(j, buf_text(&name), err);
	}
	buf_release(&name);
	buf_release(&text);
	return ret;
}

const struct file_checker check_qdrant_snapshot = { "qdrant snapshot",
	recognise, check };
