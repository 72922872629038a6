/* SPDX-License-Identifier: BSD-2-Clause */
/* A snapshot's files against its sums; see files.h. */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "medium/direct.h"
#include "medium/hash_pool.h"

/* As many as are read at a time: a budget is spent as they begin. */
#define FILES_EACH 2		/* for each of threads */

/* A file in the pool, by its slot. */
struct entry {
	size_t index;		/* in the sums */
	uint64_t from;		/* bytes that an earlier run had read */
};

struct files {
	const struct medium *m;
	struct snapshot *s;
	const struct files_options *options;
	struct files_result *result;
	struct err no_info;	/* why snapshot.json cannot be used */
	struct files_fact fact;	/* what was told last */
	struct hash_pool *pool;
	struct entry entries[HASH_POOL_SLOTS];
};

const char *
file_verdict_name(enum file_verdict verdict)
{
	switch (verdict) {
	case FILE_OK: return "OK";
	case FILE_DAMAGED: return "DAMAGED";
	case FILE_UNREADABLE: return "UNREADABLE";
	case FILE_MISSING: return "MISSING";
	case FILE_FOREIGN: return "FOREIGN";
	}
	return "UNKNOWN";
}

static void
tell(struct files *f, const char *file, enum file_verdict verdict,
    const char *why, uint64_t bytes)
{
	const struct files_calls *calls = &f->options->calls;

	f->result->verdicts[verdict]++;
	if (verdict != FILE_OK && verdict != FILE_FOREIGN)
		pairs_put(&f->result->bad, file, file_verdict_name(verdict));
	calls->file(calls->ctx, &f->s->name, file, verdict, why, bytes);
	f->fact.verdict = verdict;
	f->fact.bytes = bytes;
	(void)snprintf(f->fact.why, sizeof f->fact.why, "%s", why);
}

/* The part list's word on a file's size; false when it is no part. */
static bool
size_of_part(const struct snapshot *s, const char *file, uint64_t *bytes)
{
	size_t i, k;

	for (i = 0; i < s->info.count; i++) {
		const struct parts *parts = &s->info.sources[i].parts;

		for (k = 0; k < parts->count; k++)
			if (strcmp(parts->items[k].name, file) == 0) {
				*bytes = parts->items[k].bytes;
				return true;
			}
	}
	return false;
}

/* Say what is wrong as exactly as can be known. */
static void
explain(const struct files *f, const char *file,
    const struct hash_result *got, char *why, size_t why_len)
{
	const struct sums *sums = &f->s->sums;
	uint64_t want;
	size_t i;

	for (i = 0; i < sums->count; i++)
		if (memcmp(sums->items[i].sha256, got->sha256,
		    SHA256_LEN) == 0) {
			(void)snprintf(why, why_len, "holds what %s should "
			    "hold: files were swapped or copied",
			    sums->items[i].name);
			return;
		}
	if (f->result->has_info && size_of_part(f->s, file, &want) &&
	    want != got->bytes)
		(void)snprintf(why, why_len, "has %llu bytes instead of "
		    "%llu", (unsigned long long)got->bytes,
		    (unsigned long long)want);
	else
		(void)snprintf(why, why_len, "SHA-256 differs");
}

/*
 * A file of which nothing at all can be read may be a bad file or a dead
 * medium: ask for something else.
 */
static bool
is_dead(const struct files *f, const struct patient *p)
{
	static const size_t len = PATIENT_ALIGN;
	struct direct_file probe = DIRECT_FILE_EMPTY;
	struct err ignored;
	void *block = NULL;
	bool dead;

	if (p->bad.count == 0 || p->bad.bytes < p->size ||
	    posix_memalign(&block, PATIENT_ALIGN, len) != 0)
		return false;
	dead = direct_open(&probe, f->m->dir_fd, MEDIUM_FILE,
	    &ignored) == -1 || direct_pread(&probe, block, len, 0) == -1;
	direct_close(&probe);
	free(block);
	return dead;
}

static void
tell_unreadable(struct files *f, const char *file, const struct patient *p,
    uint64_t bytes)
{
	const struct files_calls *calls = &f->options->calls;
	char text[BAD_LIST_TEXT], why[BAD_LIST_TEXT + 128];
	size_t i;

	(void)snprintf(why, sizeof why, "%s cannot be read: %s%s",
	    bad_list_text(&p->bad, text), strerror(p->sys), p->gave_up ?
	    "; its rest was given up after too many errors" : "");
	tell(f, file, FILE_UNREADABLE, why, bytes - p->bad.bytes);
	for (i = 0; i < p->bad.count; i++)
		calls->unreadable(calls->ctx, &f->s->name, file,
		    &p->bad.items[i]);
}

static void
judge_file(struct files *f, const struct sum *sum,
    const struct hash_result *got, const struct patient *p)
{
	char why[256] = "";

	f->result->bytes += got->bytes - p->bad.bytes;
	if (!got->is_direct)
		f->result->cached++;
	if (p->bad.count > 0) {
		tell_unreadable(f, sum->name, p, got->bytes);
		return;
	}
	if (memcmp(got->sha256, sum->sha256, SHA256_LEN) != 0) {
		explain(f, sum->name, got, why, sizeof why);
		tell(f, sum->name, FILE_DAMAGED, why, got->bytes);
		return;
	}
	/* As it was written, and still nothing to restore by. */
	if (!f->result->has_info && strcmp(sum->name, INFO_FILE) == 0) {
		tell(f, sum->name, FILE_DAMAGED, f->no_info.text, got->bytes);
		return;
	}
	if (p->failures > 0)
		(void)snprintf(why, sizeof why, "could be read only after "
		    "%llu failed attempts: copy this medium while it can be "
		    "read", (unsigned long long)p->failures);
	tell(f, sum->name, FILE_OK, why, got->bytes);
}

/* One file's verdict, and whether the medium can still be read. */
static int
check_file(struct files *f, size_t index, const struct hash_done *done,
    struct err *err)
{
	const struct files_memory *memory = f->options->memory;
	const struct sum *sum = &f->s->sums.items[index];
	const struct patient *p = done->patient;
	int ret = 0;

	memset(&f->fact, 0, sizeof f->fact);
	if (done->err->class == ERR_NONE) {
		judge_file(f, sum, done->result, p);
		f->result->is_gone = is_dead(f, p);
		if (f->result->is_gone)
			ret = err_set(err, ERR_IO, p->sys,
			    "nothing can be read: the medium is gone");
	} else {
		tell(f, sum->name, done->err->class == ERR_NOT_FOUND ?
		    FILE_MISSING : FILE_UNREADABLE, done->err->text, 0);
		f->result->is_gone = p->is_gone;
		if (p->is_gone) {
			*err = *done->err;
			ret = -1;
		}
	}
	f->fact.retries = p->failures;
	f->fact.milliseconds = done->milliseconds;
	f->fact.is_direct = done->err->class != ERR_NONE ||
	    done->result->is_direct;
	if (ret == 0 && memory != NULL)
		memory->done(memory->ctx, index, &f->fact);
	return ret;
}

/* ---- several at a time */

static void
on_place(void *ctx, unsigned slot, const struct hash_place *place)
{
	const struct files *f = ctx;
	const struct files_memory *memory = f->options->memory;

	memory->placed(memory->ctx, f->entries[slot].index, place);
}

static void
open_pool(struct files *f)
{
	const unsigned threads = hash_pool_worth(f->options->threads);
	const struct hash_pool_options options = {
		.threads = threads, .watch = f->options->watch,
		.in_flight = threads == 0 ? 1 : FILES_EACH * threads,
		.placed = f->options->memory == NULL ? NULL : on_place,
		.placed_ctx = f,
	};

	f->pool = hash_pool_new(f->s->fd, &options);
}

/*
 * It was read from where an earlier run was cut off, and is not right.  It may
 * have been mended since: judge all of it, as it is now.
 */
static int
check_again(struct files *f, size_t index, struct err *err)
{
	struct hash_result got;
	struct patient patient;
	struct err why;
	struct hash_done done = { .result = &got, .err = &why,
	    .patient = &patient };
	uint64_t begun = io_ticks_ms();
	int ret;

	err_clear(&why);
	if (hash_patiently(f->s->fd, f->s->sums.items[index].name,
	    f->options->threads > 0, f->options->watch, &got, &patient,
	    &why) == -1 && why.class == ERR_INTERRUPTED) {
		*err = why;
		ret = -1;
	} else {
		done.milliseconds = io_ticks_ms() - begun;
		ret = check_file(f, index, &done, err);
	}
	patient_release(&patient);
	return ret;
}

/* Wait for the oldest file that is being read. */
static int
take_file(struct files *f, struct err *err)
{
	struct hash_done done;
	const struct entry *e;

	if (hash_pool_take(f->pool, &done, err) == -1)
		return -1;
	e = &f->entries[done.slot];
	if (e->from > 0 && (done.err->class != ERR_NONE ||
	    memcmp(done.result->sha256, f->s->sums.items[e->index].sha256,
	    SHA256_LEN) != 0))
		return check_again(f, e->index, err);
	f->result->known_bytes += e->from;
	return check_file(f, e->index, &done, err);
}

/* So that verdicts come in the order of the sums. */
static int
take_all(struct files *f, struct err *err)
{
	while (!hash_pool_is_empty(f->pool))
		if (take_file(f, err) == -1)
			return -1;
	return 0;
}

/* From where an earlier run was cut off, if that can be had. */
static void
submit_file(struct files *f, size_t index)
{
	const struct files_memory *memory = f->options->memory;
	struct hash_place from = { .bytes = 0 };
	struct entry *e;

	if (memory != NULL && !memory->resume(memory->ctx, index, &from))
		from.bytes = 0;
	e = &f->entries[hash_pool_submit(f->pool,
	    f->s->sums.items[index].name, DIGEST_SHA256, &from)];
	e->index = index;
	e->from = from.bytes;
	if (from.bytes > 0)
		f->options->calls.known(f->options->calls.ctx, from.bytes);
}

static int
tell_known(struct files *f, const struct sum *sum,
    const struct files_fact *known, struct err *err)
{
	if (take_all(f, err) == -1)
		return -1;
	f->result->bytes += known->bytes;
	f->result->known++;
	f->result->known_bytes += known->bytes;
	f->options->calls.known(f->options->calls.ctx, known->bytes);
	if (!known->is_direct && known->bytes > 0)
		f->result->cached++;
	tell(f, sum->name, known->verdict, known->why, known->bytes);
	return 0;
}

/* Read it, unless it was read before or is not to be read. */
static int
begin_file(struct files *f, size_t index, struct err *err)
{
	const struct files_memory *memory = f->options->memory;
	enum files_choice choice = FILES_READ;
	struct files_fact known;

	/* Room first: what is chosen then begins about now. */
	if (!hash_pool_has_room(f->pool) && take_file(f, err) == -1)
		return -1;
	if (memory != NULL)
		choice = memory->choose(memory->ctx, index, &known);
	switch (choice) {
	case FILES_KNOWN:
		return tell_known(f, &f->s->sums.items[index], &known, err);
	case FILES_LEAVE:
		f->result->left++;
		f->result->left_bytes += known.bytes;
		return 0;
	case FILES_READ:
		break;
	}
	submit_file(f, index);
	return 0;
}

static int
check_sums(struct files *f, struct err *err)
{
	int ret = 0;
	size_t i;

	open_pool(f);
	for (i = 0; i < f->s->sums.count && ret == 0; i++)
		ret = begin_file(f, i, err);
	if (ret == 0)
		ret = take_all(f, err);
	hash_pool_free(f->pool);
	return ret;
}

/* Files in the folder that nobody signed for. */
static int
find_foreign(struct files *f, struct err *err)
{
	static const char *const ours[] = {
		".", "..", COMPLETE_FILE, SNAPSHOT_SUMS, SNAPSHOT_SIG
	};
	char safe[ESCAPE_NAME_MAX];
	struct dirent *d;
	DIR *dir = NULL;
	int fd = io_open(f->s->fd, ".", O_RDONLY | O_DIRECTORY, 0);

	if (fd != -1)
		dir = fdopendir(fd);
	if (dir == NULL) {
		if (fd != -1)
			(void)close(fd);
		return err_set(err, ERR_IO, errno, "cannot list the folder");
	}
	while ((d = readdir(dir)) != NULL) {
		size_t i;
		bool known = sums_find(&f->s->sums, d->d_name) != NULL;

		for (i = 0; i < sizeof ours / sizeof ours[0]; i++)
			if (strcmp(ours[i], d->d_name) == 0)
				known = true;
		if (!known)
			tell(f, escape_name(d->d_name, safe), FILE_FOREIGN,
			    "no line of " SNAPSHOT_SUMS " covers it", 0);
	}
	(void)closedir(dir);	/* read-only: nothing to lose */
	return 0;
}

/* For the small files, which are read whole or not at all. */
static enum file_verdict
verdict_of(const struct err *err)
{
	return err->class == ERR_IO ? FILE_UNREADABLE : FILE_DAMAGED;
}

/* false: it never had one, so that nothing else can be expected. */
static bool
check_complete(struct files *f, struct err *err)
{
	const struct files_memory *memory = f->options->memory;

	if (snapshot_load_complete(f->s, err) == 0) {
		tell(f, COMPLETE_FILE, FILE_OK, "", 0);
	} else if (err->class != ERR_NOT_FOUND) {
		tell(f, COMPLETE_FILE, verdict_of(err), err->text, 0);
	} else if (memory != NULL && memory->was_whole(memory->ctx)) {
		tell(f, COMPLETE_FILE, FILE_MISSING, "gone or empty, and it "
		    "was there when this snapshot was seen before", 0);
	} else {
		f->result->is_interrupted = true;
		return false;
	}
	return true;
}

/* The commit record and the file of sums; false: nothing to go by. */
static bool
check_heads(struct files *f, struct err *err)
{
	struct snapshot *s = f->s;

	if (!check_complete(f, err))
		return false;
	if (snapshot_load_sums(s, err) == -1) {
		tell(f, SNAPSHOT_SUMS, verdict_of(err), err->text, 0);
		return false;
	}
	/* A damaged COMPLETE has no say about the sums. */
	if (f->result->verdicts[FILE_OK] == 0)
		return true;
	if (snapshot_check_sums(s, err) == -1)
		tell(f, SNAPSHOT_SUMS, FILE_DAMAGED, err->text, 0);
	else
		tell(f, SNAPSHOT_SUMS, FILE_OK, "", s->sums_text.len);
	return true;
}

static void
check_signature(struct files *f)
{
	const struct files_calls *calls = &f->options->calls;
	struct err why;

	err_clear(&why);
	f->result->signature = snapshot_signature(f->s, f->options->key,
	    &why);
	calls->signature(calls->ctx, &f->s->name, f->result->signature,
	    why.text);
}

int
files_check(struct snapshot *s, const struct medium *m,
    const struct medium_name *name, const struct files_options *options,
    struct files_result *result, struct err *err)
{
	struct files f = { .m = m, .s = s, .options = options, .result = result };
	bool has_heads;

	memset(result, 0, sizeof *result);
	if (snapshot_open_folder(s, m, name, err) == -1)
		return -1;
	has_heads = check_heads(&f, err);
	err_clear(err);
	if (!has_heads)
		return 0;
	check_signature(&f);
	result->has_info = snapshot_load_info(s, &f.no_info) == 0;
	if (!result->has_info && sums_find(&s->sums, INFO_FILE) == NULL)
		tell(&f, INFO_FILE, FILE_MISSING, f.no_info.text, 0);
	if (options->memory != NULL)
		options->memory->opened(options->memory->ctx, s,
		    result->has_info);
	if (check_sums(&f, err) == -1)
		return -1;
	return find_foreign(&f, err);
}
