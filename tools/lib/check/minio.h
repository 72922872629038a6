/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A drive of MinIO: every object's xl.meta, and every content by the hash that
 * stands before each of its blocks.  One drive of several is looked at as what
 * it is: its shards, not the objects.
 */
#ifndef CHECK_MINIO_H
#define CHECK_MINIO_H

#include "check/content.h"

extern const struct set_checker check_minio;

#endif
