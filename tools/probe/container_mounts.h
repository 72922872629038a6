/* SPDX-License-Identifier: BSD-2-Clause */
/* What docker:// asks of a container's mounts, running or on record. */
#ifndef PROBE_CONTAINER_MOUNTS_H
#define PROBE_CONTAINER_MOUNTS_H

#include <stdbool.h>

#include "check.h"

struct container;
struct outcome;
struct volume_set;

/*
 * Was this path in a container meant to be a file?  Nothing on record says
 * so: a name with an extension is taken for a file's ("nginx.conf"), but
 * "conf.d" for a folder's.
 */
bool container_mounts_is_file(const char *destination);

/* The mounts that "expect: mount" and "warn: mount" name are there. */
void container_mounts_expected(const struct check *check,
    const struct container *c, struct outcome *o);

/*
 * Every bind mount finds on the host what it should: something, and no empty
 * folder where a file was meant.  Only where host paths lead to the host.
 */
void container_mounts_binds(const struct container *c, struct outcome *o);

/* Every volume that it mounts by name is on disk. */
void container_mounts_volumes(const struct container *c,
    const struct volume_set *volumes, struct outcome *o);

#endif
