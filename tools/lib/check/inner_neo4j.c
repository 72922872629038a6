/* SPDX-License-Identifier: BSD-2-Clause */
/* Neo4j's dumps; see inner_neo4j.h. */
#include "check/inner_neo4j.h"

#include <string.h>

#include "archive/tar.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/num.h"
#include "codec/unpack.h"

#define WRAPPER_LEN 4
#define HEAD_LEN 24

static const char zstd_wrapper[] = "DZV1";
static const char gzip_wrapper[] = "DGV1";
static const char inside[] = "zstd\0\0\0\1";

struct dump {
	bool has_totals;
	uint64_t want_files;
	uint64_t want_bytes;
	uint64_t files;
	uint64_t bytes;
	bool has_store;
	bool has_log;
};

static bool
has(const uint8_t *head, size_t len, const char *magic, size_t n)
{
	return len >= n && memcmp(head, magic, n) == 0;
}

static bool
is_wrapped(const uint8_t *head, size_t len)
{
	return has(head, len, zstd_wrapper, WRAPPER_LEN) ||
	    has(head, len, gzip_wrapper, WRAPPER_LEN);
}

static bool
is_inside(const uint8_t *head, size_t len)
{
	return has(head, len, inside, sizeof inside - 1);
}

static void
note_file(struct dump *d, const struct entry *e)
{
	const char *path = buf_text(&e->path);
	const char *name = strrchr(path, '/');

	name = name == NULL ? path : name + 1;
	d->files++;
	d->bytes += e->size;
	if (strncmp(name, "neostore", 8) == 0 &&
	    strncmp(name, "neostore.transaction", 20) != 0)
		d->has_store = true;
	if (strncmp(name, "block.", 6) == 0)
		d->has_store = true;
	if (strncmp(name, "neostore.transaction.db", 23) == 0)
		d->has_log = true;
}

static int
read_tar(struct dump *d, struct reader *in, struct err *err)
{
	struct tar_reader *tar = NULL;
	struct entry e = ENTRY_EMPTY;
	bool is_end = false;
	int ret;

	if (tar_reader_new(&tar, in, 0, err) == -1)
		return -1;
	do {
		ret = tar_reader_next(tar, &e, &is_end, err);
		if (ret == 0 && !is_end && e.type == ENTRY_FILE)
			note_file(d, &e);
	} while (ret == 0 && !is_end);
	entry_release(&e);
	tar_reader_free(tar);
	return ret;
}

static void
judge(const struct dump *d, struct judgement *j)
{
	char size[NUM_BYTES_TEXT];

	if (d->has_totals && (d->files != d->want_files ||
	    d->bytes != d->want_bytes))
		judge_find(j, VERDICT_DAMAGED, NULL, "it declares %llu files "
		    "of %llu bytes and holds %llu of %llu",
		    (unsigned long long)d->want_files,
		    (unsigned long long)d->want_bytes,
		    (unsigned long long)d->files,
		    (unsigned long long)d->bytes);
	if (!d->has_store || !d->has_log)
		judge_find(j, VERDICT_SUSPECT, NULL, "it holds no %s: Neo4j "
		    "will not load it", d->has_store ? "transaction log" :
		    "store");
	judge_cover(j, "%llu files, %s%s", (unsigned long long)d->files,
	    num_format_bytes(d->bytes, size), d->has_totals ?
	    ", as many as declared" : " (this form declares no totals)");
}

/* From the totals on. */
static int
check_inside(const struct content *c, struct reader *in,
    struct judgement *j, struct err *err)
{
	struct dump d = { .has_totals = true };
	uint8_t head[HEAD_LEN];
	size_t got;

	(void)c;
	if (reader_fill(in, head, sizeof head, &got, err) == -1)
		return -1;
	if (got < sizeof head || !has(head, got, inside, sizeof inside - 1))
		return err_set(err, ERR_DAMAGED, 0,
		    "the dump's own head is missing");
	d.want_files = get_be64(head + 8);
	d.want_bytes = get_be64(head + 16);
	if (read_tar(&d, in, err) == -1)
		return -1;
	judge(&d, j);
	return 0;
}

static int
check_gzip(struct reader *in, struct judgement *j, struct err *err)
{
	struct dump d = { .has_totals = false };

	if (read_tar(&d, in, err) == -1)
		return -1;
	judge(&d, j);
	return 0;
}

/* Behind the four letters is another packed stream. */
static int
check_wrapped(const struct content *c, struct reader *in,
    struct judgement *j, struct err *err)
{
	struct unpack *u = NULL;
	uint8_t letters[WRAPPER_LEN], rest[1];
	bool is_zstd;
	size_t got;
	int ret;

	if (reader_fill(in, letters, sizeof letters, &got, err) == -1 ||
	    unpack_new(&u, in, err) == -1)
		return -1;
	is_zstd = memcmp(letters, zstd_wrapper, WRAPPER_LEN) == 0;
	if (strcmp(unpack_name(u), is_zstd ? "zstd" : "gzip") != 0)
		ret = err_set(err, ERR_DAMAGED, 0,
		    "what is packed in the dump is damaged at its start");
	else
		ret = is_zstd ? check_inside(c, unpack_output(u), j, err) :
		    check_gzip(unpack_output(u), j, err);
	/* The packing's own check comes at its end. */
	if (ret == 0 && unpack_output(u)->read(unpack_output(u), rest, 1,
	    &got, err) == -1)
		ret = -1;
	unpack_free(u);
	return ret;
}

const struct inner_checker inner_neo4j = {
	"Neo4j dump", is_wrapped, check_wrapped
};
const struct inner_checker inner_neo4j_inside = {
	"Neo4j dump", is_inside, check_inside
};
