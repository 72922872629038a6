/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an answer of the web must and must not be: the keys status,
 * content-type, body, json and header.
 */
#ifndef PROBE_WEB_TERMS_H
#define PROBE_WEB_TERMS_H

#include <stdbool.h>

struct check;
struct err;
struct outcome;
struct url;
struct web_result;

/* Whether the terms make sense: ERR_USAGE. */
int web_terms_accept(const struct check *check, struct err *err);

void web_terms_judge(const struct check *check,
    const struct web_result *result, struct outcome *o);

/* Whether its path or host is that of a login page. */
bool web_is_login(const struct url *url);

/*
 * "200", "2xx", "200-399", and several of them with commas; false when the
 * text is no such thing.
 */
bool web_status_matches(const char *text, unsigned status, bool *matches);

#endif
