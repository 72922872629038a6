/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Take a set of sources onto a medium, as one snapshot: archives, manifests,
 * snapshot.json, sums, signature; all read back from the medium; then the
 * commit record.  On failure the unfinished folder is removed again.
 */
#ifndef SNAPSHOT_RUN_H
#define SNAPSHOT_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "manifest/sign.h"
#include "medium/medium.h"
#include "sources.h"

struct err;

struct run_calls {
	void *ctx;
	/* A stage begins; bytes: how much it has to do, 0 for unknown. */
	void (*stage)(void *ctx, const char *what, uint64_t bytes);
	/* Something about one file of a source; text is whole and escaped. */
	void (*note)(void *ctx, const char *source, const char *text,
	    bool is_warning);
	/* A source was taken; its parts are on the medium. */
	void (*taken)(void *ctx, const struct source_info *source);
	/* The medium could not be read past the page cache. */
	void (*cached)(void *ctx);
};

struct run_options {
	unsigned threads;
	int level;
	uint64_t part_size;		/* 0: as the file system needs */
	const struct sign_key *key;	/* NULL: not signed */
	struct take_options take;	/* exclusions, watch */
	struct run_calls calls;
};

struct run_result {
	struct medium_name name;
	uint64_t files;			/* of the sources */
	uint64_t bytes;			/* of the sources */
	uint64_t packed;		/* written to the medium */
	uint64_t problems;		/* changed, missed, attributes lost */
	bool has_warnings;
};

/* medium is open for writing. */
int run_snapshot(const struct medium *medium, struct source_set *sources,
    const struct run_options *options, struct run_result *result,
    struct err *err);

#endif
