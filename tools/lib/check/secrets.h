/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A folder called "secrets" (or ".secrets") at the top or one below: one value
 * a file.  Who may read them, whether there is something in them, and what an
 * editor may have added that a program then takes for part of the value.
 * Contents are never shown.
 */
#ifndef CHECK_SECRETS_H
#define CHECK_SECRETS_H

#include "check/content.h"

extern const struct set_checker check_secrets;

#endif
