/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PostgreSQL data directories, 9.6 to 18: would the server start on it, what
 * would it do first, and is anything missing or torn?  See drydock's manual
 * page verify(1) for what is and what is not seen.
 */
#ifndef CHECK_POSTGRESQL_H
#define CHECK_POSTGRESQL_H

#include "check/content.h"

extern const struct set_checker check_postgresql;

#endif
