/* SPDX-License-Identifier: BSD-2-Clause */
/* Sums to go by; see heads.h. */
#include "heads.h"

#include <string.h>

#include "base/err.h"
#include "io/io.h"
#include "medium/hash.h"
#include "medium/snapshot.h"

/* What one folder has to say. */
struct head {
	struct buf text;
	struct sums sums;
	uint8_t digest[SHA256_LEN];
	bool has_sums;
	struct buf record;
	struct complete complete;
	bool has_complete;
	struct buf signature;
	bool is_signed;
};

static void
read_head(struct head *h, int fd, const struct sign_public *key)
{
	struct err ignored;

	if (io_read_file(fd, SNAPSHOT_SUMS, SUMS_BYTES_MAX, &h->text,
	    &ignored) == 0) {
		h->has_sums = sums_parse(&h->sums, buf_text(&h->text),
		    h->text.len, &ignored) == 0;
		sha256_of(buf_text(&h->text), h->text.len, h->digest);
	}
	if (io_read_file(fd, COMPLETE_FILE, COMPLETE_MAX, &h->record,
	    &ignored) == 0)
		h->has_complete = complete_parse(&h->complete,
		    buf_text(&h->record), h->record.len, &ignored) == 0;
	if (io_read_file(fd, SNAPSHOT_SIG, SIGN_MAX, &h->signature,
	    &ignored) == -1)
		buf_cut(&h->signature, 0);
	h->is_signed = key != NULL && h->has_sums && sign_check(key,
	    h->digest, (const uint8_t *)buf_text(&h->signature),
	    h->signature.len, &ignored) == 0;
}

static void
release_head(struct head *h)
{
	buf_release(&h->text);
	buf_release(&h->record);
	buf_release(&h->signature);
	sums_release(&h->sums);
}

static bool
names(const struct head *record, const struct head *sums)
{
	return record->has_complete && sums->has_sums &&
	    memcmp(record->complete.sums_sha256, sums->digest,
	    SHA256_LEN) == 0;
}

static bool
has_file(int fd, const struct sum *sum)
{
	struct hash_result got;
	struct err ignored;

	return hash_file(fd, sum->name, false, NULL, &got, &ignored) == 0 &&
	    memcmp(got.sha256, sum->sha256, SHA256_LEN) == 0;
}

/*
 * Nothing in the folder itself says that these sums are its own but a file
 * that agrees with them: with none, it may be another snapshot altogether.
 */
static bool
is_of_folder(int fd, const struct sums *sums)
{
	const struct sum *info = sums_find(sums, INFO_FILE);
	size_t i;

	if (info != NULL && has_file(fd, info))
		return true;
	for (i = 0; i < sums->count; i++)
		if (has_file(fd, &sums->items[i]))
			return true;
	return false;
}

/* heads[0] is the folder's own. */
static const struct head *
choose(const struct head *heads, size_t count, int fd)
{
	const struct head *own = &heads[0];
	size_t i;

	/* A signature outranks a commit record, which anybody can write. */
	for (i = 0; i < count; i++)
		if (heads[i].is_signed && (i == 0 || names(own, &heads[i]) ||
		    is_of_folder(fd, &heads[i].sums)))
			return &heads[i];
	for (i = 0; own->has_complete && i < count; i++)
		if (names(own, &heads[i]))
			return &heads[i];
	if (own->has_complete)
		return NULL;
	for (i = 1; i < count; i++)
		if (own->has_sums && (names(&heads[i], own) ||
		    (heads[i].has_sums && memcmp(heads[i].digest,
		    own->digest, SHA256_LEN) == 0)))
			return own;
	for (i = 1; i < count; i++)
		if (names(&heads[i], &heads[i]) &&
		    is_of_folder(fd, &heads[i].sums))
			return &heads[i];
	return NULL;
}

static void
take(struct heads *h, const struct head *from, const struct head *heads,
    size_t count)
{
	struct err ignored;
	size_t i;

	buf_set(&h->sums_text, buf_text(&from->text), from->text.len);
	(void)sums_parse(&h->sums, buf_text(&from->text), from->text.len,
	    &ignored);
	memcpy(h->digest, from->digest, SHA256_LEN);
	h->is_own_sums = heads[0].has_sums && memcmp(heads[0].digest,
	    from->digest, SHA256_LEN) == 0;
	h->is_own_complete = names(&heads[0], from);
	for (i = 0; i < count && h->complete.len == 0; i++)
		if (names(&heads[i], from))
			buf_set(&h->complete, buf_text(&heads[i].record),
			    heads[i].record.len);
	for (i = 0; i < count && h->signature.len == 0; i++)
		if (heads[i].is_signed && memcmp(heads[i].digest,
		    from->digest, SHA256_LEN) == 0) {
			buf_set(&h->signature, buf_text(&heads[i].signature),
			    heads[i].signature.len);
			h->is_own_signature = i == 0;
		}
}

bool
heads_find(struct heads *h, int fd, const struct places *places,
    const struct sign_public *key)
{
	static const struct heads empty = HEADS_EMPTY;
	struct head heads[1 + PLACES_MAX];
	size_t count = 1 + places->count, i;
	const struct head *chosen;

	*h = empty;
	memset(heads, 0, sizeof heads);
	read_head(&heads[0], fd, key);
	for (i = 1; i < count; i++)
		read_head(&heads[i], places->items[i - 1].fd, key);
	chosen = choose(heads, count, fd);
	if (chosen != NULL)
		take(h, chosen, heads, count);
	for (i = 0; i < count; i++)
		release_head(&heads[i]);
	return chosen != NULL;
}

void
heads_release(struct heads *h)
{
	sums_release(&h->sums);
	buf_release(&h->sums_text);
	buf_release(&h->complete);
	buf_release(&h->signature);
}
