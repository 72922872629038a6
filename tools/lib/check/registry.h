/* SPDX-License-Identifier: BSD-2-Clause */
/* Every checker there is; private to content.c and tests. */
#ifndef CHECK_REGISTRY_H
#define CHECK_REGISTRY_H

#include "check/content.h"

/* Both end with NULL. */
extern const struct set_checker *const registry_sets[];
/* In the order in which they are asked. */
extern const struct file_checker *const registry_files[];
/* What looks at every file that none of them knows. */
extern const struct file_checker *const registry_plain;

#endif
