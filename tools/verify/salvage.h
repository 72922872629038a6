/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is whole of a snapshot, written into a folder while it is checked:
 *
 *	DIR/<snapshot>/<source>/...	members whose SHA-256 agreed
 *	DIR/<snapshot>/LOST.txt		the others, and why
 *
 * Owners, modes, times and attributes come along as with restore-volume; file
 * flags, sockets and devices do not.  Nothing that exists is written over: the
 * snapshot's folder must be new.  The medium itself is no place to salvage to.
 *
 *	salvage_begin(&v, dir, m, s, watch, &err)
 *	salvage_source(v, source, &tree, &err)		for deep.h
 *	salvage_source_end(v, &count, &err)
 *	salvage_end(v, &err)				flushed
 */
#ifndef VERIFY_SALVAGE_H
#define VERIFY_SALVAGE_H

#include <stdint.h>

#include "base/watch.h"
#include "deep.h"
#include "medium/snapshot.h"

struct err;
struct salvage;

/*
 * dir is made when it is missing.  ERR_PREFLIGHT: on the medium, or something
 * of that name is there, or too little space for all of the snapshot.
 */
int salvage_begin(struct salvage **out, const char *dir,
    const struct medium *m, const struct snapshot *s,
    const struct watch *watch, struct err *err);

struct salvage_counts {
	uint64_t kept;
	uint64_t lost;
	uint64_t attrs_lost;	/* kept, but not with all attributes */
};

int salvage_source(struct salvage *v, const struct source_info *source,
    struct deep_tree *tree, struct err *err);
/* members: in the manifest, as far as it could be read. */
int salvage_source_end(struct salvage *v, uint64_t members,
    struct salvage_counts *counts, struct err *err);

/* v may be NULL; it is freed in any case. */
int salvage_end(struct salvage *v, struct err *err);

#endif
