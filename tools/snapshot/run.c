/* SPDX-License-Identifier: BSD-2-Clause */
/* A snapshot, from sources to commit record; see run.h. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/tar.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "codec/frames.h"
#include "io/io.h"
#include "manifest/manifest.h"
#include "medium/hash_pool.h"
#include "medium/snapshot.h"

struct run {
	const struct medium *medium;
	const struct run_options *options;
	struct source_set *sources;
	struct run_result *result;
	int fd;			/* of the snapshot's folder */
	struct info info;
	struct sums sums;
	uint64_t bytes;		/* of files in sums */
	const char *source;	/* being taken now, for notes */
	uint64_t changed;
	uint64_t missed;
	uint64_t attrs_lost;
};

static void
note(void *ctx, enum take_note what, const char *path,
    enum entry_change changed, int sys)
{
	struct run *r = ctx;
	const struct run_calls *calls = &r->options->calls;
	struct buf text = BUF_EMPTY;
	bool is_warning = what != TAKE_SOCKET;

	if (what == TAKE_CHANGED)
		r->changed++;
	else if (what == TAKE_ATTRS_LOST)
		r->attrs_lost++;
	else if (what != TAKE_SOCKET && what != TAKE_LINK_SPLIT)
		r->missed++;
	escape_text(&text, path, strlen(path));
	buf_printf(&text, ": %s", what == TAKE_CHANGED ?
	    entry_change_name(changed) : take_note_text(what));
	if (sys != 0)
		buf_printf(&text, ": %s", strerror(sys));
	if (is_warning)
		r->result->has_warnings = true;
	calls->note(calls->ctx, r->source, buf_text(&text), is_warning);
	buf_release(&text);
}

/* Record a finished file for SHA256SUMS. */
static int
add_sum(struct run *r, const char *name, const uint8_t sha256[SHA256_LEN],
    uint64_t bytes, struct err *err)
{
	r->bytes += bytes;
	return sums_add(&r->sums, name, sha256, err);
}

static int
add_file(struct run *r, const char *name, const struct buf *text,
    struct err *err)
{
	uint8_t digest[SHA256_LEN];

	if (put_file(r->fd, name, buf_text(text), text->len, digest,
	    err) == -1)
		return -1;
	return add_sum(r, name, digest, text->len, err);
}

static bool
needs_parts(const struct take_counts *measured, uint64_t size_max)
{
	/* Headers, and the little by which zstd can make data grow. */
	uint64_t guess = measured->data_bytes + measured->data_bytes / 16 +
	    measured->entries * 2048 + ((uint64_t)64 << 20);

	return size_max != 0 && guess > size_max;
}

/* The stages of the taking chain, built from the medium's end upwards. */
struct chain {
	struct part_writer parts;
	struct frame_writer *frames;
	struct tar_writer *tar;
	struct put manifest_file;
	struct manifest_writer manifest;
};

static int
chain_open(struct run *r, struct chain *c, const struct source_entry *e,
    const char *base, struct err *err)
{
	struct frame_options frames = {
		.threads = r->options->threads, .level = r->options->level
	};
	uint64_t size_max = r->options->part_size;
	char *archive = mem_format("%s.tar.zst", base);
	char *mtree = mem_format("%s.mtree", base);
	int ret = -1;

	if (size_max == 0)
		size_max = medium_file_max(r->medium);
	if (part_writer_init(&c->parts, r->fd, archive, size_max,
	    needs_parts(&e->measured, size_max), err) == -1 ||
	    frame_writer_new(&c->frames, &c->parts.writer, &frames,
	    err) == -1 ||
	    tar_writer_new(&c->tar, frame_writer_input(c->frames),
	    err) == -1 ||
	    put_open(&c->manifest_file, r->fd, mtree, err) == -1 ||
	    manifest_writer_init(&c->manifest, &c->manifest_file.writer,
	    err) == -1)
		goto out;
	ret = 0;
out:
	free(archive);
	free(mtree);
	return ret;
}

/* End markers, seek table, flushes: in the order of the data. */
static int
chain_finish(struct chain *c, uint64_t *tar_bytes, struct err *err)
{
	if (tar_writer_finish(c->tar, err) == -1)
		return -1;
	*tar_bytes = frame_writer_offset(c->frames);
	if (frame_writer_finish(c->frames, err) == -1 ||
	    part_writer_finish(&c->parts, err) == -1 ||
	    manifest_writer_finish(&c->manifest, err) == -1)
		return -1;
	return put_close(&c->manifest_file, err);
}

static void
chain_release(struct chain *c)
{
	tar_writer_free(c->tar);
	frame_writer_free(c->frames);
	part_writer_release(&c->parts);
	manifest_writer_release(&c->manifest);
	put_release(&c->manifest_file);
}

/* Text from the host that snapshot.json must be able to hold. */
static char *
json_safe(const char *text)
{
	struct buf out = BUF_EMPTY;
	char *copy;

	if (text == NULL)
		return mem_text("");
	escape_text(&out, text, strlen(text));
	copy = mem_text(buf_text(&out));
	buf_release(&out);
	return copy;
}

static void
record(struct run *r, struct source_entry *e, struct source_info *s,
    const struct take_counts *counts)
{
	s->kind = e->kind;
	s->origin = json_safe(e->origin);
	s->entries = counts->entries;
	s->files = counts->files;
	s->bytes = counts->bytes;
	s->data_bytes = counts->data_bytes;
	s->changed = r->changed;
	s->missed = r->missed;
	s->attrs_lost = r->attrs_lost;
	s->consistency = e->consistency;
	s->driver = mem_text("");
	pairs_copy(&s->users, &e->users);
	if (e->kind == SOURCE_VOLUME) {
		free(s->driver);
		s->driver = json_safe(e->volume.identity.driver);
		pairs_copy(&s->labels, &e->volume.identity.labels);
		pairs_copy(&s->options, &e->volume.identity.options);
	}
	r->result->files += counts->files;
	r->result->bytes += counts->bytes;
	r->result->problems += r->changed + r->missed + r->attrs_lost;
}

static int
sum_chain(struct run *r, const struct chain *c, struct err *err)
{
	size_t i;

	for (i = 0; i < c->parts.done.count; i++) {
		const struct part *part = &c->parts.done.items[i];

		if (add_sum(r, part->name, part->sha256, part->bytes,
		    err) == -1)
			return -1;
	}
	return add_sum(r, c->manifest_file.name, c->manifest_file.sha256,
	    c->manifest_file.bytes, err);
}

static int
take_source(struct run *r, struct source_entry *e, struct err *err)
{
	struct chain c = { .manifest_file = PUT_EMPTY,
	    .parts = { .put = PUT_EMPTY } };
	struct take_options take = r->options->take;
	struct buf base = BUF_EMPTY;
	struct source_info *s;
	struct take_counts counts;
	uint64_t tar_bytes = 0;
	int ret = -1;

	r->source = e->name;
	r->changed = r->missed = r->attrs_lost = 0;
	take.note = note;
	take.ctx = r;
	info_file_name(&r->info, e->name, &base);
	if (chain_open(r, &c, e, buf_text(&base), err) == -1 ||
	    take_tree(e->fd, c.tar, &c.manifest, &take, &counts,
	    err) == -1 || chain_finish(&c, &tar_bytes, err) == -1 ||
	    sum_chain(r, &c, err) == -1)
		goto out;
	source_look_again(r->sources, e);
	s = info_add(&r->info);
	s->name = mem_text(e->name);
	s->manifest = mem_format("%s.mtree", buf_text(&base));
	s->tar_bytes = tar_bytes;
	s->parts = c.parts.done;
	c.parts.done.items = NULL;
	c.parts.done.count = 0;
	record(r, e, s, &counts);
	r->options->calls.taken(r->options->calls.ctx, s);
	ret = 0;
out:
	if (ret == -1)
		err_context(err, "'%s'", e->name);
	chain_release(&c);
	buf_release(&base);
	return ret;
}

static int
take_sources(struct run *r, struct err *err)
{
	const struct run_calls *calls = &r->options->calls;
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < r->sources->count; i++)
		total += r->sources->items[i].measured.bytes;
	calls->stage(calls->ctx, "taking", total);
	for (i = 0; i < r->sources->count; i++)
		if (take_source(r, &r->sources->items[i], err) == -1)
			return -1;
	return 0;
}

static int
write_info(struct run *r, struct err *err)
{
	char host[256];
	struct buf text = BUF_EMPTY;
	struct info again = INFO_EMPTY;
	int ret;

	if (gethostname(host, sizeof host) == -1)
		host[0] = '\0';
	host[sizeof host - 1] = '\0';
	r->info.finished = io_now();
	r->info.version = mem_text(CLI_VERSION);
	r->info.host = json_safe(host);
	r->info.data_root = json_safe(r->sources->has_root ?
	    r->sources->root.path : "");
	ret = info_format(&r->info, &text, err);
	/* What our own reader refuses would be no snapshot. */
	if (ret == 0)
		ret = info_parse(&again, buf_text(&text), text.len, err);
	info_release(&again);
	if (ret == 0)
		ret = add_file(r, INFO_FILE, &text, err);
	buf_release(&text);
	return ret;
}

static int
write_signature(struct run *r, const uint8_t digest[SHA256_LEN],
    struct err *err)
{
	uint8_t sig[SIGN_MAX];
	size_t len;

	if (sign_make(r->options->key, digest, sig, &len, err) == -1)
		return -1;
	return put_file(r->fd, SNAPSHOT_SIG, sig, len, NULL, err);
}

/* SHA256SUMS and its signature; digest is of SHA256SUMS. */
static int
write_sums(struct run *r, uint8_t digest[SHA256_LEN], struct err *err)
{
	struct buf text = BUF_EMPTY;
	int ret;

	sums_format(&r->sums, &text);
	ret = put_file(r->fd, SNAPSHOT_SUMS, text.data, text.len, digest, err);
	if (ret == 0 && r->options->key != NULL)
		ret = write_signature(r, digest, err);
	if (ret == 0 && io_sync(r->fd) == -1)
		ret = err_set(err, ERR_IO, io_error(),
		    "cannot flush the snapshot's folder");
	buf_release(&text);
	return ret;
}

static int
judge_back(const struct hash_done *done, const uint8_t sha256[SHA256_LEN],
    struct err *err)
{
	if (done->err->class != ERR_NONE) {
		*err = *done->err;
		return err_context(err, "read back %s", done->path);
	}
	if (memcmp(done->result->sha256, sha256, SHA256_LEN) != 0)
		return err_set(err, ERR_IO, 0, "read back %s: the medium "
		    "does not hold what was written to it; it may be broken "
		    "or not have the size it claims", done->path);
	return 0;
}

/* All sums, in their order, and then SHA256SUMS itself. */
static int
read_all_back(struct run *r, struct hash_pool *pool,
    const uint8_t sums_digest[SHA256_LEN], bool *is_direct, struct err *err)
{
	const struct sums *sums = &r->sums;
	const size_t count = sums->count + 1;
	size_t begun = 0, taken = 0;
	struct hash_done done;

	while (taken < count) {
		if (begun < count && hash_pool_has_room(pool)) {
			(void)hash_pool_submit(pool, begun < sums->count ?
			    sums->items[begun].name : SNAPSHOT_SUMS,
			    DIGEST_SHA256, NULL);
			begun++;
			continue;
		}
		if (hash_pool_take(pool, &done, err) == -1 ||
		    judge_back(&done, taken < sums->count ?
		    sums->items[taken].sha256 : sums_digest, err) == -1)
			return -1;
		*is_direct = *is_direct && done.result->is_direct;
		taken++;
	}
	return 0;
}

static int
read_back(struct run *r, const uint8_t sums_digest[SHA256_LEN],
    struct err *err)
{
	const struct run_calls *calls = &r->options->calls;
	const struct hash_pool_options options = {
		.threads = hash_pool_worth(r->options->threads),
		.watch = r->options->take.watch, .is_strict = true,
	};
	struct hash_pool *pool;
	bool is_direct = true;
	int ret;

	calls->stage(calls->ctx, "reading back", r->bytes);
	pool = hash_pool_new(r->fd, &options);
	ret = read_all_back(r, pool, sums_digest, &is_direct, err);
	hash_pool_free(pool);
	if (ret == 0 && !is_direct)
		calls->cached(calls->ctx);
	return ret;
}

static int
commit(struct run *r, const uint8_t sums_digest[SHA256_LEN], struct err *err)
{
	struct complete complete = {
		.files = r->sums.count, .bytes = r->bytes
	};
	struct buf text = BUF_EMPTY;
	int ret;

	memcpy(complete.sums_sha256, sums_digest, SHA256_LEN);
	complete_format(&complete, &text);
	/* All else first, whatever the file system thinks of our flushes. */
	if (io_sync_fs(r->fd) == -1)
		ret = err_set(err, ERR_IO, io_error(),
		    "cannot flush the medium");
	else
		ret = put_file(r->fd, COMPLETE_FILE, text.data, text.len,
		    NULL, err);
	if (ret == 0 && (io_sync(r->fd) == -1 ||
	    io_sync(r->medium->snapshots_fd) == -1))
		ret = err_set(err, ERR_IO, io_error(),
		    "cannot flush the commit record's folder");
	buf_release(&text);
	return ret;
}

static int
make_folder(struct run *r, struct err *err)
{
	struct medium_list list = MEDIUM_LIST_EMPTY;
	struct medium_name *name = &r->result->name;
	uint64_t sequence = 1;

	if (medium_list(r->medium, &list, err) == -1)
		return -1;
	if (list.count > 0)
		sequence = list.items[list.count - 1].sequence + 1;
	if (sequence > MEDIUM_SEQUENCE_MAX)
		(void)err_set(err, ERR_PREFLIGHT, 0, "%s has the highest "
		    "number there can be: if it is not ours, move it away; "
		    "else take a new medium",
		    list.items[list.count - 1].text);
	medium_list_release(&list);
	if (sequence > MEDIUM_SEQUENCE_MAX)
		return -1;
	r->info.sequence = sequence;
	r->info.started = io_now();
	medium_name_format(name, sequence, r->info.started);
	if (mkdirat(r->medium->snapshots_fd, name->text, 0755) == -1)
		return err_set(err, ERR_IO, errno, "cannot make %s",
		    name->text);
	r->fd = io_open(r->medium->snapshots_fd, name->text,
	    O_RDONLY | O_DIRECTORY, 0);
	if (r->fd == -1 || io_sync(r->medium->snapshots_fd) == -1)
		return err_set(err, ERR_IO, io_error(), "cannot open %s",
		    name->text);
	return 0;
}

/* Best effort: what cannot be removed now, the next run sweeps. */
static void
remove_unfinished(struct run *r, struct err *err)
{
	struct err ignored;

	if (r->result->name.text[0] == '\0')
		return;
	/* A stick that is gone lets one remove names, and flush nothing. */
	if (io_remove_tree(r->medium->snapshots_fd, r->result->name.text,
	    &ignored) == 0 && io_sync(r->medium->snapshots_fd) == 0)
		(void)err_append(err, "the unfinished snapshot was removed, "
		    "the earlier ones are unchanged");
	else
		(void)err_append(err, "the unfinished snapshot %s may be left "
		    "on the medium, the next run removes it; the earlier ones "
		    "are unchanged", r->result->name.text);
}

int
run_snapshot(const struct medium *medium, struct source_set *sources,
    const struct run_options *options, struct run_result *result,
    struct err *err)
{
	struct run r = {
		.medium = medium, .options = options, .sources = sources,
		.result = result, .fd = -1,
	};
	uint8_t sums_digest[SHA256_LEN];
	int ret = -1;

	memset(result, 0, sizeof *result);
	if (make_folder(&r, err) == -1 || take_sources(&r, err) == -1 ||
	    write_info(&r, err) == -1 ||
	    write_sums(&r, sums_digest, err) == -1 ||
	    read_back(&r, sums_digest, err) == -1 ||
	    commit(&r, sums_digest, err) == -1)
		goto out;
	result->packed = r.bytes;
	ret = 0;
out:
	if (r.fd != -1)
		(void)close(r.fd);	/* flushed above, or given up */
	if (ret == -1)
		remove_unfinished(&r, err);
	info_release(&r.info);
	sums_release(&r.sums);
	return ret;
}
