/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snapshot.json: what was taken, of what, how consistent, by which version.
 * drydock-medium(5) fixes its keys.  The reader refuses what it does not
 * know to be right: wrong kinds, names that are not plain, sizes that do not
 * add up, more than the limits.
 */
#ifndef MEDIUM_INFO_H
#define MEDIUM_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/pairs.h"
#include "medium/parts.h"

struct err;

#define INFO_FILE "snapshot.json"
#define INFO_BYTES_MAX ((size_t)16 << 20)
#define INFO_SOURCES_MAX 1000
#define INFO_NAME_MAX 255
#define INFO_USERS_MAX 100

/* How sure one can be that all files are of one moment. */
enum consistency {
	CONSISTENCY_STOPPED,	/* nobody had it open or mounted */
	CONSISTENCY_PAUSED,
	CONSISTENCY_HOT,	/* somebody may have been writing */
	CONSISTENCY_UNKNOWN	/* could not be found out */
};

enum source_kind {
	SOURCE_VOLUME,
	SOURCE_PATH
};

struct source_info {
	char *name;		/* of the volume, or as given with --path */
	enum source_kind kind;
	char *origin;		/* where it was on the host, escaped text */
	char *manifest;		/* file name, "db.mtree" */
	struct parts parts;	/* names and sizes; digests are in SHA256SUMS */
	uint64_t tar_bytes;	/* before compression */
	uint64_t entries;
	uint64_t files;
	uint64_t bytes;		/* apparent size of its files */
	uint64_t data_bytes;	/* of these, not in holes */
	uint64_t changed;	/* files that changed while they were read */
	uint64_t missed;	/* vanished or could not be read */
	uint64_t attrs_lost;
	enum consistency consistency;
	char *driver;		/* volumes only, else "" */
	struct pairs labels;
	struct pairs options;
	struct pairs users;	/* container name to what it did: "running" */
};

struct info {
	uint64_t sequence;
	int64_t started;
	int64_t finished;
	char *version;
	char *host;		/* host name, as it called itself */
	char *data_root;	/* "" when no volume was taken */
	struct source_info *sources;
	size_t count;
};

#define INFO_EMPTY { .sources = NULL }

/* A new empty source at the end; the pointer lasts until the next call. */
struct source_info *info_add(struct info *info);
const struct source_info *info_find(const struct info *info,
    const char *name);
int info_format(const struct info *info, struct buf *out, struct err *err);
int info_parse(struct info *info, const char *text, size_t len,
    struct err *err);
void info_release(struct info *info);

const char *consistency_name(enum consistency c);

/*
 * A name for a source's files that is safe on FAT and Windows: lower case,
 * [a-z0-9._-], at most 80 bytes, no reserved word, different from the names
 * of all sources in info.
 */
void info_file_name(const struct info *info, const char *source,
    struct buf *out);

#endif
