/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * .env files as Compose reads them: "export ", KEY=V and KEY: V, single quotes
 * (literal), double quotes (escapes, then variables), both over several lines,
 * and unquoted values (variables, cut at " #").
 */
#ifndef COMPOSE_DOTENV_H
#define COMPOSE_DOTENV_H

#include <stddef.h>

struct err;
struct interpolate_env;
struct pairs;

#define DOTENV_KEYS_MAX 20000

/*
 * Add what text defines to out, replacing what is there.  A variable in a
 * value is looked up in outer first, then among the keys before it; a bare
 * KEY takes its value from outer or is left out.  Keys that start with a digit
 * are left out, as Compose does.  outer->unset hears of unset variables.
 *
 * ERR_DAMAGED: "line N: ...".  ERR_LIMIT: more than DOTENV_KEYS_MAX keys, or
 * a limit of interpolate().  After failure out holds what came before.
 */
int dotenv_parse(const char *text, size_t len,
    const struct interpolate_env *outer, struct pairs *out, struct err *err);

#endif
