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
 * After the swap, with no daemon running: write it to metadata.db and
 * opts.json, unless the volume has an entry of its own.  *written says which.
 */
int identity_record(struct host *host, const char *name,
    const struct volume_identity *identity, bool *written, struct err *err);

#endif
