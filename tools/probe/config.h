/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file of stages and checks, drydock-probe(5), as a plan.  Strict: a key
 * that is not known, a value of the wrong kind, a second document, and a tag
 * are errors, each with its line.
 */
#ifndef PROBE_CONFIG_H
#define PROBE_CONFIG_H

#include <stddef.h>

struct err;
struct plan;

#define CONFIG_BYTES_MAX ((size_t)1 << 20)
#define CONFIG_VERSION 1

/*
 * Adds what the text says to plan, which the caller seals.  ERR_USAGE for a
 * file that is wrong, ERR_LIMIT past a named limit, here or of the yaml
 * module.  The plan may be half filled then.
 */
int config_parse(const char *text, size_t len, struct plan *plan,
    struct err *err);

/* The same from a file; ERR_NOT_FOUND, ERR_IO. */
int config_load(const char *path, struct plan *plan, struct err *err);

#endif
