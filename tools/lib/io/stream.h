/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interfaces that join the stages of both chains (taking and returning).
 * A stage embeds the one it offers as its first member and gives out a
 * pointer to it; the owner frees the stage through its own module.
 */
#ifndef IO_STREAM_H
#define IO_STREAM_H

#include <stddef.h>
#include <stdint.h>

struct err;

/* Bytes in order. */
struct reader {
	/*
	 * Read 1 to cap bytes; *got == 0 says that the end was reached and
	 * everything before it was sound.  -1: err is set, and every later
	 * call fails as well.
	 */
	int (*read)(struct reader *reader, void *data, size_t cap, size_t *got,
	    struct err *err);
};

struct writer {
	/*
	 * Write all len bytes.  Where a stage says so, one call is one unit
	 * that is never divided (a whole frame).  -1: err is set, and every
	 * later call fails as well.
	 */
	int (*write)(struct writer *writer, const void *data, size_t len,
	    struct err *err);
};

/* Bytes by place. */
struct source {
	uint64_t size;
	/* Read exactly len bytes at offset; beyond size is ERR_DAMAGED. */
	int (*read_at)(struct source *source, uint64_t offset, void *data,
	    size_t len, struct err *err);
};

/*
 * Read until len bytes are there or the end came; *got tells how many.
 */
int reader_fill(struct reader *reader, void *data, size_t len, size_t *got,
    struct err *err);

/* A reader over bytes in memory; data is borrowed. */
struct memory_reader {
	struct reader reader;
	const uint8_t *data;
	size_t len;
};
struct reader *memory_reader_init(struct memory_reader *m, const void *data,
    size_t len);

/* A source over bytes in memory; data is borrowed. */
struct memory_source {
	struct source source;
	const uint8_t *data;
};
struct source *memory_source_init(struct memory_source *m, const void *data,
    size_t len);

/* A source, a reader and a writer over an open descriptor, borrowed. */
struct fd_source {
	struct source source;
	int fd;
};
struct source *fd_source_init(struct fd_source *f, int fd, uint64_t size);

struct fd_reader {
	struct reader reader;
	int fd;
};
struct reader *fd_reader_init(struct fd_reader *f, int fd);

#endif
