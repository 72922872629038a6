/* SPDX-License-Identifier: BSD-2-Clause */
/* Streams and what packs them; see stream.h. */
#include "check/stream.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "check/inner_neo4j.h"
#include "check/inner_pgdump.h"
#include "check/inner_sql.h"
#include "check/inner_tar.h"
#include "codec/unpack.h"

#define PIECE ((size_t)256 << 10)

const struct inner_checker *const stream_inner[] = {
	&inner_neo4j,
	&inner_neo4j_inside,
	&inner_pgdump,
	&inner_sql,
	&inner_tar,
	NULL
};

/* A reader that gives its first bytes twice, and counts. */
struct peek {
	struct reader reader;	/* first */
	struct reader *up;
	uint8_t head[STREAM_HEAD_LEN];
	size_t len;
	size_t given;
	uint64_t total;
	bool has_failed;
	struct err failure;
};

static int
peek_read(struct reader *reader, void *data, size_t cap, size_t *got,
    struct err *err)
{
	struct peek *p = (struct peek *)(void *)reader;

	if (p->given < p->len) {
		*got = p->len - p->given < cap ? p->len - p->given : cap;
		memcpy(data, p->head + p->given, *got);
		p->given += *got;
	} else if (p->has_failed || p->up->read(p->up, data, cap, got,
	    &p->failure) == -1) {
		p->has_failed = true;
		*err = p->failure;
		return -1;
	}
	p->total += *got;
	return 0;
}

static void
peek_init(struct peek *p, struct reader *up)
{
	memset(p, 0, sizeof *p);
	p->reader.read = peek_read;
	p->up = up;
	p->has_failed = reader_fill(up, p->head, sizeof p->head, &p->len,
	    &p->failure) == -1;
}

static const struct inner_checker *
inner_of(const uint8_t *head, size_t len)
{
	size_t i;

	for (i = 0; stream_inner[i] != NULL; i++)
		if (stream_inner[i]->recognise(head, len))
			return stream_inner[i];
	return NULL;
}

static int
drain(struct reader *in, struct err *err)
{
	void *piece = mem_alloc(PIECE);
	size_t got;
	int ret;

	do
		ret = in->read(in, piece, PIECE, &got, err);
	while (ret == 0 && got > 0);
	free(piece);
	return ret;
}

static bool
is_plain(const struct unpack *u)
{
	return strcmp(unpack_name(u), "none") == 0;
}

/* What vouches for the bytes themselves. */
static void
cover_packing(const struct unpack *u, const struct peek *p,
    bool has_checksum, struct judgement *j)
{
	char size[NUM_BYTES_TEXT];

	if (is_plain(u))
		judge_cover(j, "no other checksum is in it");
	else if (!has_checksum)
		judge_cover(j, "%s's form only: it was packed without a "
		    "checksum", unpack_name(u));
	else
		judge_cover(j, "%s's checksums over %s", unpack_name(u),
		    num_format_bytes(p->total, size));
}

/*
 * A dump that failed at once still makes a whole file of nothing: the
 * commonest of all bad backups.
 */
static void
judge_nothing(const struct unpack *u, const struct peek *p,
    const struct entry *entry, struct judgement *j)
{
	if (p->total == 0 && !is_plain(u))
		judge_find(j, VERDICT_SUSPECT, buf_text(&entry->path),
		    "a whole %s file with nothing in it, as a backup leaves "
		    "it that failed at once", unpack_name(u));
}

static int
check_unpacked(const struct content *c, const struct entry *entry,
    struct unpack *u, bool has_checksum, struct judgement *j,
    struct err *err)
{
	const struct inner_checker *inner;
	struct peek p;
	int ret = 0;

	peek_init(&p, unpack_output(u));
	inner = inner_of(p.head, p.len);
	if (inner != NULL) {
		j->checker = inner->name;
		ret = inner->check(c, &p.reader, j, err);
	}
	if (ret == 0)
		ret = drain(&p.reader, err);
	if (ret == -1)
		return judge_failure(j, buf_text(&entry->path), err);
	judge_nothing(u, &p, entry, j);
	cover_packing(u, &p, has_checksum, j);
	return 0;
}

/*
 * zstd's checksum is optional (RFC 8878, 3.1.1.1.1); the first frame speaks
 * for those after it, as one program made them.
 */
static int
zstd_flags(struct source *file, bool *has_checksum, struct err *err)
{
	uint8_t head[5];

	if (file->size < sizeof head)
		return 0;
	if (file->read_at(file, 0, head, sizeof head, err) == -1)
		return -1;
	if (get_le32(head) == ZSTD_MAGICNUMBER)
		*has_checksum = (head[4] & 4) != 0;
	return 0;
}

static int
check(const struct content *c, const struct entry *entry,
    struct source *file, struct judgement *j, struct err *err)
{
	struct unpack *u = NULL;
	struct tree_reader in;
	bool has_checksum = true;
	int ret;

	if (zstd_flags(file, &has_checksum, err) == -1)
		return judge_failure(j, buf_text(&entry->path), err);
	if (unpack_new(&u, tree_reader_init(&in, file, 0), err) == -1)
		return judge_failure(j, buf_text(&entry->path), err);
	if (!is_plain(u))
		j->checker = unpack_name(u);
	ret = check_unpacked(c, entry, u, has_checksum, j, err);
	unpack_free(u);
	return ret;
}

/*
 * A skippable frame in front (RFC 8878, 3.1.2) shows nothing by itself: other
 * formats begin with one, too.
 */
static bool
is_packed(const uint8_t *head, size_t len)
{
	return unpack_matches(head, len) && (len < 4 ||
	    (get_le32(head) & ZSTD_MAGIC_SKIPPABLE_MASK) !=
	    ZSTD_MAGIC_SKIPPABLE_START);
}

static bool
recognise(const struct entry *entry, const uint8_t *head, size_t len)
{
	(void)entry;
	return is_packed(head, len) || inner_of(head, len) != NULL;
}

const struct file_checker check_stream = { "stream", recognise, check };
