/* SPDX-License-Identifier: BSD-2-Clause */
/* What is on a medium; see learn.h. */
#include "catalog/learn.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "catalog/media.h"
#include "catalog/runs.h"
#include "codec/sha256.h"

/* For files that have none: the row wants one. */
static const uint8_t no_sum[SHA256_LEN];

int
learn_medium(struct catalog *c, const struct medium *medium,
    const struct medium_list *list, int64_t *row, struct err *err)
{
	char path[ESCAPE_NAME_MAX];
	const struct catalog_medium known = {
		.uuid = medium->id, .label = medium->label,
		.fs = medium_fs_name(medium),
		.path = escape_name(medium->path, path),
	};
	size_t i;

	if (catalog_medium_put(c, &known, row, err) == -1)
		return -1;
	if (list == NULL)
		return 0;
	if (catalog_snapshots_expect(c, *row, err) == -1)
		return -1;
	for (i = 0; i < list->count; i++)
		if (catalog_snapshot_seen(c, *row, list->items[i].text,
		    err) == -1)
			return -1;
	return 0;
}

uint64_t
learn_size(const struct snapshot *s, const char *name)
{
	struct stat st;

	return fstatat(s->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

static int
put_snapshot(struct catalog *c, int64_t medium, const struct snapshot *s,
    bool has_info, int64_t *row, struct err *err)
{
	uint8_t digest[SHA256_LEN];
	char host[ESCAPE_NAME_MAX], version[ESCAPE_NAME_MAX];
	struct catalog_snapshot known = {
		.medium = medium, .sequence = s->name.sequence,
		.name = s->name.text, .sums = digest,
		.started = s->name.seconds, .finished = s->name.seconds,
		.host = "", .version = "",
	};

	if (has_info) {
		known.started = s->info.started;
		known.finished = s->info.finished;
		known.host = escape_name(s->info.host, host);
		known.version = escape_name(s->info.version, version);
	}
	sha256_of(buf_text(&s->sums_text), s->sums_text.len, digest);
	return catalog_snapshot_put(c, &known, row, err);
}

static int
put_source(struct catalog *c, int64_t snapshot,
    const struct source_info *source, struct err *err)
{
	char name[ESCAPE_NAME_MAX];
	const struct catalog_source known = {
		.snapshot = snapshot,
		.name = escape_name(source->name, name),
		.kind = source->kind == SOURCE_VOLUME ? "volume" : "path",
		.bytes = source->bytes, .files = source->files,
		.packed = parts_bytes(&source->parts),
		.entries = source->entries, .changed = source->changed,
		.missed = source->missed,
		.consistency = consistency_name(source->consistency),
	};

	return catalog_source_put(c, &known, err);
}

void
learn_owners(const struct snapshot *s, const struct source_info **owners)
{
	const struct sum *sum;
	size_t i, k;

	for (i = 0; i < s->info.count; i++) {
		const struct source_info *source = &s->info.sources[i];

		sum = sums_find(&s->sums, source->manifest);
		if (sum != NULL)
			owners[sum - s->sums.items] = source;
		for (k = 0; k < source->parts.count; k++) {
			sum = sums_find(&s->sums,
			    source->parts.items[k].name);
			if (sum != NULL)
				owners[sum - s->sums.items] = source;
		}
	}
}

static int
put_one_file(struct catalog *c, int64_t snapshot, const struct sum *sum,
    const struct source_info *owner, struct learnt_file *file,
    struct err *err)
{
	char name[ESCAPE_NAME_MAX];
	const struct catalog_file known = {
		.snapshot = snapshot, .name = sum->name,
		.source = owner == NULL ? "" : escape_name(owner->name, name),
		.bytes = file->bytes, .sha256 = sum->sha256,
	};

	if (catalog_file_put(c, &known, &file->row, err) == -1)
		return -1;
	return catalog_file_generation(c, file->row, &file->generation, err);
}

int
learn_head(struct catalog *c, int64_t snapshot, const char *name,
    uint64_t bytes, int64_t *row, struct err *err)
{
	const struct catalog_file known = {
		.snapshot = snapshot, .name = name, .source = "",
		.bytes = bytes, .sha256 = no_sum,
	};

	if (catalog_file_find(c, snapshot, name, row, err) == -1)
		return -1;
	return *row != 0 ? 0 : catalog_file_put(c, &known, row, err);
}

static int
put_heads(struct catalog *c, int64_t snapshot, const struct snapshot *s,
    struct err *err)
{
	int64_t row;

	if (learn_head(c, snapshot, COMPLETE_FILE,
	    learn_size(s, COMPLETE_FILE), &row, err) == -1)
		return -1;
	return learn_head(c, snapshot, SNAPSHOT_SUMS,
	    learn_size(s, SNAPSHOT_SUMS), &row, err);
}

/* What the catalogue knows already, held against the sums. */
struct recall {
	const struct snapshot *s;
	struct learnt_file *files;
	size_t same;
};

static void
on_known(void *ctx, const struct catalog_known_file *known)
{
	struct recall *r = ctx;
	const struct sum *sum = sums_find(&r->s->sums, known->name);
	struct learnt_file *file;

	if (sum == NULL ||
	    memcmp(sum->sha256, known->sha256, SHA256_LEN) != 0)
		return;
	file = &r->files[sum - r->s->sums.items];
	if (file->bytes != known->bytes)
		return;
	file->row = known->row;
	file->generation = known->generation;
	r->same++;
}

/* Most are known and as they were: then nothing is written. */
static int
recall_snapshot(struct catalog *c, int64_t medium, const struct snapshot *s,
    struct learnt_file *files, int64_t *row, bool *is_known, struct err *err)
{
	struct recall r = { .s = s, .files = files };
	uint8_t digest[SHA256_LEN];

	*is_known = false;
	sha256_of(buf_text(&s->sums_text), s->sums_text.len, digest);
	if (catalog_snapshot_find(c, medium, s->name.text, digest, row,
	    err) == -1)
		return -1;
	if (*row == 0)
		return 0;
	if (catalog_files_each(c, *row, on_known, &r, err) == -1)
		return -1;
	*is_known = r.same == s->sums.count;
	return 0;
}

int
learn_snapshot(struct catalog *c, int64_t medium, const struct snapshot *s,
    bool has_info, struct learnt_file *files, int64_t *row, struct err *err)
{
	const struct source_info **owners;
	bool is_known;
	int ret = -1;
	size_t i;

	if (recall_snapshot(c, medium, s, files, row, &is_known, err) == -1)
		return -1;
	if (is_known && has_info)
		return 0;
	owners = mem_zero(s->sums.count, sizeof *owners);
	if (put_snapshot(c, medium, s, has_info, row, err) == -1 ||
	    put_heads(c, *row, s, err) == -1)
		goto out;
	for (i = 0; has_info && i < s->info.count; i++)
		if (put_source(c, *row, &s->info.sources[i], err) == -1)
			goto out;
	if (has_info)
		learn_owners(s, owners);
	for (i = 0; i < s->sums.count; i++)
		if (put_one_file(c, *row, &s->sums.items[i], owners[i], &files[i],
		    err) == -1)
			goto out;
	ret = 0;
out:
	free(owners);
	return ret;
}

int
learn_name(struct catalog *c, int64_t medium, const struct medium_name *name,
    int64_t *row, struct err *err)
{
	const struct catalog_snapshot known = {
		.medium = medium, .sequence = name->sequence,
		.name = name->text, .sums = no_sum,
		.started = name->seconds, .finished = name->seconds,
		.host = "", .version = "",
	};

	return catalog_snapshot_put(c, &known, row, err);
}
