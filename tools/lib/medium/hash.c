/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashing past the page cache; see hash.h. */
#include "medium/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "medium/direct.h"
#include "medium/gate.h"

#define BLOCK ((size_t)4 << 20)		/* one read */
#define BLOCKS 2

struct block {
	uint8_t *data;
	size_t len;
	bool is_full;
	bool is_doubtful;	/* bytes of it or before could not be read */
};

/*
 * Reader thread fills, caller empties, two blocks in turn.  A block of
 * length 0 is the end; failure says why when the end came too early.
 */
struct hash {
	const struct hash_options *options;
	struct digest digest;
	struct gate *gate;
	size_t block_len;	/* of each block's memory */
	struct direct_file file;
	uint64_t offset;
	struct block blocks[BLOCKS];
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stop;
	struct err failure;
};

/* Fits patient.h. */
static ssize_t
read_gated(void *ctx, void *data, size_t len, uint64_t offset)
{
	struct hash *h = ctx;
	ssize_t n;
	int sys;

	if (h->gate != NULL)
		gate_enter(h->gate, h->options->turn);
	n = direct_pread(&h->file, data, len, offset);
	sys = errno;
	if (h->gate != NULL)
		gate_leave(h->gate);
	errno = sys;
	return n;
}

static int
fill_strictly(struct hash *h, struct block *block, struct err *err)
{
	while (block->len < h->block_len) {
		ssize_t n = read_gated(h, block->data + block->len,
		    h->block_len - block->len, h->offset);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_set(err, ERR_IO, errno,
			    "cannot read near byte %llu",
			    (unsigned long long)h->offset);
		if (n == 0)
			break;
		block->len += (size_t)n;
		h->offset += (uint64_t)n;
		/*
		 * After a short read the place is no longer aligned; only the
		 * end of a file reads short.
		 */
		if ((size_t)n % PATIENT_ALIGN != 0)
			break;
	}
	return 0;
}

/* Fill one block; len 0 at the end. */
static int
fill(struct hash *h, struct block *block, struct err *err)
{
	block->len = 0;
	if (h->options->patient == NULL)
		return fill_strictly(h, block, err);
	if (patient_fill(h->options->patient, h->offset, block->data,
	    h->block_len, &block->len, err) == -1)
		return -1;
	h->offset += block->len;
	block->is_doubtful = h->options->patient->bad.count > 0;
	return 0;
}

static void *
read_ahead(void *arg)
{
	struct hash *h = arg;
	unsigned turn = 0;
	bool is_last = false;

	while (!is_last) {
		struct block *block = &h->blocks[turn++ % BLOCKS];

		(void)pthread_mutex_lock(&h->lock);
		while (block->is_full && !h->stop)
			(void)pthread_cond_wait(&h->changed, &h->lock);
		is_last = h->stop;
		(void)pthread_mutex_unlock(&h->lock);
		if (is_last)
			break;
		/* failure is looked at once the block is full. */
		if (fill(h, block, &h->failure) == -1)
			block->len = 0;
		is_last = block->len == 0;
		(void)pthread_mutex_lock(&h->lock);
		block->is_full = true;
		(void)pthread_cond_signal(&h->changed);
		(void)pthread_mutex_unlock(&h->lock);
	}
	return NULL;
}

static void
tell_place(struct hash *h, uint64_t bytes)
{
	struct hash_place place = { .bytes = bytes };

	digest_save(&h->digest, place.state);
	h->options->placed(h->options->placed_ctx, &place);
}

static int
take_block(struct hash *h, const struct block *block,
    struct hash_result *result, struct err *err)
{
	digest_update(&h->digest, block->data, block->len);
	result->bytes += block->len;
	if (h->options->placed != NULL && !block->is_doubtful &&
	    result->bytes % HASH_PLACE == 0)
		tell_place(h, result->bytes);
	return watch_step(h->options->watch, block->len, 0, err);
}

static int
hash_alone(struct hash *h, struct hash_result *result, struct err *err)
{
	struct block *block = &h->blocks[0];

	for (;;) {
		if (fill(h, block, err) == -1)
			return -1;
		if (block->len == 0)
			return 0;
		if (take_block(h, block, result, err) == -1)
			return -1;
	}
}

/* The caller's half of the pair. */
static int
hash_blocks(struct hash *h, struct hash_result *result, struct err *err)
{
	unsigned turn = 0;

	for (;;) {
		struct block *block = &h->blocks[turn++ % BLOCKS];

		(void)pthread_mutex_lock(&h->lock);
		while (!block->is_full)
			(void)pthread_cond_wait(&h->changed, &h->lock);
		(void)pthread_mutex_unlock(&h->lock);
		if (block->len == 0 && h->failure.class != ERR_NONE) {
			*err = h->failure;
			return -1;
		}
		if (block->len == 0)
			return 0;
		if (take_block(h, block, result, err) == -1)
			return -1;
		(void)pthread_mutex_lock(&h->lock);
		block->is_full = false;
		(void)pthread_cond_signal(&h->changed);
		(void)pthread_mutex_unlock(&h->lock);
	}
}

static int
hash_pair(struct hash *h, struct hash_result *result, struct err *err)
{
	sigset_t all, old;
	pthread_t thread;
	int ret, r;

	(void)pthread_mutex_init(&h->lock, NULL);
	(void)pthread_cond_init(&h->changed, NULL);
	/* Signals belong to the caller's thread. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&thread, NULL, read_ahead, h);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r != 0)
		return hash_alone(h, result, err);
	ret = hash_blocks(h, result, err);
	(void)pthread_mutex_lock(&h->lock);
	h->stop = true;
	(void)pthread_cond_signal(&h->changed);
	(void)pthread_mutex_unlock(&h->lock);
	(void)pthread_join(thread, NULL);
	(void)pthread_cond_destroy(&h->changed);
	(void)pthread_mutex_destroy(&h->lock);
	return ret;
}

/*
 * Memory for the blocks: one for a file that fits into it, which then needs no
 * second thread.
 */
static void *
get_blocks(struct hash *h)
{
	uint64_t size = h->file.size;
	size_t count = size < BLOCK ? 1 : BLOCKS;
	void *memory = NULL;

	h->block_len = size < BLOCK ?
	    ((size_t)size / PATIENT_ALIGN + 1) * PATIENT_ALIGN : BLOCK;
	if (posix_memalign(&memory, PATIENT_ALIGN, count * h->block_len) != 0)
		return NULL;
	h->blocks[0].data = memory;
	if (count == BLOCKS)
		h->blocks[1].data = (uint8_t *)memory + BLOCK;
	return memory;
}

static int
hash_blocks_of(struct hash *h, struct hash_result *result, struct err *err)
{
	void *memory = get_blocks(h);
	int ret;

	if (memory == NULL)
		return err_set(err, ERR_IO, ENOMEM, "no memory to read into");
	digest_init(&h->digest, h->options->kind);
	if (h->options->from != NULL) {
		digest_resume(&h->digest, h->options->from->state,
		    h->options->from->bytes);
		h->offset = result->bytes = h->options->from->bytes;
	}
	err_clear(&h->failure);
	if (h->options->threads && h->blocks[1].data != NULL)
		ret = hash_pair(h, result, err);
	else
		ret = hash_alone(h, result, err);
	digest_out(&h->digest, result->digest);
	result->is_direct = h->file.is_direct;
	free(memory);
	return ret;
}

int
hash_fd(int fd, bool is_direct, const struct hash_options *options,
    struct hash_result *result, struct err *err)
{
	struct hash h = { .options = options,
	    .file = { .fd = fd, .is_direct = is_direct } };
	struct gate *large = options->large;
	struct stat st;
	int ret;

	memset(result, 0, sizeof *result);
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return err_set(err, ERR_DAMAGED, 0, "not a regular file");
	h.file.size = (uint64_t)st.st_size;
	if (options->patient != NULL)
		patient_init(options->patient, read_gated, &h, h.file.size,
		    is_direct ? PATIENT_SECTOR : PATIENT_ALIGN,
		    options->watch);
	if (!is_direct)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (h.file.size < HASH_SMALL_MAX)
		large = NULL;
	else
		h.gate = options->gate;
	if (large != NULL)
		gate_enter(large, options->turn);
	ret = hash_blocks_of(&h, result, err);
	if (large != NULL)
		gate_leave(large);
	return ret;
}

int
hash_with(int dir_fd, const char *name, const struct hash_options *options,
    struct hash_result *result, struct err *err)
{
	struct direct_file file;
	int ret;

	memset(result, 0, sizeof *result);
	if (options->patient != NULL)
		patient_init(options->patient, NULL, NULL, 0, PATIENT_ALIGN,
		    options->watch);
	if (direct_open(&file, dir_fd, name, err) == -1)
		return -1;
	ret = hash_fd(file.fd, file.is_direct, options, result, err);
	direct_close(&file);
	return ret;
}

int
hash_file(int dir_fd, const char *name, bool threads,
    const struct watch *watch, struct hash_result *result, struct err *err)
{
	const struct hash_options options = { .kind = DIGEST_SHA256,
	    .threads = threads, .watch = watch };

	return hash_with(dir_fd, name, &options, result, err);
}

int
hash_patiently(int dir_fd, const char *name, bool threads,
    const struct watch *watch, struct hash_result *result,
    struct patient *patient, struct err *err)
{
	const struct hash_options options = { .kind = DIGEST_SHA256,
	    .threads = threads, .watch = watch, .patient = patient };

	return hash_with(dir_fd, name, &options, result, err);
}
