/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * drydock/verified/: what runs of verify found, carried on the medium for
 * hosts that were not there.  One file a run, written once; text, so that a
 * person can read it; drydock-medium(5) fixes it byte by byte:
 *
 *	drydock-verified 1
 *	run <UUID>
 *	host <name, escaped as in manifests>
 *	kind files
 *	state finished
 *	status 0
 *	started 2026-11-25T20:50:24Z
 *	ended 2026-11-25T20:51:02Z
 *	snapshot 0001-20261125T203856Z
 *	file OK 1802143 <SHA-256 it should have> one.tar.zst
 *	self <SHA-256 of the lines above>
 *
 * A note, no proof: nobody signs it, and who can write to the medium can
 * write this.
 */
#ifndef MEDIUM_VERIFIED_H
#define MEDIUM_VERIFIED_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "codec/sha256.h"
#include "manifest/sums.h"
#include "medium/medium.h"

struct err;

#define VERIFIED_DIR "verified"
#define VERIFIED_BYTES_MAX ((size_t)16 << 20)	/* of one file */
#define VERIFIED_FILES_MAX 1000			/* read of one medium */
#define VERIFIED_WORD_MAX 31			/* kind, state, a verdict */
#define VERIFIED_HOST_MAX 256

struct verified_run {
	char id[MEDIUM_ID_LEN + 1];
	char host[VERIFIED_HOST_MAX + 1];	/* printable ASCII, no space */
	char kind[VERIFIED_WORD_MAX + 1];
	char state[VERIFIED_WORD_MAX + 1];
	uint64_t status;
	int64_t started;
	int64_t ended;
};

struct verified_file {
	char verdict[VERIFIED_WORD_MAX + 1];
	uint64_t bytes;
	uint8_t sha256[SHA256_LEN];	/* zeros where no sums cover it */
	char name[SUMS_NAME_MAX + 1];
};

/* In this order: the run, snapshots each with its files, the seal. */
void verified_format_run(const struct verified_run *run, struct buf *out);
void verified_format_snapshot(const char *name, struct buf *out);
void verified_format_file(const struct verified_file *file, struct buf *out);
void verified_seal(struct buf *out);

/*
 * Exactly what the above writes, of at most VERIFIED_BYTES_MAX bytes, else
 * ERR_DAMAGED or ERR_LIMIT.  each may be NULL, and is called while it reads:
 * first parse without, then with it.
 */
int verified_parse(const char *text, size_t len, struct verified_run *run,
    void (*each)(void *ctx, const char *snapshot,
    const struct verified_file *file), void *ctx, struct err *err);

/*
 * Put text into a file of its own on a medium that is open for writing,
 * flushed.
 */
int verified_write(const struct medium *m, const struct verified_run *run,
    const struct buf *text, struct err *err);

#endif
