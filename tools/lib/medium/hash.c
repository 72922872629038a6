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
#include <unistd.h>

#include "base/err.h"
#include "io/io.h"
#include "medium/gate.h"

#define BLOCK ((size_t)4 << 20)		/* one read */
#define ALIGN ((size_t)4096)		/* what O_DIRECT asks of buffers */
#define BLOCKS 2

struct block {
	uint8_t *data;
	size_t len;
	bool is_full;
};

/*
 * Reader thread fills, caller empties, two blocks in turn.  A block of
 * length 0 is the end; sys holds errno when the end came too early.
 */
struct hash {
	const struct hash_options *options;
	struct digest digest;
	struct gate *gate;
	size_t block_len;	/* of each block's memory */
	int fd;
	bool is_direct;
	uint64_t offset;
	struct block blocks[BLOCKS];
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stop;
	int sys;
};

static ssize_t
read_gated(struct hash *h, void *data, size_t len)
{
	ssize_t n;
	int sys;

	if (h->gate != NULL)
		gate_enter(h->gate, h->options->turn);
	n = pread(h->fd, data, len, (off_t)h->offset);
	sys = errno;
	if (h->gate != NULL)
		gate_leave(h->gate);
	errno = sys;
	return n;
}

/* Fill one block; len 0 at the end.  -1 with errno. */
static int
fill(struct hash *h, struct block *block)
{
	block->len = 0;
	while (block->len < h->block_len) {
		ssize_t n = read_gated(h, block->data + block->len,
		    h->block_len - block->len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EINVAL && h->is_direct) {
			/* Some file systems accept the flag, not the read. */
			int flags = fcntl(h->fd, F_GETFL);

			h->is_direct = false;
			if (flags == -1 || fcntl(h->fd, F_SETFL,
			    flags & ~O_DIRECT) == -1)
				return -1;
			continue;
		}
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		block->len += (size_t)n;
		h->offset += (uint64_t)n;
		/*
		 * After a short read the place is no longer aligned; only the
		 * end of a file reads short.
		 */
		if ((size_t)n % ALIGN != 0)
			break;
	}
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
		int sys = 0;

		(void)pthread_mutex_lock(&h->lock);
		while (block->is_full && !h->stop)
			(void)pthread_cond_wait(&h->changed, &h->lock);
		is_last = h->stop;
		(void)pthread_mutex_unlock(&h->lock);
		if (is_last)
			break;
		if (fill(h, block) == -1) {
			sys = errno;
			block->len = 0;
		}
		is_last = block->len == 0;
		(void)pthread_mutex_lock(&h->lock);
		h->sys = sys;
		block->is_full = true;
		(void)pthread_cond_signal(&h->changed);
		(void)pthread_mutex_unlock(&h->lock);
	}
	return NULL;
}

static int
failed(const struct hash *h, int sys, struct err *err)
{
	return err_set(err, ERR_IO, sys, "cannot read near byte %llu",
	    (unsigned long long)h->offset);
}

static int
take_block(struct hash *h, const struct block *block,
    struct hash_result *result, struct err *err)
{
	digest_update(&h->digest, block->data, block->len);
	result->bytes += block->len;
	return watch_step(h->options->watch, block->len, 0, err);
}

static int
hash_alone(struct hash *h, struct hash_result *result, struct err *err)
{
	struct block *block = &h->blocks[0];

	for (;;) {
		if (fill(h, block) == -1)
			return failed(h, errno, err);
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
		int sys;

		(void)pthread_mutex_lock(&h->lock);
		while (!block->is_full)
			(void)pthread_cond_wait(&h->changed, &h->lock);
		sys = h->sys;
		(void)pthread_mutex_unlock(&h->lock);
		if (block->len == 0)
			return sys == 0 ? 0 : failed(h, sys, err);
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

/* Open for reading past the cache if that can be had. */
static int
open_direct(int dir_fd, const char *name, bool *is_direct, struct err *err)
{
	int fd = io_open(dir_fd, name, O_RDONLY | O_NONBLOCK | O_DIRECT, 0);

	*is_direct = fd != -1;
	if (fd == -1 && io_error() == EINVAL)
		fd = io_open(dir_fd, name, O_RDONLY | O_NONBLOCK, 0);
	if (fd == -1)
		return err_set(err,
		    io_error() == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    io_error(), "cannot open");
	return fd;
}

/*
 * Memory for the blocks: one for a file that fits into it, which then needs no
 * second thread.
 */
static void *
get_blocks(struct hash *h, uint64_t size)
{
	size_t count = size < BLOCK ? 1 : BLOCKS;
	void *memory = NULL;

	h->block_len = size < BLOCK ? ((size_t)size / ALIGN + 1) * ALIGN :
	    BLOCK;
	if (posix_memalign(&memory, ALIGN, count * h->block_len) != 0)
		return NULL;
	h->blocks[0].data = memory;
	if (count == BLOCKS)
		h->blocks[1].data = (uint8_t *)memory + BLOCK;
	return memory;
}

static int
hash_size(struct hash *h, uint64_t size, struct hash_result *result,
    struct err *err)
{
	void *memory = get_blocks(h, size);
	int ret;

	if (memory == NULL)
		return err_set(err, ERR_IO, ENOMEM, "no memory to read into");
	digest_init(&h->digest, h->options->kind);
	if (h->options->threads && h->blocks[1].data != NULL)
		ret = hash_pair(h, result, err);
	else
		ret = hash_alone(h, result, err);
	digest_out(&h->digest, result->digest);
	result->is_direct = h->is_direct;
	free(memory);
	return ret;
}

int
hash_fd(int fd, bool is_direct, const struct hash_options *options,
    struct hash_result *result, struct err *err)
{
	struct hash h = { .options = options, .fd = fd,
	    .is_direct = is_direct };
	struct gate *large = options->large;
	struct stat st;
	int ret;

	memset(result, 0, sizeof *result);
	if (fstat(h.fd, &st) == -1 || !S_ISREG(st.st_mode))
		return err_set(err, ERR_DAMAGED, 0, "not a regular file");
	if (!h.is_direct)
		(void)posix_fadvise(h.fd, 0, 0, POSIX_FADV_DONTNEED);
	if ((uint64_t)st.st_size < HASH_SMALL_MAX)
		large = NULL;
	else
		h.gate = options->gate;
	if (large != NULL)
		gate_enter(large, options->turn);
	ret = hash_size(&h, (uint64_t)st.st_size, result, err);
	if (large != NULL)
		gate_leave(large);
	return ret;
}

int
hash_file(int dir_fd, const char *name, bool threads,
    const struct watch *watch, struct hash_result *result, struct err *err)
{
	const struct hash_options options = { .kind = DIGEST_SHA256,
	    .threads = threads, .watch = watch };
	bool is_direct;
	int fd = open_direct(dir_fd, name, &is_direct, err);
	int ret;

	if (fd == -1) {
		memset(result, 0, sizeof *result);
		return -1;
	}
	ret = hash_fd(fd, is_direct, &options, result, err);
	(void)close(fd);	/* read-only: nothing to lose */
	return ret;
}
