/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One archive as one file or, where the medium's file system or the person
 * wants smaller ones, as parts: NAME, NAME.001, NAME.002 ... (the first is
 * NAME.000 when parts were expected).  Each part holds whole frames, so that
 * it passes "zstd -t" alone and "cat" of all in order is the archive.
 */
#ifndef MEDIUM_PARTS_H
#define MEDIUM_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/sha256.h"
#include "io/stream.h"
#include "medium/direct.h"
#include "medium/patient.h"
#include "medium/put.h"

struct err;

#define PARTS_MAX 1000		/* .000 to .999 */
/* FAT's largest file is 4 GiB - 1; 4000 MiB leaves room and reads well. */
#define PARTS_SIZE_FAT ((uint64_t)4000 << 20)
#define PARTS_SIZE_MIN ((uint64_t)8 << 20)	/* a frame fits for certain */

struct part {
	char name[PUT_NAME_MAX + 1];
	uint64_t bytes;
	uint8_t sha256[SHA256_LEN];
};

struct parts {
	struct part *items;
	size_t count;
};

#define PARTS_EMPTY { NULL, 0 }
void parts_add(struct parts *parts, const struct part *part);
uint64_t parts_bytes(const struct parts *parts);
void parts_release(struct parts *parts);

/*
 * The taking chain's end.  Every write is one unit (a frame) and goes into
 * one part whole.
 */
struct part_writer {
	struct writer writer;
	struct parts done;	/* what was closed so far; the caller's to take */
	int dir_fd;		/* private from here */
	char base[PUT_NAME_MAX + 1];
	uint64_t size_max;
	bool numbers_first;
	struct put put;
};

/*
 * dir_fd is borrowed.  base: "db.tar.zst".  size_max: 0 for one file however
 * long.  numbers_first: the first part is called .000.
 */
int part_writer_init(struct part_writer *w, int dir_fd, const char *base,
    uint64_t size_max, bool numbers_first, struct err *err);
int part_writer_finish(struct part_writer *w, struct err *err);
void part_writer_release(struct part_writer *w);

/*
 * The returning chain's start: the parts as one source.  Reads by ascending
 * offset hash each part on the way; part_source_check() then says whether
 * each was read whole and is what the list says, without a second read.
 */
struct part_source {
	struct source source;
	int dir_fd;		/* private from here */
	const struct parts *parts;
	size_t open_index;
	int fd;
	struct sha256 sha;
	uint64_t hashed;	/* bytes of the whole archive, from 0 on */
	bool *is_right;		/* by part: digest agreed */
	bool is_lenient;
	struct direct_file direct;	/* in place of fd when lenient */
	struct patient patient;
	const struct watch *watch;
};

/*
 * dir_fd and parts are borrowed.  A part that is missing or has another size
 * than the list says is ERR_DAMAGED with its name.
 */
int part_source_init(struct part_source *s, int dir_fd,
    const struct parts *parts, struct err *err);
/*
 * The same for damaged archives: a part may be missing, cut or unreadable in
 * places; only reads that touch what is lost fail then (ERR_DAMAGED).  watch,
 * which may be NULL, is asked while the medium gives errors.
 */
void part_source_init_lenient(struct part_source *s, int dir_fd,
    const struct parts *parts, const struct watch *watch);
/*
 * Read what was not read yet (the tail), and compare.  ERR_DAMAGED names the
 * first part whose digest differs.
 */
int part_source_check(struct part_source *s, struct err *err);
void part_source_release(struct part_source *s);

#endif
