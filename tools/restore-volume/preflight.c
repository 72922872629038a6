/* SPDX-License-Identifier: BSD-2-Clause */
/* Before anything is changed; see preflight.h. */
#include "preflight.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "archive/attrs.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"
#include "io/io.h"
#include "manifest/manifest.h"
#include "pick.h"

#define BLOCK_BYTES 4096

/* A reader that hashes what goes through it. */
struct hashing {
	struct reader reader;
	struct reader *up;
	struct sha256 sha;
};

static int
hashing_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	struct hashing *h = (struct hashing *)(void *)reader;

	if (h->up->read(h->up, data, cap, got, err) == -1)
		return -1;
	sha256_update(&h->sha, data, *got);
	return 0;
}

static void
count_entry(struct needs *needs, const struct entry *e, uid_t uid, gid_t gid)
{
	uint64_t data = e->is_sparse ? e->data_bytes : e->size;

	needs->entries++;
	if (e->type == ENTRY_FILE && e->hardlink.len == 0) {
		needs->bytes += data + (BLOCK_BYTES - 1);
		needs->content += e->size;
	} else if (e->type == ENTRY_DIR) {
		needs->bytes += BLOCK_BYTES;
	}
	if (e->type == ENTRY_SOCKET)
		needs->sockets++;
	if (e->type == ENTRY_CHAR || e->type == ENTRY_BLOCK)
		needs->devices++;
	needs->kinds |= ATTR_MODE | ATTR_TIMES;
	if (e->uid != uid || e->gid != gid)
		needs->kinds |= ATTR_OWNER;
	if (e->has_attrs)
		needs->kinds |= ATTR_XATTRS;
	if (e->flags != 0)
		needs->kinds |= ATTR_FLAGS;
}

static int
read_entries(struct reader *in, struct pick *pick,
    const struct watch *watch, struct needs *needs, struct err *err)
{
	struct manifest_reader *manifest = NULL;
	struct entry e = ENTRY_EMPTY;
	uid_t uid = geteuid();
	gid_t gid = getegid();
	bool is_end = false;
	int ret = -1;

	if (manifest_reader_new(&manifest, in, err) == -1)
		goto out;
	for (;;) {
		if (manifest_reader_next(manifest, &e, &is_end, err) == -1 ||
		    watch_step(watch, 0, 0, err) == -1)
			goto out;
		if (is_end)
			break;
		if (pick == NULL || pick_wants(pick, buf_text(&e.path)))
			count_entry(needs, &e, uid, gid);
	}
	ret = 0;
out:
	manifest_reader_free(manifest);
	entry_release(&e);
	return ret;
}

int
preflight_read(const struct snapshot *s, const struct source_info *source,
    struct pick *pick, const struct watch *watch, struct needs *needs,
    struct err *err)
{
	const char *unused;
	char safe[ESCAPE_NAME_MAX];
	const struct sum *sum = sums_find(&s->sums, source->manifest);
	struct hashing h = { .reader = { hashing_read } };
	struct fd_reader in;
	uint8_t digest[SHA256_LEN];
	int fd, ret = -1;

	memset(needs, 0, sizeof *needs);
	sha256_init(&h.sha);
	fd = io_open(s->fd, source->manifest, O_RDONLY, 0);
	if (fd == -1)
		return err_set(err, ERR_DAMAGED, io_error(),
		    "manifest %s", source->manifest);
	h.up = fd_reader_init(&in, fd);
	if (read_entries(&h.reader, pick, watch, needs, err) == -1)
		goto out;
	sha256_out(&h.sha, digest);
	if (sum == NULL || memcmp(digest, sum->sha256, SHA256_LEN) != 0) {
		err_set(err, ERR_DAMAGED, 0,
		    "SHA-256 is not what SHA256SUMS says");
		goto out;
	}
	unused = pick == NULL ? NULL : pick_unused(pick);
	if (unused != NULL) {
		err_set(err, ERR_NOT_FOUND, 0, "it has nothing like '%s'; "
		    "--list-files shows what it has",
		    escape_name(unused, safe));
		goto out;
	}
	ret = 0;
out:
	if (ret == -1)
		err_context(err, "manifest %s", source->manifest);
	(void)close(fd);	/* read-only: nothing to lose */
	return ret;
}

int
preflight_check(int dir_fd, const struct needs *needs, bool best_effort,
    unsigned *cannot, struct err *err)
{
	char want[NUM_BYTES_TEXT], have[NUM_BYTES_TEXT];
	char names[ATTRS_TEXT_MAX];
	struct io_fs fs;
	unsigned can = 0;

	if (io_fs_facts(dir_fd, &fs, err) == -1)
		return -1;
	if (fs.is_read_only)
		return err_set(err, ERR_PREFLIGHT, 0,
		    "the target's file system is mounted read-only");
	if (needs->bytes > fs.free_bytes)
		return err_set(err, ERR_PREFLIGHT, 0, "needs %s, but only %s "
		    "are free; the old tree is kept until --forget",
		    num_format_bytes(needs->bytes, want),
		    num_format_bytes(fs.free_bytes, have));
	if (needs->entries > fs.free_inodes)
		return err_set(err, ERR_PREFLIGHT, 0,
		    "needs %llu inodes, but only %llu are free",
		    (unsigned long long)needs->entries,
		    (unsigned long long)fs.free_inodes);
	if (attrs_probe(dir_fd, &can, err) == -1)
		return err_context(err, "the target cannot be written");
	*cannot = needs->kinds & ~can;
	if (*cannot != 0 && !best_effort)
		return err_set(err, ERR_PREFLIGHT, 0, "the target cannot "
		    "hold: %s (its file system, or our rights); with "
		    "--best-effort they are left out and listed",
		    attrs_names(*cannot, names));
	return 0;
}
