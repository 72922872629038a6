/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The manifest of a multi-part append-only file: lines such as
 * "file appendonly.aof.1.base.rdb seq 1 type b".  Strict where a server is:
 * what is refused here keeps one from starting.
 */
#ifndef CHECK_AOF_MANIFEST_H
#define CHECK_AOF_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

struct err;

#define AOF_MANIFEST_MAX ((size_t)1 << 20)	/* bytes of the file */
#define AOF_FILES_MAX 4096
#define AOF_LINE_MAX 1023

struct aof_file {
	char *name;		/* owned; no '/' in it */
	uint64_t seq;
	char type;		/* 'b'ase, 'i'ncrement, 'h'istory */
};

struct aof_manifest {
	struct aof_file *files;	/* in the order of the lines */
	size_t count;
};

/* Into an empty m, which the caller releases in any case. */
int aof_manifest_parse(const char *text, size_t len, struct aof_manifest *m,
    struct err *err);
void aof_manifest_release(struct aof_manifest *m);

#endif
