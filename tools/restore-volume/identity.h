/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A volume's identity (labels, options) from a snapshot back onto a host.
 * A volume that the host already knows keeps what it has.
 */
#ifndef RESTORE_IDENTITY_H
#define RESTORE_IDENTITY_H

#include <stdbool.h>

#include "medium/info.h"
#include "target.h"

struct err;

/*
 * What the snapshot recorded, made fit to be given back: the Compose
 * config-hash goes (a wrong one makes Compose delete the volume), and under
 * another name all Compose labels go.  ERR_PREFLIGHT for a volume whose
 * options put its data elsewhere.  The caller releases *identity.
 */
int identity_of(const struct source_info *source, bool is_renamed,
    struct volume_identity *identity, struct err *err);

/*
 * After the swap: is it for us to record?  Not where a daemon runs (it was
 * told when the volume was made), nor where the volume has an entry already.
 */
int identity_is_ours(const struct host *host, const char *name, bool *is_ours,
    struct err *err);

/*
 * What waits to be written to metadata.db.  Each write costs the lock's
 * linger (docker/root.h), which hundreds of small volumes should share.
 */
struct identity_queue {
	struct queued_identity {
		char *name;
		struct volume_identity identity;
	} *items;
	size_t count;
};

/* Takes over what identity holds, and leaves it empty. */
void identity_queue_add(struct identity_queue *queue, const char *name,
    struct volume_identity *identity);

/* Write all to opts.json and metadata.db.  They stay in the queue. */
int identity_queue_write(const struct identity_queue *queue,
    struct host *host, struct err *err);

/* Forget all; the queue can be used again.  Accepts zeros. */
void identity_queue_release(struct identity_queue *queue);

#endif
