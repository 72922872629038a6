/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys that the Compose specification knows.  Compose refuses others; we warn,
 * because a file of a newer Compose must still start, but "depend_on" must not
 * pass unnoticed.
 */
#ifndef COMPOSE_KNOWN_KEYS_H
#define COMPOSE_KNOWN_KEYS_H

struct model;
struct yaml_node;

/* Warn of unknown keys at the top, in services and in their dependencies. */
void known_keys_warn(const struct model *m, const struct yaml_node *merged);

#endif
