/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules that the manifest's writer and reader share; for manifest/ only.
 * See drydock-manifest(5).
 */
#ifndef MANIFEST_FORMAT_H
#define MANIFEST_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/manifest.h"

#define FORMAT_MAGIC "#mtree"
#define FORMAT_VERSION "# drydock-manifest "
#define FORMAT_EXTRA "#@"
#define FORMAT_END FORMAT_EXTRA " end entries="

/* What goes down at once, and what is asked for from above. */
#define FORMAT_BLOCK ((size_t)64 << 10)

#define FORMAT_HEX_LEN 64	/* of a digest */
#define FORMAT_NS_DIGITS 9

struct format_flag {
	uint32_t bit;
	const char *name;
};

/* In the order they are written in. */
#define FORMAT_FLAGS 5
extern const struct format_flag format_flags[FORMAT_FLAGS];

bool format_is_device(const struct entry *e);

/* Its content is in the archive, so it has a digest. */
bool format_has_content(const struct entry *e);

/*
 * Count an entry, or say why it cannot stand in a manifest after those
 * counted: 0, or -1 with ERR_DAMAGED that names the entry.
 */
int format_count(struct manifest_totals *sum, const struct entry *e,
    struct err *err);

#endif
