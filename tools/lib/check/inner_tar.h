/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tar stream: every header, and both zero blocks at its end, because one
 * cut between two members looks whole to others.  An image of containers
 * (docker save, OCI layout) is one as well: there every blob is held against
 * the SHA-256 that is its name.
 */
#ifndef CHECK_INNER_TAR_H
#define CHECK_INNER_TAR_H

#include "check/stream.h"

extern const struct inner_checker inner_tar;

#endif
