/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Storage of Qdrant, and its snapshots.  Vectors and payloads have no
 * checksums: what can be seen is whether all files are there that a segment
 * needs, and fit together.
 */
#ifndef CHECK_QDRANT_H
#define CHECK_QDRANT_H

#include "check/content.h"

extern const struct set_checker check_qdrant;
extern const struct file_checker check_qdrant_snapshot;

#endif
