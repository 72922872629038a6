/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of contents of a pg_dump archive: the head of a custom dump, or
 * toc.dat of a directory or tar dump.  Layout after PostgreSQL's
 * backup archiver, versions 1.12 (PostgreSQL 9.0) to 1.16 (17 and 18).
 *
 * An integer is a sign byte and as many bytes, least first, as the head says;
 * a string is an integer, its length (negative: none), and its bytes.
 */
#ifndef CHECK_PG_TOC_H
#define CHECK_PG_TOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/stream.h"

struct err;

#define PG_TOC_HEAD_LEN 11	/* magic, version, sizes; the format is last */
#define PG_TOC_ENTRIES_MAX 10000000	/* objects in one dump */
#define PG_TOC_DATA_MAX 100000		/* of these, with data */
#define PG_TOC_TEXT_MAX ((uint64_t)64 << 20)	/* one string: a definition */
#define PG_TOC_NAME_MAX 64	/* bytes kept of a name: no real one is longer */

enum pg_format {
	PG_FORMAT_CUSTOM = 1,
	PG_FORMAT_TAR = 3,
	PG_FORMAT_DIRECTORY = 5
};

enum pg_packing {
	PG_PACKING_NONE,
	PG_PACKING_GZIP,
	PG_PACKING_LZ4,
	PG_PACKING_ZSTD
};

struct pg_data {
	int64_t id;		/* dump id */
	char *name;		/* "public.orders", escaped */
	char *file;		/* of a directory or tar dump, or NULL */
	bool is_copy;		/* its data ends like COPY's */
	bool has_data;		/* else the archive itself says there is none */
	bool is_seen;		/* for the caller */
	uint64_t rows;		/* for the caller */
};

struct pg_toc {
	unsigned minor;		/* version 1.minor */
	enum pg_format format;
	enum pg_packing packing;
	char *database;		/* escaped, as the two below */
	char *server;
	uint64_t entries;
	struct pg_data *data;	/* by id */
	size_t data_count;
	unsigned int_size;	/* for what follows in a custom dump */
	unsigned offset_size;
};

#define PG_TOC_EMPTY { .data = NULL }

bool pg_toc_matches(const uint8_t *head, size_t len);
/*
 * in gives the archive from its first byte; it stands behind the table
 * afterwards.  ERR_LIMIT for versions that are not known, and past the
 * limits.
 */
int pg_toc_read(struct pg_toc *toc, struct reader *in, struct err *err);
struct pg_data *pg_toc_find(const struct pg_toc *toc, int64_t id);
void pg_toc_release(struct pg_toc *toc);

/* An integer of the archive. */
int pg_toc_int(const struct pg_toc *toc, struct reader *in, int64_t *value,
    struct err *err);

#endif
