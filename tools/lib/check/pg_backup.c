/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What comes with a base backup of PostgreSQL: backup_label, which replaces
 * pg_control's word on where to begin, and backup_manifest, which lists every
 * file with its checksum.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hex.h"
#include "base/mem.h"
#include "check/pg.h"
#include "check/pg_small.h"
#include "codec/crc.h"
#include "codec/sha256.h"

#define LINE_MAX 65536		/* bytes of one file's line */
#define CHUNK (64U << 10)

int
pg_label_load(struct pg *pg, struct err *err)
{
	struct buf text = BUF_EMPTY, path = BUF_EMPTY;
	int ret;

	buf_puts(&path, pg_path(pg, "backup_label"));
	ret = tree_read_path(pg->tree, buf_text(&path), PG_SMALL_MAX, &text,
	    err);
	if (ret == -1 && err->class == ERR_NOT_FOUND) {
		err_clear(err);
		ret = 0;
		goto out;
	}
	if (ret == 0)
		ret = pg_label_parse(buf_text(&text), &pg->label.start,
		    &pg->label.checkpoint, err);
	pg->label.is_there = ret == 0;
	if (ret == -1)
		ret = judge_failure(pg->judgement, buf_text(&path), err);
	else
		judge_find(pg->judgement, VERDICT_RECOVERABLE,
		    buf_text(&path), "a base backup that was never started: "
		    "do not remove this file");
out:
	buf_release(&path);
	buf_release(&text);
	return ret;
}

/* ---------------------------------------------------------------- manifest */

struct listing {
	struct pg *pg;
	struct sha256 sha;	/* of all lines but the last */
	uint64_t files;
	uint64_t without;	/* with a checksum of another kind, or none */
	bool is_odd;		/* a line that the server does not write */
	bool has_end;
	bool end_matches;
};

/* Files that change after the backup was made, as the server's own check. */
static bool
may_differ(const char *name)
{
	return strncmp(name, "pg_wal/", 7) == 0 ||
	    strcmp(name, "postgresql.auto.conf") == 0 ||
	    strcmp(name, "standby.signal") == 0 ||
	    strcmp(name, "recovery.signal") == 0;
}

enum sum { SUM_NONE, SUM_CRC32C, SUM_SHA256 };

static enum sum
sum_of(const char *name)
{
	if (name != NULL && strcmp(name, "CRC32C") == 0)
		return SUM_CRC32C;
	if (name != NULL && strcmp(name, "SHA256") == 0)
		return SUM_SHA256;
	return SUM_NONE;
}

/* The file's sum as the manifest writes it: bytes in hexadecimal. */
static int
sum_file(struct source *file, enum sum sum, char text[2 * SHA256_LEN + 1],
    struct err *err)
{
	uint8_t *chunk = mem_alloc(CHUNK);
	uint8_t digest[SHA256_LEN];
	struct sha256 sha;
	uint32_t crc = 0;
	uint64_t at;
	size_t len;
	int ret = -1;

	sha256_init(&sha);
	for (at = 0; at < file->size; at += len) {
		len = file->size - at < CHUNK ? (size_t)(file->size - at) :
		    CHUNK;
		if (file->read_at(file, at, chunk, len, err) == -1)
			goto out;
		if (sum == SUM_CRC32C)
			crc = crc_32c(crc, chunk, len);
		else
			sha256_update(&sha, chunk, len);
	}
	if (sum == SUM_CRC32C) {
		for (len = 0; len < 4; len++)
			digest[len] = (uint8_t)(crc >> 8 * len);
		(void)hex_format(digest, 4, text);
	} else {
		sha256_out(&sha, digest);
		(void)hex_format(digest, SHA256_LEN, text);
	}
	ret = 0;
out:
	free(chunk);
	return ret;
}

static int
compare_file(struct listing *l, struct source *file, const char *path,
    uint64_t size, json_t *line, struct err *err)
{
	const char *want = json_string_value(json_object_get(line,
	    "Checksum"));
	enum sum sum = sum_of(json_string_value(json_object_get(line,
	    "Checksum-Algorithm")));
	char got[2 * SHA256_LEN + 1];

	if (file->size != size) {
		judge_find(l->pg->judgement, VERDICT_DAMAGED, path,
		    "has %llu bytes, in backup_manifest %llu",
		    (unsigned long long)file->size,
		    (unsigned long long)size);
		return 0;
	}
	if (sum == SUM_NONE || want == NULL) {
		l->without++;
		return 0;
	}
	if (sum_file(file, sum, got, err) == -1)
		return -1;
	if (strcmp(got, want) != 0)
		judge_find(l->pg->judgement, VERDICT_DAMAGED, path,
		    "its checksum is not the one in backup_manifest");
	return 0;
}

static int
check_file(struct listing *l, const char *name, uint64_t size, json_t *line,
    struct err *err)
{
	struct buf path = BUF_EMPTY;
	struct source *file = NULL;
	int ret;

	(void)content_path(&path, l->pg->root, name);
	ret = tree_open_path(l->pg->tree, buf_text(&path), &file, err);
	if (ret == 0)
		ret = compare_file(l, file, buf_text(&path), size, line, err);
	tree_close_file(l->pg->tree, file);
	if (ret == -1) {
		if (err->class != ERR_INTERRUPTED)
			(void)err_append(err, "backup_manifest lists it");
		ret = judge_failure(l->pg->judgement, buf_text(&path), err);
	}
	buf_release(&path);
	return ret;
}

/* One line of "Files": an object of its own, as the server writes it. */
static int
see_file_line(struct listing *l, const char *text, size_t len,
    struct err *err)
{
	json_t *line = json_loadb(text, len,
	    JSON_REJECT_DUPLICATES, NULL);
	const char *name = json_string_value(json_object_get(line, "Path"));
	json_int_t size = json_integer_value(json_object_get(line, "Size"));
	struct buf clean = BUF_EMPTY;
	const char *why;
	int ret = 0;

	if (name == NULL || size < 0 ||
	    !entry_path_clean(name, strlen(name), &clean, &why)) {
		/* Names that are no text come encoded; few ever do. */
		if (json_object_get(line, "Encoded-Path") == NULL)
			l->is_odd = true;
		l->without++;
	} else if (!may_differ(buf_text(&clean))) {
		l->files++;
		ret = check_file(l, buf_text(&clean), (uint64_t)size, line,
		    err);
	}
	buf_release(&clean);
	json_decref(line);
	return ret;
}

/* "Manifest-Checksum": "..."} */
static void
see_last_line(struct listing *l, const char *text)
{
	const char *sum = strstr(text, ": \"");
	uint8_t digest[SHA256_LEN], want[SHA256_LEN];

	sha256_out(&l->sha, digest);
	l->has_end = true;
	l->end_matches = sum != NULL &&
	    strlen(sum + 3) >= 2 * sizeof(want) &&
	    hex_parse(sum + 3, 2 * sizeof(want), want, sizeof(want)) &&
	    memcmp(digest, want, sizeof(want)) == 0;
}

/* text: one line with its newline, and a NUL. */
static int
see_line(struct listing *l, const char *text, size_t len, struct err *err)
{
	size_t end = len;

	if (strncmp(text, "\"Manifest-Checksum\"", 19) == 0) {
		see_last_line(l, text);
		return 0;
	}
	sha256_update(&l->sha, text, len);
	if (strncmp(text, "{ \"Path\"", 8) != 0 &&
	    strncmp(text, "{ \"Encoded-Path\"", 16) != 0)
		return 0;
	while (end > 0 && (text[end - 1] == '\n' || text[end - 1] == ','))
		end--;
	return see_file_line(l, text, end, err);
}

static int
read_lines(struct listing *l, struct source *file, struct err *err)
{
	struct tree_reader reader;
	struct reader *r = tree_reader_init(&reader, file, 0);
	struct buf line = BUF_EMPTY;
	char *chunk = mem_alloc(CHUNK);
	size_t got, i, from;
	int ret = -1;

	do {
		if (r->read(r, chunk, CHUNK, &got, err) == -1)
			goto out;
		for (i = from = 0; i < got; i++) {
			if (chunk[i] != '\n')
				continue;
			buf_append(&line, chunk + from, i + 1 - from);
			from = i + 1;
			if (see_line(l, buf_text(&line), line.len, err) == -1)
				goto out;
			buf_cut(&line, 0);
		}
		buf_append(&line, chunk + from, got - from);
		if (line.len > LINE_MAX) {
			err_set(err, ERR_LIMIT, 0,
			    "a line is longer than %d bytes", LINE_MAX);
			goto out;
		}
	} while (got > 0);
	ret = 0;
out:
	buf_release(&line);
	free(chunk);
	return ret;
}

static void
judge_listing(struct listing *l, const char *path)
{
	struct judgement *j = l->pg->judgement;
	char count[PG_COUNT_TEXT];

	if (!l->has_end || !l->end_matches)
		judge_find(j, VERDICT_DAMAGED, path, "%s", l->has_end ?
		    "its own checksum does not match" : "is cut short");
	else if (l->is_odd)
		judge_find(j, VERDICT_UNCHECKED, path,
		    "some lines are not as a server writes them");
	judge_cover(j, "%s by backup_manifest",
	    pg_count(l->files, "file", count));
	if (l->without > 0)
		judge_cover(j, "%s of them by size only",
		    pg_count(l->without, "file", count));
}

static int
check_manifest(struct pg *pg, struct source *file, const char *path,
    struct err *err)
{
	struct listing l = { .pg = pg };

	sha256_init(&l.sha);
	if (read_lines(&l, file, err) == -1)
		return judge_failure(pg->judgement, path, err);
	judge_listing(&l, path);
	return 0;
}

int
pg_backup_check(struct pg *pg, struct err *err)
{
	struct buf path = BUF_EMPTY;
	struct source *file = NULL;
	int ret;

	buf_puts(&path, pg_path(pg, "backup_manifest"));
	ret = tree_open_path(pg->tree, buf_text(&path), &file, err);
	if (ret == 0 && pg->label.is_there) {
		ret = check_manifest(pg, file, buf_text(&path), err);
	} else if (ret == 0) {
		judge_find(pg->judgement, VERDICT_CLEAN, buf_text(&path),
		    "of a backup that was started since: not compared");
	} else if (err->class == ERR_NOT_FOUND) {
		err_clear(err);
		ret = 0;
	} else {
		ret = judge_failure(pg->judgement, buf_text(&path), err);
	}
	tree_close_file(pg->tree, file);
	buf_release(&path);
	return ret;
}
