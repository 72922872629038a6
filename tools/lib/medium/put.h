/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files on a medium are written once: made under their final name, flushed
 * every PUT_SYNC_BYTES, never replaced, never renamed (FAT destroys what is
 * renamed over, and may lose what is renamed at all).  Flushing often bounds
 * what a pulled stick can lose, and makes the write fail instead of hang.
 *
 *	put_open(&p, dir_fd, name, &err)
 *	p.writer.write(&p.writer, ...)
 *	put_close(&p, &err)		flushed; p.bytes and p.sha256 are set
 *	put_release(&p)			always; harmless after put_close
 */
#ifndef MEDIUM_PUT_H
#define MEDIUM_PUT_H

#include <stddef.h>
#include <stdint.h>

#include "codec/sha256.h"
#include "io/stream.h"

struct err;

#define PUT_SYNC_BYTES ((uint64_t)16 << 20)
#define PUT_NAME_MAX 100

struct put {
	struct writer writer;
	int fd;
	char name[PUT_NAME_MAX + 1];
	uint64_t bytes;
	uint64_t unsynced;
	struct sha256 sha;
	uint8_t sha256[SHA256_LEN];
};

#define PUT_EMPTY { .fd = -1 }

/* A name that exists is ERR_IO: nothing is ever written over. */
int put_open(struct put *p, int dir_fd, const char *name, struct err *err);
int put_close(struct put *p, struct err *err);
void put_release(struct put *p);

/* All at once; sha256 may be NULL. */
int put_file(int dir_fd, const char *name, const void *data, size_t len,
    uint8_t sha256[SHA256_LEN], struct err *err);

#endif
