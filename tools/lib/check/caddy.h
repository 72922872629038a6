/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Caddy's data folder: certificates with their keys and records, its own
 * authority (whose root key, once lost, means new trust on every client), and
 * accounts at issuers.
 */
#ifndef CHECK_CADDY_H
#define CHECK_CADDY_H

#include "check/content.h"

extern const struct set_checker check_caddy;

#endif
