/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The toolkit itself onto the medium (--with-tools): bin/<arch>/ gets the
 * tools, the rescue image and a SHA256SUMS of them, because on the day of
 * need the stick may be all there is.
 */
#ifndef SNAPSHOT_CARRY_H
#define SNAPSHOT_CARRY_H

#include <stddef.h>

#include "medium/medium.h"

struct err;

struct carry_calls {
	void *ctx;
	/* One file is on the medium; was_there: it was already. */
	void (*carried)(void *ctx, const char *name, uint64_t bytes,
	    bool was_there);
	/* A file that is not beside the running program. */
	void (*absent)(void *ctx, const char *name);
};

/* from: the directory with the tools; NULL: where this program lies. */
int carry_tools(const struct medium *medium, const char *from,
    const struct carry_calls *calls, struct err *err);

#endif
