/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA256SUMS as we write it on media: "<64 hex>  <name>\n", sorted by name,
 * plain names only ([a-z0-9A-Z._-], no path), so that every sha256sum agrees.
 * (Sums of other people, in all their forms, are verify's business.)
 */
#ifndef MANIFEST_SUMS_H
#define MANIFEST_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

#define SUMS_NAME_MAX 100
#define SUMS_FILES_MAX 10000
#define SUMS_BYTES_MAX ((size_t)2 << 20)

struct sum {
	char name[SUMS_NAME_MAX + 1];
	uint8_t sha256[32];
};

struct sums {
	struct sum *items;	/* sorted by name, names distinct */
	size_t count;
};

#define SUMS_EMPTY { NULL, 0 }

/*
 * Keeps the order.  A name that is not plain, or twice, is ERR_DAMAGED; more
 * than SUMS_FILES_MAX files ERR_LIMIT.
 */
int sums_add(struct sums *sums, const char *name, const uint8_t sha256[32],
    struct err *err);
const struct sum *sums_find(const struct sums *sums, const char *name);
void sums_format(const struct sums *sums, struct buf *out);
/*
 * Replaces what sums held; on failure that stays.  Strict: exactly what
 * sums_format() writes, of one file or more.  The number of the bad line is
 * in the error.
 */
int sums_parse(struct sums *sums, const char *text, size_t len,
    struct err *err);
void sums_release(struct sums *sums);

/*
 * Is this a name we put on media?  ASCII letters, digits, '.', '_' and '-',
 * a letter, digit or '_' first, no '.' last, no device of DOS (CON, LPT1.x).
 */
bool sums_is_plain(const char *name);

#endif
